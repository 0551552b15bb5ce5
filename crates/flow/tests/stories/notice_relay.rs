//! Notices through a real relay: they wait for it, keep its pace, never wait behind a run, and end somehow.

use crate::notice::{notices, notify, told};
use crate::relay::begun;
use domain::notice::{MOST_ATTEMPTS, NoticeKind, NoticeOutcome};
use domain::run::RunState;
use flow::Stop;
use smtp::Tls;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{House, NewPerson, TEST_NOW, Through, by, databases, reach, waiting};

const OWNER: &str = "owner@example.org";

/// Refuses everybody but the Owner.
fn refuses_contacts() -> Script {
    let names = (1..=300).map(|place| format!("p{place:04}@example.org"));
    // Slow enough that the run pauses before everybody had their turn.
    let slow = Script { round_trip: Duration::from_millis(10), ..Script::default() };
    names
        .fold(slow, |script, name| script.rcpt(&name, vec![Action::reply("554 5.7.1 we do not like you"); 3]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_pauses_itself_is_told_once_a_pause_and_one_paused_by_an_operator_is_not() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 300, refuses_contacts()).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Paused, "{run:?}");
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunPaused)]);
        assert_eq!(notify(&house).await, 1);
        let text = mail(&relay);
        assert!(text.contains("we do not like you") && text.contains("one after the other"), "{text}");
        assert!(text.contains(&format!("https://portal.example/console/runs/{}", run.id)), "{text}");

        house.clock.set(TEST_NOW + 10_000);
        house.flow.resume(run.id, &by(None)).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Paused, "{run:?}");
        assert_eq!(told(&house).await.len(), 2, "the second pause is another one");

        house.flow.resume(run.id, &by(None)).await.unwrap();
        house.flow.pause(run.id, &by(None), "by hand").await.unwrap();
        assert_eq!(told(&house).await.len(), 2, "who pauses a run knows it");
    }
}

fn mail(relay: &ScriptedRelay) -> String {
    let raw = relay.messages_for(OWNER).pop().unwrap().content;
    let mailbox = mail::mailbox::Mailbox::new(1, 1 << 20);
    let id = mailbox.deliver("", OWNER, raw, 0);
    mailbox.get(id).unwrap().text.unwrap()
}

/// A house whose Owner is to be told that the kill switch was used.
async fn stopped(db: testkit::Database, through: Vec<flow::RelaySettings>) -> House {
    let house = House::over(db, Through::Relays(through)).await;
    house.flow.stop_sending(&by(None), "a test").await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_relay_is_down_a_notice_waits_and_is_mailed_later() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default()).await;
        let (reached, address) = (reach(&relay, Tls::None), relay.address().to_string());
        drop(relay);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let house = stopped(db, vec![reached]).await;
        assert_eq!(notify(&house).await, 0);
        let one = notices(&house).await.remove(0);
        assert_eq!((one.attempts, one.outcome, one.due_at), (1, None, Some(TEST_NOW + 60_000)));
        assert!(one.detail.unwrap().contains("cannot connect"));

        let relay = ScriptedRelay::start_at(Script::default(), &address).await;
        house.clock.set(TEST_NOW + 59_999);
        assert_eq!(notify(&house).await, 0, "not before its time");
        house.clock.set(TEST_NOW + 60_000);
        assert_eq!(notify(&house).await, 1);
        assert_eq!(notices(&house).await[0].outcome, Some(NoticeOutcome::Accepted));
        assert_eq!((notify(&house).await, relay.stored()), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_goes_through_the_next_relay_when_the_first_is_down() {
    for db in databases().await {
        let first = ScriptedRelay::start(Script::default()).await;
        let down = reach(&first, Tls::None);
        drop(first);
        let second = ScriptedRelay::start(Script::default()).await;
        let house = stopped(db, vec![down, reach(&second, Tls::None)]).await;
        assert_eq!((notify(&house).await, second.stored()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_given_up_when_refused_for_good_or_tried_for_days_and_can_be_tried_again() {
    for db in databases().await {
        let well = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let well = Arc::clone(&well);
            move |moment| match moment.stage {
                Stage::Rcpt if !well.load(Ordering::SeqCst) && moment.nth == 1 => {
                    Action::reply("550 5.1.1 no such user")
                }
                Stage::Rcpt if !well.load(Ordering::SeqCst) => Action::reply("451 4.2.0 later"),
                _ => Action::Accept,
            }
        });
        let relay = ScriptedRelay::start(script).await;
        let house = stopped(db, vec![reach(&relay, Tls::None)]).await;
        assert_eq!(notify(&house).await, 0);
        let one = notices(&house).await.remove(0);
        assert_eq!((one.outcome, one.attempts), (Some(NoticeOutcome::GivenUp), 1));
        assert_eq!(one.detail.as_deref(), Some("550 5.1.1 no such user"));

        // Tried again by an operator, and then deferred for days.
        retry(&house).await;
        for attempt in 1..=MOST_ATTEMPTS {
            assert_eq!(notify(&house).await, 0);
            let one = notices(&house).await.remove(0);
            assert_eq!(one.attempts, attempt + 1, "their number is the fence and only grows");
            match one.due_at {
                Some(due) => house.clock.set(due),
                None => assert_eq!((one.outcome, attempt), (Some(NoticeOutcome::GivenUp), MOST_ATTEMPTS)),
            }
        }
        let days = house.since_start() / 3_600_000;
        assert!((60..72).contains(&days), "almost three days: {days} hours");
        well.store(true, Ordering::SeqCst);
        retry(&house).await;
        assert_eq!((notify(&house).await, relay.stored()), (1, 1));
    }
}

async fn retry(house: &House) {
    let now = house.clock.now_ms();
    let count = house
        .db
        .store
        .write(move |tx| Box::pin(async move { store::notice::retry(tx, None, now).await }))
        .await
        .unwrap();
    assert_eq!(count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_lost_a_notice_records_nothing_of_it_after_an_operators_retry() {
    for db in databases().await {
        let house = stopped(db, Vec::new()).await;
        let claim = async |now: i64| {
            let claimed = house.db.store.write(move |tx| Box::pin(store::notice::claim(tx, 9, now))).await;
            claimed.unwrap().remove(0)
        };
        let settle = async |id, attempt| {
            let outcome = NoticeOutcome::GivenUp;
            let settled = house.db.store.write(move |tx| {
                Box::pin(async move { store::notice::settle(tx, id, attempt, outcome, "no", TEST_NOW).await })
            });
            settled.await.unwrap()
        };
        // The first process hangs for longer than its lease; the second one gives the notice up.
        let lost = claim(TEST_NOW).await;
        let second = claim(TEST_NOW + store::notice::LEASE_MS).await;
        assert_eq!((lost.attempt, second.attempt, second.tried), (1, 2, 2), "{:?}", house.db.engine());
        assert!(settle(second.id, second.attempt).await);
        retry(&house).await;
        let again = claim(TEST_NOW).await;
        assert_eq!((again.attempt, again.tried), (3, 1), "all tries are filled up, and the fence grows");
        assert!(!settle(lost.id, lost.attempt).await, "the first process comes too late");
        assert!(settle(again.id, again.attempt).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_may_bring_a_notice_twice_but_never_not_at_all() {
    for db in databases().await {
        let script = Script::default().nth(Stage::Content, 1, Action::store_and_cut());
        let relay = ScriptedRelay::start(script).await;
        let house = stopped(db, vec![reach(&relay, Tls::None)]).await;
        assert_eq!(notify(&house).await, 0);
        house.clock.set(TEST_NOW + 60_000);
        assert_eq!((notify(&house).await, relay.stored()), (1, 2));
        let ids: Vec<String> = relay
            .messages()
            .iter()
            .map(|mail| mail.text().lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned())
            .collect();
        assert_eq!(ids[0], ids[1], "so that programs for mail can tell");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_keep_the_pace_of_the_relay() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default()).await;
        let mut reached = reach(&relay, Tls::None);
        reached.messages_per_minute = Some(120);
        let house = House::over(db, Through::Relays(vec![reached])).await;
        for name in ["second", "third"] {
            house.add(NewPerson::system(name, "Owner")).await;
        }
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        assert_eq!(notify(&house).await, 3);
        let at: Vec<_> = relay.messages().iter().map(|mail| mail.at).collect();
        assert!(at.windows(2).all(|two| two[1] - two[0] >= Duration::from_millis(450)), "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_does_not_wait_behind_a_run() {
    for db in databases().await {
        // The run's only connection hangs at its first recipient.
        let script = Script::default().rcpt("p0001@example.org", [Action::Stall]);
        let relay = ScriptedRelay::start(script).await;
        let mut reached = reach(&relay, Tls::None);
        // It hangs until the relay is dropped, however slow the machine is.
        reached.relay.timeouts = waiting(Duration::from_secs(3_600));
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add_contacts(40).await;
        let automation =
            house.usual("system_user eq false", domain::automation::SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let working = testkit::Working::begin(&house.flow);
        while relay.heard(Stage::Rcpt) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        let stop = Stop::new();
        let sent = tokio::time::timeout(Duration::from_secs(60), house.flow.notify_once(&stop)).await;
        assert_eq!(sent.expect("while the run hangs").unwrap(), 1, "{:?}", house.db.engine());
        assert_eq!((relay.stored(), house.run(run.id).await.counts.accepted), (1, 0));
        drop(relay);
        working.end().await;
    }
}
