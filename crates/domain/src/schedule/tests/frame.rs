//! The time frame of event-based automations.

use super::*;
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

const FULL: &str = r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00:00","end":"2027-03-02T09:00:00","days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true,"saturday":false,"sunday":false},"hours":{"from":"08:00","until":"18:00"},"holidays":"never_on"}"#;

fn frame(json: &str) -> TimeFrame {
    TimeFrame::parse(json).unwrap()
}

/// A frame in Berlin in 2026 with these more fields.
fn berlin(more: &str) -> TimeFrame {
    frame(&format!(r#"{{"zone":"Europe/Berlin","start":"2026-01-01T00:00","end":"2026-12-31T23:59"{more}}}"#))
}

fn hours(from: &str, until: &str) -> String {
    format!(r#","hours":{{"from":"{from}","until":"{until}"}}"#)
}

fn next(frame: &TimeFrame, calendar: &HolidayCalendar, from: &str) -> String {
    let Some(at) = frame.next_allowed(calendar, utc(from)) else { return "never".into() };
    at.to_zoned(frame.time_zone().clone()).strftime("%a %m-%d %H:%M:%S %:::z").to_string()
}

#[test]
fn the_json_is_stable_and_what_is_left_out_has_the_plain_meaning() {
    let read = frame(FULL);
    assert_eq!(serde_json::to_string(&read).unwrap(), FULL);
    assert_eq!(serde_json::from_str::<TimeFrame>(FULL).unwrap(), read);
    let plain = frame(r#"{"zone":" europe/berlin ","start":"2026-03-02T09:00"}"#);
    assert_eq!((plain.zone(), plain.end(), plain.hours()), ("Europe/Berlin", None, None));
    assert_eq!((plain.days(), plain.holidays()), (ExecutionDays::ALL, HolidayRule::Always));
    assert_eq!(plain.latest().to_string(), "2031-03-02T09:00:00");
    let text = serde_json::to_string(&plain).unwrap();
    assert_eq!(frame(&text), plain);
}

#[test]
fn each_wrong_field_is_named_with_what_would_be_right() {
    for (from, to, field, says) in [
        ("Europe/Berlin", "Berlin", "zone", "is not an IANA time zone"),
        ("2026-03-02T09:00:00", "2026-03-02", "start", "write it like 2026-03-02T09:00"),
        ("2027-03-02T09:00:00", "2026-03-02T09:00", "end", "later than the start"),
        ("2027-03-02T09:00:00", "2031-03-02T09:01", "end", "at most 5 years after the start"),
        ("true", "false", "days", "tick at least one"),
        ("08:00", "8:00", "hours.from", "“8:00” is not a time of day; write it like 08:00"),
        ("08:00", "08:00:30", "hours.from", "write it like 08:00"),
        ("18:00", "24:00", "hours.until", "write it like 08:00"),
        ("18:00", "+8:00", "hours.until", "write it like 08:00"),
        ("18:00", "", "hours.until", "write it like 08:00"),
        ("18:00", "08:00", "hours.until", "must differ from the beginning"),
        (r#","hours""#, r#","hour""#, "frame", "unknown field `hour`"),
        (r#""until":"18:00""#, r#""to":"18:00""#, "frame", "unknown field `to`"),
    ] {
        let wrong = FULL.replace(from, to);
        assert_ne!(wrong, FULL, "{from}");
        let invalid = TimeFrame::parse(&wrong).unwrap_err();
        assert_eq!(invalid.problems().len(), 1, "{to}: {invalid}");
        assert_eq!(invalid.problems()[0].field, field, "{to}");
        assert!(invalid.problems()[0].message.contains(says), "{to}: {invalid}");
    }
    let all = TimeFrame::parse(r#"{"zone":"","start":"","end":"","days":{},"hours":{"from":"","until":""}}"#);
    let fields: Vec<String> = all.unwrap_err().problems().iter().map(|one| one.field.clone()).collect();
    assert_eq!(fields, ["zone", "start", "end", "days", "hours.from", "hours.until"]);
}

#[test]
fn start_and_end_belong_to_the_frame() {
    let frame = frame(FULL);
    for (now, standing) in [
        ("2026-03-02T07:59:59Z", Standing::Before),
        ("2026-03-02T08:00:00Z", Standing::Inside),
        ("2027-03-02T08:00:00Z", Standing::Inside),
        ("2027-03-02T08:00:01Z", Standing::Over),
    ] {
        assert_eq!(frame.standing(utc(now)), standing, "{now}");
    }
    assert_eq!(frame.starts_at(), utc("2026-03-02T08:00:00Z"));
    assert_eq!(frame.ends_at(), utc("2027-03-02T08:00:00Z"));
    assert_eq!(next(&frame, &none(), "2020-01-01T00:00:00Z"), "Mon 03-02 09:00:00 +01");
    assert_eq!(next(&frame, &none(), "2027-03-02T08:00:00Z"), "Tue 03-02 09:00:00 +01");
    assert_eq!(next(&frame, &none(), "2027-03-02T08:00:01Z"), "never");
}

#[test]
fn the_reminder_comes_30_days_before_the_end() {
    assert_eq!(frame(FULL).reminder_at(), Some(utc("2027-01-31T08:00:00Z")));
    let open = frame(r#"{"zone":"UTC","start":"2026-03-02T09:00"}"#);
    assert_eq!(open.reminder_at(), Some(utc("2031-01-31T09:00:00Z")));
    let short = frame(r#"{"zone":"UTC","start":"2026-03-02T09:00","end":"2026-04-01T09:00"}"#);
    assert_eq!(short.reminder_at(), None);
}

#[test]
fn a_job_waits_for_the_next_allowed_hour_of_an_allowed_day() {
    let calendar = calendar(&[("2026-04-03", false), ("2026-04-06", false)]);
    let office = frame(FULL);
    for (from, expected) in [
        ("2026-03-04T10:15:30.5Z", "Wed 03-04 11:15:30 +01"),
        ("2026-03-04T06:00:00Z", "Wed 03-04 08:00:00 +01"),
        ("2026-03-04T16:59:59Z", "Wed 03-04 17:59:59 +01"),
        ("2026-03-04T17:00:00Z", "Thu 03-05 08:00:00 +01"),
        ("2026-03-06T17:00:00Z", "Mon 03-09 08:00:00 +01"),
        // Over the weekend of the clock change.
        ("2026-03-27T17:00:00Z", "Mon 03-30 08:00:00 +02"),
        ("2026-10-23T16:00:00Z", "Mon 10-26 08:00:00 +01"),
        // Good Friday and Easter Monday.
        ("2026-04-02T16:00:00Z", "Tue 04-07 08:00:00 +02"),
    ] {
        assert_eq!(next(&office, &calendar, from), expected, "{from}");
    }
    let exact = utc("2026-03-04T10:15:30.123456789Z");
    assert_eq!(office.next_allowed(&calendar, exact), Some(exact));
    let only = berlin(r#","holidays":"only_on""#);
    assert_eq!(next(&only, &calendar, "2026-04-03T22:00:00Z"), "Mon 04-06 00:00:00 +02");
    assert_eq!(next(&only, &calendar, "2026-04-06T22:00:00Z"), "never");
}

#[test]
fn hours_past_midnight_belong_to_the_day_they_lie_on() {
    let weekdays = r#","days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}"#;
    let night = berlin(&format!("{}{weekdays}", hours("22:00", "06:00")));
    for (from, expected) in [
        ("2026-03-04T12:00:00Z", "Wed 03-04 22:00:00 +01"),
        ("2026-03-04T22:59:00Z", "Wed 03-04 23:59:00 +01"),
        ("2026-03-04T23:30:00Z", "Thu 03-05 00:30:00 +01"),
        ("2026-03-05T05:00:00Z", "Thu 03-05 22:00:00 +01"),
        // Friday's night ends at midnight, and Monday's early hours are Monday's.
        ("2026-03-06T22:59:59Z", "Fri 03-06 23:59:59 +01"),
        ("2026-03-06T23:00:00Z", "Mon 03-09 00:00:00 +01"),
    ] {
        assert_eq!(next(&night, &none(), from), expected, "{from}");
    }
    let evening = berlin(&hours("18:00", "00:00"));
    assert_eq!(next(&evening, &none(), "2026-03-04T22:59:59Z"), "Wed 03-04 23:59:59 +01");
    assert_eq!(next(&evening, &none(), "2026-03-04T23:00:00Z"), "Thu 03-05 18:00:00 +01");
}

#[test]
fn hours_in_a_gap_do_not_exist_and_hours_in_a_fold_come_twice() {
    // 02:00 to 03:00 is skipped on 29 March and comes twice on 25 October.
    let inside = berlin(&hours("02:10", "02:50"));
    assert_eq!(next(&inside, &none(), "2026-03-28T02:00:00Z"), "Mon 03-30 02:10:00 +02");
    let around = berlin(&hours("01:30", "03:30"));
    assert_eq!(next(&around, &none(), "2026-03-29T00:59:59Z"), "Sun 03-29 01:59:59 +01");
    assert_eq!(next(&around, &none(), "2026-03-29T01:00:00Z"), "Sun 03-29 03:00:00 +02");
    let behind = berlin(&hours("02:30", "04:00"));
    assert_eq!(next(&behind, &none(), "2026-03-28T23:00:00Z"), "Sun 03-29 03:00:00 +02");

    assert_eq!(next(&inside, &none(), "2026-10-24T12:00:00Z"), "Sun 10-25 02:10:00 +02");
    assert_eq!(next(&inside, &none(), "2026-10-25T00:49:59Z"), "Sun 10-25 02:49:59 +02");
    assert_eq!(next(&inside, &none(), "2026-10-25T00:50:00Z"), "Sun 10-25 02:10:00 +01");
    assert_eq!(next(&inside, &none(), "2026-10-25T01:50:00Z"), "Mon 10-26 02:10:00 +01");
}

#[test]
fn a_frame_in_which_nothing_can_be_done_is_told_before_activation() {
    let check = |frame: &TimeFrame, calendar: &HolidayCalendar| {
        frame.check_calendar(calendar).map_err(|invalid| invalid.problems()[0].field.clone())
    };
    assert_eq!(check(&frame(FULL), &none()), Ok(()));
    let only = berlin(r#","holidays":"only_on""#);
    assert_eq!(check(&only, &none()), Err("holidays".into()));
    assert_eq!(check(&only, &calendar(&[("2026-04-06", false)])), Ok(()));
    let sundays = berlin(r#","holidays":"only_on","days":{"sunday":true}"#);
    assert_eq!(check(&sundays, &calendar(&[("2026-04-06", false)])), Err("days".into()));
    let afternoon = |hours: &str| {
        frame(&format!(r#"{{"zone":"UTC","start":"2026-03-02T12:00","end":"2026-03-02T18:00"{hours}}}"#))
    };
    assert_eq!(check(&afternoon(&hours("08:00", "12:00")), &none()), Err("hours".into()));
    assert_eq!(check(&afternoon(&hours("18:00", "20:00")), &none()), Ok(()));
}

#[test]
fn the_search_over_five_years_is_short() {
    let long = frame(
        r#"{"zone":"Africa/Casablanca","start":"2026-01-01T00:00","holidays":"only_on","days":{"monday":true}}"#,
    );
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(long.next_allowed(&none(), Timestamp::MIN), None);
    }
    assert!(begun.elapsed().as_secs() < 5);
    assert_eq!(long.next_allowed(&none(), Timestamp::MAX), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// Compared with a model that tries minute after minute.
    #[test]
    fn the_next_allowed_instant_is_the_first_one_allowed(
        zone in prop::sample::select(&["Europe/Berlin", "America/Nuuk", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"][..]),
        near in prop::sample::select(&[(2026, 3, 27), (2026, 10, 23), (2026, 4, 3), (2026, 2, 13), (2026, 12, 30)][..]),
        from_minute in 0_i64..4 * 1_440,
        hour in prop::option::of((0_i8..24, 0_i8..6, 0_i8..24, 0_i8..6)),
        ticked in 1_u8..128,
        rule in prop::sample::select(&[HolidayRule::Always, HolidayRule::NeverOn, HolidayRule::OnlyOn][..]),
        length in 1_i64..9,
    ) {
        let tick = |bit: u8| ticked & (1 << bit) != 0;
        let start = jiff::civil::date(near.0, near.1, near.2).at(5, 0, 0, 0);
        let input = TimeFrameInput {
            zone: zone.into(),
            start: start.to_string(),
            end: Some((start + length.days()).to_string()),
            days: ExecutionDays {
                monday: tick(0), tuesday: tick(1), wednesday: tick(2), thursday: tick(3), friday: tick(4),
                saturday: tick(5), sunday: tick(6),
            },
            hours: hour.filter(|(a, b, c, d)| (a, b) != (c, d)).map(|(a, b, c, d)| HoursInput {
                from: time(a, b * 10, 0, 0).strftime("%H:%M").to_string(),
                until: time(c, d * 10, 0, 0).strftime("%H:%M").to_string(),
            }),
            holidays: rule,
        };
        let frame = TimeFrame::new(&input).unwrap();
        let calendar = calendar(&[("2026-03-29", false), ("2026-10-25", true), ("2026-12-31", true), ("2026-02-16", false)]);
        let begin = TimeZone::UTC.to_timestamp(start.date().at(0, 0, 0, 0)).unwrap();
        let from = begin + SignedDuration::from_mins(from_minute);
        let model = (0..12 * 1_440)
            .map(|minute| from + SignedDuration::from_mins(minute))
            .find(|&at| frame.standing(at) == Standing::Inside && frame.allows(&calendar, at));
        prop_assert_eq!(frame.next_allowed(&calendar, from), model);
    }
}
