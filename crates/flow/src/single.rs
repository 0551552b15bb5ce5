//! Single messages outside a run: handed over on a connection of their own, beside the feed of the runs.
//!
//! Which relay, at what pace and what an answer means is for those who send: the lane of notices, the test of a
//! template.

use crate::Flow;
use crate::message::outgoing;
use crate::settings::RelaySettings;
use mail::Composed;
use mail::meaning::redact;
use smtp::{Answer, Answered, Connection, Outgoing, Stop};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What became of a single message.
#[derive(Debug)]
pub(crate) enum Handed {
    /// The relay answered, or may have taken it.
    Answered(Answer),
    /// It did not leave, and why.
    Not(String),
}

impl Flow {
    /// Hands messages over, over the first of the relays that are awake and can be reached, each at its place in the
    /// relay's pace. What is not begun by `until` stays here. Each message gets exactly one fate.
    pub(crate) async fn hand_over_singly<T: Copy + PartialEq + Send + Sync + 'static>(
        &self,
        relays: &[RelaySettings],
        awake: &[usize],
        composed: Vec<(T, Composed)>,
        until: Instant,
        stop: &Stop,
    ) -> Vec<(T, Handed)> {
        let mut why = "no relay can be reached".to_owned();
        if composed.is_empty() {
            return Vec::new();
        }
        for place in awake {
            let Some(settings) = relays.get(*place) else { continue };
            // Nothing was said of a message yet, so a stop may break this off.
            let opened = tokio::select! {
                opened = Connection::open(&settings.relay) => opened,
                () = stop.wait() => {
                    why = "the program is stopping".to_owned();
                    break;
                }
            };
            match opened {
                Ok(connection) => return self.over(connection, *place, composed, until, stop).await,
                Err(error) => {
                    tracing::warn!(relay = %settings.name, %error, "no connection for single mails");
                    why = format!("{}: {error}", settings.name);
                }
            }
        }
        composed.into_iter().map(|(tag, _)| (tag, Handed::Not(redact(&why, &[])))).collect()
    }

    async fn over<T: Copy + PartialEq + Send + Sync + 'static>(
        &self,
        connection: Connection,
        place: usize,
        composed: Vec<(T, Composed)>,
        until: Instant,
        stop: &Stop,
    ) -> Vec<(T, Handed)> {
        let mut unanswered: Vec<T> = composed.iter().map(|(tag, _)| *tag).collect();
        let messages = composed.into_iter().map(|(tag, mail)| outgoing(tag, mail)).collect();
        let turn = || async {
            let wait = self.gate.reserve(place, self.clock.now_ms());
            tokio::select! {
                () = stop.wait() => false,
                () = tokio::time::sleep_until(until) => false,
                () = tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())) => Instant::now() < until,
            }
        };
        let mut fates = Vec::new();
        for one in hand_over(connection, messages, until, stop, turn).await {
            unanswered.retain(|tag| *tag != one.tag);
            fates.push((one.tag, Handed::Answered(one.answer)));
        }
        let not = || Handed::Not("the connection ended before its turn".to_owned());
        fates.extend(unanswered.into_iter().map(|tag| (tag, not())));
        fates
    }
}

/// Hands messages over on one connection, each when `turn` says so; when it says no, or it is later than `until`, the rest
/// stays here. Gives the
/// answers in any order; a message without one was not begun.
pub(crate) async fn hand_over<T, W>(
    connection: Connection,
    messages: Vec<Outgoing<T>>,
    until: Instant,
    stop: &Stop,
    turn: impl Fn() -> W,
) -> Vec<Answered<T>>
where
    W: Future<Output = bool>,
{
    let (groups, mut feed) = smtp::feed(1);
    let (answers, mut answered) = mpsc::channel(messages.len().max(1));
    let feeding = async move {
        for message in messages {
            if !turn().await || groups.send(vec![message]).await.is_err() {
                return;
            }
        }
    };
    let sending = async {
        let ended = connection.run(&mut feed, &answers, stop, |_| Instant::now() < until).await;
        // Nobody takes more: the feeder must not wait for room.
        drop((feed, answers));
        tracing::debug!(?ended, "a connection for single messages ended");
    };
    tokio::join!(feeding, sending);
    let mut all = Vec::new();
    while let Ok(group) = answered.try_recv() {
        all.extend(group);
    }
    all
}
