//! The words of the pages, read from the same files the program was built with.

/// A language the pages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language {
    /// Its tag.
    pub(crate) tag: &'static str,
    /// How the subject of its mail begins.
    pub(crate) subject: &'static str,
    pages: [&'static str; 2],
}

macro_rules! language {
    ($tag:literal, $subject:literal) => {
        Language {
            tag: $tag,
            subject: $subject,
            pages: [
                include_str!(concat!("../../../../locales/", $tag, "/pages.ftl")),
                include_str!(concat!("../../../../locales/", $tag, "/preferences.ftl")),
            ],
        }
    };
}

pub(crate) const ENGLISH: Language = language!("en", "Your new password");
pub(crate) const GERMAN: Language = language!("de", "Ihr neues Passwort");
pub(crate) const FRENCH: Language = language!("fr", "Votre nouveau mot de passe");

impl Language {
    /// The text with this id, without gaps.
    pub(crate) fn say(self, id: &str) -> &'static str {
        let mut lines = self.pages.into_iter().flat_map(str::lines);
        let found = lines.find_map(|line| line.strip_prefix(id)?.strip_prefix(" = "));
        found.unwrap_or_else(|| panic!("{} has no text {id}", self.tag))
    }
}
