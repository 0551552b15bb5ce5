//! What can be chosen in a list of a form, as templates show it.

/// One line of a list.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { is_chosen: value == chosen, label: label.into(), value }
    }

    /// The names themselves, after a line for none of them. A chosen one that is not there is still shown, so that
    /// opening and saving a form changes nothing.
    pub(crate) fn of_names(names: &[String], none: String, chosen: &str) -> Vec<Self> {
        let mut choices = vec![Self::new("", none, chosen)];
        choices.extend(names.iter().map(|name| Self::new(name.as_str(), name.as_str(), chosen)));
        if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
            choices.push(Self::new(chosen, format!("{chosen} (?)"), chosen));
        }
        choices
    }
}

/// Every time zone by its IANA name, for lists that complete what is typed.
pub(crate) fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}
