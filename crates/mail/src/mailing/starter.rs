//! Words to begin a new mailing from, for each intent in each language; kept as files under `templates/mail/mailing`.

use domain::language::Language;
use domain::mailing::Intent;

/// Words a new mailing begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starter {
    /// The subject line.
    pub subject: &'static str,
    /// The text part.
    pub text: &'static str,
    /// The HTML part, in Markdown.
    pub markdown: &'static str,
}

macro_rules! shipped {
    ($intent:literal, $language:literal) => {
        Starter {
            subject: include_str!(concat!(
                "../../../../templates/mail/mailing/",
                $intent,
                "/",
                $language,
                ".subject.txt"
            )),
            text: include_str!(concat!(
                "../../../../templates/mail/mailing/",
                $intent,
                "/",
                $language,
                ".txt"
            )),
            markdown: include_str!(concat!(
                "../../../../templates/mail/mailing/",
                $intent,
                "/",
                $language,
                ".md"
            )),
        }
    };
}

/// The words of an intent in a language.
#[must_use]
pub const fn starter(intent: Intent, language: Language) -> Starter {
    match (intent, language) {
        (Intent::OfferLink, Language::En) => shipped!("offer-link", "en"),
        (Intent::OfferLink, Language::De) => shipped!("offer-link", "de"),
        (Intent::OfferLink, Language::Fr) => shipped!("offer-link", "fr"),
        (Intent::PersonalLink, Language::En) => shipped!("personal-link", "en"),
        (Intent::PersonalLink, Language::De) => shipped!("personal-link", "de"),
        (Intent::PersonalLink, Language::Fr) => shipped!("personal-link", "fr"),
        (Intent::ForcePassword, Language::En) => shipped!("force-password", "en"),
        (Intent::ForcePassword, Language::De) => shipped!("force-password", "de"),
        (Intent::ForcePassword, Language::Fr) => shipped!("force-password", "fr"),
    }
}
