//! Single messages outside a run: handed over on a connection of their own, beside the feed of the runs.
//!
//! Which relay, at what pace and what an answer means is for those who send: the lane of notices, the test of a
//! template.

use smtp::{Answered, Connection, Outgoing, Stop};
use tokio::sync::mpsc;

/// Hands messages over on one connection, each when `turn` says so; when it says no, the rest stays here. Gives the
/// answers in any order; a message without one was not begun or not answered for.
pub(crate) async fn hand_over<T, W>(
    connection: Connection,
    messages: Vec<Outgoing<T>>,
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
        let ended = connection.run(&mut feed, &answers, stop, |_| true).await;
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
