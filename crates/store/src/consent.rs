//! The log of subscriptions: who agreed to what, when, how and why. It is only added to, and goes with the person.

use crate::acting::Acting;
use crate::person::load;
use crate::{Result, Row, StoreError, Tx, params};
use domain::id::{GroupId, PersonId};
use domain::person::full_name;
use domain::preference::{ConsentAct, ConsentWay};
use serde::Serialize;

/// Who changes whose subscriptions, how and why.
#[derive(Debug, Clone)]
pub struct By<'a> {
    /// Who acts.
    pub acting: &'a Acting,
    /// Whose subscriptions.
    pub person_id: PersonId,
    /// How it came about.
    pub way: ConsentWay,
    /// As the person gave it; mostly empty. See [`domain::preference::reason`].
    pub reason: &'a str,
    /// When, milliseconds since 1970.
    pub now_ms: i64,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// What changed.
    pub act: ConsentAct,
    /// What the group was called then; empty: everything.
    pub title: String,
    /// How it came about.
    pub way: ConsentWay,
    /// Why, as the person said.
    pub reason: String,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Who did it, while there is such a person; `None` as well when it was the person itself.
    pub by: Option<String>,
}

/// Adds a line. The person's row must be held, for lines are numbered one after the other.
///
/// # Errors
/// The database is not available.
pub(crate) async fn note(
    tx: &mut Tx,
    by: &By<'_>,
    act: ConsentAct,
    group: Option<(GroupId, &str)>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO consents (person_id, number, act, group_id, title, way, actor_id, reason, network, at)
         SELECT p.id, (SELECT COALESCE(MAX(c.number), 0) + 1 FROM consents c WHERE c.person_id = p.id),
                $2, $3, $4, $5, $6, $7, $8, CAST($9 AS BIGINT)
         FROM people p WHERE p.id = $1",
        params![
            by.person_id,
            act.as_str(),
            group.map(|(id, _)| id),
            group.map_or("", |(_, title)| title),
            by.way.as_str(),
            by.acting.person_id,
            by.reason,
            by.acting.network.as_str(),
            by.now_ms
        ],
    )
    .await?;
    Ok(())
}

/// Notes of many people that an operator puts them into an offered group, or takes them out; to be called before it is
/// done, for only those it changes something for are noted.
///
/// # Errors
/// The database is not available.
pub(crate) async fn note_members(
    tx: &mut Tx,
    acting: &Acting,
    act: ConsentAct,
    (group_id, title): (GroupId, &str),
    people: &[PersonId],
    now_ms: i64,
) -> Result<()> {
    let rows = load::id_rows(people);
    // Held in one order for all, for lines are numbered one after the other.
    let held = "SELECT p.id FROM {rows}, people p WHERE p.id = r.id ORDER BY p.id {for_update}";
    tx.query_rows(held, &[], &rows).await?;
    let not = if act == ConsentAct::Subscribed { "NOT" } else { "" };
    let sql = format!(
        "INSERT INTO consents (person_id, number, act, group_id, title, way, actor_id, reason, network, at)
         SELECT p.id, (SELECT COALESCE(MAX(c.number), 0) + 1 FROM consents c WHERE c.person_id = p.id),
                $2, $1, $3, 'operator', $4, '', $5, CAST($6 AS BIGINT)
         FROM {{rows}}, people p WHERE p.id = r.id
           AND {not} EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = $1 AND m.person_id = p.id)
         ON CONFLICT (person_id, number) DO NOTHING"
    );
    let values =
        params![group_id, act.as_str(), title, acting.person_id, acting.network.as_str(), now_ms].to_vec();
    tx.execute_rows(&sql, &values, &rows).await?;
    Ok(())
}

/// The log of one person, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, person_id: PersonId, limit: i64) -> Result<Vec<Consent>> {
    let rows = tx
        .query(
            "SELECT c.act, c.title, c.way, c.reason, c.at, a.username, a.display_name, a.given_name, a.family_name
             FROM consents c LEFT JOIN people a ON a.id = c.actor_id AND a.id <> c.person_id
             WHERE c.person_id = $1 ORDER BY c.number DESC LIMIT $2",
            params![person_id, limit],
        )
        .await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Consent> {
    let corrupt = || StoreError::Corrupt("a line of the log of subscriptions is unreadable".into());
    let (act, way): (String, String) = (row.take(0)?, row.take(2)?);
    let [username, display, given, family]: [Option<String>; 4] =
        [row.take(5)?, row.take(6)?, row.take(7)?, row.take(8)?];
    let name = |part: Option<String>| part.unwrap_or_default();
    Ok(Consent {
        act: ConsentAct::parse(&act).ok_or_else(corrupt)?,
        title: row.take(1)?,
        way: ConsentWay::parse(&way).ok_or_else(corrupt)?,
        reason: row.take(3)?,
        at: row.take(4)?,
        by: username.map(|username| full_name(&name(display), &name(given), &name(family), &username)),
    })
}

/// Removes the log of a person who is erased.
///
/// # Errors
/// The database is not available.
pub(crate) async fn erase(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    tx.execute("DELETE FROM consents WHERE person_id = $1", params![person_id]).await?;
    Ok(())
}
