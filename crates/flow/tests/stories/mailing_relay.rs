//! What becomes of a mailing's people when the relay refuses or breaks off, when a worker dies, and when operators stop it.

use crate::reset::{opens_whom, reset, states, tokens};
use auth::reset::Reset;
use domain::mailing::Intent;
use domain::pace::{Pace, QuietHours, Waves};
use domain::recipient::RecipientState::{Accepted, Refused};
use domain::run::RunState;
use domain::secret::Secret;
use smtp::{Stop, Tls};
use std::collections::HashMap;
use std::time::Duration;
use store::lease::LASTS_MS;
use store::mailing::Draft;
use store::run::Run;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, OLD, Through, Working, by, databases, reach, texts};

const EVERYBODY: &str = "username sw \"p\"";
const ADA: &str = "p0001@example.org";

/// People with an old password, a scripted relay, and a mailing that is armed for now.
async fn begun(
    db: Database,
    people: usize,
    script: Script,
    intent: Intent,
    pace: Pace,
) -> (House, ScriptedRelay, Run) {
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(people).await;
    let draft = Draft { pace, ..house.draft(intent, EVERYBODY).await };
    let mailing = house.mailing(draft).await;
    house.arm(mailing.id, 0).await.unwrap();
    assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
    let run = house.runs_of(mailing.id).await.remove(0);
    (house, relay, run)
}

/// The links in the mails to somebody, oldest first.
fn links(relay: &ScriptedRelay, address: &str) -> Vec<Secret> {
    texts(relay, address).iter().flat_map(|text| tokens(text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_mail_leaves_no_link_and_the_old_password_works() {
    for db in databases().await {
        let script = Script::default().rcpt(ADA, [Action::reply("550 5.1.1 no such user")]);
        let (house, relay, run) = begun(db, 2, script, Intent::PersonalLink, Pace::default()).await;
        let run = house.work(run.id).await;
        assert_eq!((run.counts.accepted, run.counts.refused), (1, 1));
        let mut stood = states(&house).await;
        stood.sort();
        assert_eq!(stood, ["active", "dropped"]);
        assert!(house.opens("p0001", OLD).await);
        let token = links(&relay, "p0002@example.org").remove(0);
        assert_eq!(reset(&house, &token).await, Reset::Done);
        let listed = house.listed(run.id).await;
        assert_eq!(listed.iter().map(|one| one.state).collect::<Vec<_>>(), [Refused, Accepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_whose_answer_was_lost_works_beside_the_one_that_follows() {
    for db in databases().await {
        let script = Script::default().nth(Stage::Content, 1, Action::store_and_cut());
        let (house, relay, run) = begun(db, 1, script, Intent::PersonalLink, Pace::default()).await;
        house.work(run.id).await;
        assert_eq!(states(&house).await, ["unknown"]);
        let first = links(&relay, ADA).remove(0);
        assert_eq!(opens_whom(&house, &first).await.as_deref(), Some("p0001"));
        let due = house.next_due(run.id).await.unwrap();
        house.clock.set(due);
        assert_eq!(house.work(run.id).await.counts.accepted, 1);
        let second = links(&relay, ADA).pop().unwrap();
        assert_ne!(first.expose(), second.expose());
        assert_eq!(reset(&house, &first).await, Reset::Done, "either of them");
        assert_eq!(reset(&house, &second).await, Reset::Gone, "and then neither");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_used_a_link_whose_answer_was_lost_is_not_mailed_again() {
    for db in databases().await {
        let script = Script::default().nth(Stage::Content, 1, Action::store_and_cut());
        let (house, relay, run) = begun(db, 1, script, Intent::PersonalLink, Pace::default()).await;
        house.work(run.id).await;
        let first = links(&relay, ADA).remove(0);
        assert_eq!(reset(&house, &first).await, Reset::Done);
        let due = house.next_due(run.id).await.unwrap();
        house.clock.set(due);
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 1));
        assert_eq!(relay.messages_for(ADA).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_mailed_twice_across_pause_resume_and_another_worker() {
    for db in databases().await {
        for intent in [Intent::OfferLink, Intent::PersonalLink, Intent::ForcePassword] {
            let slow = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(20)));
            let Some(db) = fresh(&db).await else { continue };
            let (house, relay, run) = begun(db, 60, slow, intent, Pace::default()).await;
            let working = Working::begin(&house.flow);
            house.wait_until(run.id, |run| run.counts.accepted > 5).await;
            house.flow.pause(run.id, &by(house.owner), "a test").await.unwrap();
            working.end().await;
            let paused = house.run(run.id).await;
            assert_eq!(paused.state, RunState::Paused);
            house.flow.resume(run.id, &by(house.owner)).await.unwrap();
            // What was on its way to a connection is put off for some seconds.
            house.clock.set(house.clock.now_ms() + 60_000);
            // Another node goes on, as after a restart.
            let other = house.another_node().await;
            let stop = Stop::new();
            let node = tokio::spawn({
                let stop = stop.clone();
                async move { other.work(stop).await }
            });
            house.wait_until(run.id, |run| run.state == RunState::Finished).await;
            stop.request((std::time::Instant::now() + Duration::from_secs(20)).into());
            node.await.unwrap();
            assert_eq!(house.run(run.id).await.counts.accepted, 60, "{intent}");
            let mut mails: HashMap<String, usize> = HashMap::new();
            for place in 1..=60 {
                let address = format!("p{place:04}@example.org");
                mails.insert(address.clone(), relay.messages_for(&address).len());
            }
            assert!(mails.values().all(|count| *count == 1), "{intent}: {mails:?}");
        }
    }
}

/// A database of the same kind for each intent.
async fn fresh(like: &Database) -> Option<Database> {
    match like.engine() {
        store::Engine::Sqlite => Some(testkit::database::sqlite().await),
        store::Engine::Postgres => testkit::database::postgres().await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_mailing_writes_to_nobody_else() {
    for db in databases().await {
        let slow = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(40)));
        let (house, relay, run) = begun(db, 60, slow, Intent::OfferLink, Pace::default()).await;
        let working = Working::begin(&house.flow);
        house.wait_until(run.id, |run| run.counts.accepted > 3).await;
        house.flow.cancel(run.id, &by(house.owner)).await.unwrap();
        working.end().await;
        let run = house.run(run.id).await;
        assert_eq!(run.state, RunState::Cancelled);
        assert_eq!(run.counts.accepted + run.counts.cancelled + run.counts.unknown, 60);
        assert_eq!(relay.stored() as i64, run.counts.accepted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_a_dead_worker_stay_acceptable_until_they_are_over() {
    for db in databases().await {
        let (house, _relay, run) =
            begun(db, 3, Script::default(), Intent::PersonalLink, Pace::default()).await;
        // As a worker leaves it that dies between the commit of its claim and the relay.
        let (id, number, now) = (run.id, run.number, house.clock.now_ms());
        let lease = house.db.store.write(move |tx| {
            Box::pin(async move {
                let (first, last) = domain::id::RecipientId::bounds(number);
                let lease = store::lease::insert(tx, id, "a dead node", first, last, now).await?;
                tx.execute(
                    "UPDATE recipients SET state = 'sending', lease_id = $1, attempts = 1, tries_left = tries_left - 1
                     WHERE id BETWEEN $2 AND $3",
                    store::params![lease, first, last],
                )
                .await?;
                let mut links = Vec::new();
                for mut row in
                    tx.query(
                        "SELECT q.id, q.person_id, p.address FROM recipients q JOIN people p ON p.id = q.person_id
                         WHERE q.lease_id = $1",
                        store::params![lease],
                    )
                    .await?
                {
                    let mail_id = domain::id::CredentialId::generate(now, testkit::house::fresh_bytes());
                    let (recipient_id, person_id, address) = (row.take(0)?, row.take(1)?, row.take(2)?);
                    let mut token_hash = [7; 32];
                    token_hash[..16].copy_from_slice(mail_id.0.as_bytes());
                    links.push(store::reset_link_of_run::NewLink {
                        person_id,
                        mail_id,
                        recipient_id,
                        token_hash,
                        address,
                    });
                }
                store::reset_link_of_run::insert(tx, &links, "k", 3, now, now + 72 * 3_600_000).await?;
                tx.execute("UPDATE runs SET cursor_id = last_id WHERE id = $1", store::params![id]).await?;
                Ok::<_, store::StoreError>(lease)
            })
        });
        lease.await.unwrap();
        house.clock.set(now + LASTS_MS + 1_000);
        let run = house.work_through(run.id, 3_600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3));
        let mut stood = states(&house).await;
        stood.sort();
        assert_eq!(stood, ["active", "active", "active", "unknown", "unknown", "unknown"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_three_live_links_at_most() {
    for db in databases().await {
        let (house, relay, run) =
            begun(db, 1, Script::default(), Intent::PersonalLink, Pace::default()).await;
        house.work(run.id).await;
        for _ in 0..3 {
            let mailing = house.mailing(house.draft(Intent::PersonalLink, EVERYBODY).await).await;
            house.clock.set(house.clock.now_ms() + 1_000);
            house.send(mailing.id).await;
        }
        let links = links(&relay, ADA);
        let mut live = 0;
        for link in &links {
            live += usize::from(opens_whom(&house, link).await.is_some());
        }
        assert_eq!((links.len(), live), (4, 3));
        assert_eq!(opens_whom(&house, &links[0]).await, None, "the oldest gave way");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waves_and_quiet_hours_hold_a_mailing_back_and_say_so() {
    for db in databases().await {
        let pace = Pace { waves: Some(Waves { people: 10, wait_minutes: 30 }), ..Pace::default() };
        let (house, relay, run) = begun(db, 25, Script::default(), Intent::OfferLink, pace).await;
        let working = Working::begin(&house.flow);
        house.wait_until(run.id, |run| run.counts.accepted == 10 && run.cause.is_some()).await;
        assert_eq!(house.run(run.id).await.cause.as_deref(), Some("waiting for the next wave"));
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(relay.stored(), 10);
        house.clock.set(house.clock.now_ms() + 30 * 60_000);
        house.wait_until(run.id, |run| run.counts.accepted == 20).await;
        house.clock.set(house.clock.now_ms() + 30 * 60_000);
        house.wait_until(run.id, |run| run.state == RunState::Finished).await;
        working.end().await;
        assert_eq!(relay.stored(), 25);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_in_quiet_hours() {
    for db in databases().await {
        // The clock of the tests stands at a full hour; the quiet is around it.
        let now =
            jiff::Timestamp::from_millisecond(testkit::TEST_NOW).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        let hour =
            |later: i64| jiff::civil::time(((i64::from(now.hour()) + later).rem_euclid(24)) as i8, 0, 0, 0);
        let quiet = QuietHours { from: hour(-1), until: hour(2), zone: "UTC".into() };
        let pace = Pace { quiet: Some(quiet), ..Pace::default() };
        let (house, relay, run) = begun(db, 3, Script::default(), Intent::OfferLink, pace).await;
        let working = Working::begin(&house.flow);
        house.wait_until(run.id, |run| run.cause.is_some()).await;
        assert_eq!(relay.stored(), 0);
        house.clock.set(house.clock.now_ms() + 2 * 3_600_000);
        house.wait_until(run.id, |run| run.state == RunState::Finished).await;
        working.end().await;
        assert_eq!(relay.stored(), 3);
    }
}
