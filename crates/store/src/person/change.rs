//! Making people and changing what is known of them.

use super::{check, load};
use crate::acting::{Acting, Authority};
use crate::event::{self, Happened};
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::Wrong;
use crate::{Result, StoreError, Tx, Value, attribute, audit, params, person_words};
use domain::address::Address;
use domain::event::BuiltIn;
use domain::id::PersonId;
use domain::person::{AttributeValue, Person};
use std::collections::BTreeMap;

/// A contact to be. A role is given afterwards, see [`super::grant_role`].
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Its id.
    pub id: PersonId,
    /// In any spelling; `None`: the address.
    pub username: Option<String>,
    /// Where mail goes.
    pub address: Option<Address>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// As the person wants to be called.
    pub display_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// The id in another system.
    pub external_id: Option<String>,
    /// Custom attributes.
    pub attributes: BTreeMap<String, AttributeValue>,
}

impl NewPerson {
    /// A contact with an id and nothing else.
    #[must_use]
    pub const fn new(id: PersonId) -> Self {
        Self {
            id,
            username: None,
            address: None,
            given_name: String::new(),
            family_name: String::new(),
            display_name: String::new(),
            language: None,
            time_zone: None,
            external_id: None,
            attributes: BTreeMap::new(),
        }
    }
}

/// What to change: a field that is `None` stays; `Some(None)` takes the value away.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// User name, in any spelling.
    pub username: Option<String>,
    /// Where mail goes. A change clears *undeliverable* and *verified*, and ends mailed passwords
    /// that wait in the old mailbox.
    pub address: Option<Option<Address>>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// As the person wants to be called.
    pub display_name: Option<String>,
    /// BCP 47.
    pub language: Option<Option<String>>,
    /// IANA.
    pub time_zone: Option<Option<String>>,
    /// The id in another system.
    pub external_id: Option<Option<String>>,
    /// Whether the address was confirmed.
    pub verified: Option<bool>,
    /// Custom attributes; `None` as value takes it away.
    pub attributes: BTreeMap<String, Option<AttributeValue>>,
}

/// Adds a contact.
///
/// # Errors
/// A field breaks a rule; the user name or the external id is taken ([`StoreError::Exists`]).
pub async fn insert(tx: &mut Tx, acting: &Acting, person: &NewPerson, now_ms: i64) -> ChangeResult<()> {
    insert_unheard(tx, acting, person, now_ms).await?;
    let data = serde_json::json!({ "origin": acting.origin() });
    let about = Happened::to(person.id, acting.person_id, data);
    Ok(event::happened(tx, BuiltIn::PersonCreated, &about, now_ms).await?)
}

/// Adds a contact, and no event says so.
///
/// # Errors
/// As [`insert`].
pub(crate) async fn insert_unheard(
    tx: &mut Tx,
    acting: &Acting,
    person: &NewPerson,
    now_ms: i64,
) -> ChangeResult<()> {
    let username = match (&person.username, &person.address) {
        (Some(username), _) => check::username(username).map_err(check::at("username"))?,
        (None, Some(address)) => address.canonical().to_owned(),
        (None, None) => check::username("").map_err(check::at("username"))?,
    };
    let external_id = optional(person.external_id.as_deref(), check::name, "external_id")?;
    tx.execute(
        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                             language, time_zone, external_id, blocked, verified, created_at, updated_at,
                             must_change, failed_logins)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE, FALSE, $11, $11, FALSE, 0)",
        params![
            person.id,
            username,
            person.address.as_ref().map(Address::as_given),
            person.address.as_ref().map(Address::canonical),
            check::name(&person.given_name).map_err(check::at("given_name"))?,
            check::name(&person.family_name).map_err(check::at("family_name"))?,
            check::name(&person.display_name).map_err(check::at("display_name"))?,
            optional(person.language.as_deref(), check::language, "language")?,
            optional(person.time_zone.as_deref(), check::time_zone, "time_zone")?,
            external_id.filter(|id| !id.is_empty()),
            now_ms,
        ],
    )
    .await?;
    let attributes: Vec<_> =
        person.attributes.iter().map(|(name, value)| (name.as_str(), Some(value))).collect();
    attribute::write(tx, person.id, &attributes).await?;
    person_words::enqueue(tx, &[person.id]).await?;
    audit::append(tx, acting.entry("person.created", "person", person.id, serde_json::json!({}), now_ms))
        .await?;
    Ok(())
}

/// Changes the given fields; a system user only by a strictly higher rank or by the person itself.
///
/// # Errors
/// The person is gone; a field breaks a rule; the rank is too low; a name is taken.
pub async fn update(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    change: &PersonChange,
    now_ms: i64,
) -> ChangeResult<Person> {
    let before = load::get(tx, id).await?;
    let own = acting.person_id == Some(id);
    if !own && !acting.outranks(before.system.as_ref().map(|system| system.rank)) {
        return Err(Refusal::Rank.into());
    }
    if own && acting.authority == Authority::Own && change.verified.is_some() {
        return Err(Refusal::field("verified", Wrong::Verified).into());
    }
    let moved = change.address.as_ref().is_some_and(|new| new.as_ref() != before.address.as_ref());
    if moved {
        // Credentials before people, as everywhere, so that no two transactions wait in a circle.
        retire_mailed(tx, id).await?;
    }
    let mut fields = fields(change)?;
    if moved {
        fields.push(("undeliverable", Value::Null));
        if change.verified.is_none() {
            fields.push(("verified", false.into()));
        }
    }
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let sets: Vec<String> =
        fields.iter().enumerate().map(|(n, (name, _))| format!("{name} = ${}", n + 3)).collect();
    let sql = format!(
        "UPDATE people SET updated_at = $2{}{} WHERE id = $1",
        if sets.is_empty() { "" } else { ", " },
        sets.join(", ")
    );
    let detail =
        serde_json::json!({ "fields": names, "attributes": change.attributes.keys().collect::<Vec<_>>() });
    let mut values = vec![Value::from(id), now_ms.into()];
    values.extend(fields.into_iter().map(|(_, value)| value));
    if tx.execute(&sql, &values).await? == 0 {
        return Err(StoreError::NotFound(format!("the person {id}")).into());
    }
    let attributes: Vec<_> =
        change.attributes.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
    attribute::write(tx, id, &attributes).await?;
    if change.given_name.is_some() || change.family_name.is_some() || change.display_name.is_some() {
        person_words::enqueue(tx, &[id]).await?;
    }
    let after = load::get(tx, id).await?;
    note_changed(tx, acting, id, &changed(&before, &after), now_ms).await?;
    audit::append(tx, acting.entry("person.changed", "person", id, detail, now_ms)).await?;
    Ok(after)
}

/// Writes the event that something of a person changed, if anything did.
pub(super) async fn note_changed(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    names: &[&str],
    now_ms: i64,
) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let about = Happened::to(id, acting.person_id, serde_json::json!({ "attributes": names }));
    event::happened(tx, BuiltIn::PersonChanged, &about, now_ms).await
}

/// The fields and attributes that have another value.
fn changed<'a>(before: &'a Person, after: &'a Person) -> Vec<&'a str> {
    let given = |person: &'a Person| person.address.as_ref().map(Address::as_given);
    let fields = [
        ("username", before.username != after.username),
        ("address", given(before) != given(after)),
        ("given_name", before.given_name != after.given_name),
        ("family_name", before.family_name != after.family_name),
        ("display_name", before.display_name != after.display_name),
        ("language", before.language != after.language),
        ("time_zone", before.time_zone != after.time_zone),
        ("external_id", before.external_id != after.external_id),
        ("verified", before.verified != after.verified),
    ];
    let names = before
        .attributes
        .keys()
        .chain(after.attributes.keys().filter(|name| !before.attributes.contains_key(*name)));
    let attributes = names.filter(|name| before.attributes.get(*name) != after.attributes.get(*name));
    fields
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .chain(attributes.map(String::as_str))
        .collect()
}

/// Ends the mailed passwords that would still be accepted: they wait in a mailbox that is no longer the person's.
async fn retire_mailed(tx: &mut Tx, id: PersonId) -> Result<u64> {
    tx.execute(
        "UPDATE credentials SET state = 'retired'
         WHERE person_id = $1 AND state IN ('sending', 'unknown', 'active')",
        params![id],
    )
    .await
}

fn fields(change: &PersonChange) -> ChangeResult<Vec<(&'static str, Value)>> {
    let mut fields = Vec::new();
    if let Some(username) = &change.username {
        fields.push(("username", check::username(username).map_err(check::at("username"))?.into()));
    }
    if let Some(address) = &change.address {
        fields.push(("address", address.as_ref().map(Address::as_given).into()));
        fields.push(("address_canonical", address.as_ref().map(Address::canonical).into()));
    }
    for (field, value) in [
        ("given_name", &change.given_name),
        ("family_name", &change.family_name),
        ("display_name", &change.display_name),
    ] {
        if let Some(value) = value {
            fields.push((field, check::name(value).map_err(check::at(field))?.into()));
        }
    }
    if let Some(language) = &change.language {
        fields.push(("language", optional(language.as_deref(), check::language, "language")?.into()));
    }
    if let Some(zone) = &change.time_zone {
        fields.push(("time_zone", optional(zone.as_deref(), check::time_zone, "time_zone")?.into()));
    }
    if let Some(external_id) = &change.external_id {
        let id = optional(external_id.as_deref(), check::name, "external_id")?;
        fields.push(("external_id", id.filter(|id| !id.is_empty()).into()));
    }
    if let Some(verified) = change.verified {
        fields.push(("verified", verified.into()));
    }
    Ok(fields)
}

fn optional<'a>(
    value: Option<&'a str>,
    check: impl Fn(&'a str) -> Result<&'a str, Wrong>,
    field: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    value.map(check).transpose().map_err(check::at(field))
}

/// Records why mail does not arrive; the next change of the address clears it. `false`: the person is
/// gone, or mails elsewhere by now.
///
/// # Errors
/// The database is not available.
pub async fn mark_undeliverable(
    tx: &mut Tx,
    id: PersonId,
    address: &Address,
    cause: &str,
    now_ms: i64,
) -> Result<bool> {
    let cause: String = cause.chars().filter(|c| !c.is_control()).take(500).collect();
    let changed = tx
        .execute(
            "UPDATE people SET undeliverable = $3, updated_at = $4 WHERE id = $1 AND address_canonical = $2",
            params![id, address.canonical(), cause, now_ms],
        )
        .await?;
    if changed > 0 {
        let entry =
            Acting::system().entry("person.undeliverable", "person", id, serde_json::json!({}), now_ms);
        audit::append(tx, entry).await?;
    }
    Ok(changed > 0)
}
