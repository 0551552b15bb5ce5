//! From trigger to delivery: what starts a run, who is in it, what is minted, mailed and recorded.
//!
//! **Cast.** A *trigger* ([`Flow::schedule`], [`Flow::start`]) begins a *run* and freezes its audience.
//! The worker ([`Flow::work`]) claims *recipients* in chunks, mints a *credential* for each, composes the
//! *message* and hands it to the relay; the recorder writes down each *delivery* and what follows from it.
//!
//! **Guarantees.** The intent is committed before anything leaves; no transaction is open while the
//! network is used; every claim carries a fencing number that is checked before content is written and in
//! every commit; an answer that is lost leaves both the old and the new password acceptable.

mod account_bounce;
mod account_fate;
mod account_lane;
mod account_letter;
mod activation;
mod approval;
mod bounce;
mod clock;
mod composers;
mod confirm_letter;
mod credential;
mod delivery;
mod desk;
mod event;
mod gate;
mod halt;
mod handover;
mod health;
mod leases;
pub mod mailing;
mod message;
mod notice;
mod notice_lane;
mod plan;
mod recipient;
mod recorder;
mod report;
mod run;
mod said;
mod settings;
mod single;
mod survey;
pub mod template;
mod trial;
mod trigger;
mod window;
mod worker;

pub use activation::Activation;
pub use approval::Approval;
pub use bounce::{Bounced, Why};
pub use clock::Clock;
pub use event::{Simulated, SimulatedJob, Simulation};
pub use health::Health;
pub use mail::mailbox;
pub use mail::mailing::{Starter, starter};
pub use mailing::{
    ArmMailing, Beside, Finding, MailingApproval, MailingError, MailingPreview, MailingTest, MailingWords,
    ShownTo, Weight,
};
pub use report::Report;
pub use run::{CorrectError, Preview, Refusal, RetryOf, StartError, StartRun};
pub use said::{Lacking, NotNow, Unsent};
pub use settings::{ClosingReport, Limits, NoticeSettings, Outlet, RelaySettings, ResetSettings, Settings};
pub use smtp::Stop;
pub use survey::{Found, Survey};
pub use trial::{TestError, Tested};

use auth::keys::Keys;
use gate::{Gate, Hold, Signs};
use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use tokio::sync::Notify;

/// The flow of one process. Cheap to clone; all clones share the gate to the relays.
#[derive(Debug, Clone)]
pub struct Flow {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Clock,
    pub(crate) gate: Arc<Gate>,
    pub(crate) signs: Arc<Signs>,
    pub(crate) holds: Arc<Mutex<HashMap<i64, Arc<Hold>>>>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) recorded: Arc<Notify>,
    pub(crate) arrived: Arc<Notify>,
    /// When old events were last looked for, milliseconds since 1970.
    pub(crate) swept_at: Arc<AtomicI64>,
}

impl Flow {
    /// Puts the flow together; nothing happens until [`Flow::work`] and [`Flow::schedule`].
    #[must_use]
    pub fn new(store: Store, keys: Keys, settings: Settings, clock: Clock) -> Self {
        let gate = Gate::new(&settings.outlet, clock.now_ms());
        Self {
            store,
            keys: Arc::new(keys),
            settings: Arc::new(settings),
            clock,
            gate: Arc::new(gate),
            signs: Arc::default(),
            holds: Arc::default(),
            wake: Arc::default(),
            recorded: Arc::default(),
            arrived: Arc::default(),
            swept_at: Arc::default(),
        }
    }

    /// The same flow; what it writes goes through this clone of the store.
    #[must_use]
    pub fn through(&self, store: Store) -> Self {
        Self { store, ..self.clone() }
    }

    /// The clock everything here goes by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What the flow was told.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Waits until a batch of answers was recorded: for live progress.
    pub async fn wait_for_progress(&self) {
        self.recorded.notified().await;
    }

    /// Whether messages of this process wait for their answer or its record.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        !self.holds.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(crate) fn sole_worker(&self) -> bool {
        self.settings.sole_worker
    }

    pub(crate) fn relay_name(&self, place: usize) -> &str {
        match &self.settings.outlet {
            Outlet::Mailbox(_) => "mailbox",
            Outlet::Relays(relays) => relays.get(place).map_or("", |relay| relay.name.as_str()),
        }
    }
}
