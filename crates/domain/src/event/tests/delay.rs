//! How long a job waits: elapsed time or the wall clock, across both changes of the clock.

use super::*;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn due(value: i64, unit: DelayUnit, zone: &str, from: &str) -> String {
    let zone = TimeZone::get(zone).unwrap();
    Delay::new(value, unit).unwrap().due(from.parse().unwrap(), &zone).to_string()
}

#[test]
fn minutes_and_hours_elapse_and_the_rest_follows_the_wall_clock() {
    use DelayUnit::{Days, Hours, Minutes, Months, Weeks};
    let berlin = "Europe/Berlin";
    for (value, unit, from, expected) in [
        (90, Minutes, "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z"),
        (24, Hours, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        // The night of 29 March 2026 has an hour less, that of 25 October one more.
        (1, Days, "2026-03-28T12:00:00Z", "2026-03-29T11:00:00Z"),
        (1, Days, "2026-10-24T12:00:00Z", "2026-10-25T13:00:00Z"),
        // 02:30 does not exist on 29 March: the first instant after the gap, 03:00.
        (1, Days, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"),
        (2, Days, "2026-03-27T01:30:00Z", "2026-03-29T01:00:00Z"),
        // 02:30 comes twice on 25 October: the first.
        (1, Weeks, "2026-10-18T00:30:00Z", "2026-10-25T00:30:00Z"),
        // From the second 02:30 the next day is a plain one.
        (1, Days, "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"),
        (2, Weeks, "2026-03-20T08:00:00Z", "2026-04-03T07:00:00Z"),
        (1, Months, "2026-01-31T11:00:00Z", "2026-02-28T11:00:00Z"),
        (1, Months, "2028-01-31T11:00:00Z", "2028-02-29T11:00:00Z"),
        (2, Months, "2026-01-31T11:00:00Z", "2026-03-31T10:00:00Z"),
        (12, Months, "2028-02-29T11:00:00Z", "2029-02-28T11:00:00Z"),
        // Late on 31 January in UTC it is 1 February in Berlin.
        (1, Months, "2026-01-31T23:30:00Z", "2026-02-28T23:30:00Z"),
    ] {
        assert_eq!(due(value, unit, berlin, from), expected, "{value} {unit} from {from}");
    }
    // A whole day was skipped in Samoa.
    assert_eq!(due(1, Days, "Pacific/Apia", "2011-12-29T20:00:00Z"), "2011-12-30T10:00:00Z");
}

#[test]
fn a_delay_is_1_to_a_year() {
    for &unit in DelayUnit::ALL {
        for good in [1, i64::from(unit.most())] {
            assert_eq!(Delay::new(good, unit).map(Delay::value).ok().map(i64::from), Some(good));
        }
        for wrong in [0, -1, i64::from(unit.most()) + 1, i64::MAX] {
            let problem = Delay::new(wrong, unit).unwrap_err();
            assert_eq!(problem.field, "delay.value");
            assert!(problem.message.contains(&format!("{unit} from 1 to {}", unit.most())), "{problem:?}");
        }
    }
}

#[test]
fn a_delay_reads_back_as_written() {
    let delay: Delay = serde_json::from_str(r#"{"value":2,"unit":"days"}"#).unwrap();
    assert_eq!((delay.value(), delay.unit(), delay.to_string().as_str()), (2, DelayUnit::Days, "2 days"));
    assert_eq!(serde_json::to_string(&delay).unwrap(), r#"{"value":2,"unit":"days"}"#);
    assert_eq!(Delay::new(1, DelayUnit::Months).unwrap().to_string(), "1 month");
    for wrong in [
        r#"{"value":0,"unit":"days"}"#,
        r#"{"value":1.5,"unit":"days"}"#,
        r#"{"value":1,"unit":"years"}"#,
        r#"{"value":1,"unit":"days","of":"x"}"#,
        r#"{"value":1}"#,
    ] {
        assert!(serde_json::from_str::<Delay>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn at_the_end_of_all_calendars_a_delay_is_never_over() {
    let delay = Delay::new(1, DelayUnit::Months).unwrap();
    assert_eq!(delay.due(Timestamp::MAX, &TimeZone::UTC), Timestamp::MAX);
    assert_eq!(Delay::new(1, DelayUnit::Hours).unwrap().due(Timestamp::MAX, &TimeZone::UTC), Timestamp::MAX);
}

proptest! {
    #[test]
    fn a_delay_leads_forward_and_at_most_a_few_hours_beyond_a_year(
        second in 1_577_836_800_i64..2_208_988_800,
        unit in prop::sample::select(DelayUnit::ALL),
        share in 0_u32..=1_000,
        zone in prop::sample::select(&["Europe/Berlin", "America/Nuuk", "Australia/Lord_Howe", "Africa/Casablanca"][..]),
    ) {
        let from = Timestamp::from_second(second).unwrap();
        let value = 1 + i64::from(unit.most() - 1) * i64::from(share) / 1_000;
        let at = Delay::new(value, unit).unwrap().due(from, &TimeZone::get(zone).unwrap());
        prop_assert!(at > from);
        prop_assert!(at.duration_since(from).as_hours() <= 366 * 24 + 2);
    }
}
