use super::*;

const START: i64 = 1_800_000_000_000;

/// Lets a run of so many people go by a pace, asking whenever it may; gives when each mail went, from the start.
fn play(pace: &Pace, people: i64, begin: i64) -> Vec<i64> {
    let (mut standing, mut now, mut went) = (Standing::default(), begin, Vec::new());
    while (went.len() as i64) < people {
        let left = people - went.len() as i64;
        match pace.ask(&mut standing, 500.min(left as u32), left, now) {
            Allowed::For(room) => {
                pace.took(&mut standing, room, now);
                went.extend(std::iter::repeat_n(now - begin, room as usize));
            }
            Allowed::Not { until, .. } => {
                assert!(until > now, "a wait must end later than now");
                now = until;
            }
        }
    }
    went
}

#[test]
fn without_a_pace_everybody_may_go() {
    assert_eq!(Pace::default().ask(&mut Standing::default(), 500, 1, START), Allowed::For(500));
}

#[test]
fn so_many_a_minute_is_held_within_two_percent() {
    let pace = Pace { per_minute: Some(6_000), ..Pace::default() };
    let went = play(&pace, 30_000, START);
    let minutes = *went.last().unwrap() as f64 / 60_000.0;
    assert!((minutes - 5.0).abs() < 0.1, "{minutes}");
    for second in 0..300 {
        let within = went.iter().filter(|at| (second * 1_000..(second + 1) * 1_000).contains(*at)).count();
        assert!(within <= 202, "{within} in second {second}");
    }
}

#[test]
fn a_pause_is_not_caught_up() {
    let pace = Pace { per_minute: Some(600), ..Pace::default() };
    let mut standing = Standing::default();
    assert_eq!(pace.ask(&mut standing, 500, 9_000, START), Allowed::For(10));
    pace.took(&mut standing, 10, START);
    assert_eq!(pace.ask(&mut standing, 500, 9_000, START + 3_600_000), Allowed::For(10));
}

#[test]
fn a_spread_ends_about_when_it_should() {
    let hour = 3_600_000;
    let pace = Pace { spread_until: Some(START + hour), ..Pace::default() };
    let went = play(&pace, 900, START);
    let last = *went.last().unwrap();
    assert!((hour - 60_000..=hour).contains(&last), "{last}");
    let half = went.iter().filter(|at| **at < hour / 2).count();
    assert!((440..=460).contains(&half), "{half}");
}

#[test]
fn waves_wait_between_them() {
    let pace = Pace { waves: Some(Waves { people: 100, wait_minutes: 10 }), ..Pace::default() };
    let went = play(&pace, 250, START);
    assert_eq!(went.iter().filter(|at| **at == 0).count(), 100);
    assert_eq!(went.iter().filter(|at| **at == 600_000).count(), 100);
    assert_eq!(went.iter().filter(|at| **at == 1_200_000).count(), 50);
}

#[test]
fn quiet_hours_hold_over_midnight_and_over_a_change_of_the_clock() {
    let at = |text: &str| text.parse::<jiff::Zoned>().unwrap().timestamp().as_millisecond();
    let quiet = QuietHours {
        from: jiff::civil::time(22, 0, 0, 0),
        until: jiff::civil::time(7, 0, 0, 0),
        zone: "Europe/Vienna".into(),
    };
    let end = |text: &str| quiet.end(at(text));
    assert_eq!(end("2026-11-26T21:59:00[Europe/Vienna]"), None);
    assert_eq!(end("2026-11-26T22:00:00[Europe/Vienna]"), Some(at("2026-11-27T07:00:00[Europe/Vienna]")));
    assert_eq!(end("2026-11-27T06:59:59[Europe/Vienna]"), Some(at("2026-11-27T07:00:00[Europe/Vienna]")));
    assert_eq!(end("2026-11-27T07:00:00[Europe/Vienna]"), None);
    // The night in which the clock goes back has an hour more.
    assert_eq!(end("2026-10-24T23:00:00[Europe/Vienna]"), Some(at("2026-10-25T07:00:00[Europe/Vienna]")));
    let skipped = QuietHours { until: jiff::civil::time(2, 30, 0, 0), ..quiet };
    assert_eq!(
        skipped.end(at("2026-03-29T01:30:00[Europe/Vienna]")),
        Some(at("2026-03-29T03:30:00[Europe/Vienna]"))
    );
}

#[test]
fn a_pace_says_what_is_wrong_with_it() {
    let wrong = |pace: Pace| pace.check(START).unwrap_err();
    assert_eq!(wrong(Pace { per_minute: Some(0), ..Pace::default() }), UnfitPace::PerMinute);
    assert_eq!(wrong(Pace { spread_until: Some(START), ..Pace::default() }), UnfitPace::Spread);
    let waves =
        |people, wait_minutes| Pace { waves: Some(Waves { people, wait_minutes }), ..Pace::default() };
    assert_eq!(wrong(waves(0, 5)), UnfitPace::WavePeople);
    assert_eq!(wrong(waves(5, 0)), UnfitPace::WaveWait);
    let quiet = |zone: &str, hour| Pace {
        quiet: Some(QuietHours {
            from: jiff::civil::time(22, 0, 0, 0),
            until: jiff::civil::time(hour, 0, 0, 0),
            zone: zone.into(),
        }),
        ..Pace::default()
    };
    assert_eq!(wrong(quiet("Mars/Base", 7)), UnfitPace::QuietZone { zone: "Mars/Base".into() });
    assert_eq!(wrong(quiet("UTC", 22)), UnfitPace::QuietSame);
    assert!(quiet("UTC", 7).check(START).is_ok());
}
