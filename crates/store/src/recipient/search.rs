//! Looking for recipients of one run: by state, reason, name or address, page by page in both directions.
//!
//! The recipients of a run lie side by side under the primary key, so nothing here looks at another run. Words are
//! looked for among the run's own people; in a large run first among all people, because a rare name is found there
//! sooner, and by the index on people from there.

use super::{COLUMNS, Listed, read_listed};
use crate::error::Result;
use crate::{Kind, Row, Rows, Tx, Value, params};
use domain::address::canonical_username;
use domain::id::{PersonId, RecipientId};
use domain::recipient::RecipientState;

/// Whom to look for: those who pass all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state.
    pub state: Option<RecipientState>,
    /// With this reason, or this class of answer.
    pub reason: Option<String>,
    /// Words as typed: each is part of the user name, the address or a name. A to Z in either case.
    pub text: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// After this place of the audience; 0: at its beginning.
    After(u32),
    /// Before this place.
    Before(u32),
}

/// Runs with no more recipients than this are looked through themselves.
const SMALL: i64 = 20_000;
/// With more people than this to find, a page of them is soon found in the run itself.
const MANY: usize = 1_000;
/// More words than this are not looked at.
const MOST_WORDS: usize = 6;

/// Recipients of a run in the order of its audience, at most `limit`; `total` is how many the run has.
///
/// # Errors
/// The database is not available.
pub async fn search(
    tx: &mut Tx,
    run_number: i64,
    total: i64,
    wanted: &Wanted,
    side: Side,
    limit: i64,
) -> Result<Vec<Listed>> {
    let words = words(wanted);
    let (mut first, mut last) = RecipientId::bounds(run_number);
    match side {
        Side::After(place) => first = RecipientId::new(run_number, place.saturating_add(1)),
        Side::Before(place) => last = RecipientId::new(run_number, place.saturating_sub(1)),
    }
    let mut query =
        Query { parts: vec!["q.id BETWEEN $1 AND $2".into()], values: vec![first.into(), last.into()] };
    query.facts(wanted);
    let order = if matches!(side, Side::Before(_)) { "DESC" } else { "ASC" };
    let few = if words.is_empty() || total <= SMALL { None } else { people(tx, &words).await? };
    let rows = match few {
        Some(people) => return among(tx, &people, (first, last), wanted, order == "DESC", limit).await,
        None => {
            query.words(&words);
            let limit = query.bind(limit.into());
            let sql = format!(
                "SELECT {COLUMNS} WHERE {} ORDER BY q.id {order} LIMIT {limit}",
                query.parts.join(" AND ")
            );
            tx.query(&sql, &query.values).await?
        }
    };
    listed(rows, order == "DESC")
}

fn listed(rows: Vec<Row>, backwards: bool) -> Result<Vec<Listed>> {
    let mut found = rows.into_iter().map(read_listed).collect::<Result<Vec<_>>>()?;
    if backwards {
        found.reverse();
    }
    Ok(found)
}

/// Those of a few people who are in the range.
async fn among(
    tx: &mut Tx,
    people: &[PersonId],
    (first, last): (RecipientId, RecipientId),
    wanted: &Wanted,
    backwards: bool,
    limit: i64,
) -> Result<Vec<Listed>> {
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in people {
        rows.push([(*person).into()]);
    }
    let mut query = Query { parts: Vec::new(), values: vec![first.into(), last.into()] };
    query.facts(wanted);
    let facts: String = query.parts.iter().map(|part| format!(" AND {part}")).collect();
    // The sign keeps the range of the run from being walked through once for each person.
    let sql = format!(
        "SELECT q.id FROM {{rows}}, recipients q WHERE q.person_id = r.person AND +q.id BETWEEN $1 AND $2{facts}"
    );
    let found = tx.query_rows(&sql, &query.values, &rows).await?;
    let mut ids = found.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<RecipientId>>>()?;
    ids.sort_unstable();
    ids.dedup();
    let keep = usize::try_from(limit).unwrap_or(usize::MAX).min(ids.len());
    let page = if backwards { ids.split_off(ids.len() - keep) } else { ids.drain(..keep).collect() };
    let mut rows = Rows::new(&[("recipient", Kind::Int)]);
    for id in page {
        rows.push([id.into()]);
    }
    let columns = COLUMNS.replace("FROM recipients q", "FROM {rows}, recipients q");
    let found = tx.query_rows(&format!("SELECT {columns} WHERE q.id = r.recipient"), &[], &rows).await?;
    let mut listed = listed(found, false)?;
    listed.sort_by_key(|one| one.id);
    Ok(listed)
}

/// The people whom the words find; `None`: too many to be worth it.
async fn people(tx: &mut Tx, words: &[String]) -> Result<Option<Vec<PersonId>>> {
    // A whole address means exactly those who have it.
    if let [word] = words
        && word.contains('@')
    {
        let exact = canonical_username(&word.replace('\0', "\u{fffd}"));
        let sql = "SELECT id FROM people WHERE username = $1 OR address_canonical = $1 LIMIT 1000";
        let rows = tx.query(sql, params![exact]).await?;
        if !rows.is_empty() {
            return rows.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<_>>>().map(Some);
        }
    }
    let mut query = Query { parts: Vec::new(), values: Vec::new() };
    query.words(words);
    let sql = format!("SELECT p.id FROM people p WHERE {} LIMIT {}", query.parts.join(" AND "), MANY + 1);
    let rows = tx.query(&sql, &query.values).await?;
    if rows.len() > MANY {
        return Ok(None);
    }
    rows.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<_>>>().map(Some)
}

fn words(wanted: &Wanted) -> Vec<String> {
    let text = wanted.text.as_deref().unwrap_or_default();
    text.split_whitespace().take(MOST_WORDS).map(str::to_lowercase).collect()
}

/// Conditions over `recipients q` and `people p`.
struct Query {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn facts(&mut self, wanted: &Wanted) {
        if let Some(state) = wanted.state {
            let place = self.bind(state.as_str().into());
            self.parts.push(format!("q.state = {place}"));
        }
        if let Some(reason) = &wanted.reason {
            let place = self.bind(reason.as_str().into());
            self.parts.push(format!("q.reason = {place}"));
        }
    }

    fn words(&mut self, words: &[String]) {
        for word in words {
            let place = format!("CAST({} AS TEXT)", self.bind(pattern(word).into()));
            let columns = ["username", "address_canonical", "given_name", "family_name", "display_name"];
            let any: Vec<String> =
                columns.iter().map(|column| format!("p.{column} {{like}} {place} ESCAPE '!'")).collect();
            self.parts.push(format!("({})", any.join(" OR ")));
        }
    }
}

/// Anything with the word in it; nothing in the word is a wildcard.
fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\0', "\u{fffd}").replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}
