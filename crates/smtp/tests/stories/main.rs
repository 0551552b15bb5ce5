//! Stories about handing mail to a relay, told against a scripted one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod handing_over;
mod losses;
mod scene;
mod security;
mod stopping;
