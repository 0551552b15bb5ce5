//! Facts of the installation that operators change while it runs, such as the kill switch.

use crate::error::{Result, StoreError};
use crate::{Tx, params};

/// The setting that stops all sending at once: its value says who stopped it and why.
pub const SENDING_STOPPED: &str = "sending.stopped";

/// The value of a setting, when it is set.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<serde_json::Value>> {
    let Some(mut row) = tx.find("SELECT value FROM settings WHERE name = $1", params![name]).await? else {
        return Ok(None);
    };
    let text: String = row.take(0)?;
    let value = serde_json::from_str(&text)
        .map_err(|error| StoreError::Corrupt(format!("the setting {name}: {error}")))?;
    Ok(Some(value))
}

/// Sets a setting.
///
/// # Errors
/// The database is not available.
pub async fn update(tx: &mut Tx, name: &str, value: &serde_json::Value, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        params![name, value.to_string(), now_ms],
    )
    .await?;
    Ok(())
}

/// Takes a setting away.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<()> {
    tx.execute("DELETE FROM settings WHERE name = $1", params![name]).await?;
    Ok(())
}
