//! What to do at a given moment: which occurrence runs now, and which were missed while nobody looked.

use super::{HolidayCalendar, Occurrence, Schedule};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// How many missed occurrences are listed one by one; the count goes on.
pub const MISSED_LISTED: usize = 100;

/// Why an occurrence does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MissedReason {
    /// It is late by the grace period or more.
    TooLate,
    /// A later one is due as well; only the latest runs.
    Coalesced,
}

/// An occurrence that will not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// Which one.
    pub occurrence: Occurrence,
    /// Why.
    pub reason: MissedReason,
}

/// The decision for one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// The one occurrence to run now.
    pub run: Option<Occurrence>,
    /// The latest missed ones in order, at most [`MISSED_LISTED`].
    pub missed: Vec<Missed>,
    /// How many were missed, listed or not.
    pub missed_count: usize,
    /// What to remember as `last_handled` once `run` and `missed` are recorded; `None` if nothing was due.
    pub handled_until: Option<Timestamp>,
}

impl Schedule {
    /// Decides about every occurrence later than `last_handled`, up to `now`.
    ///
    /// The latest runs if it is less than `grace` late; all others are missed. `last_handled` is the
    /// `handled_until` of the decision before, or the moment of activation; with `None` the frame is looked at
    /// from its start. A clock that went back finds nothing due, because everything up to `last_handled` stays handled.
    #[must_use]
    pub fn due(
        &self,
        calendar: &HolidayCalendar,
        last_handled: Option<Timestamp>,
        now: Timestamp,
        grace: Duration,
    ) -> Due {
        if last_handled.is_some_and(|handled| handled >= now) {
            return Due::default();
        }
        let is_late = |occurrence: &Occurrence| now.duration_since(occurrence.at).unsigned_abs() >= grace;
        let mut due = Due::default();
        let mut missed = VecDeque::new();
        let mut latest = None;
        for occurrence in self.after(calendar, last_handled).take_while(|occurrence| occurrence.at <= now) {
            if let Some(earlier) = latest.replace(occurrence) {
                let reason = if is_late(&earlier) { MissedReason::TooLate } else { MissedReason::Coalesced };
                due.missed_count += 1;
                remember(&mut missed, Missed { occurrence: earlier, reason });
            }
        }
        due.handled_until = latest.map(|latest| latest.at);
        match latest {
            Some(latest) if is_late(&latest) => {
                due.missed_count += 1;
                remember(&mut missed, Missed { occurrence: latest, reason: MissedReason::TooLate });
            }
            latest => due.run = latest,
        }
        due.missed = missed.into();
        due
    }
}

fn remember(list: &mut VecDeque<Missed>, missed: Missed) {
    if list.len() == MISSED_LISTED {
        list.pop_front();
    }
    list.push_back(missed);
}
