//! Finding people: a page at a time, in the order of their ids.

use super::load;
use crate::recipient::Audience;
use crate::{Result, Tx, Value};
use domain::id::PersonId;
use domain::person::Person;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A text that the user name, the address, a name or the external id begins with or contains.
    pub text: Option<String>,
    /// Whom a filter finds.
    pub audience: Option<Audience>,
    /// People after this one.
    pub after: Option<PersonId>,
}

/// The people a search finds, at most `limit`, in the order of their ids.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, search: &Search, limit: i64) -> Result<Vec<Person>> {
    let (condition, values) = condition(search);
    let sql = format!("SELECT {} WHERE {condition} ORDER BY p.id LIMIT {limit}", load::COLUMNS);
    let rows = tx.query(&sql, &values).await?;
    load::complete(tx, rows).await
}

/// How many people a search finds.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, search: &Search) -> Result<i64> {
    let (condition, values) = condition(search);
    tx.find(&format!("SELECT count(*) FROM people p WHERE {condition}"), &values)
        .await?
        .map_or(Ok(0), |mut row| row.take(0))
}

/// Everyone with a system role, by user name.
///
/// # Errors
/// The database is not available.
pub async fn list_system_users(tx: &mut Tx) -> Result<Vec<Person>> {
    let sql = format!("SELECT {} WHERE p.role_id IS NOT NULL ORDER BY p.username", load::COLUMNS);
    let rows = tx.query(&sql, &[]).await?;
    load::complete(tx, rows).await
}

fn condition(search: &Search) -> (String, Vec<Value>) {
    // The filter's values come first: its parameters are numbered from 1.
    let (mut condition, mut values) = match &search.audience {
        Some(audience) => (format!("({})", audience.condition), audience.values.clone()),
        None => ("TRUE".to_owned(), Vec::new()),
    };
    if let Some(after) = search.after {
        values.push(after.into());
        condition.push_str(&format!(" AND p.id > ${}", values.len()));
    }
    if let Some(text) = search.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        values.push(format!("%{}%", literal(&text.to_ascii_lowercase())).into());
        let place = values.len();
        let columns = [
            "p.username",
            "p.address_canonical",
            "p.given_name",
            "p.family_name",
            "p.display_name",
            "p.external_id",
        ];
        let parts: Vec<String> =
            columns.iter().map(|column| format!("LOWER({column}) LIKE ${place} ESCAPE '!'")).collect();
        condition.push_str(&format!(" AND ({})", parts.join(" OR ")));
    }
    (condition, values)
}

/// A text whose signs mean themselves in LIKE.
fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
