//! Built-in events: written in the transaction of their cause, and only where an automation listens.
//!
//! An import of a million people or a run of a hundred thousand pays nothing for events that nobody hears. Throw-away
//! accounts of mailings being tried out cause none.

use super::SOURCE;
use crate::error::{Result, StoreError};
use crate::{Kind, Rows, Tx, params};
use domain::event::BuiltIn;
use domain::id::{AutomationId, GroupId, PersonId, RunId};
use serde_json::{Value as Json, json};

/// Something that has happened.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    /// The people it happened to, one event each; with nobody it is one event about no person.
    pub people: Vec<PersonId>,
    /// Who caused it; kept when that is a system user.
    pub actor: Option<PersonId>,
    /// The group it is about.
    pub group: Option<GroupId>,
    /// The run it is about.
    pub run: Option<RunId>,
    /// The automation it is about.
    pub automation: Option<AutomationId>,
    /// The automations that led here.
    pub chain: Vec<AutomationId>,
    /// What it carries, an object; the same for all of its people.
    pub data: Json,
}

impl Happened {
    /// Something that happened to one person.
    #[must_use]
    pub fn to(person: PersonId, actor: Option<PersonId>, data: Json) -> Self {
        Self { people: vec![person], actor, data, ..Self::default() }
    }
}

/// One of many people, each with a group and data of its own.
#[derive(Debug, Clone)]
pub struct About {
    /// The person.
    pub person: PersonId,
    /// The group.
    pub group: Option<GroupId>,
    /// What the event carries, an object.
    pub data: Json,
}

/// The columns that every built-in event has, and where its person goes.
pub(super) const INSERT: &str = "INSERT INTO events (source, type, received_at, actor_id, group_id, run_id, automation_id, \
    chain, extensions, data, contact_id, system_user_id)";
const ACTOR: &str = "(SELECT a.id FROM people a WHERE a.id = $4 AND a.role_id IS NOT NULL)";
/// Somebody with a system role is the event's system user, others are its contact.
pub(super) const PERSON: &str =
    "CASE WHEN p.role_id IS NULL THEN p.id END, CASE WHEN p.role_id IS NOT NULL THEN p.id END";
/// A throw-away account is nobody's business.
pub(super) const IS_REAL: &str = "NOT EXISTS (SELECT 1 FROM mailing_tests t WHERE t.person_id = p.id)";
const IS_HEARD: &str =
    "EXISTS (SELECT 1 FROM automations h WHERE h.event_type = CAST($2 AS TEXT) AND h.archived = FALSE)";

/// The values of [`INSERT`] up to the person.
fn values() -> String {
    format!(
        "CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), {ACTOR}, $5, $6, $7, CAST($8 AS TEXT), '{{}}', CAST($9 AS TEXT)"
    )
}

/// Whether an automation that is not archived listens to it, active or not.
///
/// # Errors
/// The database is not available.
pub async fn is_heard(tx: &mut Tx, what: BuiltIn) -> Result<bool> {
    let sql = "SELECT 1 FROM automations WHERE event_type = $1 AND archived = FALSE LIMIT 1";
    Ok(tx.find(sql, params![what.type_name()]).await?.is_some())
}

/// Writes what has happened, if it is heard. For nobody or one person it is one statement in any case, so that it costs
/// the same whoever it is; a person who is not there is no event.
///
/// # Errors
/// The database is not available.
pub async fn happened(tx: &mut Tx, what: BuiltIn, about: &Happened, now_ms: i64) -> Result<()> {
    if about.people.len() > 1 {
        return if is_heard(tx, what).await? { write(tx, what, about, now_ms).await } else { Ok(()) };
    }
    write_few(tx, what, about, IS_HEARD, now_ms).await
}

/// The same, heard or not.
///
/// # Errors
/// The database is not available.
pub async fn write(tx: &mut Tx, what: BuiltIn, about: &Happened, now_ms: i64) -> Result<()> {
    if about.people.len() <= 1 {
        return write_few(tx, what, about, "1 = 1", now_ms).await;
    }
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in &about.people {
        rows.push([(*person).into()]);
    }
    let sql = format!(
        "{INSERT} SELECT {}, {PERSON} FROM {{rows}}, people p WHERE p.id = r.person AND {IS_REAL}",
        values()
    );
    let chain = super::chain::text(&about.chain);
    let values = params![
        SOURCE,
        what.type_name(),
        now_ms,
        about.actor,
        about.group,
        about.run,
        about.automation,
        chain,
        text(&about.data)?
    ];
    tx.execute_rows(&sql, values, &rows).await.map(|_| ())
}

/// One statement about nobody or one person, where `condition` holds.
async fn write_few(tx: &mut Tx, what: BuiltIn, about: &Happened, condition: &str, now_ms: i64) -> Result<()> {
    let chain = super::chain::text(&about.chain);
    let mut given = params![
        SOURCE,
        what.type_name(),
        now_ms,
        about.actor,
        about.group,
        about.run,
        about.automation,
        chain,
        text(&about.data)?
    ]
    .to_vec();
    let sql = match about.people.first() {
        None => format!("{INSERT} SELECT {}, NULL, NULL WHERE {condition}", values()),
        Some(person) => {
            given.push((*person).into());
            format!(
                "{INSERT} SELECT {}, {PERSON} FROM people p WHERE p.id = $10 AND {IS_REAL} AND {condition}",
                values()
            )
        }
    };
    tx.execute(&sql, &given).await.map(|_| ())
}

/// Writes one event for each of many people, each with a group and data of its own; heard or not.
///
/// # Errors
/// The database is not available.
pub async fn write_each(
    tx: &mut Tx,
    what: BuiltIn,
    actor: Option<PersonId>,
    each: &[About],
    now_ms: i64,
) -> Result<()> {
    let mut rows = Rows::new(&[("person", Kind::Uuid), ("group_id", Kind::Uuid), ("data", Kind::Text)]);
    for one in each {
        rows.push([one.person.into(), one.group.into(), text(&one.data)?.into()]);
    }
    let sql = format!(
        "{INSERT} SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), {ACTOR}, r.group_id, NULL, NULL, '', '{{}}', r.data,
            {PERSON}
         FROM {{rows}}, people p WHERE p.id = r.person AND {IS_REAL}"
    );
    tx.execute_rows(&sql, params![SOURCE, what.type_name(), now_ms, actor], &rows).await.map(|_| ())
}

/// Writes that something happened to people and a group, if it is heard; the data names the group.
///
/// # Errors
/// The database is not available.
pub(crate) async fn note_group(
    tx: &mut Tx,
    what: BuiltIn,
    people: &[PersonId],
    group_id: GroupId,
    actor: Option<PersonId>,
    now_ms: i64,
) -> Result<()> {
    if people.is_empty() || !is_heard(tx, what).await? {
        return Ok(());
    }
    let name = tx.find("SELECT g.name FROM \"groups\" g WHERE g.id = $1", params![group_id]).await?;
    let name: String = name.map_or(Ok(String::new()), |mut row| row.take(0))?;
    let about = Happened {
        people: people.to_vec(),
        actor,
        group: Some(group_id),
        data: json!({ "group": name }),
        ..Happened::default()
    };
    write(tx, what, &about, now_ms).await
}

/// Who was created in this transaction gets a role in it: the event is about a system user then.
///
/// # Errors
/// The database is not available.
pub(crate) async fn turn_system_user(tx: &mut Tx, person: PersonId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE events SET system_user_id = contact_id, contact_id = NULL
         WHERE contact_id = $1 AND type = $2 AND received_at = $3 AND routed_at IS NULL",
        params![person, BuiltIn::PersonCreated.type_name(), now_ms],
    )
    .await
    .map(|_| ())
}

pub(super) fn text(data: &Json) -> Result<String> {
    serde_json::to_string(data).map_err(|error| StoreError::Defect(error.to_string()))
}
