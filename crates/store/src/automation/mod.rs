//! Automations: a trigger with a job, saved in two steps, owned for good by who created it.

mod steps;
mod transition;

pub use steps::{JobStep, ScheduleStep, archive, insert, remove, update_job, update_schedule};
pub use transition::{
    ActivateError, NotReady, activate, calendar, count_run, deactivate, handled, ran, record_error, reminded,
};

use crate::acting::Acting;
use crate::audit;
use crate::error::{Result, StoreError};
use crate::{Row, Tx, params};
use domain::automation::{AutomationStatus, Job};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::Schedule;
use serde::Serialize;

/// An automation as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Automation {
    /// Its id.
    pub id: AutomationId,
    /// Its number, as people call it: names need not be unique.
    pub number: i64,
    /// Its name, at most 100 characters.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it does.
    pub job: Job,
    /// Whom it does it to.
    pub selection_id: Option<SelectionId>,
    /// Who created it; never changes.
    pub owner_id: PersonId,
    /// Who last shaped it.
    pub editor_id: PersonId,
    /// When; `None` until the second step is saved.
    pub schedule: Option<Schedule>,
    /// Who is reminded 30 days before the end.
    pub reminder_to: Vec<PersonId>,
    /// When they were.
    pub reminded_at: Option<i64>,
    /// Where it stands.
    pub status: AutomationStatus,
    /// Archived ones are out of sight and never run.
    pub archived: bool,
    /// Last activated.
    pub activated_at: Option<i64>,
    /// The next occurrence, milliseconds since 1970.
    pub next_at: Option<i64>,
    /// Occurrences up to here are dealt with.
    pub handled_at: Option<i64>,
    /// How many runs it has begun.
    pub runs_count: i64,
    /// How often something went wrong.
    pub errors_count: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When.
    pub last_error_at: Option<i64>,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// Last changed.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, number, name, description, job, selection_id, owner_id, editor_id, schedule, reminder_to, \
    reminded_at, status, archived, activated_at, next_at, handled_at, runs_count, errors_count, last_error, \
    last_error_at, created_at, updated_at";

fn read(mut row: Row) -> Result<Automation> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("an automation has an unreadable {what}"));
    let job: String = row.take(4)?;
    let schedule: Option<String> = row.take(8)?;
    let reminder_to: String = row.take(9)?;
    let status: String = row.take(11)?;
    Ok(Automation {
        id: row.take(0)?,
        number: row.take(1)?,
        name: row.take(2)?,
        description: row.take(3)?,
        job: serde_json::from_str(&job).map_err(|_| corrupt("job"))?,
        selection_id: row.take(5)?,
        owner_id: row.take(6)?,
        editor_id: row.take(7)?,
        schedule: schedule
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("schedule")))
            .transpose()?,
        reminder_to: serde_json::from_str(&reminder_to).map_err(|_| corrupt("list of reminded people"))?,
        reminded_at: row.take(10)?,
        status: AutomationStatus::parse(&status).ok_or_else(|| corrupt("status"))?,
        archived: row.take(12)?,
        activated_at: row.take(13)?,
        next_at: row.take(14)?,
        handled_at: row.take(15)?,
        runs_count: row.take(16)?,
        errors_count: row.take(17)?,
        last_error: row.take(18)?,
        last_error_at: row.take(19)?,
        created_at: row.take(20)?,
        updated_at: row.take(21)?,
    })
}

/// The automation with this id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: AutomationId) -> Result<Automation> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE id = $1");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the automation".into())), read)
}

/// The automation with this number.
///
/// # Errors
/// The database is not available.
pub async fn find_by_number(tx: &mut Tx, number: i64) -> Result<Option<Automation>> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE number = $1");
    tx.find(&sql, params![number]).await?.map(read).transpose()
}

/// All automations of this name: names need not be unique.
///
/// # Errors
/// The database is not available.
pub async fn list_by_name(tx: &mut Tx, name: &str) -> Result<Vec<Automation>> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE name = $1 ORDER BY number");
    tx.query(&sql, params![name]).await?.into_iter().map(read).collect()
}

/// All automations, oldest first; archived ones only when asked for.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, archived: bool) -> Result<Vec<Automation>> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE archived = $1 ORDER BY number");
    tx.query(&sql, params![archived]).await?.into_iter().map(read).collect()
}

/// Ids of the automations whose next occurrence has come.
///
/// # Errors
/// The database is not available.
pub async fn list_due(tx: &mut Tx, now_ms: i64) -> Result<Vec<AutomationId>> {
    let rows = tx
        .query(
            "SELECT id FROM automations WHERE next_at IS NOT NULL AND next_at <= $1
               AND status IN ('active_scheduled', 'active_running') ORDER BY next_at LIMIT 100",
            params![now_ms],
        )
        .await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Active automations with somebody to remind who was not reminded yet; see [`Schedule::reminder_at`] for when.
///
/// # Errors
/// The database is not available.
pub async fn list_unreminded(tx: &mut Tx) -> Result<Vec<AutomationId>> {
    let rows = tx
        .query(
            "SELECT id FROM automations WHERE reminded_at IS NULL AND reminder_to <> '[]'
               AND status IN ('active_scheduled', 'active_running') ORDER BY number",
            &[],
        )
        .await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// The automation, locked until the transaction ends.
///
/// # Errors
/// There is none.
pub async fn lock(tx: &mut Tx, id: AutomationId) -> Result<Automation> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE id = $1 {{for_update}}");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the automation".into())), read)
}

fn must_exist(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound("the automation".into())) }
}

async fn note(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    id: AutomationId,
    detail: serde_json::Value,
    now_ms: i64,
) -> Result<()> {
    audit::append(tx, acting.entry(action, "automation", id, detail, now_ms)).await
}
