//! The words of Passpost and their rules: pure values and functions, no input or output.
//!
//! Time and randomness are arguments everywhere in this crate. The six stages of the flow
//! (trigger, run, recipient, credential, message, delivery) are modules here, in `store`, in `flow`
//! and in the console, always spelled alike.

pub mod account_mail;
pub mod address;
pub mod automation;
pub mod credential;
pub mod csv;
pub mod delivery;
pub mod event;
pub mod event_job;
pub mod filter;
pub mod id;
pub mod language;
pub mod limit;
pub mod mailing;
pub mod message;
pub mod notice;
pub mod pace;
pub mod password;
pub mod person;
pub mod preference;
pub mod recipient;
pub mod role;
pub mod run;
pub mod schedule;
pub mod search_words;
pub mod secret;
pub mod selection;
pub mod sentence;
pub mod trigger;
pub mod unverified;
