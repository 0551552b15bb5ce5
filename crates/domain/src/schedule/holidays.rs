//! The installation's own list of holidays.

use super::{InvalidSchedule, Problem};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest name of a holiday, in characters.
const LONGEST_NAME: usize = 100;

/// One holiday as typed or as stored in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayInput {
    /// The day, `2026-12-25`.
    pub date: String,
    /// What the day is called; 1 to 100 characters.
    pub name: String,
    /// Whether it comes every year on that day and month.
    #[serde(default)]
    pub yearly: bool,
}

/// One holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// What the day is called.
    pub name: String,
    /// Whether it comes every year, before and after the year of `date`; 29 February only in leap years.
    pub yearly: bool,
}

/// The editable holiday calendar: a value, asked about single days.
///
/// Its JSON is `{"entries": [{"date": "2026-12-25", "name": "Christmas Day", "yearly": true}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "CalendarInput", into = "CalendarInput")]
pub struct HolidayCalendar {
    entries: Vec<Holiday>,
    single: BTreeSet<Date>,
    yearly: BTreeSet<(i8, i8)>,
}

impl HolidayCalendar {
    /// Reads the entries.
    ///
    /// # Errors
    /// Every date that is none and every name that is empty or longer than 100 characters, each with its place.
    pub fn new(inputs: &[HolidayInput]) -> Result<Self, InvalidSchedule> {
        let mut calendar = Self::default();
        let mut problems = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            let name = input.name.trim();
            if name.is_empty() || name.chars().count() > LONGEST_NAME {
                let right = format!("a holiday needs a name of 1 to {LONGEST_NAME} characters");
                problems.push(Problem::new(format!("entries[{index}].name"), right));
            }
            match Date::strptime("%Y-%m-%d", input.date.trim()) {
                Ok(date) => {
                    calendar.insert(Holiday { date, name: name.to_owned(), yearly: input.yearly });
                }
                Err(_) => problems.push(Problem::new(
                    format!("entries[{index}].date"),
                    format!("“{}” is not a day of the calendar; write it like 2026-12-25", input.date),
                )),
            }
        }
        InvalidSchedule::unless_empty(problems)?;
        calendar.entries.sort_by(|a, b| a.date.cmp(&b.date).then_with(|| a.name.cmp(&b.name)));
        Ok(calendar)
    }

    fn insert(&mut self, holiday: Holiday) {
        if holiday.yearly {
            self.yearly.insert((holiday.date.month(), holiday.date.day()));
        } else {
            self.single.insert(holiday.date);
        }
        self.entries.push(holiday);
    }

    /// The entries, ordered by date.
    #[must_use]
    pub fn entries(&self) -> &[Holiday] {
        &self.entries
    }
    /// Whether `day` is a holiday.
    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        self.single.contains(&day) || self.yearly.contains(&(day.month(), day.day()))
    }
    /// The first entry that makes `day` a holiday.
    #[must_use]
    pub fn holiday_on(&self, day: Date) -> Option<&Holiday> {
        self.entries.iter().find(|holiday| {
            holiday.date == day
                || (holiday.yearly && (holiday.date.month(), holiday.date.day()) == (day.month(), day.day()))
        })
    }
}

/// The calendar's JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarInput {
    entries: Vec<HolidayInput>,
}

impl TryFrom<CalendarInput> for HolidayCalendar {
    type Error = InvalidSchedule;
    fn try_from(input: CalendarInput) -> Result<Self, Self::Error> {
        Self::new(&input.entries)
    }
}

impl From<HolidayCalendar> for CalendarInput {
    fn from(calendar: HolidayCalendar) -> Self {
        let entry = |Holiday { date, name, yearly }| HolidayInput { date: date.to_string(), name, yearly };
        Self { entries: calendar.entries.into_iter().map(entry).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(json: &str) -> Result<HolidayCalendar, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_yearly_holiday_comes_every_year_and_a_single_one_once() {
        let calendar = read(
            r#"{"entries":[{"date":"2026-12-25","name":"Christmas Day","yearly":true},
                           {"date":"2026-04-06","name":"Easter Monday"},
                           {"date":"2024-02-29","name":"Leap day","yearly":true}]}"#,
        )
        .unwrap();
        assert!(calendar.is_holiday(date(2026, 12, 25)));
        assert!(calendar.is_holiday(date(2030, 12, 25)));
        assert!(calendar.is_holiday(date(2026, 4, 6)));
        assert!(!calendar.is_holiday(date(2027, 4, 6)));
        assert!(calendar.is_holiday(date(2028, 2, 29)));
        assert!(!calendar.is_holiday(date(2027, 2, 28)));
        assert_eq!(calendar.holiday_on(date(2031, 12, 25)).unwrap().name, "Christmas Day");
        assert_eq!(calendar.holiday_on(date(2027, 4, 6)), None);
    }

    #[test]
    fn the_json_is_stable() {
        let json = r#"{"entries":[{"date":"2026-04-06","name":"Easter Monday","yearly":false}]}"#;
        assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        assert!(read(r#"{"entries":[],"country":"DE"}"#).unwrap_err().to_string().contains("country"));
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let wrong =
            read(r#"{"entries":[{"date":"2026-02-30","name":"x"},{"date":"2026-03-01","name":" "}]}"#);
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("entries[0].date: “2026-02-30” is not a day of the calendar"), "{message}");
        assert!(message.contains("entries[1].name: a holiday needs a name"), "{message}");
    }
}
