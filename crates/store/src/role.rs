//! Roles: the built-in ones and those of the installation.

use crate::acting::Acting;
use crate::person::check;
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::{Standing, Wrong};
use crate::{Result, Row, StoreError, Tx, audit, params};
use domain::id::RoleId;
use domain::role::{Permission, Rank, Role};
use domain::sentence::Piece;
use serde_json::json;
use std::collections::HashMap;

/// All roles, the highest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Role>> {
    let sql = "SELECT id, name, rank, built_in, permissions, second_factor_required FROM roles ORDER BY rank DESC, name";
    tx.query(sql, &[]).await?.into_iter().map(read).collect()
}

/// The role with this id.
///
/// # Errors
/// There is none; the database is not available.
pub async fn get(tx: &mut Tx, id: RoleId) -> Result<Role> {
    tx.find(
        "SELECT id, name, rank, built_in, permissions, second_factor_required FROM roles WHERE id = $1",
        params![id],
    )
    .await?
    .map(read)
    .transpose()?
    .ok_or_else(|| StoreError::NotFound(format!("the role {id}")))
}

/// The role of this name, upper and lower case (A to Z) being the same.
///
/// # Errors
/// The database is not available.
pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<Role>> {
    let sql = "SELECT id, name, rank, built_in, permissions, second_factor_required FROM roles WHERE LOWER(name) = $1";
    tx.find(sql, params![name.trim().to_ascii_lowercase()]).await?.map(read).transpose()
}

/// How many people have each role; a role nobody has is left out.
///
/// # Errors
/// The database is not available.
pub async fn count_holders(tx: &mut Tx) -> Result<HashMap<RoleId, i64>> {
    let sql = "SELECT role_id, count(*) FROM people WHERE role_id IS NOT NULL GROUP BY role_id";
    tx.query(sql, &[]).await?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

fn read(mut row: Row) -> Result<Role> {
    let permissions: String = row.take(4)?;
    Ok(Role {
        id: row.take(0)?,
        name: row.take(1)?,
        rank: Rank::new(row.take(2)?).map_err(StoreError::Corrupt)?,
        built_in: row.take(3)?,
        permissions: serde_json::from_str(&permissions)
            .map_err(|error| StoreError::Corrupt(format!("roles.permissions: {error}")))?,
        second_factor_required: row.take(5)?,
    })
}

/// A role as an installation defines it.
#[derive(Debug, Clone)]
pub struct RoleDraft {
    /// Its name, unique whatever the case.
    pub name: String,
    /// Its rank, at most that of the one who makes it.
    pub rank: Rank,
    /// What it allows, by name, at most what the one who makes it may do.
    pub permissions: Vec<String>,
    /// Who has it signs in to the console with a second factor only.
    pub second_factor_required: bool,
}

/// Adds a role. `own` is the role of the one who acts: nobody gives what they do not have.
///
/// # Errors
/// The name is empty or taken; a permission is unknown or not one's own; the rank is above one's own.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    own: Option<&Role>,
    id: RoleId,
    draft: &RoleDraft,
    now_ms: i64,
) -> ChangeResult<()> {
    let (name, permissions) = checked(tx, acting, own, id, draft).await?;
    tx.execute(
        "INSERT INTO roles (id, name, rank, built_in, permissions, second_factor_required, created_at, updated_at)
         VALUES ($1, $2, $3, FALSE, $4, $5, $6, $6)",
        params![id, name, draft.rank.number(), &permissions, draft.second_factor_required, now_ms],
    )
    .await?;
    record(tx, acting, "role.created", id, draft, now_ms).await
}

/// Changes a role of the installation, for everyone who has it.
///
/// # Errors
/// As [`insert`]; the role is built in, gone, or not below one's own.
pub async fn update(
    tx: &mut Tx,
    acting: &Acting,
    own: Option<&Role>,
    id: RoleId,
    draft: &RoleDraft,
    now_ms: i64,
) -> ChangeResult<()> {
    changeable(tx, acting, id).await?;
    let (name, permissions) = checked(tx, acting, own, id, draft).await?;
    tx.execute(
        "UPDATE roles SET name = $2, rank = $3, permissions = $4, second_factor_required = $5, updated_at = $6
         WHERE id = $1",
        params![id, name, draft.rank.number(), &permissions, draft.second_factor_required, now_ms],
    )
    .await?;
    record(tx, acting, "role.changed", id, draft, now_ms).await
}

/// Says whether who has the role signs in to the console with a second factor only; the one thing about a built-in role
/// that can be changed, by an Owner. Sessions that were opened without one are over with their next request.
/// `false`: it was so already.
///
/// # Errors
/// The role is gone, or not below one's own; of a built-in one: the one who acts is no Owner.
pub async fn require_second_factor(
    tx: &mut Tx,
    acting: &Acting,
    id: RoleId,
    required: bool,
    now_ms: i64,
) -> ChangeResult<bool> {
    tx.query("SELECT id FROM roles WHERE id = $1 {for_update}", params![id]).await?;
    let role = get(tx, id).await?;
    let may = if role.built_in { acting.may_give(Rank::HIGHEST) } else { acting.outranks(Some(role.rank)) };
    if !may {
        return Err(Refusal::RoleRank.into());
    }
    if role.second_factor_required == required {
        return Ok(false);
    }
    tx.execute(
        "UPDATE roles SET second_factor_required = $2, updated_at = $3 WHERE id = $1",
        params![id, required, now_ms],
    )
    .await?;
    let detail = json!({ "name": role.name, "required": required });
    audit::append(tx, acting.entry("role.second_factor_required", "role", id, detail, now_ms)).await?;
    Ok(true)
}

/// Removes a role nobody has.
///
/// # Errors
/// The role is built in, gone, had by somebody, or not below one's own.
pub async fn remove(tx: &mut Tx, acting: &Acting, id: RoleId, now_ms: i64) -> ChangeResult<()> {
    let role = changeable(tx, acting, id).await?;
    let holders = tx
        .query("SELECT username FROM people WHERE role_id = $1 ORDER BY username LIMIT 20", params![id])
        .await?;
    if !holders.is_empty() {
        let by = holders.into_iter().map(|mut row| Ok(Piece::Text(row.take(0)?))).collect::<Result<_>>()?;
        return Err(Refusal::InUse { what: format!("the role {:?}", role.name), by }.into());
    }
    tx.execute("DELETE FROM roles WHERE id = $1", params![id]).await?;
    audit::append(tx, acting.entry("role.removed", "role", id, json!({}), now_ms)).await?;
    Ok(())
}

/// Holds a role that may be changed: not built in, and below the rank of the one who acts.
async fn changeable(tx: &mut Tx, acting: &Acting, id: RoleId) -> ChangeResult<Role> {
    tx.query("SELECT id FROM roles WHERE id = $1 {for_update}", params![id]).await?;
    let role = get(tx, id).await?;
    if role.built_in {
        return Err(Refusal::State(Standing::BuiltIn { name: role.name }.into()).into());
    }
    if !acting.outranks(Some(role.rank)) {
        return Err(Refusal::RoleRank.into());
    }
    Ok(role)
}

async fn checked<'a>(
    tx: &mut Tx,
    acting: &Acting,
    own: Option<&Role>,
    id: RoleId,
    draft: &'a RoleDraft,
) -> ChangeResult<(&'a str, String)> {
    let name = match check::name(&draft.name).map_err(check::at("name"))? {
        "" => return Err(Refusal::field("name", Wrong::RoleName).into()),
        name => name,
    };
    if find_by_name(tx, name).await?.is_some_and(|other| other.id != id) {
        return Err(StoreError::Exists("roles.name".into()).into());
    }
    if !acting.may_give(draft.rank) {
        return Err(Refusal::RoleRank.into());
    }
    let mut permissions: Vec<&str> = Vec::new();
    for text in &draft.permissions {
        let permission = Permission::parse(text).ok_or_else(|| {
            let known: Vec<&str> = Permission::ALL.iter().map(|one| one.as_str()).collect();
            let wrong = Wrong::NoPermission { name: text.clone(), known: known.join(", ") };
            Refusal::field("permissions", wrong)
        })?;
        if own.is_some_and(|own| !own.allows(permission)) {
            let wrong = Wrong::NotYours { name: text.clone() };
            return Err(Refusal::field("permissions", wrong).into());
        }
        if !permissions.contains(&permission.as_str()) {
            permissions.push(permission.as_str());
        }
    }
    Ok((name, json!(permissions).to_string()))
}

async fn record(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    id: RoleId,
    draft: &RoleDraft,
    now_ms: i64,
) -> ChangeResult<()> {
    let detail = json!({
        "name": draft.name, "rank": draft.rank.number(), "permissions": draft.permissions,
        "second_factor_required": draft.second_factor_required,
    });
    audit::append(tx, acting.entry(action, "role", id, detail, now_ms)).await?;
    Ok(())
}
