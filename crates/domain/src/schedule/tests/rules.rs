//! Each rule of the schedule as a table of literal dates.

use super::*;

fn german_holidays() -> HolidayCalendar {
    calendar(&[
        ("2026-01-01", true),
        ("2026-04-03", false),
        ("2026-04-06", false),
        ("2026-05-01", true),
        ("2026-05-14", false),
        ("2026-05-25", false),
        ("2026-10-03", true),
        ("2026-12-25", true),
        ("2026-12-26", true),
    ])
}

#[test]
fn every_two_weeks_on_weekdays_never_on_holidays_across_both_clock_changes() {
    // The start, 28 February 2026, is a Saturday and the end of its month: each run is moved to Monday.
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-02-28T09:00","repetition":{"every":2,"unit":"weeks"},
            "end":"2027-01-10T00:00","holidays":"never_on",
            "days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}}"#,
    );
    let calendar = german_holidays();
    let occurrences = all(&schedule, &calendar);
    assert_eq!(
        local(&schedule, occurrences.clone()),
        [
            "Mon 2026-03-02 09:00 +01",
            "Mon 2026-03-16 09:00 +01",
            "Mon 2026-03-30 09:00 +02",
            "Mon 2026-04-13 09:00 +02",
            "Mon 2026-04-27 09:00 +02",
            "Mon 2026-05-11 09:00 +02",
            "Tue 2026-05-26 09:00 +02",
            "Mon 2026-06-08 09:00 +02",
            "Mon 2026-06-22 09:00 +02",
            "Mon 2026-07-06 09:00 +02",
            "Mon 2026-07-20 09:00 +02",
            "Mon 2026-08-03 09:00 +02",
            "Mon 2026-08-17 09:00 +02",
            "Mon 2026-08-31 09:00 +02",
            "Mon 2026-09-14 09:00 +02",
            "Mon 2026-09-28 09:00 +02",
            "Mon 2026-10-12 09:00 +02",
            "Mon 2026-10-26 09:00 +01",
            "Mon 2026-11-09 09:00 +01",
            "Mon 2026-11-23 09:00 +01",
            "Mon 2026-12-07 09:00 +01",
            "Mon 2026-12-21 09:00 +01",
            "Mon 2027-01-04 09:00 +01",
        ]
    );
    assert_eq!(
        keys(&occurrences[..3]),
        ["2026-02-28T09:00:00", "2026-03-14T09:00:00", "2026-03-28T09:00:00"]
    );
    assert_eq!(occurrences[2].planned, utc("2026-03-28T08:00:00Z"));
    assert_eq!(occurrences[2].at, utc("2026-03-30T07:00:00Z"));
    assert!(occurrences.iter().all(Occurrence::is_shifted));
}

#[test]
fn a_daily_run_at_half_past_two_happens_once_on_each_day_of_a_clock_change() {
    for (start, expected) in [
        (
            "2026-03-28T02:30",
            ["Sat 2026-03-28 02:30 +01", "Sun 2026-03-29 03:00 +02", "Mon 2026-03-30 02:30 +02"],
        ),
        (
            "2026-10-24T02:30",
            ["Sat 2026-10-24 02:30 +02", "Sun 2026-10-25 02:30 +02", "Mon 2026-10-26 02:30 +01"],
        ),
        (
            "2027-03-27T02:30",
            ["Sat 2027-03-27 02:30 +01", "Sun 2027-03-28 03:00 +02", "Mon 2027-03-29 02:30 +02"],
        ),
        (
            "2027-10-30T02:30",
            ["Sat 2027-10-30 02:30 +02", "Sun 2027-10-31 02:30 +02", "Mon 2027-11-01 02:30 +01"],
        ),
    ] {
        let schedule = schedule(&format!(
            r#"{{"zone":"Europe/Berlin","start":"{start}","repetition":{{"every":1,"unit":"days"}}}}"#
        ));
        assert_eq!(local(&schedule, schedule.next_n(&none(), Timestamp::MIN, 3)), expected);
    }
}

#[test]
fn hours_keep_their_wall_times_across_clock_changes() {
    for (start, every, expected) in [
        // The skipped hour meets its successor: one run at 03:00.
        (
            "2026-03-29T00:00",
            1,
            [
                "Sun 2026-03-29 00:00 +01",
                "Sun 2026-03-29 01:00 +01",
                "Sun 2026-03-29 03:00 +02",
                "Sun 2026-03-29 04:00 +02",
                "Sun 2026-03-29 05:00 +02",
            ],
        ),
        (
            "2026-03-29T00:30",
            1,
            [
                "Sun 2026-03-29 00:30 +01",
                "Sun 2026-03-29 01:30 +01",
                "Sun 2026-03-29 03:00 +02",
                "Sun 2026-03-29 03:30 +02",
                "Sun 2026-03-29 04:30 +02",
            ],
        ),
        // The doubled hour runs once.
        (
            "2027-10-31T01:30",
            1,
            [
                "Sun 2027-10-31 01:30 +02",
                "Sun 2027-10-31 02:30 +02",
                "Sun 2027-10-31 03:30 +01",
                "Sun 2027-10-31 04:30 +01",
                "Sun 2027-10-31 05:30 +01",
            ],
        ),
        (
            "2026-10-24T09:00",
            6,
            [
                "Sat 2026-10-24 09:00 +02",
                "Sat 2026-10-24 15:00 +02",
                "Sat 2026-10-24 21:00 +02",
                "Sun 2026-10-25 03:00 +01",
                "Sun 2026-10-25 09:00 +01",
            ],
        ),
    ] {
        let schedule = schedule(&format!(
            r#"{{"zone":"Europe/Berlin","start":"{start}","repetition":{{"every":{every},"unit":"hours"}}}}"#
        ));
        let occurrences = schedule.next_n(&none(), Timestamp::MIN, 5);
        assert_eq!(local(&schedule, occurrences), expected, "every {every} hours from {start}");
    }
}

#[test]
fn runs_that_meet_take_the_key_of_the_latest() {
    let hourly = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-03-29T01:00","repetition":{"every":1,"unit":"hours"}}"#,
    );
    let met = hourly.next_after(&none(), utc("2026-03-29T00:00:00Z")).unwrap();
    assert_eq!((met.number, met.key.to_string().as_str()), (2, "2026-03-29T03:00:00"));
    assert!(!met.is_shifted());

    // Daily on weekdays: what is moved from Saturday and Sunday is part of Monday's own run.
    let daily = schedule(
        r#"{"zone":"UTC","start":"2026-03-06T09:00","repetition":{"every":1,"unit":"days"},"end":"2026-03-10T12:00",
            "days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}}"#,
    );
    let occurrences = all(&daily, &none());
    assert_eq!(keys(&occurrences), ["2026-03-06T09:00:00", "2026-03-09T09:00:00", "2026-03-10T09:00:00"]);
    assert_eq!(occurrences[1].number, 3);
}

#[test]
fn months_clamp_and_then_move_to_an_allowed_day() {
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2028-01-31T18:00","repetition":{"every":1,"unit":"months"},
            "end":"2028-08-01T00:00","holidays":"never_on",
            "days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}}"#,
    );
    let calendar = calendar(&[("2028-05-01", true), ("2028-05-31", false)]);
    assert_eq!(
        local(&schedule, all(&schedule, &calendar)),
        [
            "Mon 2028-01-31 18:00 +01",
            "Tue 2028-02-29 18:00 +01",
            "Fri 2028-03-31 18:00 +02",
            // 30 April is a Sunday, 1 May a holiday.
            "Tue 2028-05-02 18:00 +02",
            "Thu 2028-06-01 18:00 +02",
            "Fri 2028-06-30 18:00 +02",
            "Mon 2028-07-31 18:00 +02",
        ]
    );
}

#[test]
fn only_on_holidays_waits_for_the_next_one() {
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"days"},
            "end":"2027-05-01T12:00","holidays":"only_on"}"#,
    );
    let occurrences = all(&schedule, &german_holidays());
    assert_eq!(
        local(&schedule, occurrences),
        [
            "Fri 2026-04-03 09:00 +02",
            "Mon 2026-04-06 09:00 +02",
            "Fri 2026-05-01 09:00 +02",
            "Thu 2026-05-14 09:00 +02",
            "Mon 2026-05-25 09:00 +02",
            "Sat 2026-10-03 09:00 +02",
            "Fri 2026-12-25 09:00 +01",
            "Sat 2026-12-26 09:00 +01",
            "Fri 2027-01-01 09:00 +01",
            "Sat 2027-05-01 09:00 +02",
        ]
    );
}

#[test]
fn hours_moved_from_a_weekend_keep_their_times_and_meet_on_monday() {
    let schedule = schedule(
        r#"{"zone":"UTC","start":"2026-03-06T20:00","repetition":{"every":10,"unit":"hours"},"end":"2026-03-09T20:00",
            "days":{"monday":true,"friday":true}}"#,
    );
    let occurrences = all(&schedule, &none());
    assert_eq!(
        local(&schedule, occurrences.clone()),
        [
            "Fri 2026-03-06 20:00 +00",
            "Mon 2026-03-09 02:00 +00",
            "Mon 2026-03-09 06:00 +00",
            "Mon 2026-03-09 08:00 +00",
            "Mon 2026-03-09 12:00 +00",
            "Mon 2026-03-09 16:00 +00",
            "Mon 2026-03-09 18:00 +00",
        ]
    );
    assert_eq!(
        occurrences.iter().map(|occurrence| occurrence.number).collect::<Vec<_>>(),
        [0, 3, 1, 6, 4, 2, 7]
    );
}

#[test]
fn the_frame_is_closed_and_a_shift_stops_at_its_end() {
    let daily = |end: &str| {
        let schedule = schedule(&format!(
            r#"{{"zone":"Europe/Berlin","start":"2026-03-05T09:00","repetition":{{"every":1,"unit":"days"}},
                 "end":"{end}","days":{{"thursday":true,"friday":true,"monday":true}}}}"#
        ));
        local(&schedule, all(&schedule, &none()))
    };
    let both = ["Thu 2026-03-05 09:00 +01", "Fri 2026-03-06 09:00 +01"];
    assert_eq!(daily("2026-03-06T09:00"), both);
    assert_eq!(daily("2026-03-06T08:59"), both[..1]);
    // Saturday's run would be moved to Monday 09:00.
    assert_eq!(daily("2026-03-09T08:59"), both);
    assert_eq!(daily("2026-03-09T09:00").len(), 3);
}

#[test]
fn without_an_end_a_repetition_lives_five_years() {
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2028-02-29T09:00","repetition":{"every":12,"unit":"months"}}"#,
    );
    let occurrences = all(&schedule, &none());
    assert_eq!(
        keys(&occurrences),
        [
            "2028-02-29T09:00:00",
            "2029-02-28T09:00:00",
            "2030-02-28T09:00:00",
            "2031-02-28T09:00:00",
            "2032-02-29T09:00:00",
            "2033-02-28T09:00:00"
        ]
    );
    assert_eq!(schedule.last(&none()), occurrences.last().copied());
}

#[test]
fn a_single_run_is_moved_too() {
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-12-25T09:00","holidays":"never_on",
            "days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}}"#,
    );
    let occurrences = all(&schedule, &german_holidays());
    assert_eq!(local(&schedule, occurrences.clone()), ["Mon 2026-12-28 09:00 +01"]);
    assert_eq!(keys(&occurrences), ["2026-12-25T09:00:00"]);
}

#[test]
fn a_gap_at_midnight_does_not_reach_a_day_that_is_not_allowed() {
    // In Nuuk the clock jumps from Saturday 23:00 to Sunday 00:00.
    let nightly = |days: &str| {
        let schedule = schedule(&format!(
            r#"{{"zone":"America/Nuuk","start":"2026-03-27T23:30","repetition":{{"every":1,"unit":"days"}},
                 "end":"2026-03-30T23:30","days":{{"friday":true,"saturday":true,"monday":true{days}}}}}"#
        ));
        local(&schedule, all(&schedule, &none()))
    };
    assert_eq!(nightly(""), ["Fri 2026-03-27 23:30 -02", "Mon 2026-03-30 23:30 -01"]);
    assert_eq!(
        nightly(r#","sunday":true"#),
        [
            "Fri 2026-03-27 23:30 -02",
            "Sun 2026-03-29 00:00 -01",
            "Sun 2026-03-29 23:30 -01",
            "Mon 2026-03-30 23:30 -01"
        ]
    );
    // Hourly: the skipped 23:00 meets the midnight after it.
    let hourly = schedule(
        r#"{"zone":"America/Nuuk","start":"2026-03-28T22:00","repetition":{"every":1,"unit":"hours"},"end":"2026-03-29T01:00"}"#,
    );
    let occurrences = all(&hourly, &none());
    assert_eq!(keys(&occurrences), ["2026-03-28T22:00:00", "2026-03-29T00:00:00", "2026-03-29T01:00:00"]);
}
