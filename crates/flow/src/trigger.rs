//! Triggers: the scheduler, which turns each occurrence into one run, exactly once.

use crate::Flow;
use crate::run::{StartError, StartRun, begin};
use domain::automation::AutomationStatus;
use domain::id::{AutomationId, RunId};
use domain::schedule::{Due, MissedReason, Occurrence};
use domain::trigger::Trigger;
use jiff::Timestamp;
use smtp::Stop;
use std::time::Duration;
use store::occurrence::{self, Dealt};
use store::{StoreError, Tx, automation};

/// How often to look at the clock.
const LOOK: Duration = Duration::from_millis(500);

/// What a look at the schedule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scheduled {
    /// Runs begun.
    pub runs: usize,
    /// Occurrences recorded as missed, skipped or failed.
    pub not_run: usize,
}

impl Flow {
    /// Begins the runs of due occurrences until asked to stop.
    pub async fn schedule(&self, stop: Stop) {
        while !stop.requested() {
            if let Err(error) = self.schedule_once().await {
                tracing::error!(%error, "the schedule could not be looked at");
            }
            tokio::select! {
                () = stop.wait() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Looks at the schedule once.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn schedule_once(&self) -> Result<Scheduled, StoreError> {
        let now_ms = self.clock.now_ms();
        let due = self
            .store
            .read(move |tx| Box::pin(async move { automation::list_due(tx, now_ms).await }))
            .await?;
        let mut done = Scheduled::default();
        let mut failed = None;
        for id in due {
            match self.fire(id, now_ms).await {
                Ok(fired) => {
                    done.runs += fired.runs;
                    done.not_run += fired.not_run;
                }
                // Another node was first, and this was its last run: it is removed.
                Err(StoreError::NotFound(_)) => {}
                // One that cannot be dealt with must not keep the others from running.
                Err(error) => {
                    tracing::error!(automation.id = %id, %error, "an occurrence could not be dealt with");
                    failed = Some(error);
                }
            }
        }
        if done.runs > 0 {
            self.wake.notify_one();
        }
        failed.map_or(Ok(done), Err)
    }

    /// Deals with what is due of one automation, in one transaction: the occurrence is recorded, the run
    /// begun and the audience frozen together, or none of it.
    async fn fire(&self, id: AutomationId, now_ms: i64) -> Result<Scheduled, StoreError> {
        let limits = self.settings.limits.clone();
        let run = self.run_id(now_ms);
        let fired = self
            .store
            .write(move |tx| Box::pin(async move { fire(tx, id, run, &limits, now_ms).await }))
            .await;
        match fired {
            Ok(done) => Ok(done),
            Err(StartError::Store(error)) => Err(error),
            // The run could not begin, and its transaction left nothing behind. Now the failure is recorded.
            Err(StartError::Refused(refusal)) => {
                let cause = refusal.to_string();
                let grace = self.grace();
                self.store
                    .write(move |tx| Box::pin(async move { fail(tx, id, &cause, grace, now_ms).await }))
                    .await
            }
        }
    }

    fn grace(&self) -> Duration {
        Duration::from_millis(self.settings.limits.grace_ms.max(0).unsigned_abs())
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What is due of a locked automation; `None` when somebody else has dealt with it.
async fn due(
    tx: &mut Tx,
    id: AutomationId,
    grace: Duration,
    now_ms: i64,
) -> Result<Option<(automation::Automation, Due)>, StoreError> {
    let automation = automation::lock(tx, id).await?;
    let Some(schedule) = automation.schedule.as_ref().filter(|_| automation.status.is_active()) else {
        return Ok(None);
    };
    let calendar = automation::calendar(tx).await?;
    let due = schedule.due(&calendar, automation.handled_at.map(time), time(now_ms), grace);
    Ok(Some((automation, due)))
}

async fn fire(
    tx: &mut Tx,
    id: AutomationId,
    run: RunId,
    limits: &crate::Limits,
    now_ms: i64,
) -> Result<Scheduled, StartError> {
    let grace = Duration::from_millis(limits.grace_ms.max(0).unsigned_abs());
    let Some((automation, due)) = due(tx, id, grace, now_ms).await? else { return Ok(Scheduled::default()) };
    let mut done = Scheduled { runs: 0, not_run: record_missed(tx, id, &due, now_ms).await? };
    if let Some(occurrence) = due.run {
        if store::run::has_open(tx, id).await? {
            let why = "the run before was not over";
            done.not_run += usize::from(record(tx, id, occurrence, Dealt::Skipped, why, None, now_ms).await?);
            automation::record_error(tx, id, why, now_ms).await?;
        } else if record(tx, id, occurrence, Dealt::Run, "", Some(run), now_ms).await? {
            let asked = StartRun { automation: id, actor: None, confirmed: None };
            begin(tx, &asked, Trigger::Schedule, limits, run, now_ms).await?;
            automation::ran(tx, id).await?;
            done.runs += 1;
        }
    }
    settle(tx, &automation, &due, now_ms).await?;
    Ok(done)
}

/// Records that the run of an occurrence could not begin.
async fn fail(
    tx: &mut Tx,
    id: AutomationId,
    cause: &str,
    grace: Duration,
    now_ms: i64,
) -> Result<Scheduled, StoreError> {
    let Some((automation, due)) = due(tx, id, grace, now_ms).await? else { return Ok(Scheduled::default()) };
    let mut not_run = record_missed(tx, id, &due, now_ms).await?;
    if let Some(occurrence) = due.run {
        not_run += usize::from(record(tx, id, occurrence, Dealt::Failed, cause, None, now_ms).await?);
        automation::record_error(tx, id, cause, now_ms).await?;
        tracing::error!(automation.id = %id, cause, "a scheduled run could not begin");
    }
    settle(tx, &automation, &due, now_ms).await?;
    Ok(Scheduled { runs: 0, not_run })
}

async fn record_missed(tx: &mut Tx, id: AutomationId, due: &Due, now_ms: i64) -> Result<usize, StoreError> {
    let mut recorded = 0;
    for missed in &due.missed {
        let why = match missed.reason {
            MissedReason::TooLate => "the program was not running, and it is too late now",
            MissedReason::Coalesced => "a later occurrence was due as well",
        };
        recorded += usize::from(record(tx, id, missed.occurrence, Dealt::Missed, why, None, now_ms).await?);
    }
    if due.missed_count > 0 {
        let cause = format!("{} occurrences were missed while the program was not running", due.missed_count);
        automation::record_error(tx, id, &cause, now_ms).await?;
    }
    Ok(recorded)
}

async fn record(
    tx: &mut Tx,
    id: AutomationId,
    occurrence: Occurrence,
    dealt: Dealt,
    why: &str,
    run: Option<RunId>,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let key = occurrence.key.to_string();
    let record = occurrence::Record {
        automation: id,
        key: &key,
        planned_at: occurrence.planned.as_millisecond(),
        dealt,
        detail: why,
        run,
    };
    occurrence::insert(tx, &record, now_ms).await
}

/// Plans the next look; an automation that is done and asked to be removed then is removed.
async fn settle(
    tx: &mut Tx,
    automation: &automation::Automation,
    due: &Due,
    now_ms: i64,
) -> Result<(), StoreError> {
    let until = due.handled_until.map_or(automation.handled_at.unwrap_or(now_ms), Timestamp::as_millisecond);
    let status = automation::handled(tx, automation.id, until, now_ms).await?;
    let delete = automation.schedule.as_ref().is_some_and(|schedule| schedule.delete_after_last());
    if status == AutomationStatus::InactiveDone && delete {
        automation::remove(tx, automation.id, None, now_ms).await?;
    }
    Ok(())
}
