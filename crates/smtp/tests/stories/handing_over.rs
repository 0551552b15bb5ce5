//! Messages that arrive, and arrive unchanged.

use crate::scene::*;
use smtp::{Answer, Connection, Ended, Stop, Unsendable, feed};
use std::time::Duration;
use testkit::relay::{Script, ScriptedRelay, Stage};
use tokio::sync::mpsc;

/// Each way the relay can take a message: with and without pipelining, and in chunks.
fn three_ways() -> [Script; 3] {
    [
        Script::default(),
        Script { pipelining: false, ..Script::default() },
        Script { chunking: true, ..Script::default() },
    ]
}

#[tokio::test]
async fn all_messages_arrive_once_each_way() {
    for script in three_ways() {
        let server = ScriptedRelay::start(script).await;
        let outcome = send(&settings(&server), messages(300)).await;
        assert_eq!((outcome.ended.clone(), outcome.counts()), (Ended::FeedClosed, [300, 0, 0, 0, 0, 0]));
        let stored = server.messages();
        assert_eq!(stored.len(), 300);
        for (n, stored) in (1..).zip(stored) {
            assert_eq!(stored.rcpt_to, [address(n)], "one recipient per message");
            assert_eq!(stored.mail_from, "sender@ours.example");
            assert_eq!(stored.text(), format!("Subject: number {n}\r\n\r\nHello.\r\n"));
        }
        assert_eq!((server.sessions(), server.heard(Stage::Quit)), (1, 1));
    }
}

#[tokio::test]
async fn an_accepted_answer_carries_code_and_text() {
    let server = ScriptedRelay::start(Script::default()).await;
    let outcome = send(&settings(&server), messages(1)).await;
    let Answer::Accepted(reply) = &outcome.answers[&1] else { panic!("{outcome:?}") };
    assert_eq!(reply.to_string(), "250 2.0.0 Ok");
}

#[tokio::test]
async fn dots_arrive_unchanged_each_way() {
    let contents =
        [".\r\n", "..\r\n", ".a\r\n\r\n.\r\n.\r\n", "x\r\n.\r\nQUIT\r\n", "no line end at the end.", ".", ""];
    for script in three_ways() {
        let server = ScriptedRelay::start(script).await;
        let all = (1..).zip(contents).map(|(n, content)| with_content(n, content.into())).collect();
        assert_eq!(send(&settings(&server), all).await.counts(), [7, 0, 0, 0, 0, 0]);
        for (stored, content) in server.messages().iter().zip(contents) {
            let ended = content.is_empty() || content.ends_with("\r\n");
            assert_eq!(stored.text(), format!("{content}{}", if ended { "" } else { "\r\n" }));
        }
    }
}

#[tokio::test]
async fn dots_at_every_place_of_a_buffer_arrive_unchanged() {
    let server = ScriptedRelay::start(Script::default()).await;
    let contents: Vec<_> =
        (8_150..8_220).map(|length| [vec![b'x'; length], b"\r\n.\r\n..y\r\n".to_vec()].concat()).collect();
    let all = (1..).zip(&contents).map(|(n, content)| with_content(n, content.clone())).collect();
    assert_eq!(send(&settings(&server), all).await.counts(), [70, 0, 0, 0, 0, 0]);
    assert!(server.messages().iter().map(|stored| &stored.content).eq(&contents));
}

#[tokio::test]
async fn smuggled_line_ends_and_nul_are_refused_before_a_word() {
    let server = ScriptedRelay::start(Script::default()).await;
    let bad = [
        "a\nb\r\n",
        "a\r\n.\nMAIL FROM:<x@y>\r\n",
        "a\n.\r\nMAIL FROM:<x@y>\r\n",
        "a\rb\r\n",
        "a\0b\r\n",
        "\r\r\n",
    ];
    let all = (1..).zip(bad).map(|(n, content)| with_content(n, content.into())).collect();
    let outcome = send(&settings(&server), all).await;
    assert_eq!(outcome.counts(), [0, 0, 0, 6, 0, 0]);
    assert_eq!(outcome.answers[&1], Answer::Unsendable(Unsendable::BareLineEnd { position: 1 }));
    assert_eq!((server.heard(Stage::Mail), server.stored()), (0, 0));
}

#[tokio::test]
async fn an_address_with_a_line_end_is_refused_before_a_word() {
    let server = ScriptedRelay::start(Script::default()).await;
    let mut all = messages(3);
    all[0].rcpt_to = "a@b.example>\r\nRCPT TO:<c@d.example".into();
    all[2].mail_from = "a b@c.example".into();
    let outcome = send(&settings(&server), all).await;
    assert_eq!(outcome.counts(), [1, 0, 0, 2, 0, 0]);
    assert_eq!((server.heard(Stage::Mail), server.heard(Stage::Rcpt)), (1, 1));
}

#[tokio::test]
async fn an_internationalised_address_goes_only_to_a_relay_that_takes_it() {
    let to_jürgen = || {
        let mut all = messages(2);
        all[0].rcpt_to = "jürgen@theirs.example".into();
        all
    };
    let old = ScriptedRelay::start(Script { smtputf8: false, ..Script::default() }).await;
    let outcome = send(&settings(&old), to_jürgen()).await;
    assert_eq!(outcome.answers[&1], Answer::Unsendable(Unsendable::NeedsSmtputf8));
    assert_eq!((outcome.counts()[0], old.heard(Stage::Mail)), (1, 1), "the other one went");

    let new = ScriptedRelay::start(Script::default()).await;
    assert_eq!(send(&settings(&new), to_jürgen()).await.counts()[0], 2);
    let stored = new.messages_for("jürgen@theirs.example");
    assert!(stored[0].parameters.ends_with("SMTPUTF8"), "{}", stored[0].parameters);
    assert!(!new.messages_for(&address(2))[0].parameters.contains("SMTPUTF8"));
}

#[tokio::test]
async fn a_message_over_the_relays_size_is_not_said() {
    let server = ScriptedRelay::start(Script { size: Some(100), ..Script::default() }).await;
    let all = vec![
        with_content(1, vec![b'x'; 101]),
        with_content(2, vec![b'x'; 98]),
        with_content(3, vec![b'x'; 99]),
    ];
    let outcome = send(&settings(&server), all).await;
    assert_eq!(outcome.answers[&1], Answer::Unsendable(Unsendable::TooLarge { size: 103, limit: 100 }));
    assert_eq!(outcome.counts(), [1, 0, 0, 2, 0, 0], "the missing line end counts");
    assert_eq!(server.messages()[0].parameters, "SIZE=100");
}

#[tokio::test]
async fn eight_bit_content_is_declared_or_refused() {
    let server = ScriptedRelay::start(Script::default()).await;
    send(&settings(&server), vec![with_content(1, "Grüße\r\n".into())]).await;
    assert!(server.messages()[0].parameters.contains("BODY=8BITMIME"));
    let old = ScriptedRelay::start(Script { eight_bit_mime: false, ..Script::default() }).await;
    let outcome = send(&settings(&old), vec![with_content(1, "Grüße\r\n".into())]).await;
    assert_eq!(outcome.answers[&1], Answer::Unsendable(Unsendable::Needs8BitMime));
}

#[tokio::test]
async fn a_relay_that_knows_only_helo_is_served() {
    let server = ScriptedRelay::start(Script { helo_only: true, ..Script::default() }).await;
    assert_eq!(send(&settings(&server), messages(3)).await.counts(), [3, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_message_of_many_megabytes_arrives_each_way() {
    for script in three_ways() {
        let server = ScriptedRelay::start(script).await;
        let content = ".0123456789\r\n".repeat(300_000).into_bytes();
        let outcome = send(&settings(&server), vec![with_content(1, content.clone()), message(2)]).await;
        assert_eq!(outcome.counts()[0], 2);
        assert!(server.messages()[0].content == content);
    }
}

#[tokio::test]
async fn a_connection_ends_at_its_limit_and_the_next_one_takes_the_rest() {
    for script in three_ways() {
        let server = ScriptedRelay::start(script).await;
        let mut relay = settings(&server);
        relay.messages_per_connection = 7;
        let mut feed = filled(messages(16));
        let (sender, receiver) = mpsc::channel(100);
        let mut ends = Vec::new();
        while feed.ready().await {
            let connection = Connection::open(&relay).await.unwrap();
            ends.push(connection.run(&mut feed, &sender, &Stop::new(), |_| true).await);
        }
        drop(sender);
        assert_eq!(ends, [Ended::LimitReached, Ended::LimitReached, Ended::FeedClosed]);
        assert_eq!((collect(receiver).await.len(), server.stored(), server.sessions()), (16, 16, 3));
    }
}

#[tokio::test]
async fn connections_share_one_feed() {
    let server =
        ScriptedRelay::start(Script { round_trip: Duration::from_millis(5), ..Script::default() }).await;
    let relay = settings(&server);
    let (groups, feed) = feed(2);
    let (sender, receiver) = mpsc::channel(1000);
    let mut workers = Vec::new();
    for _ in 0..4 {
        let (mut feed, sender, relay) = (feed.clone(), sender.clone(), relay.clone());
        workers.push(tokio::spawn(async move {
            let connection = Connection::open(&relay).await.unwrap();
            connection.run(&mut feed, &sender, &Stop::new(), |_| true).await
        }));
    }
    drop((feed, sender));
    for n in 0..25 {
        groups.send((n * 8..n * 8 + 8).map(message).collect()).await.unwrap();
    }
    drop(groups);
    assert_eq!(collect(receiver).await.len(), 200);
    for worker in workers {
        assert_eq!(worker.await.unwrap(), Ended::FeedClosed);
    }
    let stored = server.messages();
    let used: std::collections::BTreeSet<_> = stored.iter().map(|stored| stored.connection).collect();
    assert_eq!((stored.len(), used.len()), (200, 4));
}

#[tokio::test]
async fn an_idle_connection_says_goodbye_and_answers_were_not_held_back() {
    let server = ScriptedRelay::start(Script::default()).await;
    let mut relay = settings(&server);
    relay.timeouts.idle = Duration::from_millis(300);
    let (groups, mut feed) = feed(1);
    groups.send(messages(1)).await.unwrap();
    let (sender, mut receiver) = mpsc::channel::<Vec<smtp::Answered<usize>>>(10);
    let connection = Connection::open(&relay).await.unwrap();
    let stop = Stop::new();
    let run = connection.run(&mut feed, &sender, &stop, |_| true);
    let answer = async {
        let began = std::time::Instant::now();
        assert_eq!(receiver.recv().await.unwrap().len(), 1);
        assert!(began.elapsed() < Duration::from_millis(250), "an answer does not wait for a full group");
    };
    let (ended, ()) = tokio::join!(run, answer);
    assert_eq!((ended, server.heard(Stage::Quit)), (Ended::Idle, 1));
}

#[tokio::test]
async fn a_long_line_is_filled_by_chunks_in_flight() {
    let round_trip = Duration::from_millis(20);
    let server = ScriptedRelay::start(Script { round_trip, chunking: true, ..Script::default() }).await;
    let relay = settings(&server);
    let began = std::time::Instant::now();
    assert_eq!(send(&relay, messages(80)).await.counts()[0], 80);
    // One after the other it would be four round trips each: 6.4 seconds.
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn known_answers_come_back_while_the_relay_thinks_about_the_next() {
    let script =
        Script::default().nth(Stage::Content, 2, testkit::relay::Action::Wait(Duration::from_secs(2)));
    let server = ScriptedRelay::start(script).await;
    let connection = Connection::open(&settings(&server)).await.unwrap();
    let mut feed = filled(messages(2));
    let (sender, mut receiver) = mpsc::channel::<Vec<smtp::Answered<usize>>>(10);
    let stop = Stop::new();
    let first = async {
        let began = std::time::Instant::now();
        let group = receiver.recv().await.unwrap();
        assert_eq!((group.len(), group[0].tag), (1, 1));
        assert!(began.elapsed() < Duration::from_secs(1));
    };
    let (ended, ()) = tokio::join!(connection.run(&mut feed, &sender, &stop, |_| true), first);
    assert_eq!(ended, Ended::FeedClosed);
}
