//! Reading people: one, or many with their groups and attributes in two more statements.

use crate::attribute;
use crate::{Kind, Result, Row, Rows, StoreError, Tx, params};
use domain::address::Address;
use domain::id::{PersonId, RoleId};
use domain::person::{CredentialFacts, PasswordSet, Person, SystemUser};
use domain::role::{Rank, UserType};
use std::collections::{BTreeMap, HashMap};

/// What [`read`] expects, over `people p`.
pub(crate) const COLUMNS: &str = "p.id, p.username, p.address, p.given_name, p.family_name, p.display_name,
    p.language, p.time_zone, p.external_id, p.blocked, p.verified, p.undeliverable, p.created_at, p.updated_at,
    p.role_id, roles.name, roles.rank, p.user_type, p.expires_at,
    p.password_hash IS NOT NULL, p.password_set, p.password_changed_at, p.must_change, p.password_mailed_at,
    p.last_login_at, p.failed_logins, p.last_run_outcome
    FROM people p LEFT JOIN roles ON roles.id = p.role_id";

/// The person with this id, if there is one.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    one(tx, "p.id = $1", params![id]).await
}

/// The person with this id.
///
/// # Errors
/// There is none; the database is not available.
pub async fn get(tx: &mut Tx, id: PersonId) -> Result<Person> {
    find(tx, id).await?.ok_or_else(|| StoreError::NotFound(format!("the person {id}")))
}

/// The person with this user name, in any of its spellings.
///
/// # Errors
/// The database is not available.
pub async fn find_by_username(tx: &mut Tx, username: &str) -> Result<Option<Person>> {
    one(tx, "p.username = $1", params![domain::address::canonical_username(username)]).await
}

/// The person with this id in another system.
///
/// # Errors
/// The database is not available.
pub async fn find_by_external_id(tx: &mut Tx, external_id: &str) -> Result<Option<Person>> {
    one(tx, "p.external_id = $1", params![external_id]).await
}

/// Everyone with this address, in the order of their ids; several people may share a mailbox.
///
/// # Errors
/// The database is not available.
pub async fn list_by_address(tx: &mut Tx, address: &Address) -> Result<Vec<Person>> {
    let sql = format!("SELECT {COLUMNS} WHERE p.address_canonical = $1 ORDER BY p.id");
    let rows = tx.query(&sql, params![address.canonical()]).await?;
    complete(tx, rows).await
}

/// The people with these ids, in the order of the ids; those that are gone are left out.
///
/// # Errors
/// The database is not available.
pub async fn list_by_ids(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<Person>> {
    let sql = COLUMNS.replace("FROM people p", "FROM {rows}, people p");
    let rows = tx.query_rows(&format!("SELECT {sql} WHERE p.id = r.id"), &[], &id_rows(ids)).await?;
    let mut people = complete(tx, rows).await?;
    people.sort_by_key(|person| person.id);
    people.dedup_by_key(|person| person.id);
    Ok(people)
}

/// Everyone with a system role, by user name.
///
/// # Errors
/// The database is not available.
pub async fn list_system_users(tx: &mut Tx) -> Result<Vec<Person>> {
    let sql = format!("SELECT {COLUMNS} WHERE p.role_id IS NOT NULL ORDER BY p.username");
    let rows = tx.query(&sql, &[]).await?;
    complete(tx, rows).await
}

async fn one(tx: &mut Tx, condition: &str, params: &[crate::Value]) -> Result<Option<Person>> {
    let rows = tx.query(&format!("SELECT {COLUMNS} WHERE {condition}"), params).await?;
    Ok(complete(tx, rows).await?.pop())
}

/// Makes people of rows of [`COLUMNS`], in their order, with groups and attributes.
pub(crate) async fn complete(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Person>> {
    let mut people = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
    let mut groups = groups_of(tx, &ids).await?;
    let mut attributes = attribute::values_of(tx, &ids).await?;
    for person in &mut people {
        person.groups = groups.remove(&person.id).unwrap_or_default();
        person.attributes = attributes.remove(&person.id).unwrap_or_default();
    }
    Ok(people)
}

/// Ids as a table.
pub(crate) fn id_rows(ids: &[PersonId]) -> Rows {
    let mut rows = Rows::new(&[("id", Kind::Uuid)]);
    ids.iter().for_each(|id| rows.push([(*id).into()]));
    rows
}

/// Names of the groups of each, sorted.
pub(crate) async fn groups_of(tx: &mut Tx, ids: &[PersonId]) -> Result<HashMap<PersonId, Vec<String>>> {
    let answers = tx
        .query_rows(
            "SELECT m.person_id, g.name FROM {rows}, group_members m JOIN \"groups\" g ON g.id = m.group_id
             WHERE m.person_id = r.id",
            &[],
            &id_rows(ids),
        )
        .await?;
    let mut found: HashMap<PersonId, Vec<String>> = HashMap::new();
    for mut row in answers {
        found.entry(row.take(0)?).or_default().push(row.take(1)?);
    }
    found.values_mut().for_each(|names| names.sort());
    Ok(found)
}

fn read(mut row: Row) -> Result<Person> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("people: {what}"));
    let id: PersonId = row.take(0)?;
    let address: Option<String> = row.take(2)?;
    let system = match row.take::<Option<RoleId>>(14)? {
        None => None,
        Some(role_id) => Some(SystemUser {
            role_id,
            role: row.take(15)?,
            rank: Rank::new(row.take(16)?).map_err(StoreError::Corrupt)?,
            user_type: UserType::parse(&row.take::<String>(17)?).ok_or_else(|| corrupt("user_type"))?,
            expires_at: row.take(18)?,
        }),
    };
    let set = match row.take::<Option<String>>(20)?.as_deref() {
        None => None,
        Some("chosen") => Some(PasswordSet::Chosen),
        Some("mailed") => Some(PasswordSet::Mailed),
        Some(_) => return Err(corrupt("password_set")),
    };
    Ok(Person {
        id,
        username: row.take(1)?,
        address: address
            .map(|text| Address::parse(&text))
            .transpose()
            .map_err(|_| corrupt(&format!("the address of {id} is none")))?,
        given_name: row.take(3)?,
        family_name: row.take(4)?,
        display_name: row.take(5)?,
        language: row.take(6)?,
        time_zone: row.take(7)?,
        external_id: row.take(8)?,
        blocked: row.take(9)?,
        verified: row.take(10)?,
        undeliverable: row.take(11)?,
        created_at: row.take(12)?,
        updated_at: row.take(13)?,
        system,
        credential: CredentialFacts {
            has_password: row.take(19)?,
            set,
            changed_at: row.take(21)?,
            must_change: row.take(22)?,
            mailed_at: row.take(23)?,
            last_login_at: row.take(24)?,
            failed_logins: row.take(25)?,
            last_run_outcome: row.take(26)?,
        },
        groups: Vec::new(),
        attributes: BTreeMap::new(),
    })
}
