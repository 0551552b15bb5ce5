//! Handing over: connections that take messages from one feed, and the mailbox inside the program.

use crate::clock::Clock;
use crate::gate::Gate;
use crate::message::Tag;
use crate::settings::{RelaySettings, most_connections};
use mail::mailbox::Mailbox;
use mail::relay::Choice;
use smtp::{Answer, Answered, Cause, Connection, Ended, Enhanced, Feed, Outgoing, Reply, Stage, Stop};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Answers with the place of the relay that gave them.
pub(crate) type FromRelay = (usize, Vec<Answered<Tag>>);

/// Whether a message may still leave: its lease holds, its run goes on.
pub(crate) fn may_send(tag: &Tag) -> bool {
    tag.hold.holds() && !tag.sign.is_lowered()
}

/// What the connections share.
#[derive(Debug, Clone)]
pub(crate) struct Crossing {
    pub relays: Arc<[RelaySettings]>,
    pub gate: Arc<Gate>,
    pub clock: Clock,
    pub stop: Stop,
    pub answers: mpsc::Sender<FromRelay>,
}

impl Crossing {
    /// Starts the connections' tasks, as many as the relay that has most.
    pub(crate) fn start(&self, feed: &Feed<Tag>) -> Vec<tokio::task::JoinHandle<()>> {
        (0..most_connections(&self.relays))
            .map(|place| {
                let crossing = self.clone();
                let feed = feed.clone();
                tokio::spawn(async move { crossing.serve(place, feed).await })
            })
            .collect()
    }

    /// One connection after another, as long as there is something to send.
    async fn serve(&self, number: usize, mut feed: Feed<Tag>) {
        loop {
            tokio::select! {
                ready = feed.ready() => if !ready { break },
                () = self.stop.wait() => break,
            }
            match self.gate.choose(self.clock.now_ms()) {
                Choice::Use(place) => self.use_relay(place, number, &mut feed).await,
                Choice::Wait(_) => {
                    self.return_unsent(&mut feed, "no relay can be reached").await;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        // Nothing is left behind: what no connection began is answered for, or it would count as unknown.
        while feed.ready().await {
            self.return_unsent(&mut feed, "the program is stopping").await;
        }
    }

    async fn use_relay(&self, place: usize, number: usize, feed: &mut Feed<Tag>) {
        let Some(settings) = self.relays.get(place) else { return };
        if number >= settings.connections.max(1) {
            // This relay wants fewer connections; another task takes what this one holds.
            self.return_unsent(feed, "the relay takes fewer connections").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            return;
        }
        let connection = match Connection::open(&settings.relay).await {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(relay = %settings.name, %error, "no connection");
                let cause = format!("{}: {error}", settings.name);
                // What does not pass by itself is for an operator: a refused login, a wrong certificate.
                let alarm = error.is_alarm() || !error.is_temporary();
                self.gate.failed(place, cause, alarm, self.clock.now_ms());
                self.return_unsent(feed, &error.to_string()).await;
                return;
            }
        };
        let (sender, mut receiver) = mpsc::channel(16);
        let answers = self.answers.clone();
        let forward = tokio::spawn(async move {
            while let Some(group) = receiver.recv().await {
                if answers.send((place, group)).await.is_err() {
                    break;
                }
            }
        });
        let ended = connection.run(feed, &sender, &self.stop, may_send).await;
        tracing::debug!(relay = %settings.name, ?ended, "connection ended");
        if let Ended::Lost(cause) = &ended
            && !is_ordinary(cause)
        {
            self.gate.failed(place, format!("{}: {cause}", settings.name), false, self.clock.now_ms());
        }
        drop(sender);
        let _ = forward.await;
    }

    /// Answers for what was taken from the feed and cannot be sent now.
    async fn return_unsent(&self, feed: &mut Feed<Tag>, why: &str) {
        let rest: Vec<Answered<Tag>> = feed
            .take_rest()
            .into_iter()
            .map(|message| Answered {
                tag: message.tag,
                answer: Answer::NotSent {
                    cause: Cause::Closed { waiting_for: "a connection", detail: why.to_owned() },
                },
                elapsed: Duration::ZERO,
            })
            .collect();
        if !rest.is_empty() {
            let _ = self.answers.send((0, rest)).await;
        }
    }
}

/// Whether a connection may end like this without the relay being in trouble: we are stopping, it was
/// idle, or its 421 is a verdict of its own.
fn is_ordinary(cause: &Cause) -> bool {
    match cause {
        Cause::Stopped | Cause::RelayClosing(_) => true,
        Cause::Closed { waiting_for, .. } => *waiting_for == "a message",
        _ => false,
    }
}

/// The mailbox takes everything, but for addresses under `.invalid` (RFC 2606): those it refuses as a
/// relay refuses an unknown mailbox, so that a demonstration has something to report.
pub(crate) fn put_into_mailbox(
    mailbox: &Mailbox,
    messages: Vec<Outgoing<Tag>>,
    now_ms: i64,
) -> Vec<Answered<Tag>> {
    messages
        .into_iter()
        .map(|message| {
            let answer = if !may_send(&message.tag) {
                Answer::NotSent { cause: Cause::Vetoed }
            } else if message.rcpt_to.to_ascii_lowercase().ends_with(".invalid") {
                let enhanced = Some(Enhanced { class: 5, subject: 1, detail: 1 });
                let text = "no such mailbox (addresses under .invalid are refused here)".to_owned();
                Answer::Refused { stage: Stage::Rcpt, reply: Reply { code: 550, enhanced, text } }
            } else {
                let id = mailbox.deliver(&message.mail_from, &message.rcpt_to, message.content, now_ms);
                let enhanced = Some(Enhanced { class: 2, subject: 0, detail: 0 });
                Answer::Accepted(Reply { code: 250, enhanced, text: format!("kept in the mailbox as {id}") })
            };
            Answered { tag: message.tag, answer, elapsed: Duration::ZERO }
        })
        .collect()
}
