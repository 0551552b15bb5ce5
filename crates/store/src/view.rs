//! What only the pages show: who looks at them, what failed in a run by cause, what is scheduled next.
//!
//! Reads only. Runs and their recipients are read by their own modules.

use crate::{Result, Row, StoreError, Tx, params};
use domain::credential::CredentialState;
use domain::id::{AutomationId, PersonId, RecipientId};
use domain::recipient::RecipientState;
use domain::role::{Permission, Rank, Role, UserType};

/// Who looks at a page.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// What to call the person.
    pub name: String,
    /// User name.
    pub username: String,
    /// Mail address as given.
    pub address: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// The role, when it is a system user.
    pub role: Option<Role>,
    /// The type, when it is a system user.
    pub user_type: Option<UserType>,
    /// Has set up a second factor.
    pub second_factor: bool,
}

impl Viewer {
    /// Whether the role allows it; contacts may do nothing.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.role.as_ref().is_some_and(|role| role.allows(permission))
    }
}

/// The person of a session.
///
/// # Errors
/// The database is not available.
pub async fn find_viewer(tx: &mut Tx, person_id: PersonId) -> Result<Option<Viewer>> {
    tx.find(
        "SELECT p.display_name, p.given_name, p.family_name, p.username, p.address, p.language, p.time_zone,
                p.user_type, p.role_id, r.name, r.rank, r.built_in, r.permissions, r.second_factor_required,
                EXISTS (SELECT 1 FROM second_factors f WHERE f.person_id = p.id)
         FROM people p LEFT JOIN roles r ON r.id = p.role_id WHERE p.id = $1",
        params![person_id],
    )
    .await?
    .map(viewer)
    .transpose()
}

fn viewer(mut row: Row) -> Result<Viewer> {
    let (display, given, family): (String, String, String) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let username: String = row.take(3)?;
    let user_type: Option<String> = row.take(7)?;
    let role = match row.take::<Option<_>>(8)? {
        None => None,
        Some(id) => Some(Role {
            id,
            name: row.take(9)?,
            rank: Rank::new(row.take(10)?).map_err(StoreError::Corrupt)?,
            built_in: row.take(11)?,
            permissions: permissions(&row.take::<String>(12)?)?,
            second_factor_required: row.take(13)?,
        }),
    };
    Ok(Viewer {
        name: domain::person::full_name(&display, &given, &family, &username),
        username,
        address: row.take(4)?,
        language: row.take(5)?,
        time_zone: row.take(6)?,
        role,
        user_type: user_type.as_deref().and_then(UserType::parse),
        second_factor: row.take(14)?,
    })
}

fn permissions(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|_| StoreError::Corrupt("the permissions of a role are no list".into()))
}

/// One kind of failure in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where these recipients stand.
    pub state: RecipientState,
    /// The class of the answer, as in [`crate::recipient::Listed::reason`].
    pub reason: Option<String>,
    /// The relay's reply code, when it gave one.
    pub code: Option<i64>,
    /// The enhanced status code (RFC 3463).
    pub enhanced: Option<String>,
    /// One of the replies, as an example.
    pub reply: Option<String>,
    /// How many.
    pub count: i64,
}

/// Whether recipients in this state count as failures, for now or for good.
#[must_use]
pub const fn is_failure(state: RecipientState) -> bool {
    matches!(
        state,
        RecipientState::Refused
            | RecipientState::Deferred
            | RecipientState::Bounced
            | RecipientState::Unknown
    )
}

/// The failures of a run by cause, most frequent first, at most twenty kinds.
///
/// # Errors
/// The database is not available.
pub async fn list_failures(tx: &mut Tx, run_number: i64) -> Result<Vec<Failure>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT r.state, r.reason, d.code, d.enhanced, MIN(d.reply), COUNT(*) FROM recipients r
             LEFT JOIN deliveries d ON d.recipient_id = r.id AND d.attempt = r.attempts
             WHERE r.id BETWEEN $1 AND $2 AND r.state IN ('refused', 'deferred', 'bounced', 'unknown')
             GROUP BY r.state, r.reason, d.code, d.enhanced ORDER BY 6 DESC, 1, 2, 3, 4 LIMIT 20",
            params![first, last],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let state: String = row.take(0)?;
            Ok(Failure {
                state: RecipientState::parse(&state)
                    .ok_or_else(|| StoreError::Corrupt("a recipient has an unreadable state".into()))?,
                reason: row.take(1)?,
                code: row.take(2)?,
                enhanced: row.take(3)?,
                reply: row.take(4)?,
                count: row.take(5)?,
            })
        })
        .collect()
}

/// A password mailed to a person in one run; never the password itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailed {
    /// Where it stands.
    pub state: CredentialState,
    /// Made, milliseconds since 1970.
    pub minted_at: i64,
    /// Good until then.
    pub expires_at: i64,
}

/// What was mailed to a person in one run, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_mailed(tx: &mut Tx, person: PersonId, recipient: RecipientId) -> Result<Vec<Mailed>> {
    let rows = tx
        .query(
            "SELECT state, minted_at, expires_at FROM credentials WHERE person_id = $1 AND recipient_id = $2
             ORDER BY minted_at, id",
            params![person, recipient],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let state: String = row.take(0)?;
            Ok(Mailed {
                state: CredentialState::parse(&state)
                    .ok_or_else(|| StoreError::Corrupt("a credential has an unreadable state".into()))?,
                minted_at: row.take(1)?,
                expires_at: row.take(2)?,
            })
        })
        .collect()
}

/// An automation that will run.
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// Its id.
    pub id: AutomationId,
    /// Its short handle.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// When, milliseconds since 1970.
    pub next_at: i64,
}

/// The active automations that run next by their schedules.
///
/// # Errors
/// The database is not available.
pub async fn list_scheduled(tx: &mut Tx, most: i64) -> Result<Vec<Scheduled>> {
    let rows = tx
        .query(
            "SELECT id, number, name, next_at FROM automations
             WHERE next_at IS NOT NULL AND kind = 'time' AND NOT archived AND status IN ('active_scheduled', 'active_running')
             ORDER BY next_at, number LIMIT $1",
            params![most],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Scheduled {
                id: row.take(0)?,
                number: row.take(1)?,
                name: row.take(2)?,
                next_at: row.take(3)?,
            })
        })
        .collect()
}
