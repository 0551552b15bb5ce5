//! Credentials: candidates of mailed passwords, from intent to their end. Only hashes are here.

use crate::error::Result;
use crate::{Kind, Rows, Tx, params, reset_link};
use domain::credential::{CredentialState, Scheme};
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId};

/// A candidate as the worker stores it before the mail leaves.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Whose.
    pub person_id: PersonId,
    /// Its id.
    pub id: CredentialId,
    /// For which recipient it was minted.
    pub recipient_id: RecipientId,
    /// The keyed hash.
    pub hash: Vec<u8>,
}

/// Stores the candidates of a chunk in state *sending*: the intent, before anything leaves.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    candidates: &[Candidate],
    scheme: Scheme,
    key_id: &str,
    minted_at: i64,
    expires_at: i64,
) -> Result<()> {
    let mut rows = Rows::new(&[
        ("person", Kind::Uuid),
        ("credential", Kind::Uuid),
        ("recipient", Kind::Int),
        ("hash", Kind::Blob),
    ]);
    for one in candidates {
        rows.push([one.person_id.into(), one.id.into(), one.recipient_id.into(), one.hash.as_slice().into()]);
    }
    tx.execute_rows(
        "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
         VALUES {rows}(r.person, r.credential, r.recipient, 'mailed_password', CAST($1 AS TEXT), CAST($2 AS TEXT), r.hash,
                'sending', CAST($3 AS BIGINT), CAST($4 AS BIGINT))",
        params![scheme.as_str(), key_id, minted_at, expires_at],
        &rows,
    )
    .await?;
    Ok(())
}

/// *sending* → *dropped* or *unknown*, for answers that were no acceptance.
///
/// # Errors
/// The database is not available.
pub async fn settle(tx: &mut Tx, fates: &[(PersonId, CredentialId, CredentialState)]) -> Result<()> {
    let mut rows = Rows::new(&[("person", Kind::Uuid), ("credential", Kind::Uuid), ("fate", Kind::Text)]);
    for (person, credential, state) in fates {
        rows.push([(*person).into(), (*credential).into(), state.as_str().into()]);
    }
    tx.execute_rows(
        "UPDATE credentials SET state = r.fate FROM {rows}
         WHERE credentials.person_id = r.person AND credentials.id = r.credential AND credentials.state = 'sending'",
        &[],
        &rows,
    )
    .await?;
    Ok(())
}

/// *sending* → *unknown* for everything minted under a lapsed lease: the mail may have left.
///
/// # Errors
/// The database is not available.
pub async fn lose(tx: &mut Tx, lease: LeaseId, first: RecipientId, last: RecipientId) -> Result<u64> {
    tx.execute(
        "UPDATE credentials SET state = 'unknown' WHERE state = 'sending' AND EXISTS
           (SELECT 1 FROM recipients q WHERE q.id = credentials.recipient_id AND q.lease_id = $1)
         AND person_id IN (SELECT person_id FROM recipients WHERE id BETWEEN $2 AND $3 AND lease_id = $1)",
        params![lease, first, last],
    )
    .await
}

/// The old password dies now, and with it every password mailed by an earlier run and every personal link: for runs in mode
/// *revoke now*, as the candidates are stored.
///
/// # Errors
/// The database is not available.
pub async fn revoke_old(tx: &mut Tx, people: &[(PersonId, RecipientId)], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[("person", Kind::Uuid), ("recipient", Kind::Int)]);
    for (person, recipient) in people {
        rows.push([(*person).into(), (*recipient).into()]);
    }
    // Credentials before people, as everywhere, so that no two transactions wait in a circle; personal links between.
    tx.execute_rows(
        "UPDATE credentials SET state = 'retired' FROM {rows}
         WHERE credentials.person_id = r.person AND credentials.recipient_id <> r.recipient
           AND credentials.state IN ('sending', 'unknown', 'active')",
        &[],
        &rows,
    )
    .await?;
    reset_link::retire_of_people(tx, people.iter().map(|(person, _)| *person)).await?;
    tx.execute_rows(
        "UPDATE people SET password_hash = NULL, password_changed_at = $1, must_change = TRUE
         FROM {rows} WHERE people.id = r.person AND people.password_hash IS NOT NULL",
        params![now_ms],
        &rows,
    )
    .await?;
    tx.execute_rows("DELETE FROM sessions USING {rows} WHERE sessions.person_id = r.person", &[], &rows)
        .await?;
    Ok(())
}

/// Locks the mailed passwords of a person that could still be used until the transaction ends: whoever is about to
/// void them together with what comes after them takes them first.
///
/// # Errors
/// The database is not available.
pub async fn hold_all(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.query(
        "SELECT id FROM credentials WHERE person_id = $1 AND state IN ('sending', 'unknown', 'active')
         ORDER BY id {for_update}",
        params![person],
    )
    .await
    .map(|_| ())
}

/// Retires every mailed password of a person that could still be used; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn retire_all(tx: &mut Tx, person: PersonId) -> Result<u64> {
    tx.execute(
        "UPDATE credentials SET state = 'retired'
         WHERE person_id = $1 AND state IN ('sending', 'unknown', 'active')",
        params![person],
    )
    .await
}

/// Removes what has been over for a while; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn remove_expired(tx: &mut Tx, expired_before: i64) -> Result<u64> {
    tx.execute("DELETE FROM credentials WHERE expires_at < $1", params![expired_before]).await
}
