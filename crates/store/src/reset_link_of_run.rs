//! Personal links that go out with the mails of a run, many at a time: from intent to the record of the answer.
//!
//! After that they are links like all others, see [`crate::reset_link`]. Their `mail_id` is the mail's own id.

use crate::reset_link::{self, ACCEPTABLE, Held};
use crate::{Engine, Kind, Result, Rows, Tx, Value, params};
use domain::credential::CredentialState;
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId};
use std::collections::HashMap;

/// A link as a worker stores it before its mail leaves.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Whose.
    pub person_id: PersonId,
    /// The mail's own id.
    pub mail_id: CredentialId,
    /// For which recipient it was minted.
    pub recipient_id: RecipientId,
    /// The keyed hash of its token.
    pub token_hash: [u8; 32],
    /// Where the mail goes, as stored: with another address the link is void.
    pub address: String,
}

/// Stores the links of a chunk in state *sending*: the intent, before anything leaves. Of a person's live links the newest
/// `most` stay.
///
/// # Errors
/// The database is not available, or somebody is gone.
pub async fn insert(
    tx: &mut Tx,
    links: &[NewLink],
    key_id: &str,
    most: i64,
    minted_at: i64,
    expires_at: i64,
) -> Result<()> {
    let mut rows = Rows::new(&[
        ("person", Kind::Uuid),
        ("mail", Kind::Uuid),
        ("recipient", Kind::Int),
        ("hash", Kind::Blob),
        ("address", Kind::Text),
    ]);
    for one in links {
        rows.push([
            one.person_id.into(),
            one.mail_id.into(),
            one.recipient_id.into(),
            one.token_hash.as_slice().into(),
            one.address.as_str().into(),
        ]);
    }
    // Held before they are stored: whoever erases a person takes that one's links first, too.
    let held = reset_link::hold_all(tx, links.iter().map(|one| one.person_id)).await?;
    tx.execute_rows(
        "INSERT INTO reset_links (token_hash, key_id, person_id, mail_id, recipient_id, address, state, minted_at, expires_at)
         VALUES {rows}(r.hash, CAST($1 AS TEXT), r.person, r.mail, r.recipient, r.address, 'sending', CAST($2 AS BIGINT),
                CAST($3 AS BIGINT))",
        params![key_id, minted_at, expires_at],
        &rows,
    )
    .await?;
    retire_surplus(tx, links, &held, most, minted_at).await
}

/// Retires what a person has beyond the newest `most` live links.
async fn retire_surplus(
    tx: &mut Tx,
    links: &[NewLink],
    held: &[Held],
    most: i64,
    minted_at: i64,
) -> Result<()> {
    let mut had: HashMap<PersonId, i64> = HashMap::with_capacity(held.len());
    for one in held {
        *had.entry(one.person_id).or_insert(0) += 1;
    }
    // What was held says who may have too many only where nobody else writes: on PostgreSQL another one may have
    // stored a link since.
    let may_be_too_many = |one: &&NewLink| {
        tx.engine() == Engine::Postgres || had.get(&one.person_id).is_some_and(|had| *had >= most)
    };
    let mut rows = Rows::new(&[("person", Kind::Uuid), ("hash", Kind::Blob)]);
    for one in links.iter().filter(may_be_too_many) {
        rows.push([one.person_id.into(), one.token_hash.as_slice().into()]);
    }
    let sql = format!(
        "UPDATE reset_links SET state = 'retired' FROM {{rows}}
         WHERE reset_links.person_id = r.person AND reset_links.token_hash <> r.hash AND reset_links.state IN {ACCEPTABLE}
           AND (SELECT count(*) FROM reset_links o WHERE o.person_id = r.person AND o.state IN {ACCEPTABLE}
             AND o.expires_at > CAST($1 AS BIGINT)
             AND (o.minted_at > reset_links.minted_at
               OR (o.minted_at = reset_links.minted_at AND o.token_hash >= reset_links.token_hash))) > CAST($2 AS BIGINT)"
    );
    tx.execute_rows(&sql, params![minted_at, most], &rows).await?;
    Ok(())
}

/// *sending* → *active*, *dropped* or *unknown*, as the answers of their mails say.
///
/// # Errors
/// The database is not available.
pub async fn settle(tx: &mut Tx, fates: impl IntoIterator<Item = ([u8; 32], CredentialState)>) -> Result<()> {
    let mut fates: Vec<_> = fates.into_iter().collect();
    // In the order in which everybody locks links, so that no two wait in a circle.
    fates.sort_unstable_by_key(|(hash, _)| *hash);
    let mut rows = Rows::new(&[("hash", Kind::Blob), ("fate", Kind::Text)]);
    for (hash, state) in fates {
        rows.push([hash.as_slice().into(), Value::Word(state.as_str())]);
    }
    // By the key: one row for certain costs SQLite less than perhaps many.
    tx.execute_rows(
        "UPDATE reset_links SET state = r.fate FROM {rows}
         WHERE reset_links.token_hash = r.hash AND reset_links.state = 'sending'",
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
        "UPDATE reset_links SET state = 'unknown' WHERE state = 'sending' AND EXISTS
           (SELECT 1 FROM recipients q WHERE q.id = reset_links.recipient_id AND q.lease_id = $1)
         AND person_id IN (SELECT person_id FROM recipients WHERE id BETWEEN $2 AND $3 AND lease_id = $1)",
        params![lease, first, last],
    )
    .await
}
