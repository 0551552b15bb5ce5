//! The processes that work on this database, and when each last said that it lives.

use crate::error::Result;
use crate::{Tx, params};
use serde::Serialize;

/// One process.
#[derive(Debug, Clone, Serialize)]
pub struct Node {
    /// New with each start.
    pub id: String,
    /// What it does: `web`, `worker`, `scheduler`, separated by commas.
    pub roles: String,
    /// Where it listens; empty when it does not.
    pub listen: String,
    /// Started, milliseconds since 1970.
    pub started_at: i64,
    /// Last heard of, milliseconds since 1970.
    pub seen_at: i64,
}

/// Says that a process lives.
///
/// # Errors
/// The database is not available.
pub async fn save(tx: &mut Tx, node: &Node) -> Result<()> {
    tx.execute(
        "INSERT INTO nodes (id, roles, listen, started_at, seen_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        params![node.id.as_str(), node.roles.as_str(), node.listen.as_str(), node.started_at, node.seen_at],
    )
    .await?;
    // Rows of processes that have long been gone say nothing any more.
    tx.execute("DELETE FROM nodes WHERE seen_at < $1", params![node.seen_at - 24 * 3_600_000]).await?;
    Ok(())
}

/// A process says farewell.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM nodes WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Processes heard of since a moment, the newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, since_ms: i64) -> Result<Vec<Node>> {
    let rows = tx
        .query(
            "SELECT id, roles, listen, started_at, seen_at FROM nodes WHERE seen_at >= $1 ORDER BY started_at DESC",
            params![since_ms],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Node {
                id: row.take(0)?,
                roles: row.take(1)?,
                listen: row.take(2)?,
                started_at: row.take(3)?,
                seen_at: row.take(4)?,
            })
        })
        .collect()
}
