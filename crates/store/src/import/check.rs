//! What may stand in the cells of a row.

use super::cell;
use domain::address::{Address, canonical_username};
use std::borrow::Cow;

/// The longest name, user name, external id or group name, in characters.
const LONGEST: usize = 200;

type Checked<T> = Result<T, Cow<'static, str>>;

/// A name: trimmed, no line breaks or control characters (they could end a mail header).
pub(super) fn name(text: &str) -> Checked<&str> {
    let text = text.trim();
    if text.chars().any(is_breaking) {
        return Err("line breaks and control characters are not allowed".into());
    }
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err("at most 200 characters are allowed".into());
    }
    Ok(text)
}

/// Control characters and the separators that some programs take for line breaks.
fn is_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A user name in canonical form.
pub(super) fn username(text: &str) -> Checked<String> {
    name(text).map(canonical_username)
}

/// An address that can be written to.
pub(super) fn address(text: &str) -> Checked<Address> {
    Address::parse(text).map_err(|error| error.to_string().into())
}

/// The form of a language tag (RFC 5646 §2.1: subtags of letters and digits, joined by hyphens).
pub(super) fn language(text: &str) -> Checked<&str> {
    let text = text.trim();
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let primary_fits = (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let rest_fits =
        subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary_fits && rest_fits && text.len() <= 35 {
        Ok(text)
    } else {
        Err("expected a language such as de or de-AT".into())
    }
}

/// A time zone of the IANA database.
pub(super) fn time_zone(text: &str) -> Checked<&str> {
    let text = text.trim();
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text),
        Err(_) => Err("expected a time zone such as Europe/Vienna".into()),
    }
}

/// A text attribute may have several lines, but nothing that databases or terminals stumble over.
pub(super) fn attribute_text(text: &str) -> Checked<&str> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err("control characters other than tab and line breaks are not allowed".into());
    }
    Ok(text)
}

/// The group names of a cell.
pub(super) fn groups(text: &str) -> Checked<Vec<String>> {
    let mut names = cell::split_groups(text);
    for one in &names {
        name(one)?;
    }
    names.sort();
    names.dedup();
    if names.len() > 100 {
        return Err("at most 100 groups are allowed in one row".into());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_a_line() {
        assert_eq!(name(" Ada "), Ok("Ada"));
        for text in ["a\r\nBcc: b", "a\0b", "a\u{85}b", "a\u{2028}b", "a\x1b[0m"] {
            assert!(name(text).is_err(), "{text:?}");
            assert!(groups(text).is_err(), "{text:?}");
        }
        assert!(name(&"é".repeat(200)).is_ok() && name(&"é".repeat(201)).is_err());
    }

    #[test]
    fn a_language_and_a_zone_exist_at_least_in_form() {
        assert_eq!(language(" de-AT "), Ok("de-AT"));
        assert!(
            language("german language").is_err() && language("d").is_err() && language("de--AT").is_err()
        );
        assert!(time_zone("Europe/Vienna").is_ok() && time_zone("Mars/Olympus").is_err());
    }
}
