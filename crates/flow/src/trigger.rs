//! Triggers: the scheduler, which turns each occurrence into one run, exactly once.

use crate::Flow;
use crate::notice;
use crate::run::{Refusal, StartError, StartRun, begin};
use domain::automation::AutomationStatus;
use domain::id::{AutomationId, RunId};
use domain::schedule::{Due, MissedReason, Occurrence};
use domain::trigger::Trigger;
use jiff::Timestamp;
use smtp::Stop;
use std::sync::Arc;
use std::time::Duration;
use store::automation::Automation;
use store::occurrence::{self, Dealt, Listed};
use store::{Acting, StoreError, Tx, automation};

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
                () = self.arrived.notified() => {}
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
        // Before the runs: one that is removed after its last run is still there.
        let mut failed = self.remind(now_ms).await.err();
        match self.begin_mailings(now_ms).await {
            Ok(runs) => done.runs += runs,
            Err(error) => failed = Some(error),
        }
        match self.act_on_events(now_ms).await {
            Ok(runs) => done.runs += runs,
            Err(error) => failed = Some(error),
        }
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
        self.forget_events(now_ms).await?;
        failed.map_or(Ok(done), Err)
    }

    /// Writes the reminders of automations that end in 30 days, each once.
    async fn remind(&self, now_ms: i64) -> Result<(), StoreError> {
        let due = self.store.read(move |tx| Box::pin(list_to_remind(tx, now_ms))).await?;
        for id in due {
            match self.store.write(move |tx| Box::pin(async move { remind(tx, id, now_ms).await })).await {
                // Another node has dealt with its last run meanwhile: it is removed.
                Ok(()) | Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Deals with what is due of one automation, in one transaction: the occurrence is recorded, the run
    /// begun and the audience frozen together, or none of it.
    async fn fire(&self, id: AutomationId, now_ms: i64) -> Result<Scheduled, StoreError> {
        let settings = Arc::clone(&self.settings);
        let run = self.run_id(now_ms);
        let fired = self
            .store
            .write(move |tx| Box::pin(async move { fire(tx, id, run, &settings, now_ms).await }))
            .await;
        match fired {
            Ok(done) => Ok(done),
            Err(StartError::Store(error)) => Err(error),
            // The run could not begin, and its transaction left nothing behind. Now the failure is recorded.
            Err(StartError::Refused(refusal)) => {
                let grace = self.grace();
                self.store
                    .write(move |tx| Box::pin(async move { fail(tx, id, &refusal, grace, now_ms).await }))
                    .await
            }
        }
    }

    fn grace(&self) -> Duration {
        Duration::from_millis(self.settings.limits.grace_ms.max(0).unsigned_abs())
    }
}

/// The automations whose reminder is due.
async fn list_to_remind(tx: &mut Tx, now_ms: i64) -> Result<Vec<AutomationId>, StoreError> {
    let mut due = Vec::new();
    for id in automation::list_unreminded(tx).await? {
        match automation::get(tx, id).await {
            Ok(automation) if is_to_be_reminded(&automation, now_ms) => due.push(id),
            Ok(_) => {}
            // One that cannot be read must not keep the others from being reminded.
            Err(error) => tracing::error!(automation.id = %id, %error, "an automation cannot be read"),
        }
    }
    Ok(due)
}

fn is_to_be_reminded(automation: &Automation, now_ms: i64) -> bool {
    let reminder = automation.reminder_at();
    reminder.is_some_and(|at| at.as_millisecond() <= now_ms)
}

/// Writes the reminder of one automation, unless another node has done so.
async fn remind(tx: &mut Tx, id: AutomationId, now_ms: i64) -> Result<(), StoreError> {
    let automation = automation::lock(tx, id).await?;
    let Some(ends_at) = automation.ends_at() else { return Ok(()) };
    if !is_to_be_reminded(&automation, now_ms) || !automation::reminded(tx, id, now_ms).await? {
        return Ok(());
    }
    let calendar = automation::calendar(tx).await?;
    let last = automation.schedule.as_ref().and_then(|schedule| schedule.last(&calendar));
    let last_at = last.map(|last| last.at.as_millisecond()).filter(|at| *at > now_ms);
    notice::automation_ends(tx, &automation, ends_at.as_millisecond(), last_at, now_ms).await
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
) -> Result<Option<(Automation, Due)>, StoreError> {
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
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<Scheduled, StartError> {
    let grace = Duration::from_millis(settings.limits.grace_ms.max(0).unsigned_abs());
    let listening = automation::lock(tx, id).await?;
    if listening.is_of_events() {
        automation::keep_frame(tx, &listening, now_ms).await?;
        return Ok(Scheduled::default());
    }
    let Some((automation, due)) = due(tx, id, grace, now_ms).await? else { return Ok(Scheduled::default()) };
    let before = latest(tx, id).await?;
    let mut done = Scheduled { runs: 0, not_run: record_missed(tx, &automation, &due, now_ms).await? };
    if let Some(occurrence) = due.run {
        if store::run::has_open(tx, id).await? {
            done.not_run += skip(tx, &automation, occurrence, before.as_ref(), now_ms).await?;
        } else if record(tx, id, occurrence, Dealt::Run, "", Some(run), now_ms).await? {
            let asked = StartRun { automation: id, acting: Acting::system(), confirmed: None };
            begin(tx, &asked, Trigger::Schedule, settings, run, now_ms).await?;
            automation::ran(tx, id).await?;
            done.runs += 1;
        }
    }
    settle(tx, &automation, &due, now_ms).await?;
    Ok(done)
}

/// How the latest occurrence was dealt with, before this look at the schedule deals with more of them.
async fn latest(tx: &mut Tx, id: AutomationId) -> Result<Option<Listed>, StoreError> {
    Ok(occurrence::list(tx, id, 1).await?.into_iter().next())
}

/// Records that an occurrence was skipped. The owner is told of the first one in a row only: an hourly automation
/// whose run is paused over a weekend would tell them fifty times.
async fn skip(
    tx: &mut Tx,
    automation: &Automation,
    occurrence: Occurrence,
    before: Option<&Listed>,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let id = automation.id;
    let why = "the run before was not over";
    let recorded = record(tx, id, occurrence, Dealt::Skipped, why, None, now_ms).await?;
    automation::record_error(tx, id, why, now_ms).await?;
    if recorded && before.is_none_or(|one| one.outcome != "skipped") {
        notice::run_skipped(tx, automation, occurrence.at.as_millisecond(), now_ms).await?;
    }
    Ok(usize::from(recorded))
}

/// Records that the run of an occurrence could not begin. The owner is told again only when the one before went
/// another way or failed for another cause; a number in the cause that has moved is no other cause.
async fn fail(
    tx: &mut Tx,
    id: AutomationId,
    refusal: &Refusal,
    grace: Duration,
    now_ms: i64,
) -> Result<Scheduled, StoreError> {
    let Some((automation, due)) = due(tx, id, grace, now_ms).await? else { return Ok(Scheduled::default()) };
    let before = latest(tx, id).await?;
    let mut not_run = record_missed(tx, &automation, &due, now_ms).await?;
    if let Some(occurrence) = due.run {
        let cause = &refusal.to_string();
        if record(tx, id, occurrence, Dealt::Failed, cause, None, now_ms).await? {
            not_run += 1;
            let is_known = |one: Listed| one.outcome == "failed" && is_same_cause(&one.detail, cause);
            if !before.is_some_and(is_known) {
                notice::run_failed(tx, &automation, occurrence.at.as_millisecond(), refusal, now_ms).await?;
            }
        }
        automation::record_error(tx, id, cause, now_ms).await?;
        tracing::error!(automation.id = %id, cause, "a scheduled run could not begin");
    }
    settle(tx, &automation, &due, now_ms).await?;
    Ok(Scheduled { runs: 0, not_run })
}

pub(crate) fn is_same_cause(one: &str, other: &str) -> bool {
    let words = |cause: &str| cause.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    words(one) == words(other)
}

async fn record_missed(
    tx: &mut Tx,
    automation: &Automation,
    due: &Due,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let id = automation.id;
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
    if let Some(latest) = due.missed.last().filter(|_| recorded > 0) {
        let planned_at = latest.occurrence.at.as_millisecond();
        let missed = i64::try_from(due.missed_count).unwrap_or(i64::MAX);
        notice::run_missed(tx, automation, planned_at, missed, due.run.is_some(), now_ms).await?;
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
async fn settle(tx: &mut Tx, automation: &Automation, due: &Due, now_ms: i64) -> Result<(), StoreError> {
    let until = due.handled_until.map_or(automation.handled_at.unwrap_or(now_ms), Timestamp::as_millisecond);
    let status = automation::handled(tx, automation.id, until, now_ms).await?;
    let delete = automation.schedule.as_ref().is_some_and(|schedule| schedule.delete_after_last());
    if status == AutomationStatus::InactiveDone && delete {
        automation::remove(tx, &Acting::system(), automation.id, now_ms).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_same_cause;

    #[test]
    fn a_cause_is_the_same_when_only_its_numbers_have_moved() {
        assert!(is_same_cause("301 people, more than 300", "1302 people, more than 300"));
        assert!(!is_same_cause("the selection is archived", "the selection is a draft"));
    }
}
