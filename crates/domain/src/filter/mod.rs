//! The filter language of selections: the SCIM filter grammar (RFC 7644 §3.4.2.2) over a published
//! list of attributes, with times relative to the moment of use.
//!
//! A text goes through four steps, each a file: `token` cuts it, `syntax` finds the structure, `check`
//! looks the names up in the `catalogue`, and `resolve` fills in times and reused selections. The
//! store turns what comes out into one SQL condition. What the operators mean is decided in
//! docs/decisions/0003-filter-semantics.md.

mod builder;
mod builder_move;
mod catalogue;
mod check;
mod facts;
mod moment;
mod problem;
mod resolve;
mod said;
mod syntax;
mod token;
mod tree;

#[cfg(test)]
mod tests;

pub use builder::{Container, Criterion, MOST_LEVELS, MOST_ROWS, Part, Unfinished, When};
pub use builder_move::{Change, Way};
pub use catalogue::{AttributeDefinition, Catalogue, Entry, Kind};
pub use facts::{Fact, Folding};
pub use moment::{Moment, Step, Unit};
pub use problem::Problem;
pub use resolve::{
    Comparison, MOST_RESOLVED_DEPTH, MOST_RESOLVED_TERMS, MOST_REUSE, Resolved, SavedSelection, Surroundings,
    Test, resolve,
};
pub use said::{Compared, Fault, Hint, May};
pub use syntax::{MOST_BYTES, MOST_DEPTH, MOST_TERMS};
pub use tree::{Attribute, Filter, Operator, Place, Value};

/// Reads a filter.
///
/// # Errors
/// What is wrong first, and where.
pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Filter, Problem> {
    let node = syntax::read(text)?;
    check::Check { text, catalogue }.filter(node, false)
}
