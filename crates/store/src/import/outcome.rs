//! What an import is told and what it tells.

use super::plan::Step;
use super::{Fault, check};
use crate::{Acting, StoreError};
use domain::address::Address;
use domain::person::full_name;
use domain::sentence::Sentence;

/// So many problems are told; the rest is only counted.
pub(super) const MOST_PROBLEMS: usize = 1_000;
/// So many rows are shown.
pub(super) const SAMPLE: usize = 20;

/// How to import.
#[derive(Debug, Clone)]
pub struct Options {
    /// `false`: only say what would happen.
    pub apply: bool,
    /// Everybody in the file is added to these groups; missing ones are made.
    pub groups_for_all: Vec<String>,
    /// What the file is called, for the event; empty: nobody knows.
    pub file: String,
    /// Who imports, for the audit log.
    pub acting: Acting,
    /// The time, milliseconds since 1970.
    pub now_ms: i64,
}

impl Options {
    /// A preview, with no groups for all.
    #[must_use]
    pub const fn preview(acting: Acting, now_ms: i64) -> Self {
        Self { apply: false, groups_for_all: Vec::new(), file: String::new(), acting, now_ms }
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub rows: u64,
    /// Bytes of the file read; a little ahead of the rows.
    pub bytes: u64,
}

/// What an import did, or as a preview would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// Rows of the file, without the header and blank ones.
    pub rows: u64,
    /// People added.
    pub created: u64,
    /// People changed.
    pub updated: u64,
    /// People who are as the file has them already.
    pub unchanged: u64,
    /// Rows refused.
    pub refused: u64,
    /// Groups made because rows name them.
    pub new_groups: Vec<String>,
    /// Why rows were refused, by line; the first thousand.
    pub problems: Vec<Problem>,
    /// The first rows that were not refused.
    pub sample: Vec<Sample>,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The line of the file the row begins on, from 1.
    pub line: u64,
    /// The column, when it is one.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub reason: Sentence,
}

impl Problem {
    pub(super) fn new(line: u64, column: Option<&str>, reason: impl Into<Sentence>) -> Self {
        Self { line, column: column.map(str::to_owned), reason: reason.into() }
    }
}

/// What becomes of a row that is not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A new person.
    Created,
    /// A person was changed.
    Updated,
    /// Everything was so already.
    Unchanged,
}

/// A row as it is understood.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sample {
    /// Its line.
    pub line: u64,
    /// What becomes of it.
    pub fate: Fate,
    /// The user name the person has afterwards.
    pub username: String,
    /// The address the person has afterwards.
    pub address: Option<String>,
    /// What the person is called afterwards.
    pub name: String,
    /// The groups the row names.
    pub groups: Vec<String>,
}

pub(super) fn sample(step: &Step<'_>) -> Sample {
    let (record, known) = (step.record, step.known);
    let username =
        record.username.as_deref().or(known.map(|known| known.username.as_str())).or(record.new_username());
    let username = username.unwrap_or_default();
    let address = record.address.as_ref().map(Address::as_given);
    let after =
        |new: &Option<String>, old: Option<&String>| new.as_ref().or(old).cloned().unwrap_or_default();
    Sample {
        line: record.line,
        fate: step.fate,
        username: username.to_owned(),
        address: address.or(known.and_then(|known| known.address.as_deref())).map(str::to_owned),
        name: full_name(
            &after(&record.display_name, known.map(|known| &known.display_name)),
            &after(&record.given_name, known.map(|known| &known.given_name)),
            &after(&record.family_name, known.map(|known| &known.family_name)),
            username,
        ),
        groups: record.groups.clone(),
    }
}

/// Why an import cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The header is wrong; nothing was done.
    #[error("line {line}{}: {reason}", column.as_ref().map_or_else(String::new, |(place, name)| format!(", column {place} ({name})")))]
    Header {
        /// Its line.
        line: u64,
        /// Which column, from 1, and its name.
        column: Option<(usize, String)>,
        /// What is wrong and what would be right.
        reason: Sentence,
    },
    /// A group for everybody has a name that cannot be one.
    #[error("the group {name:?}: {reason}")]
    Group {
        /// The name.
        name: String,
        /// What would be right.
        reason: Sentence,
    },
    /// A row is too long to be one.
    #[error("line {line}: the row is longer than 1 MiB; perhaps a quote is not closed")]
    Record {
        /// Where it begins.
        line: u64,
    },
    /// A quote has no end.
    #[error("line {line}: a quote is opened and not closed before the end of the file")]
    Quote {
        /// Where its row begins.
        line: u64,
    },
    /// The file cannot be read.
    #[error("after line {line} the file cannot be read: {reason}")]
    Read {
        /// About where.
        line: u64,
        /// What the system says.
        reason: String,
    },
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The import has begun and cannot go on; what was done stays. Importing the file again is safe.
    #[error("{cause} (up to there {} people were added and {} changed)", so_far.created, so_far.updated)]
    Stopped {
        /// Why.
        cause: Box<ImportError>,
        /// What was done.
        so_far: Box<Outcome>,
    },
}

impl ImportError {
    pub(super) fn header(line: u64, column: Option<(usize, String)>, reason: impl Into<Sentence>) -> Self {
        Self::Header { line, column, reason: reason.into() }
    }
}

/// The options with group names trimmed and without repetition.
pub(super) fn checked(mut options: Options) -> Result<Options, ImportError> {
    for name in &mut options.groups_for_all {
        let fail = |reason: Sentence| ImportError::Group { name: name.clone(), reason };
        let checked = check::name(name).map_err(fail)?;
        if checked.is_empty() {
            return Err(fail(Fault::GroupName.into()));
        }
        *name = checked.to_owned();
    }
    options.groups_for_all.sort();
    options.groups_for_all.dedup();
    Ok(options)
}
