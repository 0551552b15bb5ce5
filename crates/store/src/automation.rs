//! Automations: a trigger with a job, saved in two steps, owned for good by who created it.

use crate::audit::{self, Entry};
use crate::error::{Result, StoreError};
use crate::{Row, Tx, counter, holiday, params};
use domain::automation::{AutomationStatus, Job};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::{HolidayCalendar, Schedule};
use jiff::Timestamp;
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

/// Creates an automation, inactive and without a schedule; gives its number.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    id: AutomationId,
    step: &JobStep,
    owner: PersonId,
    now_ms: i64,
) -> Result<i64> {
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
    note(tx, Some(owner), "automation.created", id, serde_json::json!({ "number": number }), now_ms).await?;
    Ok(number)
}

/// Saves the first step again. Whoever does it bounds the rights of its runs from now on.
///
/// # Errors
/// There is no such automation.
pub async fn update_job(
    tx: &mut Tx,
    id: AutomationId,
    step: &JobStep,
    editor: PersonId,
    now_ms: i64,
) -> Result<()> {
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
    note(tx, Some(editor), "automation.job_saved", id, serde_json::json!({}), now_ms).await
}

/// Saves the second step. An active automation goes by the new schedule from now on. Who is to be reminded is
/// reminded again only when the end has changed, or who is to know of it.
///
/// # Errors
/// There is no such automation.
pub async fn update_schedule(
    tx: &mut Tx,
    id: AutomationId,
    step: &ScheduleStep,
    editor: PersonId,
    now_ms: i64,
) -> Result<()> {
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
    note(tx, Some(editor), "automation.schedule_saved", id, serde_json::json!({}), now_ms).await
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

/// Why an automation cannot be activated, or cannot be changed in this way.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// Says what is missing.
    #[error("{0}")]
    NotReady(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// *inactive* → *active*. Occurrences before this moment are not run.
///
/// # Errors
/// Something is missing, or the schedule would never run.
pub async fn activate(
    tx: &mut Tx,
    id: AutomationId,
    actor: PersonId,
    now_ms: i64,
) -> std::result::Result<Automation, ActivateError> {
    let automation = get(tx, id).await?;
    let not_ready = |text: &str| Err(ActivateError::NotReady(text.to_owned()));
    if automation.status.is_active() {
        return not_ready("the automation is active already");
    }
    if automation.archived {
        return not_ready("the automation is archived; take it out of the archive first");
    }
    if automation.selection_id.is_none() {
        return not_ready("the automation has no selection; a password job needs one");
    }
    let Some(schedule) = &automation.schedule else {
        return not_ready("the automation has no schedule yet; save the second step first");
    };
    let calendar = calendar(tx).await?;
    if let Err(invalid) = schedule.check_calendar(&calendar) {
        return Err(ActivateError::NotReady(invalid.to_string()));
    }
    let status = if automation.runs_count > 0 && schedule.next_n(&calendar, time(now_ms), 1).is_empty() {
        return not_ready("all occurrences of the schedule are over; save a new one first");
    } else if automation.status == AutomationStatus::InactiveDeactivated && automation.runs_count > 0 {
        "active_running"
    } else {
        "active_scheduled"
    };
    tx.execute(
        "UPDATE automations SET status = $2, activated_at = $3, handled_at = $4, updated_at = $3 WHERE id = $1",
        // One millisecond less: an occurrence at this very moment still runs.
        params![id, status, now_ms, now_ms - 1],
    )
    .await?;
    let automation = get(tx, id).await?;
    plan_next(tx, &automation, now_ms).await?;
    note(tx, Some(actor), "automation.activated", id, serde_json::json!({}), now_ms).await?;
    Ok(get(tx, id).await?)
}

/// *active* → *inactive, deactivated*.
///
/// # Errors
/// There is no such automation.
pub async fn deactivate(tx: &mut Tx, id: AutomationId, actor: PersonId, now_ms: i64) -> Result<Automation> {
    tx.execute(
        "UPDATE automations SET status = 'inactive_deactivated', next_at = NULL, updated_at = $2
         WHERE id = $1 AND status IN ('active_scheduled', 'active_running')",
        params![id, now_ms],
    )
    .await?;
    note(tx, Some(actor), "automation.deactivated", id, serde_json::json!({}), now_ms).await?;
    get(tx, id).await
}

/// Puts an automation out of sight, or back; an active one is deactivated first.
///
/// # Errors
/// There is no such automation.
pub async fn archive(
    tx: &mut Tx,
    id: AutomationId,
    archived: bool,
    actor: PersonId,
    now_ms: i64,
) -> Result<()> {
    if archived {
        deactivate(tx, id, actor, now_ms).await?;
    }
    let changed = tx
        .execute(
            "UPDATE automations SET archived = $2, updated_at = $3 WHERE id = $1",
            params![id, archived, now_ms],
        )
        .await?;
    must_exist(changed)?;
    note(tx, Some(actor), "automation.archived", id, serde_json::json!({ "archived": archived }), now_ms)
        .await
}

/// Removes an automation; its runs and their reports stay.
///
/// # Errors
/// There is no such automation.
pub async fn remove(tx: &mut Tx, id: AutomationId, actor: Option<PersonId>, now_ms: i64) -> Result<()> {
    must_exist(tx.execute("DELETE FROM automations WHERE id = $1", params![id]).await?)?;
    note(tx, actor, "automation.removed", id, serde_json::json!({}), now_ms).await
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

/// The automation, locked until the transaction ends.
///
/// # Errors
/// There is none.
pub async fn lock(tx: &mut Tx, id: AutomationId) -> Result<Automation> {
    let sql = format!("SELECT {COLUMNS} FROM automations WHERE id = $1 {{for_update}}");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the automation".into())), read)
}

/// Occurrences up to a moment are dealt with; plans the next look, or ends the automation when there is
/// none. Gives the status now.
///
/// # Errors
/// The database is not available.
pub async fn handled(tx: &mut Tx, id: AutomationId, until_ms: i64, now_ms: i64) -> Result<AutomationStatus> {
    tx.execute(
        "UPDATE automations SET handled_at = $2 WHERE id = $1 AND (handled_at IS NULL OR handled_at < $2)",
        params![id, until_ms],
    )
    .await?;
    let automation = get(tx, id).await?;
    plan_next(tx, &automation, now_ms).await?;
    Ok(get(tx, id).await?.status)
}

/// A run of the automation has begun: it has run at least once. One with a single occurrence stays
/// *scheduled*, as *running* is for repeating ones.
///
/// # Errors
/// The database is not available.
pub async fn count_run(tx: &mut Tx, id: AutomationId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE automations SET runs_count = runs_count + 1, updated_at = $2 WHERE id = $1",
        params![id, now_ms],
    )
    .await?;
    Ok(())
}

/// *active scheduled* → *active running*, after a run its schedule began.
///
/// # Errors
/// The database is not available.
pub async fn ran(tx: &mut Tx, id: AutomationId) -> Result<()> {
    tx.execute(
        "UPDATE automations SET status = 'active_running' WHERE id = $1 AND status = 'active_scheduled'",
        params![id],
    )
    .await?;
    Ok(())
}

/// Counts something that went wrong, with its cause.
///
/// # Errors
/// The database is not available.
pub async fn record_error(tx: &mut Tx, id: AutomationId, cause: &str, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE automations SET errors_count = errors_count + 1, last_error = $2, last_error_at = $3 WHERE id = $1",
        params![id, cause, now_ms],
    )
    .await?;
    Ok(())
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

/// Notes that the reminder was written; false when somebody else has done so, or it is not active any more.
///
/// # Errors
/// The database is not available.
pub async fn reminded(tx: &mut Tx, id: AutomationId, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE automations SET reminded_at = $2 WHERE id = $1 AND reminded_at IS NULL
               AND status IN ('active_scheduled', 'active_running')",
            params![id, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// The holiday calendar.
///
/// # Errors
/// The database is not available.
pub async fn calendar(tx: &mut Tx) -> Result<HolidayCalendar> {
    HolidayCalendar::new(&holiday::list(tx).await?)
        .map_err(|invalid| StoreError::Corrupt(format!("the holiday calendar: {invalid}")))
}

/// Sets when the scheduler must look again; an automation with nothing left is done.
async fn plan_next(tx: &mut Tx, automation: &Automation, now_ms: i64) -> Result<()> {
    let Some(schedule) = &automation.schedule else { return Ok(()) };
    let calendar = calendar(tx).await?;
    let after = automation.handled_at.unwrap_or(now_ms);
    match schedule.next_after(&calendar, time(after)) {
        Some(next) => {
            tx.execute(
                "UPDATE automations SET next_at = $2 WHERE id = $1",
                params![automation.id, next.at.as_millisecond()],
            )
            .await?;
        }
        None if schedule.is_over(&calendar, time(now_ms)) => {
            tx.execute(
                "UPDATE automations SET next_at = NULL, status = 'inactive_done', updated_at = $2 WHERE id = $1",
                params![automation.id, now_ms],
            )
            .await?;
        }
        // Waits for a holiday that is not entered yet: look again tomorrow.
        None => {
            tx.execute(
                "UPDATE automations SET next_at = $2 WHERE id = $1",
                params![automation.id, now_ms + 24 * 3_600_000],
            )
            .await?;
        }
    }
    Ok(())
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Defect(error.to_string()))
}

fn must_exist(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound("the automation".into())) }
}

async fn note(
    tx: &mut Tx,
    actor: Option<PersonId>,
    action: &'static str,
    id: AutomationId,
    detail: serde_json::Value,
    now_ms: i64,
) -> Result<()> {
    audit::append(tx, Entry::new(action, "automation", id, detail, now_ms).by_operator(actor)).await
}
