//! Tools for tests of every crate: development only, never part of the program.

pub mod relay;
