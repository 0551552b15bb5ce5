//! Saving a mailing: what it says, how it goes, whom it reminds; out of sight, or away.

use super::{Mailing, json, lock, missing, note};
use crate::acting::Acting;
use crate::error::Result;
use crate::{ChangeResult, Refusal, Tx, counter, params};
use domain::automation::SendNewPassword;
use domain::id::{MailingId, PersonId, SelectionId};
use domain::mailing::{
    Intent, LINK_HOURS, MailingState, NotPossible, Reminder, Settled, Unfit, Words, check_folder,
    check_link_hours, check_name,
};
use domain::pace::Pace;
use serde_json::json;

/// Everything an operator writes about a mailing but its start time and the people by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The folder; empty: none.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub intent: Intent,
    /// Who sends it and what it says.
    pub words: Words,
    /// The HTML part the source became; whoever saves has had it made.
    pub html: String,
    /// How long a personal link is good for, in hours.
    pub link_hours: u32,
    /// The settings of a forced password.
    pub password: SendNewPassword,
    /// How fast it may go.
    pub pace: Pace,
    /// The selection whose people it goes to.
    pub selection_id: Option<SelectionId>,
    /// When its audience is settled.
    pub settled: Settled,
    /// Until when late joiners are mailed, too.
    pub late_until_at: Option<i64>,
    /// Whom it reminds, if it reminds.
    pub reminder: Option<Reminder>,
    /// So many days after its end its people are forgotten.
    pub keep_days: Option<i64>,
}

impl Draft {
    /// A mailing that says this and has nobody to go to yet; everything else as it is unless said otherwise.
    #[must_use]
    pub fn new(name: String, intent: Intent, words: Words) -> Self {
        Self {
            folder: String::new(),
            name,
            intent,
            words,
            html: String::new(),
            link_hours: LINK_HOURS,
            password: SendNewPassword::default(),
            pace: Pace::default(),
            selection_id: None,
            settled: Settled::WhenArmed,
            late_until_at: None,
            reminder: None,
            keep_days: None,
        }
    }

    /// What a mailing is made of, to change some of it or to start another one from it.
    #[must_use]
    pub fn of(mailing: &Mailing) -> Self {
        Self {
            folder: mailing.folder.clone(),
            name: mailing.name.clone(),
            intent: mailing.intent,
            words: mailing.words.clone(),
            html: mailing.html.clone(),
            link_hours: mailing.link_hours,
            password: mailing.password.clone(),
            pace: mailing.pace.clone(),
            selection_id: mailing.selection_id,
            settled: mailing.settled,
            late_until_at: mailing.late_until_at,
            reminder: mailing.reminder.clone(),
            keep_days: mailing.keep_days,
        }
    }
}

/// Checks what can be checked without looking at the words; a draft may still lack what arming asks for.
///
/// # Errors
/// Says what would be right.
pub fn check_draft(draft: &Draft) -> std::result::Result<(), Unfit> {
    check_name(&draft.name)?;
    check_folder(&draft.folder)?;
    check_link_hours(draft.link_hours)?;
    draft.reminder.as_ref().map_or(Ok(()), Reminder::check)
}

/// Creates a mailing of the person who acts, as a draft; gives its number.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    draft: &Draft,
    time_zone: &str,
    now_ms: i64,
) -> Result<i64> {
    let owner = acting.person()?;
    let number = counter::next(tx, "mailing").await?;
    tx.execute(
        "INSERT INTO mailings (id, number, folder, name, intent, words, html, link_hours, password, pace, selection_id,
            settled, late_until_at, reminder_of, reminder, time_zone, state, owner_id, editors, archived, keep_days,
            created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'draft', $17, $18, FALSE, $19,
            $20, $20)",
        params![
            id,
            number,
            draft.folder.trim(),
            draft.name.trim(),
            draft.intent.as_str(),
            json(&draft.words)?,
            draft.html.as_str(),
            i64::from(draft.link_hours),
            json(&draft.password)?,
            json(&draft.pace)?,
            draft.selection_id,
            draft.settled.as_str(),
            draft.late_until_at,
            draft.reminder.as_ref().map(|reminder| reminder.of),
            draft.reminder.as_ref().map(json).transpose()?,
            time_zone,
            owner,
            json(&[owner])?,
            draft.keep_days,
            now_ms
        ],
    )
    .await?;
    note(tx, acting, "mailing.created", id, json!({ "number": number }), now_ms).await?;
    Ok(number)
}

/// Saves a mailing again; one that was armed, called off or failed is a draft by it. Whoever does it bounds the rights
/// of its run.
///
/// # Errors
/// It has started, or there is none.
pub async fn update(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    draft: &Draft,
    now_ms: i64,
) -> ChangeResult<()> {
    let before = lock(tx, id).await?;
    if !before.state.is_editable() {
        return Err(barred(NotPossible::Started));
    }
    let editors = with_editor(before.editors, acting.person()?);
    tx.execute(
        "UPDATE mailings SET folder = $2, name = $3, intent = $4, words = $5, html = $6, link_hours = $7,
            password = $8, pace = $9, selection_id = $10, settled = $11, late_until_at = $12, reminder_of = $13,
            reminder = $14, editors = $15, keep_days = $16, updated_at = $17, state = 'draft', cause = NULL,
            next_at = NULL, armed_at = NULL
         WHERE id = $1",
        params![
            id,
            draft.folder.trim(),
            draft.name.trim(),
            draft.intent.as_str(),
            json(&draft.words)?,
            draft.html.as_str(),
            i64::from(draft.link_hours),
            json(&draft.password)?,
            json(&draft.pace)?,
            draft.selection_id,
            draft.settled.as_str(),
            draft.late_until_at,
            draft.reminder.as_ref().map(|reminder| reminder.of),
            draft.reminder.as_ref().map(json).transpose()?,
            json(&editors)?,
            draft.keep_days,
            now_ms
        ],
    )
    .await?;
    super::transition::forget_found(tx, id).await?;
    Ok(note(tx, acting, "mailing.saved", id, json!({}), now_ms).await?)
}

/// A change that cannot be made now.
pub(super) fn barred(why: NotPossible) -> crate::ChangeError {
    Refusal::State(why.into()).into()
}

/// Whoever changes the recipients of a mailing shapes it, too: one that was armed, called off or failed is a draft by it.
pub(super) async fn reopen(tx: &mut Tx, acting: &Acting, id: MailingId, now_ms: i64) -> ChangeResult<()> {
    let before = lock(tx, id).await?;
    if !before.state.is_editable() {
        return Err(barred(NotPossible::Started));
    }
    if before.reminder.is_some() {
        return Err(barred(NotPossible::Family));
    }
    let editors = with_editor(before.editors, acting.person()?);
    tx.execute(
        "UPDATE mailings SET state = 'draft', cause = NULL, next_at = NULL, armed_at = NULL, editors = $2,
            updated_at = $3
         WHERE id = $1",
        params![id, json(&editors)?, now_ms],
    )
    .await?;
    Ok(super::transition::forget_found(tx, id).await?)
}

/// Everyone who shaped something, with one more.
pub(super) fn with_editor(mut editors: Vec<PersonId>, editor: PersonId) -> Vec<PersonId> {
    if !editors.contains(&editor) {
        editors.push(editor);
    }
    editors
}

/// Puts a mailing out of sight, or back. One that is armed cannot be put away.
///
/// # Errors
/// It is armed, or there is none.
pub async fn archive(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    archived: bool,
    now_ms: i64,
) -> ChangeResult<()> {
    if archived && lock(tx, id).await?.state == MailingState::Armed {
        return Err(barred(NotPossible::Armed));
    }
    let sql = "UPDATE mailings SET archived = $2, updated_at = $3 WHERE id = $1";
    if tx.execute(sql, params![id, archived, now_ms]).await? == 0 {
        return Err(missing().into());
    }
    let action = if archived { "mailing.archived" } else { "mailing.restored" };
    Ok(note(tx, acting, action, id, json!({}), now_ms).await?)
}

/// Removes a mailing that never started.
///
/// # Errors
/// It has started, reminders of it exist, or there is none.
pub async fn remove(tx: &mut Tx, acting: &Acting, id: MailingId, now_ms: i64) -> ChangeResult<()> {
    let mailing = lock(tx, id).await?;
    if mailing.started_at.is_some() {
        return Err(barred(NotPossible::Ran));
    }
    if !super::list_reminders(tx, id).await?.is_empty() {
        return Err(barred(NotPossible::Reminded));
    }
    tx.execute("DELETE FROM mailings WHERE id = $1", params![id]).await?;
    Ok(note(tx, acting, "mailing.removed", id, json!({ "number": mailing.number }), now_ms).await?)
}
