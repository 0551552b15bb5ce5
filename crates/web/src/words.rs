//! The words of the pages in each language, from `locales/*/pages.ftl` and `account.ftl`.

use domain::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::fmt;
use std::sync::LazyLock;
use unic_langid::{LanguageIdentifier, langid};

/// The words of one language.
pub(crate) struct Words {
    pub(crate) language: Language,
    bundle: FluentBundle<FluentResource>,
}

const SOURCES: [(Language, &str); 3] = [
    (
        Language::En,
        concat!(
            include_str!("../../../locales/en/pages.ftl"),
            "\n",
            include_str!("../../../locales/en/account.ftl")
        ),
    ),
    (
        Language::De,
        concat!(
            include_str!("../../../locales/de/pages.ftl"),
            "\n",
            include_str!("../../../locales/de/account.ftl")
        ),
    ),
    (
        Language::Fr,
        concat!(
            include_str!("../../../locales/fr/pages.ftl"),
            "\n",
            include_str!("../../../locales/fr/account.ftl")
        ),
    ),
];

static WORDS: LazyLock<[Words; 3]> =
    LazyLock::new(|| SOURCES.map(|(language, source)| Words::read(language, source)));

impl Words {
    /// The words of a language; read once per program.
    pub(crate) fn of(language: Language) -> &'static Self {
        let [en, de, fr] = &*WORDS;
        match language {
            Language::En => en,
            Language::De => de,
            Language::Fr => fr,
        }
    }

    /// A text without gaps; its id itself when there is no such text, so that a hole is seen, not lost.
    pub(crate) fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A text with one gap filled in.
    pub(crate) fn fill(&self, id: &str, gap: &str, value: &str) -> String {
        self.say_with(id, &[(gap, value)])
    }

    /// A text with its gaps filled in.
    pub(crate) fn say_with(&self, id: &str, gaps: &[(&str, &str)]) -> String {
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

    fn read(language: Language, source: &str) -> Self {
        let tag: LanguageIdentifier = match language {
            Language::En => langid!("en"),
            Language::De => langid!("de"),
            Language::Fr => langid!("fr"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks would end up inside attributes; names are set off by the markup instead.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
