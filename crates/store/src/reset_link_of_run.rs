//! Personal links that go out with the mails of a run, many at a time: from intent to the record of the answer.
//!
//! After that they are links like all others, see [`crate::reset_link`]. Their `mail_id` is the mail's own id.

use crate::reset_link::ACCEPTABLE;
use crate::{Kind, Result, Rows, Tx, params};
use domain::credential::CredentialState;
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId};

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
}

/// Stores the links of a chunk in state *sending*: the intent, before anything leaves. Each belongs to the address the
/// person has now; of a person's live links the newest `most` stay.
///
/// # Errors
/// The database is not available.
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
    ]);
    for one in links {
        rows.push([
            one.person_id.into(),
            one.mail_id.into(),
            one.recipient_id.into(),
            one.token_hash.as_slice().into(),
        ]);
    }
    hold(tx, links.iter().map(|one| one.person_id)).await?;
    tx.execute_rows(
        "INSERT INTO reset_links (token_hash, key_id, person_id, mail_id, recipient_id, address, state, minted_at, expires_at)
         SELECT r.hash, CAST($1 AS TEXT), p.id, r.mail, r.recipient, p.address, 'sending', CAST($2 AS BIGINT), CAST($3 AS BIGINT)
         FROM {rows}, people p WHERE p.id = r.person AND p.address IS NOT NULL",
        params![key_id, minted_at, expires_at],
        &rows,
    )
    .await?;
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

/// Locks the live links of people in one order for all, so that two who want some of the same do not wait in a circle.
async fn hold(tx: &mut Tx, people: impl Iterator<Item = PersonId>) -> Result<()> {
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in people {
        rows.push([person.into()]);
    }
    let sql = format!(
        "SELECT reset_links.token_hash FROM {{rows}}, reset_links
         WHERE reset_links.person_id = r.person AND reset_links.state IN {ACCEPTABLE}
         ORDER BY reset_links.token_hash {{for_update}}"
    );
    tx.query_rows(&sql, &[], &rows).await.map(|_| ())
}

/// *sending* → *active*, *dropped* or *unknown*, as the answers of their mails say.
///
/// # Errors
/// The database is not available.
pub async fn settle(tx: &mut Tx, fates: &[(PersonId, CredentialId, CredentialState)]) -> Result<()> {
    let mut rows = Rows::new(&[("mail", Kind::Uuid), ("fate", Kind::Text)]);
    for (_, mail, state) in fates {
        rows.push([(*mail).into(), state.as_str().into()]);
    }
    tx.execute_rows(
        "UPDATE reset_links SET state = r.fate FROM {rows}
         WHERE reset_links.mail_id = r.mail AND reset_links.state = 'sending'",
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
        "UPDATE reset_links SET state = 'unknown' WHERE recipient_id BETWEEN $2 AND $3 AND state = 'sending'
           AND EXISTS (SELECT 1 FROM recipients q WHERE q.id = reset_links.recipient_id AND q.lease_id = $1)",
        params![lease, first, last],
    )
    .await
}
