//! Requests that a program may repeat: one effect and one answer for each Idempotency-Key.
//!
//! A request is claimed before it is carried out. Whoever carries it out writes through a store with a
//! [`Mark`]: the mark is committed together with the effect, under a fencing number. So a request that died
//! on its way is either without effect, and carried out by whoever repeats it, or known to have had its
//! effect, and never carried out again.

use crate::{Result, StoreError, Tx, params};

/// How long requests are remembered, in milliseconds: 72 hours.
pub const REMEMBERED_MS: i64 = 72 * 3_600_000;

/// The right to carry a request out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Which request.
    pub key_hash: Vec<u8>,
    /// The fencing number.
    pub fence: i64,
    /// The time, milliseconds since 1970.
    pub now_ms: i64,
}

impl Mark {
    /// Commits the mark with the transaction.
    ///
    /// # Errors
    /// Somebody else has taken the request over; nothing of this transaction may stay.
    pub(crate) async fn set(&self, tx: &mut Tx) -> Result<()> {
        let changed = tx
            .execute(
                "UPDATE repeatable_requests SET effect_at = COALESCE(effect_at, $3)
                 WHERE key_hash = $1 AND fence = $2 AND status IS NULL",
                params![self.key_hash.as_slice(), self.fence, self.now_ms],
            )
            .await?;
        if changed == 1 {
            return Ok(());
        }
        Err(StoreError::Unavailable("another node has taken this request over".into()))
    }
}

/// What a repeated request finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody carries it out: do it under this mark.
    Ours(Mark),
    /// It is being carried out.
    InProgress,
    /// It has its answer.
    Answered {
        /// The status.
        status: i64,
        /// As stored.
        answer: Vec<u8>,
    },
    /// It had its effect, but its answer was lost.
    Carried,
    /// The key stands for another request.
    Other,
}

/// Claims a request for `lease_ms` milliseconds.
///
/// # Errors
/// The database is not available.
pub async fn claim(
    tx: &mut Tx,
    key_hash: &[u8],
    fingerprint: &[u8],
    lease_ms: i64,
    now_ms: i64,
) -> Result<Claim> {
    let mark = |fence| Claim::Ours(Mark { key_hash: key_hash.to_vec(), fence, now_ms });
    // One that is too old to be remembered makes room for a new one.
    tx.execute(
        "DELETE FROM repeatable_requests WHERE key_hash = $1 AND created_at < $2",
        params![key_hash, now_ms - REMEMBERED_MS],
    )
    .await?;
    let inserted = tx
        .execute(
            "INSERT INTO repeatable_requests (key_hash, fingerprint, fence, until_at, created_at)
             VALUES ($1, $2, 1, $3, $4) ON CONFLICT (key_hash) DO NOTHING",
            params![key_hash, fingerprint, now_ms + lease_ms, now_ms],
        )
        .await?;
    if inserted == 1 {
        return Ok(mark(1));
    }
    let sql = "SELECT fingerprint, fence, until_at, effect_at, status, answer FROM repeatable_requests
               WHERE key_hash = $1 {for_update}";
    let Some(mut row) = tx.find(sql, params![key_hash]).await? else { return Ok(Claim::InProgress) };
    let (known, fence, until_at): (Vec<u8>, i64, i64) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let (effect_at, status): (Option<i64>, Option<i64>) = (row.take(3)?, row.take(4)?);
    if known != fingerprint {
        return Ok(Claim::Other);
    }
    if let Some(status) = status {
        return Ok(Claim::Answered { status, answer: row.take::<Option<_>>(5)?.unwrap_or_default() });
    }
    // A time that lies further ahead than any lease comes from a clock that was set back.
    if until_at > now_ms && until_at <= now_ms + lease_ms {
        return Ok(Claim::InProgress);
    }
    if effect_at.is_some() {
        return Ok(Claim::Carried);
    }
    tx.execute(
        "UPDATE repeatable_requests SET fence = $2, until_at = $3 WHERE key_hash = $1",
        params![key_hash, fence + 1, now_ms + lease_ms],
    )
    .await?;
    Ok(mark(fence + 1))
}

/// Keeps the answer; says whether the request was still ours.
///
/// # Errors
/// The database is not available.
pub async fn finish(tx: &mut Tx, mark: &Mark, status: i64, answer: &[u8]) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE repeatable_requests SET status = $3, answer = $4
             WHERE key_hash = $1 AND fence = $2 AND status IS NULL",
            params![mark.key_hash.as_slice(), mark.fence, status, answer],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives a request up that had no effect, so that it can be repeated at once; one that had stays known.
///
/// # Errors
/// The database is not available.
pub async fn give_up(tx: &mut Tx, mark: &Mark) -> Result<()> {
    let (key, fence) = (mark.key_hash.as_slice(), mark.fence);
    tx.execute(
        "DELETE FROM repeatable_requests WHERE key_hash = $1 AND fence = $2 AND effect_at IS NULL AND status IS NULL",
        params![key, fence],
    )
    .await?;
    tx.execute(
        "UPDATE repeatable_requests SET until_at = $3 WHERE key_hash = $1 AND fence = $2 AND status IS NULL",
        params![key, fence, mark.now_ms],
    )
    .await?;
    Ok(())
}

/// Forgets requests that are older than 72 hours, at most so many; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, now_ms: i64, most: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM repeatable_requests WHERE key_hash IN
             (SELECT key_hash FROM repeatable_requests WHERE created_at < $1 LIMIT $2)",
        params![now_ms - REMEMBERED_MS, most],
    )
    .await
}
