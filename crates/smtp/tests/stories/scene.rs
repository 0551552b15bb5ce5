//! What every story needs: a relay's settings, messages, and a way to send them all and look at the answers.

use smtp::{Answer, Connection, Ended, Feed, Outgoing, Relay, Roots, Stop, Timeouts, Tls, feed};
use std::collections::BTreeMap;
use std::time::Duration;
use testkit::relay::ScriptedRelay;
use tokio::sync::mpsc;

/// Settings for a scripted relay without TLS, with short timeouts.
pub(crate) fn settings(server: &ScriptedRelay) -> Relay {
    let mut relay = Relay::new(server.host(), server.port(), Tls::None, Roots::none());
    let long = Duration::from_secs(20);
    relay.timeouts = Timeouts {
        connect: long,
        greeting: long,
        command: long,
        mail: long,
        rcpt: long,
        data: long,
        block: long,
        end: long,
        quit: Duration::from_secs(2),
        idle: long,
    };
    relay
}

/// The nth message, to its own recipient.
pub(crate) fn message(n: usize) -> Outgoing<usize> {
    with_content(n, format!("Subject: number {n}\r\n\r\nHello.\r\n").into_bytes())
}

pub(crate) fn with_content(n: usize, content: Vec<u8>) -> Outgoing<usize> {
    Outgoing {
        tag: n,
        mail_from: "sender@ours.example".into(),
        rcpt_to: address(n),
        content,
        smtputf8: false,
    }
}

pub(crate) fn address(n: usize) -> String {
    format!("person{n}@theirs.example")
}

pub(crate) fn messages(count: usize) -> Vec<Outgoing<usize>> {
    (1..=count).map(message).collect()
}

/// A feed with these messages as one group, and no more to come.
pub(crate) fn filled(messages: Vec<Outgoing<usize>>) -> Feed<usize> {
    let (sender, feed) = feed(1);
    sender.try_send(messages).unwrap();
    feed
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    pub(crate) answers: BTreeMap<usize, Answer>,
    /// Numbers of the messages no connection began.
    pub(crate) rest: Vec<usize>,
}

impl Outcome {
    /// Counts (accepted, deferred, refused, unsendable, unknown, not sent).
    pub(crate) fn counts(&self) -> [usize; 6] {
        let mut counts = [0; 6];
        for answer in self.answers.values() {
            counts[match answer {
                Answer::Accepted(_) => 0,
                Answer::Deferred { .. } => 1,
                Answer::Refused { .. } => 2,
                Answer::Unsendable(_) => 3,
                Answer::Unknown { .. } => 4,
                Answer::NotSent { .. } => 5,
            }] += 1;
        }
        counts
    }
}

/// Sends all messages over one connection.
pub(crate) async fn send(relay: &Relay, messages: Vec<Outgoing<usize>>) -> Outcome {
    send_with(relay, messages, &Stop::new(), |_| true).await
}

pub(crate) async fn send_with(
    relay: &Relay,
    messages: Vec<Outgoing<usize>>,
    stop: &Stop,
    may_send: impl Fn(&usize) -> bool,
) -> Outcome {
    let connection = Connection::open(relay).await.unwrap();
    let mut feed = filled(messages);
    let (sender, receiver) = mpsc::channel(10_000);
    let ended = connection.run(&mut feed, &sender, stop, may_send).await;
    drop(sender);
    let answers = collect(receiver).await;
    let rest = feed.take_rest().into_iter().map(|message| message.tag).collect();
    Outcome { ended, answers, rest }
}

/// All answers by number; an answer given twice is a failure.
pub(crate) async fn collect(
    mut receiver: mpsc::Receiver<Vec<smtp::Answered<usize>>>,
) -> BTreeMap<usize, Answer> {
    let mut answers = BTreeMap::new();
    while let Some(group) = receiver.recv().await {
        for answered in group {
            assert!(answers.insert(answered.tag, answered.answer).is_none(), "answered twice");
        }
    }
    answers
}

/// The code and stage of a deferral or refusal.
pub(crate) fn word(answer: &Answer) -> (smtp::Stage, u16) {
    match answer {
        Answer::Deferred { stage, reply } | Answer::Refused { stage, reply } => (*stage, reply.code),
        other => panic!("neither deferred nor refused: {other:?}"),
    }
}

pub(crate) fn is_unknown(answer: &Answer) -> bool {
    matches!(answer, Answer::Unknown { .. })
}

pub(crate) fn is_not_sent(answer: &Answer) -> bool {
    matches!(answer, Answer::NotSent { .. })
}
