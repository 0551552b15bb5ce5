//! What the overview asks: what is open, what went wrong lately, what an installation has begun with.

use crate::error::Result;
use crate::run::{self, Run};
use crate::{Row, Tx, notice, params, setting};
use domain::id::{AutomationId, RunId};

/// Runs that are not over, the newest first, at most so many.
///
/// # Errors
/// The database is not available.
pub async fn list_open_runs(tx: &mut Tx, most: i64) -> Result<Vec<Run>> {
    let sql =
        "SELECT id FROM runs WHERE state IN ('preparing', 'running', 'paused') ORDER BY number DESC LIMIT $1";
    let mut runs = Vec::new();
    for mut row in tx.query(sql, params![most]).await? {
        runs.push(run::get(tx, row.take::<RunId>(0)?).await?);
    }
    Ok(runs)
}

/// An automation with trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// Its id.
    pub id: AutomationId,
    /// Its name.
    pub name: String,
    /// What went wrong last.
    pub error: String,
    /// When, milliseconds since 1970.
    pub at: i64,
}

/// Automations in which something went wrong since a moment and that began no run after it.
///
/// # Errors
/// The database is not available.
pub async fn list_troubled(tx: &mut Tx, since_ms: i64, most: i64) -> Result<Vec<Troubled>> {
    let rows = tx
        .query(
            "SELECT a.id, a.name, a.last_error, a.last_error_at FROM automations a
             WHERE a.last_error_at >= $1 AND NOT a.archived AND a.last_error IS NOT NULL AND NOT EXISTS
               (SELECT 1 FROM runs r WHERE r.automation_id = a.id AND r.created_at > a.last_error_at)
             ORDER BY a.last_error_at DESC LIMIT $2",
            params![since_ms, most],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Troubled { id: row.take(0)?, name: row.take(1)?, error: row.take(2)?, at: row.take(3)? })
        })
        .collect()
}

/// An automation with jobs that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaiting {
    /// The automation.
    pub id: AutomationId,
    /// Its name.
    pub name: String,
    /// How many wait.
    pub count: i64,
    /// When the first of them is due, milliseconds since 1970.
    pub due_at: i64,
}

/// Automations that events begin with jobs that wait, the first due first.
///
/// # Errors
/// The database is not available.
pub async fn list_awaiting(tx: &mut Tx, most: i64) -> Result<Vec<Awaiting>> {
    let rows = tx
        .query(
            "SELECT a.id, a.name, w.waiting, w.first_due FROM
               (SELECT automation_id, count(*) AS waiting, MIN(due_at) AS first_due FROM event_jobs
                WHERE due_at IS NOT NULL GROUP BY automation_id) AS w JOIN automations a ON a.id = w.automation_id
             ORDER BY w.first_due, a.number LIMIT $1",
            params![most],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Awaiting { id: row.take(0)?, name: row.take(1)?, count: row.take(2)?, due_at: row.take(3)? })
        })
        .collect()
}

/// How many occurrences were missed or skipped since a moment, by automation, most first.
///
/// # Errors
/// The database is not available.
pub async fn count_not_run(
    tx: &mut Tx,
    since_ms: i64,
    most: i64,
) -> Result<Vec<(AutomationId, String, i64)>> {
    let rows = tx
        .query(
            "SELECT a.id, a.name, count(*) FROM occurrences o JOIN automations a ON a.id = o.automation_id
             WHERE o.outcome <> 'run' AND o.recorded_at >= $1 AND (o.outcome = 'missed' OR o.outcome = 'skipped')
               AND NOT a.archived
             GROUP BY a.id, a.name ORDER BY 3 DESC, 2 LIMIT $2",
            params![since_ms, most],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?))).collect()
}

/// What an installation has begun with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// There are people beside the system users.
    pub people: bool,
    /// A selection is published.
    pub selection: bool,
    /// There is an automation.
    pub automation: bool,
    /// A run has begun.
    pub run: bool,
}

impl Begun {
    /// Whether every first step is done.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.people && self.selection && self.automation && self.run
    }
}

/// What an installation has begun with.
///
/// # Errors
/// The database is not available.
pub async fn begun(tx: &mut Tx) -> Result<Begun> {
    let mut there = [false; 4];
    let asked = [
        "SELECT 1 FROM people WHERE role_id IS NULL LIMIT 1",
        "SELECT 1 FROM selections WHERE published AND NOT archived LIMIT 1",
        "SELECT 1 FROM automations LIMIT 1",
        "SELECT 1 FROM runs LIMIT 1",
    ];
    for (place, sql) in asked.into_iter().enumerate() {
        there[place] = tx.find(sql, &[]).await?.is_some();
    }
    let [people, selection, automation, run] = there;
    Ok(Begun { people, selection, automation, run })
}

/// Who stopped all sending, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The name of who did it; `None`: at the command line, or erased.
    pub by: Option<String>,
    /// In their words.
    pub why: String,
    /// When, milliseconds since 1970.
    pub at: Option<i64>,
}

/// Whether all sending is stopped.
///
/// # Errors
/// The database is not available.
pub async fn find_stopped(tx: &mut Tx) -> Result<Option<Stopped>> {
    let Some(value) = setting::find(tx, setting::SENDING_STOPPED).await? else { return Ok(None) };
    let by = value["by"].as_str().and_then(|id| id.parse().ok());
    let by = match by {
        Some(id) => crate::person::find(tx, id).await?.map(|person| person.full_name()),
        None => None,
    };
    let why = value["why"].as_str().unwrap_or_default().to_owned();
    Ok(Some(Stopped { by, why, at: value["at"].as_i64() }))
}

/// How many Owners can sign in and be written to.
///
/// # Errors
/// The database is not available.
pub async fn count_owners(tx: &mut Tx, now_ms: i64) -> Result<usize> {
    Ok(notice::list_owners(tx, now_ms).await?.len())
}

/// How large the log of what was done is: the number of its newest entry.
///
/// # Errors
/// The database is not available.
pub async fn count_audit(tx: &mut Tx) -> Result<i64> {
    let row: Option<Row> = tx.find("SELECT number FROM audit ORDER BY number DESC LIMIT 1", &[]).await?;
    row.map_or(Ok(0), |mut row| row.take(0))
}
