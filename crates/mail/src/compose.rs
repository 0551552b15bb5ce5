//! Composing: everything that is the same for a run is prepared once, then only values are put in.
//!
//! For each language the subject and both parts are rendered and encoded once; what remains per recipient is
//! joining pieces, a header and the signature. A template whose conditions or filters look at a recipient's
//! values is rendered for each one, through the same encoder.

use crate::content::Composed;
use crate::dkim::{DkimError, Signer};
use crate::guard::{self, Problem};
use crate::house::{House, Sender};
use crate::letter::{Head, Letter, MOST_KEY};
use crate::prepared::Prepared;
use crate::render::{self, RenderError};
use crate::template::{Template, TemplateKind, Templates};
use domain::language::Language;
use domain::mailing::Intent;
use domain::message::{Carried, RunMessage};
use std::sync::Arc;

/// The most octets of a name, a user name or another value.
const MOST_VALUE: usize = 1_000;
/// The most octets of a custom attribute: those of a text have 2,000 characters.
const MOST_ATTRIBUTE: usize = 8_000;

/// Why a message could not be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The template failed on this recipient's values.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The signature failed.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// A value is too long for a mail.
    #[error("{0} has more than 1,000 characters")]
    TooLong(&'static str),
    /// An attribute is too long for a mail.
    #[error("a custom attribute has more than 8,000 octets")]
    AttributeTooLong,
    /// The password is empty or has blanks or controls, so it could not be copied.
    #[error("the password must be 1 to 1,000 visible characters without blanks")]
    Password,
    /// The message key would not fit into a Message-ID.
    #[error(
        "a message key is 1 to {MOST_KEY} letters, digits, dots, hyphens and underscores, or less with a bounce domain"
    )]
    MessageKey,
    /// The mail carries another secret than its words show.
    #[error("this mail must carry {0}")]
    Carried(&'static str),
    /// The end of the address of a link cannot stand in one.
    #[error("the end of a link's address is 1 to 1,000 letters, digits, dots, hyphens and underscores")]
    Link,
    /// The guard refuses the words.
    #[error("the words are refused: {}", said(.0))]
    Refused(Vec<Problem>),
    /// The address of the recipients' pages is none.
    #[error("the address of the recipients' pages must begin with https:// or http:// and have no blanks")]
    BaseUrl,
    /// The sign-in page's address is none.
    #[error("the sign-in page must begin with https:// or http:// and have no blanks")]
    LoginUrl,
}

fn said(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Composes the messages of a run.
#[derive(Debug)]
pub struct Composer {
    letter: Letter,
    kind: TemplateKind,
    languages: Vec<Prepared>,
    attributes: Vec<String>,
}

impl Composer {
    /// Prepares every language of a run.
    ///
    /// # Errors
    /// When the settings or a template cannot make a mail.
    pub fn prepare(
        templates: &Templates,
        sender: Sender,
        house: &House,
        signers: Arc<[Signer]>,
    ) -> Result<Self, ComposeError> {
        check_login(house)?;
        let languages = templates
            .by_language()
            .map(|(language, checked)| Prepared::new(language, checked, house))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            letter: Letter::new(sender, signers),
            kind: templates.kind(),
            languages,
            attributes: Vec::new(),
        })
    }

    /// Prepares the words of a mailing, in their one language. Without an HTML part the mail is its text alone.
    ///
    /// # Errors
    /// When the guard refuses the words, or the settings cannot make a mail.
    pub fn prepare_mailing(
        intent: Intent,
        language: Language,
        template: &Template,
        sender: Sender,
        house: &House,
        signers: Arc<[Signer]>,
    ) -> Result<Self, ComposeError> {
        check_login(house)?;
        if !is_page(&house.base_url) {
            return Err(ComposeError::BaseUrl);
        }
        let kind = TemplateKind::Mailing(intent);
        let checked = guard::check(kind, template).map_err(ComposeError::Refused)?;
        let languages = vec![Prepared::new(language, &checked, house)?];
        let attributes = crate::mailing::attributes_of(template);
        Ok(Self { letter: Letter::new(sender, signers), kind, languages, attributes })
    }

    /// What these mails are for.
    #[must_use]
    pub const fn kind(&self) -> TemplateKind {
        self.kind
    }

    /// The custom attributes its words show.
    #[must_use]
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Composes the mail for one recipient.
    ///
    /// # Errors
    /// When this recipient's values cannot stand in a mail; nothing is wrong with the others then.
    pub fn compose(&self, message: &RunMessage, now_ms: i64) -> Result<Composed, ComposeError> {
        self.check(message)?;
        let prepared = self.languages.iter().find(|one| one.language == message.language);
        let Some(prepared) = prepared.or(self.languages.first()) else {
            return Err(ComposeError::MessageKey);
        };
        let head = Head {
            to: &message.to,
            full_name: &message.full_name,
            language: prepared.language,
            message_key: &message.message_key,
            has_html: prepared.has_html(),
        };
        self.letter.write(
            head,
            self.room(prepared, message),
            now_ms,
            |out| Ok(prepared.append_subject(out, message)?),
            |out| Ok(prepared.append_parts(out, message)?),
        )
    }

    fn check(&self, message: &RunMessage) -> Result<(), ComposeError> {
        self.letter.check_key(&message.message_key)?;
        self.check_carried(&message.carried)?;
        if !message.request_tag.bytes().all(is_url_safe) || message.request_tag.len() > MOST_VALUE {
            return Err(ComposeError::Link);
        }
        for (name, value) in [
            ("the full name", &message.full_name),
            ("the given name", &message.given_name),
            ("the family name", &message.family_name),
            ("the display name", &message.display_name),
            ("the user name", &message.username),
        ] {
            if value.len() > MOST_VALUE {
                return Err(ComposeError::TooLong(name));
            }
        }
        if message.attributes.values().any(|value| value.len() > MOST_ATTRIBUTE) {
            return Err(ComposeError::AttributeTooLong);
        }
        Ok(())
    }

    fn check_carried(&self, carried: &Carried) -> Result<(), ComposeError> {
        match (self.kind, carried) {
            (TemplateKind::NewPassword | TemplateKind::Mailing(Intent::ForcePassword), carried) => {
                let Carried::Password(password) = carried else {
                    return Err(ComposeError::Carried("a password"));
                };
                let password = password.expose();
                let bad = |c: char| c.is_control() || c.is_whitespace() || render::is_mark(c);
                if password.is_empty() || password.len() > MOST_VALUE || password.contains(bad) {
                    return Err(ComposeError::Password);
                }
            }
            (TemplateKind::ResetLink | TemplateKind::Mailing(Intent::PersonalLink), carried) => {
                let Carried::Link(token) = carried else {
                    return Err(ComposeError::Carried("a personal link"));
                };
                let token = token.expose();
                if token.is_empty() || token.len() > MOST_VALUE || !token.bytes().all(is_url_safe) {
                    return Err(ComposeError::Link);
                }
            }
            (TemplateKind::Mailing(Intent::OfferLink), Carried::Nothing) => {}
            (TemplateKind::Mailing(Intent::OfferLink), _) => {
                return Err(ComposeError::Carried("no secret"));
            }
        }
        Ok(())
    }

    /// Enough octets that the buffer never moves, which would leave a copy of the secret behind.
    fn room(&self, prepared: &Prepared, message: &RunMessage) -> usize {
        // Names also stand in To.
        let to = (message.full_name.len() + message.to.as_given().len()) * 4;
        self.letter.room() + prepared.room(message) + to + message.message_key.len() * 8 + 4_096
    }
}

fn is_page(url: &str) -> bool {
    let begins = url.starts_with("https://") || url.starts_with("http://");
    begins && !url.chars().any(|c| c.is_whitespace() || c.is_control() || render::is_mark(c))
}

fn check_login(house: &House) -> Result<(), ComposeError> {
    if is_page(&house.login_url) { Ok(()) } else { Err(ComposeError::LoginUrl) }
}

/// What needs no encoding in an address and none in HTML.
fn is_url_safe(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_')
}

#[cfg(test)]
#[path = "compose_mailing_tests.rs"]
mod mailing_tests;
#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
