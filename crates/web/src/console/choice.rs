//! Lists to choose from, for `ui::choice`.

/// One line of a list to choose from.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Choice {
    /// A list in which the present value is chosen.
    pub(crate) fn list<V: Into<String>>(
        lines: impl IntoIterator<Item = (V, String)>,
        present: &str,
    ) -> Vec<Self> {
        lines
            .into_iter()
            .map(|(value, label)| {
                let value = value.into();
                Self { is_chosen: value == present, value, label }
            })
            .collect()
    }
}
