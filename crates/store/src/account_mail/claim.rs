//! Account mails that are due, in the hands of one process, with what each is about.

use super::LEASE_MS;
use crate::{Result, Row, StoreError, Tx, params};
use domain::account_mail::AccountMailKind;
use domain::id::{AccountMailId, ConfirmationId, PersonId};
use domain::preference::LinkPurpose;

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
