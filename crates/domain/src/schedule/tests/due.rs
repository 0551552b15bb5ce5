//! What runs now and what was missed.

use super::*;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn daily() -> Schedule {
    schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"days"}}"#)
}

fn decide(schedule: &Schedule, handled: Option<&str>, now: &str, grace: Duration) -> Due {
    schedule.due(&none(), handled.map(utc), utc(now), grace)
}

fn missed(due: &Due) -> Vec<(String, MissedReason)> {
    due.missed.iter().map(|missed| (missed.occurrence.at.to_string(), missed.reason)).collect()
}

#[test]
fn an_occurrence_runs_at_its_instant_and_not_before() {
    let before = decide(&daily(), None, "2026-03-02T08:59:59Z", DAY);
    assert_eq!(before, Due::default());
    let due = decide(&daily(), None, "2026-03-02T09:00:00Z", DAY);
    assert_eq!(due.run.unwrap().key.to_string(), "2026-03-02T09:00:00");
    assert_eq!((due.missed_count, due.handled_until), (0, Some(utc("2026-03-02T09:00:00Z"))));
}

#[test]
fn what_is_handled_is_not_due_again() {
    let handled = Some("2026-03-02T09:00:00Z");
    assert_eq!(decide(&daily(), handled, "2026-03-02T09:00:00Z", DAY), Due::default());
    assert_eq!(decide(&daily(), handled, "2026-03-03T08:59:59Z", DAY), Due::default());
    assert!(decide(&daily(), handled, "2026-03-03T09:00:00Z", DAY).run.is_some());
}

#[test]
fn after_downtime_only_the_latest_runs() {
    let due = decide(&daily(), Some("2026-03-02T09:00:00Z"), "2026-03-06T08:00:00Z", DAY);
    assert_eq!(due.run.unwrap().at, utc("2026-03-05T09:00:00Z"));
    assert_eq!(
        missed(&due),
        [
            ("2026-03-03T09:00:00Z".into(), MissedReason::TooLate),
            ("2026-03-04T09:00:00Z".into(), MissedReason::TooLate)
        ]
    );
    assert_eq!((due.missed_count, due.handled_until), (2, Some(utc("2026-03-05T09:00:00Z"))));

    let two_days = decide(&daily(), Some("2026-03-02T09:00:00Z"), "2026-03-06T08:00:00Z", 2 * DAY);
    assert_eq!(missed(&two_days)[1], ("2026-03-04T09:00:00Z".into(), MissedReason::Coalesced));
}

#[test]
fn an_occurrence_late_by_the_whole_grace_period_is_missed() {
    let once = schedule(r#"{"zone":"UTC","start":"2026-03-02T09:00"}"#);
    let in_time = decide(&once, None, "2026-03-03T08:59:59Z", DAY);
    assert!(in_time.run.is_some() && in_time.missed.is_empty());
    let late = decide(&once, None, "2026-03-03T09:00:00Z", DAY);
    assert_eq!(late.run, None);
    assert_eq!(missed(&late), [("2026-03-02T09:00:00Z".into(), MissedReason::TooLate)]);
    assert_eq!(late.handled_until, Some(utc("2026-03-02T09:00:00Z")));
}

#[test]
fn lateness_is_counted_from_the_shifted_instant() {
    // Planned for Saturday, moved to Monday: on Monday it is not late.
    let moved = schedule(r#"{"zone":"UTC","start":"2026-03-07T09:00","days":{"monday":true}}"#);
    assert_eq!(decide(&moved, None, "2026-03-08T12:00:00Z", DAY), Due::default());
    let due = decide(&moved, None, "2026-03-09T09:00:01Z", DAY);
    assert_eq!(due.run.unwrap().planned, utc("2026-03-07T09:00:00Z"));
}

#[test]
fn a_clock_that_jumps_back_a_day_fires_nothing_twice() {
    let mut handled = None;
    let mut ran = Vec::new();
    for now in [
        "2026-03-02T09:00:10Z",
        "2026-03-03T09:00:10Z",
        "2026-03-02T08:00:00Z",
        "2026-03-02T09:00:10Z",
        "2026-03-03T09:00:10Z",
        "2026-03-04T09:00:10Z",
    ] {
        let due = daily().due(&none(), handled, utc(now), DAY);
        ran.extend(due.run.map(|occurrence| occurrence.at.to_string()));
        handled = due.handled_until.or(handled);
        assert_eq!(due.missed_count, 0, "{now}");
    }
    assert_eq!(ran, ["2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z", "2026-03-04T09:00:00Z"]);
}

#[test]
fn the_list_of_missed_ones_is_bounded_and_the_count_is_not() {
    let hourly =
        schedule(r#"{"zone":"UTC","start":"2026-03-02T00:00","repetition":{"every":1,"unit":"hours"}}"#);
    let due = decide(&hourly, None, "2026-03-31T23:30:00Z", DAY);
    assert_eq!(due.run.unwrap().at, utc("2026-03-31T23:00:00Z"));
    assert_eq!(due.missed_count, 30 * 24 - 1);
    assert_eq!(due.missed.len(), MISSED_LISTED);
    assert_eq!(due.missed.last().unwrap().occurrence.at, utc("2026-03-31T22:00:00Z"));
    assert_eq!(due.missed.first().unwrap().occurrence.at, utc("2026-03-27T19:00:00Z"));
}
