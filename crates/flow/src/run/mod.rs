//! Runs as operators deal with them: what starts one, what forbids it, what an operator can do to it.

mod correct;
mod kill_switch;
mod one_person;
mod start;
mod transition;

pub use correct::CorrectError;
pub use start::Preview;
pub use transition::RetryOf;

pub(crate) use start::{begin, check_run};
pub(crate) use transition::cancel_open;

use domain::id::AutomationId;
use domain::sentence::Sentence;
use store::{Acting, StoreError};

/// Starts a run of an automation.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// Which automation.
    pub automation: AutomationId,
    /// Who starts it.
    pub acting: Acting,
    /// The number of people the operator confirmed; `None`: not confirmed.
    pub confirmed: Option<i64>,
}

/// Why a run does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A rule forbids it; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rule that forbids a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The automation has no selection.
    #[error("the automation has no selection; a password job needs one, it never falls back to everyone")]
    NoSelection,
    /// The selection cannot be used.
    #[error("the selection cannot be used: {0}")]
    Selection(Sentence),
    /// Somebody who shaped the run has lost the system role.
    #[error("{0} no longer has a valid system role that allows this, so the run would have no rights")]
    NoRights(String),
    /// A run of the automation is not over yet.
    #[error("a run of this automation is not over yet; wait for it or cancel it")]
    AlreadyRunning,
    /// The audience is larger than allowed.
    #[error("{would_receive} people would receive a mail, a run may write to {limit} at most ({setting})")]
    TooMany {
        /// People who would receive a mail.
        would_receive: i64,
        /// The limit.
        limit: i64,
        /// Which setting.
        setting: &'static str,
    },
    /// The limit of a day would be passed.
    #[error(
        "{would_receive} people would receive a mail, of {limit} in 24 hours {used} are used (limits.people_per_day)"
    )]
    TooManyToday {
        /// People who would receive a mail.
        would_receive: i64,
        /// Mails of the last 24 hours.
        used: i64,
        /// The limit.
        limit: i64,
    },
    /// It needs the approval of a second operator.
    #[error(
        "{would_receive} people would receive a mail, above {above} ({setting}) a second operator must approve it: {lacking}"
    )]
    Unapproved {
        /// People who would receive a mail.
        would_receive: i64,
        /// Above so many people.
        above: i64,
        /// Which setting.
        setting: &'static str,
        /// Why there is no approval that holds.
        lacking: Sentence,
    },
    /// The number must be confirmed.
    #[error("{would_receive} people would receive a mail: confirm this number")]
    Unconfirmed {
        /// People who would receive a mail.
        would_receive: i64,
    },
    /// The run is not in a state for this.
    #[error("{0}")]
    NotNow(Sentence),
    /// The one person asked for would be left out; the reason by name.
    #[error("the person is left out: {}", explained(.0))]
    LeftOut(String),
    /// The kill switch is on.
    #[error("all sending is stopped; start it again first (passpost sending start)")]
    SendingStopped,
}

fn explained(reason: &str) -> &str {
    domain::recipient::Reason::parse(reason).map_or(reason, |known| known.explain())
}
