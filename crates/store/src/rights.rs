//! The rights a run has: the lowest current rank of everyone who shaped it (requirement A6).

use crate::error::Result;
use crate::value::Kind;
use crate::{Rows, Tx, Value, params};
use domain::id::PersonId;
use domain::role::Permission;

/// Stands for the name of somebody who is erased.
pub const ERASED: &str = "an erased person";

/// What the owner and the editors of a run are at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The lowest of their ranks; `None`: somebody of them has no valid system role any more.
    pub rank: Option<i64>,
    /// The user name of the first who has none, for the message.
    pub lacking: Option<String>,
    /// How many Owners can sign in.
    pub owners: i64,
}

/// Reads the rights of those who shaped a run, now. The owner's role must still allow what the run does; of the others
/// only the rank counts.
///
/// # Errors
/// The database is not available.
pub async fn read(
    tx: &mut Tx,
    owner: PersonId,
    shaped_by: &[PersonId],
    needed: Permission,
    now_ms: i64,
) -> Result<Rights> {
    let owners = tx
        .find(
            "SELECT count(*) FROM people p JOIN roles ro ON ro.id = p.role_id
             WHERE ro.rank = 3 AND p.user_type <> 'api' AND NOT p.blocked
               AND (p.expires_at IS NULL OR p.expires_at > $1)",
            params![now_ms],
        )
        .await?
        .map_or(Ok(0), |mut row| row.take(0))?;
    let mut rights = Rights { rank: Some(3), lacking: None, owners };
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in shaped_by {
        rows.push([Value::from(*person)]);
    }
    let found = tx
        .query_rows(
            "SELECT p.username, ro.rank, p.blocked, p.expires_at, p.id, ro.permissions FROM {rows}
             LEFT JOIN people p ON p.id = r.person LEFT JOIN roles ro ON ro.id = p.role_id",
            &[],
            &rows,
        )
        .await?;
    for mut row in found {
        let username: Option<String> = row.take(0)?;
        let rank: Option<i64> = row.take(1)?;
        let blocked: Option<bool> = row.take(2)?;
        let expires_at: Option<i64> = row.take(3)?;
        let may = row.take::<Option<PersonId>>(4)? != Some(owner) || allows(row.take(5)?, needed);
        let valid = may && blocked == Some(false) && expires_at.is_none_or(|at| at > now_ms);
        match rank.filter(|_| valid) {
            Some(rank) => rights.rank = rights.rank.map(|lowest| lowest.min(rank)),
            None => {
                rights.rank = None;
                rights.lacking.get_or_insert(username.unwrap_or_else(|| ERASED.into()));
            }
        }
    }
    Ok(rights)
}

/// What somebody who approves runs is at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// The user name.
    pub username: String,
    /// The rank; `None`: no valid system role that allows approving, or a program.
    pub rank: Option<i64>,
}

/// Reads the rights of somebody who approves runs, now.
///
/// # Errors
/// The database is not available.
pub async fn read_approver(tx: &mut Tx, approver: PersonId, now_ms: i64) -> Result<Approver> {
    let found = tx
        .find(
            "SELECT p.username, ro.rank, p.blocked, p.expires_at, p.user_type, ro.permissions FROM people p
             LEFT JOIN roles ro ON ro.id = p.role_id WHERE p.id = $1",
            params![approver],
        )
        .await?;
    let Some(mut row) = found else {
        return Ok(Approver { username: ERASED.into(), rank: None });
    };
    let username = row.take(0)?;
    let rank: Option<i64> = row.take(1)?;
    let blocked: bool = row.take(2)?;
    let expires_at: Option<i64> = row.take(3)?;
    let user_type: Option<String> = row.take(4)?;
    let may = allows(row.take(5)?, Permission::MailingsApprove) && user_type.as_deref() != Some("api");
    let valid = may && !blocked && expires_at.is_none_or(|at| at > now_ms);
    Ok(Approver { username, rank: rank.filter(|_| valid) })
}

fn allows(permissions: Option<String>, permission: Permission) -> bool {
    let names: Vec<String> =
        permissions.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    names.iter().any(|name| name == "*" || name == permission.as_str())
}
