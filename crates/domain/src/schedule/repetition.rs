//! The nominal wall times of a schedule: the start plus whole multiples of its interval.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// What an interval is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Hours of the wall clock, not elapsed ones.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months; a day the month does not have becomes its last day.
    Months,
}

impl Unit {
    /// Every unit, in the order menus show them.
    pub const ALL: [Self; 4] = [Self::Hours, Self::Days, Self::Weeks, Self::Months];

    /// The longest interval: five years, the longest life of an automation.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Hours => 43_824,
            Self::Days => 1_826,
            Self::Weeks => 260,
            Self::Months => 60,
        }
    }
    /// One of it, in English.
    #[must_use]
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Hours => "hour",
            Self::Days => "day",
            Self::Weeks => "week",
            Self::Months => "month",
        }
    }
    /// Several of it, in English.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
        }
    }
}

/// An interval between nominal times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repetition {
    /// How many units lie between two nominal times; at most [`Unit::most`].
    pub every: NonZeroU32,
    /// The unit.
    pub unit: Unit,
}

/// The numbered wall times `start + k·every`, strictly increasing in `k`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nominal {
    start: DateTime,
    repetition: Option<Repetition>,
}

impl Nominal {
    pub(super) const fn new(start: DateTime, repetition: Option<Repetition>) -> Self {
        Self { start, repetition }
    }

    /// The wall time number `k`; `None` if there is none (no repetition, or beyond the calendar).
    pub(super) fn wall(&self, k: u32) -> Option<DateTime> {
        if k == 0 {
            return Some(self.start);
        }
        let Repetition { every, unit } = self.repetition?;
        let count = i64::from(k) * i64::from(every.get());
        // Always from the start: adding month after month would turn 31 January into the 28th for good.
        match unit {
            Unit::Hours => self.start.checked_add(SignedDuration::from_hours(count)),
            Unit::Days => self.start.checked_add(Span::new().try_days(count).ok()?),
            Unit::Weeks => self.start.checked_add(Span::new().try_weeks(count).ok()?),
            Unit::Months => self.start.checked_add(Span::new().try_months(count).ok()?),
        }
        .ok()
    }

    /// The smallest `k` whose wall time lies on `date` or later, found without counting up to it.
    pub(super) fn first_from(&self, date: Date) -> u32 {
        if date <= self.start.date() {
            return 0;
        }
        let Some(Repetition { every, unit }) = self.repetition else { return 1 };
        let every = i64::from(every.get());
        let seconds = match unit {
            Unit::Hours => every * 3_600,
            Unit::Days => every * 86_400,
            Unit::Weeks => every * 7 * 86_400,
            Unit::Months => return self.first_month_from(date, every),
        };
        let distance = date.at(0, 0, 0, 0).duration_since(self.start).as_secs();
        number((distance + seconds - 1) / seconds)
    }

    fn first_month_from(&self, date: Date, every: i64) -> u32 {
        let years = i64::from(date.year()) - i64::from(self.start.year());
        let months = years * 12 + i64::from(date.month()) - i64::from(self.start.month());
        let k = number(months / every);
        // Number k falls into the month of `date` or before; within that month it may still be too early.
        if self.wall(k).is_some_and(|wall| wall.date() < date) { k + 1 } else { k }
    }

    /// After how many numbers the time of day comes back.
    pub(super) fn cycle(&self) -> u32 {
        match self.repetition {
            Some(Repetition { every, unit: Unit::Hours }) => 24 / greatest_common_divisor(every.get(), 24),
            _ => 1,
        }
    }
}

/// A count that cannot be negative here and, within five years, is small.
fn number(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX - 1)
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn nominal(start: DateTime, every: u32, unit: Unit) -> Nominal {
        Nominal::new(start, Some(Repetition { every: NonZeroU32::new(every).unwrap(), unit }))
    }

    fn first(nominal: Nominal, count: u32) -> Vec<String> {
        (0..count).map(|k| nominal.wall(k).unwrap().strftime("%Y-%m-%d %H:%M").to_string()).collect()
    }

    #[test]
    fn months_clamp_to_their_end_and_come_back() {
        assert_eq!(
            first(nominal(date(2027, 12, 31).at(9, 0, 0, 0), 1, Unit::Months), 6),
            [
                "2027-12-31 09:00",
                "2028-01-31 09:00",
                "2028-02-29 09:00",
                "2028-03-31 09:00",
                "2028-04-30 09:00",
                "2028-05-31 09:00"
            ]
        );
        assert_eq!(
            first(nominal(date(2026, 1, 31).at(9, 0, 0, 0), 1, Unit::Months), 3),
            ["2026-01-31 09:00", "2026-02-28 09:00", "2026-03-31 09:00"]
        );
        assert_eq!(
            first(nominal(date(2024, 2, 29).at(9, 0, 0, 0), 12, Unit::Months), 5),
            [
                "2024-02-29 09:00",
                "2025-02-28 09:00",
                "2026-02-28 09:00",
                "2027-02-28 09:00",
                "2028-02-29 09:00"
            ]
        );
    }

    #[test]
    fn hours_days_and_weeks_count_from_the_start() {
        let start = date(2026, 12, 31).at(20, 0, 0, 0);
        assert_eq!(
            first(nominal(start, 5, Unit::Hours), 3),
            ["2026-12-31 20:00", "2027-01-01 01:00", "2027-01-01 06:00"]
        );
        assert_eq!(first(nominal(start, 3, Unit::Days), 2), ["2026-12-31 20:00", "2027-01-03 20:00"]);
        assert_eq!(first(nominal(start, 2, Unit::Weeks), 2), ["2026-12-31 20:00", "2027-01-14 20:00"]);
    }

    #[test]
    fn the_first_number_from_a_day_is_the_one_counting_finds() {
        let start = date(2026, 1, 31).at(9, 30, 0, 0);
        for unit in Unit::ALL {
            for every in [1, 2, 5, 7, 13] {
                let nominal = nominal(start, every, unit);
                for offset in -3..400 {
                    let day = start.date().checked_add(Span::new().days(offset)).unwrap();
                    let counted = (0..).find(|&k| nominal.wall(k).unwrap().date() >= day).unwrap();
                    assert_eq!(nominal.first_from(day), counted, "every {every} {unit:?} from {day}");
                }
            }
        }
        let once = Nominal::new(start, None);
        assert_eq!((once.first_from(date(2026, 1, 31)), once.first_from(date(2026, 2, 1))), (0, 1));
        assert_eq!(once.wall(1), None);
    }

    #[test]
    fn the_times_of_day_come_back_after_a_cycle() {
        let start = date(2026, 1, 1).at(0, 0, 0, 0);
        for (every, cycle) in [(1, 24), (5, 24), (6, 4), (24, 1), (36, 2), (7, 24)] {
            assert_eq!(nominal(start, every, Unit::Hours).cycle(), cycle, "every {every} hours");
        }
        assert_eq!(nominal(start, 7, Unit::Days).cycle(), 1);
    }
}
