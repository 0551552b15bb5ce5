//! Mails about one's own account: personal links, one for each account of a mailbox, and the word that a password was
//! changed. Those about what a person changes at the own pages stand in [`super::account_confirm`].
//!
//! Operators do not edit these mails: what they must say is fixed by what they are for, and a page with a list of
//! accounts needs a loop, which the guard of templates refuses.

use crate::clock::Clock;
use crate::compose::ComposeError;
use crate::content::Composed;
use crate::dkim::Signer;
use crate::header::clean;
use crate::house::{House, Sender};
use crate::letter::{self, Head, Letter};
use crate::notice::{failure, salutation};
use crate::prepared::{reads_like_a_link, subject_field};
use crate::quoted_printable;
use crate::render::{self, RenderError};
use crate::template::Part;
use crate::words::Words;
use domain::language::Language;
use domain::message::{PasswordChanged, ResetLinks};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use std::sync::Arc;
use zeroize::Zeroizing;

const TEXT: &str = include_str!("../../../templates/mail/account/account.txt");
const HTML: &str = include_str!("../../../templates/mail/account/account.html");

/// Composes mails about one's own account.
#[derive(Debug)]
pub struct AccountMailComposer {
    letter: Letter,
    environment: Environment<'static>,
    pub(crate) house: House,
    pub(crate) base_url: String,
    clocks: [Clock; 3],
}

/// A line of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    label: String,
    value: String,
}

/// An account with its link.
#[derive(Debug, Serialize)]
pub(crate) struct Linked {
    pub(crate) label: String,
    #[serde(serialize_with = "in_clear")]
    pub(crate) url: Zeroizing<String>,
}

/// Into the mail, which is what a link is for.
fn in_clear<S: serde::Serializer>(url: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url)
}

/// What differs between the mails.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) subject: String,
    pub(crate) title: String,
    pub(crate) salutation: String,
    pub(crate) lead: String,
    pub(crate) accounts: Vec<Linked>,
    /// What stands on the buttons.
    pub(crate) action: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) after: Vec<String>,
    /// What whoever wants none of it can do; `None`: nothing.
    pub(crate) aside: Option<Aside>,
}

/// A way out at the end of a mail.
#[derive(Debug)]
pub(crate) struct Aside {
    pub(crate) text: String,
    pub(crate) action: String,
    pub(crate) url: String,
}

impl AccountMailComposer {
    /// Prepares the page. `base_url`: where the recipients' pages are, from the settings; every link begins with it.
    ///
    /// # Errors
    /// None in a tested program: the page can be read.
    pub fn prepare(
        sender: Sender,
        house: &House,
        signers: Arc<[Signer]>,
        base_url: &str,
    ) -> Result<Self, ComposeError> {
        let mut environment = render::environment();
        for (part, source) in [(Part::Text, TEXT), (Part::Html, HTML)] {
            environment.add_template(part.as_str(), source).map_err(|error| failure(part, &error))?;
        }
        Ok(Self {
            letter: Letter::new(sender, signers),
            environment,
            clocks: Language::ALL.map(|language| Clock::new(language, &house.time_zone)),
            house: house.clone(),
            base_url: base_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Composes the mail with personal links.
    ///
    /// # Errors
    /// When the values cannot stand in a mail.
    pub fn compose_links(&self, message: &ResetLinks, now_ms: i64) -> Result<Composed, ComposeError> {
        let words = Words::of(message.language);
        let clock = self.clock(message.language);
        let zone = message.time_zone.as_deref();
        let accounts = message.accounts.iter().map(|account| {
            let (username, name) = (clean(&account.username), clean(&account.full_name));
            let label = if name.is_empty() || name == username || reads_like_a_link(&name) {
                words.say_with("reset-account", &[("username", &username)])
            } else {
                words.say_with("reset-account-named", &[("username", &username), ("name", &name)])
            };
            let url = Zeroizing::new(format!("{}/reset/link/{}", self.base_url, account.token.expose()));
            Linked { label, url }
        });
        let accounts: Vec<Linked> = accounts.collect();
        let alone = message.accounts.first().filter(|_| accounts.len() == 1);
        let full_name = alone.map_or("", |account| account.full_name.as_str());
        let lead = match alone {
            Some(_) => words.say("reset-lead"),
            None => words.say_with("reset-lead-many", &[("number", &accounts.len().to_string())]),
        };
        let ask = format!("{}/reset", self.base_url);
        let page = Page {
            subject: self.named(words, "reset-subject"),
            title: words.say("reset-title"),
            salutation: salutation(words, full_name),
            lead,
            accounts,
            action: words.say("reset-action"),
            facts: vec![
                fact(words, "reset-fact-asked", clock.write(message.asked_at, zone).to_string()),
                fact(words, "reset-fact-until", clock.write(message.valid_until, zone).to_string()),
            ],
            after: self.with_help(words, vec![words.say_with("reset-after", &[("url", &ask)])]),
            aside: Some(Aside {
                text: words.say("reset-not-me"),
                action: words.say("reset-not-me-action"),
                url: format!("{}/reset/report/{}", self.base_url, message.report_tag),
            }),
        };
        let head = Head {
            to: &message.to,
            full_name,
            language: message.language,
            message_key: &message.message_key,
            has_html: true,
        };
        self.write(head, &page, now_ms)
    }

    /// Composes the word that a password was changed. It has no secret and no link that changes anything (3-safety 40).
    ///
    /// # Errors
    /// When the values cannot stand in a mail.
    pub fn compose_changed(&self, message: &PasswordChanged, now_ms: i64) -> Result<Composed, ComposeError> {
        let words = Words::of(message.language);
        let at = self.clock(message.language).write(message.changed_at, message.time_zone.as_deref());
        let help = clean(&self.house.help_contact);
        let not_mine = if help.is_empty() {
            words.say("changed-not-mine-nobody")
        } else {
            words.say_with("changed-not-mine", &[("contact", &help)])
        };
        let page = Page {
            subject: self.named(words, "changed-subject"),
            title: words.say("changed-title"),
            salutation: salutation(words, &message.full_name),
            lead: words.say_with("changed-lead", &[("username", &clean(&message.username))]),
            accounts: Vec::new(),
            action: String::new(),
            facts: vec![fact(words, "changed-fact-at", at.to_string())],
            after: vec![words.say("changed-mine"), not_mine],
            aside: None,
        };
        let head = Head {
            to: &message.to,
            full_name: &message.full_name,
            language: message.language,
            message_key: &message.message_key,
            has_html: true,
        };
        self.write(head, &page, now_ms)
    }

    pub(crate) fn named(&self, words: &Words, id: &str) -> String {
        words.say_with(id, &[("organisation", &clean(&self.house.organisation))])
    }

    pub(crate) fn with_help(&self, words: &Words, mut lines: Vec<String>) -> Vec<String> {
        let help = clean(&self.house.help_contact);
        if !help.is_empty() {
            lines.push(words.say_with("account-help", &[("contact", &help)]));
        }
        lines
    }

    pub(crate) const fn clock(&self, language: Language) -> &Clock {
        let [en, de, fr] = &self.clocks;
        match language {
            Language::En => en,
            Language::De => de,
            Language::Fr => fr,
        }
    }

    pub(crate) fn write(&self, head: Head<'_>, page: &Page, now_ms: i64) -> Result<Composed, ComposeError> {
        let values = self.values(page, head);
        let text = Zeroizing::new(self.render(Part::Text, &values)?);
        let html = Zeroizing::new(self.render(Part::Html, &values)?);
        let room = self.letter.room() + 3 * (text.len() + html.len());
        self.letter.write(
            head,
            room,
            now_ms,
            |out| {
                out.extend_from_slice(&subject_field(&page.subject));
                Ok(())
            },
            |out| {
                let begin = out.len();
                for (subtype, part) in [("plain", &text), ("html", &html)] {
                    letter::begin_part(out, head.message_key, subtype);
                    out.extend_from_slice(&quoted_printable::prepare(part, true).bytes);
                    out.extend_from_slice(b"\r\n");
                }
                letter::end_parts(out, head.message_key);
                // Links are wrapped in many places: all of it is wiped, and such mails are few.
                Ok((!page.accounts.is_empty()).then_some(begin..out.len()).into_iter().collect())
            },
        )
    }

    fn values(&self, page: &Page, head: Head<'_>) -> Value {
        let words = Words::of(head.language);
        context! {
            language => head.language.tag(),
            organisation => clean(&self.house.organisation),
            accent => self.house.accent.to_string(),
            on_accent => self.house.accent.ink(),
            title => page.title.as_str(),
            salutation => page.salutation.as_str(),
            lead => page.lead.as_str(),
            accounts => Value::from(Serde(&page.accounts)),
            facts => Value::from(Serde(&page.facts)),
            after => Value::from(Serde(&page.after)),
            action => page.action.as_str(),
            link_label => words.say("account-link"),
            not_me => page.aside.as_ref().map_or("", |aside| aside.text.as_str()),
            not_me_action => page.aside.as_ref().map_or("", |aside| aside.action.as_str()),
            not_me_url => page.aside.as_ref().map_or("", |aside| aside.url.as_str()),
            sent_to => words.say_with("account-sent-to", &[("address", head.to.as_given())]),
        }
    }

    fn render(&self, part: Part, values: &Value) -> Result<String, RenderError> {
        let mut text = self
            .environment
            .get_template(part.as_str())
            .and_then(|template| template.render(values))
            .map_err(|error| failure(part, &error))?;
        // Conditions and loops leave empty lines behind; one between two paragraphs is enough.
        while part == Part::Text && text.contains("\n\n\n") {
            text = text.replace("\n\n\n", "\n\n");
        }
        Ok(text)
    }
}

pub(crate) fn fact(words: &Words, id: &str, value: String) -> Fact {
    Fact { label: words.say(id), value }
}

#[cfg(test)]
#[path = "account_mail_tests.rs"]
mod tests;
