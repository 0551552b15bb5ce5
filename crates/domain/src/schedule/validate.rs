//! From what was typed to a valid schedule, or to a list of what is wrong and what would be right.

use super::{
    DayRule, ExecutionDays, HolidayCalendar, HolidayRule, LONGEST_LIFE_YEARS, Repetition, Schedule, Unit,
    wall,
};
use jiff::Span;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;

/// The years in which a schedule may start; beyond them an input is a slip of the finger.
const START_YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// A schedule as typed into a form or stored in JSON, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleInput {
    /// IANA name of the time zone, `Europe/Berlin`.
    pub zone: String,
    /// First wall time, `2026-03-02T09:00` (seconds are optional).
    pub start: String,
    /// The interval; left out for a single run.
    #[serde(default)]
    pub repetition: Option<RepetitionInput>,
    /// Last wall time at which it may run, written like the start; at most five years after it.
    #[serde(default)]
    pub end: Option<String>,
    /// Whether the automation is removed after its last run.
    #[serde(default)]
    pub delete_after_last: bool,
    /// The ticked days of the week; left out for all seven.
    #[serde(default = "all_days")]
    pub days: ExecutionDays,
    /// What holidays mean.
    #[serde(default)]
    pub holidays: HolidayRule,
}

/// An interval as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepetitionInput {
    /// How many units; 1 or more, at most [`Unit::most`].
    pub every: i64,
    /// The unit.
    pub unit: Unit,
}

pub(super) const fn all_days() -> ExecutionDays {
    ExecutionDays::ALL
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, as it is called in JSON (`repetition.every`).
    pub field: String,
    /// What is wrong and what would be right, in English.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Everything that is wrong with a schedule or a holiday calendar; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidSchedule {
    problems: Vec<Problem>,
}

impl InvalidSchedule {
    /// The problems, in the order of the fields.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
    pub(super) fn one(field: &str, message: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(field, message)] }
    }
    pub(super) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl fmt::Display for InvalidSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Problem { field, message }) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{field}: {message}")?;
        }
        Ok(())
    }
}

impl Schedule {
    /// Checks what was typed.
    ///
    /// Whether a run can happen at all depends on the holidays too: see [`Schedule::check_calendar`].
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn new(input: &ScheduleInput) -> Result<Self, InvalidSchedule> {
        let mut problems = Vec::new();
        let mut keep = |problem: Problem| problems.push(problem);
        let zone = read_zone(&input.zone).map_err(&mut keep).ok();
        let start = read_start(&input.start).map_err(&mut keep).ok();
        let repetition = input.repetition.map(read_repetition).transpose().map_err(&mut keep).ok();
        let end = match input.end.as_deref() {
            None => Some(None),
            Some(text) => read_end(text, start).map_err(&mut keep).ok().map(Some),
        };
        if input.days.is_empty() {
            keep(Problem::new("days", "no day of the week is ticked; tick at least one"));
        }
        InvalidSchedule::unless_empty(problems)?;
        match (zone, start, repetition, end) {
            (Some((zone, zone_name)), Some(start), Some(repetition), Some(end)) => Ok(Self {
                zone,
                zone_name,
                start,
                repetition,
                end,
                latest: end.or_else(|| five_years_after(start)).unwrap_or(start),
                delete_after_last: input.delete_after_last,
                days: input.days,
                holidays: input.holidays,
            }),
            // Each part that is missing left its problem above.
            _ => Err(InvalidSchedule::one("schedule", "it is incomplete")),
        }
    }

    /// Reads and checks a schedule's JSON.
    ///
    /// # Errors
    /// Text that is not such JSON (field `schedule`, with line and column), unknown fields, and all that
    /// [`Schedule::new`] refuses.
    pub fn parse(json: &str) -> Result<Self, InvalidSchedule> {
        let input: ScheduleInput = serde_json::from_str(json)
            .map_err(|error| InvalidSchedule::one("schedule", error.to_string()))?;
        Self::new(&input)
    }

    /// Checks that at least one run can happen with this holiday calendar; to be asked before activation.
    ///
    /// # Errors
    /// Says whether the calendar, the ticked days or the end is in the way.
    pub fn check_calendar(&self, calendar: &HolidayCalendar) -> Result<(), InvalidSchedule> {
        if self.first(calendar).is_some() {
            return Ok(());
        }
        check_days(self.days(), self.holidays(), calendar, self.start(), self.latest())?;
        let message = "the first run would be moved past the end; choose a later end or tick more days";
        Err(InvalidSchedule::one("end", message))
    }
}

/// Checks that some day from `start` to `latest` agrees with the boxes and the holiday rule.
pub(super) fn check_days(
    days: ExecutionDays,
    holidays: HolidayRule,
    calendar: &HolidayCalendar,
    start: DateTime,
    latest: DateTime,
) -> Result<(), InvalidSchedule> {
    let (from, until) = (start.date(), latest.date());
    let any_day = DayRule::new(ExecutionDays::ALL, holidays, calendar);
    if any_day.first_allowed(from, until).is_none() {
        let message = match holidays {
            HolidayRule::OnlyOn => format!(
                "the holiday calendar has no holiday from {from} to {until}; add one, or choose “always” or “never on”"
            ),
            HolidayRule::Always | HolidayRule::NeverOn => format!(
                "every day from {from} to {until} is a holiday; choose a later end, or “always” or “only on”"
            ),
        };
        return Err(InvalidSchedule::one("holidays", message));
    }
    if DayRule::new(days, holidays, calendar).first_allowed(from, until).is_none() {
        let message = format!(
            "no ticked day from {from} to {until} agrees with the holiday rule; tick more days or choose a later end"
        );
        return Err(InvalidSchedule::one("days", message));
    }
    Ok(())
}

impl TryFrom<ScheduleInput> for Schedule {
    type Error = InvalidSchedule;
    fn try_from(input: ScheduleInput) -> Result<Self, Self::Error> {
        Self::new(&input)
    }
}

impl From<Schedule> for ScheduleInput {
    fn from(schedule: Schedule) -> Self {
        Self {
            start: schedule.start.to_string(),
            repetition: schedule
                .repetition
                .map(|Repetition { every, unit }| RepetitionInput { every: every.get().into(), unit }),
            end: schedule.end.map(|end| end.to_string()),
            delete_after_last: schedule.delete_after_last,
            days: schedule.days,
            holidays: schedule.holidays,
            zone: schedule.zone_name,
        }
    }
}

/// The zone and its name in the spelling of the zone database.
pub(super) fn read_zone(text: &str) -> Result<(TimeZone, String), Problem> {
    let name = text.trim();
    // The zone database of a machine also answers to these; they depend on the machine or count leap seconds.
    let lower = name.to_ascii_lowercase();
    let local = ["localtime", "posixrules", "factory"].contains(&lower.as_str())
        || lower.starts_with("posix/")
        || lower.starts_with("right/");
    let found = if local { None } else { TimeZone::get(name).ok() };
    found.and_then(|zone| zone.iana_name().map(str::to_owned).map(|name| (zone, name))).ok_or_else(|| {
        Problem::new(
            "zone",
            format!("“{name}” is not an IANA time zone; write one such as Europe/Berlin or UTC"),
        )
    })
}

fn read_wall(field: &str, text: &str) -> Result<DateTime, Problem> {
    wall::parse(text).ok_or_else(|| {
        let right = "write it like 2026-03-02T09:00, without an offset (the zone is a field of its own)";
        Problem::new(field, format!("“{text}” is not a date and time; {right}"))
    })
}

pub(super) fn read_start(text: &str) -> Result<DateTime, Problem> {
    let start = read_wall("start", text)?;
    if START_YEARS.contains(&start.year()) {
        return Ok(start);
    }
    let (first, last) = (START_YEARS.start(), START_YEARS.end());
    Err(Problem::new("start", format!("the year {} is not between {first} and {last}", start.year())))
}

pub(super) fn read_end(text: &str, start: Option<DateTime>) -> Result<DateTime, Problem> {
    let end = read_wall("end", text)?;
    // Without a start there is nothing to compare with; that problem is already told.
    let Some(start) = start else { return Ok(end) };
    if end <= start {
        return Err(Problem::new("end", format!("it must be later than the start, {}", readable(start))));
    }
    match five_years_after(start) {
        Some(limit) if end > limit => Err(Problem::new(
            "end",
            format!(
                "it must be at most {LONGEST_LIFE_YEARS} years after the start: {} or earlier",
                readable(limit)
            ),
        )),
        _ => Ok(end),
    }
}

fn read_repetition(RepetitionInput { every, unit }: RepetitionInput) -> Result<Repetition, Problem> {
    let valid = u32::try_from(every).ok().filter(|&every| every <= unit.most()).and_then(NonZeroU32::new);
    valid.map(|every| Repetition { every, unit }).ok_or_else(|| {
        let message = format!("{every} is not a whole number of {} from 1 to {}", unit.plural(), unit.most());
        Problem::new("repetition.every", message)
    })
}

pub(super) fn five_years_after(start: DateTime) -> Option<DateTime> {
    start.checked_add(Span::new().years(LONGEST_LIFE_YEARS)).ok()
}

fn readable(wall: DateTime) -> String {
    wall.strftime("%Y-%m-%d %H:%M").to_string()
}
