//! Custom attributes: what the installation defined, and the values people have.

use crate::acting::Acting;
use crate::person::{check, load};
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::{Standing, Wrong};
use crate::{Kind, Result, Row, Rows, StoreError, Tx, Value, audit, params};
use domain::id::PersonId;
use domain::person::{AttributeKind, AttributeValue};
use domain::preference::AttributeUse;
use domain::sentence::{Piece, Sentence};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// The most attributes one installation can define.
const MOST: usize = 200;

/// The definition of a custom attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// As written in filters after `attributes.`, in lower case.
    pub name: String,
    /// The kind of its values; never changes.
    pub kind: AttributeKind,
    /// As people see it.
    pub label: String,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// What recipients may do with their own value.
    pub recipients: AttributeUse,
}

/// All definitions by name.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Attribute>> {
    let rows = tx
        .query("SELECT name, kind, label, created_at, recipients FROM attributes ORDER BY name", &[])
        .await?;
    rows.into_iter().map(read).collect()
}

/// The definition of this name, in any case.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Attribute>> {
    tx.find(
        "SELECT name, kind, label, created_at, recipients FROM attributes WHERE name = $1",
        params![name.trim().to_ascii_lowercase()],
    )
    .await?
    .map(read)
    .transpose()
}

fn read(mut row: Row) -> Result<Attribute> {
    let (kind, recipients): (String, String) = (row.take(1)?, row.take(4)?);
    Ok(Attribute {
        name: row.take(0)?,
        kind: AttributeKind::parse(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("attributes: the kind {kind:?}")))?,
        label: row.take(2)?,
        created_at: row.take(3)?,
        recipients: AttributeUse::parse(&recipients)
            .ok_or_else(|| StoreError::Corrupt(format!("attributes: the use {recipients:?}")))?,
    })
}

/// Defines an attribute; gives its name as it is written from now on.
///
/// # Errors
/// The name is no name or is taken; there are too many.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    name: &str,
    kind: AttributeKind,
    label: &str,
    now_ms: i64,
) -> ChangeResult<String> {
    let name = checked_name(name)?;
    if list(tx).await?.len() >= MOST {
        return Err(Refusal::State(Standing::MostAttributes { most: MOST }.into()).into());
    }
    let label = match check::name(label).map_err(check::at("label"))? {
        "" => &name,
        label => label,
    };
    tx.execute(
        "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, $3, $4)",
        params![&name, kind.as_str(), label, now_ms],
    )
    .await?;
    let entry =
        acting.entry("attribute.created", "attribute", &name, json!({ "kind": kind.as_str() }), now_ms);
    audit::append(tx, entry).await?;
    Ok(name)
}

/// Changes what people see; name and kind stay, because filters and imports use them.
///
/// # Errors
/// The attribute is gone; the label breaks a rule.
pub async fn set_label(
    tx: &mut Tx,
    acting: &Acting,
    name: &str,
    label: &str,
    now_ms: i64,
) -> ChangeResult<()> {
    let label = check::name(label).map_err(check::at("label"))?;
    if tx.execute("UPDATE attributes SET label = $2 WHERE name = $1", params![name, label]).await? == 0 {
        return Err(StoreError::NotFound(format!("the attribute {name:?}")).into());
    }
    audit::append(tx, acting.entry("attribute.changed", "attribute", name, json!({}), now_ms)).await?;
    Ok(())
}

/// Says what recipients may do with their own value. `false`: it was so already.
///
/// # Errors
/// The attribute is gone; the database is not available.
pub async fn set_use(
    tx: &mut Tx,
    acting: &Acting,
    name: &str,
    recipients: AttributeUse,
    now_ms: i64,
) -> ChangeResult<bool> {
    let before =
        find(tx, name).await?.ok_or_else(|| StoreError::NotFound(format!("the attribute {name:?}")))?;
    if before.recipients == recipients {
        return Ok(false);
    }
    let sql = "UPDATE attributes SET recipients = $2 WHERE name = $1";
    tx.execute(sql, params![&before.name, recipients.as_str()]).await?;
    let detail = json!({ "recipients": recipients.as_str() });
    audit::append(tx, acting.entry("attribute.changed", "attribute", &before.name, detail, now_ms)).await?;
    Ok(true)
}

/// Removes an attribute with everybody's values; gives how many people had one. Selections that
/// compare it must be changed first.
///
/// # Errors
/// The attribute is gone; a selection that is not archived compares it.
pub async fn remove(tx: &mut Tx, acting: &Acting, name: &str, now_ms: i64) -> ChangeResult<u64> {
    let by = compared_by(tx, name).await?;
    if !by.is_empty() {
        return Err(Refusal::InUse { what: format!("the attribute {name:?}"), by }.into());
    }
    let values = tx.execute("DELETE FROM attribute_values WHERE attribute = $1", params![name]).await?;
    if tx.execute("DELETE FROM attributes WHERE name = $1", params![name]).await? == 0 {
        return Err(StoreError::NotFound(format!("the attribute {name:?}")).into());
    }
    let entry = acting.entry("attribute.removed", "attribute", name, json!({ "values": values }), now_ms);
    audit::append(tx, entry).await?;
    Ok(values)
}

/// The selections, not archived, that would no longer be valid filters without the attribute.
async fn compared_by(tx: &mut Tx, name: &str) -> Result<Vec<Piece>> {
    let definitions = crate::selection::attributes(tx).await?;
    let with = domain::filter::Catalogue::new(definitions.clone());
    let without = domain::filter::Catalogue::new(definitions.into_iter().filter(|one| one.name != name));
    let selections = crate::selection::list(tx, None).await?;
    let breaks = |filter: &str| {
        domain::filter::parse(filter, &with).is_ok() && domain::filter::parse(filter, &without).is_err()
    };
    Ok(selections
        .iter()
        .filter(|one| !one.archived && breaks(&one.filter))
        .map(|one| Sentence::from(crate::selection::Uses::Compares { name: one.name.clone() }).into())
        .collect())
}

/// Lower-case letters, digits and underscores, beginning with a letter: as filters can write it.
fn checked_name(name: &str) -> ChangeResult<String> {
    let name = name.trim().to_ascii_lowercase();
    let fits = name.len() <= 50
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits { Ok(name) } else { Err(Refusal::field("name", Wrong::AttributeName).into()) }
}

/// The values of these people.
pub(crate) async fn values_of(
    tx: &mut Tx,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, BTreeMap<String, AttributeValue>>> {
    let rows = tx
        .query_rows(
            "SELECT v.person_id, v.attribute, v.string_value, v.number_value, v.boolean_value, v.date_value_at
             FROM {rows}, attribute_values v WHERE v.person_id = r.id",
            &[],
            &load::id_rows(ids),
        )
        .await?;
    let mut found: HashMap<PersonId, BTreeMap<String, AttributeValue>> = HashMap::new();
    for mut row in rows {
        let name: String = row.take(1)?;
        let value = read_value(&mut row, &name)?;
        found.entry(row.take(0)?).or_default().insert(name, value);
    }
    Ok(found)
}

fn read_value(row: &mut Row, name: &str) -> Result<AttributeValue> {
    if let Some(text) = row.take(2)? {
        return Ok(AttributeValue::String(text));
    }
    if let Some(number) = row.take(3)? {
        return Ok(AttributeValue::Number(number));
    }
    if let Some(flag) = row.take(4)? {
        return Ok(AttributeValue::Boolean(flag));
    }
    let corrupt = || StoreError::Corrupt(format!("attribute_values: a value of {name:?}"));
    let at: i64 = row.take::<Option<i64>>(5)?.ok_or_else(corrupt)?;
    jiff::Timestamp::from_millisecond(at).map(AttributeValue::DateTime).map_err(|_| corrupt())
}

/// Sets values of one person, and takes those away that are `None`.
///
/// # Errors
/// An attribute is not defined, or the value is of another kind.
pub(crate) async fn write(
    tx: &mut Tx,
    person_id: PersonId,
    values: &[(&str, Option<&AttributeValue>)],
) -> ChangeResult<()> {
    if values.is_empty() {
        return Ok(());
    }
    let kinds: BTreeMap<String, AttributeKind> =
        list(tx).await?.into_iter().map(|one| (one.name, one.kind)).collect();
    let mut set = Rows::new(&[
        ("attribute", Kind::Text),
        ("string", Kind::Text),
        ("number", Kind::Real),
        ("flag", Kind::Bool),
        ("at", Kind::Int),
    ]);
    for (name, value) in values {
        let place = || format!("attributes.{name}");
        let Some((name, kind)) = kinds.get_key_value(&name.to_ascii_lowercase()) else {
            let known = kinds.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(Refusal::field(place(), Wrong::NoAttribute { known }).into());
        };
        let Some(value) = value else {
            tx.execute(
                "DELETE FROM attribute_values WHERE person_id = $1 AND attribute = $2",
                params![person_id, name],
            )
            .await?;
            continue;
        };
        let [string, number, flag, at] =
            columns(*kind, value).map_err(|right| Refusal::field(place(), right))?;
        set.push([name.into(), string, number, flag, at]);
    }
    tx.execute_rows(
        "INSERT INTO attribute_values (person_id, attribute, string_value, number_value, boolean_value, date_value_at)
         SELECT p.id, r.attribute, r.string, r.number, r.flag, r.at FROM {rows}, people p WHERE p.id = $1
         ON CONFLICT (person_id, attribute) DO UPDATE SET string_value = excluded.string_value,
             number_value = excluded.number_value, boolean_value = excluded.boolean_value,
             date_value_at = excluded.date_value_at",
        params![person_id],
        &set,
    )
    .await?;
    Ok(())
}

/// The four value columns, of which one is filled.
fn columns(kind: AttributeKind, value: &AttributeValue) -> Result<[Value; 4], Sentence> {
    let empty = || [Value::Null, Value::Null, Value::Null, Value::Null];
    let mut columns = empty();
    match (kind, value) {
        (AttributeKind::String, AttributeValue::String(text)) => {
            kind.read(text)?;
            if text.contains('\0') {
                return Err(Wrong::Nul.into());
            }
            columns[0] = text.into();
        }
        (AttributeKind::Number, AttributeValue::Number(number)) if number.is_finite() => {
            columns[1] = (*number).into();
        }
        (AttributeKind::Boolean, AttributeValue::Boolean(flag)) => columns[2] = (*flag).into(),
        (AttributeKind::DateTime, AttributeValue::DateTime(at)) => columns[3] = at.as_millisecond().into(),
        (kind, _) => return Err(Wrong::AttributeKind { kind: kind.as_str() }.into()),
    }
    Ok(columns)
}
