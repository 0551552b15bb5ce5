//! Links of confirmations: stored before their mail leaves, looked at, and the one write that uses each up.

use super::{is_good_for, list_titles};
use crate::acting::Acting;
use crate::audit::Entry;
use crate::consent::By;
use crate::person::{self, PersonChange};
use crate::refusal::ChangeResult;
use crate::{Result, StoreError, Tx, credential, params, reset_link, subscription};
use domain::address::Address;
use domain::id::{AccountMailId, ConfirmationId, PersonId};
use domain::preference::LinkPurpose;
use serde_json::json;

/// A link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// What it confirms.
    pub id: ConfirmationId,
    /// Whose.
    pub person_id: PersonId,
    /// User name of the account.
    pub username: String,
    /// BCP 47, of the person.
    pub language: Option<String>,
    /// IANA, of the person.
    pub time_zone: Option<String>,
    /// The new address, where one is confirmed or objected to.
    pub address: Option<String>,
    /// The titles of the groups to be subscribed to.
    pub titles: Vec<String>,
    /// An objection to a change that was confirmed already: it is taken back.
    pub is_done: bool,
    /// Until when the link works, milliseconds since 1970.
    pub expires_at: i64,
    /// The address the person had before.
    old_address: Option<String>,
    old_verified: bool,
    /// Whether the confirmed address is another one than before.
    moves: bool,
}

/// A link as the lane stores it before its mail leaves.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The keyed hash of its token.
    pub token_hash: [u8; 32],
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// What it belongs to.
    pub confirmation_id: ConfirmationId,
    /// The mail it goes out with.
    pub mail_id: AccountMailId,
}

/// Stores a link: the intent, before anything leaves. Gives until when it works, milliseconds since 1970.
///
/// # Errors
/// The database is not available.
pub async fn insert_link(tx: &mut Tx, link: &NewLink, key_id: &str, now_ms: i64) -> Result<i64> {
    let expires_at = now_ms + link.purpose.life_ms();
    tx.execute(
        "INSERT INTO confirmation_links (token_hash, key_id, purpose, confirmation_id, mail_id, minted_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            link.token_hash,
            key_id,
            link.purpose.as_str(),
            link.confirmation_id,
            link.mail_id,
            now_ms,
            expires_at
        ],
    )
    .await?;
    if link.purpose != LinkPurpose::ObjectAddress {
        let sql = "UPDATE confirmations SET expires_at = $2 WHERE id = $1 AND state = 'waiting'";
        tx.execute(sql, params![link.confirmation_id, expires_at]).await?;
    }
    Ok(expires_at)
}

/// The mail did not leave: its links are void.
///
/// # Errors
/// The database is not available.
pub async fn drop_links(tx: &mut Tx, mail_id: AccountMailId) -> Result<()> {
    tx.execute("DELETE FROM confirmation_links WHERE mail_id = $1", params![mail_id]).await?;
    Ok(())
}

/// The link with one of these hashes, if it is one of this purpose and works now. Looking uses nothing up.
///
/// # Errors
/// The database is not available.
pub async fn find_live(
    tx: &mut Tx,
    hashes: &[[u8; 32]],
    purpose: LinkPurpose,
    now_ms: i64,
) -> Result<Option<Live>> {
    for hash in hashes {
        let found = tx
            .find(
                "SELECT c.id, c.person_id, c.state, c.address, c.old_address, c.old_verified, l.expires_at, p.username,
                        p.language, p.address, p.time_zone
                 FROM confirmation_links l JOIN confirmations c ON c.id = l.confirmation_id
                 JOIN people p ON p.id = c.person_id
                 WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_at > $3 AND NOT p.blocked",
                params![*hash, purpose.as_str(), now_ms],
            )
            .await?;
        let Some(mut row) = found else { continue };
        let state: String = row.take(2)?;
        let [address, old, now]: [Option<String>; 3] = [row.take(3)?, row.take(4)?, row.take(9)?];
        if !is_good_for(purpose, &state, address.as_deref(), old.as_deref(), now.as_deref()) {
            continue;
        }
        let id = row.take(0)?;
        let titles = list_titles(tx, id).await?;
        if purpose == LinkPurpose::ConfirmSubscription && titles.is_empty() {
            // Nothing of it is offered any more.
            continue;
        }
        return Ok(Some(Live {
            id,
            person_id: row.take(1)?,
            username: row.take(7)?,
            language: row.take(8)?,
            time_zone: row.take(10)?,
            moves: address != old,
            address,
            titles,
            is_done: state == "confirmed",
            expires_at: row.take(6)?,
            old_address: old,
            old_verified: row.take(5)?,
        }));
    }
    Ok(None)
}

/// Whether there ever was a link of this purpose with one of these hashes: somebody with an old one guesses nothing.
///
/// # Errors
/// The database is not available.
pub async fn is_known(tx: &mut Tx, hashes: &[[u8; 32]], purpose: LinkPurpose) -> Result<bool> {
    let sql = "SELECT 1 FROM confirmation_links WHERE token_hash = $1 AND purpose = $2";
    for hash in hashes {
        if tx.find(sql, params![*hash, purpose.as_str()]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One conditional write decides who was first.
async fn settle(tx: &mut Tx, live: &Live, to: &'static str, now_ms: i64) -> Result<bool> {
    let from = if live.is_done { "confirmed" } else { "waiting" };
    let sql = "UPDATE confirmations SET state = $3, settled_at = $4 WHERE id = $1 AND state = $2";
    Ok(tx.execute(sql, params![live.id, from, to, now_ms]).await? == 1)
}

/// The person joins the groups. `false`: the link was used, or what waited is over.
///
/// # Errors
/// The database is not available.
pub async fn confirm_subscriptions(
    tx: &mut Tx,
    live: &Live,
    by: &By<'_>,
    entries: &mut Vec<Entry>,
) -> Result<bool> {
    if !settle(tx, live, "confirmed", by.now_ms).await? {
        return Ok(false);
    }
    subscription::hold(tx, live.person_id).await?;
    let sql = "SELECT group_id FROM confirmation_groups WHERE confirmation_id = $1 ORDER BY group_id";
    for mut row in tx.query(sql, params![live.id]).await? {
        subscription::subscribe(tx, by, row.take(0)?, entries).await?;
    }
    Ok(true)
}

/// The new address counts from now on, and is confirmed. Links and mailed passwords that wait in the old mailbox are
/// void. `false`: the link was used, or what waited is over.
///
/// # Errors
/// The database is not available.
pub async fn confirm_address(
    tx: &mut Tx,
    live: &Live,
    network: &str,
    now_ms: i64,
    entries: &mut Vec<Entry>,
) -> ChangeResult<bool> {
    if !settle(tx, live, "confirmed", now_ms).await? {
        return Ok(false);
    }
    let address = live.address.as_deref().filter(|_| live.moves);
    let acting = Acting::mailbox_owner(live.person_id, network.to_owned());
    put_address(tx, &acting, live.person_id, address, true, now_ms).await?;
    entries.push(acting.entry("address.confirmed", "person", live.person_id, json!({}), now_ms));
    Ok(true)
}

/// Whoever reads the old mailbox objects: a change that waits is given up, one that was made is taken back, and then every
/// session ends as well. `false`: the link was used, or there is nothing to object to any more.
///
/// # Errors
/// The database is not available.
pub async fn object(
    tx: &mut Tx,
    live: &Live,
    network: &str,
    now_ms: i64,
    entries: &mut Vec<Entry>,
) -> ChangeResult<bool> {
    if !settle(tx, live, "cancelled", now_ms).await? {
        return Ok(false);
    }
    let acting = Acting::mailbox_owner(live.person_id, network.to_owned());
    if let Some(old) = live.old_address.as_deref().filter(|_| live.is_done) {
        credential::hold_all(tx, live.person_id).await?;
        reset_link::retire_all(tx, live.person_id).await?;
        subscription::hold(tx, live.person_id).await?;
        tx.execute("DELETE FROM sessions WHERE person_id = $1", params![live.person_id]).await?;
        put_address(tx, &acting, live.person_id, Some(old), live.old_verified, now_ms).await?;
    }
    let detail = json!({ "taken_back": live.is_done });
    entries.push(acting.entry("address.objected", "person", live.person_id, detail, now_ms));
    Ok(true)
}

/// Gives the person an address, or says of the one it has that it is confirmed.
async fn put_address(
    tx: &mut Tx,
    acting: &Acting,
    person_id: PersonId,
    address: Option<&str>,
    verified: bool,
    now_ms: i64,
) -> ChangeResult<()> {
    let mut change = PersonChange { verified: Some(verified), ..PersonChange::default() };
    if let Some(address) = address {
        credential::hold_all(tx, person_id).await?;
        reset_link::retire_all(tx, person_id).await?;
        let unreadable = |_| StoreError::Corrupt("the address of a confirmation is unreadable".into());
        change.address = Some(Some(Address::parse(address).map_err(unreadable)?));
    }
    person::update(tx, acting, person_id, &change, now_ms).await?;
    Ok(())
}
