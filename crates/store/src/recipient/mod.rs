//! Recipients: one person in one run each, from the frozen audience to the state it ends in; here as lists show them.

mod audience;
mod claim;
mod search;
mod settle;

pub use audience::{Audience, Previewed, Rules, freeze, preview, preview_people};
pub use claim::{Chunk, Claimed, attributes_of, claim, next_chunk, next_due, read_attributes};
pub use search::{Side, Wanted, search};
pub use settle::{CancelledOpen, accept_arrived, cancel_open, leave_out, retry};

use crate::error::{Result, StoreError};
use crate::{Row, Tx, Value, params};
use domain::id::{PersonId, RecipientId};
use domain::recipient::RecipientState;
use serde::Serialize;
use std::collections::BTreeMap;

/// Attempts before a recipient counts as refused.
const TRIES: i64 = domain::delivery::MOST_ATTEMPTS as i64;

/// A recipient as lists and reports show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its id.
    #[serde(skip)]
    pub id: RecipientId,
    /// Its place in the audience, from 1.
    pub position: u32,
    /// The person; the name is gone when the person was erased.
    pub person_id: PersonId,
    /// The user name.
    pub username: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// The address now.
    pub address: Option<String>,
    /// Where it stands.
    pub state: RecipientState,
    /// Why, when left out, refused or deferred.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// The next attempt, milliseconds since 1970.
    pub due_at: Option<i64>,
    /// When it was settled.
    pub settled_at: Option<i64>,
    /// What the relay said last.
    pub reply: Option<String>,
}

/// What [`read_listed`] expects.
const COLUMNS: &str =
    "q.id, q.person_id, p.username, p.given_name, p.family_name, p.display_name, p.address, q.state,
    q.reason, q.attempts, q.due_at, q.settled_at,
    (SELECT d.reply FROM deliveries d WHERE d.recipient_id = q.id ORDER BY d.attempt DESC LIMIT 1)
    FROM recipients q LEFT JOIN people p ON p.id = q.person_id";

/// The recipient with this id, if there is one.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, id: RecipientId) -> Result<Option<Listed>> {
    let sql = format!("SELECT {COLUMNS} WHERE q.id = $1");
    tx.find(&sql, params![id]).await?.map(read_listed).transpose()
}

/// Recipients of a run after a place, in the order of the audience; in one state, or in all.
///
/// # Errors
/// The database is not available.
pub async fn list(
    tx: &mut Tx,
    run_number: i64,
    state: Option<RecipientState>,
    after: u32,
    limit: i64,
) -> Result<Vec<Listed>> {
    let (_, last) = RecipientId::bounds(run_number);
    let mut values: Vec<Value> = vec![RecipientId::new(run_number, after).into(), last.into(), limit.into()];
    let in_state = match state {
        Some(state) => {
            values.push(state.as_str().into());
            "AND q.state = $4"
        }
        None => "",
    };
    let sql = format!(
        "SELECT {COLUMNS}
         WHERE q.id > $1 AND q.id <= $2 {in_state} ORDER BY q.id LIMIT $3"
    );
    let rows = tx.query(&sql, &values).await?;
    rows.into_iter().map(read_listed).collect()
}

fn read_listed(mut row: Row) -> Result<Listed> {
    let id: RecipientId = row.take(0)?;
    let username: Option<String> = row.take(2)?;
    let parts: [Option<String>; 3] = [row.take(5)?, row.take(3)?, row.take(4)?];
    let [display, given, family] = parts.map(Option::unwrap_or_default);
    let state: String = row.take(7)?;
    Ok(Listed {
        id,
        position: id.position(),
        person_id: row.take(1)?,
        name: username
            .as_ref()
            .map(|username| domain::person::full_name(&display, &given, &family, username)),
        username,
        address: row.take(6)?,
        state: RecipientState::parse(&state)
            .ok_or_else(|| StoreError::Corrupt("a recipient has an unreadable state".into()))?,
        reason: row.take(8)?,
        attempts: row.take(9)?,
        due_at: row.take(10)?,
        settled_at: row.take(11)?,
        reply: row.take(12)?,
    })
}

/// How many recipients of a run are settled in which way: by state and reason, or class of answer; one look for all
/// that lists of a run show.
///
/// # Errors
/// The database is not available.
pub async fn count_by_state_and_reason(
    tx: &mut Tx,
    run_number: i64,
) -> Result<Vec<(RecipientState, String, i64)>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT state, COALESCE(reason, ''), count(*) FROM recipients WHERE id BETWEEN $1 AND $2
             GROUP BY state, COALESCE(reason, '') ORDER BY 3 DESC, 1, 2",
            params![first, last],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let state: String = row.take(0)?;
            let state = RecipientState::parse(&state)
                .ok_or_else(|| StoreError::Corrupt("a recipient has an unreadable state".into()))?;
            Ok((state, row.take(1)?, row.take(2)?))
        })
        .collect()
}

/// How many recipients of a run are in a state, by reason (left out) or class of answer (refused).
///
/// # Errors
/// The database is not available.
pub async fn count_by_reason(
    tx: &mut Tx,
    run_number: i64,
    state: RecipientState,
) -> Result<BTreeMap<String, i64>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT COALESCE(reason, ''), count(*) FROM recipients WHERE id BETWEEN $1 AND $2 AND state = $3
             GROUP BY COALESCE(reason, '')",
            params![first, last, state.as_str()],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}
