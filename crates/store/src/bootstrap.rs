//! The one-time link for the first Owner.

use crate::event::{self, Happened};
use crate::{Result, Tx, params, person_words};
use domain::address::Address;
use domain::event::BuiltIn;
use domain::id::{PersonId, RoleId};
use uuid::Uuid;

/// The built-in role Owner, as the first migration writes it.
pub const OWNER: RoleId = RoleId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003));

/// The first Owner, as typed behind the link.
#[derive(Debug, Clone)]
pub struct FirstOwner {
    /// Fresh id.
    pub id: PersonId,
    /// User name in canonical form.
    pub username: String,
    /// Where mail goes.
    pub address: Address,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// Hash of the chosen password.
    pub password_hash: String,
}

/// Whether there is a person with the role Owner.
///
/// # Errors
/// The database is not available.
pub async fn has_owner(tx: &mut Tx) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM people WHERE role_id = $1 LIMIT 1", params![OWNER]).await?.is_some())
}

/// Stores the hash of a link.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, token_hash: &[u8], expires_at: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO bootstraps (token_hash, expires_at, used_at) VALUES ($1, $2, NULL)",
        params![token_hash, expires_at],
    )
    .await?;
    Ok(())
}

/// Whether one of these hashes is of a link that still works.
///
/// # Errors
/// The database is not available.
pub async fn is_live(tx: &mut Tx, token_hashes: &[[u8; 32]], now_ms: i64) -> Result<bool> {
    for token_hash in token_hashes {
        let found = tx
            .find(
                "SELECT 1 FROM bootstraps WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
                params![*token_hash, now_ms],
            )
            .await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Redeems a link and makes the first Owner. `false`: the link is used or over, or there is an Owner.
///
/// The role's row is held meanwhile, so that two different links cannot both win.
///
/// # Errors
/// The user name is taken; the database is not available.
pub async fn redeem(tx: &mut Tx, token_hashes: &[[u8; 32]], owner: &FirstOwner, now_ms: i64) -> Result<bool> {
    tx.query("SELECT id FROM roles WHERE id = $1 {for_update}", params![OWNER]).await?;
    if has_owner(tx).await? {
        return Ok(false);
    }
    let mut used = 0;
    for token_hash in token_hashes {
        used += tx
            .execute(
                "UPDATE bootstraps SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
                params![*token_hash, now_ms],
            )
            .await?;
    }
    if used == 0 {
        return Ok(false);
    }
    insert_owner(tx, owner, now_ms).await?;
    Ok(true)
}

async fn insert_owner(tx: &mut Tx, owner: &FirstOwner, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                             language, blocked, verified, created_at, updated_at, role_id, user_type,
                             password_hash, password_set, password_changed_at, must_change, failed_logins)
         VALUES ($1, $2, $3, $4, $5, $6, '', $7, FALSE, TRUE, $8, $8, $9, 'ui', $10, 'chosen', $8, FALSE, 0)",
        params![
            owner.id,
            &owner.username,
            owner.address.as_given(),
            owner.address.canonical(),
            &owner.given_name,
            &owner.family_name,
            owner.language.clone(),
            now_ms,
            OWNER,
            &owner.password_hash
        ],
    )
    .await?;
    person_words::enqueue(tx, &[owner.id]).await?;
    let about = Happened::to(owner.id, None, serde_json::json!({ "origin": "setup" }));
    event::happened(tx, BuiltIn::PersonCreated, &about, now_ms).await
}

/// Removes links that are over; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, now_ms: i64) -> Result<u64> {
    tx.execute("DELETE FROM bootstraps WHERE expires_at <= $1 OR used_at IS NOT NULL", params![now_ms]).await
}
