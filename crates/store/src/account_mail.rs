//! Mails to people about their own accounts. A row is the intent; a lane of its own sends it.
//!
//! What somebody typed is written down as it is and looked up by the lane, so that asking costs the same for a known
//! and an unknown name (3-safety 2). Claiming moves the time a mail is due at ahead: a claim is a lease, and the number
//! of attempts is the fencing number of what is recorded.

use crate::{Result, Row, StoreError, Tx, confirmation, params};
use domain::account_mail::{AccountMailKind, AccountMailOutcome};
use domain::id::{AccountMailId, ConfirmationId, PersonId};
use domain::preference::LinkPurpose;

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

/// A mail in the hands of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub id: AccountMailId,
    /// Which attempt, from 1; the fencing number of its record.
    pub attempt: i64,
    /// When it was asked for, milliseconds since 1970.
    pub requested_at: i64,
    /// Where from.
    pub network: String,
    /// The language of the page it was asked on; empty: none.
    pub language: String,
    /// What it is about.
    pub matter: Matter,
}

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// Somebody asked, and nobody has looked yet whom it means: the name, in canonical form.
    Asked(String),
    /// Links for everybody with exactly this stored address.
    Links(String),
    /// Somebody's password was changed.
    Changed {
        /// Whose.
        person_id: PersonId,
        /// The address the account had then.
        address: String,
    },
    /// A link that confirms something, or objects to it.
    Confirm {
        /// What the link is good for.
        purpose: LinkPurpose,
        /// Whose.
        person_id: PersonId,
        /// Where it goes.
        address: String,
        /// What it belongs to.
        confirmation_id: ConfirmationId,
    },
    /// Somebody asked to be erased.
    DeletionAsked {
        /// Who.
        person_id: PersonId,
        /// The address the account had then.
        address: String,
    },
}

/// Claims up to so many mails that are due, the oldest first, for a process.
///
/// # Errors
/// The database is not available.
pub async fn claim(tx: &mut Tx, node: &str, limit: i64, now_ms: i64) -> Result<Vec<Claimed>> {
    let found = tx
        .query(
            "SELECT id, kind, asked, address, person_id, network, language, attempts, requested_at, confirmation_id
             FROM account_mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2 {skip_locked}",
            params![now_ms, limit],
        )
        .await?;
    let mut claimed = Vec::with_capacity(found.len());
    for row in found {
        let one = read(row)?;
        tx.execute(
            "UPDATE account_mails SET attempts = $2, due_at = $3, node = $4 WHERE id = $1",
            params![one.id, one.attempt, now_ms + LEASE_MS, node],
        )
        .await?;
        claimed.push(one);
    }
    Ok(claimed)
}

fn read(mut row: Row) -> Result<Claimed> {
    let corrupt = || StoreError::Corrupt("a mail about an account has an unreadable matter".into());
    let kind: String = row.take(1)?;
    let (asked, address): (Option<String>, Option<String>) = (row.take(2)?, row.take(3)?);
    let person: Option<PersonId> = row.take(4)?;
    let confirmation: Option<ConfirmationId> = row.take(9)?;
    let kind = AccountMailKind::parse(&kind).ok_or_else(corrupt)?;
    let matter = match (kind, asked, address, person) {
        (AccountMailKind::ResetLink, Some(name), None, _) => Matter::Asked(name),
        (AccountMailKind::ResetLink, _, Some(address), _) => Matter::Links(address),
        (AccountMailKind::PasswordChanged, _, Some(address), Some(person_id)) => {
            Matter::Changed { person_id, address }
        }
        (AccountMailKind::DeletionAsked, _, Some(address), Some(person_id)) => {
            Matter::DeletionAsked { person_id, address }
        }
        (kind, _, Some(address), Some(person_id)) => Matter::Confirm {
            purpose: purpose_of(kind).ok_or_else(corrupt)?,
            person_id,
            address,
            confirmation_id: confirmation.ok_or_else(corrupt)?,
        },
        _ => return Err(corrupt()),
    };
    Ok(Claimed {
        id: row.take(0)?,
        attempt: row.take::<i64>(7)? + 1,
        requested_at: row.take(8)?,
        network: row.take(5)?,
        language: row.take(6)?,
        matter,
    })
}

/// What the link of a mail is good for; `None`: it has links of another sort, or none.
const fn purpose_of(kind: AccountMailKind) -> Option<LinkPurpose> {
    match kind {
        AccountMailKind::ConfirmAddress => Some(LinkPurpose::VerifyAddress),
        AccountMailKind::AddressChanging => Some(LinkPurpose::ObjectAddress),
        AccountMailKind::ConfirmSubscription => Some(LinkPurpose::ConfirmSubscription),
        AccountMailKind::ResetLink | AccountMailKind::PasswordChanged | AccountMailKind::DeletionAsked => {
            None
        }
    }
}

/// Notes whom a claimed mail goes to, and forgets what was typed.
///
/// # Errors
/// The database is not available.
pub async fn address(tx: &mut Tx, id: AccountMailId, attempt: i64, address: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails SET address = $3, asked = NULL WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, address],
        )
        .await?;
    Ok(changed == 1)
}

/// Another mail out of the same request: the name meant accounts with different addresses. It is due at once.
///
/// # Errors
/// The database is not available.
pub async fn split(
    tx: &mut Tx,
    id: AccountMailId,
    from: AccountMailId,
    address: &str,
    now_ms: i64,
) -> Result<()> {
    tx.execute(
        "INSERT INTO account_mails (id, kind, address, network, language, attempts, due_at, requested_at)
         SELECT $1, kind, $3, network, language, 0, CAST($4 AS BIGINT), requested_at FROM account_mails WHERE id = $2",
        params![id, from, address, now_ms],
    )
    .await?;
    Ok(())
}

/// Nobody was meant: nothing is kept of what was typed.
///
/// # Errors
/// The database is not available.
pub async fn forget(tx: &mut Tx, id: AccountMailId, attempt: i64) -> Result<()> {
    tx.execute("DELETE FROM account_mails WHERE id = $1 AND attempts = $2", params![id, attempt]).await?;
    Ok(())
}

/// Ends a claimed mail for good; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn settle(
    tx: &mut Tx,
    id: AccountMailId,
    attempt: i64,
    outcome: AccountMailOutcome,
    detail: &str,
    now_ms: i64,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails
             SET due_at = NULL, node = NULL, asked = NULL, outcome = $3, detail = $4, settled_at = $5
             WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, outcome.as_str(), detail, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a claimed mail off; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn defer(tx: &mut Tx, id: AccountMailId, attempt: i64, detail: &str, due_at: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails SET due_at = $3, node = NULL, detail = $4
             WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, due_at, detail],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a claimed mail off as if it had not been claimed: nothing was tried. Only in the transaction of the claim.
///
/// # Errors
/// The database is not available.
pub async fn put_back(tx: &mut Tx, one: &Claimed, detail: &str, due_at: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_mails SET attempts = $2 - 1, due_at = $3, node = NULL, detail = $4
         WHERE id = $1 AND attempts = $2",
        params![one.id, one.attempt, due_at, detail],
    )
    .await?;
    Ok(())
}

/// There is no such address, a mail server says: the person's is marked with the cause, if it is still this one.
/// `false`: it is not, or it was marked before.
///
/// # Errors
/// The database is not available.
pub async fn mark_undeliverable(
    tx: &mut Tx,
    id: AccountMailId,
    person_id: PersonId,
    cause: &str,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE people SET undeliverable = $3 WHERE id = $2 AND undeliverable IS NULL
               AND address = (SELECT m.address FROM account_mails m WHERE m.id = $1)",
            params![id, person_id, cause],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes up what processes have in hand that are gone: all others than `node` when it is known to be the only one, else
/// those that were silent since `silent_since`. A mail claimed after that is left alone, for its process may not have
/// said yet that it lives. Gives how many are due again.
///
/// # Errors
/// The database is not available.
pub async fn rescue(tx: &mut Tx, node: &str, is_only: bool, silent_since: i64, now_ms: i64) -> Result<u64> {
    tx.execute(
        "UPDATE account_mails SET due_at = $1, node = NULL
         WHERE due_at > $1 AND node IS NOT NULL AND node <> $2 AND ($3 OR (due_at <= $5
           AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = account_mails.node AND n.seen_at >= $4)))",
        params![now_ms, node, is_only, silent_since, silent_since + LEASE_MS],
    )
    .await
}

/// Whoever got a mail did not ask for it: it is not tried again.
///
/// # Errors
/// The database is not available.
pub async fn stop(tx: &mut Tx, id: AccountMailId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_mails SET due_at = NULL, node = NULL, asked = NULL, outcome = 'left_out', settled_at = $2,
                detail = 'whoever got it did not ask for it'
         WHERE id = $1 AND due_at IS NOT NULL",
        params![id, now_ms],
    )
    .await?;
    Ok(())
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
