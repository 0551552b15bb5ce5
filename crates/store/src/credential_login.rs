//! What a sign-in reads and writes: the account, its guesses, its mailed and its chosen password.

use crate::credential::retire_all;
use crate::{Result, Row, StoreError, Tx, params, reset_link};
use domain::credential::{CANDIDATE_SLOTS, CredentialState, Scheme};
use domain::id::{CredentialId, PersonId};
use domain::role::UserType;
use uuid::Uuid;

/// What a sign-in needs to know of a person; times in milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who.
    pub id: PersonId,
    /// User name.
    pub username: String,
    /// Mail address as given.
    pub address: Option<String>,
    /// Given, family and display name.
    pub names: [String; 3],
    /// May not sign in.
    pub blocked: bool,
    /// The type of a system user; `None`: a contact.
    pub user_type: Option<UserType>,
    /// When the system user expires.
    pub expires_at: Option<i64>,
    /// The hash of the chosen password.
    pub password_hash: Option<String>,
    /// Only the set-a-new-password page opens.
    pub must_change: bool,
    /// Wrong passwords in a row, those being checked right now included.
    pub failed_logins: i64,
    /// When the last of them began.
    pub failed_login_at: Option<i64>,
}

/// A mailed password that would be accepted.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Which credential.
    pub id: CredentialId,
    /// Under which server key.
    pub key_id: String,
    /// Keyed hash.
    pub hash: Vec<u8>,
}

/// The states in which a mailed password is accepted, see [`CredentialState::is_acceptable`].
const ACCEPTABLE: &str = "('sending', 'unknown', 'active')";

/// The person of a user name in canonical form, else the only one with this address.
///
/// # Errors
/// The database is not available.
pub async fn find_person(tx: &mut Tx, canonical: &str) -> Result<Option<PersonId>> {
    let by_name = tx.find("SELECT id FROM people WHERE username = $1", params![canonical]).await?;
    // Asked in any case, so that a known user name costs the same statements as an unknown one.
    let mut by_address =
        tx.query("SELECT id FROM people WHERE address_canonical = $1 LIMIT 2", params![canonical]).await?;
    let found = match by_name {
        Some(row) => Some(row),
        None if by_address.len() == 1 => by_address.pop(),
        None => None,
    };
    found.map(|mut row| row.take(0)).transpose()
}

const COLUMNS: &str = "id, username, address, given_name, family_name, display_name, blocked, user_type, \
                       expires_at, password_hash, must_change, failed_logins, failed_login_at";

/// The account of a person.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, person_id: PersonId) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM people WHERE id = $1");
    tx.find(&sql, params![person_id]).await?.map(account).transpose()
}

/// The account of a person, held until the transaction ends.
///
/// # Errors
/// The database is not available.
pub async fn hold(tx: &mut Tx, person_id: PersonId) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM people WHERE id = $1 {{for_update}}");
    tx.find(&sql, params![person_id]).await?.map(account).transpose()
}

fn account(mut row: Row) -> Result<Account> {
    let user_type: Option<String> = row.take(7)?;
    let user_type = user_type
        .map(|text| UserType::parse(&text).ok_or_else(|| StoreError::Corrupt("an unknown user type".into())))
        .transpose()?;
    Ok(Account {
        id: row.take(0)?,
        username: row.take(1)?,
        address: row.take(2)?,
        names: [row.take(3)?, row.take(4)?, row.take(5)?],
        blocked: row.take(6)?,
        user_type,
        expires_at: row.take(8)?,
        password_hash: row.take(9)?,
        must_change: row.take(10)?,
        failed_logins: row.take(11)?,
        failed_login_at: row.take(12)?,
    })
}

/// The mailed passwords of a person that would be accepted now, newest first, at most
/// [`CANDIDATE_SLOTS`].
///
/// # Errors
/// The database is not available.
pub async fn list_slots(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<Vec<Slot>> {
    let rows = tx
        .query(
            &format!(
                "SELECT id, key_id, hash FROM credentials
                 WHERE person_id = $1 AND scheme = $2 AND state IN {ACCEPTABLE} AND expires_at > $3
                 ORDER BY minted_at DESC, id DESC LIMIT $4"
            ),
            params![person_id, Scheme::Hmac.as_str(), now_ms, CANDIDATE_SLOTS as i64],
        )
        .await?;
    rows.into_iter().map(slot).collect()
}

/// The last twenty mailed passwords of a person in any state, to refuse one of them as the new one.
///
/// # Errors
/// The database is not available.
pub async fn list_mailed(tx: &mut Tx, person_id: PersonId) -> Result<Vec<Slot>> {
    let rows = tx
        .query(
            "SELECT id, key_id, hash FROM credentials WHERE person_id = $1 AND scheme = $2
             ORDER BY minted_at DESC, id DESC LIMIT 20",
            params![person_id, Scheme::Hmac.as_str()],
        )
        .await?;
    rows.into_iter().map(slot).collect()
}

fn slot(mut row: Row) -> Result<Slot> {
    Ok(Slot { id: row.take(0)?, key_id: row.take(1)?, hash: row.take(2)? })
}

/// Counts a guess before it is looked at; a nil id counts nothing and costs the same.
///
/// # Errors
/// The database is not available.
pub async fn count_guess(tx: &mut Tx, person_id: Option<PersonId>, now_ms: i64) -> Result<()> {
    let id = person_id.map_or(Uuid::nil(), |id| id.0);
    tx.execute(
        "UPDATE people SET failed_logins = failed_logins + 1, failed_login_at = $2 WHERE id = $1",
        params![id, now_ms],
    )
    .await?;
    Ok(())
}

/// Takes a guess back that was never looked at.
///
/// # Errors
/// The database is not available.
pub async fn discount_guess(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    tx.execute(
        "UPDATE people SET failed_logins = failed_logins - 1 WHERE id = $1 AND failed_logins > 0",
        params![person_id],
    )
    .await?;
    Ok(())
}

/// Forgets all wrong guesses, for operators who clear a person's limits.
///
/// # Errors
/// The database is not available.
pub async fn clear_guesses(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    tx.execute(
        "UPDATE people SET failed_logins = 0, failed_login_at = NULL WHERE id = $1",
        params![person_id],
    )
    .await?;
    Ok(())
}

/// Accepts a chosen password: the guesses are forgotten. `false`: meanwhile the password changed or the
/// person was blocked.
///
/// # Errors
/// The database is not available.
pub async fn accept_chosen(tx: &mut Tx, person_id: PersonId, hash: &str, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE people SET failed_logins = 0, failed_login_at = NULL, last_login_at = $3
             WHERE id = $1 AND password_hash = $2 AND NOT blocked",
            params![person_id, hash, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Accepts a chosen password as the first of two steps: only its own guess is taken back, so that wrong codes count on
/// however often the password was right. `false`: meanwhile the password changed or the person was blocked.
///
/// # Errors
/// The database is not available.
pub async fn accept_first_step(tx: &mut Tx, person_id: PersonId, hash: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE people SET failed_logins = CASE WHEN failed_logins > 0 THEN failed_logins - 1 ELSE 0 END
             WHERE id = $1 AND password_hash = $2 AND NOT blocked",
            params![person_id, hash],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes a sign-in that needed two steps and took both: the guesses are forgotten.
///
/// # Errors
/// The database is not available.
pub async fn accept_second_step(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE people SET failed_logins = 0, failed_login_at = NULL, last_login_at = $2 WHERE id = $1",
        params![person_id, now_ms],
    )
    .await?;
    Ok(())
}

/// Puts the same password's fresh hash in the place of its old one.
///
/// # Errors
/// The database is not available.
pub async fn rehash(tx: &mut Tx, person_id: PersonId, old: &str, fresh: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            params![person_id, old, fresh],
        )
        .await?;
    Ok(changed == 1)
}

/// Redeems a mailed password: one conditional write decides who was first, then every other one and
/// the old password are void (3-safety 4.6). `false`: it was used, replaced or is over.
///
/// # Errors
/// The database is not available.
pub async fn redeem(tx: &mut Tx, person_id: PersonId, id: CredentialId, now_ms: i64) -> Result<bool> {
    let used = tx
        .execute(
            &format!(
                "UPDATE credentials SET state = $3
                 WHERE person_id = $1 AND id = $2 AND state IN {ACCEPTABLE} AND expires_at > $4
                   AND EXISTS (SELECT 1 FROM people WHERE people.id = $1 AND NOT people.blocked)"
            ),
            params![person_id, id, CredentialState::Used.as_str(), now_ms],
        )
        .await?;
    if used != 1 {
        return Ok(false);
    }
    retire_all(tx, person_id).await?;
    reset_link::retire_all(tx, person_id).await?;
    // Whoever used it got the mail, and a changed address ends what was mailed to the old one: it is confirmed.
    tx.execute(
        "UPDATE people SET password_hash = NULL, password_set = 'mailed', must_change = TRUE, verified = TRUE,
                failed_logins = 0, failed_login_at = NULL, last_login_at = $2
         WHERE id = $1",
        params![person_id, now_ms],
    )
    .await?;
    Ok(true)
}

/// Sets a chosen password: nothing has to be changed any more, the guesses are forgotten and every
/// mailed password and personal link is retired. `false`: the person is gone or blocked, and nothing may be kept.
///
/// Credentials come before people here as everywhere, so that two transactions cannot wait for each
/// other in a circle.
///
/// # Errors
/// The database is not available.
pub async fn set_password(tx: &mut Tx, person_id: PersonId, hash: &str, now_ms: i64) -> Result<bool> {
    retire_all(tx, person_id).await?;
    reset_link::retire_all(tx, person_id).await?;
    let changed = tx
        .execute(
            "UPDATE people SET password_hash = $2, password_set = 'chosen', password_changed_at = $3,
                    must_change = FALSE, failed_logins = 0, failed_login_at = NULL, updated_at = $3
             WHERE id = $1 AND NOT blocked",
            params![person_id, hash, now_ms],
        )
        .await?;
    Ok(changed == 1)
}
