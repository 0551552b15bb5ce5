//! Saving an automation that an event begins: the event, the job, the time frame; and what does not fit together.

use super::steps::json;
use super::transition::{NotReady, plan_next};
use super::{Automation, COLUMNS, get, lock, must_exist, note, read};
use crate::acting::Acting;
use crate::error::{Result, StoreError};
use crate::{Tx, counter, params};
use domain::automation::{Job, Target};
use domain::event::{BuiltIn, Delay, EventStep, EventType, Severity, compatibility};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::TimeFrame;
use domain::sentence::Sentence;
use std::collections::BTreeMap;

/// The first step: what it is called, and which event begins it.
#[derive(Debug, Clone)]
pub struct NewEventStep {
    /// Its name; check it with [`domain::automation::check_name`].
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The event and what of it counts.
    pub event: EventStep,
    /// Whom it is limited to; with a job for system users: who must have caused the event.
    pub selection_id: Option<SelectionId>,
}

/// The second step: what it does, to whom, and how long after the event.
#[derive(Debug, Clone)]
pub struct EventJobStep {
    /// What it does.
    pub job: Job,
    /// Whom it does it to.
    pub target: Target,
    /// How long after the event; `None`: at once.
    pub delay: Option<Delay>,
    /// What of [`domain::event::compatibility`] somebody has confirmed, by code.
    pub confirmed: Vec<String>,
}

/// The third step: when it listens, and when its job may be done.
#[derive(Debug, Clone)]
pub struct FrameStep {
    /// When.
    pub frame: TimeFrame,
    /// Who is reminded 30 days before the end; at most ten.
    pub reminder_to: Vec<PersonId>,
}

/// Creates an automation of the person who acts, inactive, with its first step; gives its number. `job`: what the
/// second step begins with.
///
/// # Errors
/// The database is not available.
pub async fn insert_event(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &NewEventStep,
    job: &Job,
    now_ms: i64,
) -> Result<i64> {
    let owner = acting.person()?;
    let number = counter::next(tx, "automation").await?;
    tx.execute(
        "INSERT INTO automations (id, number, name, description, job, selection_id, owner_id, editor_id, reminder_to,
            status, archived, runs_count, errors_count, created_at, updated_at, kind, event, event_type)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, '[]', 'inactive', FALSE, 0, 0, $8, $8, 'event', $9, $10)",
        params![
            id,
            number,
            step.name.as_str(),
            step.description.as_str(),
            json(job)?,
            step.selection_id,
            owner,
            now_ms,
            json(&step.event)?,
            step.event.event.to_string()
        ],
    )
    .await?;
    note(tx, acting, "automation.created", id, serde_json::json!({ "number": number }), now_ms).await?;
    Ok(number)
}

/// Creates an automation like another one that an event begins, owned by the person who acts, inactive and with all
/// steps that one has; gives its number.
///
/// # Errors
/// The other one is begun by a schedule, or the database is not available.
pub async fn copy_event(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    like: &Automation,
    name: &str,
    now_ms: i64,
) -> Result<i64> {
    let Some(event) = like.event.clone() else {
        return Err(StoreError::Defect("a schedule begins this automation".into()));
    };
    let first = NewEventStep {
        name: name.to_owned(),
        description: like.description.clone(),
        event,
        selection_id: like.selection_id,
    };
    let number = insert_event(tx, acting, id, &first, &like.job, now_ms).await?;
    if let Some(target) = like.target {
        let (job, confirmed) = (like.job.clone(), like.confirmed.clone());
        let second = EventJobStep { job, target, delay: like.delay, confirmed };
        update_event_job(tx, acting, id, &second, now_ms).await?;
    }
    if let Some(frame) = like.frame.clone() {
        let third = FrameStep { frame, reminder_to: like.reminder_to.clone() };
        update_frame(tx, acting, id, &third, now_ms).await?;
    }
    Ok(number)
}

/// Saves the first step again. What waits already goes on waiting.
///
/// # Errors
/// There is no such automation.
pub async fn update_event(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &NewEventStep,
    now_ms: i64,
) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE automations SET name = $2, description = $3, event = $4, event_type = $5, selection_id = $6,
                editor_id = $7, updated_at = $8
             WHERE id = $1 AND kind = 'event'",
            params![
                id,
                step.name.as_str(),
                step.description.as_str(),
                json(&step.event)?,
                step.event.event.to_string(),
                step.selection_id,
                acting.person()?,
                now_ms
            ],
        )
        .await?;
    must_exist(changed)?;
    note(tx, acting, "automation.event_saved", id, serde_json::json!({}), now_ms).await
}

/// Saves the second step. What waits already is done as it says now.
///
/// # Errors
/// There is no such automation.
pub async fn update_event_job(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &EventJobStep,
    now_ms: i64,
) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE automations SET job = $2, target = $3, delay = $4, confirmed = $5, editor_id = $6, updated_at = $7
             WHERE id = $1 AND kind = 'event'",
            params![
                id,
                json(&step.job)?,
                json(&step.target)?,
                step.delay.as_ref().map(json).transpose()?,
                json(&step.confirmed)?,
                acting.person()?,
                now_ms
            ],
        )
        .await?;
    must_exist(changed)?;
    note(tx, acting, "automation.job_saved", id, serde_json::json!({}), now_ms).await
}

/// Saves the third step. An active automation goes by it from now on.
///
/// # Errors
/// There is no such automation.
pub async fn update_frame(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    step: &FrameStep,
    now_ms: i64,
) -> Result<()> {
    let before = lock(tx, id).await?;
    let same_end = before.ends_at() == Some(step.frame.ends_at()) && before.reminder_to == step.reminder_to;
    let changed = tx
        .execute(
            "UPDATE automations SET frame = $2, reminder_to = $3, reminded_at = $6, editor_id = $4, updated_at = $5
             WHERE id = $1 AND kind = 'event'",
            params![
                id,
                json(&step.frame)?,
                json(&step.reminder_to)?,
                acting.person()?,
                now_ms,
                before.reminded_at.filter(|_| same_end)
            ],
        )
        .await?;
    must_exist(changed)?;
    let automation = get(tx, id).await?;
    if automation.status.is_active() {
        super::transition::keep_frame(tx, &automation, now_ms).await?;
        plan_next(tx, &automation, now_ms).await?;
    }
    note(tx, acting, "automation.frame_saved", id, serde_json::json!({}), now_ms).await
}

/// The automations that an event begins and that are not archived, by number.
///
/// # Errors
/// The database is not available.
pub async fn list_of_events(tx: &mut Tx) -> Result<Vec<Automation>> {
    tx.query(&of_events(""), params![]).await?.into_iter().map(read).collect()
}

/// The same, and nobody else changes one of them before this transaction ends: whoever deactivates one waits, and then
/// finds the jobs that were written for it.
///
/// # Errors
/// The database is not available.
pub async fn lock_of_events(tx: &mut Tx) -> Result<Vec<Automation>> {
    tx.query(&of_events("{for_update}"), params![]).await?.into_iter().map(read).collect()
}

fn of_events(mark: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM automations WHERE kind = 'event' AND archived = FALSE ORDER BY number {mark}"
    )
}

/// Why event, job and target do not fit together, if they do not or nobody has confirmed it.
pub(super) fn odd(automation: &Automation) -> Option<NotReady> {
    let event = &automation.event.as_ref()?.event;
    let remarks = compatibility(event, &automation.job, automation.target, automation.selection_id.is_some());
    remarks.into_iter().find_map(|remark| {
        let what = Sentence::of(&remark.what);
        match remark.severity {
            Severity::Refused => Some(NotReady::Odd { what }),
            Severity::NeedsConfirmation if automation.confirmed.iter().any(|code| code == what.code()) => {
                None
            }
            Severity::NeedsConfirmation => Some(NotReady::Unconfirmed { what }),
        }
    })
}

/// The automations that would begin one another for ever if this one were active, by name: each waits for the one
/// before it to finish.
pub(super) async fn cycle(tx: &mut Tx, automation: &Automation) -> Result<Option<String>> {
    let listeners = list_of_events(tx).await?;
    let waits_for: BTreeMap<AutomationId, AutomationId> =
        listeners.iter().filter_map(|one| Some((one.id, after_which(one)?))).collect();
    let mut names = vec![automation.name.clone()];
    let mut at = after_which(automation);
    while let Some(id) = at {
        if id == automation.id {
            names.reverse();
            return Ok(Some(names.join(" → ")));
        }
        names.extend(listeners.iter().find(|one| one.id == id).map(|one| one.name.clone()));
        if names.len() > listeners.len() + 1 {
            break;
        }
        at = waits_for.get(&id).copied();
    }
    Ok(None)
}

/// The automation whose end begins this one.
fn after_which(automation: &Automation) -> Option<AutomationId> {
    let step = automation.event.as_ref()?;
    match step.event {
        EventType::BuiltIn(BuiltIn::AutomationFinished | BuiltIn::RunFinished) => step.automation,
        _ => None,
    }
}
