//! The counts of a run: changed with its recipients, counted anew when they are wrong, and what it is watched by.

use super::lock;
use crate::error::{Result, StoreError};
use crate::{Tx, params};
use domain::id::{RecipientId, RunId};
use domain::run::Counts;

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
