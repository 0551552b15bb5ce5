//! kill -9 at 50 random moments of a run for 1,000 people, started again each time: nobody is locked out at any
//! moment, nobody is forgotten, and no password the relay saw is in any byte the program wrote. The same in the middle of
//! mailings: [`mailings`], and of what events lead to: [`events`].

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "the numbers are worth reading with --nocapture")]

mod events;
mod fates;
mod house;
mod mailings;
mod moments;
mod sender;

use domain::credential::CANDIDATE_SLOTS;
use domain::recipient::RecipientState;
use house::House;
use moments::{Moment, Moments};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use testkit::canary::Canaries;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

const PEOPLE: usize = 1_000;
const KILLS: usize = 50;
/// How many people a process takes in hand before it has had an answer.
const FIRST_IN_HAND: usize = 10;
/// How long nothing need come before the next kill.
const PATIENCE: Duration = Duration::from_secs(20);
/// Everybody is looked at when the process has just died for this time.
const LOOK_AFTER: [usize; 4] = [10, 25, 40, 50];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_50_moments_of_a_run_on_sqlite_it_forgets_and_locks_out_nobody() {
    story(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_50_moments_of_a_run_on_postgresql_it_forgets_and_locks_out_nobody() {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        story(Some(url)).await;
    }
}

async fn story(url: Option<String>) {
    let engine = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    // So slow that what is in hand at a kill is at every stage: claimed, on the wire, stored, not recorded.
    let script = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(8)));
    let relay = ScriptedRelay::start(script).await;
    let began = Instant::now();
    let house = House::furnished(url, relay.port(), PEOPLE).await;
    let mut moments = Moments::seeded(engine);
    let mut serving = house.serve();
    serving.wait_ready();
    house.program.run("automation run 1 --yes --detach").ok();
    let (mut while_starting, mut in_the_run) = (0, 0);
    let (mut held_before, mut in_hand) = (0, 0);
    for kill in 1..=KILLS {
        let (reached, stored) = (relay.reached().len(), relay.stored());
        // Towards the end everybody may have been mailed, and only the records are missing.
        let early = kill > KILLS - 8 || reached < PEOPLE;
        assert!(early, "the run was over before kill {kill}: seed {}", moments.seed);
        match moments.draw(PEOPLE - reached, KILLS - kill + 1) {
            Moment::WhileStarting(wait) => {
                while_starting += 1;
                tokio::time::sleep(wait).await;
            }
            Moment::AfterMails { more, wait } => {
                // With one at least the process was in the middle of the run.
                in_the_run += usize::from(mailed(&relay, more, PATIENCE).await);
                tokio::time::sleep(wait).await;
            }
        }
        serving.kill();
        let held = house.in_hand().await;
        // What it began with, one more for each answer it got, and those whose answer was not recorded yet.
        let most = held_before + FIRST_IN_HAND + 2 * (relay.stored() - stored);
        assert!(held <= most, "{held} people in hand at kill {kill}, not {most}: seed {}", moments.seed);
        (held_before, in_hand) = (held, in_hand + held);
        if LOOK_AFTER.contains(&kill) {
            nobody_is_locked_out(&house, &relay, kill).await;
        }
        serving = house.serve();
    }
    eprintln!(
        "{engine}: {KILLS} kills in {:.1} s, {while_starting} while it started, {in_the_run} while it mailed; {} of {PEOPLE} people had been mailed",
        began.elapsed().as_secs_f32(),
        relay.reached().len(),
    );
    assert!(in_the_run >= KILLS / 2, "most of the kills must hit a process that mails");
    // On PostgreSQL the last one's people wait until its lease has lapsed: 30 seconds.
    house.wait_until_over(1, Duration::from_secs(120)).await;
    serving.wait_ready();
    real_sign_ins(&relay, &serving);
    serving.stop();
    everybody_is_settled(&house, &relay, in_hand).await;
    nothing_was_written_down(&house, &relay).await;
    eprintln!("{engine}: all of it in {:.1} s, seed {}", began.elapsed().as_secs_f32(), moments.seed);
}

/// Waits until so many more mails are stored, or at least one and then nothing for a while: who is left may be in the
/// hands of a process that is dead, on PostgreSQL until its lease has lapsed. False when there was none.
async fn mailed(relay: &ScriptedRelay, more: usize, patience: Duration) -> bool {
    let before = relay.stored();
    let (began, mut last) = (Instant::now(), (before, Instant::now()));
    while last.0 < before + more {
        let waited = if last.0 > before { last.1.elapsed() * 20 } else { began.elapsed() };
        if waited > patience {
            return last.0 > before;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        let stored = relay.stored();
        if stored > last.0 {
            last = (stored, Instant::now());
        }
    }
    true
}

/// The process is dead: everybody signs in with the old password or the newest mail the relay stored.
async fn nobody_is_locked_out(house: &House, relay: &ScriptedRelay, kill: usize) {
    relay_is_quiet(relay).await;
    let mails = house.passwords_by_address(relay);
    let (mut mailed, mut recorded) = (0, 0);
    for one in house.inspect(1).await {
        let newest = mails.get(&one.address).and_then(|passwords| passwords.last());
        let opens = newest.is_some_and(|password| one.accepts(&house.keys, password));
        let had = house.had_old_password(&one.username);
        let safe =
            opens || (had && one.chosen.as_deref() == Some(&house.old_hash)) || (!had && newest.is_none());
        assert!(safe, "locked out after kill {kill}: {one:?}");
        mailed += usize::from(newest.is_some());
        recorded += usize::from(one.state == RecipientState::Accepted);
    }
    eprintln!("after kill {kill}: {mailed} mailed, {recorded} of them recorded, nobody locked out");
    // What has just been read from the rows holds at a sign-in, too.
    for (username, password) in house.sample_of_old() {
        let one = house.inspect(1).await.into_iter().find(|one| one.username == username).unwrap();
        assert_eq!(house.verifies(&username, password).await, one.chosen.is_some(), "{one:?}");
    }
}

/// A mail whose last octet came before the kill is stored a moment after it.
async fn relay_is_quiet(relay: &ScriptedRelay) {
    let began = Instant::now();
    while relay.open_sessions() > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "a dead process keeps its connections");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A sample signs in over HTTP with the newest mail, and the old password is dead.
fn real_sign_ins(relay: &ScriptedRelay, serving: &testkit::program::Serving) {
    tokio::task::block_in_place(|| {
        for place in (1..=PEOPLE).step_by(34) {
            let username = house::username(place);
            let password = testkit::newest_password(relay, &house::address(place)).expect("was mailed");
            let page = serving.visitor().sign_in(&username, &password);
            assert_eq!((page.status, page.location()), (303, "/password/new"), "{username}: {page:?}");
        }
        // One network may fail twenty times a minute.
        for place in [1, 35] {
            let password = testkit::newest_password(relay, &house::address(place)).expect("was mailed");
            let page = serving.visitor().sign_in(&house::username(place), &password);
            assert_eq!(page.status, 403, "it works once");
        }
        let page = serving.visitor().sign_in(&house::username(2), house::OLD);
        assert_eq!(page.status, 403, "the old password is dead");
    });
}

/// The report's words, held against what everybody can sign in with.
async fn everybody_is_settled(house: &House, relay: &ScriptedRelay, in_hand: usize) {
    let mails = house.passwords_by_address(relay);
    let all = house.inspect(1).await;
    assert_eq!(all.len(), PEOPLE);
    let mut unknown = 0;
    for (place, one) in all.iter().enumerate() {
        let newest = mails.get(&one.address).and_then(|passwords| passwords.last());
        let newest = newest.unwrap_or_else(|| panic!("forgotten: {one:?}"));
        // Whoever signed in for the sample is past that.
        let used = place % 34 == 0;
        let opens = used || one.accepts(&house.keys, newest);
        match one.state {
            RecipientState::Accepted => assert!(opens && one.chosen.is_none(), "{one:?}"),
            RecipientState::Unknown => {
                unknown += 1;
                assert!(opens, "{one:?}");
            }
            _ => panic!("not settled: {one:?}"),
        }
    }
    let most = mails.values().map(Vec::len).max().unwrap_or(0);
    let mut by_count: HashMap<usize, usize> = HashMap::new();
    mails.values().for_each(|mails| *by_count.entry(mails.len()).or_default() += 1);
    let tries = all.iter().map(|one| one.attempts).max().unwrap_or(0);
    let twice: usize = by_count.iter().filter(|(mails, _)| **mails > 1).map(|(_, people)| people).sum();
    eprintln!(
        "{PEOPLE} settled, {unknown} of them unknown; {twice} people got more than one mail, at most {most} ({by_count:?}); \
         at most {tries} claims of one person"
    );
    assert!(most <= CANDIDATE_SLOTS, "{most} mails for one person");
    let surplus: usize = mails.values().map(|mails| mails.len() - 1).sum();
    let most = in_hand.min(PEOPLE);
    assert!(
        surplus <= most,
        "{surplus} mails too many, not {most}; {in_hand} people were in hand at the kills"
    );
    house.program.run("audit verify").ok().prints("in order");
}

async fn nothing_was_written_down(house: &House, relay: &ScriptedRelay) {
    let mails = house.passwords_by_address(relay);
    let secrets: Vec<String> = mails.into_values().flatten().collect();
    assert!(secrets.len() >= PEOPLE);
    let written = house.everything_written().await;
    let holds = |text: &str| written.windows(text.len()).any(|place| place == text.as_bytes());
    // The scan sees what is there: rows, and the log below its usual level.
    assert!(
        holds(&house::address(7)) && holds("DEBUG") && holds("connection ended"),
        "{} octets",
        written.len()
    );
    let found =
        Canaries::of(&secrets).find(&written).map(|shape| String::from_utf8_lossy(shape).into_owned());
    assert_eq!(found, None, "a password was written down");
    eprintln!("{} passwords are in none of {} octets written", secrets.len(), written.len());
}
