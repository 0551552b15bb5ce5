//! Who the rows of a batch are about: looked up in the database, a few statements for all of them.

use super::parse::Record;
use crate::error::Result;
use crate::value::Row;
use crate::{Engine, Kind, Rows, Tx, Value, params};
use domain::address::Address;
use domain::id::PersonId;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A person as the database has it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: PersonId,
    pub(super) username: String,
    pub(super) address: Option<String>,
    pub(super) address_canonical: Option<String>,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) display_name: String,
    pub(super) language: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) is_system: bool,
}

/// Who has the address of a row.
#[derive(Debug)]
pub(super) enum Mailbox {
    Nobody,
    One(Box<Known>),
    Several,
}

/// What the database says about one row.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) by_external_id: Option<Box<Known>>,
    /// Who has the user name given, or the one the address would give.
    pub(super) by_username: Option<Box<Known>>,
    /// Looked up only for rows that name nobody better.
    pub(super) by_address: Mailbox,
}

impl Found {
    fn people(&self) -> impl Iterator<Item = &Known> {
        let mailbox = match &self.by_address {
            Mailbox::One(known) => Some(&**known),
            Mailbox::Nobody | Mailbox::Several => None,
        };
        self.by_external_id.as_deref().into_iter().chain(self.by_username.as_deref()).chain(mailbox)
    }
}

/// Looks up every row; the answers are in the order of the rows.
pub(super) async fn find(tx: &mut Tx, records: &[Record]) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = records
        .iter()
        .map(|_| Found { by_external_id: None, by_username: None, by_address: Mailbox::Nobody })
        .collect();
    let keys = records.iter().enumerate().filter_map(|(n, record)| Some((n, record.external_id.as_deref()?)));
    for (place, known) in people(tx, "external_id", keys).await? {
        if let Some(found) = found.get_mut(place) {
            found.by_external_id = Some(known);
        }
    }
    let names: Vec<(usize, &str)> = records
        .iter()
        .zip(&found)
        .enumerate()
        // A row found by its external id needs this only when it brings another user name.
        .filter(|(_, (record, found))| match &found.by_external_id {
            Some(known) => record.username.as_ref().is_some_and(|name| *name != known.username),
            None => true,
        })
        .filter_map(|(n, (record, _))| Some((n, record.new_username()?)))
        .collect();
    for (place, known) in people(tx, "username", names.into_iter()).await? {
        if let Some(found) = found.get_mut(place) {
            found.by_username = Some(known);
        }
    }
    mailboxes(tx, records, &mut found).await?;
    Ok(found)
}

/// Looks up the addresses of rows that have neither a known external id nor a user name.
async fn mailboxes(tx: &mut Tx, records: &[Record], found: &mut [Found]) -> Result<()> {
    let keys: Vec<(usize, &str)> = records
        .iter()
        .zip(&*found)
        .enumerate()
        .filter(|(_, (record, found))| record.username.is_none() && found.by_external_id.is_none())
        .filter_map(|(n, (record, _))| Some((n, record.address.as_ref()?.canonical())))
        .collect();
    for (place, known) in people(tx, "address_canonical", keys.into_iter()).await? {
        if let Some(found) = found.get_mut(place) {
            found.by_address = match found.by_address {
                Mailbox::Nobody => Mailbox::One(known),
                Mailbox::One(_) | Mailbox::Several => Mailbox::Several,
            };
        }
    }
    Ok(())
}

fn keyed<'a>(keys: impl Iterator<Item = (usize, &'a str)>) -> Rows {
    let mut rows = Rows::new(&[("n", Kind::Int), ("key", Kind::Text)]);
    for (place, key) in keys {
        rows.push([Value::Int(i64::try_from(place).unwrap_or(i64::MAX)), key.into()]);
    }
    rows
}

fn place(row: &mut Row) -> Result<usize> {
    Ok(usize::try_from(row.take::<i64>(0)?).unwrap_or(usize::MAX))
}

const COLUMNS: &str = "p.id, p.username, p.address, p.address_canonical, p.given_name, p.family_name,
    p.display_name, p.language, p.time_zone, p.external_id, CASE WHEN p.role_id IS NULL THEN 0 ELSE 1 END";

/// Whether anybody's column lies between the least and the greatest of the keys. A file of new people, in the order
/// that other programs write it, is spared thousands of searches that find nothing.
async fn is_there_any(tx: &mut Tx, column: &'static str, keys: &[(usize, &str)]) -> Result<bool> {
    let texts = || keys.iter().map(|(_, key)| *key);
    let (Some(least), Some(greatest)) = (texts().min(), texts().max()) else { return Ok(false) };
    let sql = format!("SELECT 1 FROM people WHERE {column} BETWEEN $1 AND $2 LIMIT 1");
    Ok(tx.find(&sql, params![least, greatest]).await?.is_some())
}

/// The people whose column is one of the keys, each with the place of its key; at most two for each.
async fn people(
    tx: &mut Tx,
    column: &'static str,
    keys: impl Iterator<Item = (usize, &str)>,
) -> Result<Vec<(usize, Box<Known>)>> {
    let keys: Vec<(usize, &str)> = keys.collect();
    if !is_there_any(tx, column, &keys).await? {
        return Ok(Vec::new());
    }
    let sql = match tx.engine() {
        Engine::Sqlite => {
            format!("SELECT r.n, {COLUMNS} FROM {{rows}}, people p WHERE p.{column} = r.key LIMIT 2")
        }
        // There all rows are one statement, and the limit must be one for each.
        Engine::Postgres => format!(
            "SELECT r.n, {COLUMNS} FROM {{rows}}
             CROSS JOIN LATERAL (SELECT * FROM people q WHERE q.{column} = r.key LIMIT 2) p"
        ),
    };
    let rows = keyed(keys.into_iter());
    let answers = tx.query_rows(&sql, &[], &rows).await?;
    answers
        .into_iter()
        .map(|mut row| {
            let known = Known {
                id: row.take(1)?,
                username: row.take(2)?,
                address: row.take(3)?,
                address_canonical: row.take(4)?,
                given_name: row.take(5)?,
                family_name: row.take(6)?,
                display_name: row.take(7)?,
                language: row.take(8)?,
                time_zone: row.take(9)?,
                external_id: row.take(10)?,
                is_system: row.take::<i64>(11)? != 0,
            };
            Ok((place(&mut row)?, Box::new(known)))
        })
        .collect()
}

/// What is known of the found people besides their own columns.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Groups by name, those that rows name and that exist.
    pub(super) groups: HashMap<String, Uuid>,
    /// Who is in which group.
    pub(super) members: HashSet<(PersonId, Uuid)>,
    /// Attribute values by person and name, as the database has them.
    pub(super) values: HashMap<(PersonId, String), Stored>,
}

/// An attribute value as stored: text, number, truth value, time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) string: Option<String>,
    pub(super) number: Option<f64>,
    pub(super) boolean: Option<bool>,
    pub(super) date: Option<i64>,
}

/// Looks up groups, memberships and attribute values, as far as the rows need them.
pub(super) async fn around(
    tx: &mut Tx,
    records: &[Record],
    found: &[Found],
    groups_for_all: &[String],
) -> Result<Around> {
    let mut around = Around::default();
    let names: BTreeSet<&str> =
        records.iter().flat_map(|record| &record.groups).chain(groups_for_all).map(String::as_str).collect();
    around.groups = groups(tx, names.into_iter()).await?;
    let mut ids = Rows::new(&[("id", Kind::Uuid)]);
    let everybody: BTreeSet<PersonId> = found.iter().flat_map(Found::people).map(|known| known.id).collect();
    for id in everybody {
        ids.push([id.into()]);
    }
    if !around.groups.is_empty() {
        let sql = "SELECT m.person_id, m.group_id FROM {rows}, group_members m WHERE m.person_id = r.id";
        for mut row in tx.query_rows(sql, &[], &ids).await? {
            around.members.insert((row.take(0)?, row.take(1)?));
        }
    }
    if records.iter().any(|record| !record.attributes.is_empty()) {
        let sql = "SELECT v.person_id, v.attribute, v.string_value, v.number_value, v.boolean_value, v.date_value_at
                   FROM {rows}, attribute_values v WHERE v.person_id = r.id";
        for mut row in tx.query_rows(sql, &[], &ids).await? {
            let stored = Stored {
                string: row.take(2)?,
                number: row.take(3)?,
                boolean: row.take(4)?,
                date: row.take(5)?,
            };
            around.values.insert((row.take(0)?, row.take(1)?), stored);
        }
    }
    Ok(around)
}

/// The groups of these names that exist.
pub(super) async fn groups<'a>(
    tx: &mut Tx,
    names: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Uuid>> {
    let mut rows = Rows::new(&[("name", Kind::Text)]);
    for name in names {
        rows.push([name.into()]);
    }
    let sql = "SELECT g.name, g.id FROM {rows}, \"groups\" g WHERE g.name = r.name";
    let mut groups = HashMap::new();
    for mut row in tx.query_rows(sql, &[], &rows).await? {
        groups.insert(row.take(0)?, row.take(1)?);
    }
    Ok(groups)
}

/// Whether the address as given is another one than the person's.
pub(super) fn moves(known: &Known, address: &Address) -> bool {
    known.address.as_deref() != Some(address.as_given())
}
