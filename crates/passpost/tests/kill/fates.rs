//! What became of events, runs, people and passwords after the kills, held against what was sent and what the relay stored.

use crate::events::{AT_ONCE, BOOKED, LATER, LOUD, Lost, MISSED};
use crate::house::{House, username};
use domain::recipient::RecipientState;
use domain::run::RunState;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::StoreError;
use store::run::Run;
use testkit::canary::Canaries;
use testkit::inspection::Inspected;
use testkit::relay::ScriptedRelay;

/// What an event led to, in words: `At once: executed`. Beside it the run it became part of, and who was meant.
type Fate = (String, Option<(i64, String)>);

/// Holds the log against what was sent; gives who is in which run.
pub(crate) async fn every_event_is_dealt_with_once(
    house: &House,
    events: &[Json],
    seed: u64,
) -> BTreeSet<(i64, String)> {
    assert_eq!(house.count("SELECT count(*) FROM events").await, events.len() as i64, "seed {seed}");
    let fates = fates(house).await;
    assert_eq!(fates.len(), events.len(), "seed {seed}");
    let mut executed = BTreeSet::new();
    for event in events {
        let (id, contact) = (event["id"].as_str().unwrap(), event["contact"].as_str().unwrap());
        let found = fates.get(id).unwrap_or_else(|| panic!("{id} is lost: seed {seed}"));
        let words: Vec<&str> = found.iter().map(|(words, _)| &**words).collect();
        let stranger = id.starts_with("stranger");
        let expected: &[&[&str]] = match event["type"].as_str().unwrap() {
            BOOKED if stranger => {
                &[&["At once: not_acted_on unknown_person", "Inactive: not_acted_on inactive"]]
            }
            BOOKED => &[&["At once: executed", "Inactive: not_acted_on inactive"]],
            MISSED if stranger => &[
                &["Called off: not_acted_on inactive", "Later: not_acted_on unknown_person"],
                &["Called off: not_acted_on unknown_person", "Later: not_acted_on unknown_person"],
            ],
            MISSED => &[
                &["Called off: cancelled deactivated", "Later: executed"],
                &["Called off: not_acted_on inactive", "Later: executed"],
            ],
            _ => &[&[]],
        };
        assert!(expected.contains(&words.as_slice()), "{id}: {words:?}, seed {seed}");
        for (run, whom) in found.iter().filter_map(|(_, run)| run.clone()) {
            assert_eq!(whom, contact, "{id}");
            executed.insert((run, whom));
        }
    }
    executed
}

async fn fates(house: &House) -> HashMap<String, Vec<Fate>> {
    let store = house.store().await;
    let found = store.read(|tx| {
        Box::pin(async move {
            let sql = "SELECT e.event_id, a.name, j.state, j.reason, u.number, p.username FROM events e
                LEFT JOIN event_jobs j ON j.event = e.number LEFT JOIN automations a ON a.id = j.automation_id
                LEFT JOIN runs u ON u.id = j.run_id LEFT JOIN people p ON p.id = j.person_id ORDER BY e.number, a.name";
            let mut all: HashMap<String, Vec<Fate>> = HashMap::new();
            for mut row in tx.query(sql, &[]).await? {
                let fates = all.entry(row.take(0)?).or_default();
                let Some(name) = row.take::<Option<String>>(1)? else { continue };
                let (state, reason): (String, Option<String>) = (row.take(2)?, row.take(3)?);
                let (run, whom): (Option<i64>, Option<String>) = (row.take(4)?, row.take(5)?);
                let reason = reason.map_or_else(String::new, |reason| format!(" {reason}"));
                fates.push((format!("{name}: {state}{reason}"), run.zip(whom)));
            }
            Ok(all)
        })
    });
    found.await.unwrap_or_else(|error: StoreError| panic!("{error}"))
}

/// Holds runs, recipients and mails against the jobs that were done; gives every password that was mailed.
pub(crate) async fn everybody_is_mailed(
    house: &House,
    relay: &ScriptedRelay,
    executed: &BTreeSet<(i64, String)>,
    lost: &Lost,
    seed: u64,
) -> Vec<String> {
    let mut of_person: BTreeMap<String, Vec<Inspected>> = BTreeMap::new();
    let (mut in_runs, runs) = (BTreeSet::new(), runs(house).await);
    for run in &runs {
        assert_eq!(run.state, RunState::Finished, "{run:?}");
        assert!([AT_ONCE, LATER].contains(&&*run.name), "{run:?}");
        let all = house.inspect(run.number).await;
        counts_are_those_of_the_rows(run, &all);
        for one in all {
            assert!(
                in_runs.insert((run.number, one.username.clone())),
                "twice in a run: {one:?}, seed {seed}"
            );
            of_person.entry(one.username.clone()).or_default().push(one);
        }
    }
    assert!(in_runs == *executed, "{:?}: seed {seed}", in_runs.symmetric_difference(executed));
    assert_eq!(of_person.len(), LOUD, "seed {seed}");
    let mails = house.passwords_by_address(relay);
    let known: HashSet<&str> = of_person.values().map(|rows| &*rows[0].address).collect();
    assert!(mails.keys().all(|address| known.contains(&**address)), "somebody was mailed without an event");
    let mut twice = 0;
    for rows in of_person.values() {
        let acted: Vec<&Inspected> = rows.iter().filter(|one| one.state != RecipientState::LeftOut).collect();
        let [one] = acted[..] else { panic!("not mailed once: {rows:?}, seed {seed}") };
        let got = mails.get(&one.address).unwrap_or_else(|| panic!("forgotten: {one:?}, seed {seed}"));
        let interrupted = lost.iter().filter(|(address, _)| *address == one.address).count();
        assert!(
            got.len() <= 1 + interrupted,
            "{} mails, {interrupted} lost: {one:?}, seed {seed}",
            got.len()
        );
        let settled =
            one.state == RecipientState::Accepted || one.state == RecipientState::Unknown && interrupted > 0;
        assert!(settled, "{one:?}, seed {seed}");
        assert!(one.accepts(&house.keys, got.last().unwrap()), "{one:?}, seed {seed}");
        twice += usize::from(got.len() > 1);
    }
    let other = "SELECT count(*) FROM recipients WHERE state = 'left_out' AND reason <> 'recently_mailed'";
    assert_eq!(house.count(other).await, 0, "seed {seed}");
    let begun = house.count("SELECT count(*) FROM audit WHERE action = 'run.started'").await;
    assert_eq!(begun, runs.len() as i64, "seed {seed}");
    let loud = of_person[&username(LOUD)].len();
    eprintln!(
        "{} runs, {loud} of them with the loud one; {twice} of {LOUD} people got more than one mail",
        runs.len()
    );
    assert!(loud > 1, "all its events became one run: seed {seed}");
    mails.into_values().flatten().collect()
}

async fn runs(house: &House) -> Vec<Run> {
    let store = house.store().await;
    let found = store.read(|tx| Box::pin(store::run::list(tx, None, i64::MAX, 10_000)));
    found.await.unwrap_or_else(|error: StoreError| panic!("{error}"))
}

fn counts_are_those_of_the_rows(run: &Run, all: &[Inspected]) {
    let rows = |state| all.iter().filter(|one| one.state == state).count() as i64;
    let counts = run.counts;
    assert_eq!(counts.total, all.len() as i64, "{run:?}");
    assert_eq!(counts.left_out, rows(RecipientState::LeftOut), "{run:?}");
    assert_eq!(counts.accepted, rows(RecipientState::Accepted), "{run:?}");
    assert_eq!(counts.unknown, rows(RecipientState::Unknown), "{run:?}");
    assert_eq!(counts.waiting() + counts.deferred + counts.refused + counts.cancelled, 0, "{run:?}");
}

pub(crate) async fn nothing_is_written_down(house: &House, secrets: &[String], seed: u64) {
    assert!(secrets.len() > LOUD);
    house.program.run("audit verify").ok().prints("in order");
    let written = house.everything_written().await;
    assert!(written.windows(11).any(|place| place == b"p0007@membe"), "the scan sees what is there");
    let found = Canaries::of(secrets).find(&written).map(|shape| String::from_utf8_lossy(shape).into_owned());
    assert_eq!(found, None, "a secret was written down: seed {seed}");
}
