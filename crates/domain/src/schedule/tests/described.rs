//! The English line.

use super::*;

#[test]
fn a_schedule_reads_as_one_line() {
    for (json, line) in [
        (
            r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00","repetition":{"every":2,"unit":"weeks"},
                "end":"2027-03-02T09:00","holidays":"never_on",
                "days":{"monday":true,"tuesday":true,"wednesday":true,"thursday":true,"friday":true}}"#,
            "every 2 weeks at 09:00, Monday to Friday, never on holidays, Europe/Berlin, from 2026-03-02 until 2027-03-02",
        ),
        (
            r#"{"zone":"UTC","start":"2026-03-02T09:00:05","delete_after_last":true}"#,
            "once on 2026-03-02 at 09:00:05, UTC, deleted after the last run",
        ),
        (
            r#"{"zone":"UTC","start":"2026-03-02T09:00","end":"2026-04-02T23:59","holidays":"only_on"}"#,
            "once on 2026-03-02 at 09:00, only on holidays, UTC, not after 2026-04-02 23:59",
        ),
        (
            r#"{"zone":"Asia/Kathmandu","start":"2028-02-29T21:15","repetition":{"every":1,"unit":"hours"},
                "days":{"monday":true,"wednesday":true,"sunday":true}}"#,
            "every hour counted from 21:15, Monday, Wednesday and Sunday, Asia/Kathmandu, from 2028-02-29 until 2033-02-28",
        ),
        (
            r#"{"zone":"UTC","start":"2026-03-02T09:00","repetition":{"every":1,"unit":"months"},
                "days":{"saturday":true,"sunday":true}}"#,
            "every month at 09:00, Saturday and Sunday, UTC, from 2026-03-02 until 2031-03-02",
        ),
    ] {
        assert_eq!(schedule(json).to_string(), line);
    }
}

#[test]
fn a_time_frame_reads_as_one_line() {
    for (json, line) in [
        (
            r#"{"zone":"Europe/Berlin","start":"2026-03-02T09:00","end":"2027-03-02T09:00:30","holidays":"never_on",
                "days":{"monday":true,"tuesday":true},"hours":{"from":"22:00","until":"06:00"}}"#,
            "Monday and Tuesday, 22:00 to 06:00, never on holidays, Europe/Berlin, from 2026-03-02 09:00 until 2027-03-02 09:00:30",
        ),
        (
            r#"{"zone":"UTC","start":"2028-02-29T00:00"}"#,
            "every day, UTC, from 2028-02-29 00:00 until 2033-02-28 00:00",
        ),
    ] {
        assert_eq!(TimeFrame::parse(json).unwrap().to_string(), line);
    }
}
