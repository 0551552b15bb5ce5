//! What moves a mailing: armed, called off, started, failed; and when the scheduler looks at it again.

use super::steps::{barred, with_editor};
use super::{Mailing, json, lock, note};
use crate::acting::Acting;
use crate::error::Result;
use crate::recipient::Audience;
use crate::{ChangeResult, Tx, params};
use domain::id::{MailingId, PersonId};
use domain::mailing::{MailingState, NotPossible};
use jiff::civil::DateTime;
use serde_json::json;

/// How often those are looked for who joined after the start, in milliseconds.
const LATE_MS: i64 = 15 * 60_000;

/// Saves the start time, which arms the mailing: it begins by itself.
///
/// # Errors
/// It has started or is archived, or there is none.
pub async fn arm(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    (start, time_zone, starts_at): (DateTime, &str, i64),
    now_ms: i64,
) -> ChangeResult<()> {
    let before = lock(tx, id).await?;
    if !before.state.is_editable() {
        return Err(barred(NotPossible::Started));
    }
    if before.archived {
        return Err(barred(NotPossible::Archived));
    }
    let editors = with_editor(before.editors, acting.person()?);
    tx.execute(
        "UPDATE mailings SET state = 'armed', start = $2, time_zone = $3, starts_at = $4, next_at = $4, armed_at = $5,
            updated_at = $5, cause = NULL, editors = $6, armed_by = $7
         WHERE id = $1",
        params![id, start.to_string(), time_zone, starts_at, now_ms, json(&editors)?, acting.person()?],
    )
    .await?;
    let detail = json!({ "number": before.number, "starts_at": starts_at });
    Ok(note(tx, acting, "mailing.armed", id, detail, now_ms).await?)
}

/// Keeps whom the audience finds now, so that later changes of groups and selections do not change it.
///
/// # Errors
/// The database is not available.
pub async fn settle_audience(tx: &mut Tx, id: MailingId, audience: &Audience) -> Result<u64> {
    forget_found(tx, id).await?;
    let place = audience.values.len() + 1;
    let mut values = audience.values.clone();
    values.push(id.into());
    let sql = format!(
        "INSERT INTO mailing_people (mailing_id, person_id, is_found)
         SELECT ${place}, p.id, TRUE FROM people p WHERE {} ON CONFLICT (mailing_id, person_id) DO NOTHING",
        audience.condition
    );
    tx.execute(&sql, &values).await
}

/// How many people an armed mailing has kept.
///
/// # Errors
/// The database is not available.
pub async fn count_when_armed(tx: &mut Tx, id: MailingId) -> Result<i64> {
    let sql = "SELECT count(*) FROM mailing_people WHERE mailing_id = $1";
    tx.find(sql, params![id]).await?.map_or(Ok(0), |mut row| row.take(0))
}

pub(super) async fn forget_found(tx: &mut Tx, id: MailingId) -> Result<()> {
    let sql = "DELETE FROM mailing_people WHERE mailing_id = $1 AND is_found";
    tx.execute(sql, params![id]).await.map(|_| ())
}

/// *armed* → *draft*: its words and recipients can be changed, and it does not begin.
///
/// # Errors
/// It is not armed, or there is none.
pub async fn disarm(tx: &mut Tx, acting: &Acting, id: MailingId, now_ms: i64) -> ChangeResult<()> {
    leave_armed(tx, acting, id, ("draft", "mailing.disarmed"), now_ms).await
}

/// *armed* → *cancelled*.
///
/// # Errors
/// It is not armed, or there is none.
pub async fn cancel(tx: &mut Tx, acting: &Acting, id: MailingId, now_ms: i64) -> ChangeResult<()> {
    leave_armed(tx, acting, id, ("cancelled", "mailing.cancelled"), now_ms).await
}

async fn leave_armed(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    (state, action): (&str, &'static str),
    now_ms: i64,
) -> ChangeResult<()> {
    let before = lock(tx, id).await?;
    if before.state != MailingState::Armed {
        return Err(barred(NotPossible::NotArmed { state: before.state.to_string() }));
    }
    tx.execute(
        "UPDATE mailings SET state = $2, next_at = NULL, armed_at = NULL, cause = NULL, updated_at = $3 WHERE id = $1",
        params![id, state, now_ms],
    )
    .await?;
    forget_found(tx, id).await?;
    Ok(note(tx, acting, action, id, json!({ "number": before.number }), now_ms).await?)
}

/// Notes who approved a mailing, and of what.
///
/// # Errors
/// There is none.
pub async fn approve(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    digest: &str,
    approver: PersonId,
    now_ms: i64,
) -> Result<()> {
    tx.execute(
        "UPDATE mailings SET approved_by = $2, approved_digest = $3, approved_at = $4 WHERE id = $1",
        params![id, approver, digest, now_ms],
    )
    .await?;
    note(tx, acting, "mailing.approved", id, json!({ "digest": digest }), now_ms).await
}

/// Ids of the mailings the scheduler must look at.
///
/// # Errors
/// The database is not available.
pub async fn list_due(tx: &mut Tx, now_ms: i64) -> Result<Vec<MailingId>> {
    let sql =
        "SELECT id FROM mailings WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT 100";
    tx.query(sql, params![now_ms]).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// *armed* → *started*: its first run has begun in this transaction.
///
/// # Errors
/// The database is not available.
pub async fn start(tx: &mut Tx, mailing: &Mailing, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE mailings SET state = 'started', cause = NULL, started_at = $2, next_at = $3 WHERE id = $1",
        params![mailing.id, now_ms, next_look(mailing, now_ms)],
    )
    .await
    .map(|_| ())
}

/// Plans the next look for late joiners; the last one is behind the cut-off.
///
/// # Errors
/// The database is not available.
pub async fn plan_next(tx: &mut Tx, mailing: &Mailing, now_ms: i64) -> Result<()> {
    let sql = "UPDATE mailings SET next_at = $2 WHERE id = $1";
    tx.execute(sql, params![mailing.id, next_look(mailing, now_ms)]).await.map(|_| ())
}

fn next_look(mailing: &Mailing, now_ms: i64) -> Option<i64> {
    let until = mailing.late_until_at.filter(|until| now_ms < *until)?;
    Some((now_ms + LATE_MS).min(until))
}

/// Lets an armed mailing, or the look for late joiners, wait until a moment, and says why.
///
/// # Errors
/// The database is not available.
pub async fn postpone(tx: &mut Tx, id: MailingId, until: i64, why: &str) -> Result<()> {
    let sql = "UPDATE mailings SET next_at = $2, cause = $3 WHERE id = $1 AND next_at IS NOT NULL";
    tx.execute(sql, params![id, until, why]).await.map(|_| ())
}

/// *armed* → *failed*: its start time came and it could not begin.
///
/// # Errors
/// The database is not available.
pub async fn fail(tx: &mut Tx, mailing: &Mailing, why: &str, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE mailings SET state = 'failed', cause = $2, next_at = NULL, updated_at = $3 WHERE id = $1",
        params![mailing.id, why, now_ms],
    )
    .await?;
    forget_found(tx, mailing.id).await?;
    let detail = json!({ "number": mailing.number });
    note(tx, &Acting::system(), "mailing.failed", mailing.id, detail, now_ms).await
}

/// Notes why late joiners were not written to; they are looked for again.
///
/// # Errors
/// The database is not available.
pub async fn begin_again(tx: &mut Tx, mailing: &Mailing, why: Option<&str>, now_ms: i64) -> Result<()> {
    tx.execute("UPDATE mailings SET cause = $2 WHERE id = $1", params![mailing.id, why]).await?;
    plan_next(tx, mailing, now_ms).await
}
