//! Subscriptions: groups that are offered to recipients, and how they join and leave them.
//!
//! Every change is one function here, whoever makes it. Audit entries are collected and appended by the caller, last of
//! all: they wait for one another, and nothing may wait for people while it holds the log.

use crate::audit::Entry;
use crate::consent::{self, By};
use crate::{Result, StoreError, Tx, confirmation, event, params};
use domain::event::BuiltIn;
use domain::id::{GroupId, PersonId};
use domain::preference::ConsentAct;
use serde::Serialize;
use serde_json::json;

/// Whether a person has a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Not.
    No,
    /// Asked for, and not yet confirmed by mail.
    Waiting,
    /// Is in the group.
    Yes,
}

/// A group as recipients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The group.
    pub group_id: GroupId,
    /// What recipients call it.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Whether joining has to be confirmed by mail.
    pub double_opt_in: bool,
    /// Whether this person has it.
    pub held: Held,
}

/// What recipients call a group `g`.
pub(crate) const TITLE: &str = "CASE WHEN g.public_title = '' THEN g.name ELSE g.public_title END";

/// Everything offered, as one person has it, by title.
///
/// # Errors
/// The database is not available.
pub async fn list_offers(tx: &mut Tx, person_id: PersonId, now_ms: i64) -> Result<Vec<Offer>> {
    let sql = format!(
        "SELECT g.id, {TITLE}, g.public_description, g.double_opt_in,
                EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = g.id AND m.person_id = $1),
                EXISTS (SELECT 1 FROM confirmation_groups q JOIN confirmations c ON c.id = q.confirmation_id
                        JOIN people p ON p.id = c.person_id AND p.address = c.old_address
                        WHERE q.group_id = g.id AND c.person_id = $1 AND c.state = 'waiting' AND c.expires_at > $2)
         FROM \"groups\" g WHERE g.subscribable ORDER BY 2, g.id"
    );
    let rows = tx.query(&sql, params![person_id, now_ms]).await?;
    rows.into_iter()
        .map(|mut row| {
            let (is_in, waits): (bool, bool) = (row.take(4)?, row.take(5)?);
            Ok(Offer {
                group_id: row.take(0)?,
                title: row.take(1)?,
                description: row.take(2)?,
                double_opt_in: row.take(3)?,
                held: match (is_in, waits) {
                    (true, _) => Held::Yes,
                    (false, true) => Held::Waiting,
                    (false, false) => Held::No,
                },
            })
        })
        .collect()
}

/// What recipients call a group; `None`: it is gone.
///
/// # Errors
/// The database is not available.
pub async fn find_title(tx: &mut Tx, group_id: GroupId) -> Result<Option<String>> {
    let sql = format!("SELECT {TITLE} FROM \"groups\" g WHERE g.id = $1");
    tx.find(&sql, params![group_id]).await?.map(|mut row| row.take(0)).transpose()
}

/// Since when a person takes no mailings, milliseconds since 1970; `None`: takes them.
///
/// # Errors
/// The person is gone; the database is not available.
pub async fn unsubscribed_at(tx: &mut Tx, person_id: PersonId) -> Result<Option<i64>> {
    let row = tx.find("SELECT unsubscribed_at FROM people WHERE id = $1", params![person_id]).await?;
    row.ok_or_else(|| gone(person_id))?.take(0)
}

/// Holds the person until the transaction ends, so that lines of the log follow one another.
///
/// # Errors
/// The person is gone; the database is not available.
pub async fn hold(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    let row = tx.find("SELECT id FROM people WHERE id = $1 {for_update}", params![person_id]).await?;
    row.map(|_| ()).ok_or_else(|| gone(person_id))
}

fn gone(person_id: PersonId) -> StoreError {
    StoreError::NotFound(format!("the person {person_id}"))
}

/// Puts a person into a group that is offered. `false`: is in it already, or it is not offered.
///
/// # Errors
/// The database is not available.
pub async fn subscribe(
    tx: &mut Tx,
    by: &By<'_>,
    group_id: GroupId,
    entries: &mut Vec<Entry>,
) -> Result<bool> {
    let joined = tx
        .execute(
            "INSERT INTO group_members (group_id, person_id, added_at)
             SELECT g.id, p.id, CAST($3 AS BIGINT) FROM \"groups\" g, people p
             WHERE g.id = $1 AND g.subscribable AND p.id = $2
             ON CONFLICT (group_id, person_id) DO NOTHING",
            params![group_id, by.person_id, by.now_ms],
        )
        .await?;
    if joined == 0 {
        return Ok(false);
    }
    let title = find_title(tx, group_id).await?.unwrap_or_default();
    consent::note(tx, by, ConsentAct::Subscribed, Some((group_id, &title))).await?;
    note_event(tx, by, BuiltIn::Subscribed, group_id).await?;
    entries.push(entry(by, "subscription.started", Some(group_id)));
    Ok(true)
}

/// Takes a person out of a group. `false`: was not in it. What waits for a click must have been cancelled before the
/// person is held, see [`give_up`].
///
/// # Errors
/// The database is not available.
pub async fn unsubscribe(
    tx: &mut Tx,
    by: &By<'_>,
    group_id: GroupId,
    entries: &mut Vec<Entry>,
) -> Result<bool> {
    let left = tx
        .execute(
            "DELETE FROM group_members WHERE group_id = $1 AND person_id = $2",
            params![group_id, by.person_id],
        )
        .await?;
    if left == 0 {
        return Ok(false);
    }
    let title = find_title(tx, group_id).await?.unwrap_or_default();
    consent::note(tx, by, ConsentAct::Unsubscribed, Some((group_id, &title))).await?;
    note_event(tx, by, BuiltIn::Unsubscribed, group_id).await?;
    entries.push(entry(by, "subscription.ended", Some(group_id)));
    Ok(true)
}

async fn note_event(tx: &mut Tx, by: &By<'_>, what: BuiltIn, group_id: GroupId) -> Result<()> {
    event::note_group(tx, what, &[by.person_id], group_id, by.acting.person_id, by.now_ms).await
}

/// Notes that a person wants no more what it asked for and did not confirm. What waited must have been cancelled before
/// the person is held, see [`confirmation::cancel_subscriptions`].
///
/// # Errors
/// The database is not available.
pub async fn give_up(tx: &mut Tx, by: &By<'_>, group_id: GroupId, entries: &mut Vec<Entry>) -> Result<()> {
    let title = find_title(tx, group_id).await?.unwrap_or_default();
    consent::note(tx, by, ConsentAct::Unsubscribed, Some((group_id, &title))).await?;
    entries.push(entry(by, "subscription.ended", Some(group_id)));
    Ok(())
}

/// The person takes no mail any more but credential mail and mails about the own account; it leaves every group that is
/// offered, and waits for no confirmation. `false`: it was so already.
///
/// # Errors
/// The person is gone; the database is not available.
pub async fn stop_all(tx: &mut Tx, by: &By<'_>, entries: &mut Vec<Entry>) -> Result<bool> {
    confirmation::cancel_subscriptions(tx, by.person_id, None, by.now_ms).await?;
    hold(tx, by.person_id).await?;
    let sql = "UPDATE people SET unsubscribed_at = $2 WHERE id = $1 AND unsubscribed_at IS NULL";
    if tx.execute(sql, params![by.person_id, by.now_ms]).await? == 0 {
        return Ok(false);
    }
    for offer in list_offers(tx, by.person_id, by.now_ms).await? {
        // The reason stands once, with the whole.
        unsubscribe(tx, &By { reason: "", ..by.clone() }, offer.group_id, entries).await?;
    }
    consent::note(tx, by, ConsentAct::StoppedAll, None).await?;
    entries.push(entry(by, "subscription.all_ended", None));
    Ok(true)
}

/// The person takes mailings again; it is in none of the groups it left. `false`: it was so already.
///
/// # Errors
/// The person is gone; the database is not available.
pub async fn allow_again(tx: &mut Tx, by: &By<'_>, entries: &mut Vec<Entry>) -> Result<bool> {
    hold(tx, by.person_id).await?;
    let sql = "UPDATE people SET unsubscribed_at = NULL WHERE id = $1 AND unsubscribed_at IS NOT NULL";
    if tx.execute(sql, params![by.person_id]).await? == 0 {
        return Ok(false);
    }
    consent::note(tx, by, ConsentAct::AllowedAgain, None).await?;
    entries.push(entry(by, "subscription.all_allowed", None));
    Ok(true)
}

pub(crate) fn entry(by: &By<'_>, action: &'static str, group_id: Option<GroupId>) -> Entry {
    let mut detail = json!({ "way": by.way.as_str() });
    if let (Some(group), Some(particulars)) = (group_id, detail.as_object_mut()) {
        particulars.insert("group".into(), group.to_string().into());
    }
    by.acting.entry(action, "person", by.person_id, detail, by.now_ms)
}
