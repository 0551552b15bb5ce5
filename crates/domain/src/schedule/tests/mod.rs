//! The rules of schedules, told as tables, stories and properties.

mod described;
mod due;
mod frame;
mod properties;
mod rules;
mod stories;
mod validation;

use super::*;
use jiff::Timestamp;

/// A schedule from its JSON.
fn schedule(json: &str) -> Schedule {
    Schedule::parse(json).unwrap()
}

fn calendar(days: &[(&str, bool)]) -> HolidayCalendar {
    let inputs: Vec<HolidayInput> = days
        .iter()
        .map(|&(date, yearly)| HolidayInput { date: date.into(), name: "Holiday".into(), yearly })
        .collect();
    HolidayCalendar::new(&inputs).unwrap()
}

fn none() -> HolidayCalendar {
    HolidayCalendar::default()
}

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Every occurrence as local time with offset, weekday first: `Mon 2026-03-02 09:00 +01`.
fn local(schedule: &Schedule, occurrences: impl IntoIterator<Item = Occurrence>) -> Vec<String> {
    occurrences
        .into_iter()
        .map(|occurrence| {
            let zoned = occurrence.at.to_zoned(schedule.zone.clone());
            zoned.strftime("%a %Y-%m-%d %H:%M %:::z").to_string()
        })
        .collect()
}

fn all(schedule: &Schedule, calendar: &HolidayCalendar) -> Vec<Occurrence> {
    schedule.occurrences(calendar, Timestamp::MIN, Timestamp::MAX).collect()
}

fn keys(occurrences: &[Occurrence]) -> Vec<String> {
    occurrences.iter().map(|occurrence| occurrence.key.to_string()).collect()
}
