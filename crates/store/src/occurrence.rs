//! Occurrences: each planned time of an automation, dealt with once and for all.

use crate::error::Result;
use crate::{Tx, params};
use domain::id::{AutomationId, RunId};
use serde::Serialize;

/// How an occurrence was dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dealt {
    /// It began a run.
    Run,
    /// It was too late, or a later one was due as well.
    Missed,
    /// The run before was not over.
    Skipped,
    /// A run could not begin.
    Failed,
}

impl Dealt {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Missed => "missed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// An occurrence and how it was dealt with.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Whose.
    pub automation: AutomationId,
    /// Its stable key.
    pub key: &'a str,
    /// When it was planned, milliseconds since 1970.
    pub planned_at: i64,
    /// How it was dealt with.
    pub dealt: Dealt,
    /// Why, for people to read.
    pub detail: &'a str,
    /// The run it began.
    pub run: Option<RunId>,
}

/// Records how an occurrence was dealt with; false when somebody else has done so already.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, record: &Record<'_>, now_ms: i64) -> Result<bool> {
    let inserted = tx
        .execute(
            "INSERT INTO occurrences (automation_id, occurrence, planned_at, outcome, detail, run_id, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (automation_id, occurrence) DO NOTHING",
            params![
                record.automation,
                record.key,
                record.planned_at,
                record.dealt.as_str(),
                record.detail,
                record.run,
                now_ms
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// An occurrence as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its planned wall time.
    pub occurrence: String,
    /// When it was planned, milliseconds since 1970.
    pub planned_at: i64,
    /// `run`, `missed`, `skipped` or `failed`.
    pub outcome: String,
    /// Why, for people to read.
    pub detail: String,
    /// The run it began.
    pub run_id: Option<RunId>,
}

/// The latest occurrences of an automation, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, automation: AutomationId, limit: i64) -> Result<Vec<Listed>> {
    let rows = tx
        .query(
            "SELECT occurrence, planned_at, outcome, detail, run_id FROM occurrences
             WHERE automation_id = $1 ORDER BY planned_at DESC LIMIT $2",
            params![automation, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Listed {
                occurrence: row.take(0)?,
                planned_at: row.take(1)?,
                outcome: row.take(2)?,
                detail: row.take(3)?,
                run_id: row.take(4)?,
            })
        })
        .collect()
}
