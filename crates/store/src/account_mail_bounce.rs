//! Account mails that came back: whether one counts, and what it changes.

use crate::{Result, StoreError, Tx, params};
use domain::account_mail::{AccountMailKind, AccountMailOutcome};
use domain::id::{AccountMailId, PersonId};

/// A mail as it stands when it comes back.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What it is about.
    pub kind: AccountMailKind,
    /// Where it went; `None`: nobody was looked up.
    pub address: Option<String>,
    /// Whose, when it is about one person.
    pub person_id: Option<PersonId>,
    /// How often it was tried.
    pub attempts: i64,
    /// It is in the hands of a process: its answer is not recorded.
    pub is_held: bool,
    /// How it ended; `None`: it has not.
    pub outcome: Option<AccountMailOutcome>,
    /// It came back before.
    pub has_bounced: bool,
}

/// The mail, locked until the transaction ends; `None`: there is none.
///
/// # Errors
/// The database is not available.
pub async fn lock(tx: &mut Tx, id: AccountMailId) -> Result<Option<Sent>> {
    let found = tx
        .find(
            "SELECT kind, address, person_id, attempts, node, outcome, bounced_at FROM account_mails
             WHERE id = $1 {for_update}",
            params![id],
        )
        .await?;
    let Some(mut row) = found else { return Ok(None) };
    let corrupt =
        |what: &str| StoreError::Corrupt(format!("a mail about an account has an unreadable {what}"));
    let kind: String = row.take(0)?;
    let outcome: Option<String> = row.take(5)?;
    let outcome = outcome.map(|name| AccountMailOutcome::parse(&name).ok_or_else(|| corrupt("outcome")));
    Ok(Some(Sent {
        kind: AccountMailKind::parse(&kind).ok_or_else(|| corrupt("kind"))?,
        address: row.take(1)?,
        person_id: row.take(2)?,
        attempts: row.take(3)?,
        is_held: row.take::<Option<String>>(4)?.is_some(),
        outcome: outcome.transpose()?,
        has_bounced: row.take::<Option<i64>>(6)?.is_some(),
    }))
}

/// Notes that a mail came back and why. One that would be tried again is given up: it would come back again.
///
/// # Errors
/// The database is not available.
pub async fn record(tx: &mut Tx, id: AccountMailId, why: &str, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_mails SET bounced_at = $3, bounce = $2,
            outcome = CASE WHEN due_at IS NULL THEN outcome ELSE 'given_up' END,
            detail = CASE WHEN due_at IS NULL THEN detail ELSE $2 END,
            settled_at = CASE WHEN due_at IS NULL THEN settled_at ELSE $3 END,
            due_at = NULL, asked = NULL, node = NULL
         WHERE id = $1",
        params![id, why, now_ms],
    )
    .await?;
    Ok(())
}
