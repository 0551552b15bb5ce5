//! Whether a mailing is recent: then many people of one network ask for links at once, and mean no harm.

use crate::{Auth, AuthError};
use std::sync::{Mutex, PoisonError};
use store::{StoreError, run};

/// How long an answer counts, in milliseconds.
const COUNTS_MS: i64 = 5_000;

/// The last answer of the database and when it was given. Asking for a link looks at it for known and unknown names
/// alike.
#[derive(Debug, Default)]
pub(crate) struct MailingWatch(Mutex<Option<(i64, bool)>>);

impl MailingWatch {
    fn known(&self, now_ms: i64) -> Option<bool> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An answer from the future comes from a clock that was set back.
        last.filter(|(at, _)| (0..COUNTS_MS).contains(&(now_ms - at))).map(|(_, is)| is)
    }

    fn note(&self, now_ms: i64, is_recent: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now_ms, is_recent));
    }
}

impl Auth {
    /// Whether a mailing runs, or was over a short while ago; true for a few seconds too long, or too late.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn is_mailing_recent(&self, now_ms: i64) -> Result<bool, AuthError> {
        if let Some(known) = self.mailing.known(now_ms) {
            return Ok(known);
        }
        let since = now_ms - self.resets.mailing_recent_ms;
        let asked: Result<bool, StoreError> =
            self.store.read(move |tx| Box::pin(async move { run::is_mailing_recent(tx, since).await })).await;
        let is_recent = asked?;
        self.mailing.note(now_ms, is_recent);
        Ok(is_recent)
    }
}
