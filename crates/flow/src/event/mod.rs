//! Events as triggers: routed to the automations that listen, then done as runs when their jobs are due.
//!
//! **Guarantees.** An event and what it means for each automation are written once: of two nodes one routes it, and
//! the key of its job cannot be inserted twice. A job waits in the database, and becomes part of a run in the
//! transaction that begins the run. Everything is looked at again then: whether the automation is still active and
//! may run now, the selection, the rights of who shaped it, the limits, and that nobody is mailed twice in a while.

mod execute;
mod route;
mod simulate;

pub use simulate::{Simulated, SimulatedJob, Simulation};

use crate::Flow;
use crate::notice;
use crate::run::{Refusal, StartError};
use domain::event::cloud::CloudEvent;
use domain::event_job::EventJobReason;
use domain::id::AutomationId;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::event::{self, Accepted};
use store::{Acting, StoreError, Tx, automation};

/// Pauses before events are tried to be kept again, in milliseconds.
const AGAIN_MS: [u64; 4] = [20, 80, 200, 500];
/// Events routed in one transaction.
const CHUNK: i64 = 1_000;
/// Transactions of routing at one look, so that jobs are done in between.
const ROUNDS: usize = 20;
/// How long jobs wait that a limit keeps from being done now, in milliseconds.
const LATER_MS: i64 = 15 * 60_000;
/// Old events forgotten at one look.
const FORGOTTEN: i64 = 2_000;
/// How often to look for them, in milliseconds.
const SWEEP_MS: i64 = 60_000;

impl Flow {
    /// Keeps events that a program sent. What they lead to begins at the next look at the schedule.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn accept_events(
        &self,
        events: Vec<CloudEvent>,
        acting: &Acting,
    ) -> Result<Accepted, StoreError> {
        let (now_ms, actor, events) = (self.clock.now_ms(), acting.person_id, Arc::new(events));
        let keep = || {
            let events = Arc::clone(&events);
            self.store
                .write(move |tx| Box::pin(async move { event::insert(tx, &events, actor, now_ms).await }))
        };
        let mut kept = keep().await;
        for pause_ms in AGAIN_MS {
            // Two nodes that get the same batch in different orders wait for each other, and PostgreSQL ends one of
            // them. The other one has kept the events a moment later; none is kept twice.
            if !matches!(kept, Err(StoreError::Unavailable(_))) || events.len() < 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            kept = keep().await;
        }
        let accepted = kept?;
        self.arrived.notify_one();
        Ok(accepted)
    }

    /// Routes what has happened, and does what is due; gives how many runs began.
    ///
    /// # Errors
    /// The database is not available.
    pub(crate) async fn act_on_events(&self, now_ms: i64) -> Result<usize, StoreError> {
        self.note_expiring(now_ms).await?;
        for _ in 0..ROUNDS {
            // Asked by a reader: most of the time nothing has happened, and a writer would be kept busy with it.
            if !self.store.read(|tx| Box::pin(event::has_new(tx))).await? {
                break;
            }
            let routed = self
                .store
                .write(move |tx| Box::pin(async move { route::route(tx, CHUNK, now_ms).await }))
                .await?;
            if routed < CHUNK {
                break;
            }
        }
        let due =
            self.store.read(move |tx| Box::pin(async move { execute::list_due(tx, now_ms).await })).await?;
        let (mut begun, mut failed) = (0, None);
        for id in due {
            match self.do_jobs(id, now_ms).await {
                Ok(runs) => begun += runs,
                // One that cannot be dealt with must not keep the others from being done.
                Err(error) => {
                    tracing::error!(automation.id = %id, %error, "the jobs of an automation could not be done");
                    failed = Some(error);
                }
            }
        }
        if begun > 0 {
            // A run takes a chunk of what is due: there may be more.
            self.arrived.notify_one();
        }
        failed.map_or(Ok(begun), Err)
    }

    /// Writes events about mailed passwords that will soon be no longer valid, where that is heard.
    async fn note_expiring(&self, now_ms: i64) -> Result<(), StoreError> {
        let due =
            self.store.read(move |tx| Box::pin(async move { event::is_look_due(tx, now_ms).await })).await?;
        if due {
            self.store
                .write(move |tx| Box::pin(async move { event::note_expiring(tx, now_ms).await }))
                .await?;
        }
        Ok(())
    }

    /// Forgets old events, looked for once a minute: what still waits is passed over, and may be much.
    ///
    /// # Errors
    /// The database is not available.
    pub(crate) async fn forget_events(&self, now_ms: i64) -> Result<(), StoreError> {
        if now_ms - self.swept_at.load(Ordering::Relaxed) < SWEEP_MS {
            return Ok(());
        }
        let before = now_ms - self.settings.limits.keep_events_ms.max(event::KNOWN_DAYS * 86_400_000);
        let old =
            self.store.read(move |tx| Box::pin(async move { event::has_older(tx, before).await })).await?;
        let mut forgotten = 0;
        if old {
            forgotten = self
                .store
                .write(move |tx| Box::pin(async move { event::forget(tx, before, FORGOTTEN).await }))
                .await?;
        }
        // A whole chunk: there may be more.
        if forgotten < FORGOTTEN.unsigned_abs() {
            self.swept_at.store(now_ms, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn do_jobs(&self, id: AutomationId, now_ms: i64) -> Result<usize, StoreError> {
        let (settings, run) = (Arc::clone(&self.settings), self.run_id(now_ms));
        let done = self
            .store
            .write(move |tx| Box::pin(async move { execute::execute(tx, id, run, &settings, now_ms).await }))
            .await;
        match done {
            Ok(began) => Ok(usize::from(began)),
            Err(StartError::Store(StoreError::NotFound(_))) => Ok(0),
            Err(StartError::Store(error)) => Err(error),
            // The run could not begin, and its transaction left nothing behind. Now the failure is recorded.
            Err(StartError::Refused(refusal)) => {
                self.store
                    .write(move |tx| Box::pin(async move { record_failure(tx, id, &refusal, now_ms).await }))
                    .await?;
                Ok(0)
            }
        }
    }
}

/// A limit or a missing approval makes jobs wait; any other cause ends them. The owner is told once of each cause.
async fn record_failure(
    tx: &mut Tx,
    id: AutomationId,
    refusal: &Refusal,
    now_ms: i64,
) -> Result<(), StoreError> {
    let automation = automation::lock(tx, id).await?;
    let cause = refusal.to_string();
    let waits = match refusal {
        Refusal::SendingStopped => return Ok(()),
        Refusal::TooMany { .. } | Refusal::TooManyToday { .. } | Refusal::Unapproved { .. } => {
            event::job::postpone(tx, id, now_ms + LATER_MS, now_ms).await?;
            true
        }
        _ => {
            let why = Some(cause.as_str());
            event::job::cancel(tx, id, EventJobReason::Failed, why, now_ms, now_ms).await?;
            false
        }
    };
    let known =
        automation.last_error.as_deref().is_some_and(|last| crate::trigger::is_same_cause(last, &cause))
            && automation.last_error_at.is_some_and(|at| now_ms - at < 86_400_000);
    if !known {
        notice::run_failed(tx, &automation, now_ms, refusal, now_ms).await?;
    }
    // While a limit is reached each further event meets it: that is one error a day and not one an event.
    if !(known && waits) {
        automation::record_error(tx, id, &cause, now_ms).await?;
    }
    tracing::error!(automation.id = %id, cause, "jobs of events could not be done");
    Ok(())
}
