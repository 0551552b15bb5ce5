//! Counters of the rate limits: at most so many in a window, shared by all nodes.
//!
//! A row holds what is left of the window that began at `refilled_at`. Taking is one conditional
//! write, so that no number of parallel requests gets more than the limit.

use crate::{Result, Tx, params};

/// At most so many in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: i64,
    /// In how many milliseconds.
    pub window_ms: i64,
}

/// Takes one from a bucket; `false`: the limit is reached.
///
/// A window begins with its first taking. A window that lies in the future, because a clock was set
/// back, is begun anew.
///
/// # Errors
/// The database is not available.
pub async fn take(tx: &mut Tx, bucket: &str, limit: Limit, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "INSERT INTO rates (bucket, tokens, refilled_at) VALUES ($1, $2, $3)
             ON CONFLICT (bucket) DO UPDATE SET
                 tokens = CASE WHEN rates.refilled_at <= $4 OR rates.refilled_at > $5
                               THEN $2 ELSE rates.tokens - 1 END,
                 refilled_at = CASE WHEN rates.refilled_at <= $4 OR rates.refilled_at > $5
                               THEN $3 ELSE rates.refilled_at END
             WHERE rates.tokens >= 1 OR rates.refilled_at <= $4 OR rates.refilled_at > $5",
            params![
                bucket,
                left_after_one(limit),
                now_ms,
                now_ms - limit.window_ms,
                now_ms + limit.window_ms
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts one back that turned out not to count, such as a sign-in that succeeded.
///
/// # Errors
/// The database is not available.
pub async fn give_back(tx: &mut Tx, bucket: &str, limit: Limit) -> Result<()> {
    tx.execute(
        "UPDATE rates SET tokens = tokens + 1 WHERE bucket = $1 AND tokens <= $2",
        params![bucket, left_after_one(limit)],
    )
    .await?;
    Ok(())
}

/// How long until the window of a bucket whose limit is reached is over, in milliseconds.
///
/// # Errors
/// The database is not available.
pub async fn wait_ms(tx: &mut Tx, bucket: &str, limit: Limit, now_ms: i64) -> Result<i64> {
    let row = tx.find("SELECT refilled_at FROM rates WHERE bucket = $1", params![bucket]).await?;
    let began: i64 = row.map_or(Ok(now_ms), |mut row| row.take(0))?;
    Ok((began + limit.window_ms - now_ms).clamp(1, limit.window_ms))
}

/// What a bucket has counted in the window that is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub used: i64,
    /// When the window is over, milliseconds since 1970.
    pub frees_at: i64,
}

/// Looks at a bucket and takes nothing; `None`: nothing is counted.
///
/// # Errors
/// The database is not available.
pub async fn look(tx: &mut Tx, bucket: &str, limit: Limit, now_ms: i64) -> Result<Option<Counted>> {
    let found = tx
        .find(
            "SELECT CAST(tokens AS BIGINT), refilled_at FROM rates
             WHERE bucket = $1 AND refilled_at > $2 AND refilled_at <= $3",
            params![bucket, now_ms - limit.window_ms, now_ms + limit.window_ms],
        )
        .await?;
    let Some(mut row) = found else { return Ok(None) };
    let used = (limit.most - row.take::<i64>(0)?).clamp(0, limit.most);
    let frees_at = row.take::<i64>(1)? + limit.window_ms;
    Ok((used > 0).then_some(Counted { used, frees_at }))
}

/// Empties a bucket; `false`: nothing was in it.
///
/// # Errors
/// The database is not available.
pub async fn clear(tx: &mut Tx, bucket: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM rates WHERE bucket = $1", params![bucket]).await? == 1)
}

/// Removes buckets whose windows are long over, at most so many; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM rates WHERE bucket IN (SELECT bucket FROM rates WHERE refilled_at < $1 LIMIT $2)",
        params![before_ms, most],
    )
    .await
}

#[expect(clippy::cast_precision_loss, reason = "limits are small numbers")]
const fn left_after_one(limit: Limit) -> f64 {
    (limit.most - 1) as f64
}
