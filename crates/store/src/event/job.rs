//! Jobs that events lead to: each is written when the event is routed, waits for its time, and becomes part of a run.

use crate::error::{Result, StoreError};
use crate::recipient::Audience;
use crate::{Kind, Row, Rows, Tx, params};
use domain::event_job::{EventJobReason, EventJobState};
use domain::id::{AutomationId, PersonId, RunId};
use domain::recipient::RecipientState;
use serde::Serialize;

/// What an event means for an automation, as it is written.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The event's number.
    pub event: i64,
    /// The automation.
    pub automation: AutomationId,
    /// Whom it is done to.
    pub person: Option<PersonId>,
    /// When, or why not.
    pub fate: Fate,
}

/// When a job is done, or why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Waits until this moment, milliseconds since 1970.
    Waits(i64),
    /// Not acted on, and why, with more for people to read.
    Not(EventJobReason, Option<String>),
}

/// Writes them; what is written already stays.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, jobs: &[NewJob], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[
        ("event", Kind::Int),
        ("automation", Kind::Uuid),
        ("person", Kind::Uuid),
        ("state", Kind::Text),
        ("reason", Kind::Text),
        ("detail", Kind::Text),
        ("due", Kind::Int),
        ("settled", Kind::Int),
    ]);
    for job in jobs {
        let (state, reason, detail, due, settled) = match &job.fate {
            Fate::Waits(at) => (EventJobState::Waiting, None, None, Some(*at), None),
            Fate::Not(why, detail) => {
                (EventJobState::NotActedOn, Some(why.as_str()), detail.as_deref(), None, Some(now_ms))
            }
        };
        rows.push([
            job.event.into(),
            job.automation.into(),
            job.person.into(),
            state.as_str().into(),
            reason.into(),
            detail.into(),
            due.into(),
            settled.into(),
        ]);
    }
    tx.execute_rows(
        "INSERT INTO event_jobs (event, automation_id, person_id, state, reason, detail, due_at, settled_at)
         VALUES {rows}(r.event, r.automation, r.person, r.state, r.reason, r.detail, r.due, r.settled)
         ON CONFLICT (event, automation_id) DO NOTHING",
        &[],
        &rows,
    )
    .await
    .map(|_| ())
}

/// How many jobs of an automation wait, and when the first of them is due.
///
/// # Errors
/// The database is not available.
pub async fn count_waiting(tx: &mut Tx, automation: AutomationId) -> Result<(i64, Option<i64>)> {
    let sql = "SELECT count(*), MIN(due_at) FROM event_jobs WHERE automation_id = $1 AND due_at IS NOT NULL";
    match tx.find(sql, params![automation]).await? {
        Some(mut row) => Ok((row.take(0)?, row.take(1)?)),
        None => Ok((0, None)),
    }
}

/// How many jobs wait and when the first of them is due, for each automation of which some do.
///
/// # Errors
/// The database is not available.
pub async fn count_all_waiting(tx: &mut Tx) -> Result<Vec<(AutomationId, i64, i64)>> {
    let sql = "SELECT automation_id, count(*), MIN(due_at) FROM event_jobs WHERE due_at IS NOT NULL GROUP BY automation_id";
    let rows = tx.query(sql, &[]).await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?))).collect()
}

/// How many jobs of an automation are due, at most `limit`.
///
/// # Errors
/// The database is not available.
pub async fn count_due(tx: &mut Tx, automation: AutomationId, now_ms: i64, limit: i64) -> Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT 1 AS one FROM event_jobs WHERE automation_id = $1 AND due_at <= $2 LIMIT $3) AS due";
    tx.find(sql, params![automation, now_ms, limit]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// *waiting* → *executed* for those that are due, the first first, at most `limit`: they belong to a run from now on.
/// With `only` it is the one of this event, due or not.
///
/// # Errors
/// The database is not available.
pub async fn take(
    tx: &mut Tx,
    automation: AutomationId,
    run: RunId,
    only: Option<i64>,
    limit: i64,
    now_ms: i64,
) -> Result<u64> {
    if let Some(event) = only {
        let sql = "UPDATE event_jobs SET state = 'executed', run_id = $2, due_at = NULL, settled_at = $3
             WHERE automation_id = $1 AND event = $4 AND state = 'waiting'";
        return tx.execute(sql, params![automation, run, now_ms, event]).await;
    }
    tx.execute(
        "UPDATE event_jobs SET state = 'executed', run_id = $2, due_at = NULL, settled_at = $3
         WHERE automation_id = $1 AND event IN (SELECT j.event FROM event_jobs j
           WHERE j.automation_id = $1 AND j.due_at <= $3 ORDER BY j.due_at, j.event LIMIT $4)",
        params![automation, run, now_ms, limit],
    )
    .await
}

/// *executed* → *cancelled* for those of a run whose event arrived before its automation was last activated: they were
/// routed at the very moment it was deactivated.
///
/// # Errors
/// The database is not available.
pub async fn cancel_older(tx: &mut Tx, run: RunId, activated_at: i64) -> Result<u64> {
    tx.execute(
        "UPDATE event_jobs SET state = 'cancelled', reason = 'deactivated' WHERE run_id = $1 AND state = 'executed'
           AND EXISTS (SELECT 1 FROM events e WHERE e.number = event_jobs.event AND e.received_at < $2)",
        params![run, activated_at],
    )
    .await
}

/// *executed* → *not acted on* for those of a run whose person is gone, and those whom a selection leaves out: by the
/// person, or by who caused the event.
///
/// # Errors
/// The database is not available.
pub async fn leave_out(tx: &mut Tx, run: RunId, selection: Option<&Audience>, by_causer: bool) -> Result<()> {
    tx.execute(
        "UPDATE event_jobs SET state = 'not_acted_on', reason = 'gone' WHERE run_id = $1 AND state = 'executed'
           AND NOT EXISTS (SELECT 1 FROM people p WHERE p.id = event_jobs.person_id)",
        params![run],
    )
    .await?;
    let Some(selection) = selection else { return Ok(()) };
    let place = selection.values.len() + 1;
    let found = match selection.size_limit {
        None => selection.condition.clone(),
        Some(limit) => {
            format!(
                "p.id IN (SELECT p.id FROM people p WHERE {} ORDER BY p.id LIMIT {limit})",
                selection.condition
            )
        }
    };
    let (whom, reason) = if by_causer {
        (
            "(SELECT e.actor_id FROM events e WHERE e.number = event_jobs.event)",
            EventJobReason::CauserNotInSelection,
        )
    } else {
        ("event_jobs.person_id", EventJobReason::NotInSelection)
    };
    let mut values = selection.values.clone();
    values.push(run.into());
    let sql = format!(
        "UPDATE event_jobs SET state = 'not_acted_on', reason = '{reason}' WHERE run_id = ${place} AND state = 'executed'
           AND NOT EXISTS (SELECT 1 FROM people p WHERE p.id = {whom} AND {found})"
    );
    tx.execute(&sql, &values).await.map(|_| ())
}

/// The people of the jobs of a run, as an audience.
#[must_use]
pub fn audience(run: RunId) -> Audience {
    Audience {
        condition:
            "p.id IN (SELECT j.person_id FROM event_jobs j WHERE j.run_id = $1 AND j.state = 'executed')"
                .into(),
        values: vec![run.into()],
        size_limit: None,
    }
}

/// How many jobs of a run are still to be done, and how many people they reach at most.
///
/// # Errors
/// The database is not available.
pub async fn count_executed(tx: &mut Tx, run: RunId) -> Result<i64> {
    let sql = "SELECT count(*) FROM event_jobs WHERE run_id = $1 AND state = 'executed'";
    tx.find(sql, params![run]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// Moves those of an automation that are due to a later moment.
///
/// # Errors
/// The database is not available.
pub async fn postpone(tx: &mut Tx, automation: AutomationId, until_ms: i64, now_ms: i64) -> Result<u64> {
    let sql = "UPDATE event_jobs SET due_at = $2 WHERE automation_id = $1 AND due_at <= $3";
    tx.execute(sql, params![automation, until_ms, now_ms]).await
}

/// *waiting* → *cancelled*, or *not acted on* for those whose run failed: all of an automation that are due until a moment.
///
/// # Errors
/// The database is not available.
pub async fn cancel(
    tx: &mut Tx,
    automation: AutomationId,
    reason: EventJobReason,
    detail: Option<&str>,
    until_ms: i64,
    now_ms: i64,
) -> Result<u64> {
    let state =
        if reason == EventJobReason::Failed { EventJobState::NotActedOn } else { EventJobState::Cancelled };
    tx.execute(
        "UPDATE event_jobs SET state = $2, reason = $3, detail = $4, due_at = NULL, settled_at = $6
         WHERE automation_id = $1 AND due_at <= $5",
        params![automation, state.as_str(), reason.as_str(), detail, until_ms, now_ms],
    )
    .await
}

/// People whom runs of an automation that began after a moment have written to, or are about to.
///
/// # Errors
/// The database is not available.
pub async fn count_reached(tx: &mut Tx, automation: AutomationId, since_ms: i64) -> Result<i64> {
    tx.find(
        "SELECT CAST(COALESCE(SUM(total - left_out), 0) AS BIGINT) FROM runs WHERE automation_id = $1 AND created_at > $2",
        params![automation, since_ms],
    )
    .await?
    .map_or(Ok(0), |mut row| row.take(0))
}

/// When the latest run of an automation began.
///
/// # Errors
/// The database is not available.
pub async fn last_run_at(tx: &mut Tx, automation: AutomationId) -> Result<Option<i64>> {
    let sql = "SELECT MAX(created_at) FROM runs WHERE automation_id = $1";
    tx.find(sql, params![automation]).await?.map_or(Ok(None), |mut row| row.take(0))
}

/// A job with what it belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct EventJob {
    /// The event's number.
    pub event: i64,
    /// The automation.
    pub automation_id: AutomationId,
    /// Its number; `None`: it was removed.
    pub automation_number: Option<i64>,
    /// Its name.
    pub automation_name: Option<String>,
    /// Whom it is done to.
    pub person_id: Option<PersonId>,
    /// The user name.
    pub username: Option<String>,
    /// Where it stands.
    pub state: EventJobState,
    /// Why nothing is done.
    pub reason: Option<EventJobReason>,
    /// More of it, for people to read.
    pub detail: Option<String>,
    /// Waiting: when.
    pub due_at: Option<i64>,
    /// The run it became part of.
    pub run_id: Option<RunId>,
    /// The run's number.
    pub run_number: Option<i64>,
    /// What became of the person in that run.
    pub recipient_state: Option<RecipientState>,
    /// Why the person was left out there.
    pub recipient_reason: Option<String>,
    /// Its place in the run.
    pub position: Option<u32>,
    /// When it stopped waiting.
    pub settled_at: Option<i64>,
}

const COLUMNS: &str = "j.event, j.automation_id, a.number, a.name, j.person_id, p.username, j.state, j.reason, j.detail, j.due_at, \
    j.run_id, u.number, q.state, q.reason, q.id, j.settled_at FROM event_jobs j \
    LEFT JOIN automations a ON a.id = j.automation_id LEFT JOIN people p ON p.id = j.person_id \
    LEFT JOIN runs u ON u.id = j.run_id \
    LEFT JOIN recipients q ON q.person_id = j.person_id AND q.id BETWEEN u.number * 4294967296 AND u.number * 4294967296 + 4294967295";

fn read(mut row: Row) -> Result<EventJob> {
    let corrupt = || StoreError::Corrupt("a job of an event has an unreadable state".into());
    let state: String = row.take(6)?;
    let reason: Option<String> = row.take(7)?;
    let recipient: Option<String> = row.take(12)?;
    let place: Option<i64> = row.take(14)?;
    Ok(EventJob {
        event: row.take(0)?,
        automation_id: row.take(1)?,
        automation_number: row.take(2)?,
        automation_name: row.take(3)?,
        person_id: row.take(4)?,
        username: row.take(5)?,
        state: EventJobState::parse(&state).ok_or_else(corrupt)?,
        reason: reason.map(|text| EventJobReason::parse(&text).ok_or_else(corrupt)).transpose()?,
        detail: row.take(8)?,
        due_at: row.take(9)?,
        run_id: row.take(10)?,
        run_number: row.take(11)?,
        recipient_state: recipient
            .map(|text| RecipientState::parse(&text).ok_or_else(corrupt))
            .transpose()?,
        recipient_reason: row.take(13)?,
        position: place.map(|id| domain::id::RecipientId(id).position()),
        settled_at: row.take(15)?,
    })
}

/// What an event led to, automation by automation.
///
/// # Errors
/// The database is not available.
pub async fn list_of_event(tx: &mut Tx, event: i64) -> Result<Vec<EventJob>> {
    let sql = format!("SELECT {COLUMNS} WHERE j.event = $1 ORDER BY a.number");
    tx.query(&sql, params![event]).await?.into_iter().map(read).collect()
}

/// The same for some events at once, by event.
///
/// # Errors
/// The database is not available.
pub async fn list_of_events(tx: &mut Tx, events: &[i64]) -> Result<Vec<EventJob>> {
    let mut found = Vec::new();
    for event in events {
        found.extend(list_of_event(tx, *event).await?);
    }
    Ok(found)
}

/// The jobs of an automation that wait, the first due first; after a job already listed.
///
/// # Errors
/// The database is not available.
pub async fn list_waiting(
    tx: &mut Tx,
    automation: AutomationId,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<EventJob>> {
    let (due, event) = after.unwrap_or((i64::MIN, i64::MIN));
    let sql = format!(
        "SELECT {COLUMNS} WHERE j.automation_id = $1 AND j.due_at IS NOT NULL
           AND (j.due_at > $2 OR (j.due_at = $2 AND j.event > $3)) ORDER BY j.due_at, j.event LIMIT $4"
    );
    tx.query(&sql, params![automation, due, event, limit]).await?.into_iter().map(read).collect()
}

/// How the jobs of an automation stand, by state and reason.
///
/// # Errors
/// The database is not available.
pub async fn count_by_state(
    tx: &mut Tx,
    automation: AutomationId,
) -> Result<Vec<(EventJobState, Option<EventJobReason>, i64)>> {
    let rows = tx
        .query(
            "SELECT state, reason, count(*) FROM event_jobs WHERE automation_id = $1 GROUP BY state, reason ORDER BY 3 DESC",
            params![automation],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let corrupt = || StoreError::Corrupt("a job of an event has an unreadable state".into());
            let (state, reason): (String, Option<String>) = (row.take(0)?, row.take(1)?);
            let reason = reason.map(|text| EventJobReason::parse(&text).ok_or_else(corrupt)).transpose()?;
            Ok((EventJobState::parse(&state).ok_or_else(corrupt)?, reason, row.take(2)?))
        })
        .collect()
}
