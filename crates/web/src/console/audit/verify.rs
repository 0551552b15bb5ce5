//! Verifying the chain of the log: in the background, a thousand entries at a time, one verification in a process.

use crate::console::grouped;
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use axum::response::Response;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::audit::{self, Checked, Verified};
use store::{Store, StoreError};

/// A short log is verified before the page is there.
const PATIENCE: Duration = Duration::from_millis(1_500);
const LOOK: Duration = Duration::from_millis(50);

/// The verification that was asked for last in this process; cheap to clone.
#[derive(Clone, Default)]
pub struct Verifier(Arc<Mutex<Option<Verification>>>);

#[derive(Debug, Clone, Default)]
struct Verification {
    /// Entries in order so far.
    checked: i64,
    found: Option<Found>,
}

#[derive(Debug, Clone)]
enum Found {
    Verified {
        verified: Verified,
        at_ms: i64,
    },
    /// The database went away.
    Failed,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verifier").field(&*self.lock()).finish()
    }
}

impl Verifier {
    fn lock(&self) -> MutexGuard<'_, Option<Verification>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_under_way(&self) -> bool {
        self.lock().as_ref().is_some_and(|one| one.found.is_none())
    }

    /// Begins, unless it is under way: whoever asks meanwhile gets the same answer.
    fn begin(&self, store: Store, now: crate::state::Clock) {
        let mut current = self.lock();
        if current.as_ref().is_some_and(|one| one.found.is_none()) {
            return;
        }
        *current = Some(Verification::default());
        let own = self.clone();
        tokio::spawn(async move {
            let found = match own.follow(&store).await {
                Ok(verified) => Found::Verified { verified, at_ms: now() },
                Err(error) => {
                    tracing::error!(%error, "the audit log could not be verified");
                    Found::Failed
                }
            };
            if let Some(current) = own.lock().as_mut() {
                current.found = Some(found);
            }
        });
    }

    async fn follow(&self, store: &Store) -> Result<Verified, StoreError> {
        let mut so_far = Checked::default();
        while !so_far.is_over {
            // A reader for each piece: nobody else waits for a long log.
            so_far = store.read(move |tx| Box::pin(async move { audit::check(tx, so_far).await })).await?;
            if let Some(current) = self.lock().as_mut() {
                current.checked = so_far.number;
            }
        }
        Ok(so_far.verified())
    }
}

/// What the page says of the verification.
#[derive(Debug)]
pub(super) struct Standing {
    /// `good`, `bad`, or nothing.
    pub(super) tone: &'static str,
    /// Empty: none was asked for.
    pub(super) text: String,
    /// The hash of the last entry, to be kept elsewhere.
    pub(super) head: String,
    pub(super) is_under_way: bool,
}

impl Standing {
    pub(super) fn of(operator: &Operator) -> Self {
        let words = operator.context.words;
        let none = Self { tone: "", text: String::new(), head: String::new(), is_under_way: false };
        let Some(current) = operator.state().verifier.lock().clone() else { return none };
        let checked = grouped(current.checked);
        match current.found {
            None => Self { text: words.fill("audit-checking", "n", &checked), is_under_way: true, ..none },
            Some(Found::Failed) => Self { tone: "warn", text: words.say("audit-check-failed"), ..none },
            Some(Found::Verified { verified, at_ms }) => {
                let at = operator.at(at_ms);
                match verified.broken_at {
                    None => Self {
                        tone: "good",
                        text: words.say_with("audit-in-order", &[("n", &checked), ("time", &at)]),
                        head: verified.head,
                        ..none
                    },
                    Some(broken) => Self {
                        tone: "bad",
                        text: words.say_with("audit-broken", &[("n", &grouped(broken)), ("time", &at)]),
                        ..none
                    },
                }
            }
        }
    }
}

/// POST /console/audit/verify
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let state = operator.state();
    state.verifier.begin(state.store.clone(), Arc::clone(&state.clock));
    let waited = async {
        while state.verifier.is_under_way() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, waited).await;
    Ok(page::go("/console/audit"))
}
