//! Recording: answers become rows, in batches a few moments old.

use crate::Flow;
use crate::delivery::{Decided, Verdict, decide};
use crate::halt;
use crate::handover::FromRelay;
use crate::settings::Settings;
use crate::window::Window;
use domain::id::RunId;
use domain::notice::PausedWhy;
use domain::recipient::RecipientState;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::delivery::Answered;
use store::run::Change;
use store::{StoreError, Tx, audit, delivery, lease, run};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// At most so many answers a transaction,
const BATCH: usize = 1_000;
/// and none of them older than this when it begins.
const AGE: Duration = Duration::from_millis(100);

/// Answers on their way to the recorder.
#[derive(Debug)]
pub(crate) enum Report {
    /// From a relay.
    Answers(FromRelay),
    /// Decided already: messages that could not be composed.
    Decided(Vec<Decided>),
}

impl Flow {
    /// Takes answers until all senders are gone, and records every one of them.
    pub(crate) async fn record_all(&self, mut reports: mpsc::Receiver<Report>, window: &Window) {
        let mut batch = Vec::new();
        while let Some(first) = reports.recv().await {
            self.take_in(first, &mut batch, window);
            let deadline = Instant::now() + AGE;
            while batch.len() < BATCH {
                match tokio::time::timeout_at(deadline, reports.recv()).await {
                    Ok(Some(more)) => self.take_in(more, &mut batch, window),
                    Ok(None) | Err(_) => break,
                }
            }
            self.record_batch(std::mem::take(&mut batch)).await;
        }
    }

    fn take_in(&self, report: Report, batch: &mut Vec<Decided>, window: &Window) {
        let now_ms = self.clock.now_ms();
        let taken = batch.len();
        match report {
            Report::Decided(decided) => batch.extend(decided),
            Report::Answers((place, answers)) => {
                let relay = self.relay_name(place);
                for one in answers {
                    let jitter = f64::from(one.tag.recipient.position() % 64) / 64.0;
                    let decided = decide(one.tag, relay, &one.answer, !one.elapsed.is_zero(), now_ms, jitter);
                    match &decided.relay {
                        Some(Verdict::Works) => self.gate.worked(place),
                        Some(Verdict::Rest(cause)) => self.gate.rest(place, cause.clone(), false, now_ms),
                        Some(Verdict::Alarm(cause)) => self.gate.rest(place, cause.clone(), true, now_ms),
                        None => {}
                    }
                    batch.push(decided);
                }
            }
        }
        for one in &batch[taken..] {
            window.answered(one.answered.code.is_some());
        }
    }

    /// Records a batch, run by run. While the database is away the answers wait here: the candidates
    /// stay acceptable meanwhile, so nobody is locked out.
    async fn record_batch(&self, batch: Vec<Decided>) {
        let mut by_run: HashMap<RunId, Vec<Decided>> = HashMap::new();
        for decided in batch {
            by_run.entry(decided.tag.run).or_default().push(decided);
        }
        for (run, decided) in by_run {
            let (answers, tags): (Vec<Answered>, Vec<_>) =
                decided.into_iter().map(|one| (one.answered, one.tag)).unzip();
            let answers = Arc::new(answers);
            let mut released: HashMap<i64, (usize, Arc<crate::gate::Hold>)> = HashMap::new();
            for tag in &tags {
                released.entry(tag.hold.lease.0).or_insert((0, Arc::clone(&tag.hold))).0 += 1;
            }
            let done: Vec<_> = released
                .into_values()
                .filter(|(answers, hold)| hold.recorded(*answers))
                .map(|(_, hold)| hold)
                .collect();
            let mut leases: Vec<_> = done.iter().map(|hold| hold.lease).collect();
            leases.sort_unstable();
            loop {
                let now_ms = self.clock.now_ms();
                let (held, leases) = (Arc::clone(&answers), leases.clone());
                let settings = Arc::clone(&self.settings);
                let written = self
                    .store
                    .write(move |tx| {
                        Box::pin(async move { write(tx, run, &held, &leases, &settings, now_ms).await })
                    })
                    .await;
                match written {
                    Ok(halted) => {
                        if halted {
                            self.signs.lower(run);
                        }
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, answers = answers.len(), "answers wait for the database");
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            }
            for hold in done {
                self.forget(&hold);
            }
        }
        self.recorded.notify_waiters();
    }
}

/// One transaction: the answers, the leases given back, whether the run is over or must pause, and the
/// audit entry. Says whether the run does not go on.
async fn write(
    tx: &mut Tx,
    id: RunId,
    answers: &[Answered],
    leases: &[domain::id::LeaseId],
    settings: &Settings,
    now_ms: i64,
) -> Result<bool, StoreError> {
    tx.by_keys().await?;
    let current = run::lock(tx, id).await?;
    let change = delivery::record(tx, id, &current.job, answers, now_ms).await?;
    for one in leases {
        lease::release(tx, *one).await?;
    }
    append_audit(tx, id, answers, change, now_ms).await?;
    if current.state == domain::run::RunState::Cancelled {
        cancel_rest(tx, id, current.number, now_ms).await?;
        return Ok(true);
    }
    if let Some(cause) = too_many_refusals(tx, id, answers, &settings.limits).await? {
        halt::pause(tx, id, PausedWhy::Refusals, &cause, now_ms).await?;
        return Ok(true);
    }
    halt::finish(tx, id, settings.notices.closing_report, now_ms).await?;
    Ok(false)
}

/// What came back to a cancelled run is cancelled as well.
async fn cancel_rest(tx: &mut Tx, id: RunId, number: i64, now_ms: i64) -> Result<(), StoreError> {
    crate::run::cancel_open(tx, id, number, now_ms).await
}

/// The readable cause to pause for, when the relay refuses too much (3-safety 4.4).
async fn too_many_refusals(
    tx: &mut Tx,
    id: RunId,
    answers: &[Answered],
    limits: &crate::settings::Limits,
) -> Result<Option<String>, StoreError> {
    // Only the relay's own refusals: what we could not compose or send says nothing about the relay.
    let refused =
        |one: &&Answered| one.next == RecipientState::Refused && one.code.is_some_and(|code| code >= 500);
    let last = answers.iter().rev().find(refused);
    let Some(last) = last else { return Ok(None) };
    let watch = run::watch(tx, id).await?;
    let said =
        format!("last answer: {} {}", last.code.unwrap_or_default(), last.reply.as_deref().unwrap_or(""));
    if watch.refused_in_a_row >= limits.refused_in_a_row {
        return Ok(Some(format!(
            "the relay refused {} people one after the other; {said}",
            watch.refused_in_a_row
        )));
    }
    let answered = watch.refused + watch.accepted;
    if watch.refused >= 20 && watch.refused * 100 > answered * limits.refused_percent {
        return Ok(Some(format!("the relay refused {} of {answered} people; {said}", watch.refused)));
    }
    Ok(None)
}

async fn append_audit(
    tx: &mut Tx,
    id: RunId,
    answers: &[Answered],
    change: Change,
    now_ms: i64,
) -> Result<(), StoreError> {
    let positions = answers.iter().map(|one| one.recipient.position());
    let detail = serde_json::json!({
        "answers": answers.len(),
        "first": positions.clone().min(),
        "last": positions.max(),
        "accepted": change.accepted,
        "refused": change.refused,
        "deferred": change.deferred,
        "unknown": change.unknown,
    });
    audit::append(tx, audit::Entry::new("run.recorded", "run", id, detail, now_ms)).await
}
