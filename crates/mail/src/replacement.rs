//! The replacements: everything an operator can write between `{{` and `}}`, in one list.

use crate::words::Words;
use domain::language::Language;

macro_rules! replacements {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// One thing a template can show.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Replacement { $($(#[$doc])* $variant),+ }

        impl Replacement {
            /// Every one, in the order the console lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As written between `{{` and `}}`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

replacements! {
    /// A greeting line.
    Salutation = "salutation",
    /// What to call the person.
    FullName = "full_name",
    /// Given name.
    GivenName = "given_name",
    /// Family name.
    FamilyName = "family_name",
    /// What the person signs in with.
    Username = "username",
    /// Where the mail goes.
    Address = "address",
    /// The new password.
    Password = "password",
    /// Until when it is good.
    ValidUntil = "valid_until",
    /// The sign-in page.
    LoginUrl = "login_url",
    /// Whom to ask.
    HelpContact = "help_contact",
    /// The operator's name.
    Organisation = "organisation",
    /// The tag of the mail's language.
    Language = "language",
    /// The operator's colour.
    Accent = "accent",
    /// Black or white on that colour.
    OnAccent = "on_accent",
}

/// A line of the console's list beside the template editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The replacement.
    pub replacement: Replacement,
    /// How to write it.
    pub written: String,
    /// What it becomes, in the reader's language.
    pub meaning: String,
}

/// Every replacement with how it is written and what it becomes.
#[must_use]
pub fn list(language: Language) -> Vec<Described> {
    let words = Words::of(language);
    Replacement::ALL
        .iter()
        .map(|&replacement| Described {
            replacement,
            written: format!("{{{{ {} }}}}", replacement.name()),
            meaning: words.say(&format!("replacement-{}", replacement.name())),
        })
        .collect()
}

impl Replacement {
    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// Whether its value differs from recipient to recipient; the others are the same for a whole run.
    #[must_use]
    pub const fn is_per_recipient(self) -> bool {
        matches!(
            self,
            Self::Salutation
                | Self::FullName
                | Self::GivenName
                | Self::FamilyName
                | Self::Username
                | Self::Address
                | Self::Password
                | Self::ValidUntil
        )
    }

    /// Whether it is a colour, the only kind of value that may stand in a style.
    #[must_use]
    pub const fn is_colour(self) -> bool {
        matches!(self, Self::Accent | Self::OnAccent)
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_explains_every_replacement_in_every_language() {
        for language in Language::ALL {
            for line in list(language) {
                assert!(!line.meaning.starts_with("replacement-"), "{language}: {line:?}");
                assert_eq!(line.written, format!("{{{{ {} }}}}", line.replacement.name()));
            }
        }
        assert_eq!(Replacement::parse("password"), Some(Replacement::Password));
        assert_eq!(Replacement::parse("secret"), None);
    }
}
