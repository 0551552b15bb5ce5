//! What happened to one person, newest first: runs that wrote or did not write to them, and what was done to the
//! record.

use crate::error::{Result, StoreError};
use crate::{Tx, params};
use domain::id::{PersonId, RecipientId, RunId};
use domain::recipient::RecipientState;

/// The person in one run.
#[derive(Debug, Clone)]
pub struct Mailed {
    /// The place in the run.
    pub recipient: RecipientId,
    /// The run.
    pub run: RunId,
    /// What the run was called.
    pub run_name: String,
    /// When the run was made, milliseconds since 1970.
    pub created_at: i64,
    /// When this person was settled.
    pub settled_at: Option<i64>,
    /// Where it stands.
    pub state: RecipientState,
    /// Why, when left out or refused.
    pub reason: Option<String>,
    /// What the relay said last.
    pub reply: Option<String>,
}

/// Something done to the record.
#[derive(Debug, Clone)]
pub struct Done {
    /// When, milliseconds since 1970.
    pub at: i64,
    /// What, as in the audit log.
    pub action: String,
    /// As what it was done: operator, recipient, system, command line.
    pub actor: String,
    /// Who did it, when the person is still here.
    pub by: Option<String>,
    /// The particulars, as in the audit log.
    pub detail: serde_json::Value,
}

/// The last runs with this person.
///
/// # Errors
/// The database is not available.
pub async fn list_mailed(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<Mailed>> {
    let rows = tx
        .query(
            "SELECT q.id, u.id, u.name, u.created_at, q.settled_at, q.state, q.reason,
                    (SELECT d.reply FROM deliveries d WHERE d.recipient_id = q.id ORDER BY d.attempt DESC LIMIT 1)
             FROM (SELECT id, settled_at, state, reason FROM recipients WHERE person_id = $1
                   ORDER BY id DESC LIMIT $2) AS q
             JOIN runs u ON u.number = q.id / 4294967296
             ORDER BY q.id DESC",
            params![person, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let state: String = row.take(5)?;
            Ok(Mailed {
                recipient: row.take(0)?,
                run: row.take(1)?,
                run_name: row.take(2)?,
                created_at: row.take(3)?,
                settled_at: row.take(4)?,
                state: RecipientState::parse(&state)
                    .ok_or_else(|| StoreError::Corrupt("a recipient has an unreadable state".into()))?,
                reason: row.take(6)?,
                reply: row.take(7)?,
            })
        })
        .collect()
}

/// What was done last to this record, by the audit log.
///
/// # Errors
/// The database is not available.
pub async fn list_done(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<Done>> {
    let rows = tx
        .query(
            "SELECT a.at, a.action, a.actor, p.given_name, p.family_name, p.display_name, p.username, a.detail
             FROM audit a LEFT JOIN people p ON p.id = a.actor_id
             WHERE a.subject_id = $1 AND a.subject_kind = 'person' ORDER BY a.number DESC LIMIT $2",
            params![person.to_string(), limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let [given, family, display, username]: [Option<String>; 4] =
                [row.take(3)?, row.take(4)?, row.take(5)?, row.take(6)?];
            let detail: String = row.take(7)?;
            let name = |part: Option<String>| part.unwrap_or_default();
            Ok(Done {
                at: row.take(0)?,
                action: row.take(1)?,
                actor: row.take(2)?,
                detail: serde_json::from_str(&detail).unwrap_or_default(),
                by: username.map(|username| {
                    domain::person::full_name(&name(display), &name(given), &name(family), &username)
                }),
            })
        })
        .collect()
}
