//! Applies what was decided for a batch, a few statements for all of it.

use super::happened;
use super::plan::{Plan, Step, stored};
use super::resolve::{self, Around, moves};
use super::{Fate, Job};
use crate::error::{Result, StoreError};
use crate::{Kind, Rows, Tx, Value, params, person_words};
use domain::address::Address;
use domain::id::{GroupId, PersonId, uuid_v7};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Writes a batch.
///
/// # Errors
/// [`StoreError::Exists`] or [`StoreError::Unavailable`] when somebody else changed the same people
/// meanwhile; the batch can be decided anew.
pub(super) async fn apply(tx: &mut Tx, job: &Job, plan: &Plan<'_>, around: &Around) -> Result<()> {
    // Credentials before people, as everywhere, so that no two transactions wait in a circle.
    retire_credentials(tx, plan).await?;
    insert_people(tx, job, plan).await?;
    update_people(tx, job, plan).await?;
    let changed = plan.steps.iter().filter(|step| step.fate != Fate::Unchanged && is_named(step));
    person_words::enqueue(tx, &changed.map(|step| step.person).collect::<Vec<_>>()).await?;
    write_attributes(tx, job, plan).await?;
    happened::note_people(tx, job, plan, around).await?;
    write_groups(tx, job, plan, around).await
}

/// Whether the row says anything about names.
fn is_named(step: &Step<'_>) -> bool {
    let record = step.record;
    record.given_name.is_some() || record.family_name.is_some() || record.display_name.is_some()
}

/// Ends mailed passwords that wait in a mailbox which is no longer the person's.
async fn retire_credentials(tx: &mut Tx, plan: &Plan<'_>) -> Result<()> {
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for step in &plan.steps {
        if new_address(step).is_some() && step.known.is_some() {
            rows.push([step.person.into()]);
        }
    }
    tx.execute_rows(
        "UPDATE credentials SET state = 'retired' FROM {rows}
         WHERE credentials.person_id = r.person AND credentials.state IN ('sending', 'unknown', 'active')",
        &[],
        &rows,
    )
    .await?;
    Ok(())
}

/// The address of a row, if the person does not have it already.
fn new_address<'a>(step: &Step<'a>) -> Option<&'a Address> {
    step.record.address.as_ref().filter(|address| step.known.is_none_or(|known| moves(known, address)))
}

const PERSON: [(&str, Kind); 10] = [
    ("id", Kind::Uuid),
    ("username", Kind::Text),
    ("address", Kind::Text),
    ("canonical", Kind::Text),
    ("given_name", Kind::Text),
    ("family_name", Kind::Text),
    ("display_name", Kind::Text),
    ("language", Kind::Text),
    ("time_zone", Kind::Text),
    ("external_id", Kind::Text),
];

fn person_row(step: &Step<'_>, username: Option<&str>, address: Option<&Address>) -> [Value; 10] {
    let record = step.record;
    [
        step.person.into(),
        username.into(),
        address.map(Address::as_given).into(),
        address.map(Address::canonical).into(),
        record.given_name.as_deref().into(),
        record.family_name.as_deref().into(),
        record.display_name.as_deref().into(),
        record.language.as_deref().into(),
        record.time_zone.as_deref().into(),
        record.external_id.as_deref().into(),
    ]
}

async fn insert_people(tx: &mut Tx, job: &Job, plan: &Plan<'_>) -> Result<()> {
    let mut rows = Rows::new(&PERSON);
    for step in plan.steps.iter().filter(|step| step.fate == Fate::Created) {
        rows.push(person_row(step, step.record.new_username(), step.record.address.as_ref()));
    }
    tx.execute_rows(
        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                             language, time_zone, external_id, blocked, verified, created_at, updated_at,
                             must_change, failed_logins)
         VALUES {rows}(r.id, r.username, r.address, r.canonical, COALESCE(r.given_name, ''),
             COALESCE(r.family_name, ''), COALESCE(r.display_name, ''), r.language, r.time_zone, r.external_id,
             FALSE, FALSE, CAST($1 AS BIGINT), CAST($1 AS BIGINT), FALSE, 0)",
        params![job.settings.now_ms],
        &rows,
    )
    .await?;
    Ok(())
}

async fn update_people(tx: &mut Tx, job: &Job, plan: &Plan<'_>) -> Result<()> {
    let mut rows = Rows::new(&PERSON);
    for step in plan.steps.iter().filter(|step| step.fate == Fate::Updated) {
        rows.push(person_row(step, step.record.username.as_deref(), new_address(step)));
    }
    let changed = tx
        .execute_rows(
            "UPDATE people SET
                 username = COALESCE(r.username, people.username),
                 address = COALESCE(r.address, people.address),
                 address_canonical = COALESCE(r.canonical, people.address_canonical),
                 undeliverable = CASE WHEN r.address IS NULL THEN people.undeliverable END,
                 verified = (people.verified AND r.address IS NULL),
                 given_name = COALESCE(r.given_name, people.given_name),
                 family_name = COALESCE(r.family_name, people.family_name),
                 display_name = COALESCE(r.display_name, people.display_name),
                 language = COALESCE(r.language, people.language),
                 time_zone = COALESCE(r.time_zone, people.time_zone),
                 external_id = COALESCE(r.external_id, people.external_id),
                 updated_at = $1
             FROM {rows} WHERE people.id = r.id AND people.role_id IS NULL",
            params![job.settings.now_ms],
            &rows,
        )
        .await?;
    if changed == rows.len() as u64 {
        return Ok(());
    }
    Err(StoreError::Unavailable("people were removed or became system users meanwhile".into()))
}

async fn write_attributes(tx: &mut Tx, job: &Job, plan: &Plan<'_>) -> Result<()> {
    let mut rows = Rows::new(&[
        ("person", Kind::Uuid),
        ("attribute", Kind::Text),
        ("string", Kind::Text),
        ("number", Kind::Real),
        ("truth", Kind::Bool),
        ("date", Kind::Int),
    ]);
    for step in plan.steps.iter().filter(|step| step.fate != Fate::Unchanged) {
        for (place, value) in &step.record.attributes {
            let Some(attribute) = job.attributes.get(*place) else { continue };
            let value = stored(value);
            rows.push([
                step.person.into(),
                (&attribute.name).into(),
                value.string.into(),
                value.number.into(),
                value.boolean.into(),
                value.date.into(),
            ]);
        }
    }
    // An attribute that was removed meanwhile gets no values.
    tx.execute_rows(
        "INSERT INTO attribute_values (person_id, attribute, string_value, number_value, boolean_value, date_value_at)
         SELECT r.person, a.name, r.string, r.number, r.truth, r.date
         FROM {rows}, attributes a WHERE a.name = r.attribute
         ON CONFLICT (person_id, attribute) DO UPDATE SET
             string_value = excluded.string_value, number_value = excluded.number_value,
             boolean_value = excluded.boolean_value, date_value_at = excluded.date_value_at",
        &[],
        &rows,
    )
    .await?;
    Ok(())
}

/// Makes the groups that are missing, and the memberships.
async fn write_groups(tx: &mut Tx, job: &Job, plan: &Plan<'_>, around: &Around) -> Result<()> {
    let mut wanted: BTreeSet<(&str, PersonId)> = BTreeSet::new();
    for step in plan.steps.iter().filter(|step| step.fate != Fate::Unchanged) {
        for name in step.record.groups.iter().chain(&job.settings.groups_for_all) {
            wanted.insert((name, step.person));
        }
    }
    let missing: BTreeSet<&str> =
        wanted.iter().map(|(name, _)| *name).filter(|name| !around.groups.contains_key(*name)).collect();
    let made = make_groups(tx, job, &missing).await?;
    let mut rows = Rows::new(&[("group_id", Kind::Uuid), ("person", Kind::Uuid)]);
    let mut names: HashMap<Uuid, &str> = HashMap::new();
    for (name, person) in wanted {
        if let Some(group) = around.groups.get(name).or_else(|| made.get(name)) {
            rows.push([(*group).into(), person.into()]);
            names.insert(*group, name);
        }
    }
    // A group that was removed meanwhile gets no members.
    let sql = "INSERT INTO group_members (group_id, person_id, added_at)
         SELECT g.id, r.person, CAST($1 AS BIGINT) FROM {rows}, \"groups\" g WHERE g.id = r.group_id
         ON CONFLICT (group_id, person_id) DO NOTHING";
    happened::add_members(tx, job, sql, &rows, &names).await
}

async fn make_groups(tx: &mut Tx, job: &Job, names: &BTreeSet<&str>) -> Result<HashMap<String, Uuid>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows = Rows::new(&[("id", Kind::Uuid), ("name", Kind::Text)]);
    for (place, name) in names.iter().enumerate() {
        rows.push([group_id(job, place).into(), (*name).into()]);
    }
    tx.execute_rows(
        "INSERT INTO \"groups\" (id, name, description, created_at)
         VALUES {rows}(r.id, r.name, '', CAST($1 AS BIGINT)) ON CONFLICT (name) DO NOTHING",
        params![job.settings.now_ms],
        &rows,
    )
    .await?;
    resolve::groups(tx, names.iter().copied()).await
}

/// An id from the random bytes set aside for groups, which follow those of the rows.
fn group_id(job: &Job, place: usize) -> GroupId {
    let start = job.batch.records.len() * 6 + place * 10;
    let mut random = [0_u8; 10];
    if let Some(entropy) = job.entropy.get(start..start + 10) {
        random.copy_from_slice(entropy);
    }
    GroupId(uuid_v7(job.settings.now_ms, random))
}
