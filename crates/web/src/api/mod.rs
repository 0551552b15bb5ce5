//! For programs: everything operators can do, by key. Errors are problems in JSON (RFC 9457).
//!
//! A request passes [`program`] (its key, its limits), then [`repeat`] when it may be repeated, then its
//! handler, which stands next to its description; [`document`] makes the reference of all descriptions.

pub(crate) mod account_mails;
pub(crate) mod archive;
pub(crate) mod attributes;
pub(crate) mod audit;
pub(crate) mod automation_steps;
mod automation_view;
pub(crate) mod automations;
pub(crate) mod document;
mod event_body;
pub(crate) mod event_steps;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod health;
pub(crate) mod holidays;
pub(crate) mod json;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod mailings;
pub(crate) mod notices;
mod paging;
pub(crate) mod people;
pub(crate) mod people_care;
pub(crate) mod people_file;
mod person_view;
mod place;
pub(crate) mod problem;
pub(crate) mod program;
pub(crate) mod recipients;
mod repeat;
pub(crate) mod roles;
mod run_view;
pub(crate) mod runs;
pub(crate) mod schedules;
pub(crate) mod selections;
pub(crate) mod sessions;
pub(crate) mod templates;
mod time;
