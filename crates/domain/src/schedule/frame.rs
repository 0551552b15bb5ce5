//! The time frame of an event-based automation: when events are acted on at all, and at which hours of which days.
//!
//! The frame is closed: its start and its end belong to it. Day, hour and holiday rules are read from the wall clock
//! and postpone a job to the next instant that satisfies them all. Hours include their beginning and not their end; of
//! hours past midnight (22:00–06:00) each part belongs to the day it lies on. Hours the clock skips do not exist on
//! that day, and hours that come twice are allowed twice.

use super::validate::{all_days, five_years_after, read_end, read_start, read_zone};
use super::{
    DayRule, ExecutionDays, HolidayCalendar, HolidayRule, InvalidSchedule, Problem, REMINDER_DAYS, wall,
};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// A time frame as typed into a form or stored in JSON, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeFrameInput {
    /// IANA name of the time zone, `Europe/Berlin`.
    pub zone: String,
    /// First wall time, `2026-03-02T09:00` (seconds are optional).
    pub start: String,
    /// Last wall time, written like the start; at most five years after it, and five years after it if left out.
    #[serde(default)]
    pub end: Option<String>,
    /// The ticked days of the week; left out for all seven.
    #[serde(default = "all_days")]
    pub days: ExecutionDays,
    /// The hours of the day; left out for all.
    #[serde(default)]
    pub hours: Option<HoursInput>,
    /// What holidays mean.
    #[serde(default)]
    pub holidays: HolidayRule,
}

/// Hours of the day as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursInput {
    /// The first minute, `08:00`.
    pub from: String,
    /// The minute after the last, `18:00`; earlier than `from` for hours past midnight.
    pub until: String,
}

/// Hours of the day: from a minute (included) until another (not included), perhaps past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    until: Time,
}

impl Hours {
    /// The first minute.
    #[must_use]
    pub const fn from(self) -> Time {
        self.from
    }
    /// The minute after the last; earlier than the first for hours past midnight.
    #[must_use]
    pub const fn until(self) -> Time {
        self.until
    }
    /// Whether a time of day is one of them.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
    /// The first time of that day that is one of them, from `time` on.
    fn first_from(self, time: Time) -> Option<Time> {
        if self.contains(time) {
            return Some(time);
        }
        (time < self.from).then_some(self.from)
    }
}

/// Where a moment lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Before the start.
    Before,
    /// From the start to the end, both included.
    Inside,
    /// After the end.
    Over,
}

/// A valid time frame; made by [`TimeFrame::new`] or by reading its JSON.
///
/// The JSON is that of [`TimeFrameInput`]; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TimeFrameInput", into = "TimeFrameInput")]
pub struct TimeFrame {
    zone: TimeZone,
    zone_name: String,
    start: DateTime,
    end: Option<DateTime>,
    latest: DateTime,
    starts_at: Timestamp,
    ends_at: Timestamp,
    days: ExecutionDays,
    hours: Option<Hours>,
    holidays: HolidayRule,
}

impl TimeFrame {
    /// Checks what was typed.
    ///
    /// Whether a job can be done at all depends on the holidays too: see [`TimeFrame::check_calendar`].
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn new(input: &TimeFrameInput) -> Result<Self, InvalidSchedule> {
        let mut problems = Vec::new();
        let mut keep = |problem: Problem| problems.push(problem);
        let zone = read_zone(&input.zone).map_err(&mut keep).ok();
        let start = read_start(&input.start).map_err(&mut keep).ok();
        let end = match input.end.as_deref() {
            None => Some(None),
            Some(text) => read_end(text, start).map_err(&mut keep).ok().map(Some),
        };
        if input.days.is_empty() {
            keep(Problem::new("days", "no day of the week is ticked; tick at least one"));
        }
        let hours = match &input.hours {
            None => Some(None),
            Some(typed) => read_hours(typed, &mut keep).map(Some),
        };
        InvalidSchedule::unless_empty(problems)?;
        // Each part that is missing left its problem above.
        let incomplete = || InvalidSchedule::one("frame", "it is incomplete");
        let (zone, zone_name) = zone.ok_or_else(incomplete)?;
        let (start, end) = start.zip(end).ok_or_else(incomplete)?;
        let latest = end.or_else(|| five_years_after(start)).unwrap_or(start);
        Ok(Self {
            starts_at: wall::instant(&zone, start).ok_or_else(incomplete)?,
            ends_at: wall::instant(&zone, latest).ok_or_else(incomplete)?,
            zone,
            zone_name,
            start,
            end,
            latest,
            days: input.days,
            hours: hours.ok_or_else(incomplete)?,
            holidays: input.holidays,
        })
    }

    /// Reads and checks a time frame's JSON.
    ///
    /// # Errors
    /// Text that is not such JSON (field `frame`, with line and column), unknown fields, and all that
    /// [`TimeFrame::new`] refuses.
    pub fn parse(json: &str) -> Result<Self, InvalidSchedule> {
        let input: TimeFrameInput =
            serde_json::from_str(json).map_err(|error| InvalidSchedule::one("frame", error.to_string()))?;
        Self::new(&input)
    }

    /// The IANA name of the zone all wall times are read in.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone_name
    }
    /// That zone.
    #[must_use]
    pub const fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
    /// The first wall time.
    #[must_use]
    pub const fn start(&self) -> DateTime {
        self.start
    }
    /// The end that was set, if one was.
    #[must_use]
    pub const fn end(&self) -> Option<DateTime> {
        self.end
    }
    /// The last wall time: the end, else five years after the start.
    #[must_use]
    pub const fn latest(&self) -> DateTime {
        self.latest
    }
    /// The days of the week on which jobs are done.
    #[must_use]
    pub const fn days(&self) -> ExecutionDays {
        self.days
    }
    /// The hours of the day in which jobs are done; `None`: all.
    #[must_use]
    pub const fn hours(&self) -> Option<Hours> {
        self.hours
    }
    /// What holidays mean for it.
    #[must_use]
    pub const fn holidays(&self) -> HolidayRule {
        self.holidays
    }
    /// The instant of its start.
    #[must_use]
    pub const fn starts_at(&self) -> Timestamp {
        self.starts_at
    }
    /// The instant of its end: nothing is done later.
    #[must_use]
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// When to remind of the end: 30 days before it at the same wall time. `None` for a life shorter than that.
    #[must_use]
    pub fn reminder_at(&self) -> Option<Timestamp> {
        let reminder = self.latest.checked_sub(Span::new().days(REMINDER_DAYS)).ok()?;
        if reminder <= self.start { None } else { wall::instant(&self.zone, reminder) }
    }

    /// Where a moment lies.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        if now < self.starts_at {
            Standing::Before
        } else if now <= self.ends_at {
            Standing::Inside
        } else {
            Standing::Over
        }
    }

    /// Whether the day, hour and holiday rules let a job be done at an instant. Start and end are not asked: see
    /// [`TimeFrame::standing`].
    #[must_use]
    pub fn allows(&self, calendar: &HolidayCalendar, at: Timestamp) -> bool {
        let wall = self.zone.to_datetime(at);
        self.day_rule(calendar).allows(wall.date())
            && self.hours.is_none_or(|hours| hours.contains(wall.time()))
    }

    /// The first instant, from `from` and the start on and not after the end, at which the rules let a job be done.
    #[must_use]
    pub fn next_allowed(&self, calendar: &HolidayCalendar, from: Timestamp) -> Option<Timestamp> {
        let mut from = from.max(self.starts_at);
        // Between two changes of the clock, wall time and instants run alike; a frame has a few dozen such stretches.
        while from <= self.ends_at {
            let change = self.zone.following(from).next().map(|transition| transition.timestamp());
            let stop = change.unwrap_or(Timestamp::MAX);
            let offset = self.zone.to_offset(from);
            let last = offset.to_datetime(stop.min(self.ends_at));
            let wall = self.next_wall(calendar, offset.to_datetime(from), last);
            let found = wall.and_then(|wall| offset.to_timestamp(wall).ok());
            if let Some(at) = found.filter(|&at| at < stop) {
                return (at <= self.ends_at).then_some(at);
            }
            from = change?;
        }
        None
    }

    /// The first wall time from `from` to the end of the day of `last` that satisfies the rules, if no clock changes.
    fn next_wall(&self, calendar: &HolidayCalendar, from: DateTime, last: DateTime) -> Option<DateTime> {
        let rule = self.day_rule(calendar);
        let mut from = from;
        loop {
            let day = rule.first_allowed(from.date(), last.date())?;
            let earliest = if day == from.date() { from.time() } else { Time::midnight() };
            let time = self.hours.map_or(Some(earliest), |hours| hours.first_from(earliest));
            match time {
                Some(time) => return Some(day.to_datetime(time)),
                None => from = day.tomorrow().ok()?.to_datetime(Time::midnight()),
            }
        }
    }

    /// Days and holidays as one rule over `calendar`.
    #[must_use]
    pub const fn day_rule<'a>(&self, calendar: &'a HolidayCalendar) -> DayRule<'a> {
        DayRule::new(self.days, self.holidays, calendar)
    }

    /// Checks that a job can be done at all with this holiday calendar; to be asked before activation.
    ///
    /// # Errors
    /// Says whether the calendar, the ticked days or the hours are in the way.
    pub fn check_calendar(&self, calendar: &HolidayCalendar) -> Result<(), InvalidSchedule> {
        if self.next_allowed(calendar, self.starts_at).is_some() {
            return Ok(());
        }
        super::validate::check_days(self.days, self.holidays, calendar, self.start, self.latest)?;
        let message =
            "between start and end no allowed day has these hours; choose other hours or a later end";
        Err(InvalidSchedule::one("hours", message))
    }
}

fn read_hours(typed: &HoursInput, keep: &mut impl FnMut(Problem)) -> Option<Hours> {
    let mut read = |field: &str, text: &str| match read_time(text) {
        Some(time) => Some(time),
        None => {
            keep(Problem::new(field, format!("“{text}” is not a time of day; write it like 08:00")));
            None
        }
    };
    let (from, until) = (read("hours.from", &typed.from), read("hours.until", &typed.until));
    let (from, until) = from.zip(until)?;
    if from == until {
        let message = "it must differ from the beginning; leave both out for all hours";
        keep(Problem::new("hours.until", message));
        return None;
    }
    Some(Hours { from, until })
}

/// Reads `08:00`, nothing else.
fn read_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|one| one.is_ascii_digit());
        is_number.then(|| digits.parse::<i8>().ok()).flatten()
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

impl TryFrom<TimeFrameInput> for TimeFrame {
    type Error = InvalidSchedule;
    fn try_from(input: TimeFrameInput) -> Result<Self, Self::Error> {
        Self::new(&input)
    }
}

impl From<TimeFrame> for TimeFrameInput {
    fn from(frame: TimeFrame) -> Self {
        let time = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            start: frame.start.to_string(),
            end: frame.end.map(|end| end.to_string()),
            days: frame.days,
            hours: frame.hours.map(|hours| HoursInput { from: time(hours.from), until: time(hours.until) }),
            holidays: frame.holidays,
            zone: frame.zone_name,
        }
    }
}
