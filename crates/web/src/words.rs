//! The words of the pages in each language, from `locales/`: a file for what recipients see, one for each area of
//! the console.

use crate::console::grouped;
use domain::language::Language;
use domain::sentence::{Piece, Sentence, Tell};
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

/// The files of a language.
macro_rules! files {
    ($language:literal) => {
        &[
            include_str!(concat!("../../../locales/", $language, "/pages.ftl")),
            include_str!(concat!("../../../locales/", $language, "/preferences.ftl")),
            include_str!(concat!("../../../locales/", $language, "/console.ftl")),
            include_str!(concat!("../../../locales/", $language, "/actions.ftl")),
            include_str!(concat!("../../../locales/", $language, "/people.ftl")),
            include_str!(concat!("../../../locales/", $language, "/selections.ftl")),
            include_str!(concat!("../../../locales/", $language, "/automations.ftl")),
            include_str!(concat!("../../../locales/", $language, "/events.ftl")),
            include_str!(concat!("../../../locales/", $language, "/mailings.ftl")),
            include_str!(concat!("../../../locales/", $language, "/runs.ftl")),
            include_str!(concat!("../../../locales/", $language, "/overview.ftl")),
            include_str!(concat!("../../../locales/", $language, "/templates.ftl")),
            include_str!(concat!("../../../locales/", $language, "/settings.ftl")),
            include_str!(concat!("../../../locales/", $language, "/audit.ftl")),
            // What the answers of relays mean, and what can stand in a template.
            include_str!(concat!("../../../locales/", $language, "/mail.ftl")),
            include_str!(concat!("../../../locales/", $language, "/account.ftl")),
            include_str!(concat!("../../../locales/", $language, "/users.ftl")),
            include_str!(concat!("../../../locales/", $language, "/keys.ftl")),
            include_str!(concat!("../../../locales/", $language, "/reference.ftl")),
            include_str!(concat!("../../../locales/", $language, "/refusals.ftl")),
        ]
    };
}

const SOURCES: [(Language, &[&str]); 3] =
    [(Language::En, files!("en")), (Language::De, files!("de")), (Language::Fr, files!("fr"))];

static WORDS: LazyLock<[Words; 3]> =
    LazyLock::new(|| SOURCES.map(|(language, sources)| Words::read(language, sources)));

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

    /// A text that depends on how many there are.
    pub(crate) fn count(&self, id: &str, gap: &str, number: i64) -> String {
        let mut arguments = FluentArgs::with_capacity(1);
        arguments.set(gap, number);
        self.format(id, &arguments)
    }

    /// A text with its gaps filled in.
    pub(crate) fn say_with(&self, id: &str, gaps: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::with_capacity(gaps.len());
        for (name, value) in gaps {
            arguments.set(*name, *value);
        }
        self.format(id, &arguments)
    }

    /// What is wrong, in these words. Numbers up to 999 choose between one and many.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> String {
        let mut arguments = FluentArgs::with_capacity(sentence.pieces().len());
        for (name, piece) in sentence.pieces() {
            match piece {
                Piece::Number(number) if number.unsigned_abs() < 1_000 => arguments.set(*name, *number),
                other => arguments.set(*name, self.piece(other)),
            }
        }
        self.format(sentence.code(), &arguments)
    }

    /// What tells such a sentence.
    pub(crate) fn tell<T: Tell>(&self, told: &T) -> String {
        self.sentence(&Sentence::of(told))
    }

    /// A value of a sentence.
    pub(crate) fn piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Number(number) => grouped(*number),
            Piece::Sentence(sentence) => self.sentence(sentence),
        }
    }

    fn format(&self, id: &str, arguments: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut problems = Vec::new();
        self.bundle.format_pattern(pattern, Some(arguments), &mut problems).into_owned()
    }

    /// The word for a state of a run or a recipient, named as it is stored.
    pub(crate) fn state(&self, state: &str) -> String {
        self.say(&format!("state-{}", state.replace('_', "-")))
    }

    /// Why somebody was left out, named as it is stored; a name we do not know stays as it is.
    pub(crate) fn reason(&self, reason: &str) -> String {
        let id = format!("reason-{}", reason.replace('_', "-"));
        if self.bundle.has_message(&id) { self.say(&id) } else { reason.to_owned() }
    }

    /// What the class of an answer means, named as it is stored; `None`: it is no class we know.
    pub(crate) fn cause(&self, class: &str) -> Option<String> {
        let id = format!("cause-{}", class.replace('_', "-"));
        self.bundle.has_message(&id).then(|| self.say(&id))
    }

    /// A text that may not be there.
    pub(crate) fn find(&self, id: &str) -> Option<String> {
        self.bundle.has_message(id).then(|| self.say(id))
    }

    /// What somebody did, by its name in the audit log; a name without a text stays as it is.
    pub(crate) fn action(&self, action: &str) -> String {
        let id = format!("action-{}", action.replace(['.', '_'], "-"));
        if self.bundle.has_message(&id) { self.say(&id) } else { action.to_owned() }
    }

    /// As what somebody acted, by its name in the audit log.
    pub(crate) fn actor(&self, actor: &str) -> String {
        let id = format!("actor-{}", actor.replace([' ', '_'], "-"));
        if self.bundle.has_message(&id) { self.say(&id) } else { actor.to_owned() }
    }

    /// What a page says was just done, by the code in its address; `None`: there is no such text, so that nobody can
    /// make a page say what they like. The number is one, or nothing.
    pub(crate) fn done(&self, code: &str, number: &str) -> Option<String> {
        let id = format!("toast-{code}");
        let number = if number.len() <= 12 { number.parse::<i64>().unwrap_or_default() } else { 0 };
        self.bundle.has_message(&id).then(|| self.fill(&id, "n", &grouped(number)))
    }

    fn read(language: Language, sources: &[&str]) -> Self {
        let tag: LanguageIdentifier = match language {
            Language::En => langid!("en"),
            Language::De => langid!("de"),
            Language::Fr => langid!("fr"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks would end up inside attributes; names are set off by the markup instead.
        bundle.set_use_isolating(false);
        for source in sources {
            let source = (*source).to_owned();
            let resource = FluentResource::try_new(source).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
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

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod sentence_tests;
