//! Mail addresses: parsed once at the edge, kept as given, looked up by a canonical form.

use crate::unverified::WORD_JOINER;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// The most octets a whole address may have (RFC 5321 §4.5.3.1.3, less the two angle brackets).
const MOST_OCTETS: usize = 254;
/// The most octets before the `@` (RFC 5321 §4.5.3.1.1).
const MOST_LOCAL_OCTETS: usize = 64;

/// A mail address that can be written to.
///
/// It keeps what was given (trimmed); [`Address::canonical`] is for finding a person, never for sending.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    given: String,
    canonical: String,
}

crate::sentences! {
    /// Why a text is no address.
    #[derive(Copy)]
    pub enum AddressError in "address" {
        Empty = "empty", "the address is empty; expected something like ada@example.org";
        TooLong = "too-long", "the address is longer than 254 octets, or its part before the @ longer than 64";
        At = "at", "expected exactly one @, as in ada@example.org";
        Character = "character",
            "the address may not contain white space, control characters, any of ()<>[]:;,\\\" or letters that only look like a-z";
        Local = "local", "the part before the @ may not start or end with a dot, nor have two in a row";
        Domain = "domain", "the part after the @ is not a domain name such as example.org";
    }
}

impl Address {
    /// Parses one address; display names, lists, comments and quoted local parts are refused.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let given = text.trim();
        if given.is_empty() {
            return Err(AddressError::Empty);
        }
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "()<>[]:;,\\\"".contains(c);
        if given.chars().any(|c| forbidden(c) || poses_as_ascii(c)) {
            return Err(AddressError::Character);
        }
        let (local, domain) = given.split_once('@').ok_or(AddressError::At)?;
        if domain.contains('@') {
            return Err(AddressError::At);
        }
        if local.is_empty() || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(AddressError::Local);
        }
        let ascii_domain = ascii_domain(domain)?;
        if local.len() > MOST_LOCAL_OCTETS || local.len() + 1 + ascii_domain.len() > MOST_OCTETS {
            return Err(AddressError::TooLong);
        }
        // ASCII only: a full case folding would make the dotless i, ß or the Kelvin sign match
        // somebody else's address (CVE-2019-19844).
        let local = local.nfc().collect::<String>().to_ascii_lowercase();
        Ok(Self { given: given.to_owned(), canonical: format!("{local}@{ascii_domain}") })
    }

    /// As it was given, trimmed.
    #[must_use]
    pub fn as_given(&self) -> &str {
        &self.given
    }

    /// The form two addresses are compared by when a person is looked up.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The form that goes into the envelope: the local part as given, the domain in A-labels.
    #[must_use]
    pub fn envelope(&self) -> String {
        let local = self.given.split('@').next().unwrap_or_default();
        format!("{local}@{}", self.domain())
    }

    /// The domain in lower-case A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.canonical.rsplit('@').next().unwrap_or_default()
    }

    /// Whether the relay must offer SMTPUTF8 (RFC 6531): the local part is not ASCII.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.given.split('@').next().unwrap_or_default().is_ascii()
    }
}

/// Whether Unicode calls a character equivalent to an ASCII one that it is not: the Kelvin sign, the
/// long s, full-width letters. Normalising them would let one address stand for another.
pub(crate) fn poses_as_ascii(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfkc().all(|equivalent| equivalent.is_ascii())
}

fn ascii_domain(domain: &str) -> Result<String, AddressError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::Domain)?;
    let labels_fit = ascii.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let numeric_top = ascii.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
    if !labels_fit || numeric_top || ascii.len() > 253 {
        return Err(AddressError::Domain);
    }
    Ok(ascii)
}

/// The canonical form of a user name: trimmed, NFC, ASCII letters lower-cased, without word joiners, which mails put into
/// it ([`crate::unverified::shown_username`]); a user name that is an address gets the address's canonical form.
#[must_use]
pub fn canonical_username(text: &str) -> String {
    if let Ok(address) = Address::parse(text) {
        return address.canonical;
    }
    if text.contains(WORD_JOINER) {
        return canonical_username(&text.replace(WORD_JOINER, ""));
    }
    if text.chars().any(poses_as_ascii) {
        return text.trim().to_ascii_lowercase();
    }
    text.trim().nfc().collect::<String>().to_ascii_lowercase()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_keeps_what_was_given_and_is_found_by_its_canonical_form() {
        let address = Address::parse(" Ada.Lovelace@Bücher.Example ").unwrap();
        assert_eq!(address.as_given(), "Ada.Lovelace@Bücher.Example");
        assert_eq!(address.canonical(), "ada.lovelace@xn--bcher-kva.example");
        assert_eq!(address.envelope(), "Ada.Lovelace@xn--bcher-kva.example");
    }

    #[test]
    fn a_domain_is_the_same_in_u_labels_and_a_labels() {
        let u = Address::parse("a@bücher.example").unwrap();
        let a = Address::parse("a@XN--BCHER-KVA.example").unwrap();
        assert_eq!(u.canonical(), a.canonical());
    }

    #[test]
    fn lists_comments_names_and_trailing_dots_are_refused() {
        for text in [
            "victim@x.example,attacker@y.example",
            "a@x.example;b@y.example",
            "a b@x.example",
            "<a@x.example>b@y.example",
            "(c)a@x.example",
            "a@x.example.",
            "a@@x.example",
            "a\r\nb@x.example",
            ".a@x.example",
            "a..b@x.example",
            "@x.example",
            "a@",
            "a@-x.example",
            "a@127.0.0.1",
            "",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn letters_that_only_look_alike_do_not_match() {
        let plain = Address::parse("mike.ks@example.org").unwrap();
        for twin in [
            "mıke.ks@example.org",
            "mike.\u{212a}s@example.org",
            "mike.kſ@example.org",
            "ｍike.ks@example.org",
        ] {
            assert!(
                Address::parse(twin).map_or(true, |twin| twin.canonical() != plain.canonical()),
                "{twin}"
            );
            assert_ne!(canonical_username(twin), plain.canonical(), "{twin}");
        }
    }

    #[test]
    fn a_user_name_has_one_canonical_form() {
        assert_eq!(canonical_username("  ADA "), "ada");
        assert_eq!(canonical_username("Ada@Example.ORG"), "ada@example.org");
        assert_eq!(canonical_username("Ada.\u{2060}L "), "ada.l", "as copied from a mail");
        assert_ne!(
            canonical_username("ad\u{2060}a@example.org"),
            "ada@example.org",
            "an address is left as it is"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fall_over(text in ".{0,80}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(!address.envelope().contains(['\r', '\n', ' ', '<', '>']));
                let again = Address::parse(address.canonical()).unwrap();
                prop_assert_eq!(again.canonical(), address.canonical());
            }
        }
    }
}
