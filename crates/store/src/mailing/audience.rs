//! Whom a mailing goes to: people by name, groups and a selection together, those who joined late, or those of another
//! mailing who are not done.

use super::family::within;
use super::{Family, Mailing, family};
use crate::error::Result;
use crate::recipient::Audience;
use crate::{Tx, Value, params};
use domain::id::{MailingId, PersonId};
use domain::mailing::{MailingState, Reminder, Settled, Stage};

/// Whether a mailing has anywhere to take recipients from.
///
/// # Errors
/// The database is not available.
pub async fn sources(tx: &mut Tx, mailing: &Mailing) -> Result<bool> {
    if mailing.selection_id.is_some() || mailing.reminder.is_some() {
        return Ok(true);
    }
    let sql = "SELECT 1 FROM mailing_people WHERE mailing_id = $1 UNION SELECT 1 FROM mailing_groups WHERE mailing_id = $1";
    Ok(tx.find(sql, params![mailing.id]).await?.is_some())
}

/// The audience of a mailing at this moment. `selection`: whom its selection finds, when it has one. With `late`, those
/// who are in a run of it already are left out.
///
/// # Errors
/// The database is not available.
pub async fn audience(
    tx: &mut Tx,
    mailing: &Mailing,
    selection: Option<&Audience>,
    late: bool,
    now_ms: i64,
) -> Result<Audience> {
    if let Some(reminder) = &mailing.reminder {
        let family = family(tx, reminder.of).await?;
        return Ok(of_reminder(reminder, &family, now_ms));
    }
    let is_settled = mailing.settled == Settled::WhenArmed && mailing.state == MailingState::Armed;
    let mut audience = of_sources(mailing.id, selection.filter(|_| !is_settled), is_settled);
    if late {
        let family = family(tx, mailing.id).await?;
        audience.condition = format!(
            "{} AND NOT EXISTS (SELECT 1 FROM recipients q WHERE q.person_id = p.id AND {})",
            audience.condition,
            within("q.id", family.own)
        );
    }
    Ok(audience)
}

/// The person of an audience, with an address, who comes next after another one in the order of ids, or next before;
/// without one the first, or the last.
///
/// # Errors
/// The database is not available.
pub async fn find_beside(
    tx: &mut Tx,
    audience: &Audience,
    from: Option<PersonId>,
    before: bool,
) -> Result<Option<PersonId>> {
    let mut values = audience.values.clone();
    let (sign, order) = if before { ("<", "DESC") } else { (">", "ASC") };
    let beyond = from.map_or_else(String::new, |from| {
        values.push(from.into());
        format!(" AND p.id {sign} ${}", values.len())
    });
    let sql = format!(
        "SELECT p.id FROM people p WHERE ({}) AND p.address IS NOT NULL{beyond} ORDER BY p.id {order} LIMIT 1",
        audience.condition
    );
    tx.find(&sql, &values).await?.map(|mut row| row.take(0)).transpose()
}

/// People by name, of groups and of the selection, each once.
fn of_sources(id: MailingId, selection: Option<&Audience>, is_settled: bool) -> Audience {
    let mut values = selection.map_or_else(Vec::new, |found| found.values.clone());
    values.push(id.into());
    let place = values.len();
    let mut parts =
        vec![format!("SELECT mp.person_id FROM mailing_people mp WHERE mp.mailing_id = ${place}")];
    if !is_settled {
        parts.push(format!(
            "SELECT gm.person_id FROM mailing_groups mg JOIN group_members gm ON gm.group_id = mg.group_id
             WHERE mg.mailing_id = ${place}"
        ));
    }
    if let Some(found) = selection {
        let limit = found.size_limit.map_or_else(String::new, |most| format!(" ORDER BY p.id LIMIT {most}"));
        parts.push(format!(
            "SELECT s.id FROM (SELECT p.id FROM people p WHERE {}{limit}) AS s",
            found.condition
        ));
    }
    Audience { condition: format!("p.id IN ({})", parts.join(" UNION ")), values, size_limit: None }
}

/// Those of a mailing who got a mail of it, stand at the stage, are not done, and were left in peace for long enough.
fn of_reminder(reminder: &Reminder, family: &Family, now_ms: i64) -> Audience {
    let before = now_ms - i64::from(reminder.gap_hours) * 3_600_000;
    let values: Vec<Value> = vec![reminder.of.into(), before.into(), i64::from(reminder.most).into()];
    let all: Vec<_> = family.all().collect();
    let condition = format!(
        "p.id IN (SELECT q.person_id FROM recipients q WHERE {} AND q.state IN ('accepted', 'unknown'))
         AND {}
         AND NOT EXISTS (SELECT 1 FROM recipients q WHERE q.person_id = p.id AND {}
           AND (q.state IN ('planned', 'sending', 'deferred')
             OR (q.state IN ('accepted', 'unknown') AND q.settled_at > CAST($2 AS BIGINT))))
         AND (SELECT count(*) FROM recipients q WHERE q.person_id = p.id AND {}
           AND q.state IN ('accepted', 'unknown')) < CAST($3 AS BIGINT)",
        within("q.id", family.own.iter().copied()),
        at_stage(reminder.stage, 1),
        within("q.id", all),
        within("q.id", family.reminders.iter().copied()),
    );
    Audience { condition, values, size_limit: None }
}

/// Whether a person stands at a stage of a mailing; its id is the parameter of this number.
pub(super) fn at_stage(stage: Stage, place: usize) -> String {
    let has = |steps: &str| {
        format!(
            "EXISTS (SELECT 1 FROM mailing_events e WHERE e.mailing_id = ${place} AND e.person_id = p.id AND e.step IN ({steps}))"
        )
    };
    let not_done = format!("NOT {}", has("'password_set'"));
    match stage {
        Stage::NotDone => not_done,
        Stage::NotOpened => format!("{not_done} AND NOT {}", has("'opened', 'requested', 'link_sent'")),
        Stage::NotRequested => {
            format!("{not_done} AND {} AND NOT {}", has("'opened'"), has("'requested', 'link_sent'"))
        }
        Stage::NotSet => format!("{not_done} AND {}", has("'requested', 'link_sent'")),
    }
}
