//! A mailing with its reminders, and the runs of all of them.

use crate::error::Result;
use crate::{Tx, params};
use domain::id::{MailingId, RecipientId};

/// The runs of a mailing and of its reminders, as ranges of recipients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Family {
    /// Runs of the mailing itself.
    pub own: Vec<(RecipientId, RecipientId)>,
    /// Runs of its reminders.
    pub reminders: Vec<(RecipientId, RecipientId)>,
}

impl Family {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (RecipientId, RecipientId)> {
        self.own.iter().chain(&self.reminders).copied()
    }
}

/// Reads the runs of a mailing and of its reminders.
///
/// # Errors
/// The database is not available.
pub async fn family(tx: &mut Tx, root: MailingId) -> Result<Family> {
    let rows = tx
        .query(
            "SELECT r.number, r.mailing_id FROM runs r WHERE r.mailing_id = $1
                OR r.mailing_id IN (SELECT m.id FROM mailings m WHERE m.reminder_of = $1) ORDER BY r.number",
            params![root],
        )
        .await?;
    let mut family = Family::default();
    for mut row in rows {
        let bounds = RecipientId::bounds(row.take(0)?);
        let mailing: MailingId = row.take(1)?;
        let side = if mailing == root { &mut family.own } else { &mut family.reminders };
        side.push(bounds);
    }
    Ok(family)
}

/// `column BETWEEN … OR …` over ranges, as text: ids are numbers of our own. Without a range nothing fits.
pub(super) fn within(column: &str, ranges: impl IntoIterator<Item = (RecipientId, RecipientId)>) -> String {
    let parts: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| format!("{column} BETWEEN {} AND {}", first.0, last.0))
        .collect();
    if parts.is_empty() { "FALSE".to_owned() } else { format!("({})", parts.join(" OR ")) }
}
