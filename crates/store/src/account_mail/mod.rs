//! Mails to people about their own accounts. A row is the intent; a lane of its own sends it.
//!
//! What somebody typed is written down as it is and looked up by the lane, so that asking costs the same for a known
//! and an unknown name (3-safety 2). Claiming moves the time a mail is due at ahead: a claim is a lease, and the number
//! of attempts is the fencing number of what is recorded.
//!
//! Here a mail begins and ends; `claim` takes what is due in hand, `fate` records what became of it.

mod claim;
mod fate;

pub use claim::{Claimed, Matter, claim};
pub use fate::{address, defer, forget, mark_undeliverable, put_back, rescue, settle, split, stop};

use crate::{Result, Tx, confirmation, params};
use domain::account_mail::AccountMailKind;
use domain::id::{AccountMailId, ConfirmationId, PersonId};

/// How long a claimed mail is left to its process, in milliseconds: longer than a relay may take for the answer to the
/// final dot (RFC 5321 §4.5.3.2).
pub const LEASE_MS: i64 = 12 * 60_000;
/// How long settled mails are kept, in milliseconds.
pub const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// After how long a request nobody could attend to is forgotten, in milliseconds: a relay that was away for a day must
/// not find what strangers typed meanwhile.
pub const WAITS_MS: i64 = 24 * 3_600_000;

/// Where somebody asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The user name or address as typed, in canonical form.
    pub name: String,
    /// The network of the browser.
    pub network: String,
    /// The language of the page.
    pub language: String,
}

/// Writes down that somebody asked for a personal link. Nobody is looked up.
///
/// # Errors
/// The database is not available.
pub async fn ask(tx: &mut Tx, id: AccountMailId, asked: &Asked, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO account_mails (id, kind, asked, network, language, attempts, due_at, requested_at)
         VALUES ($1, 'reset_link', $2, $3, $4, 0, $5, $5)",
        params![id, asked.name.as_str(), asked.network.as_str(), asked.language.as_str(), now_ms],
    )
    .await?;
    Ok(())
}

/// Writes down that somebody's password was changed, for the address the account had then. Without one that takes mail
/// and was confirmed there is nobody to tell.
///
/// # Errors
/// The database is not available.
pub async fn tell_changed(
    tx: &mut Tx,
    id: AccountMailId,
    person_id: PersonId,
    network: &str,
    now_ms: i64,
) -> Result<()> {
    tx.execute(
        "INSERT INTO account_mails (id, kind, address, person_id, network, language, attempts, due_at, requested_at)
         SELECT $1, 'password_changed', p.address, p.id, $3, '', 0, CAST($4 AS BIGINT), CAST($4 AS BIGINT)
         FROM people p WHERE p.id = $2 AND p.address IS NOT NULL AND p.verified
           AND p.undeliverable IS NULL",
        params![id, person_id, network, now_ms],
    )
    .await?;
    Ok(())
}

/// Whom a mail is for, and what it is about.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// What it is about: a change of the person's own doing.
    pub kind: AccountMailKind,
    /// Whose account.
    pub person_id: PersonId,
    /// Where it goes, as stored.
    pub address: &'a str,
    /// What its link is for.
    pub confirmation_id: Option<ConfirmationId>,
    /// Where it was asked from.
    pub network: &'a str,
    /// The language of the page.
    pub language: &'a str,
}

/// Writes down that somebody is to be told of a change of the person's own doing, or to confirm it. Due at once.
///
/// # Errors
/// The database is not available.
pub async fn tell(tx: &mut Tx, id: AccountMailId, told: &Told<'_>, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO account_mails (id, kind, address, person_id, confirmation_id, network, language, attempts, due_at,
                                    requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8)",
        params![
            id,
            told.kind.as_str(),
            told.address,
            told.person_id,
            told.confirmation_id,
            told.network,
            told.language,
            now_ms
        ],
    )
    .await?;
    Ok(())
}

/// Whether a mail is due.
///
/// # Errors
/// The database is not available.
pub async fn is_due(tx: &mut Tx, now_ms: i64) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM account_mails WHERE due_at <= $1 LIMIT 1", params![now_ms]).await?.is_some())
}

/// Removes what names a person who is erased: what is to be told, and the address in what is over. A mail on its way
/// stays, for others may share the mailbox.
///
/// # Errors
/// The database is not available.
pub async fn erase(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    tx.execute(
        "DELETE FROM account_mails WHERE person_id = $1 OR (due_at IS NULL AND address =
           (SELECT p.address FROM people p WHERE p.id = $1))",
        params![person_id],
    )
    .await?;
    Ok(())
}

/// Removes mails settled before a moment, links that were over by then, and requests nobody attended to for
/// [`WAITS_MS`]; says how many mails.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, now_ms: i64) -> Result<u64> {
    let before = now_ms - KEPT_MS;
    // Notices wait for a relay as long as it takes.
    let late =
        "DELETE FROM account_mails WHERE kind IN ('reset_link', 'confirm_address', 'confirm_subscription')
                AND due_at <= $1 AND requested_at < $2";
    let late = tx.execute(late, params![now_ms, now_ms - WAITS_MS]).await?;
    let settled = tx.execute("DELETE FROM account_mails WHERE settled_at < $1", params![before]).await?;
    tx.execute("DELETE FROM reset_links WHERE expires_at < $1", params![before]).await?;
    confirmation::purge(tx, before).await?;
    Ok(late + settled)
}
