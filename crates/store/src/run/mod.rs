//! Runs: one row each, with the counts of its recipients kept beside its state.

mod counts;
mod transition;

pub use counts::{Change, Watch, count, recount, watch};
pub use transition::{
    NewRun, advance, approve, begin, cancel, finish, insert, keep_pace, note, pause, reopen, resume,
};

use crate::error::{Result, StoreError};
use crate::{Row, Tx, params};
use domain::automation::Job;
use domain::id::{AutomationId, MailingId, PersonId, RecipientId, RunId, SelectionId};
use domain::pace::Standing;
use domain::run::{Counts, RunState};
use domain::trigger::Trigger;
use serde::Serialize;

/// A run as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its number, as people call it.
    pub number: i64,
    /// Why it started.
    pub trigger: Trigger,
    /// The automation it belongs to.
    pub automation_id: Option<AutomationId>,
    /// The mailing it belongs to.
    pub mailing_id: Option<MailingId>,
    /// The selection that gave its audience.
    pub selection_id: Option<SelectionId>,
    /// The automation's name at the start.
    pub name: String,
    /// The job as it was at the start.
    pub job: Job,
    /// The filter as it was evaluated.
    pub filter: String,
    /// The operator who started it by hand.
    pub started_by: Option<PersonId>,
    /// Whose rights count.
    pub owner_id: PersonId,
    /// Everyone whose lowest rank is the run's rank, the owner among them.
    pub shaped_by: Vec<PersonId>,
    /// Who approved it, when it needed that; must still be allowed to.
    pub approved_by: Option<PersonId>,
    /// Where it stands.
    pub state: RunState,
    /// Why it paused, failed or was cancelled; or what it waits for.
    pub cause: Option<String>,
    /// Recipients up to here have been claimed once.
    #[serde(skip)]
    pub cursor: RecipientId,
    /// The last recipient.
    #[serde(skip)]
    pub last: RecipientId,
    /// What it remembers of its pace.
    #[serde(skip)]
    pub pace: Standing,
    /// Who stands where.
    pub counts: Counts,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// When the first recipient was claimed.
    pub started_at: Option<i64>,
    /// When nothing was left to do.
    pub finished_at: Option<i64>,
}

const COLUMNS: &str = "id, number, trigger, automation_id, selection_id, name, job, filter, started_by, owner_id, \
     shaped_by, state, cause, cursor_id, last_id, total, left_out, accepted, deferred, refused, unknown, cancelled, \
     created_at, started_at, finished_at, approved_by, mailing_id, pace";

fn read(mut row: Row) -> Result<Run> {
    let trigger: String = row.take(2)?;
    let job: String = row.take(6)?;
    let shaped_by: String = row.take(10)?;
    let state: String = row.take(11)?;
    let pace: Option<String> = row.take(27)?;
    let corrupt = |what: &str| StoreError::Corrupt(format!("a run has an unreadable {what}"));
    Ok(Run {
        id: row.take(0)?,
        number: row.take(1)?,
        trigger: Trigger::parse(&trigger).ok_or_else(|| corrupt("trigger"))?,
        automation_id: row.take(3)?,
        selection_id: row.take(4)?,
        name: row.take(5)?,
        job: serde_json::from_str(&job).map_err(|_| corrupt("job"))?,
        filter: row.take(7)?,
        started_by: row.take(8)?,
        owner_id: row.take(9)?,
        shaped_by: serde_json::from_str(&shaped_by).map_err(|_| corrupt("list of editors"))?,
        state: RunState::parse(&state).ok_or_else(|| corrupt("state"))?,
        cause: row.take(12)?,
        cursor: row.take(13)?,
        last: row.take(14)?,
        counts: Counts {
            total: row.take(15)?,
            left_out: row.take(16)?,
            accepted: row.take(17)?,
            deferred: row.take(18)?,
            refused: row.take(19)?,
            unknown: row.take(20)?,
            cancelled: row.take(21)?,
        },
        created_at: row.take(22)?,
        started_at: row.take(23)?,
        finished_at: row.take(24)?,
        approved_by: row.take(25)?,
        mailing_id: row.take(26)?,
        pace: pace.map_or(Ok(Standing::default()), |text| {
            serde_json::from_str(&text).map_err(|_| corrupt("pace"))
        })?,
    })
}

/// The run with this id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: RunId) -> Result<Run> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = $1");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the run".into())), read)
}

/// The run with this number.
///
/// # Errors
/// The database is not available.
pub async fn find_by_number(tx: &mut Tx, number: i64) -> Result<Option<Run>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE number = $1");
    tx.find(&sql, params![number]).await?.map(read).transpose()
}

/// The run with this id, locked until the transaction ends.
///
/// # Errors
/// There is none.
pub async fn lock(tx: &mut Tx, id: RunId) -> Result<Run> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = $1 {{for_update}}");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the run".into())), read)
}

/// Runs with a smaller number, newest first; of one automation, or of all.
///
/// # Errors
/// The database is not available.
pub async fn list(
    tx: &mut Tx,
    automation: Option<AutomationId>,
    before: i64,
    limit: i64,
) -> Result<Vec<Run>> {
    let rows = match automation {
        Some(id) => {
            let sql = format!(
                "SELECT {COLUMNS} FROM runs WHERE automation_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
            );
            tx.query(&sql, params![id, before, limit]).await?
        }
        None => {
            let sql = format!("SELECT {COLUMNS} FROM runs WHERE number < $1 ORDER BY number DESC LIMIT $2");
            tx.query(&sql, params![before, limit]).await?
        }
    };
    rows.into_iter().map(read).collect()
}

/// The runs of a mailing, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_of_mailing(tx: &mut Tx, mailing: MailingId) -> Result<Vec<Run>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE mailing_id = $1 ORDER BY number");
    tx.query(&sql, params![mailing]).await?.into_iter().map(read).collect()
}

/// Which runs: those that pass all that is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state.
    pub state: Option<RunState>,
    /// Of this automation.
    pub automation: Option<AutomationId>,
}

/// Runs with a smaller number, newest first.
///
/// # Errors
/// The database is not available.
pub async fn search(tx: &mut Tx, wanted: Wanted, before: i64, limit: i64) -> Result<Vec<Run>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE number < $1 {} ORDER BY number DESC LIMIT $2",
        conditions(wanted)
    );
    find_all(tx, &sql, wanted, before, limit).await
}

/// The runs that follow a number, newest first.
///
/// # Errors
/// The database is not available.
pub async fn search_after(tx: &mut Tx, wanted: Wanted, after: i64, limit: i64) -> Result<Vec<Run>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE number > $1 {} ORDER BY number LIMIT $2",
        conditions(wanted)
    );
    let mut runs = find_all(tx, &sql, wanted, after, limit).await?;
    runs.reverse();
    Ok(runs)
}

fn conditions(wanted: Wanted) -> &'static str {
    match (wanted.state, wanted.automation) {
        (None, None) => "",
        (Some(_), None) => "AND state = $3",
        (None, Some(_)) => "AND automation_id = $3",
        (Some(_), Some(_)) => "AND state = $3 AND automation_id = $4",
    }
}

async fn find_all(tx: &mut Tx, sql: &str, wanted: Wanted, number: i64, limit: i64) -> Result<Vec<Run>> {
    let mut values: Vec<crate::Value> = vec![number.into(), limit.into()];
    values.extend(wanted.state.map(|state| state.as_str().into()));
    values.extend(wanted.automation.map(Into::into));
    tx.query(sql, &values).await?.into_iter().map(read).collect()
}

/// Ids of the runs that workers may have something to do for, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_running(tx: &mut Tx) -> Result<Vec<RunId>> {
    let rows = tx.query("SELECT id FROM runs WHERE state = 'running' ORDER BY number", &[]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many people of the automation's running runs nobody has tried to mail yet; some may be in hand.
///
/// # Errors
/// The database is not available.
pub async fn count_untried(tx: &mut Tx, automation: AutomationId) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(total - left_out - accepted - deferred - refused - unknown - cancelled), 0) AS BIGINT)
        FROM runs WHERE automation_id = $1 AND state IN ('preparing', 'running')";
    tx.find(sql, params![automation]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// Whether a run of the automation has not ended.
///
/// # Errors
/// The database is not available.
pub async fn has_open(tx: &mut Tx, automation: AutomationId) -> Result<bool> {
    let found = tx
        .find(
            "SELECT 1 FROM runs WHERE automation_id = $1 AND state IN ('preparing', 'running', 'paused') LIMIT 1",
            params![automation],
        )
        .await?;
    Ok(found.is_some())
}

/// Runs of the same automation, other than this one, that have not ended.
///
/// # Errors
/// The database is not available.
pub async fn count_open_beside(tx: &mut Tx, id: RunId) -> Result<i64> {
    tx.find(
        "SELECT count(*) FROM runs r JOIN runs own ON own.automation_id = r.automation_id
         WHERE own.id = $1 AND r.id <> $1 AND r.state IN ('preparing', 'running', 'paused')",
        params![id],
    )
    .await?
    .map_or(Ok(0), |mut row| row.take(0))
}

/// Runs that somebody started by hand and that have not ended.
///
/// # Errors
/// The database is not available.
pub async fn count_open_started_by(tx: &mut Tx, person: PersonId) -> Result<i64> {
    let sql =
        "SELECT count(*) FROM runs WHERE started_by = $1 AND state IN ('preparing', 'running', 'paused')";
    tx.find(sql, params![person]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// How many mails were accepted in runs created since then.
///
/// # Errors
/// The database is not available.
pub async fn accepted_since(tx: &mut Tx, since_ms: i64) -> Result<i64> {
    tx.find(
        "SELECT CAST(COALESCE(SUM(total - left_out - refused - cancelled), 0) AS BIGINT) FROM runs WHERE created_at >= $1",
        params![since_ms],
    )
    .await?
    .map_or(Ok(0), |mut row| row.take(0))
}

/// Whether a mailing runs or was over after a moment: one look into an index that holds mailings only.
///
/// # Errors
/// The database is not available.
pub async fn is_mailing_recent(tx: &mut Tx, since_ms: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM runs WHERE trigger = 'start_time'
                 AND (state IN ('preparing', 'running', 'paused') OR finished_at >= $1) LIMIT 1";
    Ok(tx.find(sql, params![since_ms]).await?.is_some())
}
