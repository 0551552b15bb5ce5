//! Counting on SQLite in two halves, side by side: a connection there uses one processor.

use super::condition::{ATTRIBUTE_LEADS, GROUP_LEADS};
use crate::error::{Result, StoreError};
use crate::recipient::Audience;
use crate::tx::Connection;
use crate::{Tx, Value, sqlite};
use domain::id::PersonId;

/// Fewer people than this are counted in less time than a second connection is worth.
const WORTH: i64 = 20_000;

/// Counts an audience in two halves, the second on a connection of its own; `None`: this is for one to count.
///
/// Each half has its own view, begun one after the other. Nobody moves from one half to the other, so nobody is counted
/// twice; whoever is changed in the moment between is counted as before it or as after it.
///
/// # Errors
/// The database is not available.
pub(super) async fn count(tx: &mut Tx, audience: &Audience) -> Result<Option<i64>> {
    let Some(path) = beside(tx)? else { return Ok(None) };
    // Rows stand in the order they came in, which is nearly that of their ids: the middle of one is that of the other.
    let middle = tx
        .find(
            "SELECT q.rowid, q.id FROM people q WHERE q.rowid >= (SELECT max(rowid) / 2 FROM people)
             AND (SELECT max(rowid) FROM people) >= $1 ORDER BY q.rowid LIMIT 1",
            &[Value::Int(WORTH)],
        )
        .await?;
    let Some(mut middle) = middle else { return Ok(None) };
    let (row, person): (i64, PersonId) = (middle.take(0)?, middle.take(1)?);
    let Some(([first, second], at)) = split(&audience.condition, audience.values.len() + 1) else {
        return Ok(None);
    };
    let mut values = audience.values.clone();
    values.push(match at {
        At::Person => person.into(),
        At::Row => row.into(),
    });
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut tx = Tx(Connection::Sqlite(sqlite::connect_reader(path.as_ref())?));
            count_where(&mut tx, &second, &values)
        });
        let here = count_where(tx, &first, &values);
        let other =
            other.join().map_err(|_| StoreError::Defect("counting the other half fell over".into()))?;
        Ok(Some(here? + other?))
    })
}

/// Where another connection sees what this one does; `None`: there is no such place, or nothing to gain.
fn beside(tx: &Tx) -> Result<Option<String>> {
    let Connection::Sqlite(connection) = &tx.0 else { return Ok(None) };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // What a transaction has written is seen by nobody else.
    let writes = connection.transaction_state(None::<&str>)? == rusqlite::TransactionState::Write;
    let path = connection.path().filter(|path| !path.is_empty() && processors > 1 && !writes);
    Ok(path.map(str::to_owned))
}

fn count_where(tx: &mut Tx, condition: &str, values: &[Value]) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM people p WHERE {condition}");
    sqlite::run(tx.find(&sql, values))??.map_or(Ok(0), |mut row| row.take(0))
}

/// By what people are divided.
#[derive(Debug, PartialEq, Eq)]
enum At {
    Person,
    Row,
}

/// The condition for those before the value `$place`, and for the others. Where a subquery leads, each half of it is a
/// range of its index; otherwise each half is a range of the table. `None`: a few people are looked up by their id.
fn split(condition: &str, place: usize) -> Option<([String; 2], At)> {
    for (leads, column) in [(ATTRIBUTE_LEADS, "v.person_id"), (GROUP_LEADS, "m.person_id")] {
        if let Some((before, after)) = condition.split_once(leads) {
            let half = |sign| format!("{before}{leads} {column} {sign} ${place} AND{after}");
            return Some(([half("<"), half(">=")], At::Person));
        }
    }
    if condition.contains("p.id IN (") || condition.contains("(p.id = ") || condition.starts_with("p.id = ") {
        return None;
    }
    let half = |sign| format!("({condition}) AND p.rowid {sign} ${place}");
    Some(([half("<"), half(">=")], At::Row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_subquery_is_divided_and_everything_else_by_rows() {
        let (halves, at) =
            split(&format!("(({ATTRIBUTE_LEADS} v.attribute = $1)) AND TRUE)"), 2).expect("halves");
        assert_eq!(at, At::Person);
        assert_eq!(
            halves[1],
            format!("(({ATTRIBUTE_LEADS} v.person_id >= $2 AND v.attribute = $1)) AND TRUE)")
        );
        let (halves, at) = split("p.blocked OR p.verified", 1).expect("halves");
        assert_eq!((halves[0].as_str(), at), ("(p.blocked OR p.verified) AND p.rowid < $1", At::Row));
        assert_eq!(split("p.id = $1", 2), None);
        assert_eq!(split("p.id IN (SELECT x.person_id FROM mailing_people x)", 1), None);
    }
}
