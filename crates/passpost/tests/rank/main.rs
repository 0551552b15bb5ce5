//! Whether anybody can tell by time which names are there (cases 2 and 4 of the safety document): requests against the
//! whole program on the loopback, in a random order, while the relay takes five seconds for each mail.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "the numbers are worth reading with --nocapture")]

mod asker;
mod mann_whitney;

use asker::{Asker, House, known, unknown};
use mann_whitney::{APART, Random, score};
use std::time::{Duration, Instant};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

/// Requests of each kind.
const SAMPLES: usize = 500;
/// Sign-ins of each kind.
const SIGN_INS: usize = 150;
/// The relay's time for one mail; no answer may wait for it.
const STALL: Duration = Duration::from_secs(5);
/// Requests are at least this far apart: everybody together may ask twenty times a second.
const APART_BY: Duration = Duration::from_millis(56);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_2_and_4_no_time_tells_known_from_unknown_names_on_sqlite() {
    story(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_2_and_4_no_time_tells_known_from_unknown_names_on_postgresql() {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        story(Some(url)).await;
    }
}

async fn story(url: Option<String>) {
    let engine = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    let relay = ScriptedRelay::start(Script::default().always(Stage::Content, Action::Wait(STALL))).await;
    let house = House::furnished(url, relay.port(), 2 * SAMPLES).await;
    tokio::task::block_in_place(|| {
        let asker = Asker::new(house.port);
        twice("asking", engine, |round| {
            let [one, other] = ask_all(&asker, round);
            vec![("known and unknown", score(&one, &other))]
        });
        twice("signing in", engine, |round| {
            let [wrong, none, nobody] = sign_in_all(&asker, round);
            vec![
                ("a wrong password and nobody", score(&wrong, &nobody)),
                ("no password and nobody", score(&none, &nobody)),
                ("a wrong password and none", score(&wrong, &none)),
            ]
        });
    });
    assert!(relay.heard(Stage::Content) > 0, "the relay was at work meanwhile");
    house.serving.kill();
}

/// Once more before it fails: one of a thousand fair rounds looks unfair.
fn twice(what: &str, engine: &str, mut round: impl FnMut(usize) -> Vec<(&'static str, f64)>) {
    for number in 0..2 {
        let scores = round(number);
        eprintln!("{engine}: {what}: {scores:?}");
        if scores.iter().all(|(_, score)| score.abs() < APART) {
            return;
        }
    }
    panic!("{engine}: {what} tells by time who is there, twice");
}

/// The times in microseconds for known and for unknown names, each name once.
fn ask_all(asker: &Asker, round: usize) -> [Vec<u64>; 2] {
    let mut names: Vec<(bool, String)> = (0..SAMPLES)
        .flat_map(|n| [(true, known(round * SAMPLES + n)), (false, unknown(round * SAMPLES + n))])
        .collect();
    Random(testkit::inspection::now_ms().unsigned_abs()).shuffle(&mut names);
    let mut times = [Vec::new(), Vec::new()];
    let mut next = Instant::now();
    for (place, (is_known, name)) in names.iter().enumerate() {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next = Instant::now() + APART_BY;
        let (status, took) = asker.post("/reset", place + round * 4 * SAMPLES, &[("username", name)]);
        assert_eq!(status, 200, "{name}");
        assert!(took < STALL / 2, "an answer took {took:?}: it waited for the relay");
        times[usize::from(!is_known)].push(u64::try_from(took.as_micros()).unwrap());
    }
    times
}

/// The times for a wrong password, an account without one, and nobody.
fn sign_in_all(asker: &Asker, round: usize) -> [Vec<u64>; 3] {
    let from = round * SIGN_INS;
    // Those of the first half have a password.
    let mut names: Vec<(usize, String)> = (from..from + SIGN_INS)
        .flat_map(|n| [(0, known(n)), (1, known(SAMPLES + n)), (2, unknown(n))])
        .collect();
    Random(testkit::inspection::now_ms().unsigned_abs()).shuffle(&mut names);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for (place, (kind, name)) in names.iter().enumerate() {
        let fields = [("username", name.as_str()), ("password", "no such password of mine")];
        let (status, took) = asker.post("/login", 20_000 + place + round * 3 * SIGN_INS, &fields);
        assert_eq!(status, 403, "{name}");
        times[*kind].push(u64::try_from(took.as_micros()).unwrap());
    }
    times
}
