//! The desk: from a claimed chunk to messages handed over, group by group, several groups at a time.

use crate::Flow;
use crate::credential::Minted;
use crate::delivery::uncomposed;
use crate::gate::Hold;
use crate::handover::put_into_mailbox;
use crate::message::{InHand, Tag, compose};
use crate::recorder::Report;
use crate::window::Window;
use mail::Composer;
use smtp::Outgoing;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// The most messages that travel to a connection together.
const GROUP: usize = 25;

/// Where composed messages go.
#[derive(Clone)]
pub(crate) enum Way {
    Mailbox(Arc<mail::mailbox::Mailbox>),
    Feed(mpsc::Sender<Vec<Outgoing<Tag>>>),
}

/// What is behind a claim: composing, handing over, recording. Cloned into each group that is composed.
#[derive(Clone)]
pub(crate) struct Desk {
    way: Way,
    reports: mpsc::Sender<Report>,
    /// As many groups are composed and signed at a time as there are processors; signing with RSA takes longer than
    /// everything else about a message.
    composing: Arc<Semaphore>,
    pub(crate) window: Arc<Window>,
}

impl Desk {
    pub(crate) fn new(way: Way, reports: mpsc::Sender<Report>, window: Arc<Window>) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { way, reports, composing: Arc::new(Semaphore::new(processors.max(2))), window }
    }

    /// Hands messages over; whether somebody took them.
    async fn hand_over(&self, messages: Vec<Outgoing<Tag>>, now_ms: i64) -> bool {
        match &self.way {
            Way::Mailbox(mailbox) => {
                let answers = put_into_mailbox(mailbox, messages, now_ms);
                self.reports.send(Report::Answers((0, answers))).await.is_ok()
            }
            Way::Feed(feed) => feed.send(messages).await.is_ok(),
        }
    }
}

/// A group on its way over the desk. Should its task end before all of it was handed over or answered for, its lease
/// is let go: then it lapses and the people are rescued, instead of being held for ever.
struct OverTheDesk {
    flow: Flow,
    hold: Arc<Hold>,
    window: Arc<Window>,
    people: usize,
}

impl OverTheDesk {
    async fn carry(&mut self, chunk: &InHand, group: Vec<Minted>, composer: &Composer, desk: &Desk) {
        self.people -= self.flow.compose_group(chunk, group, composer, desk).await;
    }
}

impl Drop for OverTheDesk {
    fn drop(&mut self) {
        if self.people > 0 {
            tracing::error!(
                people = self.people,
                "a group was lost on its way to the relay; its lease is let go"
            );
            self.flow.forget(&self.hold);
            (0..self.people).for_each(|_| self.window.answered(false));
        }
    }
}

impl Flow {
    /// Composes the messages of a chunk and hands them over.
    pub(crate) async fn send(
        &self,
        chunk: InHand,
        minted: Vec<Minted>,
        composer: &Arc<Composer>,
        desk: &Desk,
    ) {
        let chunk = Arc::new(chunk);
        let group = self.settings.outlet.share(minted.len()).clamp(1, GROUP);
        let mut minted = minted.into_iter();
        loop {
            let group: Vec<Minted> = minted.by_ref().take(group).collect();
            if group.is_empty() {
                return;
            }
            // Closed by nobody; without a place the group would wait for ever, so it goes on without one.
            let place = Arc::clone(&desk.composing).acquire_owned().await.ok();
            let (desk, chunk, composer) = (desk.clone(), Arc::clone(&chunk), Arc::clone(composer));
            let mut over = OverTheDesk {
                flow: self.clone(),
                hold: Arc::clone(&chunk.hold),
                window: Arc::clone(&desk.window),
                people: group.len(),
            };
            tokio::spawn(async move {
                over.carry(&chunk, group, &composer, &desk).await;
                drop(place);
            });
        }
    }

    /// Gives how many of the group were handed over or answered for.
    async fn compose_group(
        &self,
        chunk: &InHand,
        group: Vec<Minted>,
        composer: &Composer,
        desk: &Desk,
    ) -> usize {
        let now_ms = self.clock.now_ms();
        let mut messages = Vec::with_capacity(group.len());
        let mut failed = Vec::new();
        for mut one in group {
            one.recipient.speak(self.settings.language);
            match compose(composer, chunk, one, now_ms) {
                Ok(message) => messages.push(message),
                Err(problem) => failed.push(uncomposed(*problem)),
            }
        }
        let (people, refused) = (messages.len(), failed.len());
        let mut dealt_with = 0;
        if people > 0 && desk.hand_over(messages, now_ms).await {
            dealt_with += people;
        }
        if refused > 0 && desk.reports.send(Report::Decided(failed)).await.is_ok() {
            dealt_with += refused;
        }
        dealt_with
    }
}
