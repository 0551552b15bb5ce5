//! A run as a line of a table.

use crate::console::operator::Operator;
use crate::console::progress::{self, Part, grouped};
use store::run::Run;

/// A run in a list.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// Why it paused, or what it waits for.
    pub(crate) cause: String,
    pub(crate) created: String,
    pub(crate) people: String,
    pub(crate) accepted: String,
    pub(crate) failed: String,
    pub(crate) left_out: String,
    pub(crate) percent: i64,
    pub(crate) parts: Vec<Part>,
}

impl Line {
    pub(crate) fn of(operator: &Operator, run: &Run) -> Self {
        let counts = &run.counts;
        Self {
            id: run.id.to_string(),
            number: run.number,
            name: run.name.clone(),
            state: run.state.as_str(),
            cause: run.cause.clone().filter(|_| !run.state.is_over()).unwrap_or_default(),
            created: operator.at(run.created_at),
            people: grouped(counts.total),
            accepted: grouped(counts.accepted),
            failed: grouped(counts.refused + counts.unknown),
            left_out: grouped(counts.left_out),
            percent: progress::percent(counts),
            parts: progress::parts(counts),
        }
    }
}
