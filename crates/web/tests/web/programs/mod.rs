//! Stories of programs: what a key opens, and what it does not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod actors;
mod case_keys;
mod case_repeat;
pub(crate) mod client;
mod event_steps;
mod events;
mod events_case;
mod examples;
mod files;
mod hostile;
mod limits;
mod mailings;
mod main_job;
mod offers;
mod places;
mod properties;
mod reference;
mod schema;
