//! Roles: a rank and what it allows; four come with the program.

use crate::acting::Acting;
use crate::refusal::{ChangeResult, Refusal};
use crate::{Result, Row, StoreError, Tx, audit, params};
use domain::id::RoleId;
use domain::role::{Permission, Rank, Role};

const COLUMNS: &str = "SELECT id, name, rank, built_in, permissions FROM roles";

fn read(mut row: Row) -> Result<Role> {
    let permissions: String = row.take(4)?;
    Ok(Role {
        id: row.take(0)?,
        name: row.take(1)?,
        rank: Rank::new(row.take(2)?).map_err(StoreError::Corrupt)?,
        built_in: row.take(3)?,
        permissions: serde_json::from_str(&permissions)
            .map_err(|_| StoreError::Corrupt("roles: permissions".into()))?,
    })
}

/// The role with this id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: RoleId) -> Result<Role> {
    tx.find(&format!("{COLUMNS} WHERE id = $1"), params![id])
        .await?
        .map_or_else(|| Err(StoreError::NotFound("the role".into())), read)
}

/// The role of this name, in any spelling.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Role>> {
    let sql = format!("{COLUMNS} WHERE LOWER(name) = $1");
    tx.find(&sql, params![name.trim().to_ascii_lowercase()]).await?.map(read).transpose()
}

/// All roles, the highest rank first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Role>> {
    let sql = format!("{COLUMNS} ORDER BY rank DESC, name");
    tx.query(&sql, &[]).await?.into_iter().map(read).collect()
}

/// Makes a custom role: its rank at most that of who makes it.
///
/// # Errors
/// The rank is too high, a permission is not known, or the name is taken.
pub async fn insert(tx: &mut Tx, acting: &Acting, role: &Role, now_ms: i64) -> ChangeResult<()> {
    if !acting.may_give(role.rank) {
        return Err(Refusal::RoleRank.into());
    }
    if let Some(unknown) = role.permissions.iter().find(|name| Permission::parse(name).is_none()) {
        return Err(Refusal::field("permissions", format!("{unknown} is not a permission")).into());
    }
    let permissions =
        serde_json::to_string(&role.permissions).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
         VALUES ($1, $2, $3, FALSE, $4, $5, $5)",
        params![role.id, role.name.trim(), role.rank.number(), permissions, now_ms],
    )
    .await?;
    audit::append(tx, acting.entry("role.created", "role", role.id, serde_json::json!({}), now_ms)).await?;
    Ok(())
}
