//! What every handler may use.

use crate::console::Verifier;
use crate::{Installation, Live, Refusals, Settings};
use auth::Auth;
use flow::Flow;
use flow::mailbox::Mailbox;
use std::fmt;
use std::sync::Arc;
use store::Store;

/// Where the time comes from, in milliseconds since 1970: the system in the program, a fixed value in
/// tests.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What every handler may use; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The database, for what pages show.
    pub store: Store,
    /// Who may act.
    pub auth: Auth,
    /// What mails: starting, previewing and stopping runs.
    pub flow: Flow,
    /// The mailbox inside the program, while it is the relay.
    pub mailbox: Option<Arc<Mailbox>>,
    /// What the installation is called and how it is reached.
    pub settings: Arc<Settings>,
    /// What the installation runs with, for the page that shows it.
    pub installation: Arc<Installation>,
    /// The runs that pages watch.
    pub live: Live,
    /// The verification of the audit log that was asked for last.
    pub verifier: Verifier,
    /// The refusals of this minute that the audit log has.
    pub refusals: Refusals,
    /// Where the time comes from.
    pub clock: Clock,
}

impl State {
    /// Now, in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("settings", &self.settings).finish_non_exhaustive()
    }
}
