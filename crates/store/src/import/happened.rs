//! What an import says in events: of each person it adds or changes, of each who joins a group, and of itself.

use super::plan::{Plan, changed};
use super::resolve::Around;
use super::{Fate, Job, Options, Outcome};
use crate::error::Result;
use crate::event::{self, About, Happened};
use crate::{Rows, Tx, params};
use domain::event::BuiltIn;
use domain::id::{GroupId, PersonId};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// Writes who was added, and who was changed and in what; a person who only joins a group is not changed.
pub(super) async fn note_people(tx: &mut Tx, job: &Job, plan: &Plan<'_>, around: &Around) -> Result<()> {
    let (actor, now_ms) = (job.settings.acting.person_id, job.settings.now_ms);
    let of = |fate| plan.steps.iter().filter(move |step| step.fate == fate);
    let created: Vec<PersonId> = of(Fate::Created).map(|step| step.person).collect();
    if !created.is_empty() && event::is_heard(tx, BuiltIn::PersonCreated).await? {
        let about =
            Happened { people: created, actor, data: json!({ "origin": "import" }), ..Happened::default() };
        event::write(tx, BuiltIn::PersonCreated, &about, now_ms).await?;
    }
    if of(Fate::Updated).next().is_none() || !event::is_heard(tx, BuiltIn::PersonChanged).await? {
        return Ok(());
    }
    let about = of(Fate::Updated).filter_map(|step| {
        let names = changed(job, step, around);
        let data = json!({ "attributes": names });
        (!names.is_empty()).then_some(About { person: step.person, group: None, data })
    });
    let each: Vec<About> = about.collect();
    event::write_each(tx, BuiltIn::PersonChanged, actor, &each, now_ms).await
}

/// Adds members; where that is heard, each who really joins has an event.
pub(super) async fn add_members(
    tx: &mut Tx,
    job: &Job,
    sql: &str,
    rows: &Rows,
    names: &HashMap<Uuid, &str>,
) -> Result<()> {
    let now_ms = job.settings.now_ms;
    if rows.is_empty() || !event::is_heard(tx, BuiltIn::MemberAdded).await? {
        return tx.execute_rows(sql, params![now_ms], rows).await.map(|_| ());
    }
    let mut each = Vec::new();
    let joined =
        tx.query_rows(&format!("{sql} RETURNING group_id, person_id"), params![now_ms], rows).await?;
    for mut row in joined {
        let (group, person): (GroupId, PersonId) = (row.take(0)?, row.take(1)?);
        let data = json!({ "group": names.get(&group.0).copied().unwrap_or_default() });
        each.push(About { person, group: Some(group), data });
    }
    event::write_each(tx, BuiltIn::MemberAdded, job.settings.acting.person_id, &each, now_ms).await
}

/// What an import that came to its end says of itself.
pub(super) fn finished(options: &Options, outcome: &Outcome) -> Happened {
    let data = json!({ "file": options.file, "created": outcome.created, "updated": outcome.updated,
        "unchanged": outcome.unchanged, "failed": outcome.refused });
    Happened { actor: options.acting.person_id, data, ..Happened::default() }
}
