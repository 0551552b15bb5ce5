//! Reading the log back: newest first, by who, what, whom and when.

use crate::error::{Result, StoreError};
use crate::{Row, Tx, Value, params};
use uuid::Uuid;

/// One entry as read back.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Listed {
    /// Its number in the chain.
    pub number: i64,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// The person who acted.
    pub actor_id: Option<Uuid>,
    /// As what.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: String,
    /// Particulars.
    pub detail: serde_json::Value,
    /// The network it came from.
    pub network: String,
}

const COLUMNS: &str = "number, at, actor_id, actor, action, subject_kind, subject_id, detail, network";

/// The newest entries before a number (`i64::MAX`: from the end), newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Listed>> {
    search(tx, &Wanted::default(), before, limit).await
}

/// Which entries: those that pass all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// By this person.
    pub actor_id: Option<Uuid>,
    /// As this: `operator`, `program`, `recipient`, `system` or `command line`.
    pub actor: Option<String>,
    /// This was done, as in `run.started`; or anything of a kind, as in `run.`.
    pub action: Option<String>,
    /// To this kind of thing.
    pub subject_kind: Option<String>,
    /// To this one.
    pub subject_id: Option<String>,
    /// Not before this moment, milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Before this moment.
    pub until_ms: Option<i64>,
}

/// Entries are numbered in the order they are written, by nodes whose clocks may differ: so many around a moment are
/// looked at one by one.
const AROUND: i64 = 2_000;

/// The entries before a number (`i64::MAX`: from the end), newest first.
///
/// # Errors
/// The database is not available.
pub async fn search(tx: &mut Tx, wanted: &Wanted, before: i64, limit: i64) -> Result<Vec<Listed>> {
    read_all(tx, wanted, ("number < $1", before), "DESC", limit).await
}

/// The entries that follow a number, newest first.
///
/// # Errors
/// The database is not available.
pub async fn search_after(tx: &mut Tx, wanted: &Wanted, after: i64, limit: i64) -> Result<Vec<Listed>> {
    let mut found = read_all(tx, wanted, ("number > $1", after), "ASC", limit).await?;
    found.reverse();
    Ok(found)
}

async fn read_all(
    tx: &mut Tx,
    wanted: &Wanted,
    (begin, number): (&str, i64),
    order: &str,
    limit: i64,
) -> Result<Vec<Listed>> {
    let mut values: Vec<Value> = vec![number.into()];
    let mut parts = vec![begin.to_owned()];
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        parts.push(condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(from) = wanted.from_ms {
        let sql = "SELECT number FROM audit WHERE at >= $1 ORDER BY at LIMIT 1";
        let first = tx.find(sql, params![from]).await?.map(|mut row| row.take::<i64>(0)).transpose()?;
        // Nothing is as young as that.
        let Some(first) = first else { return Ok(Vec::new()) };
        add("number >= ?", (first - AROUND).into());
        add("at >= ?", from.into());
    }
    if let Some(until) = wanted.until_ms {
        let sql = "SELECT number FROM audit WHERE at < $1 ORDER BY at DESC LIMIT 1";
        let last = tx.find(sql, params![until]).await?.map(|mut row| row.take::<i64>(0)).transpose()?;
        let Some(last) = last else { return Ok(Vec::new()) };
        add("number <= ?", (last + AROUND).into());
        add("at < ?", until.into());
    }
    if let Some(person) = wanted.actor_id {
        add("actor_id = ?", person.into());
    }
    for (column, text) in
        [("actor", &wanted.actor), ("subject_kind", &wanted.subject_kind), ("subject_id", &wanted.subject_id)]
    {
        if let Some(text) = text {
            add(&format!("{column} = ?"), text.as_str().into());
        }
    }
    match wanted.action.as_deref() {
        // A dot comes right before a slash.
        Some(kind) if kind.ends_with('.') => {
            add("action >= ?", kind.into());
            add("action < ?", format!("{}/", kind.trim_end_matches('.')).into());
        }
        Some(action) => add("action = ?", action.into()),
        None => {}
    }
    add("?", limit.into());
    let limit = parts.pop().unwrap_or_default();
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE {} ORDER BY number {order} LIMIT {limit}",
        parts.join(" AND ")
    );
    tx.query(&sql, &values).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Listed> {
    let detail: String = row.take(7)?;
    Ok(Listed {
        number: row.take(0)?,
        at: row.take(1)?,
        actor_id: row.take(2)?,
        actor: row.take(3)?,
        action: row.take(4)?,
        subject_kind: row.take(5)?,
        subject_id: row.take(6)?,
        detail: serde_json::from_str(&detail)
            .map_err(|error| StoreError::Corrupt(format!("audit detail: {error}")))?,
        network: row.take(8)?,
    })
}

/// When something was last done to a thing, milliseconds since 1970.
///
/// # Errors
/// The database is not available.
pub async fn find_newest(tx: &mut Tx, action: &str, subject_id: &str) -> Result<Option<i64>> {
    tx.find(
        "SELECT at FROM audit WHERE subject_id = $1 AND action = $2 ORDER BY number DESC LIMIT 1",
        params![subject_id, action],
    )
    .await?
    .map(|mut row| row.take(0))
    .transpose()
}
