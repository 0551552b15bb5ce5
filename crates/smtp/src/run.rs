//! A connection at work: from a feed to answers, until there is a reason to end.

use crate::answer::{Answered, Cause};
use crate::feed::Feed;
use crate::flight::Answers;
use crate::handover::Handover;
use crate::open::Connection;
use crate::stop::Stop;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Why a connection ended. Every message it began has its answer; those it did not begin are still in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All senders of the feed are gone and nothing is left.
    FeedClosed,
    /// Stopping was asked for; nothing was under way any more.
    Stopped,
    /// Nothing to do for [`crate::Timeouts::idle`]; open another one when the feed is [`Feed::ready`].
    Idle,
    /// As many messages as one connection may carry; open another one.
    LimitReached,
    /// A message was withheld after the relay had already asked for its content, so the connection had to go.
    Vetoed,
    /// The connection broke, the relay closed it, or the deadline of a stop passed.
    Lost(Cause),
}

impl Connection {
    /// Hands over the feed's messages until there is a reason to end. Answers come back in groups, never later than
    /// about 50 ms after they are known, in any order.
    ///
    /// `may_send` is asked twice per message: before its envelope, and again right before its content is written.
    /// A no withholds the message ([`Cause::Vetoed`]).
    ///
    /// Must run to its end: dropping the future loses answers. To end it early, use `stop`. When nobody takes the
    /// answers any more they are lost too, so keep the receiver until this returns.
    pub async fn run<T, F>(
        self,
        feed: &mut Feed<T>,
        answers: &mpsc::Sender<Vec<Answered<T>>>,
        stop: &Stop,
        may_send: F,
    ) -> Ended
    where
        F: Fn(&T) -> bool,
    {
        let Self { relay, mut wire, capabilities, .. } = self;
        let mut handover = Handover {
            relay: &relay,
            offered: &capabilities,
            wire: &mut wire,
            feed,
            stop,
            may_send,
            answers: Answers::new(answers),
            flights: VecDeque::with_capacity(relay.in_flight.max(2)),
            taken: 0,
            reset: false,
            broken: None,
        };
        let outcome = tokio::select! {
            biased;
            outcome = handover.drive() => outcome,
            () = stop.deadline_passed() => Err(Cause::Stopped),
        };
        if let Err(cause) = &outcome {
            tracing::debug!(%cause, under_way = handover.flights.len(), "connection lost");
            handover.abandon(cause).await;
        }
        handover.answers.hand_over().await;
        match outcome {
            Ok(Ended::Vetoed) => Ended::Vetoed,
            Ok(ended) => {
                wire.quit(relay.timeouts.quit).await;
                ended
            }
            Err(cause) => Ended::Lost(cause),
        }
    }
}
