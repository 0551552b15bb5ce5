//! The worker: claims chunks of running runs, mints, composes, hands over; renews and rescues leases.

use crate::Flow;
use crate::composers::Composers;
use crate::desk::{Desk, Way};
use crate::gate::{Hold, Open};
use crate::halt;
use crate::handover::Crossing;
use crate::message::InHand;
use crate::recipient::{Claim, Claiming, claim};
use crate::recorder::Report;
use crate::settings::Outlet;
use crate::window::Window;
use domain::id::RunId;
use domain::notice::PausedWhy;
use mail::Composer;
use smtp::Stop;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{StoreError, run};
use tokio::sync::mpsc;

/// Recipients a chunk.
pub(crate) const CHUNK: u32 = 500;
/// Groups that wait for a connection: with the chunk in hand this bounds the messages in memory.
const FEED: usize = 40;
/// How often to look for work that nobody told us of.
const LOOK: Duration = Duration::from_millis(500);

/// What a look at a run gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// Messages were handed over, or people left out: look again at once.
    Busy,
    /// Nothing before this moment; `None`: nothing at all.
    Idle(Option<i64>),
}

impl Flow {
    /// Works until asked to stop: then it claims nothing more, finishes what is under way and records it.
    pub async fn work(&self, stop: Stop) {
        self.rescue(self.sole_worker()).await;
        let (reports, receiver) = mpsc::channel(64);
        let window = Arc::new(Window::new());
        let recorder = tokio::spawn({
            let (flow, window) = (self.clone(), Arc::clone(&window));
            async move { flow.record_all(receiver, &window).await }
        });
        let keeper = tokio::spawn({
            let flow = self.clone();
            async move { flow.keep_leases().await }
        });
        let heeder = tokio::spawn({
            let flow = self.clone();
            async move { flow.heed_stops().await }
        });
        let (way, connections) = self.open_way(&reports, &stop);
        let desk = Desk::new(way, reports, window);
        self.claim_until(&stop, &desk).await;
        // When the last group is composed no sender of the feed is left: the connections end when it is empty.
        drop(desk);
        for connection in connections {
            let _ = connection.await;
        }
        let _ = recorder.await;
        keeper.abort();
        heeder.abort();
    }

    fn open_way(
        &self,
        reports: &mpsc::Sender<Report>,
        stop: &Stop,
    ) -> (Way, Vec<tokio::task::JoinHandle<()>>) {
        match &self.settings.outlet {
            Outlet::Mailbox(mailbox) => (Way::Mailbox(Arc::clone(mailbox)), Vec::new()),
            Outlet::Relays(relays) => {
                let (sender, feed) = smtp::feed(FEED);
                let (answers, mut received) = mpsc::channel(64);
                let crossing = Crossing {
                    relays: relays.clone().into(),
                    gate: Arc::clone(&self.gate),
                    clock: self.clock.clone(),
                    stop: stop.clone(),
                    answers,
                };
                let mut tasks = crossing.start(&feed);
                let reports = reports.clone();
                tasks.push(tokio::spawn(async move {
                    while let Some(answers) = received.recv().await {
                        if reports.send(Report::Answers(answers)).await.is_err() {
                            break;
                        }
                    }
                }));
                (Way::Feed(sender), tasks)
            }
        }
    }

    async fn claim_until(&self, stop: &Stop, desk: &Desk) {
        let mut composers = Composers::default();
        while !stop.requested() {
            let looked = match self.look(desk, &mut composers).await {
                Ok(looked) => looked,
                Err(error) => {
                    tracing::error!(%error, "could not look for work");
                    Looked::Idle(None)
                }
            };
            if looked != Looked::Busy {
                tokio::select! {
                    () = stop.wait() => {}
                    () = self.wake.notified() => {}
                    () = desk.window.has_room() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    /// Looks at every running run once, in turn, so that a small one is not kept waiting by a large one.
    async fn look(&self, desk: &Desk, composers: &mut Composers) -> Result<Looked, StoreError> {
        let running = self.store.read(|tx| Box::pin(run::list_running(tx))).await?;
        composers.keep(&running);
        let mut all = Looked::Idle(None);
        for id in running {
            // One that cannot be read must not keep the others from being sent.
            let looked = self.look_at(id, desk, composers).await.unwrap_or_else(|error| {
                tracing::error!(run.id = %id, %error, "a run could not be looked at");
                Looked::Idle(None)
            });
            all = match (all, looked) {
                (Looked::Busy, _) | (_, Looked::Busy) => Looked::Busy,
                (Looked::Idle(a), Looked::Idle(b)) => Looked::Idle(a.into_iter().chain(b).min()),
            };
        }
        Ok(all)
    }

    async fn look_at(&self, id: RunId, desk: &Desk, composers: &mut Composers) -> Result<Looked, StoreError> {
        let now_ms = self.clock.now_ms();
        let room = desk.window.room().min(CHUNK);
        if room == 0 {
            return Ok(Looked::Idle(None));
        }
        let limit = match self.gate.ask(room, now_ms) {
            Open::For(messages) => messages,
            Open::Paced(wait_ms) => {
                // A tenth of a second at least: a transaction for a single message is dear.
                tokio::time::sleep(Duration::from_millis(wait_ms.clamp(100, 1_000).unsigned_abs())).await;
                return Ok(Looked::Busy);
            }
            Open::Shut(trouble) => return self.wait_or_pause(id, trouble, now_ms).await,
        };
        let composer =
            self.composer(id, composers).await.inspect_err(|_| self.gate.give_back(limit, now_ms))?;
        let Some(composer) = composer else {
            self.gate.give_back(limit, now_ms);
            return Ok(Looked::Idle(None));
        };
        let asked = self.claiming(id, limit, &composer, now_ms);
        let began = Instant::now();
        let claimed = self.store.write(move |tx| Box::pin(claim(tx, asked))).await;
        match claimed.inspect_err(|_| self.gate.give_back(limit, now_ms))? {
            Claim::Chunk { run, lease, minted, valid_until } => {
                let spare = limit - u32::try_from(minted.len()).unwrap_or(limit).min(limit);
                self.gate.give_back(spare, now_ms);
                desk.window.take(minted.len());
                let chunk = InHand {
                    run: run.id,
                    hold: self.hold(lease, minted.len(), (began, now_ms)),
                    sign: self.signs.of(run.id),
                    valid_until,
                    request_tags: run.mailing_id.is_some(),
                    names: self.settings.names_of_unverified,
                    keys: Arc::clone(&self.keys),
                };
                self.send(chunk, minted, &composer, desk).await;
                Ok(Looked::Busy)
            }
            Claim::OnlyLeftOut => {
                self.gate.give_back(limit, now_ms);
                Ok(Looked::Busy)
            }
            Claim::Nobody { next_due } => {
                self.gate.give_back(limit, now_ms);
                Ok(Looked::Idle(next_due))
            }
            Claim::Halted => {
                self.gate.give_back(limit, now_ms);
                self.signs.lower(id);
                Ok(Looked::Idle(None))
            }
        }
    }

    fn claiming(&self, run: RunId, limit: u32, composer: &Composer, now_ms: i64) -> Claiming {
        Claiming {
            run,
            node: self.settings.node.clone(),
            generator: self.settings.generator.clone(),
            keys: Arc::clone(&self.keys),
            limit,
            closing_report: self.settings.notices.closing_report,
            attributes: composer.attributes().to_vec(),
            now_ms,
        }
    }

    /// The relay takes nothing: wait, and say so; pause when waiting will not help or has lasted too long.
    async fn wait_or_pause(
        &self,
        id: RunId,
        trouble: crate::gate::Trouble,
        now_ms: i64,
    ) -> Result<Looked, StoreError> {
        let lasted = now_ms - trouble.since;
        let give_up = trouble.alarm || lasted >= self.settings.limits.relay_patience_ms;
        let cause = if give_up {
            format!("the relay takes no mail: {}", trouble.cause)
        } else {
            format!("waiting for the relay: {}", trouble.cause)
        };
        tracing::warn!(run.id = %id, %cause, "the relay takes no mail");
        if give_up {
            self.signs.lower(id);
        }
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if give_up {
                        halt::pause(tx, id, PausedWhy::Relay, &cause, now_ms).await.map(|_| ())
                    } else {
                        run::note(tx, id, Some(&cause)).await
                    }
                })
            })
            .await?;
        Ok(Looked::Idle(None))
    }

    /// Keeps a lease in hand; `taken`: the moment before its claim, by both clocks.
    fn hold(&self, lease: domain::id::LeaseId, awaited: usize, taken: (Instant, i64)) -> Arc<Hold> {
        let hold = Arc::new(Hold::new(lease, awaited, taken, self.clock.clone()));
        self.holds
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(lease.0, Arc::clone(&hold));
        hold
    }

    pub(crate) fn forget(&self, hold: &Hold) {
        self.holds.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&hold.lease.0);
    }
}
