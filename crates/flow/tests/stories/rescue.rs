//! What becomes of people when a worker dies, sleeps through its lease, or shares a run with another.

use auth::keys::{Keys, Purpose};
use domain::automation::SendNewPassword;
use domain::credential::CredentialState;
use domain::id::{CredentialId, LeaseId, RecipientId};
use domain::recipient::RecipientState::{self, Accepted, Deferred, Unknown};
use domain::run::RunState;
use flow::Flow;
use smtp::{Stop, Tls};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::lease::LASTS_MS;
use store::run::Run;
use store::{Engine, Store, StoreError, params};
use testkit::house::fresh_bytes;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, OLD, TEST_NOW, Through, Working, by, databases, reach};

pub(crate) async fn begun(db: Database, people: usize, script: Script) -> (House, ScriptedRelay, Run) {
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(people).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    (house, relay, run)
}

/// A claim as a worker makes it that dies before it sends: the lease, and a stored candidate each.
pub(crate) async fn claimed_by_a_dead_worker(house: &House, run: &Run) -> LeaseId {
    claimed_with(house, run, LEFT_BEHIND).await
}

/// The same; `password` is what it mailed, or did not.
async fn claimed_with(house: &House, run: &Run, password: &'static str) -> LeaseId {
    let keys = Keys::read_or_create(&house.db.folder.path().join("keys")).unwrap();
    let key = keys.current(Purpose::MailedPassword);
    let (id, number, now) = (run.id, run.number, house.clock.now_ms());
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (first, last) = RecipientId::bounds(number);
                let lease = store::lease::insert(tx, id, "a dead node", first, last, now).await?;
                tx.execute(
                    "UPDATE recipients SET state = 'sending', lease_id = $1, attempts = attempts + 1, due_at = NULL,
                        tries_left = tries_left - 1 WHERE id BETWEEN $2 AND $3 AND state IN ('planned', 'deferred')",
                    params![lease, first, last],
                )
                .await?;
                let people = tx
                    .query("SELECT id, person_id FROM recipients WHERE lease_id = $1", params![lease])
                    .await?;
                let mut candidates = Vec::new();
                for mut row in people {
                    let credential = CredentialId::generate(now, fresh_bytes());
                    let hash = auth::hashing::mailed_hash(&key, credential.0, password).to_vec();
                    let (recipient_id, person_id) = (row.take(0)?, row.take(1)?);
                    candidates.push(store::credential::Candidate { person_id, id: credential, recipient_id, hash });
                }
                let scheme = domain::credential::Scheme::Hmac;
                store::credential::insert(tx, &candidates, scheme, key.id(), now, now + 86_400_000).await?;
                store::run::advance(tx, id, last, now).await?;
                tx.execute("UPDATE runs SET cursor_id = last_id WHERE id = $1", params![id]).await?;
                Ok::<_, StoreError>(lease)
            })
        })
        .await
        .unwrap()
}

/// What the dead worker mailed, or did not.
pub(crate) const LEFT_BEHIND: &str = "abcdefghijkmnpqrstuv";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_takes_up_what_a_dead_one_left_when_its_lease_is_over() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 4, Script::default()).await;
        claimed_by_a_dead_worker(&house, &run).await;
        let node = house.another_node().await;

        house.clock.set(TEST_NOW + LASTS_MS - 1);
        let worker = Working::begin(&node);
        tokio::time::sleep(Duration::from_millis(300)).await;
        worker.end().await;
        assert_eq!(relay.stored(), 0, "the lease still holds");

        house.clock.set(TEST_NOW + LASTS_MS + 1);
        let worker = Working::begin(&node);
        relay.wait_for(4).await;
        house.wait_until(run.id, |run| run.state == RunState::Finished).await;
        worker.end().await;
        assert_eq!(house.credentials("p0001").await, [CredentialState::Unknown, CredentialState::Active]);
        assert!(house.opens("p0001", LEFT_BEHIND).await, "that mail may be the one p0001 reads");
        assert_eq!(house.listed(run.id).await[1].attempts, 2);
        let standings = house.standings(run.id, &relay).await;
        standings[1..].iter().for_each(testkit::Standing::check);
        assert!(standings.iter().all(|one| one.state == Accepted));
        assert!(!house.opens("p0002", LEFT_BEHIND).await, "the first use of any voids all others");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_settles_what_a_dead_worker_left() {
    for db in databases().await {
        let (house, _relay, run) = begun(db, 3, Script::default()).await;
        claimed_by_a_dead_worker(&house, &run).await;
        house.flow.cancel(run.id, &by(None)).await.unwrap();
        house.clock.set(TEST_NOW + LASTS_MS + 1);
        let worker = Working::begin(&house.another_node().await);
        house.wait_until(run.id, |run| run.counts.unknown == 3).await;
        worker.end().await;
        let states: Vec<_> = house.listed(run.id).await.iter().map(|one| one.state).collect();
        assert_eq!(states, [Unknown; 3], "their mails may have left");
        assert!(house.opens("p0001", OLD).await && house.opens("p0001", LEFT_BEHIND).await);
    }
}

/// Each death mints a password that never leaves. The one that was mailed before them all still opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_mail_opens_after_as_many_deaths_as_there_are_tries() {
    for db in databases().await {
        let (house, _relay, run) = begun(db, 2, Script::default()).await;
        house.change("UPDATE people SET password_hash = NULL WHERE username = 'p0001'", vec![]).await;
        claimed_with(&house, &run, LEFT_BEHIND).await;
        for death in 2..=i64::from(domain::delivery::MOST_ATTEMPTS) {
            rescue_everything(&house).await;
            let states: Vec<_> = house.listed(run.id).await.iter().map(|one| one.state).collect();
            assert_eq!(states, [Deferred; 2], "before death {death}");
            claimed_with(&house, &run, "vutsrqpnmkjihgfedcba").await;
        }
        rescue_everything(&house).await;
        let states: Vec<_> = house.listed(run.id).await.iter().map(|one| one.state).collect();
        assert_eq!(states, [Unknown; 2], "no try is left");
        assert!(house.opens("p0001", LEFT_BEHIND).await, "it was mailed, and there is no old password");
    }
}

async fn rescue_everything(house: &House) {
    house
        .db
        .store
        .write(|tx| {
            Box::pin(async move {
                for one in store::lease::list_lapsed(tx, "another", true, TEST_NOW).await? {
                    store::delivery::rescue(tx, &one, TEST_NOW, TEST_NOW).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
}

/// Whoever is in hand at a death has an unknown outcome, so a worker begins with a few.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_has_had_no_answer_yet_holds_a_few_people_and_not_the_audience() {
    for db in databases().await {
        let answers = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let answers = Arc::clone(&answers);
            move |moment| match moment.stage {
                Stage::Content if !answers.load(Ordering::SeqCst) => Action::Wait(Duration::from_secs(5)),
                _ => Action::Accept,
            }
        });
        let (house, relay, run) = begun(db, 300, script).await;
        let worker = Working::begin(&house.flow);
        house.wait_until(run.id, |_| relay.heard(Stage::Content) > 0).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let held =
            house.listed(run.id).await.iter().filter(|one| one.state == RecipientState::Sending).count();
        assert_eq!((held, relay.stored()), (10, 0), "no answer has come yet");
        answers.store(true, Ordering::SeqCst);
        house.wait_until(run.id, |run| run.state == RunState::Finished).await;
        worker.end().await;
        assert_eq!(relay.stored(), 300, "everybody once");
    }
}

/// Works in a runtime of its own and ends it like a process that is killed: at whatever point it is.
fn killed_after(house: &House, wait: Duration) {
    let (location, flow) = (house.db.location.clone(), house);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let node: Flow = runtime.block_on(async {
                let store = Store::open(&location).await.unwrap();
                flow.node_over(store)
            });
            runtime.spawn(async move { node.work(Stop::new()).await });
            std::thread::sleep(wait);
            runtime.shutdown_background();
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_killed_again_and_again_forget_nobody_and_lock_nobody_out() {
    for db in databases().await {
        let script = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(4)));
        let (house, relay, run) = begun(db, 120, script).await;
        // Waits that differ, so that it dies at different points; each next node rescues at once.
        for wait in [20, 45, 90, 60, 35, 120, 75, 150, 50, 100] {
            tokio::task::block_in_place(|| killed_after(&house, Duration::from_millis(wait)));
            house.clock.set(house.clock.now_ms() + LASTS_MS + 1);
        }
        let listed = house.listed(run.id).await;
        let sample = listed.iter().step_by(17).map(|one| one.username.clone().unwrap());
        let stored_before = relay.stored();
        for name in sample {
            if relay.messages_for(&format!("{name}@example.org")).is_empty() {
                assert!(house.opens(&name, OLD).await, "{name} was not mailed and cannot sign in");
            }
        }
        let run = house.work_through(run.id, 90 * 60_000).await;
        assert_eq!(run.state, RunState::Finished, "{run:?}");
        let counts = run.counts;
        assert_eq!((counts.accepted + counts.unknown, counts.deferred), (120, 0), "{stored_before} {run:?}");
        for (place, listed) in house.listed(run.id).await.iter().enumerate() {
            assert!(!listed.state.is_open(), "{listed:?}");
            let address = listed.address.clone().unwrap();
            assert!(!relay.messages_for(&address).is_empty(), "forgotten: {listed:?}");
            if place % 17 == 0 {
                let name = listed.username.clone().unwrap();
                let newest = testkit::newest_password(&relay, &address);
                let opens = house.opens(&name, OLD).await || house.opens(&name, &newest.unwrap()).await;
                assert!(opens, "locked out: {listed:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_a_run_and_mail_nobody_twice() {
    for db in databases().await {
        if db.engine() == Engine::Sqlite {
            continue;
        }
        let (house, relay, first) = begun(db, 700, Script::default()).await;
        let nodes = [house.another_node().await, house.another_node().await, house.another_node().await];
        let workers: Vec<_> = nodes.iter().map(Working::begin).collect();
        house.wait_until(first.id, |run| run.state != RunState::Running).await;
        for worker in workers {
            worker.end().await;
        }
        let run = house.run(first.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 700), "{run:?}");
        let mut mails: HashMap<String, usize> = HashMap::new();
        for mail in relay.messages() {
            *mails.entry(mail.rcpt_to[0].clone()).or_default() += 1;
        }
        assert_eq!(mails.len(), 700);
        assert!(mails.values().all(|count| *count == 1));
        let states: Vec<RecipientState> = house.listed(run.id).await.iter().map(|one| one.state).collect();
        assert!(states.iter().all(|state| *state == Accepted));
    }
}

/// The machine slept, or the clock jumped: the lease is over in the database, whatever we think. What is
/// in hand stays here, or everybody whose recipient is claimed afresh would get two mails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_slept_through_its_lease_sends_nothing_more_under_it() {
    for db in databases().await {
        let hurry = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let hurry = Arc::clone(&hurry);
            move |moment| match moment.stage {
                // First it is quick, so that the worker takes many in hand.
                Stage::Content if moment.nth > 200 && !hurry.load(Ordering::SeqCst) => {
                    Action::Wait(Duration::from_millis(150))
                }
                _ => Action::Accept,
            }
        });
        let (house, relay, run) = begun(db, 500, script).await;
        let worker = Working::begin(&house.flow);
        relay.wait_for(202).await;
        house.clock.set(TEST_NOW + 2 * LASTS_MS);
        // The worker sees by its clock that the lease is over, and gives back what it has claimed.
        let began = Instant::now();
        while house.listed(run.id).await.iter().all(|one| one.state != Deferred && one.attempts < 2) {
            assert!(began.elapsed() < Duration::from_secs(40), "nobody noticed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let sent: HashSet<String> =
            relay.messages().into_iter().map(|mail| mail.rcpt_to[0].clone()).collect();
        hurry.store(true, Ordering::SeqCst);
        worker.end().await;
        let run = house.work_through(run.id, 900_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 500), "{run:?}");
        let mut twice = HashMap::<String, usize>::new();
        for mail in relay.messages().into_iter().filter(|mail| !sent.contains(&mail.rcpt_to[0])) {
            *twice.entry(mail.rcpt_to[0].clone()).or_default() += 1;
        }
        assert!(twice.len() > 50, "{} were mailed before", sent.len());
        let twice = twice.values().filter(|mails| **mails > 1).count();
        assert!(twice <= 3, "{twice} people were mailed under both leases, not only those on the wire");
    }
}
