//! A reminder: another mailing, to those of a mailing who are not done.

use super::MailingError;
use super::plan::not_possible;
use crate::Flow;
use domain::mailing::{MailingState, NotPossible, Reminder, Settled};
use domain::pace::Pace;
use store::mailing::{self, Draft, Mailing};

/// The most characters of a mailing's name.
const MOST_NAME: usize = 100;

impl Flow {
    /// A reminder to be saved with [`Flow::create_mailing`]: the words and settings of the mailing it reminds of, a
    /// name of its own, nobody by name. Gives that mailing, too.
    ///
    /// # Errors
    /// The mailing has not started, is a reminder itself, or there is none.
    pub async fn draft_reminder(&self, reminder: Reminder) -> Result<(Draft, Mailing), MailingError> {
        let of = reminder.of;
        let before = self.store.read(move |tx| Box::pin(async move { mailing::get(tx, of).await })).await?;
        if before.reminder.is_some() {
            return Err(not_possible(NotPossible::OfReminder).into());
        }
        if before.state != MailingState::Started {
            return Err(not_possible(NotPossible::NotStarted).into());
        }
        let name = format!("{}: {}", called(before.words.language), before.name);
        let draft = Draft {
            name: name.chars().take(MOST_NAME).collect(),
            selection_id: None,
            settled: Settled::AtStart,
            late_until_at: None,
            // What was spread until a moment is over by now.
            pace: Pace { spread_until: None, ..before.pace.clone() },
            reminder: Some(reminder),
            ..Draft::of(&before)
        };
        Ok((draft, before))
    }
}

const fn called(language: domain::language::Language) -> &'static str {
    match language {
        domain::language::Language::En => "Reminder",
        domain::language::Language::De => "Erinnerung",
        domain::language::Language::Fr => "Rappel",
    }
}
