//! The words around a mail in each language, from `locales/*/mail.ftl` and, for mails to operators, `notice.ftl`;
//! `account-mail.ftl` has those of the mails about one's own account.

use domain::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::fmt;
use std::sync::LazyLock;
use unic_langid::{LanguageIdentifier, langid};

/// The words of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

static WORDS: LazyLock<[Words; 3]> = LazyLock::new(|| Language::ALL.map(Words::read));

impl Words {
    /// The words of a language; read once per program.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        let [en, de, fr] = &*WORDS;
        match language {
            Language::En => en,
            Language::De => de,
            Language::Fr => fr,
        }
    }

    /// The language of these words.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without gaps; its id itself when there is no such text, so that a gap is seen, not lost.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A text with its gaps filled in.
    #[must_use]
    pub fn say_with(&self, id: &str, gaps: &[(&str, &str)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut arguments = FluentArgs::with_capacity(gaps.len());
        for (name, value) in gaps {
            arguments.set(*name, *value);
        }
        let mut problems = Vec::new();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut problems).into_owned()
    }

    fn read(language: Language) -> Self {
        let tag: LanguageIdentifier = match language {
            Language::En => langid!("en"),
            Language::De => langid!("de"),
            Language::Fr => langid!("fr"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks are invisible characters; in a mail they end up in copied text.
        bundle.set_use_isolating(false);
        for source in sources(language) {
            // A broken line is skipped here and found by the test below.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(good, _)| good);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }
}

fn sources(language: Language) -> [&'static str; 3] {
    match language {
        Language::En => [
            include_str!("../../../locales/en/mail.ftl"),
            include_str!("../../../locales/en/notice.ftl"),
            include_str!("../../../locales/en/account-mail.ftl"),
        ],
        Language::De => [
            include_str!("../../../locales/de/mail.ftl"),
            include_str!("../../../locales/de/notice.ftl"),
            include_str!("../../../locales/de/account-mail.ftl"),
        ],
        Language::Fr => [
            include_str!("../../../locales/fr/mail.ftl"),
            include_str!("../../../locales/fr/notice.ftl"),
            include_str!("../../../locales/fr/account-mail.ftl"),
        ],
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
            .filter_map(|line| line.split_once(" ="))
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn every_language_has_the_same_words_and_no_broken_line() {
        for language in Language::ALL {
            for (source, english) in sources(language).into_iter().zip(sources(Language::En)) {
                assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{language}");
                assert_eq!(ids(source), ids(english), "{language}");
            }
        }
    }

    #[test]
    fn a_missing_word_shows_its_id() {
        assert_eq!(Words::of(Language::De).say("no-such-word"), "no-such-word");
        assert_eq!(Words::of(Language::Fr).say_with("salutation", &[("name", "Zoë")]), "Bonjour Zoë,");
    }
}
