//! What the pages show: people for a greeting, operators with what they may do, runs with their recipients.
//!
//! Reads only. Counts of a run come from its own row, so that watching a run of a million people
//! costs one row; what needs its recipients (reasons, failures) is asked for once per page.

use crate::{Result, Row, StoreError, Tx, params};
use domain::id::{AutomationId, PersonId, RecipientId, RunId};
use domain::recipient::{Reason, RecipientState};
use domain::role::{Permission, Rank, Role, UserType};
use domain::run::{Counts, RunState};
use domain::trigger::Trigger;

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
                p.user_type, p.role_id, r.name, r.rank, r.built_in, r.permissions
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
    })
}

fn permissions(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|_| StoreError::Corrupt("the permissions of a role are no list".into()))
}

/// A run in a list or at the head of its page. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Its id.
    pub id: RunId,
    /// Its short handle.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: RunState,
    /// Why it is paused, cancelled or failed.
    pub cause: Option<String>,
    /// What started it.
    pub trigger: Trigger,
    /// The operator who started it by hand.
    pub started_by: Option<String>,
    /// Whose rights it has.
    pub owner: Option<String>,
    /// The filter as it was evaluated.
    pub filter: String,
    /// How many people stand where.
    pub counts: Counts,
    /// Created.
    pub created_at: i64,
    /// Began to send.
    pub started_at: Option<i64>,
    /// Ended.
    pub finished_at: Option<i64>,
}

const RUN: &str = "SELECT runs.id, runs.number, runs.name, runs.state, runs.cause, runs.trigger,
    s.display_name, s.given_name, s.family_name, s.username,
    o.display_name, o.given_name, o.family_name, o.username,
    runs.filter, runs.total, runs.left_out, runs.accepted, runs.deferred, runs.refused, runs.unknown,
    runs.cancelled, runs.created_at, runs.started_at, runs.finished_at
    FROM runs LEFT JOIN people s ON s.id = runs.started_by LEFT JOIN people o ON o.id = runs.owner_id";

/// Runs, newest first, older than the one with this number.
///
/// # Errors
/// The database is not available.
pub async fn list_runs(tx: &mut Tx, before_number: i64, most: i64) -> Result<Vec<RunView>> {
    let sql = format!("{RUN} WHERE runs.number < $1 ORDER BY runs.number DESC LIMIT $2");
    tx.query(&sql, params![before_number, most]).await?.into_iter().map(run).collect()
}

/// One run.
///
/// # Errors
/// The database is not available.
pub async fn find_run(tx: &mut Tx, id: RunId) -> Result<Option<RunView>> {
    tx.find(&format!("{RUN} WHERE runs.id = $1"), params![id]).await?.map(run).transpose()
}

fn run(mut row: Row) -> Result<RunView> {
    let state: String = row.take(3)?;
    let trigger: String = row.take(5)?;
    Ok(RunView {
        id: row.take(0)?,
        number: row.take(1)?,
        name: row.take(2)?,
        state: RunState::parse(&state).ok_or_else(|| unknown("state of a run"))?,
        cause: row.take(4)?,
        trigger: Trigger::parse(&trigger).ok_or_else(|| unknown("trigger of a run"))?,
        started_by: name(&mut row, 6)?,
        owner: name(&mut row, 10)?,
        filter: row.take(14)?,
        counts: Counts {
            total: row.take(15)?,
            left_out: row.take(16)?,
            accepted: row.take(17)?,
            deferred: row.take(18)?,
            refused: row.take(19)?,
            unknown: row.take(20)?,
            cancelled: row.take(21)?,
        },
        created_at: row.take(22)?,
        started_at: row.take(23)?,
        finished_at: row.take(24)?,
    })
}

/// What to call a joined person, from four columns; `None`: there is no such person any more.
fn name(row: &mut Row, from: usize) -> Result<Option<String>> {
    let display: Option<String> = row.take(from)?;
    let (given, family): (Option<String>, Option<String>) = (row.take(from + 1)?, row.take(from + 2)?);
    let username: Option<String> = row.take(from + 3)?;
    Ok(username.map(|username| {
        domain::person::full_name(
            &display.unwrap_or_default(),
            &given.unwrap_or_default(),
            &family.unwrap_or_default(),
            &username,
        )
    }))
}

fn unknown(what: &str) -> StoreError {
    StoreError::Corrupt(format!("an unknown {what}"))
}

/// How many people of a run were left out, by reason, most first.
///
/// # Errors
/// The database is not available.
pub async fn count_left_out(tx: &mut Tx, run_number: i64) -> Result<Vec<(Reason, i64)>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT reason, COUNT(*) FROM recipients
             WHERE id BETWEEN $1 AND $2 AND state = 'left_out' GROUP BY reason ORDER BY 2 DESC, 1",
            params![first, last],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let reason: Option<String> = row.take(0)?;
            let reason = reason.as_deref().and_then(Reason::parse).ok_or_else(|| unknown("reason"))?;
            Ok((reason, row.take(1)?))
        })
        .collect()
}

/// One kind of failure in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where these recipients stand.
    pub state: RecipientState,
    /// The relay's reply code, when it gave one.
    pub code: Option<i64>,
    /// The enhanced status code (RFC 3463).
    pub enhanced: Option<String>,
    /// One of the replies, as an example.
    pub reply: Option<String>,
    /// How many.
    pub count: i64,
}

/// The failures of a run by cause, most frequent first, at most twenty kinds.
///
/// # Errors
/// The database is not available.
pub async fn list_failures(tx: &mut Tx, run_number: i64) -> Result<Vec<Failure>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT r.state, d.code, d.enhanced, MIN(d.reply), COUNT(*) FROM recipients r
             LEFT JOIN deliveries d ON d.recipient_id = r.id AND d.attempt = r.attempts
             WHERE r.id BETWEEN $1 AND $2 AND r.state IN ('refused', 'deferred', 'bounced', 'unknown')
             GROUP BY r.state, d.code, d.enhanced ORDER BY 5 DESC, 1, 2, 3 LIMIT 20",
            params![first, last],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Failure {
                state: recipient_state(&mut row, 0)?,
                code: row.take(1)?,
                enhanced: row.take(2)?,
                reply: row.take(3)?,
                count: row.take(4)?,
            })
        })
        .collect()
}

fn recipient_state(row: &mut Row, column: usize) -> Result<RecipientState> {
    let text: String = row.take(column)?;
    RecipientState::parse(&text).ok_or_else(|| unknown("state of a recipient"))
}

/// One line of a run's recipients.
#[derive(Debug, Clone)]
pub struct RecipientView {
    /// Its id.
    pub id: RecipientId,
    /// What to call the person; `None`: erased meanwhile.
    pub name: Option<String>,
    /// Mail address as given.
    pub address: Option<String>,
    /// Where the recipient stands.
    pub state: RecipientState,
    /// Why left out, or the class of the answer.
    pub reason: Option<String>,
    /// Attempts so far.
    pub attempts: i64,
    /// When it is tried again.
    pub due_at: Option<i64>,
    /// When it was settled.
    pub settled_at: Option<i64>,
    /// The relay's last words.
    pub reply: Option<String>,
}

/// Recipients of a run after one of them, in a state if one is given.
///
/// # Errors
/// The database is not available.
pub async fn list_recipients(
    tx: &mut Tx,
    run_number: i64,
    state: Option<RecipientState>,
    after: RecipientId,
    most: i64,
) -> Result<Vec<RecipientView>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT r.id, p.display_name, p.given_name, p.family_name, p.username, p.address, r.state, r.reason,
                    r.attempts, r.due_at, r.settled_at, d.reply
             FROM recipients r LEFT JOIN people p ON p.id = r.person_id
             LEFT JOIN deliveries d ON d.recipient_id = r.id AND d.attempt = r.attempts
             WHERE r.id > $1 AND r.id BETWEEN $2 AND $3 AND ($4 = '' OR r.state = $4)
             ORDER BY r.id LIMIT $5",
            params![after, first, last, state.map_or("", RecipientState::as_str), most],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(RecipientView {
                id: row.take(0)?,
                name: name(&mut row, 1)?,
                address: row.take(5)?,
                state: recipient_state(&mut row, 6)?,
                reason: row.take(7)?,
                attempts: row.take(8)?,
                due_at: row.take(9)?,
                settled_at: row.take(10)?,
                reply: row.take(11)?,
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

/// The active automations that run next.
///
/// # Errors
/// The database is not available.
pub async fn list_scheduled(tx: &mut Tx, most: i64) -> Result<Vec<Scheduled>> {
    let rows = tx
        .query(
            "SELECT id, number, name, next_at FROM automations
             WHERE next_at IS NOT NULL AND NOT archived AND status IN ('active_scheduled', 'active_running')
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
