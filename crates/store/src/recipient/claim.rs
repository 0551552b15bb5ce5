//! Claiming: who of a run is next, judged again by what is true now, and taken under a lease.

use super::Rules;
use crate::error::{Result, StoreError};
use crate::{Kind, Row, Rows, Tx, params};
use domain::id::{LeaseId, PersonId, RecipientId};
use domain::person::AttributeValue;
use domain::recipient::Reason;
use std::collections::{BTreeMap, HashMap};

/// A recipient in the hands of a worker, with what its message is made of.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The recipient.
    pub id: RecipientId,
    /// The person.
    pub person_id: PersonId,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Attempts left after this one.
    pub tries_left: i64,
    /// What the person signs in with.
    pub username: String,
    /// Where the mail goes, as stored.
    pub address: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Display name.
    pub display_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// Whether the address was confirmed: else not every name may stand in the mail.
    pub verified: bool,
    /// The custom attributes asked for, by name; see [`read_attributes`].
    pub attributes: BTreeMap<String, AttributeValue>,
}

impl Claimed {
    /// Gives a person without a language of ours this one.
    pub fn speak(&mut self, fallback: domain::language::Language) {
        let known = self.language.as_deref().and_then(domain::language::Language::for_tag);
        self.language = Some(known.unwrap_or(fallback).tag().to_owned());
    }
}

/// A chunk: who is claimed, who is left out at the last moment, and where the cursor stands now.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// In the worker's hands.
    pub claimed: Vec<Claimed>,
    /// Left out, because something changed since the audience was frozen.
    pub left_out: Vec<(RecipientId, Reason)>,
    /// The last recipient looked at for the first time.
    pub cursor: Option<RecipientId>,
    /// How many of them were waiting for another attempt.
    pub were_deferred: i64,
}

/// Looks at the next recipients of a run: those never tried after the cursor, else those whose next
/// attempt is due. Everything that may have changed is checked again (3-safety, requirement A6).
/// The run's row must be locked.
///
/// # Errors
/// The database is not available.
pub async fn next_chunk(
    tx: &mut Tx,
    run_number: i64,
    cursor: RecipientId,
    last: RecipientId,
    rules: &Rules,
    limit: i64,
) -> Result<Chunk> {
    const COLUMNS: &str = "q.id, q.person_id, q.attempts, q.tries_left, p.username, p.address, p.given_name, \
        p.family_name, p.display_name, p.language, p.time_zone, p.verified";
    // Limited before it is joined: without statistics PostgreSQL would join the whole rest of the run first.
    const PEOPLE: &str = "LEFT JOIN people p ON p.id = q.person_id LEFT JOIN roles ro ON ro.id = p.role_id";
    let mut chunk = Chunk::default();
    let (reason, reason_values) = rules.expression(4);
    if cursor < last {
        let sql = format!(
            "SELECT {COLUMNS}, {reason} FROM (SELECT id, person_id, attempts, tries_left FROM recipients
               WHERE id > $1 AND id <= $2 AND state = 'planned' ORDER BY id LIMIT $3) q {PEOPLE}"
        );
        let mut values = vec![cursor.into(), last.into(), limit.into()];
        values.extend(reason_values.clone());
        let rows = tx.query(&sql, &values).await?;
        sort_out(rows, &mut chunk)?;
        let reached =
            chunk.claimed.iter().map(|one| one.id).chain(chunk.left_out.iter().map(|(id, _)| *id)).max();
        chunk.cursor = Some(reached.unwrap_or(last));
    }
    if chunk.claimed.is_empty() && chunk.left_out.is_empty() {
        let (reason, reason_values) = rules.expression(5);
        let (first, end) = RecipientId::bounds(run_number);
        let sql = format!(
            "SELECT {COLUMNS}, {reason} FROM (SELECT id, person_id, attempts, tries_left FROM recipients
               WHERE due_at <= $1 AND id BETWEEN $2 AND $3 AND state = 'deferred' ORDER BY due_at LIMIT $4) q {PEOPLE}"
        );
        let mut values = vec![rules.now_ms.into(), first.into(), end.into(), limit.into()];
        values.extend(reason_values);
        let rows = tx.query(&sql, &values).await?;
        sort_out(rows, &mut chunk)?;
        chunk.were_deferred = (chunk.claimed.len() + chunk.left_out.len()) as i64;
    }
    Ok(chunk)
}

fn sort_out(rows: Vec<Row>, chunk: &mut Chunk) -> Result<()> {
    for mut row in rows {
        let id: RecipientId = row.take(0)?;
        let reason: Option<String> = row.take(12)?;
        if let Some(name) = reason {
            let reason = Reason::parse(&name)
                .ok_or_else(|| StoreError::Corrupt(format!("the reason {name} is not known")))?;
            chunk.left_out.push((id, reason));
            continue;
        }
        let attempts: i64 = row.take(2)?;
        let tries_left: i64 = row.take(3)?;
        chunk.claimed.push(Claimed {
            id,
            person_id: row.take(1)?,
            attempt: attempts + 1,
            tries_left: tries_left - 1,
            username: row.take(4)?,
            address: row.take(5)?,
            given_name: row.take(6)?,
            family_name: row.take(7)?,
            display_name: row.take(8)?,
            language: row.take(9)?,
            time_zone: row.take(10)?,
            verified: row.take(11)?,
            attributes: BTreeMap::new(),
        });
    }
    Ok(())
}

/// *planned* or *deferred* → *sending*, under a lease.
///
/// # Errors
/// The database is not available.
pub async fn claim(tx: &mut Tx, chunk: &Chunk, lease: LeaseId) -> Result<()> {
    let mut rows = Rows::new(&[("recipient", Kind::Int)]);
    for one in &chunk.claimed {
        rows.push([one.id.into()]);
    }
    tx.execute_rows(
        "UPDATE recipients SET state = 'sending', lease_id = $1, attempts = attempts + 1,
            tries_left = tries_left - 1, due_at = NULL
         FROM {rows} WHERE recipients.id = r.recipient",
        params![lease],
        &rows,
    )
    .await?;
    Ok(())
}

/// Reads some custom attributes of those of a chunk, for words that show them.
///
/// # Errors
/// The database is not available.
pub async fn read_attributes(tx: &mut Tx, claimed: &mut [Claimed], names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(&[("person", Kind::Uuid), ("name", Kind::Text)]);
    for one in claimed.iter() {
        for name in names {
            rows.push([one.person_id.into(), name.as_str().into()]);
        }
    }
    let found = tx
        .query_rows(
            "SELECT v.person_id, v.attribute, v.string_value, v.number_value, v.boolean_value, v.date_value_at
             FROM {rows}, attribute_values v WHERE v.person_id = r.person AND v.attribute = r.name",
            &[],
            &rows,
        )
        .await?;
    let mut by_person: HashMap<PersonId, BTreeMap<String, AttributeValue>> = HashMap::new();
    for mut row in found {
        let person: PersonId = row.take(0)?;
        let name: String = row.take(1)?;
        by_person.entry(person).or_default().insert(name, value(&mut row)?);
    }
    for one in claimed {
        one.attributes = by_person.remove(&one.person_id).unwrap_or_default();
    }
    Ok(())
}

/// The custom attributes of one person, by name.
///
/// # Errors
/// The database is not available.
pub async fn attributes_of(tx: &mut Tx, person: PersonId) -> Result<BTreeMap<String, AttributeValue>> {
    let sql = "SELECT person_id, attribute, string_value, number_value, boolean_value, date_value_at
         FROM attribute_values WHERE person_id = $1";
    let mut values = BTreeMap::new();
    for mut row in tx.query(sql, params![person]).await? {
        values.insert(row.take(1)?, value(&mut row)?);
    }
    Ok(values)
}

fn value(row: &mut Row) -> Result<AttributeValue> {
    if let Some(text) = row.take::<Option<String>>(2)? {
        return Ok(AttributeValue::String(text));
    }
    if let Some(number) = row.take::<Option<f64>>(3)? {
        return Ok(AttributeValue::Number(number));
    }
    if let Some(flag) = row.take::<Option<bool>>(4)? {
        return Ok(AttributeValue::Boolean(flag));
    }
    let at: Option<i64> = row.take(5)?;
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    Ok(at.map_or_else(|| AttributeValue::String(String::new()), AttributeValue::DateTime))
}

/// When the next attempt of a run is due.
///
/// # Errors
/// The database is not available.
pub async fn next_due(tx: &mut Tx, run_number: i64) -> Result<Option<i64>> {
    let (first, last) = RecipientId::bounds(run_number);
    let row = tx
        .find(
            "SELECT due_at FROM recipients WHERE due_at IS NOT NULL AND id BETWEEN $1 AND $2 ORDER BY due_at LIMIT 1",
            params![first, last],
        )
        .await?;
    row.map(|mut row| row.take(0)).transpose()
}
