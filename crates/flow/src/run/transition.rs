//! What an operator does to a run that exists: pause, resume, cancel, retry.

use super::{Refusal, StartError};
use crate::Flow;
use crate::said::NotNow;
use domain::id::{RecipientId, RunId};
use domain::run::RunState;
use serde_json::json;
use store::run::{Change, Run};
use store::{Acting, StoreError, Tx, audit, automation, bounce, event, recipient, run};

/// Which recipients to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOf {
    /// Everyone who was refused, bounced or is unknown.
    Failed,
    /// The recipient at this place in the audience.
    One(u32),
}

/// Settles whoever waits for a turn in a cancelled run, and counts it.
pub(crate) async fn cancel_open(tx: &mut Tx, id: RunId, number: i64, now_ms: i64) -> Result<(), StoreError> {
    let settled = recipient::cancel_open(tx, number, now_ms).await?;
    let change = Change {
        cancelled: settled.planned + settled.deferred,
        unknown: settled.unknown,
        deferred: -settled.deferred - settled.unknown,
        ..Change::default()
    };
    run::count(tx, id, change).await
}

/// Puts failed recipients back for another try, and the run with them; false: nobody failed.
pub(super) async fn retry(
    tx: &mut Tx,
    id: RunId,
    number: i64,
    which: RetryOf,
    now_ms: i64,
) -> Result<bool, StartError> {
    let (first, last) = match which {
        RetryOf::Failed => RecipientId::bounds(number),
        RetryOf::One(position) => {
            let one = RecipientId::new(number, position);
            (one, one)
        }
    };
    bounce::forgive(tx, id, first, last).await?;
    let [refused, unknown, bounced] = recipient::retry(tx, first, last, now_ms).await?;
    let people = refused + unknown + bounced;
    if people == 0 {
        return Ok(false);
    }
    // A bounce is counted among the accepted: the relay did take the mail.
    let change = Change {
        refused: -refused,
        unknown: -unknown,
        accepted: -bounced,
        deferred: people,
        ..Change::default()
    };
    run::count(tx, id, change).await?;
    if !run::reopen(tx, id).await? {
        return Err(Refusal::NotNow(NotNow::Cancelled.into()).into());
    }
    if let Some(automation) = run::get(tx, id).await?.automation_id {
        // Nobody may begin another run at the same moment. It may be removed by now.
        match automation::lock(tx, automation).await {
            Ok(_) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if run::count_open_beside(tx, id).await? > 0 {
        return Err(Refusal::AlreadyRunning.into());
    }
    Ok(true)
}

impl Flow {
    /// Pauses a run: what is on the wire is finished, nothing new leaves.
    ///
    /// # Errors
    /// There is no such run, or it is not running.
    pub async fn pause(&self, id: RunId, acting: &Acting, cause: &str) -> Result<Run, StartError> {
        self.signs.lower(id);
        let cause = cause.to_owned();
        let run = self
            .change(id, acting, "run.paused", move |tx, _, _| {
                Box::pin(async move { Ok(run::pause(tx, id, &cause).await?) })
            })
            .await?;
        // Again: a chunk may have been claimed between the first time and the commit.
        self.signs.lower(id);
        Ok(run)
    }

    /// Resumes a paused run with exactly those left.
    ///
    /// # Errors
    /// There is no such run, or it is not paused.
    pub async fn resume(&self, id: RunId, acting: &Acting) -> Result<Run, StartError> {
        self.gate.forgive();
        let run = self
            .change(id, acting, "run.resumed", move |tx, _, _| {
                Box::pin(async move { Ok(run::resume(tx, id).await?) })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    /// Cancels a run: whoever was not written to yet will not be, and keeps the old password.
    ///
    /// # Errors
    /// There is no such run, or it is over.
    pub async fn cancel(&self, id: RunId, acting: &Acting) -> Result<Run, StartError> {
        self.signs.lower(id);
        let run = self
            .change(id, acting, "run.cancelled", move |tx, number, now_ms| {
                Box::pin(async move {
                    if !run::cancel(tx, id, "cancelled by an operator", now_ms).await? {
                        return Ok(false);
                    }
                    cancel_open(tx, id, number, now_ms).await?;
                    let over = run::get(tx, id).await?;
                    event::finished(tx, &over, now_ms).await?;
                    Ok(true)
                })
            })
            .await?;
        self.signs.lower(id);
        Ok(run)
    }

    /// Tries failed recipients again: all of a run, or one.
    ///
    /// # Errors
    /// There is no such run, it is cancelled, or nobody failed.
    pub async fn retry(&self, id: RunId, which: RetryOf, acting: &Acting) -> Result<Run, StartError> {
        self.gate.forgive();
        let run = self
            .change(id, acting, "run.retried", move |tx, number, now_ms| {
                Box::pin(async move { retry(tx, id, number, which, now_ms).await })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    /// A transition of a run by an operator, with its audit entry.
    async fn change(
        &self,
        id: RunId,
        acting: &Acting,
        action: &'static str,
        transition: impl for<'t> FnOnce(&'t mut Tx, i64, i64) -> store::Work<'t, bool, StartError>
        + Send
        + 'static,
    ) -> Result<Run, StartError> {
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let before = run::lock(tx, id).await?;
                    if !transition(tx, before.number, now_ms).await? {
                        return Err(StartError::Refused(Refusal::NotNow(
                            not_possible(action, before.state).into(),
                        )));
                    }
                    let entry = acting.entry(action, "run", id, json!({ "number": before.number }), now_ms);
                    audit::append(tx, entry).await?;
                    Ok(run::get(tx, id).await?)
                })
            })
            .await
    }
}

fn not_possible(action: &str, state: RunState) -> NotNow {
    let state = state.as_str();
    match action {
        "run.paused" => NotNow::Pause { state },
        "run.resumed" => NotNow::Resume { state },
        "run.cancelled" => NotNow::Over { state },
        _ => NotNow::NobodyFailed,
    }
}
