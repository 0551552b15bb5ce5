//! The languages Passpost speaks to people in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A language with a complete set of mails and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English, the fallback.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
}

impl Language {
    /// Every language, in the order menus show them.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Fr];

    /// The tag as in HTML's `lang` (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
        }
    }

    /// The language that serves a person's BCP 47 tag (`de-AT` is served by German), if there is one.
    #[must_use]
    pub fn for_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4), if any of ours is acceptable.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in accept_language.split(',') {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if let Some(language) = Self::for_tag(tag)
                && quality > best.map_or(0.0, |(_, q)| q)
            {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_served_by_its_language() {
        assert_eq!(Language::for_tag("de-AT"), Some(Language::De));
        assert_eq!(Language::for_tag("FR_ca"), Some(Language::Fr));
        assert_eq!(Language::for_tag("pt"), None);
    }

    #[test]
    fn the_browser_gets_the_language_it_likes_best() {
        assert_eq!(Language::negotiate("pt, fr;q=0.8, de;q=0.9"), Some(Language::De));
        assert_eq!(Language::negotiate("pt"), None);
        assert_eq!(Language::negotiate("en;q=0"), None);
    }
}
