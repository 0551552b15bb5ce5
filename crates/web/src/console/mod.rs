//! The operators' console: setup of the first Owner, sign-in with its second step, and a module for each place.
//!
//! A handler takes an [`operator::Operator`], reads or changes through `store`, `flow` or `auth`, and shows a page
//! inside the [`shell`] or goes to one that says what was done.

pub(crate) mod account;
pub(crate) mod archive;
pub(crate) mod audit;
pub(crate) mod automations;
pub(crate) mod choice;
pub(crate) mod events;
mod faults;
pub(crate) mod filled;
pub(crate) mod holidays;
pub(crate) mod kept;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod login;
pub(crate) mod login_code;
pub(crate) mod login_enrol;
pub(crate) mod mailings;
pub(crate) mod operator;
pub(crate) mod overview;
pub(crate) mod people;
mod permissions;
mod place;
mod progress;
pub(crate) mod prove;
mod refusal;
pub(crate) mod roles;
pub(crate) mod runs;
pub(crate) mod second_factor;
pub(crate) mod selections;
pub(crate) mod sending;
pub(crate) mod settings;
pub(crate) mod setup;
mod shell;
pub(crate) mod templates;
pub(crate) mod user_form;
pub(crate) mod users;

#[cfg(test)]
pub(crate) use audit::list::KINDS;
pub use audit::verify::Verifier;
pub(crate) use progress::grouped;
