//! What is refused, and how it is said.

use super::*;

const FULL: &str = r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00:00","repetition":{"every":2,"unit":"weeks"},"end":"2027-03-02T09:00:00","delete_after_last":true,"days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true,"saturday":false,"sunday":false},"holidays":"never_on"}"#;

fn problems(json: &str) -> String {
    Schedule::parse(json).unwrap_err().to_string()
}

#[test]
fn the_json_is_stable_and_comes_back_the_same() {
    let read = schedule(FULL);
    assert_eq!(serde_json::to_string(&read).unwrap(), FULL);
    assert_eq!(serde_json::from_str::<Schedule>(FULL).unwrap(), read);
}

#[test]
fn what_is_left_out_has_the_plain_meaning() {
    let read = schedule(r#"{"zone":" europe/berlin ","start":"2026-03-02T09:00"}"#);
    assert_eq!(read.zone(), "Europe/Berlin");
    assert_eq!((read.repetition(), read.end(), read.delete_after_last()), (None, None, false));
    assert_eq!((read.days(), read.holidays()), (ExecutionDays::ALL, HolidayRule::Always));
    assert_eq!(read.latest().to_string(), "2031-03-02T09:00:00");
}

#[test]
fn each_wrong_field_is_named_with_what_would_be_right() {
    for (from, to, field, says) in [
        ("Europe/Berlin", "Berlin", "zone", "“Berlin” is not an IANA time zone"),
        ("Europe/Berlin", "localtime", "zone", "such as Europe/Berlin"),
        ("Europe/Berlin", "right/Europe/Berlin", "zone", "such as Europe/Berlin"),
        ("Europe/Berlin", "", "zone", "such as Europe/Berlin"),
        ("2026-03-02T09:00:00", "2026-03-02", "start", "write it like 2026-03-02T09:00"),
        ("2026-03-02T09:00:00", "2026-03-02T09:00Z", "start", "without an offset"),
        ("2026-03-02T09:00:00", "0026-03-02T09:00", "start", "not between 2000 and 2199"),
        ("2027-03-02T09:00:00", "2026-03-02T09:00", "end", "later than the start, 2026-03-02 09:00"),
        (
            "2027-03-02T09:00:00",
            "2031-03-02T09:01",
            "end",
            "at most 5 years after the start: 2031-03-02 09:00",
        ),
        ("2027-03-02T09:00:00", "soon", "end", "“soon” is not a date and time"),
        ("\"every\":2", "\"every\":0", "repetition.every", "0 is not a whole number of weeks from 1 to 260"),
        ("\"every\":2", "\"every\":-1", "repetition.every", "-1 is not a whole number of weeks"),
        ("\"every\":2", "\"every\":261", "repetition.every", "from 1 to 260"),
        ("true", "false", "days", "tick at least one"),
    ] {
        let wrong = FULL.replace(from, to);
        assert_ne!(wrong, FULL, "{from}");
        let invalid = Schedule::parse(&wrong).unwrap_err();
        assert_eq!(invalid.problems().len(), 1, "{to}: {invalid}");
        assert_eq!(invalid.problems()[0].field, field, "{to}");
        assert!(invalid.problems()[0].message.contains(says), "{to}: {invalid}");
    }
    assert!(Schedule::parse(&FULL.replace("2027-03-02T", "2031-03-02T")).is_ok());
}

#[test]
fn unknown_fields_units_and_rules_are_refused() {
    for (from, to, says) in [
        ("\"holidays\"", "\"cron\":\"* *\",\"holidays\"", "unknown field `cron`"),
        ("\"unit\"", "\"minutes\":5,\"unit\"", "unknown field `minutes`"),
        ("\"monday\"", "\"caturday\"", "unknown field `caturday`"),
        ("weeks", "minutes", "unknown variant `minutes`"),
        ("never_on", "sometimes", "unknown variant `sometimes`"),
        ("\"zone\"", "\"tz\"", "unknown field `tz`"),
    ] {
        let message = problems(&FULL.replacen(from, to, 1));
        assert!(message.starts_with("schedule: ") && message.contains(says), "{message}");
        assert!(message.contains("line 1 column"), "{message}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let message = problems(
        r#"{"zone":"Mars/Olympus","start":"x","repetition":{"every":0,"unit":"days"},"end":"y","days":{}}"#,
    );
    for field in ["zone: ", "start: ", "repetition.every: ", "end: ", "days: "] {
        assert!(message.contains(field), "{message}");
    }
}

#[test]
fn only_on_holidays_needs_a_holiday_in_the_frame() {
    let only = schedule(
        r#"{"zone":"UTC","start":"2026-03-02T09:00","end":"2026-05-31T09:00","holidays":"only_on",
            "repetition":{"every":1,"unit":"days"},"days":{"monday":true,"friday":true}}"#,
    );
    let refusal = |days: &[(&str, bool)]| only.check_calendar(&calendar(days)).map_err(|e| e.to_string());
    for empty in [&[][..], &[("2026-12-25", true), ("2025-05-01", false)][..]] {
        let message = refusal(empty).unwrap_err();
        assert!(
            message.starts_with(
                "holidays: the holiday calendar has no holiday from 2026-03-02 to 2026-05-31; add one"
            ),
            "{message}"
        );
    }
    // 12 April 2026 is a Sunday.
    assert!(refusal(&[("2026-04-12", false)]).unwrap_err().starts_with("days: no ticked day"));
    assert_eq!(refusal(&[("2020-05-01", true)]), Ok(()));
    // The day of the start is part of the frame.
    assert_eq!(refusal(&[("2026-03-02", false)]), Ok(()));
}

#[test]
fn a_schedule_that_would_never_run_is_refused() {
    // Saturday, moved to Monday 09:00, but the end comes on Monday 08:00.
    let never = schedule(
        r#"{"zone":"UTC","start":"2026-03-07T09:00","end":"2026-03-09T08:00",
            "days":{"monday":true}}"#,
    );
    let message = never.check_calendar(&none()).unwrap_err().to_string();
    assert_eq!(
        message,
        "end: the first run would be moved past the end; choose a later end or tick more days"
    );
    assert_eq!(schedule(FULL).check_calendar(&none()), Ok(()));
}
