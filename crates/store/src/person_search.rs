//! The person browser: everyone, a filter's people, or those a few typed words find; page by page.

use crate::person::load;
use crate::recipient::Audience;
use crate::{Result, Tx, Value};
use domain::id::PersonId;
use domain::person::Person;

/// The most people on one page.
pub const MOST_PER_PAGE: i64 = 1_000;
/// More words than this are not looked at.
const MOST_WORDS: usize = 8;

/// Whom to look for: those who pass all that is given.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// People of a filter, see [`crate::selection::read_filter`]. Its size limit plays no part here.
    pub audience: Option<Audience>,
    /// Words as typed: each must be part of a name, the user name, the address, the external id, a
    /// group's name or a text attribute. A to Z in either case; nothing in it is a wildcard.
    pub text: Option<String>,
}

/// A page of people.
#[derive(Debug, Clone)]
pub struct Page {
    /// In the order of their ids.
    pub people: Vec<Person>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<PersonId>,
}

/// The people after `after`, at most `limit`, in the order of their ids, which is that of creation.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, search: &Search, after: Option<PersonId>, limit: i64) -> Result<Page> {
    let limit = limit.clamp(1, MOST_PER_PAGE);
    let mut condition = Condition::write(tx, search).await?;
    if let Some(after) = after {
        let place = condition.bind(after.into());
        condition.parts.push(format!("p.id > {place}"));
    }
    // One more than the page, to know whether there is another.
    let sql =
        format!("SELECT {} WHERE {} ORDER BY p.id LIMIT {}", load::COLUMNS, condition.text(), limit + 1);
    let mut rows = tx.query(&sql, &condition.values).await?;
    let more = rows.len() as i64 > limit;
    if more {
        rows.pop();
    }
    let people = load::complete(tx, rows).await?;
    let next = people.last().map(|person| person.id).filter(|_| more);
    Ok(Page { people, next })
}

/// The ids only, as [`list`] pages them: for taking all matches over without loading them.
///
/// # Errors
/// The database is not available.
pub async fn list_ids(
    tx: &mut Tx,
    search: &Search,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonId>> {
    let mut condition = Condition::write(tx, search).await?;
    if let Some(after) = after {
        let place = condition.bind(after.into());
        condition.parts.push(format!("p.id > {place}"));
    }
    let sql = format!(
        "SELECT p.id FROM people p WHERE {} ORDER BY p.id LIMIT {}",
        condition.text(),
        limit.clamp(1, 100_000)
    );
    tx.query(&sql, &condition.values).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many people there are to find.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, search: &Search) -> Result<i64> {
    let condition = Condition::write(tx, search).await?;
    let sql = format!("SELECT count(*) FROM people p WHERE {}", condition.text());
    tx.find(&sql, &condition.values).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// What a search asks, as SQL over `people p`.
struct Condition {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Condition {
    async fn write(tx: &mut Tx, search: &Search) -> Result<Self> {
        let mut condition = Self { parts: Vec::new(), values: Vec::new() };
        if let Some(audience) = &search.audience {
            // Its placeholders are numbered from 1, so it comes first.
            condition.parts.push(audience.condition.clone());
            condition.values.extend(audience.values.iter().cloned());
        }
        let words: Vec<String> = search
            .text
            .iter()
            .flat_map(|text| text.split_whitespace())
            .take(MOST_WORDS)
            .map(str::to_ascii_lowercase)
            .collect();
        let has_texts = !words.is_empty() && has_text_attributes(tx).await?;
        for word in words {
            let groups = groups_named(tx, &word).await?;
            condition.word(&word, groups, has_texts);
        }
        Ok(condition)
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// One word. What hardly anybody has (groups, attributes) is asked last, and only if it can match.
    fn word(&mut self, word: &str, groups: Vec<Value>, has_texts: bool) {
        let place = format!("CAST({} AS TEXT)", self.bind(pattern(word).into()));
        let mut tests: Vec<String> = ["username", "given_name", "family_name", "display_name"]
            .into_iter()
            .map(|column| format!("LOWER(p.{column}) LIKE {place} ESCAPE '!'"))
            .collect();
        for column in ["address_canonical", "address", "external_id"] {
            tests.push(format!("(p.{column} IS NOT NULL AND LOWER(p.{column}) LIKE {place} ESCAPE '!')"));
        }
        if !groups.is_empty() {
            let ids: Vec<String> = groups.into_iter().map(|id| self.bind(id)).collect();
            tests.push(format!(
                "EXISTS (SELECT 1 FROM group_members m WHERE m.person_id = p.id AND m.group_id IN ({}))",
                ids.join(", ")
            ));
        }
        if has_texts {
            tests.push(format!(
                "EXISTS (SELECT 1 FROM attribute_values v WHERE v.person_id = p.id
                 AND v.string_value IS NOT NULL AND LOWER(v.string_value) LIKE {place} ESCAPE '!')"
            ));
        }
        self.parts.push(format!("({})", tests.join(" OR ")));
    }

    fn text(&self) -> String {
        if self.parts.is_empty() { "TRUE".to_owned() } else { self.parts.join(" AND ") }
    }
}

/// The word anywhere, with LIKE's own characters made plain.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        // PostgreSQL refuses NUL in a text, and nobody's name has one.
        pattern.push(if c == '\0' { '\u{fffd}' } else { c });
    }
    pattern.push('%');
    pattern
}

async fn groups_named(tx: &mut Tx, word: &str) -> Result<Vec<Value>> {
    let sql = "SELECT id FROM \"groups\" WHERE LOWER(name) LIKE CAST($1 AS TEXT) ESCAPE '!' ORDER BY name LIMIT 100";
    let rows = tx.query(sql, &[pattern(word).into()]).await?;
    rows.into_iter().map(|mut row| row.take::<domain::id::GroupId>(0).map(Value::from)).collect()
}

async fn has_text_attributes(tx: &mut Tx) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM attributes WHERE kind = 'string' LIMIT 1", &[]).await?.is_some())
}
