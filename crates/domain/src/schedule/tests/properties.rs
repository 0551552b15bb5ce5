//! What holds for every schedule, compared with a slow model that follows the words of the rules.

use super::*;
use jiff::Span;
use jiff::civil::{Date, DateTime, date, time};
use jiff::tz::AmbiguousOffset;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Zones with unlike clocks: an hour, half an hour, at midnight, backwards, a whole day, never.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Nuuk",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
];

/// The days around which frames begin: mostly shortly before a change of the clock or a month's end.
const NEAR: [(i16, i8, i8); 7] = [
    (2026, 3, 20),
    (2026, 10, 20),
    (2027, 3, 25),
    (2027, 10, 28),
    (2028, 2, 25),
    (2026, 12, 30),
    (2011, 12, 24),
];

/// A slow, separate reading of the rules.
fn model(schedule: &Schedule, calendar: &HolidayCalendar) -> Vec<(Timestamp, u32)> {
    let rule = schedule.day_rule(calendar);
    let end = model_instant(schedule, schedule.latest());
    let mut found: BTreeMap<Timestamp, u32> = BTreeMap::new();
    for number in 0.. {
        let Some(wall) = schedule.nominal().wall(number).filter(|&wall| wall <= schedule.latest()) else {
            break;
        };
        let mut day = wall.date();
        while day <= schedule.latest().date() {
            let at = model_instant(schedule, day.to_datetime(wall.time()));
            if rule.allows(day) && rule.allows(day_of(schedule, at)) {
                if at <= end {
                    found.insert(at, number);
                }
                break;
            }
            day = day.tomorrow().unwrap();
        }
    }
    found.into_iter().collect()
}

/// Tries minute after minute until the clock shows it.
fn model_instant(schedule: &Schedule, wall: DateTime) -> Timestamp {
    let mut wall = wall;
    loop {
        match schedule.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Gap { .. } => wall = wall.checked_add(Span::new().minutes(1)).unwrap(),
            AmbiguousOffset::Fold { before: offset, .. } | AmbiguousOffset::Unambiguous { offset } => {
                return offset.to_timestamp(wall).unwrap();
            }
        }
    }
}

fn day_of(schedule: &Schedule, at: Timestamp) -> Date {
    schedule.zone.to_datetime(at).date()
}

fn repetitions() -> impl Strategy<Value = Option<(i64, Unit, i64)>> {
    prop_oneof![
        1 => Just(None),
        3 => (Just(1), 8..=16_i64).prop_map(|(every, days)| Some((every, Unit::Hours, days))),
        4 => (1..=30_i64, 1..=25_i64).prop_map(|(every, days)| Some((every, Unit::Hours, days))),
        4 => (1..=9_i64, 1..=90_i64).prop_map(|(every, days)| Some((every, Unit::Days, days))),
        3 => (1..=3_i64, 7..=200_i64).prop_map(|(every, days)| Some((every, Unit::Weeks, days))),
        3 => (1..=5_i64, 28..=700_i64).prop_map(|(every, days)| Some((every, Unit::Months, days))),
    ]
}

fn times() -> impl Strategy<Value = (i8, i8)> {
    prop_oneof![Just((2, 30)), Just((23, 30)), Just((0, 0)), (0..24_i8, 0..60_i8)]
}

fn days() -> impl Strategy<Value = ExecutionDays> {
    (1..128_u8).prop_map(ticked)
}

fn ticked(bits: u8) -> ExecutionDays {
    ExecutionDays {
        monday: bits & 1 != 0,
        tuesday: bits & 2 != 0,
        wednesday: bits & 4 != 0,
        thursday: bits & 8 != 0,
        friday: bits & 16 != 0,
        saturday: bits & 32 != 0,
        sunday: bits & 64 != 0,
    }
}

prop_compose! {
    fn schedules()(
        zone in 0..ZONES.len(),
        near in 0..NEAR.len(),
        offset in 0..8_i64,
        (hour, minute) in times(),
        repetition in repetitions(),
        days in prop_oneof![Just(ExecutionDays::ALL), days()],
        holidays in prop_oneof![Just(HolidayRule::Always), Just(HolidayRule::NeverOn), Just(HolidayRule::OnlyOn)],
        off in prop::collection::vec((0..200_i64, any::<bool>()), 0..12),
        extra in 1..1_440_i64,
    ) -> (Schedule, HolidayCalendar) {
        let (year, month, day) = NEAR[near];
        let first = date(year, month, day).checked_add(Span::new().days(offset)).unwrap();
        let start = first.to_datetime(time(hour, minute, 0, 0));
        let frame = Span::new().days(repetition.map_or(40, |(_, _, days)| days)).minutes(extra);
        let input = ScheduleInput {
            zone: ZONES[zone].into(),
            start: start.to_string(),
            repetition: repetition.map(|(every, unit, _)| RepetitionInput { every, unit }),
            end: Some(start.checked_add(frame).unwrap().to_string()),
            delete_after_last: false,
            days,
            holidays,
        };
        let entries: Vec<HolidayInput> = off.into_iter().map(|(offset, yearly)| HolidayInput {
            date: first.checked_add(Span::new().days(offset)).unwrap().to_string(),
            name: "Holiday".into(),
            yearly,
        }).collect();
        (Schedule::new(&input).unwrap(), HolidayCalendar::new(&entries).unwrap())
    }
}

/// Every instant around an occurrence that a restart may fall on.
fn moments(occurrences: &[Occurrence]) -> Vec<Timestamp> {
    let second = Span::new().seconds(1);
    occurrences
        .iter()
        .flat_map(|o| [o.at.checked_sub(second).unwrap(), o.at, o.at.checked_add(second).unwrap()])
        .collect()
}

/// The rare clocks: Nuuk skips the end of a Saturday, Apia skipped a whole Friday.
#[test]
fn days_that_end_early_agree_with_the_slow_model_for_all_boxes() {
    for (zone, start, end) in [
        ("America/Nuuk", "2026-03-25T23:30", "2026-04-09T23:45"),
        ("America/Nuuk", "2026-03-28T23:30", "2026-04-12T23:45"),
        ("Pacific/Apia", "2011-12-27T10:00", "2012-01-10T10:00"),
        ("Pacific/Apia", "2011-12-30T00:00", "2012-01-14T00:00"),
    ] {
        for (every, unit) in [(1, Unit::Days), (1, Unit::Weeks), (11, Unit::Hours)] {
            for bits in 1..128 {
                let schedule = Schedule::new(&ScheduleInput {
                    zone: zone.into(),
                    start: start.into(),
                    repetition: Some(RepetitionInput { every, unit }),
                    end: Some(end.into()),
                    delete_after_last: false,
                    days: ticked(bits),
                    holidays: HolidayRule::Always,
                })
                .unwrap();
                let model = model(&schedule, &none());
                let occurrences = all(&schedule, &none());
                let found: Vec<_> = occurrences.iter().map(|o| (o.at, o.number)).collect();
                assert_eq!(found, model, "{schedule}");
                for Occurrence { at, .. } in &occurrences {
                    let before = at.checked_sub(Span::new().seconds(1)).unwrap();
                    let found = schedule.next_after(&none(), before).map(|o| o.at);
                    assert_eq!(found, Some(*at), "{schedule} after {before}");
                }
            }
        }
    }
}

#[test]
fn a_frame_that_ends_in_a_day_that_was_left_out_ends_before_it() {
    let schedule = Schedule::new(&ScheduleInput {
        zone: "Pacific/Apia".into(),
        start: "2011-12-25T05:17".into(),
        repetition: Some(RepetitionInput { every: 1, unit: Unit::Hours }),
        end: Some("2011-12-30T00:00".into()),
        delete_after_last: false,
        days: ticked(127),
        holidays: HolidayRule::Always,
    })
    .unwrap();
    let found: Vec<_> = all(&schedule, &none()).iter().map(|o| (o.at, o.number)).collect();
    assert_eq!(found, model(&schedule, &none()));
    assert_eq!(
        found.last().map(|(at, number)| (at.to_string(), *number)),
        Some(("2011-12-30T09:17:00Z".into(), 114))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_slow_model((schedule, calendar) in schedules()) {
        let found: Vec<_> = all(&schedule, &calendar).iter().map(|o| (o.at, o.number)).collect();
        prop_assert_eq!(&found, &model(&schedule, &calendar));
        prop_assert_eq!(schedule.last(&calendar).map(|o| (o.at, o.number)), found.last().copied());
        prop_assert_eq!(schedule.check_calendar(&calendar).is_ok(), !found.is_empty());
    }

    #[test]
    fn occurrences_rise_inside_the_frame_on_allowed_days((schedule, calendar) in schedules()) {
        let occurrences = all(&schedule, &calendar);
        let first = wall::instant(&schedule.zone, schedule.start()).unwrap();
        let end = wall::instant(&schedule.zone, schedule.latest()).unwrap();
        let rule = schedule.day_rule(&calendar);
        let keys: BTreeSet<_> = occurrences.iter().map(|o| o.key).collect();
        prop_assert_eq!(keys.len(), occurrences.len());
        prop_assert!(occurrences.windows(2).all(|pair| pair[0].at < pair[1].at));
        for occurrence in &occurrences {
            let at = schedule.zone.to_datetime(occurrence.at);
            prop_assert!(first <= occurrence.planned && occurrence.planned <= occurrence.at && occurrence.at <= end);
            prop_assert!(rule.allows(at.date()), "{}", at);
            prop_assert_eq!(schedule.nominal().wall(occurrence.number), Some(occurrence.key.wall()));
            let time = occurrence.key.wall().time();
            if schedule.repetition().is_none_or(|repetition| repetition.unit != Unit::Hours) {
                prop_assert_eq!(time, schedule.start().time());
            }
            // Another time of day than the nominal one is the end of a gap.
            let a_second_before = schedule.zone.to_datetime(occurrence.at.checked_sub(Span::new().seconds(1)).unwrap());
            prop_assert!(at.time() == time || at.duration_since(a_second_before).as_secs() > 1, "{}", at);
        }
    }

    #[test]
    fn one_big_step_runs_at_most_once((schedule, calendar) in schedules(), late in 0..200_000_u32) {
        let occurrences = all(&schedule, &calendar);
        let grace = Duration::from_secs(86_400);
        let Some(last) = occurrences.last() else { return Ok(()) };
        let now = last.at.checked_add(Span::new().seconds(late)).unwrap();
        let due = schedule.due(&calendar, None, now, grace);
        let expected = if late < 86_400 { Some(*last) } else { None };
        prop_assert_eq!(due.run, expected);
        prop_assert_eq!(due.missed_count + usize::from(due.run.is_some()), occurrences.len());
        prop_assert_eq!(schedule.due(&calendar, due.handled_until, now, grace), Due::default());
        prop_assert!(schedule.is_over(&calendar, now) || schedule.holidays() == HolidayRule::OnlyOn);
    }

    #[test]
    fn the_json_of_every_schedule_reads_back((schedule, calendar) in schedules()) {
        let json = serde_json::to_string(&schedule).unwrap();
        prop_assert_eq!(Schedule::parse(&json).unwrap(), schedule);
        let json = serde_json::to_string(&calendar).unwrap();
        prop_assert_eq!(serde_json::from_str::<HolidayCalendar>(&json).unwrap(), calendar);
    }
}

proptest! {
    // These ask at every occurrence: fewer schedules, many questions each.
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asking_from_any_moment_gives_the_same_occurrences((schedule, calendar) in schedules()) {
        let occurrences = all(&schedule, &calendar);
        for moment in moments(&occurrences) {
            let later = occurrences.iter().find(|o| o.at > moment).copied();
            prop_assert_eq!(schedule.next_after(&calendar, moment), later);
            let from = schedule.occurrences(&calendar, moment, Timestamp::MAX).next();
            prop_assert_eq!(from, occurrences.iter().find(|o| o.at >= moment).copied());
        }
    }

    #[test]
    fn small_steps_with_restarts_run_each_occurrence_exactly_once((schedule, calendar) in schedules()) {
        let occurrences = all(&schedule, &calendar);
        let (grace, day) = (Duration::from_secs(86_400), Span::new().hours(24));
        let (mut handled, mut ran) = (None, Vec::new());
        for now in moments(&occurrences) {
            // Each moment is asked twice, and once with a clock a day behind.
            for now in [now, now, now.checked_sub(day).unwrap()] {
                let due = schedule.due(&calendar, handled, now, grace);
                prop_assert_eq!(due.missed_count, 0);
                handled = due.handled_until.or(handled);
                ran.extend(due.run);
            }
        }
        prop_assert_eq!(ran, occurrences);
    }
}
