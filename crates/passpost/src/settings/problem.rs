//! What is wrong with a setting: where it stands, which one it is and what is allowed.

use std::fmt;

/// One wrong or unknown setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `passpost.toml:12:1` or the name of a variable; empty: the setting is missing.
    pub(crate) place: String,
    /// As in `smtp[0].url`; empty: the file as a whole.
    pub(crate) key: String,
    /// What is wrong and what would be right.
    pub(crate) text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.place, &self.key] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.text)
    }
}

/// Why the settings cannot be used; every problem stands on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingsError(pub(crate) Vec<Problem>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => one.fmt(f),
            several => {
                write!(f, "{} settings are wrong", several.len())?;
                several.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl std::error::Error for SettingsError {}

/// Collects problems while sections are resolved; places are looked up afterwards.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(String, String)>);

impl Problems {
    /// Notes that a setting is wrong.
    pub(crate) fn add(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.0.push((key.into(), text.into()));
    }

    /// Keeps the value or notes the error.
    pub(crate) fn keep<T>(&mut self, key: &str, result: Result<T, impl Into<String>>) -> Option<T> {
        result.map_err(|text| self.add(key, text)).ok()
    }

    /// A number within bounds, or a note.
    pub(crate) fn within<T>(&mut self, key: &str, value: T, bounds: std::ops::RangeInclusive<T>) -> T
    where
        T: PartialOrd + fmt::Display + Copy,
    {
        if !bounds.contains(&value) {
            self.add(key, format!("expected {} to {}, not {value}", bounds.start(), bounds.end()));
        }
        value
    }

    /// Whether all is well.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems with their places.
    pub(crate) fn placed(self, place_of: impl Fn(&str) -> String) -> SettingsError {
        SettingsError(
            self.0.into_iter().map(|(key, text)| Problem { place: place_of(&key), key, text }).collect(),
        )
    }
}
