//! Deliveries by hour: what a chart of weeks reads instead of a row for each message.
//!
//! Counted once, when an answer settles a recipient; what an operator tries again later is counted in that later hour.

use crate::error::Result;
use crate::{Tx, params};

const HOUR_MS: i64 = 3_600_000;

/// What became of messages within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryHour {
    /// When the hour began, milliseconds since 1970.
    pub at: i64,
    /// Taken by the relay.
    pub accepted: i64,
    /// Refused for good, or the answer lost for good.
    pub failed: i64,
}

/// Adds the answers of a batch. Its run's row is locked already, so that nobody waits here.
///
/// # Errors
/// The database is not available.
pub(crate) async fn count(
    tx: &mut Tx,
    run_number: i64,
    accepted: i64,
    failed: i64,
    now_ms: i64,
) -> Result<()> {
    if accepted == 0 && failed == 0 {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO delivery_hours (hour_at, run_number, accepted, failed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hour_at, run_number) DO UPDATE SET accepted = delivery_hours.accepted + excluded.accepted,
            failed = delivery_hours.failed + excluded.failed",
        params![now_ms - now_ms.rem_euclid(HOUR_MS), run_number, accepted, failed],
    )
    .await?;
    Ok(())
}

/// The hours since a moment in which there was an answer, oldest first, over all runs.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, since_ms: i64) -> Result<Vec<DeliveryHour>> {
    let rows = tx
        .query(
            "SELECT hour_at, CAST(SUM(accepted) AS BIGINT), CAST(SUM(failed) AS BIGINT) FROM delivery_hours
             WHERE hour_at >= $1 GROUP BY hour_at ORDER BY hour_at",
            params![since_ms],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok(DeliveryHour { at: row.take(0)?, accepted: row.take(1)?, failed: row.take(2)? }))
        .collect()
}
