//! When a time-based automation runs: a start, a repetition, the days allowed and an end, read in one time zone.
//!
//! ```text
//! input ──validate──▶ Schedule ──repetition──▶ wall times ──days, holidays──▶ slots ──wall──▶ Occurrence ──due──▶ run, missed
//! ```
//!
//! Every occurrence is a wall-clock time computed from the start (`start + k·every`), so neither a shift nor a late
//! run moves a later one. Rules decided here:
//!
//! - **Hours are wall-clock hours**: every 6 hours from 09:00 means 09:00, 15:00, 21:00 and 03:00 on every day of
//!   the year. Counting elapsed hours instead was rejected: it moves all later runs by an hour at each clock change.
//! - A wall time that the clock skips runs at the first instant after the gap; one that comes twice runs the
//!   first time.
//! - A day not allowed moves the run to the next allowed day at the same wall time. Runs that meet at one instant are
//!   one run. If the instant after a gap lies on the next day (the clock may jump at midnight) and that day is not
//!   allowed, the search goes on.
//! - The frame is closed: a run exactly at the start or at the end takes place. Without an end, a repetition ends
//!   five years after its start, for no automation lives longer.
//!
//! Days are decided by [`DayRule`] alone; [`TimeFrame`], that of event-based automations, adds its hours beside it.

mod days;
mod describe;
mod due;
mod frame;
mod holidays;
mod occurrence;
mod repetition;
mod validate;
mod walk;
pub(crate) mod wall;

#[cfg(test)]
mod tests;

pub use days::{DayRule, ExecutionDays, HolidayRule};
pub use due::{Due, MISSED_LISTED, Missed, MissedReason};
pub use frame::{Hours, HoursInput, Standing, TimeFrame, TimeFrameInput};
pub use holidays::{Holiday, HolidayCalendar, HolidayInput};
pub use occurrence::{NotAKey, Occurrence, OccurrenceKey};
pub use repetition::{Repetition, Unit};
pub use validate::{InvalidSchedule, Problem, RepetitionInput, ScheduleInput};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The longest life of an automation, in years.
pub const LONGEST_LIFE_YEARS: i16 = 5;
/// How long before the end the reminder is mailed, in days.
pub const REMINDER_DAYS: i32 = 30;

/// A valid schedule; made by [`Schedule::new`] or by reading its JSON.
///
/// The JSON is that of [`ScheduleInput`]; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ScheduleInput", into = "ScheduleInput")]
pub struct Schedule {
    zone: TimeZone,
    zone_name: String,
    start: DateTime,
    repetition: Option<Repetition>,
    end: Option<DateTime>,
    latest: DateTime,
    delete_after_last: bool,
    days: ExecutionDays,
    holidays: HolidayRule,
}

impl Schedule {
    /// The IANA name of the zone all wall times are read in.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone_name
    }
    /// The first nominal wall time; without a repetition the only one.
    #[must_use]
    pub const fn start(&self) -> DateTime {
        self.start
    }
    /// The interval between nominal times, if it repeats.
    #[must_use]
    pub const fn repetition(&self) -> Option<Repetition> {
        self.repetition
    }
    /// The end that was set, if one was.
    #[must_use]
    pub const fn end(&self) -> Option<DateTime> {
        self.end
    }
    /// The last wall time at which anything may run: the end, else five years after the start.
    #[must_use]
    pub const fn latest(&self) -> DateTime {
        self.latest
    }
    /// Whether the automation is removed after its last run.
    #[must_use]
    pub const fn delete_after_last(&self) -> bool {
        self.delete_after_last
    }
    /// The days of the week on which it may run.
    #[must_use]
    pub const fn days(&self) -> ExecutionDays {
        self.days
    }
    /// What holidays mean for it.
    #[must_use]
    pub const fn holidays(&self) -> HolidayRule {
        self.holidays
    }
    /// Days and holidays as one rule over `calendar`.
    #[must_use]
    pub const fn day_rule<'a>(&self, calendar: &'a HolidayCalendar) -> DayRule<'a> {
        DayRule::new(self.days, self.holidays, calendar)
    }
}
