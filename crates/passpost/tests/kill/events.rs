//! kill -9 at random moments between event, delay, run and delivery: every event that was answered is kept once, and is
//! done once or recorded as not acted on; everybody is mailed, and twice only whose answer was lost at a kill.

use crate::fates::{every_event_is_dealt_with_once, everybody_is_mailed, nothing_is_written_down};
use crate::house::{House, username};
use crate::moments::Moments;
use crate::sender::Senders;
use crate::{mailed, relay_is_quiet};
use domain::event::{Delay, DelayUnit};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use store::StoreError;
use testkit::Listening;
use testkit::inspection::now_ms;
use testkit::program::Serving;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

/// The last thirty of them are in no event that an automation listens to.
const PEOPLE: usize = 530;
/// The one whom 200 events are about.
pub(crate) const LOUD: usize = 500;
/// How long nothing need come before the next kill.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the last process may take: on PostgreSQL whoever was in hand at a kill waits for the end of a lease.
const REST: Duration = Duration::from_secs(120);

pub(crate) const BOOKED: &str = "example.course.booked";
pub(crate) const MISSED: &str = "example.course.missed";
const UNHEARD: &str = "example.course.unheard";
/// Listen to what was booked.
pub(crate) const AT_ONCE: &str = "At once";
const INACTIVE: &str = "Inactive";
/// Listen to what was missed: after a minute, and after a day, which never comes.
pub(crate) const LATER: &str = "Later";
const CALLED_OFF: &str = "Called off";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_50_moments_after_events_on_sqlite_each_is_done_once_or_recorded_as_not_acted_on() {
    story(None, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_50_moments_after_events_on_postgresql_each_is_done_once_or_recorded_as_not_acted_on() {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        story(Some(url), 50).await;
    }
}

/// What was lost at the kills: who was in hand, and for which time.
pub(crate) type Lost = HashSet<(String, i64)>;

/// What the kills hit.
#[derive(Debug, Default)]
struct Seen {
    lost: Lost,
    /// Kills with events nobody was asked about yet.
    unrouted: usize,
    /// Kills with jobs that wait.
    waiting: usize,
    /// Kills with somebody in hand.
    in_hand: usize,
}

async fn story(url: Option<String>, kills: usize) {
    let engine = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    let script = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(8)));
    let relay = ScriptedRelay::start(script).await;
    let began = Instant::now();
    let house = House::furnished(url, relay.port(), PEOPLE).await;
    let token = listeners(&house).await;
    let mut moments = Moments::seeded(&format!("events on {engine}"));
    let events = events();
    let mut serving = house.serve();
    serving.wait_ready();
    let senders = Senders::start(2, serving.port(), token.clone(), batches(&events, &mut moments));
    let (seen, mut serving) =
        kill_again_and_again(&house, &relay, &senders, serving, &mut moments, kills).await;
    let seed = moments.seed;
    eprintln!(
        "{engine}: {kills} kills in {:.1} s; at {} of them events were not routed yet, at {} jobs waited, at {} somebody was in \
         hand; {} answers of the relay lost, {} people had been mailed",
        began.elapsed().as_secs_f32(),
        seen.unrouted,
        seen.waiting,
        seen.in_hand,
        seen.lost.len(),
        relay.reached().len(),
    );
    assert!(seen.in_hand >= 3 && seen.waiting > kills / 2, "{seen:?}: seed {seed}");
    serving.wait_ready();
    let (unanswered, accepted) = tokio::task::block_in_place(|| senders.finish());
    assert!(unanswered > 0, "no kill hit a request: seed {seed}");
    assert!(accepted <= events.len(), "{accepted} events were kept, as the answers say, of {}", events.len());
    nothing_waits(&house).await;
    serving.stop();
    let executed = every_event_is_dealt_with_once(&house, &events, seed).await;
    let mut secrets = everybody_is_mailed(&house, &relay, &executed, &seen.lost, seed).await;
    secrets.push(token);
    nothing_is_written_down(&house, &secrets, seed).await;
    eprintln!(
        "{engine}: {} events, {unanswered} requests without an answer, all of it in {:.1} s, seed {seed}",
        events.len(),
        began.elapsed().as_secs_f32()
    );
}

/// Saves the automations, activates all but one, and makes a key; gives its token.
async fn listeners(house: &House) -> String {
    let (store, owner, now) = (house.store().await, house.id_of("boss").await, now_ms());
    let start =
        jiff::Timestamp::from_millisecond(now - 86_400_000).unwrap().strftime("%Y-%m-%dT%H:%M").to_string();
    let of = |name: &str, event: &str, delay: Option<(i64, DelayUnit)>| Listening {
        name: name.to_owned(),
        delay: delay.map(|(value, unit)| Delay::new(value, unit).unwrap()),
        frame: json!({ "zone": "UTC", "start": start, "holidays": "always" }),
        ..Listening::to(event)
    };
    let all = [
        of(AT_ONCE, BOOKED, None),
        of(LATER, MISSED, Some((1, DelayUnit::Minutes))),
        of(CALLED_OFF, MISSED, Some((1, DelayUnit::Days))),
        of(INACTIVE, BOOKED, None),
    ];
    for one in all {
        let name = one.name.clone();
        testkit::save_listening(&store, one, owner, now).await;
        if name != INACTIVE {
            house.program.args(&["automation", "activate", &name]).ok();
        }
    }
    house.program.run("user create robot --role Owner --type api").ok();
    let key = house.program.run("key create courses --owner robot --scope events.send --json").ok().json();
    key["token"].as_str().unwrap().to_owned()
}

fn event(id: String, event_type: &str, contact: &str) -> Json {
    json!({ "specversion": "1.0", "id": id, "source": "/courses", "type": event_type, "contact": contact })
}

/// Each once. Some people have booked one course and missed another one.
fn events() -> Vec<Json> {
    let mut all = Vec::new();
    all.extend((1..=300).map(|place| event(format!("booked-{place}"), BOOKED, &username(place))));
    all.extend((251..LOUD).map(|place| event(format!("missed-{place}"), MISSED, &username(place))));
    all.extend((0..200).map(|n| event(format!("loud-{n}"), BOOKED, &username(LOUD))));
    for (n, event_type) in [BOOKED, MISSED].into_iter().cycle().take(40).enumerate() {
        all.push(event(format!("stranger-{n}"), event_type, &format!("stranger{n}")));
    }
    all.extend((LOUD + 1..=PEOPLE).map(|place| event(format!("unheard-{place}"), UNHEARD, &username(place))));
    all
}

/// All of them, and every fifth again, in some order.
fn batches(events: &[Json], moments: &mut Moments) -> Vec<Vec<Json>> {
    let mut all: Vec<Json> = events.iter().chain(events.iter().step_by(5)).cloned().collect();
    for place in (1..all.len()).rev() {
        all.swap(place, moments.below(place as u64 + 1) as usize);
    }
    all.chunks(8).map(<[Json]>::to_vec).collect()
}

/// Kills and starts again; gives what was hit, and the last one that was started.
async fn kill_again_and_again(
    house: &House,
    relay: &ScriptedRelay,
    senders: &Senders,
    mut serving: Serving,
    moments: &mut Moments,
    kills: usize,
) -> (Seen, Serving) {
    let mut seen = Seen::default();
    for kill in 1..=kills {
        some_moment(relay, senders, moments, (kill, kills)).await;
        if kill == kills / 2 {
            house.program.args(&["automation", "deactivate", CALLED_OFF, "--yes", "--as", "boss"]).ok();
        }
        serving.kill();
        relay_is_quiet(relay).await;
        let lost = house.in_hand_by_address().await;
        seen.in_hand += usize::from(!lost.is_empty());
        seen.lost.extend(lost);
        seen.unrouted +=
            usize::from(house.count("SELECT count(*) FROM events WHERE routed_at IS NULL").await > 0);
        seen.waiting +=
            usize::from(house.count("SELECT count(*) FROM event_jobs WHERE state = 'waiting'").await > 0);
        if kill % 5 == 0 {
            a_minute_passes(house).await;
        }
        serving = house.serve();
    }
    (seen, serving)
}

/// While it starts, accepts events, routes and executes them, or mails.
async fn some_moment(
    relay: &ScriptedRelay,
    senders: &Senders,
    moments: &mut Moments,
    (kill, kills): (usize, usize),
) {
    let (tried, answered) = (senders.tried(), senders.answered());
    senders.allow(kill, kills);
    let wait = match moments.below(6) {
        0 => Duration::from_millis(moments.below(300)),
        1 => {
            until(|| senders.tried() > tried).await;
            Duration::from_micros(moments.below(15_000))
        }
        2 | 3 => {
            until(|| senders.answered() > answered).await;
            Duration::from_micros(moments.below(600_000))
        }
        _ => {
            mailed(relay, 1 + moments.below(30) as usize, PATIENCE).await;
            Duration::from_micros(moments.below(20_000))
        }
    };
    tokio::time::sleep(wait).await;
}

async fn until(reached: impl Fn() -> bool) {
    let began = Instant::now();
    while !reached() && began.elapsed() < PATIENCE * 3 {
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}

/// For what waits a minute.
async fn a_minute_passes(house: &House) {
    let store = house.store().await;
    let passed = store.write(|tx| {
        Box::pin(async move {
            let sql = "UPDATE event_jobs SET due_at = due_at - 60000 WHERE due_at IS NOT NULL
                 AND automation_id IN (SELECT a.id FROM automations a WHERE a.name = 'Later')";
            tx.execute(sql, &[]).await
        })
    });
    passed.await.unwrap_or_else(|error: StoreError| panic!("{error}"));
}

/// Every event is routed, every job done, every run over.
async fn nothing_waits(house: &House) {
    let open = "SELECT (SELECT count(*) FROM events WHERE routed_at IS NULL)
        + (SELECT count(*) FROM event_jobs WHERE state = 'waiting') + (SELECT count(*) FROM runs WHERE state <> 'finished')";
    let began = Instant::now();
    while house.count(open).await > 0 {
        assert!(began.elapsed() < REST, "something waits for ever");
        tokio::time::sleep(Duration::from_millis(300)).await;
        a_minute_passes(house).await;
    }
}
