//! Selections in the database.

mod condition;

pub use condition::Condition;
