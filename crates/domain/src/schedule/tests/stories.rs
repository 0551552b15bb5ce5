//! What the console and the scheduler ask: next, last, over, reminder.

use super::*;

#[test]
fn the_console_shows_the_next_five() {
    let schedule = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"weeks"},"end":"2026-11-20T00:00"}"#,
    );
    assert_eq!(
        local(&schedule, schedule.next_n(&none(), utc("2026-10-12T07:00:00Z"), 5)),
        [
            "Mon 2026-10-19 09:00 +02",
            "Mon 2026-10-26 09:00 +01",
            "Mon 2026-11-02 09:00 +01",
            "Mon 2026-11-09 09:00 +01",
            "Mon 2026-11-16 09:00 +01"
        ]
    );
    assert_eq!(schedule.next_n(&none(), utc("2026-11-01T00:00:00Z"), 5).len(), 3);
    assert_eq!(schedule.next_after(&none(), utc("2026-11-16T08:00:00Z")), None);
}

#[test]
fn a_range_includes_its_beginning_and_not_its_end() {
    let schedule =
        schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"days"}}"#);
    let day = |day| utc(&format!("2026-03-{day:02}T09:00:00Z"));
    let found: Vec<_> = schedule.occurrences(&none(), day(5), day(7)).map(|o| o.at).collect();
    assert_eq!(found, [day(5), day(6)]);
    assert_eq!(schedule.occurrences(&none(), day(7), day(5)).count(), 0);
}

#[test]
fn a_far_moment_of_an_hourly_schedule_is_found_without_walking_there() {
    let hourly = schedule(
        r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:30","repetition":{"every":1,"unit":"hours"}}"#,
    );
    let calendar = none();
    let walk = walk::Walk::near(&hourly, &calendar, Some(utc("2030-07-01T10:00:00Z"))).unwrap();
    let seen = walk.take_while(|occurrence| occurrence.at <= utc("2030-07-01T10:00:00Z")).count();
    assert!(seen <= 3 * 24, "walked over {seen} occurrences");
    let next = hourly.next_after(&calendar, utc("2030-07-01T10:00:00Z")).unwrap();
    assert_eq!(local(&hourly, [next]), ["Mon 2030-07-01 12:30 +02"]);
    assert_eq!(next.number, 37_971);
    let last = hourly.last(&calendar).unwrap();
    assert_eq!(local(&hourly, [last]), ["Sun 2031-03-02 09:30 +01"]);
}

#[test]
fn a_schedule_is_over_after_its_last_run() {
    let weekly = schedule(
        r#"{"zone":"UTC","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"weeks"},"end":"2026-03-20T00:00"}"#,
    );
    assert_eq!(weekly.last(&none()).unwrap().at, utc("2026-03-16T09:00:00Z"));
    for (now, over) in [
        ("2020-01-01T00:00:00Z", false),
        ("2026-03-16T08:59:59Z", false),
        ("2026-03-16T09:00:00Z", true),
        ("2040-01-01T00:00:00Z", true),
    ] {
        assert_eq!(weekly.is_over(&none(), utc(now)), over, "{now}");
    }
    let once = schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00"}"#);
    assert!(!once.is_over(&none(), utc("2026-03-02T08:00:00Z")));
    assert!(once.is_over(&none(), utc("2026-03-02T09:00:00Z")));
}

#[test]
fn a_schedule_that_waits_for_next_years_holidays_is_not_over() {
    let only = schedule(
        r#"{"zone":"UTC","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"weeks"},"end":"2028-03-02T09:00","holidays":"only_on"}"#,
    );
    let this_year = calendar(&[("2026-04-06", false)]);
    let summer = utc("2026-07-01T00:00:00Z");
    assert_eq!(only.next_after(&this_year, summer), None);
    assert!(!only.is_over(&this_year, summer));
    assert!(!only.is_over(&none(), summer));
    assert!(only.is_over(&this_year, utc("2028-03-02T09:00:00Z")));

    let once = schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00","holidays":"only_on"}"#);
    assert!(once.is_over(&this_year, summer), "its one run was on Easter Monday");
    assert!(!once.is_over(&none(), summer), "its one run still waits");
}

#[test]
fn the_reminder_comes_thirty_days_before_the_end() {
    for (json, expected) in [
        (r#""repetition":{"every":1,"unit":"days"},"end":"2026-04-20T09:00""#, Some("2026-03-21T08:00:00Z")),
        (r#""repetition":{"every":1,"unit":"days"}"#, Some("2031-01-31T08:00:00Z")),
        (r#""end":"2026-12-31T00:00""#, Some("2026-11-30T23:00:00Z")),
        (r#""end":"2026-04-01T09:00""#, None),
        (r#""delete_after_last":true"#, None),
    ] {
        let schedule = schedule(&format!(r#"{{"zone":"Europe/Berlin","start":"2026-03-02T09:00",{json}}}"#));
        assert_eq!(schedule.reminder_at(), expected.map(utc), "{json}");
        if let (Some(reminder), Some(end)) = (schedule.reminder_at(), schedule.ends_at()) {
            // 30 days at the same wall time: a clock change between them makes an hour's difference.
            let apart = end.duration_since(reminder).as_hours();
            assert!((30 * 24 - 1..=30 * 24 + 1).contains(&apart), "{apart} hours");
        }
    }
}

#[test]
fn a_key_is_read_back_as_written() {
    let key = schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00:07"}"#).first(&none()).unwrap().key;
    assert_eq!(key.to_string(), "2026-03-02T09:00:07");
    assert_eq!("2026-03-02T09:00:07".parse(), Ok(key));
    assert_eq!("yesterday".parse::<OccurrenceKey>(), Err(NotAKey));
}

#[test]
fn an_edited_calendar_does_not_rename_what_ran() {
    // Friday ran; afterwards Friday is entered as a holiday.
    let weekly = schedule(
        r#"{"zone":"UTC","start":"2026-03-06T09:00","repetition":{"every":1,"unit":"weeks"},"holidays":"never_on"}"#,
    );
    let edited = calendar(&[("2026-03-06", false)]);
    assert_eq!(weekly.first(&none()).unwrap().key, weekly.first(&edited).unwrap().key);
    // Of a daily one, Saturday's own run is not lost behind Friday's key.
    let daily = schedule(
        r#"{"zone":"UTC","start":"2026-03-06T09:00","repetition":{"every":1,"unit":"days"},"holidays":"never_on"}"#,
    );
    assert_eq!(daily.first(&edited).unwrap().key.to_string(), "2026-03-07T09:00:00");
}
