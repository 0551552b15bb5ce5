//! Points in time as filters write them: `"now-90d"`, `"today"`, `"2026-11-21"`,
//! `"2026-11-21T09:00:00Z"`.

use super::said::Hint;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many steps may follow `now` or `today`.
const MOST_STEPS: usize = 4;
/// The largest number of one step; a million hours are 114 years.
const MOST_AMOUNT: i64 = 1_000_000;

/// A point in time or a whole day, perhaps relative to the moment the filter is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Moment {
    /// An instant (RFC 3339).
    Instant(Timestamp),
    /// A whole day in the zone of the selection.
    Day(Date),
    /// Steps from `now`.
    Now(Vec<Step>),
    /// Steps from the beginning of the current day in the zone of the selection. Without steps in
    /// hours, minutes or seconds it means the whole day.
    Today(Vec<Step>),
}

/// So many units later, or earlier when negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// How many; never 0.
    pub amount: i64,
    /// Of what.
    pub unit: Unit,
}

/// The units of steps. Seconds, minutes and hours are exact; the others count in the calendar of the
/// selection's zone, so that a day may have 23 hours and a month ends with its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mo`
    Month,
    /// `y`
    Year,
}

impl Unit {
    /// Every unit, shortest first.
    pub const ALL: [Self; 7] =
        [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// As written in filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mo",
            Self::Year => "y",
        }
    }

    /// The unit of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == text)
    }

    const fn is_exact(self) -> bool {
        matches!(self, Self::Second | Self::Minute | Self::Hour)
    }
}

impl Step {
    fn span(self) -> Result<Span, jiff::Error> {
        let (span, n) = (Span::new(), self.amount);
        match self.unit {
            Unit::Second => span.try_seconds(n),
            Unit::Minute => span.try_minutes(n),
            Unit::Hour => span.try_hours(n),
            Unit::Day => span.try_days(n),
            Unit::Week => span.try_weeks(n),
            Unit::Month => span.try_months(n),
            Unit::Year => span.try_years(n),
        }
    }
}

impl Moment {
    /// The milliseconds since 1970 it covers: from the first to just before the second. An instant
    /// covers one millisecond, the precision of the databases; a day covers itself.
    ///
    /// # Errors
    /// When the calendar (years -9999 to 9999) does not reach so far.
    pub fn range(&self, now: Timestamp, zone: &TimeZone) -> Result<(i64, i64), jiff::Error> {
        let today = || now.to_zoned(zone.clone()).date();
        match self {
            Self::Instant(instant) => Ok(millisecond(*instant)),
            Self::Day(date) => day(*date, zone),
            Self::Now(steps) => {
                let begin = now.to_zoned(zone.clone());
                let end = steps.iter().try_fold(begin, |time, step| time.checked_add(step.span()?))?;
                Ok(millisecond(end.timestamp()))
            }
            Self::Today(steps) if steps.iter().any(|step| step.unit.is_exact()) => {
                let begin = today().to_zoned(zone.clone())?.start_of_day()?;
                let end = steps.iter().try_fold(begin, |time, step| time.checked_add(step.span()?))?;
                Ok(millisecond(end.timestamp()))
            }
            Self::Today(steps) => {
                let date = steps.iter().try_fold(today(), |date, step| date.checked_add(step.span()?))?;
                day(date, zone)
            }
        }
    }
}

fn millisecond(instant: Timestamp) -> (i64, i64) {
    // Rounded down also before 1970, as the databases' times are.
    let begin = instant.as_nanosecond().div_euclid(1_000_000);
    let begin = i64::try_from(begin).unwrap_or(i64::MAX - 1);
    (begin, begin + 1)
}

fn day(date: Date, zone: &TimeZone) -> Result<(i64, i64), jiff::Error> {
    let start = |date: Date| date.to_zoned(zone.clone())?.start_of_day();
    Ok((start(date)?.timestamp().as_millisecond(), start(date.tomorrow()?)?.timestamp().as_millisecond()))
}

impl FromStr for Moment {
    type Err = Hint;

    fn from_str(text: &str) -> Result<Self, Hint> {
        let word = text.trim().to_ascii_lowercase();
        for (anchor, moment) in [("now", Self::Now as fn(Vec<Step>) -> Self), ("today", Self::Today)] {
            if let Some(rest) = word.strip_prefix(anchor) {
                return steps(rest).map(moment);
            }
        }
        if let Some(date) = plain_date(&word) {
            return date.map(Self::Day).map_err(|_| Hint::NoDay);
        }
        let looks_whole =
            word.len() > 11 && word.as_bytes().get(10).is_some_and(|sign| matches!(sign, b't' | b' '));
        match text.trim().parse::<Timestamp>() {
            Ok(instant) if looks_whole && !word.contains('[') => Ok(Self::Instant(instant)),
            _ if looks_whole => Err(Hint::Offset),
            _ => Err(Hint::Moment),
        }
    }
}

/// A date, when the text has the shape `dddd-dd-dd`; jiff alone would also take a time and drop it.
fn plain_date(text: &str) -> Option<Result<Date, jiff::Error>> {
    let shape = |(at, c): (usize, char)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() };
    (text.len() == 10 && text.chars().enumerate().all(shape)).then(|| text.parse())
}

fn steps(text: &str) -> Result<Vec<Step>, Hint> {
    let mut steps = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if steps.len() == MOST_STEPS {
            return Err(Hint::Steps { most: MOST_STEPS });
        }
        let (step, left) = step(rest)?;
        steps.push(step);
        rest = left.trim_start();
    }
    Ok(steps)
}

fn step(text: &str) -> Result<(Step, &str), Hint> {
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(Hint::Sign),
    };
    let rest = rest.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    let amount = number.parse::<i64>().ok().filter(|n| (1..=MOST_AMOUNT).contains(n));
    let amount = amount.ok_or(Hint::Amount { most: MOST_AMOUNT })?;
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (name, rest) = rest.split_at(letters);
    let unit = Unit::parse(name);
    let unit = unit.ok_or(Hint::Units)?;
    Ok((Step { amount: sign * amount, unit }, rest))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (anchor, steps) = match self {
            Self::Instant(instant) => return write!(f, "{instant}"),
            Self::Day(date) => return write!(f, "{date}"),
            Self::Now(steps) => ("now", steps),
            Self::Today(steps) => ("today", steps),
        };
        f.write_str(anchor)?;
        steps.iter().try_for_each(|step| write!(f, "{:+}{}", step.amount, step.unit.as_str()))
    }
}

impl TryFrom<String> for Moment {
    type Error = Hint;
    fn try_from(text: String) -> Result<Self, Hint> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, now: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let (from, until) = text.parse::<Moment>().unwrap().range(now.parse().unwrap(), &zone).unwrap();
        let from = Timestamp::from_millisecond(from).unwrap();
        format!("{from} +{}ms", until - from.as_millisecond())
    }

    #[test]
    fn hours_are_exact_and_days_are_of_the_calendar() {
        // Berlin put its clocks back in the night to 2026-10-25.
        let now = "2026-10-25T12:00:00Z";
        assert_eq!(at("now-24h", now, "Europe/Berlin"), "2026-10-24T12:00:00Z +1ms");
        assert_eq!(at("now-1d", now, "Europe/Berlin"), "2026-10-24T11:00:00Z +1ms");
        assert_eq!(at("now-1w+30m", now, "UTC"), "2026-10-18T12:30:00Z +1ms");
    }

    #[test]
    fn a_month_ends_with_its_last_day() {
        assert_eq!(at("now-1mo", "2026-03-31T08:00:00Z", "UTC"), "2026-02-28T08:00:00Z +1ms");
        assert_eq!(at("today-1y", "2028-02-29T08:00:00Z", "UTC"), "2027-02-28T00:00:00Z +86400000ms");
    }

    #[test]
    fn today_is_the_day_of_the_zone() {
        let now = "2026-11-21T23:30:00Z";
        assert_eq!(at("today", now, "Asia/Tokyo"), "2026-11-21T15:00:00Z +86400000ms");
        assert_eq!(at("today", now, "UTC"), "2026-11-21T00:00:00Z +86400000ms");
        assert_eq!(at("today+8h", now, "UTC"), "2026-11-21T08:00:00Z +1ms");
        // This day had 25 hours, and in Beirut one began at 01:00 because midnight was skipped.
        assert_eq!(at("today", "2026-10-25T12:00:00Z", "Europe/Berlin"), "2026-10-24T22:00:00Z +90000000ms");
        assert_eq!(at("2022-03-27", now, "Asia/Beirut"), "2022-03-26T22:00:00Z +82800000ms");
    }

    #[test]
    fn an_instant_covers_its_millisecond() {
        assert_eq!(
            at("2026-11-21T10:00:00.0019+01:00", "2026-01-01T00:00:00Z", "UTC"),
            "2026-11-21T09:00:00.001Z +1ms"
        );
        assert_eq!(
            at("1969-12-31T23:59:59.9999Z", "2026-01-01T00:00:00Z", "UTC"),
            "1969-12-31T23:59:59.999Z +1ms"
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "nowish",
            "now-",
            "now-0d",
            "now-5",
            "now-5M5",
            "now-5q",
            "now 5d",
            "yesterday",
            "2026-02-30",
            "20261121",
            "2026-11-21T09:00",
            "2026-11-21T09:00:00",
            "now-1d-1d-1d-1d-1d",
            "now-9999999d",
            "today*2",
            "2026-11-21T09:00:00+01:00[Europe/Berlin]",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_out_of_the_calendar_is_an_error_not_a_panic() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for text in ["now+999999y", "today-999999mo", "9999-12-31"] {
            assert!(text.parse::<Moment>().unwrap().range(now, &TimeZone::UTC).is_err(), "{text}");
        }
    }
}
