//! A schedule or a time frame in one English line, for lists, logs and the command line.

use super::{ExecutionDays, HolidayRule, Repetition, Schedule, TimeFrame, Unit};
use jiff::civil::{DateTime, Time, Weekday};
use std::fmt;

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Monday"),
    (Weekday::Tuesday, "Tuesday"),
    (Weekday::Wednesday, "Wednesday"),
    (Weekday::Thursday, "Thursday"),
    (Weekday::Friday, "Friday"),
    (Weekday::Saturday, "Saturday"),
    (Weekday::Sunday, "Sunday"),
];

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, time) = (self.start(), time_of_day(self.start().time()));
        match self.repetition() {
            None => write!(f, "once on {} at {time}", start.date())?,
            Some(Repetition { every, unit }) => {
                match every.get() {
                    1 => write!(f, "every {}", unit.singular())?,
                    count => write!(f, "every {count} {}", unit.plural())?,
                }
                let preposition = if unit == Unit::Hours { "counted from" } else { "at" };
                write!(f, " {preposition} {time}")?;
            }
        }
        if self.days() != ExecutionDays::ALL {
            write!(f, ", {}", self.days())?;
        }
        write!(f, "{}, {}", on_holidays(self.holidays()), self.zone())?;
        if self.repetition().is_some() {
            write!(f, ", from {} until {}", start.date(), end(self.latest(), start.time()))?;
        } else if let Some(latest) = self.end() {
            write!(f, ", not after {}", end(latest, start.time()))?;
        }
        if self.delete_after_last() { f.write_str(", deleted after the last run") } else { Ok(()) }
    }
}

/// `Monday to Friday, 08:00 to 18:00, never on holidays, Europe/Berlin, from 2026-03-02 09:00 until 2027-03-02 09:00`.
impl fmt::Display for TimeFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.days())?;
        if let Some(hours) = self.hours() {
            write!(f, ", {} to {}", time_of_day(hours.from()), time_of_day(hours.until()))?;
        }
        let day_and_time = |at: DateTime| format!("{} {}", at.date(), time_of_day(at.time()));
        let (from, until) = (day_and_time(self.start()), day_and_time(self.latest()));
        write!(f, "{}, {}, from {from} until {until}", on_holidays(self.holidays()), self.zone())
    }
}

const fn on_holidays(rule: HolidayRule) -> &'static str {
    match rule {
        HolidayRule::Always => "",
        HolidayRule::NeverOn => ", never on holidays",
        HolidayRule::OnlyOn => ", only on holidays",
    }
}

/// `Monday to Friday`, `Monday, Wednesday and Sunday`, `every day`.
impl fmt::Display for ExecutionDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticked: Vec<usize> = (0..7).filter(|&index| self.contains(WEEK[index].0)).collect();
        let name = |index: usize| WEEK[index].1;
        match ticked.as_slice() {
            [] => f.write_str("no day"),
            [_, _, _, _, _, _, _] => f.write_str("every day"),
            [day] => f.write_str(name(*day)),
            [first, .., last] if last - first + 1 == ticked.len() && ticked.len() > 2 => {
                write!(f, "{} to {}", name(*first), name(*last))
            }
            [others @ .., last] => {
                let others: Vec<&str> = others.iter().map(|&index| name(index)).collect();
                write!(f, "{} and {}", others.join(", "), name(*last))
            }
        }
    }
}

/// The end's day, with its time where it is not the runs' own.
fn end(latest: DateTime, usual: Time) -> String {
    if latest.time() == usual {
        latest.date().to_string()
    } else {
        format!("{} {}", latest.date(), time_of_day(latest.time()))
    }
}

fn time_of_day(time: Time) -> String {
    time.strftime(if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}
