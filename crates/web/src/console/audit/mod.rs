//! The audit log: who did what to whom, when and from where; looked through, verified, saved as a file.

pub(crate) mod download;
pub(crate) mod list;
mod names;
pub(crate) mod verify;
mod wanted;
