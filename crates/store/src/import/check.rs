//! What may stand in the cells of a row: what the console takes, and what only files have.

use super::{Fault, cell};
use crate::person::check;
use domain::address::Address;
use domain::sentence::Sentence;

type Checked<T> = Result<T, Sentence>;

/// A name; see [`check::name`].
pub(super) fn name(text: &str) -> Checked<&str> {
    check::name(text).map_err(Into::into)
}

/// A user name in canonical form.
pub(super) fn username(text: &str) -> Checked<String> {
    check::username(text).map_err(Into::into)
}

/// An address that can be written to.
pub(super) fn address(text: &str) -> Checked<Address> {
    Address::parse(text).map_err(Into::into)
}

/// A language tag; see [`check::language`].
pub(super) fn language(text: &str) -> Checked<&str> {
    check::language(text).map_err(Into::into)
}

/// A time zone of the IANA database.
pub(super) fn time_zone(text: &str) -> Checked<&str> {
    check::time_zone(text).map_err(Into::into)
}

/// A text attribute may have several lines, but nothing that databases or terminals stumble over.
pub(super) fn attribute_text(text: &str) -> Checked<&str> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(Fault::Control.into());
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
        return Err(Fault::Groups.into());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_name_cannot_break_a_line_but_a_text_may_have_several() {
        for text in ["a\r\nBcc: b", "a\0b", "a\u{85}b", "a\u{2028}b", "a\x1b[0m"] {
            assert!(name(text).is_err(), "{text:?}");
            assert!(groups(text).is_err(), "{text:?}");
        }
        assert!(attribute_text("two\r\n\tlines").is_ok());
        assert!(attribute_text("a\0").is_err() && attribute_text("a\x1b[0m").is_err());
    }
}
