//! How long a job waits after its event.

use super::Problem;
use crate::recipient::named;
use crate::schedule::wall;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// What a delay is counted in.
    DelayUnit {
        /// Elapsed minutes.
        Minutes = "minutes",
        /// Elapsed hours.
        Hours = "hours",
        /// Days at the same time of the wall clock.
        Days = "days",
        /// Weeks at the same time of the wall clock.
        Weeks = "weeks",
        /// Months at the same time of the wall clock; a day the month does not have becomes its last day.
        Months = "months",
    }
}

impl DelayUnit {
    /// The longest delay: a year.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Minutes => 525_600,
            Self::Hours => 8_760,
            Self::Days => 365,
            Self::Weeks => 52,
            Self::Months => 12,
        }
    }
}

/// A delay; its JSON is `{"value": 2, "unit": "days"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DelayInput", into = "DelayInput")]
pub struct Delay {
    value: u32,
    unit: DelayUnit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DelayInput {
    value: i64,
    unit: DelayUnit,
}

impl Delay {
    /// So many of this unit.
    ///
    /// # Errors
    /// Not 1 to [`DelayUnit::most`]: a problem of the field `delay.value`.
    pub fn new(value: i64, unit: DelayUnit) -> Result<Self, Problem> {
        let valid = u32::try_from(value).ok().filter(|value| (1..=unit.most()).contains(value));
        valid.map(|value| Self { value, unit }).ok_or_else(|| {
            let message =
                format!("{value} is not a whole number of {unit} from 1 to {} (a year)", unit.most());
            Problem::new("delay.value", message)
        })
    }
    /// How many.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.value
    }
    /// Of what.
    #[must_use]
    pub const fn unit(self) -> DelayUnit {
        self.unit
    }

    /// When the delay after `from` is over.
    ///
    /// Minutes and hours elapse; days, weeks and months lead to the same time of the wall clock in `zone`: the first
    /// instant after a gap, the first of two in a fold. Beyond the years the calendar library can represent it is
    /// never over.
    #[must_use]
    pub fn due(self, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let value = i64::from(self.value);
        let span = match self.unit {
            DelayUnit::Minutes => return elapsed(from, SignedDuration::from_mins(value)),
            DelayUnit::Hours => return elapsed(from, SignedDuration::from_hours(value)),
            DelayUnit::Days => Span::new().try_days(value),
            DelayUnit::Weeks => Span::new().try_weeks(value),
            DelayUnit::Months => Span::new().try_months(value),
        };
        let wall = span.and_then(|span| zone.to_datetime(from).checked_add(span)).ok();
        wall.and_then(|wall| wall::instant(zone, wall)).unwrap_or(Timestamp::MAX)
    }
}

fn elapsed(from: Timestamp, time: SignedDuration) -> Timestamp {
    from.checked_add(time).unwrap_or(Timestamp::MAX)
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit.as_str();
        let unit = if self.value == 1 { unit.trim_end_matches('s') } else { unit };
        write!(f, "{} {unit}", self.value)
    }
}

impl TryFrom<DelayInput> for Delay {
    type Error = String;
    fn try_from(input: DelayInput) -> Result<Self, String> {
        Self::new(input.value, input.unit)
            .map_err(|problem| format!("{}: {}", problem.field, problem.message))
    }
}

impl From<Delay> for DelayInput {
    fn from(delay: Delay) -> Self {
        Self { value: delay.value.into(), unit: delay.unit }
    }
}
