//! The instants at which a schedule runs, and the questions the console and the scheduler ask about them.

use super::repetition::Nominal;
use super::walk::Walk;
use super::{HolidayCalendar, HolidayRule, REMINDER_DAYS, Schedule, wall};
use jiff::civil::DateTime;
use jiff::{Span, Timestamp};
use std::fmt;
use std::str::FromStr;

/// Names an occurrence within its automation: the nominal wall time, `2026-03-02T09:00:00`.
///
/// Two occurrences of a schedule never share a key. Of several nominal times that meet at one instant the latest gives
/// the key. Holidays do not enter it, so an occurrence that ran keeps its key when the calendar is edited later;
/// neither does the interval or the zone, so an edited automation does not repeat what ran under the same wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OccurrenceKey(DateTime);

impl OccurrenceKey {
    pub(super) const fn new(wall: DateTime) -> Self {
        Self(wall)
    }
    /// The nominal wall time in the schedule's zone.
    #[must_use]
    pub const fn wall(self) -> DateTime {
        self.0
    }
}

impl fmt::Display for OccurrenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no key of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of an occurrence; it looks like 2026-03-02T09:00:00")]
pub struct NotAKey;

impl FromStr for OccurrenceKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        wall::parse(text).map(Self).ok_or(NotAKey)
    }
}

/// One instant at which a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// Its `k` in `start + k·every`, from 0.
    pub number: u32,
    /// Its name within the automation.
    pub key: OccurrenceKey,
    /// The instant of the nominal wall time, before any shift.
    pub planned: Timestamp,
    /// The instant at which it runs: `planned`, or later when shifted to an allowed day.
    pub at: Timestamp,
}

impl Occurrence {
    /// Whether it was moved because its day is not allowed.
    #[must_use]
    pub fn is_shifted(&self) -> bool {
        self.at != self.planned
    }
}

impl Schedule {
    pub(super) const fn nominal(&self) -> Nominal {
        Nominal::new(self.start, self.repetition)
    }

    /// The first occurrence, if any run can happen at all.
    #[must_use]
    pub fn first(&self, calendar: &HolidayCalendar) -> Option<Occurrence> {
        self.walk(calendar, None).next()
    }

    /// The first occurrence later than `after`.
    #[must_use]
    pub fn next_after(&self, calendar: &HolidayCalendar, after: Timestamp) -> Option<Occurrence> {
        self.after(calendar, Some(after)).next()
    }

    /// The first `count` occurrences later than `after`.
    #[must_use]
    pub fn next_n(&self, calendar: &HolidayCalendar, after: Timestamp, count: usize) -> Vec<Occurrence> {
        self.after(calendar, Some(after)).take(count).collect()
    }

    /// The occurrences from `from` (included) to `to` (not included), in order.
    pub fn occurrences<'a>(
        &'a self,
        calendar: &'a HolidayCalendar,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = Occurrence> + 'a {
        self.walk(calendar, Some(from))
            .skip_while(move |occurrence| occurrence.at < from)
            .take_while(move |occurrence| occurrence.at < to)
    }

    /// The last occurrence, if any run can happen at all.
    #[must_use]
    pub fn last(&self, calendar: &HolidayCalendar) -> Option<Occurrence> {
        let end = self.latest.date();
        // Look back from the end in doubling steps instead of walking through the whole life.
        let mut days = 7;
        loop {
            let from = end.checked_sub(Span::new().try_days(days).ok()?).ok()?;
            if from <= self.start.date() {
                return self.walk(calendar, None).last();
            }
            let from = wall::instant(&self.zone, from.at(0, 0, 0, 0))?;
            if let Some(last) = self.walk(calendar, Some(from)).last() {
                return Some(last);
            }
            days *= 2;
        }
    }

    /// Whether no occurrence later than `now` will come.
    ///
    /// A schedule that waits for a holiday the calendar does not have yet is over only at its end: the next year's
    /// holidays may still be entered, and *delete after the last run* must not be early. Ask [`Schedule::due`]
    /// first; an occurrence at `now` itself, or one missed, may still have to be handled.
    #[must_use]
    pub fn is_over(&self, calendar: &HolidayCalendar, now: Timestamp) -> bool {
        let Some(end) = wall::instant(&self.zone, self.latest) else { return true };
        now >= end || (self.next_after(calendar, now).is_none() && !self.waits_for_a_holiday(calendar, now))
    }

    fn waits_for_a_holiday(&self, calendar: &HolidayCalendar, now: Timestamp) -> bool {
        if self.holidays != HolidayRule::OnlyOn {
            return false;
        }
        let today = wall::date_of(&self.zone, now);
        let taken = match self.day_rule(calendar).last_allowed(self.start.date(), today) {
            Some(day) => day.tomorrow().map_or(u32::MAX, |next| self.nominal().first_from(next)),
            None => 0,
        };
        self.nominal().wall(taken).is_some_and(|wall| wall <= self.latest)
    }

    /// When its time is over: nothing runs later.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        wall::instant(&self.zone, self.latest)
    }

    /// When to remind of the end: 30 days before it at the same wall time.
    ///
    /// `None` for a single run without an end, and for a life shorter than those 30 days.
    #[must_use]
    pub fn reminder_at(&self) -> Option<Timestamp> {
        if self.repetition.is_none() && self.end.is_none() {
            return None;
        }
        let reminder = self.latest.checked_sub(Span::new().days(REMINDER_DAYS)).ok()?;
        if reminder <= self.start { None } else { wall::instant(&self.zone, reminder) }
    }

    /// All occurrences later than `after`, or all.
    pub(super) fn after<'a>(
        &'a self,
        calendar: &'a HolidayCalendar,
        after: Option<Timestamp>,
    ) -> impl Iterator<Item = Occurrence> + 'a {
        self.walk(calendar, after)
            .skip_while(move |occurrence| after.is_some_and(|after| occurrence.at <= after))
    }

    fn walk<'a>(
        &'a self,
        calendar: &'a HolidayCalendar,
        after: Option<Timestamp>,
    ) -> impl Iterator<Item = Occurrence> + 'a {
        Walk::near(self, calendar, after).into_iter().flatten()
    }
}
