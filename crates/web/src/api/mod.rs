//! For programs: checking a password, health. Errors are problems in JSON (RFC 9457).

pub(crate) mod health;
pub(crate) mod json;
pub(crate) mod problem;
pub(crate) mod sessions;
