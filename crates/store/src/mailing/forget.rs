//! Retention: some days after the end of a mailing nobody can tell any more who was in it; its counts stay.

use super::{Mailing, family, funnel, json, lock, note};
use crate::acting::Acting;
use crate::error::Result;
use crate::{Tx, params};
use domain::id::{MailingId, PersonId};
use serde_json::json;
use uuid::Uuid;

/// Mailings whose people are to be forgotten now: so many days after the end of the last run of the family.
///
/// # Errors
/// The database is not available.
pub async fn list_to_forget(tx: &mut Tx, now_ms: i64) -> Result<Vec<MailingId>> {
    let sql = "SELECT m.id FROM mailings m WHERE m.keep_days IS NOT NULL AND m.forgotten_at IS NULL
           AND m.reminder_of IS NULL AND m.state = 'started' AND m.next_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM runs r
             WHERE (r.mailing_id = m.id OR r.mailing_id IN (SELECT c.id FROM mailings c WHERE c.reminder_of = m.id))
               AND (r.finished_at IS NULL OR r.finished_at > $1 - m.keep_days * CAST(86400000 AS BIGINT)))
         ORDER BY m.number LIMIT 20";
    tx.query(sql, params![now_ms]).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// Forgets who was in a mailing and its reminders, who did what, and what relays said; the counts are kept.
///
/// # Errors
/// The database is not available.
pub async fn forget(tx: &mut Tx, id: MailingId, now_ms: i64) -> Result<()> {
    // Locked, so that a second node does not count what the first one has emptied.
    let mailing: Mailing = lock(tx, id).await?;
    if mailing.forgotten_at.is_some() {
        return Ok(());
    }
    let kept = json(&funnel(tx, id).await?)?;
    let nobody = PersonId(Uuid::nil());
    for (first, last) in family(tx, id).await?.all() {
        tx.execute("DELETE FROM deliveries WHERE recipient_id BETWEEN $1 AND $2", params![first, last])
            .await?;
        tx.execute(
            "UPDATE recipients SET person_id = $3 WHERE id BETWEEN $1 AND $2",
            params![first, last, nobody],
        )
        .await?;
    }
    for sql in [
        "DELETE FROM mailing_events WHERE mailing_id = $1",
        "DELETE FROM mailing_people WHERE mailing_id = $1 OR mailing_id IN (SELECT id FROM mailings WHERE reminder_of = $1)",
    ] {
        tx.execute(sql, params![id]).await?;
    }
    tx.execute("UPDATE mailings SET forgotten_at = $2, kept = $3 WHERE id = $1", params![id, now_ms, kept])
        .await?;
    let detail = json!({ "number": mailing.number });
    note(tx, &Acting::system(), "mailing.forgotten", id, detail, now_ms).await
}
