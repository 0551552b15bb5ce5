//! Mailed passwords that will soon be no longer valid: found by the clock, each once.
//!
//! A mailed password counts as expiring when three quarters of its life are over. How far the looks have come is one
//! setting, moved in the transaction that writes the events, so that of two nodes one writes them.

use super::happened::{About, is_heard, write_each};
use crate::error::Result;
use crate::{Tx, params};
use domain::event::BuiltIn;
use domain::id::PersonId;
use serde_json::json;

/// The setting that says up to which moment it was looked.
const LOOKED_UNTIL: &str = "events.expiring_looked_until";
/// How far looks are apart, in milliseconds.
const APART_MS: i64 = 60_000;
/// When a mailed password begins to count as expiring, as its index has it.
const MOMENT: &str = "(c.expires_at - (c.expires_at - c.minted_at) / 4)";

async fn looked_until(tx: &mut Tx) -> Result<Option<i64>> {
    Ok(crate::setting::find(tx, LOOKED_UNTIL).await?.and_then(|value| value.as_i64()))
}

/// Whether it is time for the next look: somebody listens, and the last one is a minute ago.
///
/// # Errors
/// The database is not available.
pub async fn is_look_due(tx: &mut Tx, now_ms: i64) -> Result<bool> {
    if !is_heard(tx, BuiltIn::PasswordExpiring).await? {
        return Ok(false);
    }
    // A mark that lies ahead comes from a clock that was set back: nothing is written twice meanwhile.
    Ok(looked_until(tx).await?.is_none_or(|until| until + APART_MS <= now_ms))
}

/// Writes an event for each mailed password that began to expire since the last look, could still be used and is not
/// over; gives how many. The first look of all finds every one that is expiring.
///
/// # Errors
/// The database is not available.
pub async fn note_expiring(tx: &mut Tx, now_ms: i64) -> Result<usize> {
    let until = looked_until(tx).await?;
    if until.is_some_and(|until| until >= now_ms) || !move_mark(tx, until, now_ms).await? {
        return Ok(0);
    }
    let sql = format!(
        "SELECT DISTINCT c.person_id, c.expires_at FROM credentials c JOIN people p ON p.id = c.person_id
         WHERE {MOMENT} > $1 AND {MOMENT} <= $2 AND c.expires_at > $2
           AND c.state IN ('sending', 'unknown', 'active') AND NOT p.blocked ORDER BY c.person_id, c.expires_at"
    );
    let mut each = Vec::new();
    for mut row in tx.query(&sql, params![until.unwrap_or(0), now_ms]).await? {
        let (person, expires_at): (PersonId, i64) = (row.take(0)?, row.take(1)?);
        let expires_at = jiff::Timestamp::from_millisecond(expires_at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        each.push(About { person, group: None, data: json!({ "expires_at": expires_at.to_string() }) });
    }
    write_each(tx, BuiltIn::PasswordExpiring, None, &each, now_ms).await?;
    Ok(each.len())
}

/// One conditional write decides which of two nodes looks.
async fn move_mark(tx: &mut Tx, from: Option<i64>, now_ms: i64) -> Result<bool> {
    let changed = match from {
        Some(from) => {
            let sql = "UPDATE settings SET value = $3, updated_at = $4 WHERE name = $1 AND value = $2";
            tx.execute(sql, params![LOOKED_UNTIL, from.to_string(), now_ms.to_string(), now_ms]).await?
        }
        None => {
            let sql = "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
            tx.execute(sql, params![LOOKED_UNTIL, now_ms.to_string(), now_ms]).await?
        }
    };
    Ok(changed == 1)
}
