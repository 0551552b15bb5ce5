//! Sessions: signed-in browsers, found by the keyed hash of their cookie.

use crate::{Result, Row, StoreError, Tx, params};
use domain::id::{PersonId, SessionId};
use uuid::Uuid;

/// What a session opens (3-safety 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Realm {
    /// The operators' console.
    Console,
    /// The recipients' own pages.
    Preferences,
    /// Only the set-a-new-password page and signing out.
    ForcedChange,
    /// Only the page for the second factor, between the password and the console.
    SecondFactor,
}

impl Realm {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Preferences => "preferences",
            Self::ForcedChange => "forced_change",
            Self::SecondFactor => "second_factor",
        }
    }

    /// Whether it opens all a person has, and not only a page on the way there.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Console | Self::Preferences)
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::Console, Self::Preferences, Self::ForcedChange, Self::SecondFactor]
            .into_iter()
            .find(|realm| realm.as_str() == text)
            .ok_or_else(|| StoreError::Corrupt("a session of an unknown realm".into()))
    }
}

/// A row of `sessions`; times in milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id, for lists and for ending it; it opens nothing.
    pub id: SessionId,
    /// Keyed hash of the cookie's value.
    pub token_hash: Vec<u8>,
    /// Whose.
    pub person_id: PersonId,
    /// What it opens.
    pub realm: Realm,
    /// Keyed hash of the token in its forms.
    pub csrf_hash: Vec<u8>,
    /// Signed in.
    pub created_at: i64,
    /// Last used, within a minute.
    pub seen_at: i64,
    /// Last fresh proof of the password, and of the second factor where there is one.
    pub proved_at: i64,
    /// Ends whatever happens.
    pub expires_at: i64,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// The network it came from.
    pub network: String,
    /// Opened with a second factor.
    pub second_factor: bool,
}

const COLUMNS: &str = "sessions.id, token_hash, person_id, realm, csrf_hash, sessions.created_at, seen_at, \
                       proved_at, sessions.expires_at, user_agent, network, second_factor";

fn session(mut row: Row) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.take(0)?,
        token_hash: row.take(1)?,
        person_id: row.take(2)?,
        realm: Realm::parse(&row.take::<String>(3)?)?,
        csrf_hash: row.take(4)?,
        created_at: row.take(5)?,
        seen_at: row.take(6)?,
        proved_at: row.take(7)?,
        expires_at: row.take(8)?,
        user_agent: row.take(9)?,
        network: row.take(10)?,
        second_factor: row.take(11)?,
    })
}

/// Stores a session.
///
/// # Errors
/// The database is not available.
pub async fn insert(tx: &mut Tx, row: &SessionRow) -> Result<()> {
    tx.execute(
        "INSERT INTO sessions (id, token_hash, person_id, realm, csrf_hash, created_at, seen_at, proved_at,
                               expires_at, user_agent, network, second_factor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            row.id,
            row.token_hash.as_slice(),
            row.person_id,
            row.realm.as_str(),
            row.csrf_hash.as_slice(),
            row.created_at,
            row.seen_at,
            row.proved_at,
            row.expires_at,
            &row.user_agent,
            &row.network,
            row.second_factor
        ],
    )
    .await?;
    Ok(())
}

/// The session of a cookie, when it is live: used since `seen_after_ms`, not over, of this realm, and
/// its person may still use it. A blocked person has none; the console, and the page for the second factor
/// before it, also want a system role that has not expired and is not a program's. Where the role asks for a
/// second factor, a console session that was opened without one is none any more.
///
/// # Errors
/// The database is not available.
pub async fn find(
    tx: &mut Tx,
    token_hash: &[u8],
    realm: Realm,
    seen_after_ms: i64,
    now_ms: i64,
) -> Result<Option<SessionRow>> {
    let found = tx
        .find(
            &format!(
                "SELECT {COLUMNS} FROM sessions JOIN people ON people.id = sessions.person_id
                 WHERE token_hash = $1 AND realm = $2 AND seen_at > $3 AND sessions.expires_at > $4
                   AND NOT people.blocked
                   AND (people.role_id IS NULL OR people.user_type <> 'api')
                   AND (people.role_id IS NULL OR people.expires_at IS NULL OR people.expires_at > $4)
                   AND (realm IN ('preferences', 'forced_change') OR people.role_id IS NOT NULL)
                   AND (realm <> 'console' OR second_factor OR NOT EXISTS (
                        SELECT 1 FROM roles WHERE roles.id = people.role_id AND roles.second_factor_required))"
            ),
            params![token_hash, realm.as_str(), seen_after_ms, now_ms],
        )
        .await?;
    found.map(session).transpose()
}

/// Notes that a session was used; times only move forward.
///
/// # Errors
/// The database is not available.
pub async fn touch(tx: &mut Tx, id: SessionId, now_ms: i64) -> Result<()> {
    tx.execute("UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2", params![id, now_ms])
        .await?;
    Ok(())
}

/// Ends the session of a cookie; `true`: it was there, and nobody else ended it.
///
/// # Errors
/// The database is not available.
pub async fn remove_by_token(tx: &mut Tx, token_hash: &[u8]) -> Result<bool> {
    Ok(tx.execute("DELETE FROM sessions WHERE token_hash = $1", params![token_hash]).await? == 1)
}

/// Ends one session of a person; `true`: it was there.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, person_id: PersonId, id: SessionId) -> Result<bool> {
    let removed =
        tx.execute("DELETE FROM sessions WHERE id = $1 AND person_id = $2", params![id, person_id]).await?;
    Ok(removed == 1)
}

/// Ends a session of a person if it is not over; `true`: it was live, and nobody else ended it.
///
/// # Errors
/// The database is not available.
pub async fn remove_live(tx: &mut Tx, person_id: PersonId, id: SessionId, now_ms: i64) -> Result<bool> {
    let removed = tx
        .execute(
            "DELETE FROM sessions WHERE id = $1 AND person_id = $2 AND expires_at > $3",
            params![id, person_id, now_ms],
        )
        .await?;
    Ok(removed == 1)
}

/// Ends all sessions of a person but one, if one is named; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn remove_of_person(tx: &mut Tx, person_id: PersonId, except: Option<SessionId>) -> Result<u64> {
    let except = except.map_or(Uuid::nil(), |id| id.0);
    tx.execute("DELETE FROM sessions WHERE person_id = $1 AND id <> $2", params![person_id, except]).await
}

/// The sessions of a person that are not over, last used first.
///
/// # Errors
/// The database is not available.
pub async fn list_of_person(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<Vec<SessionRow>> {
    let rows = tx
        .query(
            &format!(
                "SELECT {COLUMNS} FROM sessions WHERE person_id = $1 AND expires_at > $2
                 ORDER BY seen_at DESC LIMIT 100"
            ),
            params![person_id, now_ms],
        )
        .await?;
    rows.into_iter().map(session).collect()
}

/// Removes sessions that are over, at most so many; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, now_ms: i64, most: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2)",
        params![now_ms, most],
    )
    .await
}
