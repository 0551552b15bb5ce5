//! Groups: named lists of people.

use crate::acting::Acting;
use crate::person::{check, load};
use crate::recipient::Audience;
use crate::refusal::{ChangeResult, Refusal};
use crate::selection::Uses;
use crate::wrong::Wrong;
use crate::{Result, Row, StoreError, Tx, Value, audit, consent, event, params};
use domain::event::BuiltIn;
use domain::id::{GroupId, PersonId};
use domain::preference::ConsentAct;
use domain::sentence::Piece;
use serde::Serialize;
use serde_json::json;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its unique name; upper and lower case differ.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// How recipients see it.
    #[serde(flatten)]
    pub offer: Offer,
}

/// How recipients see a group at their own pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Whether they may join and leave it themselves.
    pub subscribable: bool,
    /// What they call it; empty: its name.
    pub public_title: String,
    /// What it is.
    pub public_description: String,
    /// Whether joining has to be confirmed by mail.
    pub double_opt_in: bool,
}

impl Group {
    /// What recipients call it.
    #[must_use]
    pub fn public_title(&self) -> &str {
        if self.offer.public_title.is_empty() { &self.name } else { &self.offer.public_title }
    }
}

/// A group and how many people are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The group.
    #[serde(flatten)]
    pub group: Group,
    /// How many people are in it.
    pub members: i64,
}

const COLUMNS: &str = "g.id, g.name, g.description, g.created_at, g.subscribable, g.public_title,
    g.public_description, g.double_opt_in";

fn read(row: &mut Row) -> Result<Group> {
    Ok(Group {
        id: row.take(0)?,
        name: row.take(1)?,
        description: row.take(2)?,
        created_at: row.take(3)?,
        offer: Offer {
            subscribable: row.take(4)?,
            public_title: row.take(5)?,
            public_description: row.take(6)?,
            double_opt_in: row.take(7)?,
        },
    })
}

/// The group with this id, if there is one.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, id: GroupId) -> Result<Option<Group>> {
    let row = tx.find(&format!("SELECT {COLUMNS} FROM \"groups\" g WHERE g.id = $1"), params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The group of exactly this name, if there is one.
///
/// # Errors
/// The database is not available.
pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<Group>> {
    let sql = format!("SELECT {COLUMNS} FROM \"groups\" g WHERE g.name = $1");
    tx.find(&sql, params![name.trim()]).await?.map(|mut row| read(&mut row)).transpose()
}

/// The group with this id.
///
/// # Errors
/// There is none; the database is not available.
pub async fn get(tx: &mut Tx, id: GroupId) -> Result<Group> {
    find(tx, id).await?.ok_or_else(|| StoreError::NotFound(format!("the group {id}")))
}

/// All groups by name, each with the number of its members.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {COLUMNS}, (SELECT count(*) FROM group_members m WHERE m.group_id = g.id)
         FROM \"groups\" g ORDER BY g.name"
    );
    let rows = tx.query(&sql, &[]).await?;
    rows.into_iter().map(|mut row| Ok(Listed { group: read(&mut row)?, members: row.take(8)? })).collect()
}

/// Who is in a group, for searching, counting and paging.
#[must_use]
pub fn members(id: GroupId) -> Audience {
    let condition = "EXISTS (SELECT 1 FROM group_members m WHERE m.person_id = p.id AND m.group_id = $1)";
    Audience { condition: condition.to_owned(), values: vec![id.into()], size_limit: None }
}

/// The first groups by name, without counting who is in them.
///
/// # Errors
/// The database is not available.
pub async fn list_names(tx: &mut Tx, limit: i64) -> Result<Vec<Group>> {
    let sql = format!("SELECT {COLUMNS} FROM \"groups\" g ORDER BY g.name LIMIT $1");
    tx.query(&sql, params![limit]).await?.iter_mut().map(read).collect()
}

/// How many people are in a group.
///
/// # Errors
/// The database is not available.
pub async fn count_members(tx: &mut Tx, id: GroupId) -> Result<i64> {
    let sql = "SELECT count(*) FROM group_members WHERE group_id = $1";
    tx.find(sql, params![id]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// Adds a group.
///
/// # Errors
/// The name is empty, too long or taken.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    id: GroupId,
    name: &str,
    description: &str,
    now_ms: i64,
) -> ChangeResult<()> {
    tx.execute(
        "INSERT INTO \"groups\" (id, name, description, created_at) VALUES ($1, $2, $3, $4)",
        params![id, checked_name(name)?, checked_description(description)?, now_ms],
    )
    .await?;
    audit::append(tx, acting.entry("group.created", "group", id, json!({}), now_ms)).await?;
    Ok(())
}

/// Renames a group, or says anew what it is for. Filters name groups by name: a renamed one is
/// no longer found by the old name.
///
/// # Errors
/// The group is gone; the name is empty, too long or taken.
pub async fn update(
    tx: &mut Tx,
    acting: &Acting,
    id: GroupId,
    name: &str,
    description: &str,
    now_ms: i64,
) -> ChangeResult<()> {
    let changed = tx
        .execute(
            "UPDATE \"groups\" SET name = $2, description = $3 WHERE id = $1",
            params![id, checked_name(name)?, checked_description(description)?],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound(format!("the group {id}")).into());
    }
    audit::append(tx, acting.entry("group.changed", "group", id, json!({}), now_ms)).await?;
    Ok(())
}

/// Offers a group to recipients, says anew how they see it, or offers it no longer. `false`: it was so already. Who is in
/// it stays in it.
///
/// # Errors
/// The group is gone; a text breaks a rule.
pub async fn set_offer(
    tx: &mut Tx,
    acting: &Acting,
    id: GroupId,
    offer: &Offer,
    now_ms: i64,
) -> ChangeResult<bool> {
    let title = check::name(&offer.public_title).map_err(check::at("public_title"))?;
    let description = checked_text(&offer.public_description, "public_description")?;
    let before = get(tx, id).await?.offer;
    let after = Offer { public_title: title.into(), public_description: description.into(), ..offer.clone() };
    if after == before {
        return Ok(false);
    }
    tx.execute(
        "UPDATE \"groups\" SET subscribable = $2, public_title = $3, public_description = $4, double_opt_in = $5
         WHERE id = $1",
        params![id, after.subscribable, title, description, after.double_opt_in],
    )
    .await?;
    let detail = json!({ "subscribable": after.subscribable, "double_opt_in": after.double_opt_in });
    audit::append(tx, acting.entry("group.offered", "group", id, detail, now_ms)).await?;
    Ok(true)
}

/// Removes a group with its memberships; the people stay. Gives how many were in it.
///
/// # Errors
/// A mailing that has not started goes to it; the group is gone; the database is not available.
pub async fn remove(tx: &mut Tx, acting: &Acting, id: GroupId, now_ms: i64) -> ChangeResult<u64> {
    let mailings = tx
        .query(
            "SELECT m.number, m.name FROM mailing_groups mg JOIN mailings m ON m.id = mg.mailing_id
             WHERE mg.group_id = $1 AND m.state <> 'started' ORDER BY m.number",
            params![id],
        )
        .await?;
    let mut by = Vec::new();
    for mut row in mailings {
        let uses = Uses::Mailing { number: row.take(0)?, name: row.take(1)? };
        by.push(Piece::Sentence(uses.into()));
    }
    if !by.is_empty() {
        return Err(Refusal::InUse { what: "the group".into(), by }.into());
    }
    let members = tx.execute("DELETE FROM group_members WHERE group_id = $1", params![id]).await?;
    if tx.execute("DELETE FROM \"groups\" WHERE id = $1", params![id]).await? == 0 {
        return Err(StoreError::NotFound(format!("the group {id}")).into());
    }
    let entry = acting.entry("group.removed", "group", id, json!({ "members": members }), now_ms);
    audit::append(tx, entry).await?;
    Ok(members)
}

/// Puts people into a group; gives how many were not in it yet. People who are gone are passed over.
///
/// # Errors
/// The group is gone; the database is not available.
pub async fn add_members(
    tx: &mut Tx,
    acting: &Acting,
    id: GroupId,
    people: &[PersonId],
    now_ms: i64,
) -> ChangeResult<u64> {
    const ADD: &str = "INSERT INTO group_members (group_id, person_id, added_at)
         SELECT g.id, people.id, CAST($2 AS BIGINT) FROM {rows}, people, \"groups\" g WHERE people.id = r.id AND g.id = $1
         ON CONFLICT (group_id, person_id) DO NOTHING";
    note_subscribers(tx, acting, ConsentAct::Subscribed, id, people, now_ms).await?;
    let (what, values) = (BuiltIn::MemberAdded, params![id, now_ms]);
    let added = change_members(tx, acting, what, (id, ADD, values), people, now_ms).await?;
    record(tx, acting, "group.members_added", id, added, now_ms).await?;
    Ok(added)
}

/// Takes people out of a group; gives how many were in it.
///
/// # Errors
/// The group is gone; the database is not available.
pub async fn remove_members(
    tx: &mut Tx,
    acting: &Acting,
    id: GroupId,
    people: &[PersonId],
    now_ms: i64,
) -> ChangeResult<u64> {
    const REMOVE: &str = "DELETE FROM group_members USING {rows} WHERE group_id = $1 AND person_id = r.id";
    note_subscribers(tx, acting, ConsentAct::Unsubscribed, id, people, now_ms).await?;
    let (what, values) = (BuiltIn::MemberRemoved, params![id]);
    let removed = change_members(tx, acting, what, (id, REMOVE, values), people, now_ms).await?;
    record(tx, acting, "group.members_removed", id, removed, now_ms).await?;
    Ok(removed)
}

/// Runs a statement over many people; where the event is heard, each whom it changes something for has one. Gives how
/// many.
async fn change_members(
    tx: &mut Tx,
    acting: &Acting,
    what: BuiltIn,
    (id, sql, values): (GroupId, &str, &[Value]),
    people: &[PersonId],
    now_ms: i64,
) -> Result<u64> {
    let rows = load::id_rows(people);
    if !event::is_heard(tx, what).await? {
        return tx.execute_rows(sql, values, &rows).await;
    }
    let changed = tx.query_rows(&format!("{sql} RETURNING person_id"), values, &rows).await?;
    let changed: Vec<PersonId> = changed.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
    event::note_group(tx, what, &changed, id, acting.person_id, now_ms).await?;
    Ok(changed.len() as u64)
}

/// Who is put into an offered group or taken out by an operator finds it in the log of subscriptions.
async fn note_subscribers(
    tx: &mut Tx,
    acting: &Acting,
    act: ConsentAct,
    id: GroupId,
    people: &[PersonId],
    now_ms: i64,
) -> Result<()> {
    let group = get(tx, id).await?;
    if !group.offer.subscribable {
        return Ok(());
    }
    let title = group.public_title();
    consent::note_members(tx, acting, act, (id, title), people, now_ms).await
}

async fn record(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    id: GroupId,
    people: u64,
    now_ms: i64,
) -> Result<()> {
    if people > 0 {
        audit::append(tx, acting.entry(action, "group", id, json!({ "people": people }), now_ms)).await?;
    }
    Ok(())
}

fn checked_name(name: &str) -> ChangeResult<&str> {
    match check::name(name).map_err(check::at("name"))? {
        "" => Err(Refusal::field("name", Wrong::GroupName).into()),
        name => Ok(name),
    }
}

fn checked_description(text: &str) -> ChangeResult<&str> {
    checked_text(text, "description")
}

fn checked_text<'a>(text: &'a str, field: &'static str) -> ChangeResult<&'a str> {
    let text = text.trim();
    if text.chars().count() > 2_000 {
        return Err(Refusal::field(field, Wrong::Description).into());
    }
    Ok(text)
}
