//! Stories of runs, told from outside: a databank, an automation, a relay, and what people can sign in with.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod control;
mod notice;
mod notice_relay;
mod relay;
mod relay_pause;
mod rescue;
mod rights;
mod run;
mod schedule;
