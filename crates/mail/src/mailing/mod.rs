//! The words of mailings: from what an operator writes to a template, checked for its intent, with words to begin from.
//!
//! Text is written as it is; the HTML part comes from Markdown, set into a layout of our own, from MJML or from HTML.
//! All of it goes through the guard as every template does, so nothing is loaded and nothing runs.

mod layout;
mod markdown;
mod mjml;
mod starter;
mod style;
mod written;

pub use starter::{Starter, starter};
pub use written::{Written, read_words};

use crate::compose::{ComposeError, Composer};
use crate::guard::scan::{self, Available, Item};
use crate::guard::{self, Fault, Problem};
use crate::mailbox::Mailbox;
use crate::replacement::{self, Described, Replacement, Shown};
use crate::template::{MOST_OCTETS, Part, Template, TemplateKind};
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent};
use domain::message::{Carried, RunMessage};
use domain::secret::Secret;
use std::collections::BTreeSet;

/// Stands where the password would stand in previews and tests. No password looks like this, so nobody can take it for
/// one, and it opens nothing.
pub const EXAMPLE_PASSWORD: &str = "EXAMPLE-NOT-A-PASSWORD";
/// Stands where the end of a personal link would stand in previews and tests; it opens nothing.
pub const EXAMPLE_LINK: &str = "EXAMPLE-NOT-A-LINK";
/// The most octets a preview may have; a part has 256 KiB at most, and encoding makes it longer.
const MOST_PREVIEW: usize = 16 << 20;

/// A mail as its reader would see it, without a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part: show it in a sandbox only. Empty: there is none.
    pub html: String,
}

/// The HTML part of a mailing, made of what the operator wrote; empty for [`HtmlFormat::None`].
///
/// # Errors
/// Every fault, with its place in the source.
pub fn html_of(
    intent: Intent,
    language: Language,
    format: HtmlFormat,
    source: &str,
) -> Result<String, Vec<Problem>> {
    html_knowing(intent, language, format, source, None)
}

/// The same, for the custom attributes there are; `None`: any name will do.
fn html_knowing(
    intent: Intent,
    language: Language,
    format: HtmlFormat,
    source: &str,
    attributes: Option<&[String]>,
) -> Result<String, Vec<Problem>> {
    if format == HtmlFormat::None || source.trim().is_empty() {
        return Ok(String::new());
    }
    let source = guard::unix_lines(source);
    guard::check_characters(Part::Html, &source).map_err(|problem| vec![problem])?;
    let available = Available { kind: TemplateKind::Mailing(intent), attributes };
    let html = match format {
        HtmlFormat::None => String::new(),
        HtmlFormat::Html => source,
        HtmlFormat::Markdown => {
            let items = items_of(available, &source)?;
            layout::around(language, &markdown::html_of(&source, &items)?)
        }
        HtmlFormat::Mjml => {
            items_of(available, &source)?;
            mjml::html_of(&source)?
        }
    };
    if html.len() > MOST_OCTETS {
        let fault = Fault::Large { part: Part::Html.as_str(), most: MOST_OCTETS / 1024 };
        return Err(vec![Problem::at(Part::Html, "", 0, fault)]);
    }
    Ok(html)
}

/// The replacements of a source, before it becomes HTML, so that a fault shows its place in what was written.
fn items_of(available: Available<'_>, source: &str) -> Result<Vec<Item>, Vec<Problem>> {
    let mut problems = Vec::new();
    let items = scan::scan(Part::Html, source, available, &mut problems);
    if problems.is_empty() { Ok(items) } else { Err(problems) }
}

/// Everything that forbids to arm a mailing with these words, with its place in the template; [`read_words`] knows the
/// place in what was written. `attributes`: the custom attributes there are.
#[must_use]
pub fn check(intent: Intent, template: &Template, attributes: &[String]) -> Vec<Problem> {
    let available = Available { kind: TemplateKind::Mailing(intent), attributes: Some(attributes) };
    guard::check_knowing(available, template).err().unwrap_or_default()
}

/// The custom attributes the words show or compare, sorted; those of a [`RunMessage`] must be filled in.
#[must_use]
pub fn attributes_of(template: &Template) -> Vec<String> {
    let items = all_items(template);
    guard::attributes_in(&items).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The replacements that the words show and that are empty for this recipient, as they are written between `{{` and
/// `}}`, sorted. One with a filter such as `default`, or in a condition, is taken care of and not told.
#[must_use]
pub fn empty_for(template: &Template, message: &RunMessage) -> Vec<String> {
    let is_empty = |shown: &Shown| match shown {
        Shown::Attribute(name) => message.attributes.get(name).is_none_or(|value| value.trim().is_empty()),
        Shown::Known(Replacement::FullName) => message.full_name.trim().is_empty(),
        Shown::Known(Replacement::GivenName) => message.given_name.trim().is_empty(),
        Shown::Known(Replacement::FamilyName) => message.family_name.trim().is_empty(),
        Shown::Known(Replacement::DisplayName) => message.display_name.trim().is_empty(),
        Shown::Known(Replacement::Username) => message.username.trim().is_empty(),
        Shown::Known(_) => false,
    };
    let empty: BTreeSet<String> = all_items(template)
        .iter()
        .filter_map(|item| match item {
            Item::Print { shown, filtered: false, depth: 0, .. } if is_empty(shown) => {
                Some(shown.to_string())
            }
            _ => None,
        })
        .collect();
    empty.into_iter().collect()
}

/// What all parts show, whatever the intent.
fn all_items(template: &Template) -> Vec<Item> {
    Part::ALL
        .into_iter()
        .flat_map(|part| {
            let source = template.part(part);
            // Every replacement is known to one of the intents.
            let scanned = Intent::ALL.iter().map(|intent| {
                let mut problems = Vec::new();
                let available = Available { kind: TemplateKind::Mailing(*intent), attributes: None };
                let items = scan::scan(part, source, available, &mut problems);
                (problems.len(), items)
            });
            scanned.min_by_key(|(faults, _)| *faults).map(|(_, items)| items).unwrap_or_default()
        })
        .collect()
}

/// The replacements an intent has, for the list the console picks from; custom attributes come beside it, written as
/// [`replacement::written_attribute`] says.
#[must_use]
pub fn available(intent: Intent, language: Language) -> Vec<Described> {
    replacement::list_of(TemplateKind::Mailing(intent), language)
}

/// What a mail of this intent carries in previews and tests: nothing that opens anything.
#[must_use]
pub fn example(intent: Intent) -> Carried {
    match intent {
        Intent::OfferLink => Carried::Nothing,
        Intent::PersonalLink => Carried::Link(Secret::new(EXAMPLE_LINK.to_owned())),
        Intent::ForcePassword => Carried::Password(Secret::new(EXAMPLE_PASSWORD.to_owned())),
    }
}

/// The mail one recipient would get, read back as a mail program reads it. Whatever the message carries, the preview
/// shows an example in its place, and its link counts for nobody.
///
/// # Errors
/// When this recipient's values cannot stand in a mail.
pub fn preview(composer: &Composer, mut message: RunMessage, now_ms: i64) -> Result<Preview, ComposeError> {
    message.request_tag = String::new();
    message.carried = match composer.kind() {
        TemplateKind::NewPassword => example(Intent::ForcePassword),
        TemplateKind::ResetLink => example(Intent::PersonalLink),
        TemplateKind::Mailing(intent) => example(intent),
    };
    let composed = composer.compose(&message, now_ms)?;
    let mailbox = Mailbox::new(1, MOST_PREVIEW);
    let id = mailbox.deliver("", &composed.envelope_to, composed.content.into_bytes(), now_ms);
    let mail = mailbox.get(id).ok_or(ComposeError::TooLong("the mail"))?;
    Ok(Preview {
        subject: mail.summary.subject.clone(),
        text: mail.text.clone().unwrap_or_default(),
        html: mail.html.clone().unwrap_or_default(),
    })
}

/// The ready-made words of an intent as a template.
pub(crate) fn standard(intent: Intent, language: Language) -> Template {
    let Starter { subject, text, markdown } = starter(intent, language);
    // A tested program has no fault in them; the guard would find the missing part.
    let html = html_of(intent, language, HtmlFormat::Markdown, markdown).unwrap_or_default();
    Template { subject: subject.to_owned(), text: text.to_owned(), html }
}

#[cfg(test)]
#[path = "hostile_tests.rs"]
mod hostile_tests;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;
