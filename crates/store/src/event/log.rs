//! The event log: what has happened and what automations made of it, newest first.

use super::{COLUMNS, Event, read};
use crate::error::Result;
use crate::{Tx, Value, params};
use domain::event_job::{EventJobReason, EventJobState};
use domain::id::{AutomationId, PersonId};
use serde::Serialize;

/// An event with how its jobs stand.
#[derive(Debug, Clone, Serialize)]
pub struct Logged {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// How many automations listened to it.
    pub listened: i64,
    /// How many of its jobs wait.
    pub waiting: i64,
    /// How many became part of a run.
    pub executed: i64,
}

/// Which events: those that pass all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this type.
    pub event_type: Option<String>,
    /// From this source.
    pub source: Option<String>,
    /// About this person.
    pub person: Option<PersonId>,
    /// With a job of this automation.
    pub automation: Option<AutomationId>,
    /// With a job in this state.
    pub state: Option<EventJobState>,
    /// With a job that is not done for this reason.
    pub reason: Option<EventJobReason>,
    /// That no automation has listened to.
    pub unheard: bool,
}

/// Events with a smaller number, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, wanted: &Wanted, before: i64, limit: i64) -> Result<Vec<Logged>> {
    search(tx, wanted, "e.number < $1", "DESC", before, limit).await
}

/// Events with a greater number when `order` is `ASC`; given newest first either way.
///
/// # Errors
/// The database is not available.
pub async fn search(
    tx: &mut Tx,
    wanted: &Wanted,
    side: &'static str,
    order: &'static str,
    place: i64,
    limit: i64,
) -> Result<Vec<Logged>> {
    let mut values: Vec<Value> = vec![place.into(), limit.into()];
    let mut parts = vec![side.to_owned()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    if let Some(text) = &wanted.event_type {
        parts.push(format!("e.type = {}", bind(text.as_str().into())));
    }
    if let Some(text) = &wanted.source {
        parts.push(format!("e.source = {}", bind(text.as_str().into())));
    }
    if let Some(person) = wanted.person {
        let place = bind(person.into());
        parts.push(format!("(e.contact_id = {place} OR e.system_user_id = {place})"));
    }
    let mut of_job = Vec::new();
    if let Some(automation) = wanted.automation {
        of_job.push(format!("j.automation_id = {}", bind(automation.into())));
    }
    if let Some(state) = wanted.state {
        of_job.push(format!("j.state = {}", bind(state.as_str().into())));
    }
    if let Some(reason) = wanted.reason {
        of_job.push(format!("j.reason = {}", bind(reason.as_str().into())));
    }
    if !of_job.is_empty() {
        parts.push(format!(
            "EXISTS (SELECT 1 FROM event_jobs j WHERE j.event = e.number AND {})",
            of_job.join(" AND ")
        ));
    }
    if wanted.unheard {
        parts.push("NOT EXISTS (SELECT 1 FROM event_jobs j WHERE j.event = e.number)".into());
    }
    let sql = format!(
        "SELECT {COLUMNS}, (SELECT count(*) FROM event_jobs j WHERE j.event = e.number),
           (SELECT count(*) FROM event_jobs j WHERE j.event = e.number AND j.state = 'waiting'),
           (SELECT count(*) FROM event_jobs j WHERE j.event = e.number AND j.state = 'executed')
         FROM events e WHERE {} ORDER BY e.number {order} LIMIT $2",
        parts.join(" AND ")
    );
    let mut found = Vec::new();
    for mut row in tx.query(&sql, &values).await? {
        let (listened, waiting, executed) = (row.take(19)?, row.take(20)?, row.take(21)?);
        found.push(Logged { event: read(row)?, listened, waiting, executed });
    }
    if order == "ASC" {
        found.reverse();
    }
    Ok(found)
}

/// Types of events there have been or automations listen to, with when the last one came; by name.
///
/// # Errors
/// The database is not available.
pub async fn list_types(tx: &mut Tx) -> Result<Vec<(String, Option<i64>)>> {
    // From type to type by the index: there may be millions of events and a dozen types.
    let rows = tx
        .query(
            "WITH RECURSIVE known (type) AS (
               SELECT (SELECT MIN(e.type) FROM events e)
               UNION ALL
               SELECT (SELECT MIN(e.type) FROM events e WHERE e.type > known.type) FROM known WHERE known.type IS NOT NULL)
             SELECT t.type, (SELECT e.received_at FROM events e WHERE e.type = t.type ORDER BY e.number DESC LIMIT 1)
             FROM (SELECT type FROM known WHERE type IS NOT NULL
                   UNION SELECT event_type FROM automations WHERE event_type IS NOT NULL) AS t ORDER BY t.type",
            params![],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}
