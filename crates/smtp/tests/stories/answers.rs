//! Relays that refuse, defer or talk nonsense.

use crate::scene::*;
use smtp::{Answer, Cause, ConnectError, Connection, Ended, Stage as At};
use std::time::{Duration, Instant};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

fn each_way(script: &Script) -> [Script; 3] {
    [
        script.clone(),
        Script { pipelining: false, ..script.clone() },
        Script { chunking: true, ..script.clone() },
    ]
}

#[tokio::test]
async fn a_refused_recipient_does_not_disturb_the_others() {
    let script = Script::default()
        .rcpt(&address(1), [Action::reply("550 5.1.1 No such person")])
        .rcpt(&address(4), [Action::reply("450 4.2.1 Mailbox busy")])
        .rcpt(&address(8), [Action::reply("550-5.7.1 Not\r\n550 5.7.1 wanted")]);
    for script in each_way(&script) {
        let server = ScriptedRelay::start(script).await;
        let outcome = send(&settings(&server), messages(8)).await;
        assert_eq!((outcome.ended.clone(), outcome.counts()), (Ended::FeedClosed, [5, 1, 2, 0, 0, 0]));
        assert_eq!(word(&outcome.answers[&1]), (At::Rcpt, 550));
        assert_eq!(word(&outcome.answers[&4]), (At::Rcpt, 450));
        let Answer::Refused { reply, .. } = &outcome.answers[&8] else { panic!() };
        assert_eq!(reply.to_string(), "550 5.7.1 Not wanted");
        assert_eq!(server.stored(), 5);
        for stored in server.messages() {
            assert_eq!(stored.rcpt_to.len(), 1);
            let n: usize = stored.text()["Subject: number ".len()..][..1].parse().unwrap();
            assert_eq!(stored.rcpt_to, [address(n)], "nobody gets another one's content");
        }
    }
}

#[tokio::test]
async fn a_relay_that_wants_content_for_nobody_gets_a_lone_dot() {
    let script = Script { data_without_recipient: true, ..Script::default() }
        .rcpt(&address(2), [Action::reply("550 5.1.1 No such person")]);
    let server = ScriptedRelay::start(script).await;
    let outcome = send(&settings(&server), messages(3)).await;
    assert_eq!(outcome.counts(), [2, 0, 1, 0, 0, 0]);
    assert_eq!((server.stored(), server.empty_messages()), (2, 1));
}

#[tokio::test]
async fn each_stage_can_refuse_and_the_next_message_still_goes() {
    let stages = [(Stage::Mail, At::Mail), (Stage::Data, At::Data), (Stage::Content, At::Content)];
    for (stage, at) in stages {
        for script in each_way(&Script::default().nth(stage, 2, Action::reply("552 5.3.4 No"))) {
            if script.chunking && stage == Stage::Data {
                continue;
            }
            let server = ScriptedRelay::start(script).await;
            let outcome = send(&settings(&server), messages(4)).await;
            assert_eq!(outcome.counts(), [3, 0, 1, 0, 0, 0], "{stage:?}: {outcome:?}");
            assert_eq!(word(&outcome.answers[&2]), (at, 552));
            assert_eq!(server.stored(), 3);
        }
    }
}

#[tokio::test]
async fn a_421_defers_its_message_and_leaves_the_rest_unsent() {
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
        let closing = Action::ReplyAndClose("421 4.3.2 Closing".into());
        for script in each_way(&Script::default().nth(stage, 3, closing)) {
            if script.chunking && stage == Stage::Data {
                continue;
            }
            let server = ScriptedRelay::start(script).await;
            let outcome = send(&settings(&server), messages(20)).await;
            assert_eq!(word(&outcome.answers[&3]).1, 421, "{stage:?}");
            assert!(outcome.answers[&3].concerns_the_relay());
            let [accepted, deferred, refused, unsendable, unknown, _] = outcome.counts();
            assert_eq!(
                [accepted, deferred, refused, unsendable, unknown],
                [2, 1, 0, 0, 0],
                "{stage:?} {outcome:?}"
            );
            assert!(matches!(outcome.ended, Ended::Lost(Cause::RelayClosing(_))));
            assert_eq!(outcome.answers.len() + outcome.rest.len(), 20, "nothing is forgotten");
            assert_eq!(server.stored(), 2);
        }
    }
}

#[tokio::test]
async fn a_relay_that_answers_421_to_everybody_is_a_connect_error() {
    let closing = Action::ReplyAndClose("421 4.7.0 Come back later".into());
    let server = ScriptedRelay::start(Script::default().always(Stage::Connect, closing)).await;
    let error = Connection::open(&settings(&server)).await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Greeting(reply) if reply.code == 421) && error.is_temporary(),
        "{error}"
    );
}

#[tokio::test]
async fn a_421_to_an_idle_connection_is_heard_at_once() {
    let server = ScriptedRelay::start(Script::default()).await;
    let mut relay = settings(&server);
    relay.timeouts.idle = Duration::from_secs(20);
    let connection = Connection::open(&relay).await.unwrap();
    let (_groups, mut feed) = smtp::feed::<usize>(1);
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    let stop = smtp::Stop::new();
    let run = connection.run(&mut feed, &sender, &stop, |_| true);
    let began = Instant::now();
    let (ended, ()) = tokio::join!(run, async { drop(server) });
    assert!(matches!(ended, Ended::Lost(Cause::Closed { .. })) && began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn huge_and_binary_replies_end_the_connection_within_bounds() {
    let huge = "250-".to_owned() + &"x".repeat(1_000_000);
    let many = "250-and so on\r\n".repeat(100_000);
    for octets in
        [huge.into_bytes(), many.into_bytes(), b"\x00\xff\xfe\x01\r\n".repeat(10), b"\n\n\n".to_vec()]
    {
        let at_rcpt = Script::default().nth(Stage::Rcpt, 2, Action::Raw(octets.clone()));
        let server = ScriptedRelay::start(at_rcpt).await;
        let outcome = send(&settings(&server), messages(5)).await;
        assert!(matches!(&outcome.ended, Ended::Lost(Cause::Garbled { .. })), "{:?}", outcome.ended);
        assert!(is_not_sent(&outcome.answers[&2]));

        let at_end = Script::default().nth(Stage::Content, 2, Action::Raw(octets));
        let server = ScriptedRelay::start(at_end).await;
        let outcome = send(&settings(&server), messages(5)).await;
        assert!(is_unknown(&outcome.answers[&2]), "its end was written and the reply is unreadable");
        assert_eq!(outcome.counts()[0], 1);
    }
}

#[tokio::test]
async fn a_reply_too_many_stops_before_any_content_is_trusted_to_it() {
    let doubled = Action::Raw(b"250 2.1.5 Ok\r\n354 go\r\n250 2.0.0 Ok\r\n".to_vec());
    let server = ScriptedRelay::start(Script::default().nth(Stage::Rcpt, 2, doubled)).await;
    let outcome = send(&settings(&server), messages(5)).await;
    assert!(matches!(outcome.ended, Ended::Lost(Cause::OutOfStep(_))), "{outcome:?}");
    assert!(is_not_sent(&outcome.answers[&2]) && outcome.counts()[0] == 1);
}

#[tokio::test]
async fn a_reply_in_slow_single_octets_counts_as_one_wait() {
    let drip = Action::Drip("250 2.1.0 Ok".into(), Duration::from_millis(5));
    let server = ScriptedRelay::start(Script::default().always(Stage::Rset, drip)).await;
    assert_eq!(send(&settings(&server), messages(2)).await.counts()[0], 2);

    let crawl = Action::Drip("250 2.1.0 Ok, after a very long while".into(), Duration::from_millis(100));
    let server = ScriptedRelay::start(Script::default().always(Stage::Mail, crawl)).await;
    let mut relay = settings(&server);
    relay.timeouts.mail = Duration::from_millis(300);
    let began = Instant::now();
    let outcome = send(&relay, messages(2)).await;
    assert!(is_not_sent(&outcome.answers[&1]) && began.elapsed() < Duration::from_secs(2));
    assert!(matches!(outcome.ended, Ended::Lost(Cause::TimedOut { waiting_for: "the reply to MAIL FROM" })));
}

#[tokio::test]
async fn a_relay_that_never_greets_is_given_up_in_time() {
    let server = ScriptedRelay::start(Script::default().always(Stage::Connect, Action::Stall)).await;
    let mut relay = settings(&server);
    relay.timeouts.greeting = Duration::from_millis(100);
    let error = Connection::open(&relay).await.unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut { step: smtp::Step::Greeting, .. }), "{error}");
}

#[tokio::test]
async fn every_tenth_deferred_is_every_tenth_deferred() {
    let script = Script::default().answer(|moment| {
        if moment.stage == Stage::Rcpt && moment.nth % 10 == 0 {
            Action::reply("451 4.7.1 Later")
        } else {
            Action::Accept
        }
    });
    for script in each_way(&script) {
        let server = ScriptedRelay::start(script).await;
        let outcome = send(&settings(&server), messages(200)).await;
        assert_eq!((outcome.counts(), server.stored()), ([180, 20, 0, 0, 0, 0], 180));
    }
}

#[tokio::test]
async fn a_relay_with_a_rate_defers_what_comes_faster() {
    let server = ScriptedRelay::start(Script { per_second: Some(10), ..Script::default() }).await;
    let outcome = send(&settings(&server), messages(15)).await;
    assert_eq!((outcome.counts(), server.over_rate()), ([10, 5, 0, 0, 0, 0], 5));
    assert_eq!(word(&outcome.answers[&15]), (At::Mail, 451));
}
