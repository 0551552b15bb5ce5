//! Wall-clock times as written in forms, and the instants they stand for in a zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Reads `2026-03-02T09:00` or `2026-03-02T09:00:30`, nothing else: no zone, no offset, no fraction.
pub(super) fn parse(text: &str) -> Option<DateTime> {
    let text = text.trim();
    DateTime::strptime("%Y-%m-%dT%H:%M:%S", text)
        .or_else(|_| DateTime::strptime("%Y-%m-%dT%H:%M", text))
        .ok()
        .filter(|wall| wall.subsec_nanosecond() == 0)
}

/// The instant of a wall time: the first valid one after a gap, the first of two in a fold.
///
/// `None` only outside the years the calendar library can represent.
pub(crate) fn instant(zone: &TimeZone, wall: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { before, after } => {
            // Read with the later offset, a skipped time lies before the jump; read with the earlier one, after it.
            let before_jump = after.to_timestamp(wall).ok()?;
            let after_jump = before.to_timestamp(wall).ok()?;
            let jump = zone.following(before_jump).next().map(|transition| transition.timestamp());
            jump.filter(|&jump| jump <= after_jump).or(Some(after_jump))
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
    }
}

/// The day on which an instant falls in a zone.
pub(super) fn date_of(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at).date()
}

/// Whether every wall time of a day is run on that day.
///
/// False on the rare day whose last minutes are skipped, as in Nuuk each March: 23:30 then means midnight of the
/// next day.
pub(super) fn is_whole(zone: &TimeZone, day: Date) -> bool {
    instant(zone, day.to_datetime(time(23, 59, 59, 0))).is_some_and(|at| date_of(zone, at) == day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(zone: &str, wall: &str) -> String {
        instant(&TimeZone::get(zone).unwrap(), parse(wall).unwrap()).unwrap().to_string()
    }

    #[test]
    fn only_plain_wall_times_are_read() {
        assert_eq!(parse("2026-03-02T09:00"), Some(date(2026, 3, 2).at(9, 0, 0, 0)));
        assert_eq!(parse(" 2026-03-02T09:00:30 "), Some(date(2026, 3, 2).at(9, 0, 30, 0)));
        for wrong in [
            "",
            "2026-03-02",
            "2026-03-02T09",
            "2026-02-30T09:00",
            "2026-03-02T24:00",
            "2026-03-02T09:00Z",
            "2026-03-02T09:00-03:00",
            "2026-03-02T09:00:00+01:00[Europe/Berlin]",
            "2026-03-02T09:00:00.5",
            "02.03.2026 09:00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_skipped_time_means_the_first_instant_after_the_gap() {
        for (zone, wall, expected) in [
            ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
            ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00:00Z"),
            ("America/New_York", "2026-03-08T02:15", "2026-03-08T07:00:00Z"),
            // The clock jumps by half an hour only.
            ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30:00Z"),
            // The jump crosses midnight.
            ("America/Nuuk", "2026-03-28T23:30", "2026-03-29T01:00:00Z"),
            // A whole day was skipped.
            ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(at(zone, wall), expected, "{zone} {wall}");
        }
    }

    #[test]
    fn a_time_that_comes_twice_means_the_first() {
        for (zone, wall, expected) in [
            ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z"),
            ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
            ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T00:30:00Z"),
            ("America/New_York", "2026-11-01T01:15", "2026-11-01T05:15:00Z"),
        ] {
            assert_eq!(at(zone, wall), expected, "{zone} {wall}");
        }
    }

    #[test]
    fn a_day_whose_end_is_skipped_is_not_whole() {
        let nuuk = TimeZone::get("America/Nuuk").unwrap();
        assert!(!is_whole(&nuuk, date(2026, 3, 28)));
        assert!(is_whole(&nuuk, date(2026, 3, 29)));
        assert!(is_whole(&TimeZone::get("Europe/Berlin").unwrap(), date(2026, 3, 29)));
    }
}
