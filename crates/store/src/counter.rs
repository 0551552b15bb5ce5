//! Numbers that only grow: of runs, leases and automations.

use crate::error::{Result, StoreError};
use crate::{Tx, params};

/// The next number of a counter; whoever asks at the same time waits for this transaction.
///
/// # Errors
/// The database is not available.
pub async fn next(tx: &mut Tx, name: &str) -> Result<i64> {
    tx.find("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value", params![name])
        .await?
        .ok_or_else(|| StoreError::Corrupt(format!("the counter {name} is missing")))?
        .take(0)
}
