//! A mailing at a glance, for lists of many: a few indexed numbers, not the whole funnel.

use super::family::within;
use super::{Mailing, count_people, list_groups};
use crate::error::Result;
use crate::{Tx, params};
use domain::id::RecipientId;
use serde::Serialize;

/// A few numbers of a mailing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Glance {
    /// People chosen by name.
    pub named: i64,
    /// Groups chosen.
    pub groups: i64,
    /// Mails of its own runs the relay took.
    pub accepted: i64,
    /// People who set a new password after it; of a reminder: after the reminder's own mail.
    pub done: i64,
}

/// Reads a mailing at a glance.
///
/// # Errors
/// The database is not available.
pub async fn glance(tx: &mut Tx, mailing: &Mailing) -> Result<Glance> {
    if mailing.started_at.is_none() {
        let named = count_people(tx, mailing.id).await?;
        let groups = i64::try_from(list_groups(tx, mailing.id).await?.len()).unwrap_or(i64::MAX);
        return Ok(Glance { named, groups, ..Glance::default() });
    }
    let sql = "SELECT number, accepted FROM runs WHERE mailing_id = $1 ORDER BY number";
    let (mut accepted, mut own) = (0, Vec::new());
    for mut row in tx.query(sql, params![mailing.id]).await? {
        own.push(RecipientId::bounds(row.take(0)?));
        accepted += row.take::<i64>(1)?;
    }
    let only = match mailing.reminder {
        Some(_) => format!(" AND {}", within("recipient_id", own)),
        None => String::new(),
    };
    let sql = format!(
        "SELECT count(DISTINCT person_id) FROM mailing_events WHERE mailing_id = $1 AND step = 'password_set'{only}"
    );
    let done = tx.find(&sql, params![mailing.root()]).await?.map_or(Ok(0), |mut row| row.take(0))?;
    Ok(Glance { accepted, done, ..Glance::default() })
}
