//! Templates as operators work with them: saved through the guard, looked at with a password that is none.

use crate::Flow;
use crate::message::prepare_house;
use crate::said::Unsent;
use domain::address::Address;
use domain::language::Language;
use domain::message::{Carried, RunMessage};
use domain::person::Person;
use domain::secret::Secret;
use domain::sentence::Sentence;
use domain::unverified::NamesOfUnverified;
use mail::Composed;
use mail::guard;
use mail::mailbox::Mailbox;
use serde::Serialize;
use std::collections::BTreeMap;
use store::template::{self, Words};
use store::{Acting, Store, StoreError, Tx};

pub use mail::guard::{Fault, Problem};
pub use mail::mailing as mailing_words;
pub use mail::mailing::EXAMPLE_PASSWORD;
pub use mail::replacement;
pub use mail::{Part, Template, TemplateKind};

/// The most octets a preview may have; a part has 256 KiB at most, and encoding makes it longer.
const MOST_PREVIEW: usize = 16 << 20;

/// The template of a mail in a language, as the next run would use it.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Its words.
    pub template: Template,
    /// As saved by an operator; `None`: it came with the program.
    pub own: Option<template::Template>,
}

/// What an operator wrote; parts that are not given stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The subject line.
    pub subject: Option<String>,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
}

/// Why a template is not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The guard refuses it; every place.
    #[error("{} faults in the template", .0.len())]
    Refused(Vec<Problem>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Parts {
    /// The names of the parts that are given.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        [(Part::Subject, &self.subject), (Part::Text, &self.text), (Part::Html, &self.html)]
            .into_iter()
            .filter_map(|(part, given)| given.as_ref().map(|_| part.as_str()))
            .collect()
    }

    /// Laid over a template.
    #[must_use]
    pub fn over(&self, before: Template) -> Template {
        Template {
            subject: self.subject.clone().unwrap_or(before.subject),
            text: self.text.clone().unwrap_or(before.text),
            html: self.html.clone().unwrap_or(before.html),
        }
    }
}

impl InForce {
    fn of(kind: TemplateKind, language: Language, own: Option<template::Template>) -> Self {
        let template = own.as_ref().map_or_else(
            || Template::standard(kind, language),
            |own| Template {
                subject: own.words.subject.clone(),
                text: own.words.text.clone(),
                html: own.words.html.clone(),
            },
        );
        Self { template, own }
    }

    /// Reads it.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn read(store: &Store, kind: TemplateKind, language: Language) -> Result<Self, StoreError> {
        store
            .read(move |tx| {
                Box::pin(async move {
                    let own = template::find(tx, kind.as_str(), language.tag()).await?;
                    Ok(Self::of(kind, language, own))
                })
            })
            .await
    }
}

/// Holds parts, laid over the template in force, against the guard; changes nothing.
///
/// # Errors
/// Every place the guard refuses.
pub async fn check(
    store: &Store,
    kind: TemplateKind,
    language: Language,
    parts: &Parts,
) -> Result<(), SaveError> {
    let before = InForce::read(store, kind, language).await?;
    guard::check(kind, &parts.over(before.template)).map(drop).map_err(SaveError::Refused)
}

/// Saves parts over the template in force, when the guard lets all of it through. Whoever acts bounds the rights
/// of every run that begins from now on and sends this mail.
///
/// # Errors
/// Every place the guard refuses; nothing is saved then.
pub async fn save(
    store: &Store,
    acting: &Acting,
    kind: TemplateKind,
    language: Language,
    parts: Parts,
    now_ms: i64,
) -> Result<template::Template, SaveError> {
    let acting = acting.clone();
    store
        .write(move |tx| Box::pin(async move { save_in(tx, &acting, kind, language, &parts, now_ms).await }))
        .await
}

/// Goes back to the words that come with the program; false: they are in force already.
///
/// # Errors
/// The database is not available.
pub async fn reset(
    store: &Store,
    acting: &Acting,
    kind: TemplateKind,
    language: Language,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let acting = acting.clone();
    store
        .write(move |tx| {
            Box::pin(
                async move { template::remove(tx, &acting, kind.as_str(), language.tag(), now_ms).await },
            )
        })
        .await
}

async fn save_in(
    tx: &mut Tx,
    acting: &Acting,
    kind: TemplateKind,
    language: Language,
    parts: &Parts,
    now_ms: i64,
) -> Result<template::Template, SaveError> {
    let own = template::lock(tx, kind.as_str(), language.tag()).await?;
    let before = InForce::of(kind, language, own);
    let checked = guard::check(kind, &parts.over(before.template)).map_err(SaveError::Refused)?;
    let Template { subject, text, html } = checked.template().clone();
    let words = Words { kind: kind.as_str().into(), language: language.tag().into(), subject, text, html };
    Ok(template::replace(tx, acting, &words, &parts.names(), now_ms).await?)
}

/// Somebody who reads a preview.
#[derive(Debug, Clone)]
pub struct Reader {
    to: Address,
    full_name: String,
    given_name: String,
    family_name: String,
    display_name: String,
    username: String,
    time_zone: Option<String>,
    pub(crate) verified: bool,
}

impl Reader {
    /// The message as this reader gets it: who has not confirmed the address, without the names that may not stand in it.
    pub(crate) fn gets(&self, message: RunMessage, names: NamesOfUnverified) -> RunMessage {
        if self.verified { message } else { message.for_unverified(names) }
    }

    /// A message to this reader that carries nothing yet.
    pub(crate) fn message(&self) -> RunMessage {
        RunMessage {
            to: self.to.clone(),
            full_name: self.full_name.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            display_name: self.display_name.clone(),
            username: self.username.clone(),
            language: Language::default(),
            time_zone: self.time_zone.clone(),
            attributes: BTreeMap::new(),
            carried: Carried::Nothing,
            valid_until: 0,
            request_tag: String::new(),
            message_key: String::new(),
        }
    }

    /// One of the databank.
    ///
    /// # Errors
    /// Without an address nothing would be mailed.
    pub fn of(person: &Person) -> Result<Self, Sentence> {
        let to = person.address.clone();
        let to = to.ok_or_else(|| Unsent::NoAddress { name: person.username.clone() })?;
        Ok(Self {
            to,
            full_name: person.full_name(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            display_name: person.display_name.clone(),
            username: person.username.clone(),
            time_zone: person.time_zone.clone(),
            verified: person.verified,
        })
    }

    /// An invented one.
    ///
    /// # Errors
    /// None: the invented address is one.
    pub fn invented() -> Result<Self, Sentence> {
        Ok(Self {
            to: Address::parse("ada@example.org")?,
            full_name: "Ada Lovelace".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            display_name: "Ada Lovelace".into(),
            username: "ada".into(),
            time_zone: None,
            verified: true,
        })
    }
}

/// What a preview or a test is composed of: words in the place of those in force, for one reader.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Which mail.
    pub kind: TemplateKind,
    /// In which language.
    pub language: Language,
    /// Its words.
    pub template: &'a Template,
    /// Who reads it.
    pub reader: &'a Reader,
    /// How long the mail says that the password is good for.
    pub valid_hours: u32,
}

/// A mail as its reader would see it, with [`EXAMPLE_PASSWORD`] in the place of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Previewed {
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part: show it in a sandbox only.
    pub html: String,
}

impl Flow {
    /// Composes the mail a run would send now, for one reader. Nothing is minted, sent or changed.
    ///
    /// # Errors
    /// Says why the mail cannot be composed.
    pub fn preview_template(&self, example: Example<'_>) -> Result<Previewed, Sentence> {
        let now_ms = self.clock.now_ms();
        let composed = self.compose_example(example)?;
        // Read back as a mail program reads it, so that the preview is of what would travel.
        let mailbox = Mailbox::new(1, MOST_PREVIEW);
        let id = mailbox.deliver("", &composed.envelope_to, composed.content.into_bytes(), now_ms);
        let mail = mailbox.get(id).ok_or(Unsent::TooLarge)?;
        Ok(Previewed {
            subject: mail.summary.subject.clone(),
            text: mail.text.clone().unwrap_or_default(),
            html: mail.html.clone().unwrap_or_default(),
        })
    }

    pub(crate) fn compose_example(&self, example: Example<'_>) -> Result<Composed, Sentence> {
        let Example { kind, language, template, reader, valid_hours } = example;
        let composer = prepare_house(&self.settings, kind, &[(language, template.clone())])
            .map_err(Unsent::not_composed)?;
        let now_ms = self.clock.now_ms();
        let message = RunMessage {
            language,
            carried: Carried::Password(Secret::new(EXAMPLE_PASSWORD.to_owned())),
            valid_until: now_ms + i64::from(valid_hours) * 3_600_000,
            message_key: self.example_key(now_ms),
            ..reader.message()
        };
        let message = reader.gets(message, self.settings.names_of_unverified);
        composer.compose(&message, now_ms).map_err(Unsent::not_composed)
    }

    /// A part of a Message-ID that no message of a run has: those begin with the recipient's number.
    pub(crate) fn example_key(&self, now_ms: i64) -> String {
        let id = self.run_id(now_ms).0.simple().to_string();
        format!("test-{}", id.get(16..).unwrap_or_default())
    }
}
