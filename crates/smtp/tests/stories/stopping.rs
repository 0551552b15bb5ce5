//! Withholding messages and stopping softly.

use crate::scene::*;
use smtp::{Answer, Cause, Connection, Ended, Stop, feed};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use tokio::sync::mpsc;
use tokio::time::Instant;

#[tokio::test]
async fn a_withheld_message_costs_nothing_before_its_envelope() {
    for chunking in [false, true] {
        let server = ScriptedRelay::start(Script { chunking, ..Script::default() }).await;
        let outcome = send_with(&settings(&server), messages(9), &Stop::new(), |n| n % 3 != 0).await;
        assert_eq!((outcome.ended.clone(), outcome.counts()), (Ended::FeedClosed, [6, 0, 0, 0, 0, 3]));
        assert_eq!(outcome.answers[&3], Answer::NotSent { cause: Cause::Vetoed });
        assert_eq!((server.stored(), server.heard(Stage::Mail), server.sessions()), (6, 6, 1));
    }
}

#[tokio::test]
async fn a_message_withheld_after_354_is_not_sent() {
    let server = ScriptedRelay::start(Script::default()).await;
    let asked = AtomicUsize::new(0);
    // The second question about message 2 comes right before its content.
    let may_send = |n: &usize| *n != 2 || asked.fetch_add(1, Ordering::Relaxed) == 0;
    let outcome = send_with(&settings(&server), messages(5), &Stop::new(), may_send).await;
    assert_eq!((outcome.ended.clone(), outcome.rest.clone()), (Ended::Vetoed, vec![3, 4, 5]));
    assert_eq!(outcome.answers[&2], Answer::NotSent { cause: Cause::Vetoed });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((server.stored(), server.heard(Stage::Data)), (1, 2));
}

#[tokio::test]
async fn a_soft_stop_leaves_nothing_unknown() {
    for chunking in [false, true] {
        let script = Script { chunking, round_trip: Duration::from_millis(10), ..Script::default() };
        let server = ScriptedRelay::start(script).await;
        let stop = Stop::new();
        let relay = settings(&server);
        let all = messages(5_000);
        let sending = send_with(&relay, all, &stop, |_| true);
        let stopping = async {
            server.wait_for(10).await;
            stop.request(Instant::now() + Duration::from_secs(10));
        };
        let (outcome, ()) = tokio::join!(sending, stopping);
        assert_eq!(outcome.ended, Ended::Stopped);
        assert_eq!(outcome.counts()[0], outcome.answers.len(), "all that began was accepted");
        assert_eq!(server.stored(), outcome.answers.len());
        assert!(outcome.answers.len() < 1000 && outcome.answers.len() + outcome.rest.len() == 5_000);
        assert_eq!(server.heard(Stage::Quit), 1);
    }
}

#[tokio::test]
async fn a_stop_ends_at_its_deadline_with_the_exact_answers() {
    for (stage, unknown) in [(Stage::Content, 1), (Stage::Data, 0)] {
        let server = ScriptedRelay::start(Script::default().nth(stage, 2, Action::Stall)).await;
        let stop = Stop::new();
        let relay = settings(&server);
        let began = Instant::now();
        let sending = send_with(&relay, messages(9), &stop, |_| true);
        let stopping = async {
            server.wait_for(1).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.request(Instant::now() + Duration::from_millis(200));
        };
        let (outcome, ()) = tokio::join!(sending, stopping);
        assert!(began.elapsed() < Duration::from_secs(3));
        assert_eq!(outcome.ended, Ended::Lost(Cause::Stopped));
        assert_eq!((outcome.counts()[0], outcome.counts()[4]), (1, unknown), "{stage:?}: {outcome:?}");
        assert_eq!(is_unknown(&outcome.answers[&2]), unknown == 1);
        assert_eq!(outcome.answers.len() + outcome.rest.len(), 9);
    }
}

#[tokio::test]
async fn an_idle_connection_stops_at_once() {
    let server = ScriptedRelay::start(Script::default()).await;
    let (_groups, mut feed) = feed::<usize>(1);
    let (sender, _receiver) = mpsc::channel(1);
    let stop = Stop::new();
    let connection = Connection::open(&settings(&server)).await.unwrap();
    let began = Instant::now();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.request(Instant::now() + Duration::from_secs(30));
    };
    let (ended, ()) = tokio::join!(connection.run(&mut feed, &sender, &stop, |_| true), stopping);
    assert!(ended == Ended::Stopped && began.elapsed() < Duration::from_secs(2));
    assert_eq!(server.heard(Stage::Quit), 1);
}

#[tokio::test]
async fn answers_that_nobody_takes_yet_hold_the_connection_and_are_not_lost() {
    let server = ScriptedRelay::start(Script::default()).await;
    let (sender, receiver) = mpsc::channel(1);
    let stop = Stop::new();
    let connection = Connection::open(&settings(&server)).await.unwrap();
    let mut feed = filled(messages(500));
    let run = async {
        let ended = connection.run(&mut feed, &sender, &stop, |_| true).await;
        drop(sender);
        ended
    };
    let taking = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(server.stored() < 200, "it waits");
        stop.request(Instant::now());
        collect(receiver).await
    };
    let (_, answers) = tokio::join!(run, taking);
    let rest = feed.take_rest().len();
    assert_eq!(answers.len() + rest, 500);
    assert!(server.messages().iter().all(|stored| {
        let n = (1..=500).find(|n| stored.rcpt_to == [address(*n)]).unwrap();
        matches!(answers[&n], Answer::Accepted(_) | Answer::Unknown { .. })
    }));
}
