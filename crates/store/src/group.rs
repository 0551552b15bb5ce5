//! Groups and who is in them.

use crate::refusal::{ChangeResult, Refusal};
use crate::{Result, Tx, params};
use domain::id::{GroupId, PersonId};
use serde::Serialize;

/// A membership list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many people are in it.
    pub members: i64,
}

const COLUMNS: &str = "SELECT g.id, g.name, g.description, \
    (SELECT count(*) FROM group_members m WHERE m.group_id = g.id) FROM \"groups\" g";

fn read(mut row: crate::Row) -> Result<Group> {
    Ok(Group { id: row.take(0)?, name: row.take(1)?, description: row.take(2)?, members: row.take(3)? })
}

/// Creates a group.
///
/// # Errors
/// The name does not fit or is taken.
pub async fn insert(
    tx: &mut Tx,
    id: GroupId,
    name: &str,
    description: &str,
    now_ms: i64,
) -> ChangeResult<()> {
    let name = check_name(name)?;
    tx.execute(
        "INSERT INTO \"groups\" (id, name, description, created_at) VALUES ($1, $2, $3, $4)",
        params![id, name, description, now_ms],
    )
    .await?;
    Ok(())
}

fn check_name(name: &str) -> ChangeResult<&str> {
    let name = name.trim();
    // The bar separates groups in a CSV cell.
    if name.is_empty()
        || name.chars().count() > 150
        || name.contains('|')
        || name.chars().any(char::is_control)
    {
        return Err(Refusal::field("name", "expected 1 to 150 characters without |").into());
    }
    Ok(name)
}

/// All groups, by name, with how many people are in each.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Group>> {
    tx.query(&format!("{COLUMNS} ORDER BY g.name"), &[]).await?.into_iter().map(read).collect()
}

/// The group of this name.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Group>> {
    tx.find(&format!("{COLUMNS} WHERE g.name = $1"), params![name]).await?.map(read).transpose()
}

/// Removes a group; its people stay. Says whether there was one.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, id: GroupId) -> Result<bool> {
    Ok(tx.execute("DELETE FROM \"groups\" WHERE id = $1", params![id]).await? == 1)
}

/// Puts a person into a group; says whether that is new.
///
/// # Errors
/// The group or the person is gone.
pub async fn add(tx: &mut Tx, group: GroupId, person: PersonId, now_ms: i64) -> Result<bool> {
    let added = tx
        .execute(
            "INSERT INTO group_members (group_id, person_id, added_at) VALUES ($1, $2, $3)
             ON CONFLICT (group_id, person_id) DO NOTHING",
            params![group, person, now_ms],
        )
        .await?;
    Ok(added == 1)
}

/// Takes a person out of a group; says whether the person was in it.
///
/// # Errors
/// The database is not available.
pub async fn take_out(tx: &mut Tx, group: GroupId, person: PersonId) -> Result<bool> {
    let removed = tx
        .execute("DELETE FROM group_members WHERE group_id = $1 AND person_id = $2", params![group, person])
        .await?;
    Ok(removed == 1)
}
