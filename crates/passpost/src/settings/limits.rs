//! How far anything may go: people, time, refusals.

use super::problem::Problems;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    people_per_run: u32,
    people_per_day: u32,
    confirm_above: u32,
    approve_above: u32,
    grace_hours: u32,
    relay_patience_minutes: u32,
    refused_in_a_row: u32,
    refused_percent: u8,
    signin_failures_per_minute: u32,
    signin_failures_per_hour: u32,
    reset_requests_during_mailing: u32,
    mailing_recent_hours: u32,
    keep_events_days: u32,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            people_per_run: 250_000,
            people_per_day: 1_000_000,
            confirm_above: 100,
            approve_above: 0,
            grace_hours: 24,
            relay_patience_minutes: 10,
            refused_in_a_row: 20,
            refused_percent: 5,
            signin_failures_per_minute: 20,
            signin_failures_per_hour: 200,
            reset_requests_during_mailing: 500,
            mailing_recent_hours: 72,
            keep_events_days: 30,
        }
    }
}

/// Bounds of runs and of guessing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) people_per_run: u32,
    pub(crate) people_per_day: u32,
    /// Above so many people an operator types the number.
    pub(crate) confirm_above: u32,
    /// Above so many people a second operator approves; 0: never.
    pub(crate) approve_above: u32,
    /// A missed occurrence still runs when it is at most so late.
    pub(crate) grace_hours: u32,
    /// A run pauses when no relay could be used for so long.
    pub(crate) relay_patience_minutes: u32,
    /// A run pauses after so many permanent refusals in a row.
    pub(crate) refused_in_a_row: u32,
    /// A run pauses when more than this part was refused for good.
    pub(crate) refused_percent: u8,
    /// Failed sign-ins of one network.
    pub(crate) signin_failures_per_minute: u32,
    pub(crate) signin_failures_per_hour: u32,
    /// Requests for links of one network in ten minutes, while a mailing is recent.
    pub(crate) reset_requests_during_mailing: u32,
    /// How long after its end a mailing is recent.
    pub(crate) mailing_recent_hours: u32,
    /// How long events are kept, with what they led to.
    pub(crate) keep_events_days: u32,
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Limits> {
    Some(Limits {
        people_per_run: problems.within("limits.people_per_run", raw.people_per_run, 1..=100_000_000),
        people_per_day: problems.within("limits.people_per_day", raw.people_per_day, 1..=100_000_000),
        confirm_above: problems.within("limits.confirm_above", raw.confirm_above, 0..=100_000_000),
        approve_above: problems.within("limits.approve_above", raw.approve_above, 0..=100_000_000),
        grace_hours: problems.within("limits.grace_hours", raw.grace_hours, 0..=720),
        relay_patience_minutes: problems.within(
            "limits.relay_patience_minutes",
            raw.relay_patience_minutes,
            1..=1_440,
        ),
        refused_in_a_row: problems.within("limits.refused_in_a_row", raw.refused_in_a_row, 1..=10_000),
        refused_percent: problems.within("limits.refused_percent", raw.refused_percent, 1..=100),
        signin_failures_per_minute: problems.within(
            "limits.signin_failures_per_minute",
            raw.signin_failures_per_minute,
            1..=10_000,
        ),
        signin_failures_per_hour: problems.within(
            "limits.signin_failures_per_hour",
            raw.signin_failures_per_hour,
            1..=100_000,
        ),
        reset_requests_during_mailing: problems.within(
            "limits.reset_requests_during_mailing",
            raw.reset_requests_during_mailing,
            10..=100_000,
        ),
        mailing_recent_hours: problems.within(
            "limits.mailing_recent_hours",
            raw.mailing_recent_hours,
            0..=720,
        ),
        keep_events_days: problems.within("limits.keep_events_days", raw.keep_events_days, 3..=3_650),
    })
}
