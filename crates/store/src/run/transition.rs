//! What moves a run: each transition checks the state it leaves and says whether it was so.

use crate::error::{Result, StoreError};
use crate::{Tx, counter, event, params};
use domain::automation::Job;
use domain::id::{AutomationId, MailingId, PersonId, RecipientId, RunId, SelectionId};
use domain::pace::Standing;
use domain::trigger::Trigger;

/// What a new run is made of.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// Why it starts.
    pub trigger: Trigger,
    /// The automation it belongs to.
    pub automation_id: Option<AutomationId>,
    /// The mailing it belongs to.
    pub mailing_id: Option<MailingId>,
    /// The selection that gives its audience.
    pub selection_id: Option<SelectionId>,
    /// The automation's name.
    pub name: String,
    /// The job.
    pub job: Job,
    /// The filter.
    pub filter: String,
    /// The operator, when one starts it.
    pub started_by: Option<PersonId>,
    /// Whose rights count.
    pub owner_id: PersonId,
    /// Everyone whose lowest rank counts.
    pub shaped_by: Vec<PersonId>,
    /// The digests of the words it keeps, see [`crate::template::freeze`].
    pub templates: Vec<String>,
}

/// Inserts a run in state *preparing* and gives its number.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, run: &NewRun, now_ms: i64) -> Result<i64> {
    let number = counter::next(tx, "run").await?;
    let (first, _) = RecipientId::bounds(number);
    let job = serde_json::to_string(&run.job).map_err(|error| StoreError::Defect(error.to_string()))?;
    let shaped_by =
        serde_json::to_string(&run.shaped_by).map_err(|error| StoreError::Defect(error.to_string()))?;
    let templates =
        serde_json::to_string(&run.templates).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "INSERT INTO runs (id, number, trigger, automation_id, selection_id, name, job, filter, started_by, owner_id,
            shaped_by, state, cursor_id, last_id, total, left_out, accepted, deferred, refused, unknown, cancelled,
            watch_accepted, watch_refused, refused_in_a_row, created_at, templates, mailing_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'preparing', $12, $12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $13,
            $14, $15)",
        params![
            run.id,
            number,
            run.trigger.as_str(),
            run.automation_id,
            run.selection_id,
            run.name.as_str(),
            job,
            run.filter.as_str(),
            run.started_by,
            run.owner_id,
            shaped_by,
            first,
            now_ms,
            templates,
            run.mailing_id
        ],
    )
    .await?;
    Ok(number)
}

/// *preparing* → *running* (or *finished*, when there is nobody to write to, with the event that says so).
///
/// # Errors
/// The database is not available.
pub async fn begin(
    tx: &mut Tx,
    id: RunId,
    number: i64,
    total: i64,
    left_out: i64,
    now_ms: i64,
) -> Result<()> {
    let position =
        u32::try_from(total).map_err(|_| StoreError::Defect("the audience is too large".into()))?;
    let finished = total == left_out;
    tx.execute(
        "UPDATE runs SET state = $2, last_id = $3, total = $4, left_out = $5, finished_at = $6
         WHERE id = $1 AND state = 'preparing'",
        params![
            id,
            if finished { "finished" } else { "running" },
            RecipientId::new(number, position),
            total,
            left_out,
            finished.then_some(now_ms)
        ],
    )
    .await?;
    if finished {
        let over = super::get(tx, id).await?;
        event::finished(tx, &over, now_ms).await?;
    }
    Ok(())
}

/// Notes whose approval a run needed, before it begins.
///
/// # Errors
/// The database is not available.
pub async fn approve(tx: &mut Tx, id: RunId, approver: PersonId) -> Result<()> {
    tx.execute(
        "UPDATE runs SET approved_by = $2 WHERE id = $1 AND state = 'preparing'",
        params![id, approver],
    )
    .await?;
    Ok(())
}

/// *running* → *paused*, with the cause for people to read; says whether it was running.
///
/// # Errors
/// The database is not available.
pub async fn pause(tx: &mut Tx, id: RunId, cause: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE runs SET state = 'paused', cause = $2 WHERE id = $1 AND state = 'running'",
            params![id, cause],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes what a running run waits for, or that it waits no longer.
///
/// # Errors
/// The database is not available.
pub async fn note(tx: &mut Tx, id: RunId, cause: Option<&str>) -> Result<()> {
    tx.execute("UPDATE runs SET cause = $2 WHERE id = $1 AND state = 'running'", params![id, cause]).await?;
    Ok(())
}

/// *paused* → *running*: what is watched starts from here; says whether it was paused.
///
/// # Errors
/// The database is not available.
pub async fn resume(tx: &mut Tx, id: RunId) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE runs SET state = 'running', cause = NULL, watch_accepted = accepted, watch_refused = refused,
                refused_in_a_row = 0
             WHERE id = $1 AND state = 'paused'",
            params![id],
        )
        .await?;
    Ok(changed == 1)
}

/// *running* or *paused* → *cancelled*; the recipients follow, see [`crate::recipient::cancel_open`].
///
/// # Errors
/// The database is not available.
pub async fn cancel(tx: &mut Tx, id: RunId, cause: &str, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE runs SET state = 'cancelled', cause = $2, finished_at = $3
             WHERE id = $1 AND state IN ('running', 'paused', 'preparing')",
            params![id, cause, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// *running* → *finished*, when every recipient is settled; says whether it is so.
///
/// # Errors
/// The database is not available.
pub async fn finish(tx: &mut Tx, id: RunId, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE runs SET state = 'finished', cause = NULL, finished_at = $2
             WHERE id = $1 AND state = 'running'
               AND total = left_out + accepted + refused + unknown + cancelled AND deferred = 0",
            params![id, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// *finished* or *paused* → *running*, because recipients were put back; says whether it was one of these.
///
/// # Errors
/// The database is not available.
pub async fn reopen(tx: &mut Tx, id: RunId) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE runs SET state = 'running', cause = NULL, finished_at = NULL, watch_accepted = accepted,
            watch_refused = refused, refused_in_a_row = 0
         WHERE id = $1 AND state IN ('finished', 'paused', 'running')",
            params![id],
        )
        .await?;
    Ok(changed == 1)
}

/// Keeps what a run remembers of its pace.
///
/// # Errors
/// The database is not available.
pub async fn keep_pace(tx: &mut Tx, id: RunId, pace: &Standing) -> Result<()> {
    let text = serde_json::to_string(pace).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute("UPDATE runs SET pace = $2 WHERE id = $1", params![id, text]).await?;
    Ok(())
}

/// Moves the cursor of a run after a claim.
///
/// # Errors
/// The database is not available.
pub async fn advance(tx: &mut Tx, id: RunId, cursor: RecipientId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE runs SET cursor_id = $2, started_at = COALESCE(started_at, $3) WHERE id = $1",
        params![id, cursor, now_ms],
    )
    .await?;
    Ok(())
}
