//! At most one mail with a credential that an event led to, for each person in a while (requirement E8).

use crate::error::Result;
use crate::{Tx, params};
use domain::id::{PersonId, RecipientId};

/// Of the planned recipients of a run leaves out everybody whom another event led to a mail after `since`, unless that
/// mail was refused or never left. The row of each person is where two nodes meet: the second one waits, and then
/// sees what the first one did.
///
/// # Errors
/// The database is not available.
pub async fn keep_apart(tx: &mut Tx, run_number: i64, since: i64, now_ms: i64) -> Result<u64> {
    let (first, last) = RecipientId::bounds(run_number);
    tx.execute(
        "INSERT INTO automated_mails (person_id, recipient_id, at)
         SELECT q.person_id, q.id, CAST($3 AS BIGINT) FROM recipients q
         WHERE q.id BETWEEN $1 AND $2 AND q.state = 'planned' ORDER BY q.person_id
         ON CONFLICT (person_id) DO UPDATE SET recipient_id = excluded.recipient_id, at = excluded.at
           WHERE automated_mails.at <= CAST($4 AS BIGINT) OR EXISTS (SELECT 1 FROM recipients o
             WHERE o.id = automated_mails.recipient_id AND o.state IN ('refused', 'left_out', 'cancelled'))",
        params![first, last, now_ms, since],
    )
    .await?;
    tx.execute(
        "UPDATE recipients SET state = 'left_out', reason = 'recently_mailed', settled_at = $3
         WHERE id BETWEEN $1 AND $2 AND state = 'planned' AND NOT EXISTS (SELECT 1 FROM automated_mails a
           WHERE a.person_id = recipients.person_id AND a.recipient_id = recipients.id)",
        params![first, last, now_ms],
    )
    .await
}

/// Lets the next event lead to a mail for somebody, whenever the last one was.
///
/// # Errors
/// The database is not available.
pub async fn forget_mailed(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.execute("DELETE FROM automated_mails WHERE person_id = $1", params![person]).await.map(|_| ())
}
