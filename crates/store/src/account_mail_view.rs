//! What operators see of account mails: how many wait, what went wrong lately, and the list.

use crate::account_mail::LEASE_MS;
use crate::{Result, Row, StoreError, Tx, params};
use domain::account_mail::{AccountMailKind, AccountMailOutcome};
use domain::id::{AccountMailId, PersonId};
use serde::Serialize;

/// A mail that waits for longer than this is not on its way, in milliseconds: the person stands before a screen.
pub const LONG_MS: i64 = 5 * 60_000;
/// Trouble older than this is history, in milliseconds.
pub const LATELY_MS: i64 = 7 * 86_400_000;

/// How many mails wait or are on their way, and since when the oldest was asked for.
///
/// # Errors
/// The database is not available.
pub async fn count_waiting(tx: &mut Tx) -> Result<(i64, Option<i64>)> {
    let sql = "SELECT count(*), MIN(requested_at) FROM account_mails WHERE due_at IS NOT NULL";
    tx.find(sql, &[]).await?.map_or(Ok((0, None)), |mut row| Ok((row.take(0)?, row.take(1)?)))
}

/// What went wrong lately with account mails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Refused for good or tried too often.
    pub given_up: i64,
    /// Waiting for long.
    pub waiting: i64,
    /// Taken by the relay, and came back.
    pub bounced: i64,
    /// The cause of the last of them.
    pub last_cause: Option<String>,
    /// Since when the first of them is, milliseconds since 1970.
    pub since: Option<i64>,
}

impl Trouble {
    /// Whether there is any.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.given_up + self.waiting + self.bounced == 0
    }
}

/// What went wrong in the last days, and what waits for long, now.
///
/// # Errors
/// The database is not available.
pub async fn trouble(tx: &mut Tx, now_ms: i64) -> Result<Trouble> {
    let (since, before) = (now_ms - LATELY_MS, now_ms - LONG_MS);
    let asked = [
        ("outcome = 'given_up' AND settled_at >= $1", "settled_at", "detail", since),
        ("due_at IS NOT NULL AND requested_at < $1", "requested_at", "detail", before),
        ("bounced_at >= $1 AND (outcome IS NULL OR outcome <> 'given_up')", "bounced_at", "bounce", since),
    ];
    let mut counts = [0; 3];
    let mut trouble = Trouble::default();
    let mut last: Option<(i64, Option<String>)> = None;
    for (place, (condition, at, cause, bound)) in asked.into_iter().enumerate() {
        let sql = format!("SELECT count(*), MIN({at}) FROM account_mails WHERE {condition}");
        let Some(mut row) = tx.find(&sql, params![bound]).await? else { continue };
        counts[place] = row.take(0)?;
        let first: Option<i64> = row.take(1)?;
        trouble.since = [trouble.since, first].into_iter().flatten().min();
        let sql = format!(
            "SELECT {at}, {cause} FROM account_mails WHERE {condition} AND {cause} IS NOT NULL ORDER BY {at} DESC LIMIT 1"
        );
        if let Some(mut row) = tx.find(&sql, params![bound]).await? {
            let one = (row.take(0)?, row.take(1)?);
            last = Some(last.map_or_else(|| one.clone(), |other| one.clone().max(other)));
        }
    }
    [trouble.given_up, trouble.waiting, trouble.bounced] = counts;
    trouble.last_cause = last.and_then(|(_, cause)| cause);
    Ok(trouble)
}

/// Which mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Given up, came back, or waiting for long.
    Trouble,
    /// Waiting or on their way.
    Waiting,
    /// Every one.
    All,
}

/// A mail in the list. What was typed is not there: nobody has looked yet whose it is.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: AccountMailId,
    /// What it is about.
    pub kind: AccountMailKind,
    /// Where it goes; `None`: not looked up yet.
    pub address: Option<String>,
    /// Whose, when it is about one person.
    pub person_id: Option<PersonId>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; `None`: it is in somebody's hands, or done with.
    pub due_at: Option<i64>,
    /// How it ended; `None`: it has not.
    pub outcome: Option<AccountMailOutcome>,
    /// The relay's words, or why nobody was written to.
    pub detail: Option<String>,
    /// When it came back.
    pub bounced_at: Option<i64>,
    /// Why it came back.
    pub bounce: Option<String>,
    /// When it was asked for.
    pub requested_at: i64,
    /// When it ended.
    pub settled_at: Option<i64>,
}

/// Mails made before one of them, the newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(
    tx: &mut Tx,
    which: Which,
    before: Option<AccountMailId>,
    limit: i64,
    now_ms: i64,
) -> Result<Vec<Listed>> {
    let condition = match which {
        Which::Trouble => {
            "AND ((outcome = 'given_up' AND settled_at >= $3) OR bounced_at >= $3
               OR (due_at IS NOT NULL AND requested_at < $4))"
        }
        Which::Waiting => "AND due_at IS NOT NULL AND CAST($3 AS BIGINT) < CAST($4 AS BIGINT)",
        Which::All => "AND CAST($3 AS BIGINT) < CAST($4 AS BIGINT)",
    };
    let sql = format!(
        "SELECT id, kind, address, person_id, attempts, CASE WHEN node IS NULL THEN due_at END, outcome, detail,
                bounced_at, bounce, requested_at, settled_at, due_at
         FROM account_mails WHERE id < $1 {condition} ORDER BY id DESC LIMIT $2"
    );
    let before = before.unwrap_or(AccountMailId(uuid::Uuid::max()));
    let bounds = (now_ms - LATELY_MS, now_ms - LONG_MS);
    let rows = tx.query(&sql, params![before, limit, bounds.0, bounds.1]).await?;
    rows.into_iter().map(|row| read(row, now_ms)).collect()
}

fn read(mut row: Row, now_ms: i64) -> Result<Listed> {
    let corrupt =
        |what: &str| StoreError::Corrupt(format!("a mail about an account has an unreadable {what}"));
    let kind: String = row.take(1)?;
    let outcome: Option<String> = row.take(6)?;
    let outcome = outcome.map(|name| AccountMailOutcome::parse(&name).ok_or_else(|| corrupt("outcome")));
    let (free, held): (Option<i64>, Option<i64>) = (row.take(5)?, row.take(12)?);
    Ok(Listed {
        id: row.take(0)?,
        kind: AccountMailKind::parse(&kind).ok_or_else(|| corrupt("kind"))?,
        address: row.take(2)?,
        person_id: row.take(3)?,
        attempts: row.take(4)?,
        // A claim that lapsed holds nothing any more.
        due_at: free.or(held.filter(|at| *at <= now_ms || *at > now_ms + LEASE_MS)),
        outcome: outcome.transpose()?,
        detail: row.take(7)?,
        bounced_at: row.take(8)?,
        bounce: row.take(9)?,
        requested_at: row.take(10)?,
        settled_at: row.take(11)?,
    })
}
