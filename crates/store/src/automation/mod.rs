//! Automations: a trigger with a job, saved step by step, owned for good by who created it.

mod event_steps;
mod steps;
mod transition;

pub use event_steps::{
    EventJobStep, FrameStep, NewEventStep, copy_event, insert_event, list_of_events, lock_of_events,
    update_event, update_event_job, update_frame,
};
pub use steps::{JobStep, ScheduleStep, archive, insert, remove, update_job, update_schedule};
pub use transition::{
    ActivateError, NotReady, activate, calendar, count_run, deactivate, deactivate_counted, handled,
    keep_frame, ran, record_error, reminded,
};

use crate::acting::Acting;
use crate::audit;
use crate::error::{Result, StoreError};
use crate::{Row, Tx, params};
use domain::automation::{AutomationKind, AutomationStatus, Job, Target};
use domain::event::{Delay, EventStep};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::{Schedule, TimeFrame};
use jiff::Timestamp;
use serde::Serialize;

/// An automation as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Automation {
    /// Its id.
    pub id: AutomationId,
    /// Its number, as people call it: names need not be unique.
    pub number: i64,
    /// What begins it.
    pub kind: AutomationKind,
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
    /// The event that begins it.
    pub event: Option<EventStep>,
    /// Whom its job is done to; `None` until the second step is saved.
    pub target: Option<Target>,
    /// How long after the event.
    pub delay: Option<Delay>,
    /// When it listens; `None` until the third step is saved.
    pub frame: Option<TimeFrame>,
    /// Unusual things somebody confirmed, by their codes.
    pub confirmed: Vec<String>,
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

impl Automation {
    /// When it ends, if it has an end.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        match (&self.schedule, &self.frame) {
            (Some(schedule), _) => schedule.ends_at(),
            (None, Some(frame)) => Some(frame.ends_at()),
            (None, None) => None,
        }
    }
    /// When somebody is to be reminded of its end.
    #[must_use]
    pub fn reminder_at(&self) -> Option<Timestamp> {
        match (&self.schedule, &self.frame) {
            (Some(schedule), _) => schedule.reminder_at(),
            (None, Some(frame)) => frame.reminder_at(),
            (None, None) => None,
        }
    }
    /// Whether an event begins it.
    #[must_use]
    pub fn is_of_events(&self) -> bool {
        self.kind == AutomationKind::Event
    }
}

const COLUMNS: &str = "id, number, name, description, job, selection_id, owner_id, editor_id, schedule, reminder_to, \
    reminded_at, status, archived, activated_at, next_at, handled_at, runs_count, errors_count, last_error, \
    last_error_at, created_at, updated_at, kind, event, target, delay, frame, confirmed";

fn read(mut row: Row) -> Result<Automation> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("an automation has an unreadable {what}"));
    let job: String = row.take(4)?;
    let schedule: Option<String> = row.take(8)?;
    let reminder_to: String = row.take(9)?;
    let status: String = row.take(11)?;
    let kind: String = row.take(22)?;
    let event: Option<String> = row.take(23)?;
    let target: Option<String> = row.take(24)?;
    let delay: Option<String> = row.take(25)?;
    let frame: Option<String> = row.take(26)?;
    let confirmed: String = row.take(27)?;
    Ok(Automation {
        id: row.take(0)?,
        number: row.take(1)?,
        kind: AutomationKind::parse(&kind).ok_or_else(|| corrupt("kind"))?,
        event: optional(event.as_deref(), "event")?,
        target: optional(target.as_deref(), "target")?,
        delay: optional(delay.as_deref(), "delay")?,
        frame: optional(frame.as_deref(), "time frame")?,
        confirmed: serde_json::from_str(&confirmed).map_err(|_| corrupt("list of what was confirmed"))?,
        name: row.take(2)?,
        description: row.take(3)?,
        job: serde_json::from_str(&job).map_err(|_| corrupt("job"))?,
        selection_id: row.take(5)?,
        owner_id: row.take(6)?,
        editor_id: row.take(7)?,
        schedule: optional(schedule.as_deref(), "schedule")?,
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

fn optional<T: serde::de::DeserializeOwned>(text: Option<&str>, what: &str) -> Result<Option<T>> {
    text.map(|text| serde_json::from_str(text))
        .transpose()
        .map_err(|_| StoreError::Corrupt(format!("an automation has an unreadable {what}")))
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
