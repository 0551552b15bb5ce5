//! Mailings: what an operator writes, to whom and from when, from draft to start; and what people have done about it.

mod audience;
mod event;
mod family;
mod forget;
mod funnel;
mod glance;
mod people;
mod steps;
mod test;
mod transition;

pub use audience::{audience, find_beside, sources};
pub use event::{note_opened, note_step};
pub use family::{Family, family};
pub use forget::{forget, list_to_forget};
pub use funnel::{
    Done, Funnel, FunnelStage, Told, count_at, count_reminders, funnel, list_events, list_people,
    list_steps_of,
};
pub use glance::{Glance, glance};
pub use people::{
    Chosen, Line, Listed, add_group, add_people, count_people, digest_of_people, find_chosen, list_groups,
    list_named, read_lines, remove_group, remove_people,
};
pub use steps::{Draft, archive, check_draft, insert, remove, update};
pub use test::{TEST_LIFE_MS, insert_test, is_test, list_tests_over};
pub use transition::{
    approve, arm, begin_again, cancel, count_when_armed, disarm, fail, list_due, plan_next, postpone,
    settle_audience, start,
};

use crate::acting::Acting;
use crate::audit;
use crate::error::{Result, StoreError};
use crate::{Row, Tx, params};
use domain::automation::SendNewPassword;
use domain::id::{MailingId, PersonId, SelectionId};
use domain::mailing::{Intent, MailingState, Reminder, Settled, Words};
use domain::pace::Pace;
use jiff::civil::DateTime;
use serde::Serialize;

/// A mailing as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Mailing {
    /// Its id.
    pub id: MailingId,
    /// Its number, as people call it: names need not be unique.
    pub number: i64,
    /// The folder it lies in; empty: none.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// What it does for people.
    pub intent: Intent,
    /// Who sends it and what it says.
    pub words: Words,
    /// The HTML part its source became; empty: none.
    #[serde(skip)]
    pub html: String,
    /// How long a personal link is good for, in hours.
    pub link_hours: u32,
    /// The settings of a forced password.
    pub password: SendNewPassword,
    /// How fast it may go.
    pub pace: Pace,
    /// The selection whose people it goes to, beside groups and people by name.
    pub selection_id: Option<SelectionId>,
    /// When its audience is settled.
    pub settled: Settled,
    /// Until when those are mailed, too, who are found after the start; milliseconds since 1970.
    pub late_until_at: Option<i64>,
    /// Whom it reminds, if it reminds.
    pub reminder: Option<Reminder>,
    /// The wall time of its start; `None`: none is saved.
    pub start: Option<DateTime>,
    /// The zone of the start (IANA).
    pub time_zone: String,
    /// The same as an instant, milliseconds since 1970.
    pub starts_at: Option<i64>,
    /// Where it stands.
    pub state: MailingState,
    /// Why it failed or waits, for people to read.
    pub cause: Option<String>,
    /// When the scheduler looks again.
    #[serde(skip)]
    pub next_at: Option<i64>,
    /// Who created it; never changes.
    pub owner_id: PersonId,
    /// Everyone who shaped it, the owner among them.
    pub editors: Vec<PersonId>,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// Of exactly what.
    #[serde(skip)]
    pub approved_digest: Option<String>,
    /// When.
    pub approved_at: Option<i64>,
    /// Out of sight.
    pub archived: bool,
    /// So many days after its end its people are forgotten; `None`: never.
    pub keep_days: Option<i64>,
    /// When they were.
    pub forgotten_at: Option<i64>,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// Last changed.
    pub updated_at: i64,
    /// When its start time was saved.
    pub armed_at: Option<i64>,
    /// Who saved it: whose rights its run has.
    pub armed_by: Option<PersonId>,
    /// When it began.
    pub started_at: Option<i64>,
}

impl Mailing {
    /// The first of its family: the one it reminds of, or itself.
    #[must_use]
    pub fn root(&self) -> MailingId {
        self.reminder.as_ref().map_or(self.id, |reminder| reminder.of)
    }
}

const COLUMNS: &str = "id, number, folder, name, intent, words, html, link_hours, password, pace, selection_id, settled, \
    late_until_at, reminder, start, time_zone, starts_at, state, cause, next_at, owner_id, editors, approved_by, \
    approved_digest, approved_at, archived, keep_days, forgotten_at, created_at, updated_at, armed_at, started_at, armed_by";

fn read(mut row: Row) -> Result<Mailing> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a mailing has an unreadable {what}"));
    let intent: String = row.take(4)?;
    let words: String = row.take(5)?;
    let hours: i64 = row.take(7)?;
    let password: String = row.take(8)?;
    let pace: String = row.take(9)?;
    let settled: String = row.take(11)?;
    let reminder: Option<String> = row.take(13)?;
    let start: Option<String> = row.take(14)?;
    let state: String = row.take(17)?;
    let editors: String = row.take(21)?;
    Ok(Mailing {
        id: row.take(0)?,
        number: row.take(1)?,
        folder: row.take(2)?,
        name: row.take(3)?,
        intent: Intent::parse(&intent).ok_or_else(|| corrupt("intent"))?,
        words: serde_json::from_str(&words).map_err(|_| corrupt("words"))?,
        html: row.take(6)?,
        link_hours: u32::try_from(hours).map_err(|_| corrupt("life of its links"))?,
        password: serde_json::from_str(&password).map_err(|_| corrupt("password settings"))?,
        pace: serde_json::from_str(&pace).map_err(|_| corrupt("pace"))?,
        selection_id: row.take(10)?,
        settled: Settled::parse(&settled).ok_or_else(|| corrupt("audience"))?,
        late_until_at: row.take(12)?,
        reminder: reminder
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("reminder")))
            .transpose()?,
        start: start.map(|text| text.parse().map_err(|_| corrupt("start"))).transpose()?,
        time_zone: row.take(15)?,
        starts_at: row.take(16)?,
        state: MailingState::parse(&state).ok_or_else(|| corrupt("state"))?,
        cause: row.take(18)?,
        next_at: row.take(19)?,
        owner_id: row.take(20)?,
        editors: serde_json::from_str(&editors).map_err(|_| corrupt("list of editors"))?,
        approved_by: row.take(22)?,
        approved_digest: row.take(23)?,
        approved_at: row.take(24)?,
        archived: row.take(25)?,
        keep_days: row.take(26)?,
        forgotten_at: row.take(27)?,
        created_at: row.take(28)?,
        updated_at: row.take(29)?,
        armed_at: row.take(30)?,
        started_at: row.take(31)?,
        armed_by: row.take(32)?,
    })
}

fn missing() -> StoreError {
    StoreError::NotFound("the mailing".into())
}

/// The mailing with this id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: MailingId) -> Result<Mailing> {
    let sql = format!("SELECT {COLUMNS} FROM mailings WHERE id = $1");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(missing()), read)
}

/// The mailing, locked until the transaction ends.
///
/// # Errors
/// There is none.
pub async fn lock(tx: &mut Tx, id: MailingId) -> Result<Mailing> {
    let sql = format!("SELECT {COLUMNS} FROM mailings WHERE id = $1 {{for_update}}");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(missing()), read)
}

/// The mailing with this number.
///
/// # Errors
/// The database is not available.
pub async fn find_by_number(tx: &mut Tx, number: i64) -> Result<Option<Mailing>> {
    let sql = format!("SELECT {COLUMNS} FROM mailings WHERE number = $1");
    tx.find(&sql, params![number]).await?.map(read).transpose()
}

/// All mailings of this name: names need not be unique.
///
/// # Errors
/// The database is not available.
pub async fn list_by_name(tx: &mut Tx, name: &str) -> Result<Vec<Mailing>> {
    let sql = format!("SELECT {COLUMNS} FROM mailings WHERE name = $1 ORDER BY number");
    tx.query(&sql, params![name]).await?.into_iter().map(read).collect()
}

/// Which mailings: those that pass all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those put away, instead of the others.
    pub archived: bool,
    /// In this state.
    pub state: Option<MailingState>,
    /// In this folder; `Some("")`: in none.
    pub folder: Option<String>,
}

/// Mailings with a smaller number, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, wanted: &Wanted, before: i64, limit: i64) -> Result<Vec<Mailing>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mailings WHERE number < $1 AND archived = $2
           AND (CAST($3 AS TEXT) IS NULL OR state = $3) AND (CAST($4 AS TEXT) IS NULL OR folder = $4)
         ORDER BY number DESC LIMIT $5"
    );
    let state = wanted.state.map(MailingState::as_str);
    let values = params![before, wanted.archived, state, wanted.folder.as_deref(), limit];
    tx.query(&sql, values).await?.into_iter().map(read).collect()
}

/// The folders in use with how many mailings lie in each, by name; those put away do not count.
///
/// # Errors
/// The database is not available.
pub async fn list_folders(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT folder, count(*) FROM mailings WHERE NOT archived GROUP BY folder ORDER BY folder";
    tx.query(sql, &[]).await?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// The reminders of a mailing, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list_reminders(tx: &mut Tx, of: MailingId) -> Result<Vec<Mailing>> {
    let sql = format!("SELECT {COLUMNS} FROM mailings WHERE reminder_of = $1 ORDER BY number");
    tx.query(&sql, params![of]).await?.into_iter().map(read).collect()
}

async fn note(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    id: MailingId,
    detail: serde_json::Value,
    now_ms: i64,
) -> Result<()> {
    audit::append(tx, acting.entry(action, "mailing", id, detail, now_ms)).await
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Defect(error.to_string()))
}
