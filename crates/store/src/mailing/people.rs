//! Recipients chosen by name and by group, and lists of names read line by line.

use super::note;
use super::steps::reopen;
use crate::acting::Acting;
use crate::error::Result;
use crate::{ChangeResult, Kind, Rows, Tx, params};
use domain::address::canonical_username;
use domain::id::{GroupId, MailingId, PersonId};
use domain::person::full_name;
use serde::Serialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Chooses people by name; gives how many were not chosen yet. People who are gone are passed over.
///
/// # Errors
/// The mailing has started or is a reminder, or there is none.
pub async fn add_people(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    people: &[PersonId],
    now_ms: i64,
) -> ChangeResult<u64> {
    reopen(tx, acting, id, now_ms).await?;
    let added = tx
        .execute_rows(
            "INSERT INTO mailing_people (mailing_id, person_id, is_found)
             SELECT m.id, people.id, FALSE FROM {rows}, people, mailings m WHERE people.id = r.id AND m.id = $1
             ON CONFLICT (mailing_id, person_id) DO NOTHING",
            params![id],
            &rows_of(people),
        )
        .await?;
    note(tx, acting, "mailing.people_added", id, json!({ "people": added }), now_ms).await?;
    Ok(added)
}

/// Takes people who were chosen by name out again; gives how many.
///
/// # Errors
/// The mailing has started or is a reminder, or there is none.
pub async fn remove_people(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    people: &[PersonId],
    now_ms: i64,
) -> ChangeResult<u64> {
    reopen(tx, acting, id, now_ms).await?;
    let removed = tx
        .execute_rows(
            "DELETE FROM mailing_people USING {rows} WHERE mailing_id = $1 AND person_id = r.id",
            params![id],
            &rows_of(people),
        )
        .await?;
    note(tx, acting, "mailing.people_removed", id, json!({ "people": removed }), now_ms).await?;
    Ok(removed)
}

fn rows_of(people: &[PersonId]) -> Rows {
    let mut rows = Rows::new(&[("id", Kind::Uuid)]);
    for person in people {
        rows.push([(*person).into()]);
    }
    rows
}

/// Takes everybody of a group in, as it is when the audience is settled.
///
/// # Errors
/// The mailing has started or is a reminder, or there is none.
pub async fn add_group(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    group: GroupId,
    now_ms: i64,
) -> ChangeResult<()> {
    reopen(tx, acting, id, now_ms).await?;
    crate::group::get(tx, group).await?;
    let sql = "INSERT INTO mailing_groups (mailing_id, group_id) VALUES ($1, $2) ON CONFLICT (mailing_id, group_id) DO NOTHING";
    tx.execute(sql, params![id, group]).await?;
    Ok(note(tx, acting, "mailing.group_added", id, json!({ "group": group }), now_ms).await?)
}

/// Takes a group out again.
///
/// # Errors
/// The mailing has started or is a reminder, or there is none.
pub async fn remove_group(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    group: GroupId,
    now_ms: i64,
) -> ChangeResult<()> {
    reopen(tx, acting, id, now_ms).await?;
    let sql = "DELETE FROM mailing_groups WHERE mailing_id = $1 AND group_id = $2";
    tx.execute(sql, params![id, group]).await?;
    Ok(note(tx, acting, "mailing.group_removed", id, json!({ "group": group }), now_ms).await?)
}

/// A group whose members a mailing goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// How many people are in it now.
    pub members: i64,
}

/// The groups of a mailing, by name.
///
/// # Errors
/// The database is not available.
pub async fn list_groups(tx: &mut Tx, id: MailingId) -> Result<Vec<Chosen>> {
    let sql = "SELECT g.id, g.name, (SELECT count(*) FROM group_members gm WHERE gm.group_id = g.id)
         FROM mailing_groups mg JOIN \"groups\" g ON g.id = mg.group_id WHERE mg.mailing_id = $1 ORDER BY g.name";
    tx.query(sql, params![id])
        .await?
        .into_iter()
        .map(|mut row| Ok(Chosen { id: row.take(0)?, name: row.take(1)?, members: row.take(2)? }))
        .collect()
}

/// Somebody chosen by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Who.
    pub person_id: PersonId,
    /// User name.
    pub username: String,
    /// What to call the person.
    pub name: String,
    /// The address, if there is one.
    pub address: Option<String>,
}

/// How many people are chosen by name.
///
/// # Errors
/// The database is not available.
pub async fn count_people(tx: &mut Tx, id: MailingId) -> Result<i64> {
    let sql = "SELECT count(*) FROM mailing_people WHERE mailing_id = $1 AND NOT is_found";
    tx.find(sql, params![id]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// Those of some people who are chosen by name.
///
/// # Errors
/// The database is not available.
pub async fn find_chosen(tx: &mut Tx, id: MailingId, people: &[PersonId]) -> Result<Vec<PersonId>> {
    let sql = "SELECT mp.person_id FROM {rows}, mailing_people mp
         WHERE mp.mailing_id = $1 AND mp.person_id = r.id AND NOT mp.is_found";
    let rows = tx.query_rows(sql, params![id], &rows_of(people)).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// A digest of who is chosen by name.
///
/// # Errors
/// The database is not available.
pub async fn digest_of_people(tx: &mut Tx, id: MailingId) -> Result<String> {
    let sql =
        "SELECT person_id FROM mailing_people WHERE mailing_id = $1 AND NOT is_found ORDER BY person_id";
    let mut ids = Vec::new();
    for mut row in tx.query(sql, params![id]).await? {
        ids.push(row.take::<PersonId>(0)?.to_string());
    }
    Ok(crate::digest::of(ids.iter().map(String::as_str)))
}

/// People chosen by name, in the order of their ids, after one of them.
///
/// # Errors
/// The database is not available.
pub async fn list_named(
    tx: &mut Tx,
    id: MailingId,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let sql = "SELECT p.id, p.username, p.display_name, p.given_name, p.family_name, p.address
         FROM mailing_people mp JOIN people p ON p.id = mp.person_id
         WHERE mp.mailing_id = $1 AND NOT mp.is_found AND mp.person_id > $2 ORDER BY mp.person_id LIMIT $3";
    let after = after.unwrap_or(PersonId(uuid::Uuid::nil()));
    tx.query(sql, params![id, after, limit])
        .await?
        .into_iter()
        .map(|mut row| {
            let username: String = row.take(1)?;
            let [display, given, family]: [String; 3] = [row.take(2)?, row.take(3)?, row.take(4)?];
            Ok(Listed {
                person_id: row.take(0)?,
                name: full_name(&display, &given, &family, &username),
                username,
                address: row.take(5)?,
            })
        })
        .collect()
}

/// What a line of a list means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Line {
    /// One person.
    Found {
        /// Who.
        person_id: PersonId,
        /// User name.
        username: String,
    },
    /// One person who stands in the list already.
    Repeated {
        /// User name.
        username: String,
    },
    /// Several people have this address, and none of them this user name.
    Several {
        /// How many.
        people: i64,
    },
    /// Nobody has this user name or address.
    Unknown,
    /// Nothing stands in it.
    Empty,
}

/// Reads a list of user names or addresses, one a line; gives what each line means, in their order. Nothing is changed.
///
/// # Errors
/// The database is not available.
pub async fn read_lines(tx: &mut Tx, lines: &[&str]) -> Result<Vec<Line>> {
    let names: Vec<String> = lines.iter().map(|line| canonical_username(named(line))).collect();
    let by_name = look_up(tx, &names, "p.username").await?;
    let by_address = look_up(tx, &names, "p.address_canonical").await?;
    let mut seen: HashSet<PersonId> = HashSet::new();
    Ok(names
        .iter()
        .map(|name| {
            if name.is_empty() {
                return Line::Empty;
            }
            let found = by_name.get(name).or_else(|| by_address.get(name)).map_or(&[][..], Vec::as_slice);
            match found {
                [] => Line::Unknown,
                [(person_id, username)] if seen.insert(*person_id) => {
                    Line::Found { person_id: *person_id, username: username.clone() }
                }
                [(_, username)] => Line::Repeated { username: username.clone() },
                several => Line::Several { people: i64::try_from(several.len()).unwrap_or(i64::MAX) },
            }
        })
        .collect())
}

/// The name in a line: what stands between angle brackets in `Ada Lovelace <ada@example.org>`, without a comma or
/// semicolon at its end.
fn named(line: &str) -> &str {
    let line = line.trim().trim_end_matches([',', ';']).trim();
    match line.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')) {
        Some(inside) => inside.trim(),
        None => line,
    }
}

async fn look_up(
    tx: &mut Tx,
    names: &[String],
    column: &str,
) -> Result<HashMap<String, Vec<(PersonId, String)>>> {
    let mut rows = Rows::new(&[("name", Kind::Text)]);
    let distinct: HashSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
    for name in distinct {
        rows.push([name.as_str().into()]);
    }
    let sql = format!("SELECT {column}, p.id, p.username FROM {{rows}}, people p WHERE {column} = r.name");
    let mut found: HashMap<String, Vec<(PersonId, String)>> = HashMap::new();
    for mut row in tx.query_rows(&sql, &[], &rows).await? {
        found.entry(row.take(0)?).or_default().push((row.take(1)?, row.take(2)?));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_line_may_be_written_as_mail_programs_do() {
        assert_eq!(named(" ada@example.org; "), "ada@example.org");
        assert_eq!(named("\"Lovelace, Ada\" <ada@example.org>,"), "ada@example.org");
        assert_eq!(named("ada"), "ada");
    }
}
