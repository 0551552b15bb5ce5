//! Saving an automation: the job and whom it reaches, then the schedule; out of sight, or away.

use super::transition::{deactivate, plan_next};
use super::{get, lock, must_exist, note};
use crate::acting::Acting;
use crate::error::{Result, StoreError};
use crate::{Tx, counter, event, params};
use domain::automation::Job;
use domain::event_job::EventJobReason;
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::Schedule;
use serde::Serialize;

/// The first step: what it does and to whom.
#[derive(Debug, Clone)]
pub struct JobStep {
    /// Its name; check it with [`domain::automation::check_name`].
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it does.
    pub job: Job,
    /// Whom it does it to.
    pub selection_id: Option<SelectionId>,
}

/// The second step: when.
#[derive(Debug, Clone)]
pub struct ScheduleStep {
    /// When.
    pub schedule: Schedule,
    /// Who is reminded 30 days before the end; at most ten.
    pub reminder_to: Vec<PersonId>,
}

/// Creates an automation of the person who acts, inactive and without a schedule; gives its number.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &JobStep,
    now_ms: i64,
) -> Result<i64> {
    let owner = acting.person()?;
    let number = counter::next(tx, "automation").await?;
    tx.execute(
        "INSERT INTO automations (id, number, name, description, job, selection_id, owner_id, editor_id, reminder_to,
            status, archived, runs_count, errors_count, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, '[]', 'inactive', FALSE, 0, 0, $8, $8)",
        params![
            id,
            number,
            step.name.as_str(),
            step.description.as_str(),
            json(&step.job)?,
            step.selection_id,
            owner,
            now_ms
        ],
    )
    .await?;
    note(tx, acting, "automation.created", id, serde_json::json!({ "number": number }), now_ms).await?;
    Ok(number)
}

/// Saves the first step again. Whoever does it bounds the rights of its runs from now on.
///
/// # Errors
/// There is no such automation.
pub async fn update_job(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &JobStep,
    now_ms: i64,
) -> Result<()> {
    let editor = acting.person()?;
    let changed = tx
        .execute(
            "UPDATE automations SET name = $2, description = $3, job = $4, selection_id = $5, editor_id = $6,
                updated_at = $7
             WHERE id = $1",
            params![
                id,
                step.name.as_str(),
                step.description.as_str(),
                json(&step.job)?,
                step.selection_id,
                editor,
                now_ms
            ],
        )
        .await?;
    must_exist(changed)?;
    note(tx, acting, "automation.job_saved", id, serde_json::json!({}), now_ms).await
}

/// Saves the second step. An active automation goes by the new schedule from now on. Who is to be reminded is
/// reminded again only when the end has changed, or who is to know of it.
///
/// # Errors
/// There is no such automation.
pub async fn update_schedule(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &ScheduleStep,
    now_ms: i64,
) -> Result<()> {
    let editor = acting.person()?;
    let before = lock(tx, id).await?;
    let same_end = before.schedule.as_ref().and_then(Schedule::ends_at) == step.schedule.ends_at()
        && before.reminder_to == step.reminder_to;
    let changed = tx
        .execute(
            "UPDATE automations SET schedule = $2, reminder_to = $3, reminded_at = $6, editor_id = $4, updated_at = $5
             WHERE id = $1",
            params![
                id,
                json(&step.schedule)?,
                json(&step.reminder_to)?,
                editor,
                now_ms,
                before.reminded_at.filter(|_| same_end)
            ],
        )
        .await?;
    must_exist(changed)?;
    let automation = get(tx, id).await?;
    if automation.status.is_active() {
        plan_next(tx, &automation, now_ms).await?;
    }
    note(tx, acting, "automation.schedule_saved", id, serde_json::json!({}), now_ms).await
}

/// Puts an automation out of sight, or back; an active one is deactivated first.
///
/// # Errors
/// There is no such automation.
pub async fn archive(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    archived: bool,
    now_ms: i64,
) -> Result<()> {
    if archived {
        deactivate(tx, acting, id, now_ms).await?;
    }
    let changed = tx
        .execute(
            "UPDATE automations SET archived = $2, updated_at = $3 WHERE id = $1",
            params![id, archived, now_ms],
        )
        .await?;
    must_exist(changed)?;
    note(tx, acting, "automation.archived", id, serde_json::json!({ "archived": archived }), now_ms).await
}

/// Removes an automation; its runs and their reports stay.
///
/// # Errors
/// There is no such automation.
pub async fn remove(tx: &mut Tx, acting: &Acting, id: AutomationId, now_ms: i64) -> Result<()> {
    event::job::cancel(tx, id, EventJobReason::Removed, None, i64::MAX, now_ms).await?;
    must_exist(tx.execute("DELETE FROM automations WHERE id = $1", params![id]).await?)?;
    note(tx, acting, "automation.removed", id, serde_json::json!({}), now_ms).await
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Defect(error.to_string()))
}
