//! Stories of runs, told from outside: a databank, an automation, a relay, and what people can sign in with.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod activation;
mod approval;
mod bounce;
mod confirm;
mod control;
mod event;
mod event_built_in;
mod event_chain;
mod event_people;
mod event_race;
mod event_rules;
mod late;
mod mailing;
mod mailing_funnel;
mod mailing_relay;
mod mailing_reminder;
mod notice;
mod notice_relay;
mod notice_row;
mod relay;
mod relay_pause;
mod rescue;
mod reset;
mod reset_bounce;
mod reset_relay;
mod rights;
mod run;
mod schedule;
mod template;
mod unverified;
