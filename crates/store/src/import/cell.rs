//! What stands in a cell: the guard against spreadsheet formulas, and group names in one cell.

use std::borrow::Cow;

/// Cells that start like this are formulas to a spreadsheet, in ASCII or in full-width letters.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Whether a spreadsheet could take the text for a formula, now or after one guard is taken away.
fn needs_guard(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// The text as it goes into a cell: with an apostrophe in front where a spreadsheet could compute it.
///
/// A text that has apostrophes before such a character of its own gets one more, so that
/// [`unguard`] gives back exactly what was there.
pub(crate) fn guard(text: &str) -> Cow<'_, str> {
    if needs_guard(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`guard`] was given.
pub(crate) fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_guard(rest) => rest,
        _ => cell,
    }
}

/// Group names as one cell: joined by `|`; a `|` or `\` inside a name has a `\` in front.
pub(crate) fn join_groups(names: &[String]) -> String {
    let mut cell = String::new();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            cell.push('|');
        }
        for c in name.chars() {
            if matches!(c, '|' | '\\') {
                cell.push('\\');
            }
            cell.push(c);
        }
    }
    cell
}

/// The names in a cell, trimmed, without empty ones; see [`join_groups`].
pub(crate) fn split_groups(cell: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(|next| matches!(next, '|' | '\\')) } else { None };
        match (c, escaped, names.last_mut()) {
            ('|', _, _) => names.push(String::new()),
            (_, escaped, Some(name)) => name.push(escaped.unwrap_or(c)),
            (_, _, None) => {}
        }
    }
    names.into_iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_cannot_start_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a"] {
            assert_eq!(guard(text), format!("'{text}"));
        }
        assert_eq!(guard("plain = text"), "plain = text");
        assert_eq!(guard("'quoted'"), "'quoted'");
        assert_eq!(guard("'=1"), "''=1");
    }

    #[test]
    fn a_group_name_may_contain_the_separator() {
        let names = vec!["a|b".to_owned(), "c\\".to_owned(), "d".to_owned()];
        assert_eq!(join_groups(&names), r"a\|b|c\\|d");
        assert_eq!(split_groups(r"a\|b|c\\|d"), names);
        assert_eq!(split_groups(" x || y |"), ["x", "y"]);
        assert_eq!(split_groups(r"a\b"), [r"a\b"]);
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(text in "['=+@a\t\r＝-]{0,6}") {
            let guarded = guard(&text);
            prop_assert!(!guarded.starts_with(FORMULA));
            prop_assert_eq!(unguard(&guarded), &text);
        }

        #[test]
        fn group_names_come_back(names in proptest::collection::vec("[a|\\\\]{1,5}", 1..4)) {
            prop_assert_eq!(split_groups(&join_groups(&names)), names);
        }
    }
}
