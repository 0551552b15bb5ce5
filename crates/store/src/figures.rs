//! Numbers about the installation, for watching it: no names, no addresses.

use crate::{Result, Tx};

/// What there is at this moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// People in the databank.
    pub people: i64,
    /// Runs by state.
    pub runs: Vec<(String, i64)>,
    /// Recipients of runs that are not over, by state.
    pub recipients: Vec<(&'static str, i64)>,
    /// Recipients of all runs that were settled, by how.
    pub settled: Vec<(&'static str, i64)>,
    /// Runs that go on: the number, accepted mails, and when the first recipient was claimed.
    pub running: Vec<(i64, i64, i64)>,
}

/// Reads them; from the runs' own counts, which cost nothing.
///
/// # Errors
/// The database is not available.
pub async fn read(tx: &mut Tx) -> Result<Figures> {
    let people = tx.find("SELECT count(*) FROM people", &[]).await?.map_or(Ok(0), |mut row| row.take(0))?;
    let sql = "SELECT state, count(*) FROM runs GROUP BY state ORDER BY state";
    let runs = tx.query(sql, &[]).await?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?)));
    let runs = runs.collect::<Result<_>>()?;
    let open = "WHERE state IN ('preparing', 'running', 'paused')";
    let [accepted, deferred, refused, unknown, cancelled, left_out, total] = sums(tx, open).await?;
    let waiting = total - accepted - deferred - refused - unknown - cancelled - left_out;
    let recipients = vec![
        ("waiting", waiting),
        ("deferred", deferred),
        ("accepted", accepted),
        ("refused", refused),
        ("unknown", unknown),
        ("left_out", left_out),
    ];
    let [accepted, _, refused, unknown, cancelled, left_out, _] = sums(tx, "").await?;
    let settled = vec![
        ("accepted", accepted),
        ("refused", refused),
        ("unknown", unknown),
        ("cancelled", cancelled),
        ("left_out", left_out),
    ];
    let sql = "SELECT number, accepted, started_at FROM runs
               WHERE state = 'running' AND started_at IS NOT NULL ORDER BY number LIMIT 100";
    let running = tx.query(sql, &[]).await?.into_iter();
    let running = running.map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)));
    Ok(Figures { people, runs, recipients, settled, running: running.collect::<Result<_>>()? })
}

async fn sums(tx: &mut Tx, which: &str) -> Result<[i64; 7]> {
    let names = ["accepted", "deferred", "refused", "unknown", "cancelled", "left_out", "total"];
    let columns = names.map(|name| format!("CAST(COALESCE(SUM({name}), 0) AS BIGINT)")).join(", ");
    let row = tx.find(&format!("SELECT {columns} FROM runs {which}"), &[]).await?;
    let mut sums = [0; 7];
    if let Some(mut row) = row {
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum = row.take(place)?;
        }
    }
    Ok(sums)
}
