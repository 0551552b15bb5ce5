//! Settling without an answer of a relay: left out at the last moment, cancelled, found to have arrived; and back to another try.

use super::{Chunk, TRIES};
use crate::error::Result;
use crate::{Kind, Rows, Tx, params};
use domain::id::RecipientId;
use domain::recipient::Reason;
use std::collections::HashSet;

/// *planned* or *deferred* → *left_out*, each with its reason.
///
/// # Errors
/// The database is not available.
pub async fn leave_out(tx: &mut Tx, left_out: &[(RecipientId, Reason)], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[("recipient", Kind::Int), ("why", Kind::Text)]);
    for (id, reason) in left_out {
        rows.push([(*id).into(), reason.as_str().into()]);
    }
    tx.execute_rows(
        "UPDATE recipients SET state = 'left_out', reason = r.why, due_at = NULL, settled_at = $1
         FROM {rows} WHERE recipients.id = r.recipient",
        params![now_ms],
        &rows,
    )
    .await?;
    Ok(())
}

/// How many recipients a cancellation settled, by what they were before and became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CancelledOpen {
    /// *planned* → *cancelled*.
    pub planned: i64,
    /// *deferred* → *cancelled*.
    pub deferred: i64,
    /// *deferred* → *unknown*: an answer was lost before, so their mail may have arrived.
    pub unknown: i64,
}

/// Settles whoever of a run waits for a turn: *planned* or *deferred* → *cancelled*, or *unknown* where an
/// earlier mail of this run may have arrived.
///
/// # Errors
/// The database is not available.
pub async fn cancel_open(tx: &mut Tx, run_number: i64, now_ms: i64) -> Result<CancelledOpen> {
    const MAY_HAVE_ARRIVED: &str = "AND (EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = recipients.person_id \
        AND c.recipient_id = recipients.id AND c.state IN ('unknown', 'active', 'used')) \
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.recipient_id = recipients.id AND d.outcome = 'unknown'))";
    let (first, last) = RecipientId::bounds(run_number);
    let mut changed = [0; 3];
    let moves = [
        ("deferred", "unknown", MAY_HAVE_ARRIVED),
        ("deferred", "cancelled", ""),
        ("planned", "cancelled", ""),
    ];
    for (place, (from, to, only)) in moves.into_iter().enumerate() {
        let sql = format!(
            "UPDATE recipients SET state = $4, due_at = NULL, settled_at = $5
             WHERE id BETWEEN $1 AND $2 AND state = $3 {only}"
        );
        let count = tx.execute(&sql, params![first, last, from, to, now_ms]).await?;
        changed[place] = i64::try_from(count).unwrap_or(i64::MAX);
    }
    let [unknown, deferred, planned] = changed;
    Ok(CancelledOpen { planned, deferred, unknown })
}

/// *deferred* → *accepted* for those of a chunk whose lost answer has been found: the person has used the
/// mail and chosen a password since. Another mail would take that password away again. They leave the
/// chunk; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn accept_arrived(tx: &mut Tx, chunk: &mut Chunk, now_ms: i64) -> Result<i64> {
    let mut rows = Rows::new(&[("recipient", Kind::Int), ("person", Kind::Uuid)]);
    for one in chunk.claimed.iter().filter(|one| one.attempt > 1) {
        rows.push([one.id.into(), one.person_id.into()]);
    }
    let arrived = tx
        .query_rows(
            "UPDATE recipients SET state = 'accepted', reason = NULL, due_at = NULL, settled_at = $1
             FROM {rows} WHERE recipients.id = r.recipient AND (EXISTS
               (SELECT 1 FROM credentials c JOIN people p ON p.id = c.person_id
                WHERE c.person_id = r.person AND c.recipient_id = r.recipient AND c.state = 'used'
                  AND p.password_hash IS NOT NULL)
               OR EXISTS (SELECT 1 FROM reset_links l WHERE l.person_id = r.person AND l.recipient_id = r.recipient
                 AND l.state = 'used'))
             RETURNING id",
            params![now_ms],
            &rows,
        )
        .await?;
    let arrived = arrived.into_iter().map(|mut row| row.take(0)).collect::<Result<HashSet<RecipientId>>>()?;
    chunk.claimed.retain(|one| !arrived.contains(&one.id));
    Ok(i64::try_from(arrived.len()).unwrap_or(i64::MAX))
}

/// *refused*, *unknown* or *bounced* → *deferred*, due at once, with all tries; of one recipient or
/// of a whole run. Gives how many came from *refused*, *unknown* and *bounced*.
///
/// # Errors
/// The database is not available.
pub async fn retry(tx: &mut Tx, first: RecipientId, last: RecipientId, now_ms: i64) -> Result<[i64; 3]> {
    let mut changed = [0; 3];
    for (place, state) in ["refused", "unknown", "bounced"].into_iter().enumerate() {
        let count = tx
            .execute(
                "UPDATE recipients SET state = 'deferred', due_at = $4, tries_left = $5, settled_at = NULL
                 WHERE id BETWEEN $1 AND $2 AND state = $3",
                params![first, last, state, now_ms, TRIES],
            )
            .await?;
        changed[place] = i64::try_from(count).unwrap_or(i64::MAX);
    }
    Ok(changed)
}
