//! Personal links: whom a typed name means, links from intent to their end, and the one write that uses a link up.
//! Only hashes are here.

use crate::{Kind, Result, Row, Rows, StoreError, Tx, credential, params};
use domain::account_mail::NoLink;
use domain::address::Address;
use domain::id::{AccountMailId, PersonId, RecipientId};
use domain::person::full_name;
use domain::role::UserType;
use domain::unverified::shown_username;
use std::collections::BTreeSet;

/// The states in which a link is accepted: as with mailed passwords, one whose mail may have left counts.
pub(crate) const ACCEPTABLE: &str = "('sending', 'unknown', 'active')";

/// An account somebody may have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// Whose.
    pub person_id: PersonId,
    /// User name, as a mail may show it: see [`shown_username`].
    pub username: String,
    /// What to call the person; empty while nobody has confirmed the address: whose mailbox it is need not be whose name
    /// it is (3-safety 82).
    pub full_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// The stored address, or why no link may go there.
    pub address: Result<Address, NoLink>,
}

const COLUMNS: &str = "p.id, p.username, p.display_name, p.given_name, p.family_name, p.language, p.time_zone, \
    p.address, p.blocked, p.verified, p.undeliverable, p.expires_at, p.user_type";

/// Everybody a name means: the one of this user name with everybody who shares the mailbox, and everybody with this
/// address, so that nobody shuts another out by taking that one's address as a user name. In the order of user names.
///
/// # Errors
/// The database is not available.
pub async fn list_meant(tx: &mut Tx, canonical: &str, now_ms: i64) -> Result<Vec<Meant>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM people p
         WHERE p.username = $1 OR p.address_canonical = $1
            OR p.address_canonical = (SELECT q.address_canonical FROM people q WHERE q.username = $1)
         ORDER BY p.username"
    );
    tx.query(&sql, params![canonical]).await?.into_iter().map(|row| read(row, now_ms)).collect()
}

/// Everybody whose links may go to exactly this stored address, now.
///
/// # Errors
/// The database is not available.
pub async fn list_at(tx: &mut Tx, address: &str, now_ms: i64) -> Result<Vec<Meant>> {
    let Ok(address) = Address::parse(address) else { return Ok(Vec::new()) };
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.address_canonical = $1 ORDER BY p.username");
    let rows = tx.query(&sql, params![address.canonical()]).await?;
    let people = rows.into_iter().map(|row| read(row, now_ms)).collect::<Result<Vec<Meant>>>()?;
    let fits = |one: &Meant| one.address.as_ref().is_ok_and(|other| other.envelope() == address.envelope());
    Ok(people.into_iter().filter(fits).collect())
}

/// The account, to tell it something; `None`: it is gone.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<Option<Meant>> {
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.id = $1");
    tx.find(&sql, params![person_id]).await?.map(|row| read(row, now_ms)).transpose()
}

fn read(mut row: Row, now_ms: i64) -> Result<Meant> {
    let username: String = row.take(1)?;
    let names: [String; 3] = [row.take(2)?, row.take(3)?, row.take(4)?];
    let [display, given, family] = &names;
    let address: Option<String> = row.take(7)?;
    let (blocked, verified): (bool, bool) = (row.take(8)?, row.take(9)?);
    let (undeliverable, expires_at): (Option<String>, Option<i64>) = (row.take(10)?, row.take(11)?);
    let user_type: Option<String> = row.take(12)?;
    let user_type = user_type
        .map(|text| UserType::parse(&text).ok_or_else(|| StoreError::Corrupt("an unknown user type".into())))
        .transpose()?;
    let address = match address.as_deref().map(Address::parse) {
        _ if blocked => Err(NoLink::Blocked),
        _ if user_type == Some(UserType::Api) => Err(NoLink::Program),
        _ if expires_at.is_some_and(|at| at <= now_ms) => Err(NoLink::Expired),
        None | Some(Err(_)) => Err(NoLink::NoAddress),
        Some(Ok(_)) if undeliverable.is_some() => Err(NoLink::Undeliverable),
        Some(Ok(address)) => Ok(address),
    };
    let (full_name, username) = match &address {
        _ if verified => (full_name(display, given, family, &username), username),
        Ok(own) => (String::new(), shown_username(&username, own).into_owned()),
        // No mail goes there.
        Err(_) => (String::new(), username),
    };
    Ok(Meant {
        person_id: row.take(0)?,
        full_name,
        username,
        language: row.take(5)?,
        time_zone: row.take(6)?,
        address,
    })
}

/// A link as the lane stores it before its mail leaves.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Whose.
    pub person_id: PersonId,
    /// The mail it goes out with.
    pub mail_id: AccountMailId,
    /// The keyed hash of its token.
    pub token_hash: [u8; 32],
}

/// Stores a link in state *sending*: the intent, before anything leaves. It belongs to the address the person has now.
/// Of the person's live links at most `most` stay: this one, those of other mails, then those of earlier tries.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    link: &NewLink,
    key_id: &str,
    most: i64,
    minted_at: i64,
    expires_at: i64,
) -> Result<()> {
    hold(tx, link.person_id).await?;
    tx.execute(
        "INSERT INTO reset_links (token_hash, key_id, person_id, mail_id, address, state, minted_at, expires_at)
         SELECT $1, $2, p.id, $4, p.address, 'sending', CAST($5 AS BIGINT), CAST($6 AS BIGINT)
         FROM people p WHERE p.id = $3 AND p.address IS NOT NULL",
        params![link.token_hash, key_id, link.person_id, link.mail_id, minted_at, expires_at],
    )
    .await?;
    tx.execute(
        &format!(
            "UPDATE reset_links SET state = 'retired' WHERE person_id = $1 AND state IN {ACCEPTABLE}
             AND token_hash NOT IN (SELECT token_hash FROM reset_links WHERE person_id = $1 AND state IN {ACCEPTABLE}
               ORDER BY CASE WHEN token_hash = $3 THEN 0 WHEN expires_at <= $5 THEN 3 WHEN mail_id <> $4 THEN 1 ELSE 2 END,
                        minted_at DESC, token_hash LIMIT $2)"
        ),
        params![link.person_id, most, link.token_hash, link.mail_id, minted_at],
    )
    .await?;
    Ok(())
}

/// How many links of a person work now.
///
/// # Errors
/// The database is not available.
pub async fn count_live(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<i64> {
    let sql = format!(
        "SELECT count(*) FROM reset_links WHERE person_id = $1 AND state IN {ACCEPTABLE} AND expires_at > $2"
    );
    tx.find(&sql, params![person_id, now_ms]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// How many links of a person work now, and when the first of them ends.
///
/// # Errors
/// The database is not available.
pub async fn count_live_until(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<(i64, Option<i64>)> {
    let sql = format!(
        "SELECT count(*), MIN(expires_at) FROM reset_links
         WHERE person_id = $1 AND state IN {ACCEPTABLE} AND expires_at > $2"
    );
    let found = tx.find(&sql, params![person_id, now_ms]).await?;
    found.map_or(Ok((0, None)), |mut row| Ok((row.take(0)?, row.take(1)?)))
}

/// Locks the live links of a person until the transaction ends, in one order for all, so that two who want some of the
/// same links do not wait in a circle.
async fn hold(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    let sql = format!(
        "SELECT token_hash FROM reset_links WHERE person_id = $1 AND state IN {ACCEPTABLE}
         ORDER BY token_hash {{for_update}}"
    );
    tx.query(&sql, params![person_id]).await.map(|_| ())
}

/// How the mail of links went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The relay took it: the links count.
    Accepted,
    /// It did not leave: the links are void.
    Not,
    /// Nobody knows: the links count until they are over.
    Unknown,
}

/// *sending* → *active*, *dropped* or *unknown* for the links of one mail; gives whose they are.
///
/// # Errors
/// The database is not available.
pub async fn settle(tx: &mut Tx, mail_id: AccountMailId, sent: Sent) -> Result<Vec<PersonId>> {
    let state = match sent {
        Sent::Accepted => "active",
        Sent::Not => "dropped",
        Sent::Unknown => "unknown",
    };
    let found = tx
        .query(
            "SELECT person_id FROM reset_links WHERE mail_id = $1 AND recipient_id IS NULL AND state = 'sending'
             ORDER BY token_hash {for_update}",
            params![mail_id],
        )
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    tx.execute(
        "UPDATE reset_links SET state = $2 WHERE mail_id = $1 AND recipient_id IS NULL AND state = 'sending'",
        params![mail_id, state],
    )
    .await?;
    each_once(found)
}

fn each_once(rows: Vec<Row>) -> Result<Vec<PersonId>> {
    let people: BTreeSet<PersonId> = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
    Ok(people.into_iter().collect())
}

/// Who has used a link of this mail: an earlier try of it arrived.
///
/// # Errors
/// The database is not available.
pub async fn list_used(tx: &mut Tx, mail_id: AccountMailId) -> Result<Vec<PersonId>> {
    let sql =
        "SELECT person_id FROM reset_links WHERE mail_id = $1 AND recipient_id IS NULL AND state = 'used'";
    each_once(tx.query(sql, params![mail_id]).await?)
}

/// A link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Whose.
    pub person_id: PersonId,
    /// Until when, milliseconds since 1970.
    pub expires_at: i64,
}

/// The link with one of these hashes, if it works now, its account may have one and still has the address it went to.
/// Looking uses nothing up.
///
/// # Errors
/// The database is not available.
pub async fn find_live(tx: &mut Tx, hashes: &[[u8; 32]], now_ms: i64) -> Result<Option<Live>> {
    for hash in hashes {
        let sql = format!(
            "SELECT l.person_id, l.expires_at FROM reset_links l JOIN people p ON p.id = l.person_id
             WHERE l.token_hash = $1 AND l.state IN {ACCEPTABLE} AND l.expires_at > $2 AND p.address = l.address
               AND NOT p.blocked AND (p.expires_at IS NULL OR p.expires_at > $2) AND (p.user_type IS NULL OR p.user_type <> 'api')"
        );
        if let Some(mut row) = tx.find(&sql, params![*hash, now_ms]).await? {
            return Ok(Some(Live { person_id: row.take(0)?, expires_at: row.take(1)? }));
        }
    }
    Ok(None)
}

/// Whether there ever was a link with one of these hashes: somebody with an old link guesses nothing.
///
/// # Errors
/// The database is not available.
pub async fn is_known(tx: &mut Tx, hashes: &[[u8; 32]]) -> Result<bool> {
    for hash in hashes {
        if tx.find("SELECT 1 FROM reset_links WHERE token_hash = $1", params![*hash]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The recipient of a run whose mail carried the link with one of these hashes; `None`: it went out otherwise.
///
/// # Errors
/// The database is not available.
pub async fn recipient_of(tx: &mut Tx, hashes: &[[u8; 32]]) -> Result<Option<RecipientId>> {
    for hash in hashes {
        let sql = "SELECT recipient_id FROM reset_links WHERE token_hash = $1";
        if let Some(mut row) = tx.find(sql, params![*hash]).await? {
            return row.take(0);
        }
    }
    Ok(None)
}

/// Uses a link up: one conditional write decides who was first, then all other links of the account are void.
/// `None`: it was used, replaced or is over.
///
/// # Errors
/// The database is not available.
pub async fn use_up(tx: &mut Tx, hashes: &[[u8; 32]], now_ms: i64) -> Result<Option<PersonId>> {
    let Some(live) = find_live(tx, hashes, now_ms).await? else { return Ok(None) };
    // Mailed passwords before links, as everywhere, so that no two transactions wait in a circle.
    credential::hold_all(tx, live.person_id).await?;
    hold(tx, live.person_id).await?;
    let mut used = 0;
    for hash in hashes {
        let sql = format!(
            "UPDATE reset_links SET state = 'used'
             WHERE token_hash = $1 AND state IN {ACCEPTABLE} AND expires_at > $2"
        );
        used += tx.execute(&sql, params![*hash, now_ms]).await?;
    }
    if used != 1 {
        return Ok(None);
    }
    retire_all(tx, live.person_id).await?;
    Ok(Some(live.person_id))
}

/// Retires every link of a person that could still be used; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn retire_all(tx: &mut Tx, person_id: PersonId) -> Result<u64> {
    hold(tx, person_id).await?;
    let sql =
        format!("UPDATE reset_links SET state = 'retired' WHERE person_id = $1 AND state IN {ACCEPTABLE}");
    tx.execute(&sql, params![person_id]).await
}

/// Retires every link of these people that could still be used: a run changes their passwords.
///
/// # Errors
/// The database is not available.
pub async fn retire_of_people(tx: &mut Tx, people: impl IntoIterator<Item = PersonId>) -> Result<()> {
    let mut rows = Rows::new(&[("hash", Kind::Blob)]);
    for one in hold_all(tx, people).await? {
        rows.push([one.token_hash.into()]);
    }
    tx.execute_rows(
        &format!(
            "UPDATE reset_links SET state = 'retired' FROM {{rows}}
             WHERE reset_links.token_hash = r.hash AND reset_links.state IN {ACCEPTABLE}"
        ),
        &[],
        &rows,
    )
    .await?;
    Ok(())
}

/// A link that is held.
#[derive(Debug)]
pub(crate) struct Held {
    /// Whose.
    pub person_id: PersonId,
    /// Which.
    pub token_hash: Vec<u8>,
}

/// Locks the live links of people until the transaction ends, in the same order as [`hold`]; gives them.
///
/// While nobody of them and nobody between them has a link, which is the usual case, it is one look into an index.
pub(crate) async fn hold_all(tx: &mut Tx, people: impl IntoIterator<Item = PersonId>) -> Result<Vec<Held>> {
    let people: BTreeSet<PersonId> = people.into_iter().collect();
    let (Some(first), Some(last)) = (people.first(), people.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT 1 FROM reset_links WHERE person_id BETWEEN $1 AND $2 LIMIT 1";
    if tx.find(sql, params![*first, *last]).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in people {
        rows.push([person.into()]);
    }
    let sql = format!(
        "SELECT reset_links.person_id, reset_links.token_hash FROM {{rows}}, reset_links
         WHERE reset_links.person_id = r.person AND reset_links.state IN {ACCEPTABLE}
         ORDER BY reset_links.token_hash {{for_update}}"
    );
    let found = tx.query_rows(&sql, &[], &rows).await?;
    found.into_iter().map(|mut row| Ok(Held { person_id: row.take(0)?, token_hash: row.take(1)? })).collect()
}

/// Retires every link that went out with a mail, because whoever got it did not ask for it; gives whose they were.
///
/// # Errors
/// The database is not available.
pub async fn retire_of_mail(tx: &mut Tx, mail_id: AccountMailId) -> Result<Vec<PersonId>> {
    let found = tx
        .query(
            "SELECT person_id FROM reset_links WHERE mail_id = $1 AND recipient_id IS NULL
             ORDER BY token_hash {for_update}",
            params![mail_id],
        )
        .await?;
    let sql = format!(
        "UPDATE reset_links SET state = 'retired'
         WHERE mail_id = $1 AND recipient_id IS NULL AND state IN {ACCEPTABLE}"
    );
    tx.execute(&sql, params![mail_id]).await?;
    each_once(found)
}
