//! People as CSV and as JSON Lines, page by page; what the CSV says, [`crate::import`] reads.

use crate::error::Result;
use crate::import::cell::{guard, join_groups};
use crate::import::header::{ATTRIBUTE, Attribute, COLUMNS};
use crate::value::Row;
use crate::{Kind, Rows, Store, StoreError, Tx, Value};
use domain::id::PersonId;

use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

/// How many people are read at a time.
const PAGE: usize = 1_000;

/// How people are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180: commas, quotes where needed, CRLF; cells that a spreadsheet would compute have an
    /// apostrophe in front.
    Csv,
    /// One JSON object a line, with what is known of the credential besides.
    JsonLines,
}

impl Format {
    /// For `Content-Type` (RFC 7111 §5.1 for CSV).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }
}

/// Why an export ends early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Writes the people that fulfil a condition over `people p` (all, without one); gives how many.
///
/// The writer is used from an async task: hand in a file or a buffer, or take the pages of a
/// [`Pages`] where writing may take long.
///
/// # Errors
/// The database is not available, or the writer fails; what was written so far stays.
pub async fn export(
    store: &Store,
    out: &mut (impl Write + Send),
    format: Format,
    condition: Option<(String, Vec<Value>)>,
) -> Result<u64, ExportError> {
    let mut pages = Pages::new(store, format, condition).await?;
    while let Some(page) = pages.next().await? {
        out.write_all(&page)?;
    }
    out.flush()?;
    Ok(pages.people)
}

/// An export on its way, a thousand people at a time, in the order they were added. Each page is
/// a consistent view of its own.
#[derive(Debug)]
pub struct Pages {
    store: Store,
    format: Format,
    condition: Option<(String, Vec<Value>)>,
    attributes: Vec<Attribute>,
    after: Option<PersonId>,
    over: bool,
    /// People written so far.
    pub people: u64,
}

impl Pages {
    /// Prepares an export; see [`export`].
    ///
    /// # Errors
    /// The database is not available.
    pub async fn new(store: &Store, format: Format, condition: Option<(String, Vec<Value>)>) -> Result<Self> {
        let attributes = crate::import::attributes(store).await?;
        Ok(Self { store: store.clone(), format, condition, attributes, after: None, over: false, people: 0 })
    }

    /// The next piece of the file; `None`: it is complete.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        if self.over {
            return Ok(None);
        }
        let (condition, after) = (self.condition.clone(), self.after);
        let people: Vec<Exported> =
            self.store.read(move |tx| Box::pin(async move { page(tx, condition, after).await })).await?;
        self.over = people.len() < PAGE;
        let first = self.after.is_none();
        self.after = people.last().map(|person| person.id).or(self.after);
        self.people += people.len() as u64;
        Ok(Some(match self.format {
            Format::Csv => csv_page(&people, &self.attributes, first)?,
            Format::JsonLines => json_page(&people)?,
        }))
    }
}

/// A person as exported; the order of the fields is that of the JSON.
#[derive(Debug, Serialize)]
struct Exported {
    #[serde(skip)]
    id: PersonId,
    external_id: Option<String>,
    username: String,
    address: Option<String>,
    given_name: String,
    family_name: String,
    display_name: String,
    language: Option<String>,
    time_zone: Option<String>,
    groups: Vec<String>,
    attributes: BTreeMap<String, serde_json::Value>,
    credential: Facts,
}

/// What is known of a credential; no secret, no hash.
#[derive(Debug, Serialize)]
struct Facts {
    has_password: bool,
    set: Option<String>,
    changed_at: Option<String>,
    must_change: bool,
    mailed_at: Option<String>,
    last_login_at: Option<String>,
    failed_logins: i64,
    last_run_outcome: Option<String>,
}

async fn page(
    tx: &mut Tx,
    condition: Option<(String, Vec<Value>)>,
    after: Option<PersonId>,
) -> Result<Vec<Exported>> {
    let (condition, mut values) = condition.unwrap_or_else(|| ("TRUE".into(), Vec::new()));
    let mut wanted = format!("({condition})");
    if let Some(after) = after {
        values.push(after.into());
        wanted = format!("{wanted} AND p.id > ${}", values.len());
    }
    let sql = format!(
        "SELECT p.id, p.external_id, p.username, p.address, p.given_name, p.family_name, p.display_name,
                p.language, p.time_zone, CASE WHEN p.password_hash IS NULL THEN 0 ELSE 1 END, p.password_set,
                p.password_changed_at, p.must_change, p.password_mailed_at, p.last_login_at, p.failed_logins,
                p.last_run_outcome
         FROM people p WHERE {wanted} ORDER BY p.id LIMIT {PAGE}"
    );
    let mut people: Vec<Exported> =
        tx.query(&sql, &values).await?.into_iter().map(exported).collect::<Result<_>>()?;
    let places: HashMap<PersonId, usize> =
        people.iter().enumerate().map(|(place, person)| (person.id, place)).collect();
    let mut ids = Rows::new(&[("id", Kind::Uuid)]);
    for person in &people {
        ids.push([person.id.into()]);
    }
    let sql = "SELECT m.person_id, g.name FROM {rows}, group_members m JOIN \"groups\" g ON g.id = m.group_id
               WHERE m.person_id = r.id";
    for mut row in tx.query_rows(sql, &[], &ids).await? {
        if let Some(person) = places.get(&row.take(0)?).and_then(|place| people.get_mut(*place)) {
            person.groups.push(row.take(1)?);
        }
    }
    let sql =
        "SELECT v.person_id, v.attribute, v.string_value, v.number_value, v.boolean_value, v.date_value_at
               FROM {rows}, attribute_values v WHERE v.person_id = r.id";
    for mut row in tx.query_rows(sql, &[], &ids).await? {
        if let Some(person) = places.get(&row.take(0)?).and_then(|place| people.get_mut(*place)) {
            person.attributes.insert(row.take(1)?, attribute_value(&mut row)?);
        }
    }
    people.iter_mut().for_each(|person| person.groups.sort());
    Ok(people)
}

fn exported(mut row: Row) -> Result<Exported> {
    Ok(Exported {
        id: row.take(0)?,
        external_id: row.take(1)?,
        username: row.take(2)?,
        address: row.take(3)?,
        given_name: row.take(4)?,
        family_name: row.take(5)?,
        display_name: row.take(6)?,
        language: row.take(7)?,
        time_zone: row.take(8)?,
        groups: Vec::new(),
        attributes: BTreeMap::new(),
        credential: Facts {
            has_password: row.take::<i64>(9)? != 0,
            set: row.take(10)?,
            changed_at: time(row.take(11)?)?,
            must_change: row.take(12)?,
            mailed_at: time(row.take(13)?)?,
            last_login_at: time(row.take(14)?)?,
            failed_logins: row.take(15)?,
            last_run_outcome: row.take(16)?,
        },
    })
}

/// A time as RFC 3339.
fn time(at_ms: Option<i64>) -> Result<Option<String>> {
    at_ms
        .map(|at| {
            jiff::Timestamp::from_millisecond(at)
                .map(|time| time.to_string())
                .map_err(|error| StoreError::Corrupt(error.to_string()))
        })
        .transpose()
}

fn attribute_value(row: &mut Row) -> Result<serde_json::Value> {
    if let Some(text) = row.take::<Option<String>>(2)? {
        return Ok(text.into());
    }
    if let Some(number) = row.take::<Option<f64>>(3)? {
        return Ok(number.into());
    }
    if let Some(truth) = row.take::<Option<bool>>(4)? {
        return Ok(truth.into());
    }
    Ok(time(row.take(5)?)?.into())
}

fn csv_page(people: &[Exported], attributes: &[Attribute], first: bool) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Necessary)
        .from_writer(Vec::with_capacity(people.len() * 128));
    let failed = |error: csv::Error| ExportError::Write(std::io::Error::other(error));
    if first {
        for (name, _) in COLUMNS {
            writer.write_field(name).map_err(failed)?;
        }
        for attribute in attributes {
            writer.write_field(format!("{ATTRIBUTE}{}", attribute.name)).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    for person in people {
        let groups = join_groups(&person.groups);
        for cell in [
            person.external_id.as_deref().unwrap_or_default(),
            &person.username,
            person.address.as_deref().unwrap_or_default(),
            &person.given_name,
            &person.family_name,
            &person.display_name,
            person.language.as_deref().unwrap_or_default(),
            person.time_zone.as_deref().unwrap_or_default(),
            &groups,
        ] {
            writer.write_field(guard(cell).as_bytes()).map_err(failed)?;
        }
        for attribute in attributes {
            let cell = person.attributes.get(&attribute.name).map(attribute_cell);
            writer.write_field(guard(&cell.unwrap_or_default()).as_bytes()).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| ExportError::Write(error.into_error()))
}

/// An attribute as the import reads it.
fn attribute_cell(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
        serde_json::Value::Bool(truth) => truth.to_string(),
        _ => String::new(),
    }
}

fn json_page(people: &[Exported]) -> Result<Vec<u8>, ExportError> {
    let mut page = Vec::with_capacity(people.len() * 256);
    for person in people {
        serde_json::to_writer(&mut page, person).map_err(std::io::Error::other)?;
        page.push(b'\n');
    }
    Ok(page)
}
