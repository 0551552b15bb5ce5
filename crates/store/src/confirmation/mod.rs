//! What waits for a click in a mailbox: subscriptions to be confirmed, a new address, and the objection to it.
//!
//! A confirmation is the intent; the lane of account mails mints its links. It belongs to the address the person had
//! when it was asked for, and with another one it is void. Locks go in one order: account mails, confirmations,
//! mailed passwords, links, people, sessions, and the audit log last.

mod link;

pub use link::{
    Live, NewLink, confirm_address, confirm_subscriptions, drop_links, find_live, insert_link, is_known,
    object,
};

use crate::acting::Acting;
use crate::audit::{self, Entry};
use crate::consent::{self, By};
use crate::subscription::{TITLE, entry};
use crate::{Result, Tx, params};
use domain::address::Address;
use domain::id::{ConfirmationId, GroupId, PersonId};
use domain::preference::{ConsentAct, LinkPurpose};
use serde_json::json;

/// A change of address that waits for a click in the new mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingAddress {
    /// The confirmation.
    pub id: ConfirmationId,
    /// The new address, as typed.
    pub address: String,
    /// Until when its link can work, milliseconds since 1970.
    pub expires_at: i64,
}

/// What a letter needs to know of a confirmation that still waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub person_id: PersonId,
    /// The new address.
    pub address: Option<String>,
    /// The titles of the groups.
    pub titles: Vec<String>,
}

async fn insert(
    tx: &mut Tx,
    id: ConfirmationId,
    person_id: PersonId,
    address: Option<&Address>,
    now_ms: i64,
) -> Result<()> {
    let (matter, purpose) = match address {
        Some(_) => ("address", LinkPurpose::VerifyAddress),
        None => ("subscription", LinkPurpose::ConfirmSubscription),
    };
    tx.execute(
        "INSERT INTO confirmations (id, person_id, matter, address, old_address, old_verified, state, requested_at,
                                    expires_at)
         SELECT $1, p.id, $3, $4, p.address, p.verified, 'waiting', CAST($5 AS BIGINT), CAST($6 AS BIGINT)
         FROM people p WHERE p.id = $2",
        params![id, person_id, matter, address.map(Address::as_given), now_ms, now_ms + purpose.life_ms()],
    )
    .await?;
    Ok(())
}

/// Subscriptions that wait for a click. The person must be held.
///
/// # Errors
/// The database is not available.
pub async fn ask_subscriptions(
    tx: &mut Tx,
    id: ConfirmationId,
    by: &By<'_>,
    groups: &[(GroupId, String)],
    entries: &mut Vec<Entry>,
) -> Result<()> {
    insert(tx, id, by.person_id, None, by.now_ms).await?;
    for (group_id, title) in groups {
        let sql = "INSERT INTO confirmation_groups (confirmation_id, group_id) VALUES ($1, $2)";
        tx.execute(sql, params![id, *group_id]).await?;
        consent::note(tx, by, ConsentAct::Asked, Some((*group_id, title))).await?;
        entries.push(entry(by, "subscription.asked", Some(*group_id)));
    }
    Ok(())
}

/// A new address that waits for a click in its mailbox; another one that waits is given up.
///
/// # Errors
/// The database is not available.
pub async fn ask_address(
    tx: &mut Tx,
    id: ConfirmationId,
    acting: &Acting,
    person_id: PersonId,
    address: &Address,
    now_ms: i64,
) -> Result<Entry> {
    cancel_address(tx, person_id, now_ms).await?;
    insert(tx, id, person_id, Some(address), now_ms).await?;
    Ok(acting.entry("address.asked", "person", person_id, json!({}), now_ms))
}

/// Gives up what waits for this group, or for any; gives how many confirmations are over by it.
///
/// # Errors
/// The database is not available.
pub async fn cancel_subscriptions(
    tx: &mut Tx,
    person_id: PersonId,
    group_id: Option<GroupId>,
    now_ms: i64,
) -> Result<u64> {
    let held =
        "SELECT id FROM confirmations WHERE person_id = $1 AND matter = 'subscription' AND state = 'waiting'
                ORDER BY id {for_update}";
    if tx.query(held, params![person_id]).await?.is_empty() {
        return Ok(0);
    }
    if let Some(group_id) = group_id {
        tx.execute(
            "DELETE FROM confirmation_groups WHERE group_id = $2 AND confirmation_id IN
               (SELECT id FROM confirmations WHERE person_id = $1 AND state = 'waiting')",
            params![person_id, group_id],
        )
        .await?;
    }
    tx.execute(
        "UPDATE confirmations SET state = 'cancelled', settled_at = $2
         WHERE person_id = $1 AND matter = 'subscription' AND state = 'waiting'
           AND ($3 OR NOT EXISTS (SELECT 1 FROM confirmation_groups q WHERE q.confirmation_id = confirmations.id))",
        params![person_id, now_ms, group_id.is_none()],
    )
    .await
}

/// Gives up a change of address that waits. `false`: none does.
///
/// # Errors
/// The database is not available.
pub async fn cancel_address(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<bool> {
    let cancelled = tx
        .execute(
            "UPDATE confirmations SET state = 'cancelled', settled_at = $2
             WHERE person_id = $1 AND matter = 'address' AND state = 'waiting'",
            params![person_id, now_ms],
        )
        .await?;
    Ok(cancelled > 0)
}

/// The person takes a change of address back before it is confirmed. `false`: none waits.
///
/// # Errors
/// The database is not available.
pub async fn withdraw_address(
    tx: &mut Tx,
    acting: &Acting,
    person_id: PersonId,
    now_ms: i64,
) -> Result<bool> {
    let withdrawn = cancel_address(tx, person_id, now_ms).await?;
    if withdrawn {
        let entry = acting.entry("address.withdrawn", "person", person_id, json!({}), now_ms);
        audit::append(tx, entry).await?;
    }
    Ok(withdrawn)
}

/// The change of address that waits for a click, if one does.
///
/// # Errors
/// The database is not available.
pub async fn find_waiting_address(
    tx: &mut Tx,
    person_id: PersonId,
    now_ms: i64,
) -> Result<Option<WaitingAddress>> {
    let sql = "SELECT c.id, c.address, c.expires_at FROM confirmations c JOIN people p ON p.id = c.person_id
               WHERE c.person_id = $1 AND c.matter = 'address' AND c.state = 'waiting' AND c.expires_at > $2
                 AND p.address IS NOT DISTINCT FROM c.old_address ORDER BY c.requested_at DESC LIMIT 1";
    let row = tx.find(sql, params![person_id, now_ms]).await?;
    row.map(|mut row| {
        Ok(WaitingAddress { id: row.take(0)?, address: row.take(1)?, expires_at: row.take(2)? })
    })
    .transpose()
}

/// What a mail about a confirmation says; `None`: it is void, and nobody is written to. A change of address that was
/// confirmed already can still be objected to.
///
/// # Errors
/// The database is not available.
pub async fn find_for_mail(
    tx: &mut Tx,
    id: ConfirmationId,
    purpose: LinkPurpose,
    now_ms: i64,
) -> Result<Option<Waiting>> {
    let sql = "SELECT c.person_id, c.address, c.state, c.old_address, p.address, p.blocked
               FROM confirmations c JOIN people p ON p.id = c.person_id WHERE c.id = $1 AND c.requested_at + $2 > $3";
    let Some(mut row) = tx.find(sql, params![id, purpose.life_ms(), now_ms]).await? else {
        return Ok(None);
    };
    let (state, blocked): (String, bool) = (row.take(2)?, row.take(5)?);
    let address: Option<String> = row.take(1)?;
    let (old, now): (Option<String>, Option<String>) = (row.take(3)?, row.take(4)?);
    if blocked || !is_good_for(purpose, &state, address.as_deref(), old.as_deref(), now.as_deref()) {
        return Ok(None);
    }
    let titles = list_titles(tx, id).await?;
    if purpose == LinkPurpose::ConfirmSubscription && titles.is_empty() {
        // Nothing of it is offered any more.
        return Ok(None);
    }
    Ok(Some(Waiting { person_id: row.take(0)?, address, titles }))
}

/// Whether a confirmation in this state, asked for under the address `old`, still is good for something while the person
/// has the address `now`.
fn is_good_for(
    purpose: LinkPurpose,
    state: &str,
    address: Option<&str>,
    old: Option<&str>,
    now: Option<&str>,
) -> bool {
    match state {
        "waiting" => old == now,
        "confirmed" => purpose == LinkPurpose::ObjectAddress && address == now,
        _ => false,
    }
}

async fn list_titles(tx: &mut Tx, id: ConfirmationId) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT {TITLE} FROM confirmation_groups q JOIN \"groups\" g ON g.id = q.group_id
         WHERE q.confirmation_id = $1 AND g.subscribable ORDER BY 1"
    );
    tx.query(&sql, params![id]).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// Removes what was over before a moment.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, before_ms: i64) -> Result<u64> {
    tx.execute("DELETE FROM confirmations WHERE expires_at < $1", params![before_ms]).await
}

/// Removes what a person who is erased waited for.
///
/// # Errors
/// The database is not available.
pub(crate) async fn erase(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    tx.execute("DELETE FROM confirmations WHERE person_id = $1", params![person_id]).await?;
    Ok(())
}
