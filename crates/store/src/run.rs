//! Runs: one row each, with the counts of its recipients kept beside its state.

use crate::error::{Result, StoreError};
use crate::{Row, Tx, counter, params};
use domain::automation::Job;
use domain::id::{AutomationId, PersonId, RecipientId, RunId, SelectionId};
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
     created_at, started_at, finished_at, approved_by";

fn read(mut row: Row) -> Result<Run> {
    let trigger: String = row.take(2)?;
    let job: String = row.take(6)?;
    let shaped_by: String = row.take(10)?;
    let state: String = row.take(11)?;
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
    })
}

/// What a new run is made of.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// Why it starts.
    pub trigger: Trigger,
    /// The automation it belongs to.
    pub automation_id: Option<AutomationId>,
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
            watch_accepted, watch_refused, refused_in_a_row, created_at, templates)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'preparing', $12, $12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $13,
            $14)",
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
            templates
        ],
    )
    .await?;
    Ok(number)
}

/// *preparing* → *running* (or *finished*, when there is nobody to write to).
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

/// Ids of the runs that workers may have something to do for, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_running(tx: &mut Tx) -> Result<Vec<RunId>> {
    let rows = tx.query("SELECT id FROM runs WHERE state = 'running' ORDER BY number", &[]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
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

/// Counts the recipients of a run anew. The counts are kept beside the state so that progress costs nothing to
/// read; the recipients are the truth. Says whether the counts were wrong.
///
/// # Errors
/// There is no such run.
pub async fn recount(tx: &mut Tx, id: RunId) -> Result<bool> {
    let before = lock(tx, id).await?;
    let (first, last) = RecipientId::bounds(before.number);
    let mut found = Counts { total: before.counts.total, ..Counts::default() };
    let sql = "SELECT state, count(*) FROM recipients WHERE id BETWEEN $1 AND $2 GROUP BY state";
    for mut row in tx.query(sql, params![first, last]).await? {
        let state: String = row.take(0)?;
        let people: i64 = row.take(1)?;
        match state.as_str() {
            "left_out" => found.left_out = people,
            // A bounce is counted among the accepted: the relay did take the mail.
            "accepted" | "bounced" => found.accepted += people,
            "deferred" => found.deferred = people,
            "refused" => found.refused = people,
            "unknown" => found.unknown = people,
            "cancelled" => found.cancelled = people,
            _ => {}
        }
    }
    if found == before.counts {
        return Ok(false);
    }
    tx.execute(
        "UPDATE runs SET left_out = $2, accepted = $3, deferred = $4, refused = $5, unknown = $6, cancelled = $7
         WHERE id = $1",
        params![id, found.left_out, found.accepted, found.deferred, found.refused, found.unknown, found.cancelled],
    )
    .await?;
    Ok(true)
}

/// By how much the counts of a run change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Left out at the last moment.
    pub left_out: i64,
    /// Taken by the relay.
    pub accepted: i64,
    /// To be tried again.
    pub deferred: i64,
    /// Refused for good.
    pub refused: i64,
    /// Answer lost, for good.
    pub unknown: i64,
    /// Not written to because the run was cancelled.
    pub cancelled: i64,
    /// Refusals since the last acceptance, in the order of the answers; `None`: no answer among them.
    pub refused_in_a_row: Option<(i64, bool)>,
}

/// Applies a change to the counts.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, id: RunId, change: Change) -> Result<()> {
    let (in_a_row, from_zero) = change.refused_in_a_row.unwrap_or((0, false));
    tx.execute(
        "UPDATE runs SET left_out = left_out + $2, accepted = accepted + $3, deferred = deferred + $4,
            refused = refused + $5, unknown = unknown + $6, cancelled = cancelled + $7,
            refused_in_a_row = CASE WHEN $9 THEN $8 ELSE refused_in_a_row + $8 END
         WHERE id = $1",
        params![
            id,
            change.left_out,
            change.accepted,
            change.deferred,
            change.refused,
            change.unknown,
            change.cancelled,
            in_a_row,
            from_zero
        ],
    )
    .await?;
    Ok(())
}

/// What a run is watched by: refusals in a row, and refused and accepted since it began or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Refused one after the other.
    pub refused_in_a_row: i64,
    /// Refused since the run began or was resumed.
    pub refused: i64,
    /// Accepted since then.
    pub accepted: i64,
}

/// Reads what a run is watched by.
///
/// # Errors
/// There is no such run.
pub async fn watch(tx: &mut Tx, id: RunId) -> Result<Watch> {
    let mut row = tx
        .find(
            "SELECT refused_in_a_row, refused - watch_refused, accepted - watch_accepted FROM runs WHERE id = $1",
            params![id],
        )
        .await?
        .ok_or_else(|| StoreError::NotFound("the run".into()))?;
    Ok(Watch { refused_in_a_row: row.take(0)?, refused: row.take(1)?, accepted: row.take(2)? })
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
