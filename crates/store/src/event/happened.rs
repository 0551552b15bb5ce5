//! Built-in events: written in the transaction of their cause, and only where an automation listens.
//!
//! An import of a million people or a run of a hundred thousand pays nothing for events that nobody hears.

use super::SOURCE;
use crate::error::{Result, StoreError};
use crate::run::Run;
use crate::{Kind, Rows, Tx, params};
use domain::automation::Job;
use domain::event::BuiltIn;
use domain::id::{AutomationId, GroupId, PersonId, RunId};
use serde_json::{Value as Json, json};

/// Something that has happened.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    /// The people it happened to, one event each; with nobody it is one event about no person.
    pub people: Vec<PersonId>,
    /// The system user who caused it.
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

/// Whether an automation that is not archived listens to it, active or not.
///
/// # Errors
/// The database is not available.
pub async fn is_heard(tx: &mut Tx, what: BuiltIn) -> Result<bool> {
    let sql = "SELECT 1 FROM automations WHERE event_type = $1 AND archived = FALSE LIMIT 1";
    Ok(tx.find(sql, params![what.type_name()]).await?.is_some())
}

/// Writes what has happened, if it is heard. Somebody with a system role is the event's system user, others are its
/// contact.
///
/// # Errors
/// The database is not available.
pub async fn happened(tx: &mut Tx, what: BuiltIn, about: &Happened, now_ms: i64) -> Result<()> {
    if !is_heard(tx, what).await? {
        return Ok(());
    }
    write(tx, what, about, now_ms).await
}

/// The same, heard or not.
///
/// # Errors
/// The database is not available.
pub async fn write(tx: &mut Tx, what: BuiltIn, about: &Happened, now_ms: i64) -> Result<()> {
    let data = serde_json::to_string(&about.data).map_err(|error| StoreError::Defect(error.to_string()))?;
    let chain = chained(&about.chain);
    let values = params![
        SOURCE,
        what.type_name(),
        now_ms,
        about.actor,
        about.group,
        about.run,
        about.automation,
        chain,
        data
    ];
    if about.people.is_empty() {
        tx.execute(
            "INSERT INTO events (source, type, received_at, actor_id, group_id, run_id, automation_id, chain, extensions, data)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9)",
            values,
        )
        .await?;
        return Ok(());
    }
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in &about.people {
        rows.push([(*person).into()]);
    }
    tx.execute_rows(
        "INSERT INTO events (source, type, received_at, actor_id, group_id, run_id, automation_id, chain, extensions, data,
            contact_id, system_user_id)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), $4, $5, $6, $7, CAST($8 AS TEXT), '{}', CAST($9 AS TEXT),
            CASE WHEN p.role_id IS NULL THEN p.id END, CASE WHEN p.role_id IS NOT NULL THEN p.id END
         FROM {rows}, people p WHERE p.id = r.person",
        values,
        &rows,
    )
    .await?;
    Ok(())
}

/// Ids with spaces between.
fn chained(chain: &[AutomationId]) -> String {
    chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Writes that a run and with it its automation have finished. Of an automation that events begin there is one event
/// for each person it mailed, so that the next automation knows whom it is about.
///
/// # Errors
/// The database is not available.
pub async fn finished(tx: &mut Tx, run: &Run, now_ms: i64) -> Result<()> {
    let counts = run.counts;
    let data = json!({ "number": run.number, "name": run.name, "state": run.state, "total": counts.total,
        "left_out": counts.left_out, "accepted": counts.accepted, "refused": counts.refused, "unknown": counts.unknown,
        "cancelled": counts.cancelled });
    let about = Happened {
        actor: run.started_by.or(Some(run.owner_id)),
        run: Some(run.id),
        automation: run.automation_id,
        chain: run.automation_id.into_iter().collect(),
        data,
        ..Happened::default()
    };
    happened(tx, BuiltIn::RunFinished, &about, now_ms).await?;
    let Some(automation) = run.automation_id else { return Ok(()) };
    if !run.job.is_of_events() {
        return happened(tx, BuiltIn::AutomationFinished, &about, now_ms).await;
    }
    if is_heard(tx, BuiltIn::AutomationFinished).await? {
        finished_for_each(tx, run, automation, &about.data, now_ms).await?;
    }
    Ok(())
}

/// One event for each person mailed; its chain is that of the event the person's job came from, and this automation.
async fn finished_for_each(
    tx: &mut Tx,
    run: &Run,
    automation: AutomationId,
    data: &Json,
    now_ms: i64,
) -> Result<()> {
    let (first, last) = domain::id::RecipientId::bounds(run.number);
    let contact = matches!(run.job, Job::SendNewPasswordToContact(_));
    let data = serde_json::to_string(data).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "INSERT INTO events (source, type, received_at, actor_id, run_id, automation_id, chain, extensions, data, contact_id,
            system_user_id)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), $4, $5, $6,
            TRIM((SELECT MIN(e.chain) FROM event_jobs j JOIN events e ON e.number = j.event
                  WHERE j.run_id = $5 AND j.person_id = q.person_id) || ' ' || CAST($7 AS TEXT)),
            '{}', CAST($8 AS TEXT),
            CASE WHEN p.role_id IS NULL THEN p.id END, CASE WHEN p.role_id IS NOT NULL THEN p.id END
         FROM recipients q JOIN people p ON p.id = q.person_id
         WHERE q.id BETWEEN $9 AND $10 AND q.state = 'accepted' AND (CAST($11 AS BOOLEAN) = FALSE OR p.role_id IS NULL)",
        params![
            SOURCE,
            BuiltIn::AutomationFinished.type_name(),
            now_ms,
            run.owner_id,
            run.id,
            automation,
            automation.to_string(),
            data,
            first,
            last,
            contact
        ],
    )
    .await?;
    Ok(())
}
