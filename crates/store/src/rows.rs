//! Many rows as input of one statement.

use crate::value::{Kind, Value};

/// A table of values that a statement reads as `{rows}`, under the name `r`.
#[derive(Debug, Clone)]
pub struct Rows {
    columns: &'static [(&'static str, Kind)],
    values: Vec<Value>,
}

impl Rows {
    /// An empty table with these columns.
    #[must_use]
    pub const fn new(columns: &'static [(&'static str, Kind)]) -> Self {
        Self { columns, values: Vec::new() }
    }

    /// Adds a row; values in the order of the columns.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.columns.len(), "a value for each column");
        self.values.extend(row);
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) const fn columns(&self) -> &'static [(&'static str, Kind)] {
        self.columns
    }

    /// Row by row, for SQLite.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Value]> {
        self.values.chunks(self.columns.len().max(1))
    }

    /// Column by column, for PostgreSQL.
    pub(crate) fn column(&self, place: usize) -> Vec<&Value> {
        self.values.iter().skip(place).step_by(self.columns.len().max(1)).collect()
    }
}
