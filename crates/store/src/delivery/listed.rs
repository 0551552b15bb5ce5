//! What is shown of deliveries: the attempts for a recipient, and the failures of a run by cause.

use crate::error::{Result, StoreError};
use crate::{Tx, Value, params};
use domain::delivery::Outcome;
use domain::id::RecipientId;
use serde::Serialize;

/// An attempt as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Which attempt, from 1.
    pub attempt: i64,
    /// Which relay.
    pub relay: String,
    /// The Message-ID.
    pub message_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The SMTP reply code.
    pub code: Option<i64>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// The relay's words, redacted.
    pub reply: Option<String>,
    /// When it was recorded, milliseconds since 1970.
    pub recorded_at: i64,
}

/// All attempts for a recipient, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, recipient: RecipientId) -> Result<Vec<Listed>> {
    let rows = tx
        .query(
            "SELECT attempt, relay, message_id, outcome, code, enhanced, reply, recorded_at
             FROM deliveries WHERE recipient_id = $1 ORDER BY attempt",
            params![recipient],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let outcome: String = row.take(3)?;
            Ok(Listed {
                attempt: row.take(0)?,
                relay: row.take(1)?,
                message_id: row.take(2)?,
                outcome: Outcome::parse(&outcome)
                    .ok_or_else(|| StoreError::Corrupt("a delivery has an unreadable outcome".into()))?,
                code: row.take(4)?,
                enhanced: row.take(5)?,
                reply: row.take(6)?,
                recorded_at: row.take(7)?,
            })
        })
        .collect()
}

/// Failures of a run by cause: reply code and words, most frequent first.
///
/// # Errors
/// The database is not available.
pub async fn failures(tx: &mut Tx, run_number: i64, limit: i64) -> Result<Vec<(String, i64)>> {
    let (first, last) = RecipientId::bounds(run_number);
    let values: &[Value] = params![first, last, limit];
    let rows = tx
        .query(
            "SELECT COALESCE(d.reply, ''), count(*) AS people FROM deliveries d
             JOIN recipients q ON q.id = d.recipient_id AND q.attempts = d.attempt
             WHERE q.id BETWEEN $1 AND $2 AND q.state IN ('refused', 'unknown', 'deferred', 'bounced')
             GROUP BY COALESCE(d.reply, '') ORDER BY people DESC, 1 LIMIT $3",
            values,
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}
