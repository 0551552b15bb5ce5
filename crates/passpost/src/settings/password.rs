//! What passwords look like, chosen ones and mailed ones.

use super::problem::Problems;
use auth::password_rules::Blocklist;
use domain::password::{Generator, WordList};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    min_length: u32,
    least_strength: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    words_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocklist_file: Option<PathBuf>,
    valid_hours: u32,
    remail_after_hours: u32,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            min_length: 15,
            least_strength: 3,
            words_file: None,
            blocklist_file: None,
            valid_hours: 24,
            remail_after_hours: 24,
        }
    }
}

/// Rules of chosen passwords, and how mailed ones are made.
#[derive(Debug, Clone)]
pub(crate) struct Password {
    pub(crate) min_length: usize,
    /// 0 to 4; 0 asks for nothing.
    pub(crate) least_strength: u8,
    pub(crate) generator: Generator,
    pub(crate) blocklist: Blocklist,
    /// What a new automation begins with.
    pub(crate) valid_hours: u32,
    /// What a new automation begins with.
    pub(crate) remail_after_hours: u32,
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Password> {
    // Fewer than 15 only where a second factor is enrolled, which this version does not have.
    let min_length = problems.within("password.min_length", raw.min_length, 15..=64);
    let least_strength = problems.within("password.least_strength", raw.least_strength, 0..=4);
    let generator = match &raw.words_file {
        None => Some(Generator::Symbols),
        Some(file) => {
            let list = read(file).and_then(|text| {
                WordList::parse(&text).map_err(|problem| format!("{}, {problem}", file.display()))
            });
            problems.keep("password.words_file", list).map(Generator::Words)
        }
    };
    let blocklist = match &raw.blocklist_file {
        None => Some(Blocklist::default()),
        Some(file) => {
            problems.keep("password.blocklist_file", read(file)).map(|text| Blocklist::parse(&text))
        }
    };
    let valid_hours = problems.within("password.valid_hours", raw.valid_hours, 1..=336);
    let remail_after_hours = problems.within("password.remail_after_hours", raw.remail_after_hours, 0..=8_760);
    Some(Password {
        min_length: usize::try_from(min_length).ok()?,
        least_strength,
        generator: generator?,
        blocklist: blocklist?,
        valid_hours,
        remail_after_hours,
    })
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{} cannot be read ({error})", file.display()))
}
