//! The operators' console: setup of the first Owner, sign-in with its second step, the start page and a run's page.

pub(crate) mod login;
pub(crate) mod login_code;
pub(crate) mod login_enrol;
mod progress_bar;
pub(crate) mod prove;
pub(crate) mod runs;
pub(crate) mod second_factor;
pub(crate) mod setup;
pub(crate) mod start;
