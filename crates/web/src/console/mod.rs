//! The operators' console: setup of the first Owner, sign-in, the start page and a run's page.

pub(crate) mod login;
mod progress_bar;
pub(crate) mod runs;
pub(crate) mod setup;
pub(crate) mod start;
