//! The engine: all occurrences of a schedule in order, from any point, without counting from the start.
//!
//! Cast: a **number** `k` has a nominal wall time ([`Nominal`]); a **slot** is a day and a time of day at which
//! numbers end up after shifting; an **occurrence** is one instant at which at least one number runs.
//!
//! Numbers wait in `pending` by their time of day until a day takes them. Only the latest number of each time
//! of day is kept, because all of them would run at the same instant. A schedule in hours has at most 24 times
//! of day and any other has one, so a gap of years between two allowed days costs no more than a gap of a night.

use super::repetition::Nominal;
use super::{DayRule, HolidayCalendar, Occurrence, OccurrenceKey, Schedule, wall};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use std::collections::{BTreeMap, VecDeque};

/// Yields occurrences in strictly increasing order; see [`Walk::near`] for where it begins.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    schedule: &'a Schedule,
    rule: DayRule<'a>,
    nominal: Nominal,
    end: Timestamp,
    last_day: Date,
    /// The first day not yet looked at.
    day: Date,
    /// The first number not yet taken up.
    next: u32,
    pending: BTreeMap<Time, u32>,
    ready: VecDeque<Occurrence>,
    /// The last of `ready` was carried past midnight by a gap; the next day may meet it.
    may_meet: bool,
}

impl<'a> Walk<'a> {
    /// A walk that yields every occurrence after `after` and perhaps some before it.
    ///
    /// `None` if the schedule lies beyond the years the calendar library can represent.
    pub(super) fn near(
        schedule: &'a Schedule,
        calendar: &'a HolidayCalendar,
        after: Option<Timestamp>,
    ) -> Option<Self> {
        let end = wall::instant(&schedule.zone, schedule.latest)?;
        let mut walk = Self {
            schedule,
            rule: schedule.day_rule(calendar),
            nominal: schedule.nominal(),
            end,
            last_day: wall::date_of(&schedule.zone, end),
            day: schedule.start.date(),
            next: 0,
            pending: BTreeMap::new(),
            ready: VecDeque::new(),
            may_meet: false,
        };
        if let Some(day) = after.and_then(|after| walk.clean_day_before(after)) {
            walk.day = day.tomorrow().ok()?;
            walk.next = walk.nominal.first_from(walk.day);
        }
        Some(walk)
    }

    /// The last day that takes every waiting number (allowed, and no gap at its end) and whose own occurrences
    /// all lie before `after`: from the day after it, the walk goes on exactly as one from the start would.
    fn clean_day_before(&self, after: Timestamp) -> Option<Date> {
        // An occurrence on the day of `after` may stem from the day before; then a gap made that day not whole.
        let mut until = wall::date_of(&self.schedule.zone, after).min(self.last_day).yesterday().ok()?;
        loop {
            let day = self.rule.last_allowed(self.schedule.start.date(), until)?;
            if wall::is_whole(&self.schedule.zone, day) {
                return Some(day);
            }
            until = day.yesterday().ok()?;
        }
    }

    /// Looks at the next day on which anything can run; `None` when there is none.
    fn advance(&mut self) -> Option<()> {
        self.may_meet = false;
        let from = if self.pending.is_empty() {
            self.nominal.wall(self.next)?.date().max(self.day)
        } else {
            self.day
        };
        let day = self.rule.first_allowed(from, self.last_day)?;
        self.day = day.tomorrow().ok()?;
        self.take_up_until(self.day);
        for (time, number) in std::mem::take(&mut self.pending) {
            let at = wall::instant(&self.schedule.zone, day.to_datetime(time))?;
            let landed = wall::date_of(&self.schedule.zone, at);
            if landed != day && !self.rule.allows(landed) {
                self.pending.insert(time, number);
            } else if at <= self.end {
                self.push(number, at)?;
                self.may_meet = landed != day;
            }
        }
        Some(())
    }

    /// Lets the numbers before `day` wait: the last cycle of them holds the latest of every time of day.
    fn take_up_until(&mut self, day: Date) {
        let mut stop = self.nominal.first_from(day).max(self.next);
        // Where the frame ends in a gap, the day after it still belongs to the frame, but not what is planned behind its end.
        let is_behind = |number| self.nominal.wall(number).is_some_and(|wall| wall > self.schedule.latest);
        while stop > self.next && is_behind(stop - 1) {
            stop -= 1;
        }
        let first = stop.saturating_sub(self.nominal.cycle()).max(self.next);
        for number in first..stop {
            if let Some(wall) = self.nominal.wall(number) {
                self.pending.insert(wall.time(), number);
            }
        }
        self.next = stop;
    }

    fn push(&mut self, number: u32, at: Timestamp) -> Option<()> {
        let wall = self.nominal.wall(number)?;
        let planned = wall::instant(&self.schedule.zone, wall)?;
        let occurrence = Occurrence { number, key: OccurrenceKey::new(wall), planned, at };
        match self.ready.back_mut() {
            // Numbers that meet are one occurrence, named after the latest of them.
            Some(last) if last.at == at => {
                if last.number < number {
                    *last = occurrence;
                }
            }
            _ => self.ready.push_back(occurrence),
        }
        Some(())
    }
}

impl Iterator for Walk<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        while self.ready.is_empty() || (self.may_meet && self.ready.len() == 1) {
            if self.advance().is_none() {
                break;
            }
        }
        self.ready.pop_front()
    }
}
