//! Notices to operators: one page for all kinds, filled with words of the operator's language. It has no secret.
//!
//! Operators do not edit these mails, so the page may use loops and needs no guard; values are escaped all the same.

use crate::clock::Clock;
use crate::compose::ComposeError;
use crate::content::Composed;
use crate::dkim::Signer;
use crate::header::clean;
use crate::house::{House, Sender};
use crate::letter::{self, Head, Letter};
use crate::notice_page::{Page, page};
use crate::prepared::{reads_like_a_link, subject_field};
use crate::quoted_printable;
use crate::render::{self, RenderError};
use crate::template::Part;
use crate::words::Words;
use domain::language::Language;
use domain::message::OperatorNotice;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use std::sync::Arc;

const TEXT: &str = include_str!("../../../templates/mail/notice/notice.txt");
const HTML: &str = include_str!("../../../templates/mail/notice/notice.html");

/// Composes notices.
#[derive(Debug)]
pub struct NoticeComposer {
    letter: Letter,
    environment: Environment<'static>,
    house: House,
    console_url: String,
    clocks: [Clock; 3],
}

impl NoticeComposer {
    /// Prepares the page. `console_url`: where the console is, from the settings; every link begins with it.
    ///
    /// # Errors
    /// None in a tested program: the page can be read.
    pub fn prepare(
        sender: Sender,
        house: &House,
        signers: Arc<[Signer]>,
        console_url: &str,
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
            console_url: console_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Composes a notice for one operator.
    ///
    /// # Errors
    /// When the values cannot stand in a mail.
    pub fn compose(&self, message: &OperatorNotice, now_ms: i64) -> Result<Composed, ComposeError> {
        let [en, de, fr] = &self.clocks;
        let clock = match message.language {
            Language::En => en,
            Language::De => de,
            Language::Fr => fr,
        };
        let page = page(&message.about.notice, clock, message.time_zone.as_deref(), now_ms);
        let values = self.values(&page, message);
        let text = self.render(Part::Text, &values)?;
        let html = self.render(Part::Html, &values)?;
        let head = Head {
            to: &message.to,
            full_name: &message.full_name,
            language: message.language,
            message_key: &message.message_key,
            has_html: true,
        };
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
                for (subtype, part) in [("plain", &text), ("html", &html)] {
                    letter::begin_part(out, &message.message_key, subtype);
                    out.extend_from_slice(&quoted_printable::prepare(part, true).bytes);
                    out.extend_from_slice(b"\r\n");
                }
                letter::end_parts(out, &message.message_key);
                Ok(Vec::new())
            },
        )
    }

    fn values(&self, page: &Page, message: &OperatorNotice) -> Value {
        let words = Words::of(message.language);
        let (action, link) = match message.about.notice.run() {
            Some(run) => ("notice-open-run", format!("{}/runs/{}", self.console_url, run.id)),
            None => ("notice-open-console", self.console_url.clone()),
        };
        let because = words.say(&format!("notice-because-{}", message.about.because));
        let sent_to = words.say_with("notice-sent-to", &[("address", message.to.as_given())]);
        context! {
            language => message.language.tag(),
            organisation => clean(&self.house.organisation),
            accent => self.house.accent.to_string(),
            on_accent => self.house.accent.ink(),
            salutation => salutation(words, &message.full_name),
            tone => page.tone.as_str(),
            tone_back => page.tone.back(),
            tone_ink => page.tone.ink(),
            tone_label => words.say(&format!("notice-tone-{}", page.tone.as_str())),
            title => page.title.as_str(),
            lead => page.lead.as_str(),
            bar => Value::from(Serde(&page.bar)),
            facts => Value::from(Serde(&page.facts)),
            cause_label => page.cause_label.as_str(),
            cause => page.cause.as_str(),
            todo_label => words.say("notice-todo"),
            todo => page.todo.as_str(),
            command => page.command.as_str(),
            action => words.say(action),
            link_label => words.say("notice-link"),
            link => link,
            because => because,
            sent_to => sent_to,
        }
    }

    fn render(&self, part: Part, values: &Value) -> Result<String, RenderError> {
        let rendered = self
            .environment
            .get_template(part.as_str())
            .and_then(|template| template.render(values))
            .map_err(|error| failure(part, &error))?;
        // Conditions and loops leave empty lines behind; one between two paragraphs is enough.
        let mut text = rendered;
        while part == Part::Text && text.contains("\n\n\n") {
            text = text.replace("\n\n\n", "\n\n");
        }
        Ok(text)
    }
}

pub(crate) fn failure(part: Part, error: &minijinja::Error) -> RenderError {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    RenderError { part, line: error.line(), detail }
}

/// A greeting without a name that reads like a link.
pub(crate) fn salutation(words: &Words, full_name: &str) -> String {
    let name = clean(full_name);
    if name.is_empty() || reads_like_a_link(&name) {
        return words.say("salutation-nobody");
    }
    words.say_with("salutation", &[("name", &name)])
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
