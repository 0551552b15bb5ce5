//! Leases: a chunk of recipients in the hands of one worker. The id is the fencing number.

use crate::error::Result;
use crate::{Kind, Rows, Tx, counter, params};
use domain::id::{LeaseId, RecipientId, RunId};

/// How long a lease lasts unless it is renewed, in milliseconds (3-safety 4.6).
pub const LASTS_MS: i64 = 30_000;
/// How often it is renewed, in milliseconds.
pub const RENEW_MS: i64 = 10_000;

/// A lease whose worker is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapsed {
    /// The lease.
    pub id: LeaseId,
    /// The run.
    pub run_id: RunId,
    /// Its recipients lie between these.
    pub first: RecipientId,
    /// The last of them.
    pub last: RecipientId,
    /// It lapsed before this moment, milliseconds since 1970.
    pub before: i64,
}

/// Takes a lease on recipients between two ids.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    run: RunId,
    node: &str,
    first: RecipientId,
    last: RecipientId,
    now_ms: i64,
) -> Result<LeaseId> {
    let id = counter::next(tx, "lease").await?;
    tx.execute(
        "INSERT INTO leases (id, run_id, node, first_id, last_id, until_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![id, run, node, first, last, now_ms + LASTS_MS],
    )
    .await?;
    Ok(LeaseId(id))
}

/// Renews those of these leases that have not lapsed; gives which these are.
///
/// # Errors
/// The database is not available.
pub async fn renew(tx: &mut Tx, held: &[LeaseId], now_ms: i64) -> Result<Vec<LeaseId>> {
    let mut rows = Rows::new(&[("lease", Kind::Int)]);
    for lease in held {
        rows.push([(*lease).into()]);
    }
    let renewed = tx
        .update_rows(
            "UPDATE leases SET until_at = $1 FROM {rows} WHERE leases.id = r.lease AND leases.until_at > $2",
            params![now_ms + LASTS_MS, now_ms],
            &rows,
        )
        .await?;
    Ok(renewed.into_iter().filter_map(|place| held.get(place).copied()).collect())
}

/// Gives a lease back.
///
/// # Errors
/// The database is not available.
pub async fn release(tx: &mut Tx, id: LeaseId) -> Result<()> {
    tx.execute("DELETE FROM leases WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Whether some worker holds recipients of a run.
///
/// # Errors
/// The database is not available.
pub async fn is_held(tx: &mut Tx, run: RunId) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM leases WHERE run_id = $1 LIMIT 1", params![run]).await?.is_some())
}

/// Leases that have lapsed, or, with `all`, every lease of other nodes: after a start that found no
/// other worker on this database.
///
/// # Errors
/// The database is not available.
pub async fn list_lapsed(tx: &mut Tx, node: &str, all: bool, now_ms: i64) -> Result<Vec<Lapsed>> {
    let before = if all { i64::MAX } else { now_ms };
    let rows = tx
        .query(
            "SELECT id, run_id, first_id, last_id FROM leases WHERE until_at < $1 AND (node <> $2 OR until_at < $3)
             ORDER BY id LIMIT 100",
            params![before, node, now_ms],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Lapsed {
                id: row.take(0)?,
                run_id: row.take(1)?,
                first: row.take(2)?,
                last: row.take(3)?,
                before,
            })
        })
        .collect()
}

/// Locks a lapsed lease for its rescue; false when somebody else did, or when it was renewed after it was listed.
///
/// # Errors
/// The database is not available.
pub async fn lock(tx: &mut Tx, lapsed: &Lapsed) -> Result<bool> {
    let sql = "SELECT id FROM leases WHERE id = $1 AND until_at < $2 {skip_locked}";
    Ok(tx.find(sql, params![lapsed.id, lapsed.before]).await?.is_some())
}
