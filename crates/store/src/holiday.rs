//! The holiday calendar of the installation.

use crate::acting::Acting;
use crate::error::Result;
use crate::{Tx, audit, params};
use domain::schedule::HolidayInput;

/// All holidays, by day.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<HolidayInput>> {
    let rows = tx.query("SELECT day, name, yearly FROM holidays ORDER BY day", &[]).await?;
    rows.into_iter()
        .map(|mut row| Ok(HolidayInput { date: row.take(0)?, name: row.take(1)?, yearly: row.take(2)? }))
        .collect()
}

/// Adds a holiday, or renames the one of that day.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, acting: &Acting, holiday: &HolidayInput, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO holidays (day, name, yearly) VALUES ($1, $2, $3)
         ON CONFLICT (day) DO UPDATE SET name = excluded.name, yearly = excluded.yearly",
        params![holiday.date.as_str(), holiday.name.as_str(), holiday.yearly],
    )
    .await?;
    let detail = serde_json::json!({ "name": holiday.name, "yearly": holiday.yearly });
    audit::append(tx, acting.entry("holiday.saved", "holiday", &holiday.date, detail, now_ms)).await
}

/// Removes the holiday of a day; says whether there was one.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, acting: &Acting, day: &str, now_ms: i64) -> Result<bool> {
    let removed = tx.execute("DELETE FROM holidays WHERE day = $1", params![day]).await? == 1;
    if removed {
        let entry = acting.entry("holiday.removed", "holiday", day, serde_json::json!({}), now_ms);
        audit::append(tx, entry).await?;
    }
    Ok(removed)
}
