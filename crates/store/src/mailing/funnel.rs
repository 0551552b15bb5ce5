//! The funnel of a mailing: how many of its people came how far, and who they are.
//!
//! Every number counts people, not events, over the mailing, its late joiners and its reminders: somebody who was
//! reminded twice is one person.

use super::audience::at_stage;
use super::family;
use super::family::within;
use crate::error::Result;
use crate::{StoreError, Tx, params};
use domain::id::{MailingId, PersonId, RecipientId};
use domain::mailing::{Stage, Step};
use domain::person::full_name;
use serde::{Deserialize, Serialize};

/// How many people of a mailing came how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// In the audience, left out or not.
    pub total: i64,
    /// Left out, with a reason.
    pub left_out: i64,
    /// Their mail was taken by the relay; of these the steps below are counted.
    pub accepted: i64,
    /// Their mail was refused, came back, or its answer was lost.
    pub failed: i64,
    /// Still to be written to.
    pub waiting: i64,
    /// Opened the page, as far as one can tell by hand.
    pub opened: i64,
    /// Only a program opened it so far.
    pub opened_by_machine: i64,
    /// Asked for a personal link.
    pub requested: i64,
    /// The mail with the link was accepted by the relay.
    pub link_sent: i64,
    /// Set a new password: they are done.
    pub password_set: i64,
    /// Signed in after that.
    pub logged_in: i64,
}

/// A number of the funnel, to list its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunnelStage {
    /// Everybody in the audience.
    Total,
    /// Left out.
    LeftOut,
    /// Accepted.
    Accepted,
    /// Refused, returned or lost.
    Failed,
    /// Waiting.
    Waiting,
    /// Took this step.
    Took(Step),
    /// Got the mail and stands at this stage of what is left to do.
    At(Stage),
}

impl FunnelStage {
    /// Every one, in the order of the funnel.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let first = [Self::Total, Self::LeftOut, Self::Waiting, Self::Accepted, Self::Failed];
        let steps = Step::ALL.iter().map(|step| Self::Took(*step));
        let stages = Stage::ALL.iter().map(|stage| Self::At(*stage));
        first.into_iter().chain(steps).chain(stages).collect()
    }

    /// As in addresses, in the API and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::LeftOut => "left_out",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Took(step) => step.as_str(),
            Self::At(stage) => stage.as_str(),
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().into_iter().find(|stage| stage.as_str() == text)
    }
}

/// Counts the funnel of a mailing with its reminders.
///
/// # Errors
/// The database is not available.
pub async fn funnel(tx: &mut Tx, root: MailingId) -> Result<Funnel> {
    match kept(tx, root).await? {
        Some(funnel) => Ok(funnel),
        None => count(tx, root).await,
    }
}

/// What was counted when the people of a mailing were forgotten.
async fn kept(tx: &mut Tx, root: MailingId) -> Result<Option<Funnel>> {
    let row = tx.find("SELECT kept FROM mailings WHERE id = $1", params![root]).await?;
    let text: Option<String> = row.map_or(Ok(None), |mut row| row.take(0))?;
    let corrupt = || StoreError::Corrupt("a mailing has an unreadable funnel".into());
    text.map(|text| serde_json::from_str(&text).map_err(|_| corrupt())).transpose()
}

async fn count(tx: &mut Tx, root: MailingId) -> Result<Funnel> {
    let family = family(tx, root).await?;
    let mut found = Funnel::default();
    let sql = format!(
        "SELECT q.state, count(DISTINCT q.person_id) FROM recipients q WHERE {} GROUP BY q.state",
        within("q.id", family.own.iter().copied())
    );
    for mut row in tx.query(&sql, &[]).await? {
        let (state, people): (String, i64) = (row.take(0)?, row.take(1)?);
        found.total += people;
        match state.as_str() {
            "left_out" => found.left_out += people,
            "accepted" => found.accepted += people,
            "refused" | "bounced" | "unknown" | "cancelled" => found.failed += people,
            _ => found.waiting += people,
        }
    }
    let sql =
        "SELECT step, count(DISTINCT person_id) FROM mailing_events WHERE mailing_id = $1 GROUP BY step";
    for mut row in tx.query(sql, params![root]).await? {
        let (step, people): (String, i64) = (row.take(0)?, row.take(1)?);
        match Step::parse(&step).ok_or_else(|| StoreError::Corrupt("an unknown step of a mailing".into()))? {
            Step::Opened => found.opened = people,
            Step::OpenedByMachine => {}
            Step::Requested => found.requested = people,
            Step::LinkSent => found.link_sent = people,
            Step::PasswordSet => found.password_set = people,
            Step::LoggedIn => found.logged_in = people,
        }
    }
    let sql = "SELECT count(DISTINCT e.person_id) FROM mailing_events e WHERE e.mailing_id = $1
         AND e.step = 'opened_by_machine' AND NOT EXISTS (SELECT 1 FROM mailing_events h WHERE h.mailing_id = $1
           AND h.person_id = e.person_id AND h.step <> 'opened_by_machine')";
    found.opened_by_machine = tx.find(sql, params![root]).await?.map_or(Ok(0), |mut row| row.take(0))?;
    Ok(found)
}

/// How many people were reminded how often: pairs of a number of reminders and of people.
///
/// # Errors
/// The database is not available.
pub async fn count_reminders(tx: &mut Tx, root: MailingId) -> Result<Vec<(i64, i64)>> {
    let family = family(tx, root).await?;
    let sql = format!(
        "SELECT c.times, count(*) FROM (SELECT q.person_id, count(*) AS times FROM recipients q
           WHERE {} AND q.state IN ('accepted', 'unknown') GROUP BY q.person_id) AS c GROUP BY c.times ORDER BY c.times",
        within("q.id", family.reminders)
    );
    tx.query(&sql, &[]).await?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// How many people stand behind a number of the funnel.
///
/// # Errors
/// The database is not available.
pub async fn count_at(tx: &mut Tx, root: MailingId, stage: FunnelStage) -> Result<i64> {
    let family = family(tx, root).await?;
    let condition = condition(stage);
    let sql = format!(
        "SELECT count(DISTINCT q.person_id) FROM recipients q WHERE {} AND {condition}",
        within("q.id", family.own.iter().copied())
    );
    // A parameter that stands nowhere has no type.
    let values = params![root];
    let values: &[crate::Value] = if condition.contains("$1") { values } else { &[] };
    tx.find(&sql, values).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// One person of a mailing with how far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Who.
    pub person_id: PersonId,
    /// User name; `None`: erased.
    pub username: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// The address now.
    pub address: Option<String>,
    /// The recipient in the mailing's first run with this person.
    #[serde(skip)]
    pub recipient: RecipientId,
    /// Where that recipient stands.
    pub state: String,
    /// Why, when left out or refused.
    pub reason: Option<String>,
    /// When it was settled, milliseconds since 1970.
    pub settled_at: Option<i64>,
    /// How often reminded.
    pub reminded: i64,
    /// The first time of each step, milliseconds since 1970, in the order of [`Step::ALL`].
    pub steps: [Option<i64>; 6],
}

/// The people behind a number of the funnel, in the order of the audience, after one of them.
///
/// # Errors
/// The database is not available.
pub async fn list_people(
    tx: &mut Tx,
    root: MailingId,
    stage: FunnelStage,
    after: Option<RecipientId>,
    limit: i64,
) -> Result<Vec<Done>> {
    let family = family(tx, root).await?;
    let sql = format!(
        "SELECT q.id, q.person_id, p.username, p.display_name, p.given_name, p.family_name, p.address, q.state, q.reason,
           q.settled_at, (SELECT count(*) FROM recipients c WHERE c.person_id = q.person_id AND {reminded}
             AND c.state IN ('accepted', 'unknown')), {firsts}
         FROM recipients q LEFT JOIN people p ON p.id = q.person_id
         WHERE {own} AND q.id > $2 AND {only} ORDER BY q.id LIMIT $3",
        reminded = within("c.id", family.reminders.iter().copied()),
        firsts = first_times(),
        own = within("q.id", family.own.iter().copied()),
        only = condition(stage),
    );
    let after = after.unwrap_or(RecipientId(0));
    tx.query(&sql, params![root, after, limit]).await?.into_iter().map(read_done).collect()
}

/// The first time of each step, as columns.
fn first_times() -> String {
    let column = |step: &Step| {
        format!(
            "(SELECT min(e.at) FROM mailing_events e WHERE e.mailing_id = $1 AND e.person_id = q.person_id AND e.step = '{step}')"
        )
    };
    Step::ALL.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn condition(stage: FunnelStage) -> String {
    let got = "q.state = 'accepted'";
    match stage {
        FunnelStage::Total => "TRUE".into(),
        FunnelStage::LeftOut => "q.state = 'left_out'".into(),
        FunnelStage::Accepted => got.into(),
        FunnelStage::Failed => "q.state IN ('refused', 'bounced', 'unknown', 'cancelled')".into(),
        FunnelStage::Waiting => "q.state IN ('planned', 'sending', 'deferred')".into(),
        FunnelStage::Took(Step::OpenedByMachine) => {
            "EXISTS (SELECT 1 FROM mailing_events e WHERE e.mailing_id = $1 AND e.person_id = q.person_id
               AND e.step = 'opened_by_machine') AND NOT EXISTS (SELECT 1 FROM mailing_events e
               WHERE e.mailing_id = $1 AND e.person_id = q.person_id AND e.step <> 'opened_by_machine')"
                .into()
        }
        FunnelStage::Took(step) => format!(
            "EXISTS (SELECT 1 FROM mailing_events e WHERE e.mailing_id = $1 AND e.person_id = q.person_id AND e.step = '{step}')"
        ),
        FunnelStage::At(stage) => {
            format!("{got} AND {}", at_stage(stage, 1).replace("p.id", "q.person_id"))
        }
    }
}

fn read_done(mut row: crate::Row) -> Result<Done> {
    let username: Option<String> = row.take(2)?;
    let names: [Option<String>; 3] = [row.take(3)?, row.take(4)?, row.take(5)?];
    let [display, given, family] = names.map(Option::unwrap_or_default);
    let mut steps = [None; 6];
    for (place, step) in steps.iter_mut().enumerate() {
        *step = row.take(11 + place)?;
    }
    Ok(Done {
        recipient: row.take(0)?,
        person_id: row.take(1)?,
        name: username.as_ref().map(|username| full_name(&display, &given, &family, username)),
        username,
        address: row.take(6)?,
        state: row.take(7)?,
        reason: row.take(8)?,
        settled_at: row.take(9)?,
        reminded: row.take(10)?,
        steps,
    })
}

/// Something that happened, for exports and timelines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The mailing it counts for: never a reminder.
    pub mailing_id: MailingId,
    /// Who.
    pub person_id: PersonId,
    /// The mail it followed: run and place.
    #[serde(skip)]
    pub recipient: RecipientId,
    /// What.
    pub step: Step,
    /// When, milliseconds since 1970.
    pub at: i64,
}

fn read_told(mut row: crate::Row) -> Result<Told> {
    let step: String = row.take(3)?;
    Ok(Told {
        mailing_id: row.take(0)?,
        person_id: row.take(1)?,
        recipient: row.take(2)?,
        step: Step::parse(&step).ok_or_else(|| StoreError::Corrupt("an unknown step of a mailing".into()))?,
        at: row.take(4)?,
    })
}

/// The raw events of a mailing in the order they happened, after so many of them.
///
/// # Errors
/// The database is not available.
pub async fn list_events(tx: &mut Tx, root: MailingId, skip: i64, limit: i64) -> Result<Vec<Told>> {
    let sql = "SELECT mailing_id, person_id, recipient_id, step, at FROM mailing_events WHERE mailing_id = $1
         ORDER BY at, id LIMIT $2 OFFSET $3";
    tx.query(sql, params![root, limit, skip]).await?.into_iter().map(read_told).collect()
}

/// What one person did about mailings, newest first.
///
/// # Errors
/// The database is not available.
pub async fn list_steps_of(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<Told>> {
    let sql = "SELECT mailing_id, person_id, recipient_id, step, at FROM mailing_events WHERE person_id = $1
         ORDER BY at DESC LIMIT $2";
    tx.query(sql, params![person, limit]).await?.into_iter().map(read_told).collect()
}
