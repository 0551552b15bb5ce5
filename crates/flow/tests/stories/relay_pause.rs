//! What a run does when the relay has trouble with everybody: it waits, pauses with a cause, and goes on later.

use crate::relay::begun;
use domain::automation::SendNewPassword;
use domain::recipient::RecipientState::{Accepted, Deferred, Refused};
use domain::run::RunState;
use flow::{Limits, RelaySettings};
use smtp::{Credentials, Tls};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::run::Run;
use testkit::relay::{Action, Auth, Certificate, Script, ScriptedRelay, Stage, Tls as Offers};
use testkit::{Database, House, OLD, TEST_NOW, Through, by, databases, reach};

/// A run for some people through a relay that is reached in a certain way, worked on until it pauses.
async fn paused(db: Database, reached: RelaySettings) -> (House, Run) {
    let house = House::over(db, Through::Relays(vec![reached])).await;
    house.add_with_old_password(5).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    let run = house.work_until(run.id, |run| run.state != RunState::Running).await;
    assert_eq!((run.state, run.counts.settled()), (RunState::Paused, 0), "{:?} {run:?}", house.db.engine());
    (house, run)
}

async fn everyone_keeps_the_old_password(house: &House, relay: &ScriptedRelay, run: &Run) {
    assert_eq!(relay.heard(Stage::Mail), 0, "not one MAIL FROM");
    assert!(house.prove(run.id, relay).await.iter().all(|state| state.is_open()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_login_pauses_the_run_at_once() {
    for db in databases().await {
        let script = Script { tls: Offers::StartTls, auth: Auth::Refused, ..Script::default() };
        let relay = ScriptedRelay::start(script).await;
        let mut reached = reach(&relay, Tls::StartTls);
        reached.relay.credentials = Some(Credentials::new("mailer", "wrong".to_owned()));
        let (house, run) = paused(db, reached).await;
        let cause = run.cause.clone().unwrap();
        assert!(cause.contains("refused the login") && cause.contains("535"), "{cause}");
        assert!(!cause.contains("wrong"), "{cause}");
        everyone_keeps_the_old_password(&house, &relay, &run).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tls_that_was_asked_for_nothing_is_said() {
    let cases = [
        (Offers::Never, Certificate::Good, "does not offer STARTTLS"),
        (Offers::StartTls, Certificate::WrongName, "certificate"),
        (Offers::StartTls, Certificate::Expired, "certificate"),
        (Offers::StartTls, Certificate::Untrusted, "certificate"),
        (Offers::StartTlsWithInjection, Certificate::Good, "before TLS"),
    ];
    for (tls, certificate, words) in cases {
        for db in databases().await {
            let auth = Auth::Required { user: "mailer".into(), password: "hunter2".into() };
            let relay = ScriptedRelay::start(Script { tls, certificate, auth, ..Script::default() }).await;
            let mut reached = reach(&relay, Tls::StartTls);
            reached.relay.credentials = Some(Credentials::new("mailer", "hunter2".to_owned()));
            let (house, run) = paused(db, reached).await;
            let cause = run.cause.clone().unwrap();
            assert!(cause.contains(words), "{tls:?} {certificate:?}: {cause}");
            assert_eq!(
                (relay.heard(Stage::Auth), relay.heard(Stage::Mail)),
                (0, 0),
                "{tls:?} {certificate:?}"
            );
            assert!(house.opens("p0001", OLD).await);
            assert!(house.listed(run.id).await.iter().all(|one| one.state.is_open()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_relay_is_waited_for_then_the_run_pauses_and_goes_on_with_those_left() {
    for db in databases().await {
        let busy = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let busy = Arc::clone(&busy);
            move |moment| {
                if moment.stage == Stage::Mail && moment.nth == 3 {
                    busy.store(true, Ordering::SeqCst);
                }
                match moment.stage {
                    Stage::Mail if busy.load(Ordering::SeqCst) => {
                        Action::ReplyAndClose("421 4.3.2 closing for everyone".into())
                    }
                    _ => Action::Accept,
                }
            }
        });
        let relay = ScriptedRelay::start(script).await;
        let limits = Limits { relay_patience_ms: 60_000, ..Limits::default() };
        let house = House::with_limits(db, Through::Relays(vec![reach(&relay, Tls::None)]), limits).await;
        house.add_with_old_password(6).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.accepted, run.counts.deferred),
            (RunState::Running, 2, 4),
            "{run:?}"
        );

        house.clock.set(TEST_NOW + 2_000);
        let run = house.work_until(run.id, |run| run.cause.is_some()).await;
        let cause = run.cause.unwrap();
        assert!(cause.starts_with("waiting for the relay") && cause.contains("421"), "{cause}");
        for second in [6, 30, 58] {
            house.clock.set(TEST_NOW + second * 1_000);
            assert_eq!(house.work(run.id).await.state, RunState::Running, "after {second} s");
        }
        house.clock.set(TEST_NOW + 61_000);
        let run = house.work_until(run.id, |run| run.state == RunState::Paused).await;
        let cause = run.cause.unwrap();
        assert!(cause.starts_with("the relay takes no mail") && cause.contains("421"), "{cause}");
        for name in ["p0003", "p0006"] {
            assert!(house.opens(name, OLD).await, "{name}");
        }

        // Well again, and resumed by another process, such as the command line.
        busy.store(false, Ordering::SeqCst);
        house.clock.set(TEST_NOW + 120_000);
        house.another_node().await.resume(run.id, &by(None)).await.unwrap();
        let run = house.work_through(run.id, 900_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 6), "{run:?}");
        assert_eq!(relay.stored(), 6, "exactly those left");
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 6]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_waited_for_and_noticed() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default()).await;
        let reached = reach(&relay, Tls::None);
        let address = relay.address().to_string();
        drop(relay);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let limits = Limits { relay_patience_ms: 30_000, ..Limits::default() };
        let house = House::with_limits(db, Through::Relays(vec![reached]), limits).await;
        house.add_with_old_password(3).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        house.work_through(run.id, 28_000).await;
        house.clock.set(TEST_NOW + 33_000);
        let run =
            house.work_until(run.id, |run| run.state == RunState::Paused || run.counts.accepted > 0).await;
        assert!(run.cause.clone().unwrap().contains("cannot connect"), "{run:?}");

        let relay = ScriptedRelay::start_at(Script::default(), &address).await;
        house.clock.set(TEST_NOW + 200_000);
        house.flow.resume(run.id, &by(None)).await.unwrap();
        let run = house.work_through(run.id, 900_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3), "{run:?}");
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 3]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_refusals_one_after_the_other_pause_the_run() {
    for db in databases().await {
        let script = Script::default().always(Stage::Rcpt, Action::reply("554 5.7.1 we do not like you"));
        let (house, relay, run) = begun(db, 60, script).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Paused, "{run:?}");
        let cause = run.cause.clone().unwrap();
        assert!(cause.contains("one after the other") && cause.contains("we do not like you"), "{cause}");
        assert!(run.counts.refused >= 20 && run.counts.accepted == 0, "{run:?}");
        assert_eq!(relay.stored(), 0);
        for listed in house.listed(run.id).await.iter().step_by(12) {
            assert!(matches!(listed.state, Refused | Deferred | domain::recipient::RecipientState::Planned));
            assert!(house.opens(listed.username.as_deref().unwrap(), OLD).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_five_refusals_in_a_hundred_pause_the_run() {
    for db in databases().await {
        // Every eighth, so never twenty in a row.
        let script = Script::default().answer(|moment| {
            if moment.stage == Stage::Rcpt && moment.nth % 8 == 0 {
                Action::reply("550 5.2.1 switched off")
            } else {
                Action::Accept
            }
        });
        let (house, relay, run) = begun(db, 300, script).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Paused, "{run:?}");
        let cause = run.cause.clone().unwrap();
        assert!(cause.contains("the relay refused") && cause.contains(" of "), "{cause}");
        assert!(run.counts.refused >= 20, "{run:?}");
        assert_eq!(relay.stored() as i64, run.counts.accepted);

        // An operator who knows better resumes it: it is watched from there on.
        house.flow.resume(run.id, &by(None)).await.unwrap();
        let run = house.work_through(run.id, 60_000).await;
        assert!(run.counts.settled() > 200 || run.state == RunState::Paused, "{run:?}");
        assert_eq!(relay.stored() as i64, run.counts.accepted, "nobody is mailed twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_cannot_send_ourselves_is_not_held_against_the_relay() {
    for db in databases().await {
        let (house, relay, _) = begun(db, 0, Script { smtputf8: false, ..Script::default() }).await;
        house.add_contacts(30).await;
        house
            .change("UPDATE people SET address = 'ö' || address WHERE username LIKE 'p0%'", Vec::new())
            .await;
        house.add(testkit::NewPerson { password: OLD, ..testkit::NewPerson::contact("zoe") }).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.refused, run.counts.accepted),
            (RunState::Finished, 30, 1),
            "{run:?}"
        );
        assert_eq!(relay.stored(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_trouble_does_not_pause_a_new_run() {
    for db in databases().await {
        let well = Arc::new(AtomicBool::new(false));
        let script = Script::default().answer({
            let well = Arc::clone(&well);
            move |moment| match moment.stage {
                Stage::Mail if !well.load(Ordering::SeqCst) => {
                    Action::reply("530 5.7.0 must issue STARTTLS first")
                }
                _ => Action::Accept,
            }
        });
        let (house, relay, first) = begun(db, 3, script).await;
        let first = house.work_until(first.id, |run| run.state != RunState::Running).await;
        assert_eq!(first.state, RunState::Paused);
        assert!(first.cause.unwrap().contains("530"));

        well.store(true, Ordering::SeqCst);
        house.clock.set(TEST_NOW + 24 * 3_600_000);
        let another = house.usual("username eq \"p0002\"", SendNewPassword::default()).await;
        let run = house.start(another).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 1), "{run:?}");
        assert_eq!(relay.stored(), 1);
    }
}
