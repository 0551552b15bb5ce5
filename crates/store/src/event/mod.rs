//! Events: what has happened, in the order it arrived; sent by programs as CloudEvents, or written beside its cause.

pub mod chain;
mod expiring;
mod finished;
mod happened;
pub mod job;
mod log;
mod mailed;

pub use expiring::{is_look_due, note_expiring};
pub use finished::finished;
pub use happened::{About, Happened, happened, is_heard, write, write_each};
pub(crate) use happened::{note_group, turn_system_user};
pub use log::{Logged, Wanted, list, list_types, search};
pub use mailed::{forget_mailed, keep_apart};

use crate::error::{Result, StoreError};
use crate::{Kind, Row, Rows, Tx, params};
use domain::address::canonical_username;
use domain::event::cloud::CloudEvent;
use domain::id::{AutomationId, GroupId, PersonId, RunId};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The source of built-in events.
pub const SOURCE: &str = "/passpost";
/// How long an event is known by its source and id at least, in days (requirement E2: 72 hours).
pub const KNOWN_DAYS: i64 = 3;

/// An event as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Its number, in the order of arrival.
    pub number: i64,
    /// Where it comes from.
    pub source: String,
    /// Its id there; `None`: built in.
    pub event_id: Option<String>,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What it is about, as the sender says.
    pub subject: Option<String>,
    /// When it happened, as the sender says; milliseconds since 1970.
    pub claimed_at: Option<i64>,
    /// When it arrived; delays count from here.
    pub received_at: i64,
    /// The contact as the sender named it.
    pub contact: Option<String>,
    /// The contact.
    pub contact_id: Option<PersonId>,
    /// The system user as the sender named it.
    pub system_user: Option<String>,
    /// The system user.
    pub system_user_id: Option<PersonId>,
    /// The system user who caused it.
    pub actor_id: Option<PersonId>,
    /// The group.
    pub group_id: Option<GroupId>,
    /// The run.
    pub run_id: Option<RunId>,
    /// The automation.
    pub automation_id: Option<AutomationId>,
    /// The automations that led here, the first one first.
    pub chain: Vec<AutomationId>,
    /// Extension attributes.
    pub extensions: BTreeMap<String, String>,
    /// What it carries.
    pub data: Json,
    /// When automations were asked; `None`: not yet.
    pub routed_at: Option<i64>,
}

const COLUMNS: &str = "e.number, e.source, e.event_id, e.type, e.subject, e.claimed_at, e.received_at, e.contact, \
    e.contact_id, e.system_user, e.system_user_id, e.actor_id, e.group_id, e.run_id, e.automation_id, e.chain, \
    e.extensions, e.data, e.routed_at";

fn read(mut row: Row) -> Result<Event> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("an event has an unreadable {what}"));
    let chain: String = row.take(15)?;
    let extensions: String = row.take(16)?;
    let data: String = row.take(17)?;
    Ok(Event {
        number: row.take(0)?,
        source: row.take(1)?,
        event_id: row.take(2)?,
        event_type: row.take(3)?,
        subject: row.take(4)?,
        claimed_at: row.take(5)?,
        received_at: row.take(6)?,
        contact: row.take(7)?,
        contact_id: row.take(8)?,
        system_user: row.take(9)?,
        system_user_id: row.take(10)?,
        actor_id: row.take(11)?,
        group_id: row.take(12)?,
        run_id: row.take(13)?,
        automation_id: row.take(14)?,
        chain: chain
            .split_whitespace()
            .map(str::parse)
            .collect::<std::result::Result<_, _>>()
            .map_err(|_| corrupt("chain"))?,
        extensions: serde_json::from_str(&extensions).map_err(|_| corrupt("list of extension attributes"))?,
        data: serde_json::from_str(&data).map_err(|_| corrupt("data"))?,
        routed_at: row.take(18)?,
    })
}

/// The event with this number.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, number: i64) -> Result<Event> {
    let sql = format!("SELECT {COLUMNS} FROM events e WHERE e.number = $1");
    tx.find(&sql, params![number]).await?.map_or_else(|| Err(StoreError::NotFound("the event".into())), read)
}

/// The event that was kept last.
///
/// # Errors
/// The database is not available.
pub async fn latest(tx: &mut Tx) -> Result<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events e ORDER BY e.number DESC LIMIT 1");
    tx.find(&sql, &[]).await?.map(read).transpose()
}

/// The event that this transaction has just written, while others write theirs: by what it is, and by its source and id
/// if a program would have sent it.
///
/// # Errors
/// The database is not available.
pub async fn find_written(
    tx: &mut Tx,
    event_type: &str,
    sent: Option<(&str, &str)>,
    received_at: i64,
) -> Result<Option<Event>> {
    let (source, id) = sent.map_or((SOURCE, None), |(source, id)| (source, Some(id)));
    let same_id =
        if id.is_some() { "e.event_id = $4" } else { "e.event_id IS NULL AND CAST($4 AS TEXT) IS NULL" };
    let sql = format!(
        "SELECT {COLUMNS} FROM events e WHERE e.type = $1 AND e.received_at = $2 AND e.source = $3 AND {same_id}
         ORDER BY e.number DESC LIMIT 1"
    );
    tx.find(&sql, params![event_type, received_at, source, id]).await?.map(read).transpose()
}

/// Whether there is an event that arrived before a moment.
///
/// # Errors
/// The database is not available.
pub async fn has_older(tx: &mut Tx, before_ms: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM (SELECT e.received_at FROM events e ORDER BY e.number LIMIT 1) o WHERE o.received_at < $1";
    Ok(tx.find(sql, params![before_ms]).await?.is_some())
}

/// What became of events that a program sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Kept.
    pub accepted: u64,
    /// Known already by their source and id; nothing was done.
    pub known: u64,
}

/// Keeps events that a program sent; one whose source and id are known is left alone. Who they name is looked up now:
/// people by user name or id, groups by name or id. `actor`: whose key the program showed.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    events: &[CloudEvent],
    actor: Option<PersonId>,
    now_ms: i64,
) -> Result<Accepted> {
    let mut rows = Rows::new(&[
        ("source", Kind::Text),
        ("id", Kind::Text),
        ("type", Kind::Text),
        ("subject", Kind::Text),
        ("claimed", Kind::Int),
        ("contact", Kind::Text),
        ("contact_name", Kind::Text),
        ("contact_id", Kind::Uuid),
        ("user_", Kind::Text),
        ("user_name", Kind::Text),
        ("user_id", Kind::Uuid),
        ("group_name", Kind::Text),
        ("group_id", Kind::Uuid),
        ("extensions", Kind::Text),
        ("data", Kind::Text),
    ]);
    let json =
        |value: serde_json::Result<String>| value.map_err(|error| StoreError::Defect(error.to_string()));
    for one in events {
        let (contact_name, contact_id) = named(one.contact.as_deref());
        let (user_name, user_id) = named(one.system_user.as_deref());
        let group_id = one.group.as_deref().and_then(|text| text.parse::<GroupId>().ok());
        rows.push([
            one.source.as_str().into(),
            one.id.as_str().into(),
            one.event_type.as_str().into(),
            one.subject.as_deref().into(),
            one.time_ms.into(),
            one.contact.as_deref().into(),
            contact_name.into(),
            contact_id.into(),
            one.system_user.as_deref().into(),
            user_name.into(),
            user_id.into(),
            one.group.as_deref().into(),
            group_id.into(),
            json(serde_json::to_string(&one.extensions))?.into(),
            json(serde_json::to_string(&one.data))?.into(),
        ]);
    }
    // A group's name is unique; so is a user name.
    let accepted = tx
        .execute_rows(
            "INSERT INTO events (source, event_id, type, subject, claimed_at, received_at, contact, contact_id,
                system_user, system_user_id, actor_id, group_id, chain, extensions, data)
             VALUES {rows}(r.source, r.id, r.type, r.subject, r.claimed, CAST($1 AS BIGINT), r.contact,
                (SELECT p.id FROM people p WHERE p.username = r.contact_name OR p.id = r.contact_id LIMIT 1), r.user_,
                (SELECT p.id FROM people p WHERE p.username = r.user_name OR p.id = r.user_id LIMIT 1), $2,
                (SELECT g.id FROM \"groups\" g WHERE g.name = r.group_name OR g.id = r.group_id LIMIT 1), '',
                r.extensions, r.data)
             ON CONFLICT (source, event_id) DO NOTHING",
            params![now_ms, actor],
            &rows,
        )
        .await?;
    Ok(Accepted { accepted, known: rows.len() as u64 - accepted })
}

/// A person as a program names one: by user name, or by id.
fn named(text: Option<&str>) -> (Option<String>, Option<PersonId>) {
    match text {
        Some(text) => (Some(canonical_username(text)), text.parse().ok()),
        None => (None, None),
    }
}

/// Whether there is an event that no automation was asked about yet.
///
/// # Errors
/// The database is not available.
pub async fn has_new(tx: &mut Tx) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM events WHERE routed_at IS NULL LIMIT 1", &[]).await?.is_some())
}

/// Events that no automation was asked about yet, oldest first; locked, and those another node holds are passed over.
///
/// # Errors
/// The database is not available.
pub async fn list_new(tx: &mut Tx, limit: i64) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events e WHERE e.routed_at IS NULL ORDER BY e.number LIMIT $1 {{skip_locked}}"
    );
    tx.query(&sql, params![limit]).await?.into_iter().map(read).collect()
}

/// Notes that automations were asked.
///
/// # Errors
/// The database is not available.
pub async fn routed(tx: &mut Tx, events: &[Event], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[("number", Kind::Int)]);
    for one in events {
        rows.push([one.number.into()]);
    }
    tx.execute_rows(
        "UPDATE events SET routed_at = $1 FROM {rows} WHERE events.number = r.number",
        params![now_ms],
        &rows,
    )
    .await
    .map(|_| ())
}

/// What may be forgotten of the events `o` that arrived before `$1`.
const OLD: &str = "o.received_at < $1 AND o.routed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM event_jobs j WHERE j.event = o.number AND j.state = 'waiting')";

/// Forgets events that arrived before a moment and of which nothing waits any more, oldest first; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn forget(tx: &mut Tx, before_ms: i64, limit: i64) -> Result<u64> {
    let sql = format!("SELECT o.number FROM events o WHERE {OLD} ORDER BY o.number LIMIT $2");
    let mut rows = Rows::new(&[("number", Kind::Int)]);
    for mut row in tx.query(&sql, params![before_ms, limit]).await? {
        rows.push([row.take::<i64>(0)?.into()]);
    }
    tx.execute_rows("DELETE FROM event_jobs USING {rows} WHERE event_jobs.event = r.number", &[], &rows)
        .await?;
    tx.execute_rows("DELETE FROM events USING {rows} WHERE events.number = r.number", &[], &rows).await
}

/// Takes an erased person out of the events: who it was, how the sender called it, and what the events carried.
///
/// # Errors
/// The database is not available.
pub async fn forget_person(tx: &mut Tx, person: PersonId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE event_jobs SET state = 'cancelled', reason = 'gone', due_at = NULL, settled_at = $2
         WHERE person_id = $1 AND state = 'waiting'",
        params![person, now_ms],
    )
    .await?;
    for column in ["contact_id", "system_user_id"] {
        let sql = format!(
            "UPDATE events SET contact = NULL, system_user = NULL, subject = NULL, extensions = '{{}}', data = 'null'
             WHERE {column} = $1"
        );
        tx.execute(&sql, params![person]).await?;
    }
    Ok(())
}
