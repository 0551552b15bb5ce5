//! What may stand in the fields of a person, for the console, the command line and the API.

use crate::refusal::Refusal;
use crate::wrong::Wrong;

/// The longest name, user name or external id, in characters.
const LONGEST: usize = 200;

/// A name: trimmed, at most 200 characters, no control characters (they could end a mail header).
///
/// # Errors
/// Says what would be right.
pub fn name(text: &str) -> Result<&str, Wrong> {
    let text = text.trim();
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
        || !text.is_ascii() && text.chars().any(is_breaking)
    {
        return Err(Wrong::Breaks);
    }
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err(Wrong::Long);
    }
    Ok(text)
}

/// Control characters and the separators that some programs take for line breaks.
fn is_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A user name in canonical form.
///
/// # Errors
/// Says what would be right.
pub fn username(text: &str) -> Result<String, Wrong> {
    let canonical = domain::address::canonical_username(name(text)?);
    if canonical.is_empty() { Err(Wrong::Username) } else { Ok(canonical) }
}

/// A language tag (BCP 47, RFC 5646 §2.1: subtags of letters and digits, joined by hyphens).
///
/// # Errors
/// Says what would be right.
pub fn language(text: &str) -> Result<&str, Wrong> {
    let text = text.trim();
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let primary_fits = (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let rest_fits =
        subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary_fits && rest_fits && text.len() <= 35 { Ok(text) } else { Err(Wrong::Language) }
}

/// A time zone of the IANA database.
///
/// # Errors
/// Says what would be right.
pub fn time_zone(text: &str) -> Result<&str, Wrong> {
    let text = text.trim();
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text),
        Err(_) => Err(Wrong::TimeZone),
    }
}

/// The place of a wrong value, for callers that check one record.
pub(crate) fn at(field: &'static str) -> impl Fn(Wrong) -> Refusal {
    move |message| Refusal::field(field, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_has_something_to_see() {
        assert_eq!(username(" Ada.\u{2060}L"), Ok("ada.l".to_owned()));
        for nothing in ["", " ", "\u{2060}", " \u{2060} "] {
            assert_eq!(username(nothing), Err(Wrong::Username), "{nothing:?}");
        }
    }

    #[test]
    fn a_name_cannot_break_a_line() {
        assert_eq!(name(" Ada "), Ok("Ada"));
        for text in ["a\r\nBcc: b", "a\0b", "a\u{85}b", "a\u{2028}b", "a\x1b[0m"] {
            assert!(name(text).is_err(), "{text:?}");
        }
        assert!(name(&"é".repeat(200)).is_ok() && name(&"é".repeat(201)).is_err());
    }

    #[test]
    fn a_language_and_a_zone_are_ones_that_exist_in_form() {
        assert_eq!(language(" de-AT "), Ok("de-AT"));
        assert!(
            language("german language").is_err() && language("d").is_err() && language("de--AT").is_err()
        );
        assert!(time_zone("Europe/Vienna").is_ok() && time_zone("Mars/Olympus").is_err());
    }
}
