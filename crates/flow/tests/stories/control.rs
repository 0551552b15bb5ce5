//! What operators do to a run: pause, resume, cancel, stop, retry, correct an address.

use domain::automation::SendNewPassword;
use domain::recipient::RecipientState::{self, Accepted, Cancelled, Refused, Unknown};
use domain::run::RunState;
use flow::{Refusal, RetryOf, StartError, StartRun};
use smtp::Tls;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::run::Run;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, OLD, Through, Working, by, databases, newest_password, reach};

/// A relay that takes its time: everything waits in our hands long enough to be stopped.
fn slow() -> Script {
    Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(40)))
}

pub(crate) async fn begun(
    db: Database,
    people: usize,
    script: Script,
    job: SendNewPassword,
) -> (House, ScriptedRelay, Run) {
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(people).await;
    let automation = house.usual("system_user eq false", job).await;
    let run = house.start(automation).await;
    (house, relay, run)
}

fn count(states: &[RecipientState], which: RecipientState) -> usize {
    states.iter().filter(|state| **state == which).count()
}

pub(crate) async fn states(house: &House, run: &Run) -> Vec<RecipientState> {
    house.listed(run.id).await.iter().map(|listed| listed.state).collect()
}

/// Every promise for a few of the people, evenly chosen.
async fn nobody_is_locked_out(house: &House, relay: &ScriptedRelay, run: &Run) {
    let listed = house.listed(run.id).await;
    for one in listed.iter().step_by(listed.len().div_ceil(6)) {
        let (name, address) = (one.username.clone().unwrap(), one.address.clone().unwrap());
        let old = house.opens(&name, OLD).await;
        let newest = match newest_password(relay, &address) {
            Some(password) => house.opens(&name, &password).await,
            None => false,
        };
        assert!(old != newest, "{name} {:?}: old {old}, newest {newest}", one.state);
        assert_eq!(newest, one.state == Accepted, "{name} {:?}", one.state);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_run_sends_nothing_more_and_resumes_with_exactly_those_left() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 60, slow(), SendNewPassword::default()).await;
        let worker = Working::begin(&house.flow);
        relay.wait_for(5).await;
        house.flow.pause(run.id, &by(None), "lunch").await.unwrap();
        let at_pause = relay.stored();
        tokio::time::sleep(Duration::from_millis(400)).await;
        worker.end().await;
        assert!(relay.stored() <= at_pause + 2, "{} then {}", at_pause, relay.stored());
        let paused = house.run(run.id).await;
        assert_eq!((paused.state, paused.cause.as_deref()), (RunState::Paused, Some("lunch")));
        assert_eq!(count(&states(&house, &run).await, Accepted), relay.stored());
        assert!(house.flow.pause(run.id, &by(None), "again").await.is_err());

        house.flow.resume(run.id, &by(None)).await.unwrap();
        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 60), "{run:?}");
        assert_eq!(relay.stored(), 60, "nobody is mailed twice");
        nobody_is_locked_out(&house, &relay, &run).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_leaves_the_rest_their_old_password() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 60, slow(), SendNewPassword::default()).await;
        let worker = Working::begin(&house.flow);
        relay.wait_for(5).await;
        house.flow.cancel(run.id, &by(house.owner)).await.unwrap();
        let at_cancel = relay.stored();
        tokio::time::sleep(Duration::from_millis(400)).await;
        worker.end().await;
        assert!(relay.stored() <= at_cancel + 2);
        let run = house.run(run.id).await;
        let states = states(&house, &run).await;
        assert_eq!(run.state, RunState::Cancelled);
        assert_eq!(
            (count(&states, Accepted), count(&states, Cancelled)),
            (relay.stored(), 60 - relay.stored())
        );
        assert_eq!((run.counts.settled(), run.counts.deferred), (60, 0), "{run:?}");
        nobody_is_locked_out(&house, &relay, &run).await;
        assert!(
            house.flow.resume(run.id, &by(None)).await.is_err()
                && house.flow.cancel(run.id, &by(None)).await.is_err()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_calls_a_lost_answer_unknown_and_cannot_be_retried() {
    for db in databases().await {
        let script = Script::default()
            .rcpt("p0001@example.org", [Action::reply("550 5.1.1 no such user")])
            .nth(Stage::Content, 1, Action::store_and_cut());
        let (house, relay, run) = begun(db, 3, script, SendNewPassword::default()).await;
        house.work(run.id).await;
        let run = house.flow.cancel(run.id, &by(None)).await.unwrap();
        let states = states(&house, &run).await;
        assert_eq!((states[0], states[1]), (Refused, Unknown), "the mail may have arrived");
        assert_eq!((run.counts.unknown, run.counts.deferred, run.counts.settled()), (1, 0, 3), "{run:?}");

        let again = house.flow.retry(run.id, RetryOf::Failed, &by(None)).await;
        assert!(
            matches!(&again, Err(StartError::Refused(Refusal::NotNow(why))) if why.english().contains("cancelled")),
            "{again:?}"
        );
        assert_eq!(house.run(run.id).await.counts, run.counts, "nothing was changed");
        for standing in house.standings(run.id, &relay).await {
            standing.check();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_stops_what_this_one_has_in_hand() {
    for db in databases().await {
        let hurry = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let hurry = Arc::clone(&hurry);
            move |moment| match moment.stage {
                Stage::Content if !hurry.load(Ordering::SeqCst) => Action::Wait(Duration::from_millis(30)),
                _ => Action::Accept,
            }
        });
        let relay = ScriptedRelay::start(script).await;
        let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
        // More than may wait for a connection, so that the worker itself stands still and cannot look.
        house.add_contacts(1_700).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let console = house.another_node().await;
        let worker = Working::begin(&house.flow);
        relay.wait_for(3).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        console.stop_sending(&by(house.owner), "wrong people").await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let stopped = relay.stored();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(relay.stored(), stopped, "nothing leaves any more");
        assert_eq!(house.run(run.id).await.state, RunState::Running);
        let asked = StartRun { automation, acting: by(None), confirmed: None };
        let refused = console.start(asked).await;
        assert!(matches!(refused, Err(StartError::Refused(Refusal::SendingStopped))));

        hurry.store(true, Ordering::SeqCst);
        console.start_sending(&by(None)).await.unwrap();
        worker.end().await;
        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 1_700), "{run:?}");
        assert_eq!(relay.stored(), 1_700, "nobody is mailed twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_failed_are_tried_again_all_or_one_and_only_they() {
    for db in databases().await {
        let no = || Action::reply("550 5.2.1 switched off for now");
        let script = Script::default()
            .rcpt("p0001@example.org", [no(), no()])
            .rcpt("p0002@example.org", [no()])
            .rcpt("p0003@example.org", [no()]);
        let (house, relay, run) = begun(db, 5, script, SendNewPassword::default()).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.refused), (RunState::Finished, 3));
        house.change("UPDATE people SET undeliverable = NULL", Vec::new()).await;

        house.flow.retry(run.id, RetryOf::One(2), &by(house.owner)).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.refused, run.counts.accepted),
            (RunState::Finished, 2, 3),
            "{run:?}"
        );
        house.flow.retry(run.id, RetryOf::Failed, &by(None)).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.refused, run.counts.accepted),
            (RunState::Finished, 1, 4),
            "{run:?}"
        );
        assert_eq!(relay.stored(), 4, "nobody is mailed twice");
        assert!(house.flow.retry(run.id, RetryOf::One(4), &by(None)).await.is_err(), "this one did not fail");
        nobody_is_locked_out(&house, &relay, &run).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_address_was_corrected_only_that_person_is_mailed_again() {
    for db in databases().await {
        let script = Script::default().rcpt("p0002@example.org", [Action::reply("550 5.1.1 no such user")]);
        let (house, relay, run) = begun(db, 3, script, SendNewPassword::default()).await;
        house.work(run.id).await;
        house
            .change(
                "UPDATE people SET address = 'right@example.org', address_canonical = 'right@example.org',
                    undeliverable = NULL WHERE username = 'p0002'",
                Vec::new(),
            )
            .await;
        house.flow.retry(run.id, RetryOf::One(2), &by(None)).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3), "{run:?}");
        assert_eq!((relay.stored(), relay.messages_for("right@example.org").len()), (3, 1));
        nobody_is_locked_out(&house, &relay, &run).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_waits_for_another_run_of_the_same_automation() {
    for db in databases().await {
        let script = Script::default().rcpt("p0001@example.org", [Action::reply("550 5.2.2 full")]);
        let (house, _relay, first) = begun(db, 2, script, SendNewPassword::default()).await;
        house.work(first.id).await;
        let second = house.start(first.automation_id.unwrap()).await;
        let refused = house.flow.retry(first.id, RetryOf::Failed, &by(None)).await;
        assert!(matches!(refused, Err(StartError::Refused(Refusal::AlreadyRunning))), "{refused:?}");
        assert_eq!(house.run(first.id).await.state, RunState::Finished);
        house.work(second.id).await;
        let again = house.start(first.automation_id.unwrap()).await;
        assert_eq!(again.state, RunState::Finished, "everybody was mailed recently");
        assert_eq!(again.counts.left_out, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_automation_runs_once_at_a_time() {
    for db in databases().await {
        let (house, _relay, run) = begun(db, 2, Script::default(), SendNewPassword::default()).await;
        let automation = run.automation_id.unwrap();
        let again = house.flow.start(StartRun { automation, acting: by(None), confirmed: Some(2) }).await;
        assert!(matches!(again, Err(StartError::Refused(Refusal::AlreadyRunning))), "{again:?}");
        house.flow.pause(run.id, &by(None), "wait").await.unwrap();
        let again = house.flow.start(StartRun { automation, acting: by(None), confirmed: Some(2) }).await;
        assert!(matches!(again, Err(StartError::Refused(Refusal::AlreadyRunning))), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_that_overlap_lock_nobody_out() {
    for db in databases().await {
        // The first run's mail is taken, but its answer comes after everything of the second run.
        let script = Script::default().nth(
            Stage::Content,
            1,
            Action::StoreThen(Box::new(Action::Drip("250 2.0.0 Ok".into(), Duration::from_millis(60)))),
        );
        let relay = ScriptedRelay::start(script).await;
        let mut reached = reach(&relay, Tls::None);
        reached.connections = 2;
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add_with_old_password(1).await;
        let job = SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() };
        let first = house.usual("system_user eq false", job.clone()).await;
        let second = house.usual("system_user eq false", job).await;
        let first = house.start(first).await;
        let worker = Working::begin(&house.flow);
        relay.wait_for(1).await;
        let second = house.start(second).await;
        let both = async || {
            let (a, b) = (house.run(first.id).await, house.run(second.id).await);
            a.state == RunState::Finished && b.state == RunState::Finished
        };
        while !both().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.end().await;
        assert_eq!(relay.stored(), 2);
        let newest = newest_password(&relay, "p0001@example.org").unwrap();
        assert!(!house.opens("p0001", OLD).await);
        assert!(house.opens("p0001", &newest).await, "the newest mail opens");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_who_start_an_automation_at_the_same_moment_one_succeeds() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(3).await;
        let nodes = [house.another_node().await, house.another_node().await, house.another_node().await];
        for _ in 0..8 {
            let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
            let asked = StartRun { automation, acting: by(None), confirmed: Some(3) };
            let starts: Vec<_> = nodes
                .iter()
                .map(|node| {
                    let (node, asked) = (node.clone(), asked.clone());
                    tokio::spawn(async move { node.start(asked).await })
                })
                .collect();
            let mut begun = 0;
            for start in starts {
                match start.await.unwrap() {
                    Ok(_) => begun += 1,
                    Err(StartError::Refused(Refusal::AlreadyRunning)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(begun, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_switch_works_beside_a_run_that_cannot_be_read() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 5, Script::default(), SendNewPassword::default()).await;
        house.change("UPDATE runs SET job = '{\"of\":\"a newer version\"}'", Vec::new()).await;
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        house.change("UPDATE runs SET job = '{\"kind\":\"send-new-password\"}'", Vec::new()).await;
        let worker = Working::begin(&house.flow);
        tokio::time::sleep(Duration::from_millis(900)).await;
        worker.end().await;
        assert_eq!((relay.stored(), house.run(run.id).await.counts.accepted), (0, 0));
    }
}
