//! A selection: a saved filter over people, evaluated at use and never a stored list.

use crate::id::{PersonId, SelectionId};
use serde::Serialize;

/// A saved filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Its id.
    pub id: SelectionId,
    /// Its unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The filter as written; see `filter`.
    pub filter: String,
    /// At most so many people, in the order of their ids; `None`: all.
    pub size_limit: Option<i64>,
    /// The zone `today` means (IANA).
    pub time_zone: String,
    /// Who created it.
    pub author_id: PersonId,
    /// Everyone who edited it since somebody answered for it alone; empty: nobody after its author. Their ranks bound
    /// every run that uses it (requirement A6), see [`Selection::shapers`].
    pub editors: Vec<PersonId>,
    /// Only published ones can be used.
    pub published: bool,
    /// Archived ones cannot be used.
    pub archived: bool,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// Last changed, milliseconds since 1970.
    pub updated_at: i64,
}

impl Selection {
    /// Everyone who answers for it: whoever edited it last, else its author.
    #[must_use]
    pub fn shapers(&self) -> Vec<PersonId> {
        if self.editors.is_empty() { vec![self.author_id] } else { self.editors.clone() }
    }
}
