//! Custom attributes: their definitions and the values people have.

use crate::refusal::{ChangeResult, Refusal};
use crate::value::Kind;
use crate::{Result, Rows, StoreError, Tx, Value, params};
use domain::id::PersonId;
use domain::person::{AttributeKind, AttributeValue};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A custom attribute as this installation defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name, in lower case.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// How pages call it.
    pub label: String,
}

/// Defines an attribute.
///
/// # Errors
/// The name does not fit or is taken.
pub async fn insert(tx: &mut Tx, attribute: &Attribute, now_ms: i64) -> ChangeResult<()> {
    let name = attribute.name.as_str();
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 60
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        return Err(Refusal::field(
            "name",
            "expected a letter, then letters, digits and underscores, as in cost_centre; at most 60",
        )
        .into());
    }
    tx.execute(
        "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, $3, $4)",
        params![name, attribute.kind.as_str(), attribute.label.as_str(), now_ms],
    )
    .await?;
    Ok(())
}

/// All definitions, by name.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<Attribute>> {
    let rows = tx.query("SELECT name, kind, label FROM attributes ORDER BY name", &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let kind: String = row.take(1)?;
            Ok(Attribute {
                name: row.take(0)?,
                kind: AttributeKind::parse(&kind)
                    .ok_or_else(|| StoreError::Corrupt("attributes: kind".into()))?,
                label: row.take(2)?,
            })
        })
        .collect()
}

/// Removes a definition with all its values; says whether there was one.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM attributes WHERE name = $1", params![name]).await? == 1)
}

/// Sets values of a person; `None` takes a value away.
///
/// # Errors
/// An attribute is not defined, or a value is of another kind.
pub async fn write(
    tx: &mut Tx,
    person: PersonId,
    values: &[(&str, Option<&AttributeValue>)],
) -> ChangeResult<()> {
    if values.is_empty() {
        return Ok(());
    }
    let defined = list(tx).await?;
    for (name, value) in values {
        let name = name.to_ascii_lowercase();
        let Some(attribute) = defined.iter().find(|one| one.name == name) else {
            let known: Vec<&str> = defined.iter().map(|one| one.name.as_str()).collect();
            let message = format!("is not defined; defined are: {}", known.join(", "));
            return Err(Refusal::field(format!("attributes.{name}"), message).into());
        };
        tx.execute(
            "DELETE FROM attribute_values WHERE person_id = $1 AND attribute = $2",
            params![person, name.as_str()],
        )
        .await?;
        if let Some(value) = value {
            let [text, number, truth, date] = columns(attribute, value)?;
            tx.execute(
                "INSERT INTO attribute_values (person_id, attribute, string_value, number_value, boolean_value, date_value_at)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[person.into(), name.into(), text, number, truth, date],
            )
            .await?;
        }
    }
    Ok(())
}

/// The four value columns; only the one of the attribute's kind is filled.
fn columns(attribute: &Attribute, value: &AttributeValue) -> ChangeResult<[Value; 4]> {
    let mut columns = [Value::Null, Value::Null, Value::Null, Value::Null];
    match (attribute.kind, value) {
        (AttributeKind::String, AttributeValue::String(text)) => columns[0] = text.into(),
        (AttributeKind::Number, AttributeValue::Number(number)) => columns[1] = (*number).into(),
        (AttributeKind::Boolean, AttributeValue::Boolean(truth)) => columns[2] = (*truth).into(),
        (AttributeKind::DateTime, AttributeValue::DateTime(at)) => columns[3] = at.as_millisecond().into(),
        (kind, _) => {
            let message = format!("a {} was expected", kind.as_str().replace('_', "-"));
            return Err(Refusal::field(format!("attributes.{}", attribute.name), message).into());
        }
    }
    Ok(columns)
}

/// The values of many people, by person and name.
pub(crate) async fn values_of(
    tx: &mut Tx,
    people: &[PersonId],
) -> Result<HashMap<PersonId, BTreeMap<String, AttributeValue>>> {
    let mut rows = Rows::new(&[("id", Kind::Uuid)]);
    people.iter().for_each(|id| rows.push([(*id).into()]));
    let found = tx
        .query_rows(
            "SELECT v.person_id, v.attribute, v.string_value, v.number_value, v.boolean_value, v.date_value_at
             FROM {rows} JOIN attribute_values v ON v.person_id = r.id",
            &[],
            &rows,
        )
        .await?;
    let mut values: HashMap<PersonId, BTreeMap<String, AttributeValue>> = HashMap::new();
    for mut row in found {
        let (person, name): (PersonId, String) = (row.take(0)?, row.take(1)?);
        let value = match (row.take(2)?, row.take(3)?, row.take(4)?, row.take(5)?) {
            (Some(text), None, None, None) => AttributeValue::String(text),
            (None, Some(number), None, None) => AttributeValue::Number(number),
            (None, None, Some(truth), None) => AttributeValue::Boolean(truth),
            (None, None, None, Some(at)) => AttributeValue::DateTime(
                jiff::Timestamp::from_millisecond(at)
                    .map_err(|_| StoreError::Corrupt("attribute_values: date_value_at".into()))?,
            ),
            _ => return Err(StoreError::Corrupt("attribute_values: not exactly one value".into())),
        };
        values.entry(person).or_default().insert(name, value);
    }
    Ok(values)
}
