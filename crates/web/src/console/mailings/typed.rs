//! What operators type into the steps of a mailing: numbers, wall times in a zone, times of the day.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// As browsers fill a field for a day and a time.
pub(super) const MINUTE: &str = "%Y-%m-%dT%H:%M";

/// A whole number; `Some(None)`: nothing was typed. What is none is noted at the field.
pub(super) fn number(
    operator: &Operator,
    filled: &mut Filled,
    field: &str,
    wrong: &str,
) -> Option<Option<u32>> {
    let typed = filled.value(field).trim().to_owned();
    if typed.is_empty() {
        return Some(None);
    }
    let read =
        crate::console::automations::refusals::number(&typed).and_then(|number| u32::try_from(number).ok());
    if read.is_none() {
        filled.wrong(field, operator.say(wrong));
    }
    read.map(Some)
}

/// A day and a time; `Some(None)`: nothing was typed.
pub(super) fn wall(operator: &Operator, filled: &mut Filled, field: &str) -> Option<Option<DateTime>> {
    let typed = filled.value(field).trim().to_owned();
    if typed.is_empty() {
        return Some(None);
    }
    let read = typed.parse::<DateTime>().ok();
    if read.is_none() {
        filled.wrong(field, operator.say("schedule-wrong-start"));
    }
    read.map(Some)
}

/// A time of the day; `Some(None)`: nothing was typed.
pub(super) fn time(operator: &Operator, filled: &mut Filled, field: &str) -> Option<Option<Time>> {
    let typed = filled.value(field).trim().to_owned();
    if typed.is_empty() {
        return Some(None);
    }
    let read = typed.parse::<Time>().ok();
    if read.is_none() {
        filled.wrong(field, operator.say("mailing-wrong-time"));
    }
    read.map(Some)
}

/// The zone; one that is none is noted at its field.
pub(super) fn zone(operator: &Operator, filled: &mut Filled) -> Option<(String, TimeZone)> {
    let name = filled.value("zone").trim().to_owned();
    match TimeZone::get(&name) {
        Ok(zone) => Some((name, zone)),
        Err(_) => {
            filled.wrong("zone", operator.say("record-wrong-zone"));
            None
        }
    }
}

/// The moment of a wall time, in milliseconds since 1970.
pub(super) fn moment(zone: &TimeZone, wall: DateTime) -> Option<i64> {
    zone.to_zoned(wall).ok().map(|at| at.timestamp().as_millisecond())
}

/// A moment as browsers fill a field for a day and a time.
pub(super) fn shown(zone: &TimeZone, at_ms: Option<i64>) -> String {
    at_ms
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
        .map(|at| at.to_zoned(zone.clone()).strftime(MINUTE).to_string())
        .unwrap_or_default()
}

/// Line ends as they are stored; browsers send CRLF.
pub(super) fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}
