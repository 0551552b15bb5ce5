//! Mail templates: their kinds, their three parts, the ones that come with the program.

use crate::guard::{self, Checked, Problem};
use crate::mailing;
use crate::replacement::Replacement;
use domain::language::Language;
use domain::mailing::Intent;
use std::fmt;

/// The most octets a part of a template, or what it becomes, may have.
pub const MOST_OCTETS: usize = 256 * 1024;

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateKind {
    /// *Your new password.*
    NewPassword,
    /// *A link to set your password*, which nobody asked for: an event led to it.
    ResetLink,
    /// A mailing; its words are its own.
    Mailing(Intent),
}

impl TemplateKind {
    /// Every kind whose words operators change for all mails of it.
    pub const ALL: [Self; 2] = [Self::NewPassword, Self::ResetLink];

    /// As stored and as the folder of the templates is called.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewPassword => "new-password",
            Self::ResetLink => "reset-link",
            Self::Mailing(Intent::OfferLink) => "mailing-offer-link",
            Self::Mailing(Intent::PersonalLink) => "mailing-personal-link",
            Self::Mailing(Intent::ForcePassword) => "mailing-force-password",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mailings = Intent::ALL.iter().map(|intent| Self::Mailing(*intent));
        Self::ALL.into_iter().chain(mailings).find(|kind| kind.as_str() == text)
    }

    /// The kind of this name, if operators change its words for all mails of it: what `passpost template`, the API and
    /// the console take. A mailing has its words for itself.
    #[must_use]
    pub fn parse_house(text: &str) -> Option<Self> {
        Self::parse(text).filter(|kind| !kind.is_mailing())
    }

    /// What must stand visibly in each part: without it the mail is of no use.
    #[must_use]
    pub const fn needed(self) -> &'static [Replacement] {
        match self {
            Self::NewPassword | Self::Mailing(Intent::ForcePassword) => {
                &[Replacement::Password, Replacement::LoginUrl]
            }
            Self::Mailing(Intent::OfferLink) => &[Replacement::RequestPasswordLink],
            Self::ResetLink | Self::Mailing(Intent::PersonalLink) => &[Replacement::PersonalLink],
        }
    }

    /// Whether a replacement has a value in this kind of mail.
    #[must_use]
    pub const fn has(self, replacement: Replacement) -> bool {
        match replacement {
            Replacement::Password => matches!(self, Self::NewPassword | Self::Mailing(Intent::ForcePassword)),
            Replacement::PersonalLink => matches!(self, Self::ResetLink | Self::Mailing(Intent::PersonalLink)),
            Replacement::RequestPasswordLink => matches!(self, Self::ResetLink | Self::Mailing(_)),
            // An offer has nothing that expires.
            Replacement::ValidUntil => !matches!(self, Self::Mailing(Intent::OfferLink)),
            _ => true,
        }
    }

    /// The replacements that have a value in this kind of mail.
    pub fn replacements(self) -> impl Iterator<Item = Replacement> {
        Replacement::ALL.iter().copied().filter(move |one| self.has(*one))
    }

    /// Whether it is a mailing: custom attributes have a value, and there may be no HTML part.
    #[must_use]
    pub const fn is_mailing(self) -> bool {
        matches!(self, Self::Mailing(_))
    }
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The subject line.
    Subject,
    /// The text part.
    Text,
    /// The HTML part.
    Html,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    /// As in messages and file names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The source of one mail in one language, as an operator edits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part; empty: a mailing without one.
    pub html: String,
}

macro_rules! shipped {
    ($kind:literal, $language:literal) => {
        (
            include_str!(concat!("../../../templates/mail/", $kind, "/", $language, ".subject.txt")),
            include_str!(concat!("../../../templates/mail/", $kind, "/", $language, ".txt")),
            include_str!(concat!("../../../templates/mail/", $kind, "/", $language, ".html")),
        )
    };
}

impl Template {
    /// The template that comes with the program.
    #[must_use]
    pub fn standard(kind: TemplateKind, language: Language) -> Self {
        let (subject, text, html) = match (kind, language) {
            (TemplateKind::NewPassword, Language::En) => shipped!("new-password", "en"),
            (TemplateKind::NewPassword, Language::De) => shipped!("new-password", "de"),
            (TemplateKind::NewPassword, Language::Fr) => shipped!("new-password", "fr"),
            (TemplateKind::ResetLink, Language::En) => shipped!("reset-link", "en"),
            (TemplateKind::ResetLink, Language::De) => shipped!("reset-link", "de"),
            (TemplateKind::ResetLink, Language::Fr) => shipped!("reset-link", "fr"),
            (TemplateKind::Mailing(intent), language) => return mailing::standard(intent, language),
        };
        Self { subject: subject.to_owned(), text: text.to_owned(), html: html.to_owned() }
    }

    /// The source of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> &str {
        match part {
            Part::Subject => &self.subject,
            Part::Text => &self.text,
            Part::Html => &self.html,
        }
    }
}

/// The checked templates of one kind in every language; what a [`crate::Composer`] is prepared from.
#[derive(Debug, Clone)]
pub struct Templates {
    kind: TemplateKind,
    by_language: [Checked; 3],
}

impl Templates {
    /// The ones that come with the program.
    ///
    /// # Errors
    /// None in a tested program: the shipped templates pass the guard.
    pub fn standard(kind: TemplateKind) -> Result<Self, Vec<Problem>> {
        let check = |language| guard::check(kind, &Template::standard(kind, language));
        Ok(Self { kind, by_language: [check(Language::En)?, check(Language::De)?, check(Language::Fr)?] })
    }

    /// Puts an operator's template in the place of the shipped one.
    ///
    /// # Errors
    /// Every place where the guard refuses it; nothing is replaced then.
    pub fn replace(&mut self, language: Language, template: &Template) -> Result<(), Vec<Problem>> {
        let checked = guard::check(self.kind, template)?;
        if let Some(place) = self.by_language.get_mut(language as usize) {
            *place = checked;
        }
        Ok(())
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> TemplateKind {
        self.kind
    }

    pub(crate) fn by_language(&self) -> impl Iterator<Item = (Language, &Checked)> {
        Language::ALL.into_iter().zip(&self.by_language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_passes_the_guard() {
        let mailings = Intent::ALL.iter().map(|intent| TemplateKind::Mailing(*intent));
        for kind in TemplateKind::ALL.into_iter().chain(mailings) {
            assert_eq!(TemplateKind::parse(kind.as_str()), Some(kind));
            let house = TemplateKind::parse_house(kind.as_str());
            assert_eq!(house.is_some(), TemplateKind::ALL.contains(&kind));
            let problems = Templates::standard(kind).err().unwrap_or_default();
            assert!(problems.is_empty(), "{problems:#?}");
        }
    }
}
