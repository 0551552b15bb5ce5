//! Requests to be erased: a person asks, an operator erases or declines with an answer, the person may take it back.

use crate::acting::Acting;
use crate::audit::{self, Entry};
use crate::person;
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::{Standing, Wrong};
use crate::{Result, Row, Tx, params};
use domain::id::PersonId;
use domain::person::full_name;
use serde::Serialize;
use serde_json::json;

/// A request of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeletionRequest {
    /// Why, as the person gave it; mostly empty.
    pub reason: String,
    /// When, milliseconds since 1970.
    pub requested_at: i64,
    /// When an operator declined it; `None`: it waits for one.
    pub declined_at: Option<i64>,
    /// What the operator said to it.
    pub answer: String,
}

/// A request that waits, with who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub person_id: PersonId,
    /// What to call the person.
    pub name: String,
    /// User name.
    pub username: String,
    /// The request.
    pub request: DeletionRequest,
}

const COLUMNS: &str = "d.reason, d.requested_at, d.declined_at, d.answer";

fn read(row: &mut Row) -> Result<DeletionRequest> {
    Ok(DeletionRequest {
        reason: row.take(0)?,
        requested_at: row.take(1)?,
        declined_at: row.take(2)?,
        answer: row.take(3)?,
    })
}

/// The request of a person, if there is one, declined or not.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, person_id: PersonId) -> Result<Option<DeletionRequest>> {
    let sql = format!("SELECT {COLUMNS} FROM deletion_requests d WHERE d.person_id = $1");
    tx.find(&sql, params![person_id]).await?.map(|mut row| read(&mut row)).transpose()
}

/// How many wait for an operator.
///
/// # Errors
/// The database is not available.
pub async fn count_open(tx: &mut Tx) -> Result<i64> {
    let sql = "SELECT count(*) FROM deletion_requests WHERE declined_at IS NULL";
    tx.find(sql, &[]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// Those that wait for an operator, the oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_open(tx: &mut Tx, limit: i64) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {COLUMNS}, p.id, p.username, p.display_name, p.given_name, p.family_name
         FROM deletion_requests d JOIN people p ON p.id = d.person_id
         WHERE d.declined_at IS NULL ORDER BY d.requested_at, p.id LIMIT $1"
    );
    let rows = tx.query(&sql, params![limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            let request = read(&mut row)?;
            let username: String = row.take(5)?;
            let names: [String; 3] = [row.take(6)?, row.take(7)?, row.take(8)?];
            let [display, given, family] = &names;
            Ok(Listed {
                person_id: row.take(4)?,
                name: full_name(display, given, family, &username),
                username,
                request,
            })
        })
        .collect()
}

/// A person asks to be erased; an earlier request, declined or not, is replaced. The audit entry is the caller's to
/// append. `false`: the person is gone.
///
/// # Errors
/// The database is not available.
pub async fn ask(
    tx: &mut Tx,
    acting: &Acting,
    person_id: PersonId,
    reason: &str,
    now_ms: i64,
    entries: &mut Vec<Entry>,
) -> Result<bool> {
    let asked = tx
        .execute(
            "INSERT INTO deletion_requests (person_id, reason, requested_at, answer)
             SELECT p.id, $2, CAST($3 AS BIGINT), '' FROM people p WHERE p.id = $1
             ON CONFLICT (person_id) DO UPDATE SET reason = excluded.reason, requested_at = excluded.requested_at,
                 declined_at = NULL, declined_by = NULL, answer = ''",
            params![person_id, reason, now_ms],
        )
        .await?;
    if asked == 1 {
        entries.push(acting.entry("deletion.asked", "person", person_id, json!({}), now_ms));
    }
    Ok(asked == 1)
}

/// The person takes the request back. `false`: there was none that waits.
///
/// # Errors
/// The database is not available.
pub async fn withdraw(tx: &mut Tx, acting: &Acting, person_id: PersonId, now_ms: i64) -> Result<bool> {
    let sql = "DELETE FROM deletion_requests WHERE person_id = $1 AND declined_at IS NULL";
    let withdrawn = tx.execute(sql, params![person_id]).await? == 1;
    if withdrawn {
        let entry = acting.entry("deletion.withdrawn", "person", person_id, json!({}), now_ms);
        audit::append(tx, entry).await?;
    }
    Ok(withdrawn)
}

/// An operator declines a request; the person reads the answer. Erasing is [`person::erase`], which takes the request
/// with it.
///
/// # Errors
/// There is no request that waits; the answer is too long; the rank is too low; the person is gone.
pub async fn decline(
    tx: &mut Tx,
    acting: &Acting,
    person_id: PersonId,
    answer: &str,
    now_ms: i64,
) -> ChangeResult<()> {
    let answer = domain::preference::reason(answer).ok_or_else(|| Refusal::field("answer", Wrong::Reason))?;
    person::hold_outranked(tx, acting, person_id).await?;
    let declined = tx
        .execute(
            "UPDATE deletion_requests SET declined_at = $2, declined_by = $3, answer = $4
             WHERE person_id = $1 AND declined_at IS NULL",
            params![person_id, now_ms, acting.person_id, answer],
        )
        .await?;
    if declined == 0 {
        return Err(Refusal::State(Standing::NoRequest.into()).into());
    }
    audit::append(tx, acting.entry("deletion.declined", "person", person_id, json!({}), now_ms)).await?;
    Ok(())
}
