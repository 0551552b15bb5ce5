//! The replacements: everything an operator can write between `{{` and `}}`, in one list.

use crate::template::TemplateKind;
use crate::words::Words;
use domain::language::Language;
use domain::mailing::Intent;
use std::fmt;

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
    /// Display name.
    DisplayName = "display_name",
    /// What the person signs in with.
    Username = "username",
    /// Where the mail goes.
    Address = "address",
    /// The page where a personal link can be asked for.
    RequestPasswordLink = "request_password_link",
    /// The page where this person sets a new password.
    PersonalLink = "personal_link",
    /// The new password.
    Password = "password",
    /// Until when the password or the link is good.
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

/// Before the name of a custom attribute.
pub(crate) const ATTRIBUTE: &str = "attribute";

/// What a template shows at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Shown {
    /// One of the list.
    Known(Replacement),
    /// A custom attribute, by name.
    Attribute(String),
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

/// Every replacement of the mail *your new password* with how it is written and what it becomes.
#[must_use]
pub fn list(language: Language) -> Vec<Described> {
    list_of(TemplateKind::NewPassword, language)
}

/// Every replacement of a kind of mail with how it is written and what it becomes.
#[must_use]
pub fn list_of(kind: TemplateKind, language: Language) -> Vec<Described> {
    let words = Words::of(language);
    let meaning = |replacement: Replacement| match (replacement, kind) {
        (Replacement::ValidUntil, TemplateKind::ResetLink | TemplateKind::Mailing(Intent::PersonalLink)) => {
            words.say("replacement-valid_until-link")
        }
        _ => words.say(&format!("replacement-{}", replacement.name())),
    };
    kind.replacements()
        .map(|replacement| Described {
            replacement,
            written: written(replacement.name()),
            meaning: meaning(replacement),
        })
        .collect()
}

/// How a custom attribute is written.
#[must_use]
pub fn written_attribute(name: &str) -> String {
    written(&format!("{ATTRIBUTE}.{name}"))
}

fn written(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

/// The name of a list that a mistyped one is closest to, if it is close at all.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 4).clamp(1, 3);
    known.map(|one| (distance(name, one), one)).filter(|(far, _)| *far <= most).min().map(|(_, one)| one)
}

/// How many letters must be put in, taken out or changed to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(60).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().take(60).enumerate() {
        let mut left = line + 1;
        let mut corner = line;
        for (place, b) in other.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or(left);
            let cost = (corner + usize::from(a != *b)).min(above + 1).min(left + 1);
            if let Some(cell) = row.get_mut(place) {
                *cell = left;
            }
            corner = above;
            left = cost;
        }
        if let Some(last) = row.last_mut() {
            *last = left;
        }
    }
    row.last().copied().unwrap_or(0)
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
                | Self::DisplayName
                | Self::Username
                | Self::Address
                | Self::RequestPasswordLink
                | Self::PersonalLink
                | Self::Password
                | Self::ValidUntil
        )
    }

    /// Whether it opens an account: it never enters the template engine, and its places are wiped.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::PersonalLink)
    }

    /// Whether it is an address that a link can lead to.
    #[must_use]
    pub const fn is_link(self) -> bool {
        matches!(self, Self::LoginUrl | Self::RequestPasswordLink | Self::PersonalLink)
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

impl Shown {
    pub(crate) const fn known(&self) -> Option<Replacement> {
        match self {
            Self::Known(replacement) => Some(*replacement),
            Self::Attribute(_) => None,
        }
    }

    pub(crate) const fn is_per_recipient(&self) -> bool {
        match self {
            Self::Known(replacement) => replacement.is_per_recipient(),
            Self::Attribute(_) => true,
        }
    }

    /// The secret, if it is one.
    pub(crate) fn secret(&self) -> Option<Replacement> {
        self.known().filter(|one| one.is_secret())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(replacement) => f.write_str(replacement.name()),
            Self::Attribute(name) => write!(f, "{ATTRIBUTE}.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_explains_every_replacement_in_every_language() {
        let mailings = Intent::ALL.iter().map(|intent| TemplateKind::Mailing(*intent));
        for kind in mailings.chain(TemplateKind::ALL) {
            for language in Language::ALL {
                for line in list_of(kind, language) {
                    assert!(!line.meaning.starts_with("replacement-"), "{language}: {line:?}");
                    assert_eq!(line.written, format!("{{{{ {} }}}}", line.replacement.name()));
                }
            }
        }
        assert_eq!(Replacement::parse("password"), Some(Replacement::Password));
        assert_eq!(Replacement::parse("secret"), None);
        assert_eq!(written_attribute("plan"), "{{ attribute.plan }}");
    }

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let near = |name: &str| nearest(name, Replacement::ALL.iter().map(|one| one.name()));
        for (name, meant) in [
            ("pasword", "password"),
            ("full_nam", "full_name"),
            ("personal_lnk", "personal_link"),
            ("request_pasword_lnk", "request_password_link"),
            ("adress", "address"),
            ("User_name", "username"),
        ] {
            assert_eq!(near(name), Some(meant), "{name}");
        }
        for name in ["x", "surname", "firstname", ""] {
            assert_eq!(near(name), None, "{name}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
