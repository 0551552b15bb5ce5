//! Why a change is not made although the database could make it: the caller's fault, in words for people.

use crate::error::StoreError;
use domain::sentence::{Piece, Sentence};

/// A rule of Passpost that a change would break.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Acting on a system user needs a strictly higher rank (requirement P3).
    #[error("this takes a strictly higher rank than the person has")]
    Rank,
    /// A role or a custom role above one's own.
    #[error("a role can be given, made or changed only up to one's own rank")]
    RoleRank,
    /// The last Owner stays one, unblocked and without an end (requirement P9).
    #[error("this is the last Owner: make somebody else Owner first")]
    LastOwner,
    /// Whoever owns automations cannot be erased.
    #[error("the person owns automations ({}): block the person instead, or remove the automations first", numbers(.0))]
    OwnsAutomations(Vec<i64>),
    /// Whoever owns mailings cannot be erased.
    #[error("the person owns mailings ({}): block the person instead, or remove the mailings first", numbers(.0))]
    OwnsMailings(Vec<i64>),
    /// Something that is used cannot be taken away.
    #[error("{what} is used by {}: change that first", joined(.by))]
    InUse {
        /// What was to be taken away.
        what: String,
        /// What uses it, each with its kind and name.
        by: Vec<Piece>,
    },
    /// A value that does not fit its field.
    #[error("{field}: {message}")]
    Field {
        /// Which field.
        field: String,
        /// What would be right.
        message: Sentence,
    },
    /// The record is in a state in which this cannot be done.
    #[error("{0}")]
    State(Sentence),
}

/// What uses something, in a row.
pub(crate) fn joined(by: &[Piece]) -> String {
    let texts: Vec<String> = by.iter().map(Piece::to_string).collect();
    texts.join(", ")
}

fn numbers(numbers: &[i64]) -> String {
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    texts.join(", ")
}

impl Refusal {
    /// A value that does not fit its field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<Sentence>) -> Self {
        Self::Field { field: field.into(), message: message.into() }
    }
}

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The result of a change.
pub type ChangeResult<T> = std::result::Result<T, ChangeError>;
