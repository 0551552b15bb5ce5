//! Notices: mails to operators that carry no secret. A row is the intent; a lane of its own sends it.
//!
//! An unsettled notice has a time it is due at. Claiming moves that time ahead, so that a claim is a lease: should
//! its process die, the notice is due again. The number of attempts is the fencing number of what is recorded: it only
//! grows, and a retry by an operator counts its tries from where it stood.

use crate::error::{Result, StoreError};
use crate::value::Kind;
use crate::{Row, Rows, Tx, Value, params};
use domain::address::Address;
use domain::id::{AutomationId, NoticeId, PersonId};
use domain::notice::{About, NoticeKind, NoticeOutcome};
use serde::Serialize;

/// How long a claimed notice is left to its process, in milliseconds: longer than a relay may take to answer
/// (RFC 5321 §4.5.3.2) after a slow pace made it wait.
pub const LEASE_MS: i64 = 20 * 60_000;
/// How long settled notices are kept, in milliseconds.
pub const KEPT_MS: i64 = 180 * 24 * 3_600_000;

/// Who may get a notice: a valid system user who is no program and has an address that takes mail. `$1` is now.
const MAY_RECEIVE: &str =
    "p.role_id IS NOT NULL AND p.user_type <> 'api' AND NOT p.blocked AND p.address IS NOT NULL
    AND p.undeliverable IS NULL AND (p.expires_at IS NULL OR p.expires_at > $1)";

/// Those of some people who may get a notice now, in their order.
///
/// # Errors
/// The database is not available.
pub async fn list_able(tx: &mut Tx, people: &[PersonId], now_ms: i64) -> Result<Vec<PersonId>> {
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    people.iter().for_each(|person| rows.push([Value::from(*person)]));
    let sql = format!("SELECT p.id FROM {{rows}} JOIN people p ON p.id = r.person WHERE {MAY_RECEIVE}");
    let found = tx.query_rows(&sql, params![now_ms], &rows).await?;
    let able: Vec<PersonId> = found.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
    Ok(people.iter().copied().filter(|person| able.contains(person)).collect())
}

/// The Owners of the house who may get a notice now.
///
/// # Errors
/// The database is not available.
pub async fn list_owners(tx: &mut Tx, now_ms: i64) -> Result<Vec<PersonId>> {
    let sql = format!(
        "SELECT p.id FROM people p JOIN roles ro ON ro.id = p.role_id WHERE ro.rank = 3 AND {MAY_RECEIVE} ORDER BY p.id"
    );
    tx.query(&sql, params![now_ms]).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// Writes the intent to send a notice to one person.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, id: NoticeId, person: PersonId, about: &About, now_ms: i64) -> Result<()> {
    let json = serde_json::to_string(about).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "INSERT INTO notices (id, person_id, kind, about, attempts, due_at, created_at, automation_id, run_id)
         VALUES ($1, $2, $3, $4, 0, $5, $5, $6, $7)",
        params![
            id,
            person,
            about.notice.kind().as_str(),
            json,
            now_ms,
            about.notice.automation().map(|automation| automation.id),
            about.notice.run().map(|run| run.id)
        ],
    )
    .await?;
    Ok(())
}

/// Whether a notice is due.
///
/// # Errors
/// The database is not available.
pub async fn is_due(tx: &mut Tx, now_ms: i64) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM notices WHERE due_at <= $1 LIMIT 1", params![now_ms]).await?.is_some())
}

/// A notice in the hands of one process.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which.
    pub id: NoticeId,
    /// What it says.
    pub about: About,
    /// Which attempt, from 1; the fencing number of its record.
    pub attempt: i64,
    /// Which try since it was written, or since an operator asked for another round, from 1.
    pub tried: i64,
    /// Whom it goes to; `None`: the person may not get it any more.
    pub reader: Option<Reader>,
}

/// Whom a notice goes to, as the databank says now.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The stored address.
    pub address: Address,
    /// As the person wants to be called.
    pub display_name: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// User name.
    pub username: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
}

/// Claims up to so many due notices, and reads again who they go to.
///
/// # Errors
/// The database is not available.
pub async fn claim(tx: &mut Tx, limit: i64, now_ms: i64) -> Result<Vec<Claimed>> {
    let found = tx
        .query(
            "SELECT id, person_id, about, attempts, tried_before FROM notices WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2
             {skip_locked}",
            params![now_ms, limit],
        )
        .await?;
    let mut claimed = Vec::with_capacity(found.len());
    for mut row in found {
        let (id, person): (NoticeId, PersonId) = (row.take(0)?, row.take(1)?);
        let about: String = row.take(2)?;
        let attempt: i64 = row.take::<i64>(3)? + 1;
        let tried = attempt - row.take::<i64>(4)?;
        tx.execute(
            "UPDATE notices SET attempts = $2, due_at = $3 WHERE id = $1",
            params![id, attempt, now_ms + LEASE_MS],
        )
        .await?;
        let Ok(about) = serde_json::from_str(&about) else {
            // One that cannot be read must not keep the others waiting.
            let why = "it cannot be read by this version of the program";
            settle(tx, id, attempt, NoticeOutcome::GivenUp, why, now_ms).await?;
            continue;
        };
        let reader = find_reader(tx, person, now_ms).await?;
        claimed.push(Claimed { id, about, attempt, tried, reader });
    }
    Ok(claimed)
}

async fn find_reader(tx: &mut Tx, person: PersonId, now_ms: i64) -> Result<Option<Reader>> {
    let sql = format!(
        "SELECT p.address, p.display_name, p.given_name, p.family_name, p.username, p.language, p.time_zone
         FROM people p WHERE p.id = $2 AND {MAY_RECEIVE}"
    );
    let Some(mut row) = tx.find(&sql, params![now_ms, person]).await? else { return Ok(None) };
    let address: String = row.take(0)?;
    let Ok(address) = Address::parse(&address) else { return Ok(None) };
    Ok(Some(Reader {
        address,
        display_name: row.take(1)?,
        given_name: row.take(2)?,
        family_name: row.take(3)?,
        username: row.take(4)?,
        language: row.take(5)?,
        time_zone: row.take(6)?,
    }))
}

/// Ends a claimed notice for good; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn settle(
    tx: &mut Tx,
    id: NoticeId,
    attempt: i64,
    outcome: NoticeOutcome,
    detail: &str,
    now_ms: i64,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE notices SET due_at = NULL, outcome = $3, detail = $4, settled_at = $5
             WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, outcome.as_str(), detail, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a claimed notice off; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn defer(tx: &mut Tx, id: NoticeId, attempt: i64, detail: &str, due_at: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE notices SET due_at = $3, detail = $4 WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, due_at, detail],
        )
        .await?;
    Ok(changed == 1)
}

/// *given up* → due now, with all attempts filled up: one notice, or all; says how many.
///
/// # Errors
/// The database is not available.
pub async fn retry(tx: &mut Tx, id: Option<NoticeId>, now_ms: i64) -> Result<u64> {
    tx.execute(
        "UPDATE notices SET due_at = $1, outcome = NULL, settled_at = NULL, tried_before = attempts
         WHERE outcome = 'given_up' AND ($2 OR id = $3)",
        params![now_ms, id.is_none(), id.unwrap_or(NoticeId(uuid::Uuid::nil()))],
    )
    .await
}

/// Removes notices settled before a moment; says how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, before_ms: i64) -> Result<u64> {
    tx.execute("DELETE FROM notices WHERE settled_at < $1", params![before_ms]).await
}

/// A notice as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: NoticeId,
    /// Whom it is for.
    pub person_id: PersonId,
    /// The user name; `None`: erased.
    pub username: Option<String>,
    /// What it is about.
    pub kind: NoticeKind,
    /// What it says.
    #[serde(flatten)]
    pub about: About,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; `None`: it is done with.
    pub due_at: Option<i64>,
    /// How it ended.
    pub outcome: Option<NoticeOutcome>,
    /// The relay's words, or why nobody was written to.
    pub detail: Option<String>,
    /// When it was written.
    pub created_at: i64,
    /// When it ended.
    pub settled_at: Option<i64>,
}

/// Which notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    All,
    /// Those no relay has taken: waiting, given up or left out.
    Undelivered,
    /// The reminders and other notices of one automation.
    Of(AutomationId),
}

const COLUMNS: &str = "n.id, n.person_id, p.username, n.kind, n.about, n.attempts, n.due_at, n.outcome, n.detail, \
    n.created_at, n.settled_at";

/// The newest notices, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, which: Which, limit: i64) -> Result<Vec<Listed>> {
    let (condition, automation) = match which {
        Which::All => ("n.id <> $1", uuid::Uuid::nil()),
        Which::Undelivered => {
            ("n.id <> $1 AND (n.outcome IS NULL OR n.outcome <> 'accepted')", uuid::Uuid::nil())
        }
        Which::Of(automation) => ("n.automation_id = $1", automation.0),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM notices n LEFT JOIN people p ON p.id = n.person_id WHERE {condition}
         ORDER BY n.created_at DESC, n.id DESC LIMIT $2"
    );
    tx.query(&sql, params![automation, limit]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Listed> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a notice has an unreadable {what}"));
    let kind: String = row.take(3)?;
    let about: String = row.take(4)?;
    let outcome: Option<String> = row.take(7)?;
    Ok(Listed {
        id: row.take(0)?,
        person_id: row.take(1)?,
        username: row.take(2)?,
        kind: NoticeKind::parse(&kind).ok_or_else(|| corrupt("kind"))?,
        about: serde_json::from_str(&about).map_err(|_| corrupt("text"))?,
        attempts: row.take(5)?,
        due_at: row.take(6)?,
        outcome: outcome
            .map(|text| NoticeOutcome::parse(&text).ok_or_else(|| corrupt("outcome")))
            .transpose()?,
        detail: row.take(8)?,
        created_at: row.take(9)?,
        settled_at: row.take(10)?,
    })
}

/// How many notices nobody got: given up since a moment, and waiting although written before another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unheard {
    /// Given up.
    pub given_up: i64,
    /// Waiting for long.
    pub waiting: i64,
}

/// Counts the notices nobody got.
///
/// # Errors
/// The database is not available.
pub async fn count_unheard(tx: &mut Tx, given_up_since: i64, written_before: i64) -> Result<Unheard> {
    let count = |row: Option<Row>| row.map_or(Ok(0), |mut row| row.take::<i64>(0));
    let given_up = tx
        .find(
            "SELECT count(*) FROM notices WHERE settled_at >= $1 AND outcome = 'given_up'",
            params![given_up_since],
        )
        .await?;
    let waiting = tx
        .find(
            "SELECT count(*) FROM notices WHERE due_at IS NOT NULL AND created_at < $1",
            params![written_before],
        )
        .await?;
    Ok(Unheard { given_up: count(given_up)?, waiting: count(waiting)? })
}
