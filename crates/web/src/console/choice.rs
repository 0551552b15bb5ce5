//! Lists of names to choose from: records by name, and time zones.

use crate::console::shell::Choice;

/// The names themselves, after a line for none of them. A chosen one that is not there is still shown, so that opening
/// and saving a form changes nothing.
pub(crate) fn names(names: &[String], none: String, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", none, chosen)];
    choices.extend(names.iter().map(|name| Choice::new(name.as_str(), name.as_str(), chosen)));
    if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
        choices.push(Choice::new(chosen, format!("{chosen} (?)"), chosen));
    }
    choices
}

/// Every time zone by its IANA name, for lists that complete what is typed.
pub(crate) fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}
