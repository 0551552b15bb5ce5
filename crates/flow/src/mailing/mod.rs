//! Mailings as operators work with them: saved, looked at, armed with a start time, begun when it comes.
//!
//! A mailing becomes a run like any other: its words, sender, pace and audience are frozen, and from there on the worker
//! does with it what it does with every run. Whoever saved the start time stands behind the run; the ranks of everyone
//! who shaped the mailing or its selection bound it.

mod approval;
mod arm;
mod begin;
mod beside;
mod check;
mod plan;
mod remind;
mod save;
mod show;
mod trial;

pub use approval::MailingApproval;
pub use arm::ArmMailing;
pub use beside::Beside;
pub use check::{Finding, Weight};
pub use mail::mailing::{Starter, available, starter};
pub use save::MailingWords;
pub use show::{MailingPreview, ShownTo};
pub use trial::MailingTest;

use crate::run::{Refusal, StartError};
use crate::template::Problem;
use domain::mailing::Unfit;
use domain::pace::UnfitPace;
use domain::sentence::Sentence;
use store::{ChangeError, StoreError};

/// Why something is not done with a mailing.
#[derive(Debug, thiserror::Error)]
pub enum MailingError {
    /// Fields are wrong; every one of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unfit(Vec<Unfit>),
    /// The pace is wrong.
    #[error("{0}")]
    Pace(UnfitPace),
    /// The words cannot be mailed; every place.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Words(Vec<Problem>),
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be changed so.
    #[error(transparent)]
    Change(#[from] store::Refusal),
    /// The mail cannot be composed.
    #[error("{0}")]
    NotComposed(Sentence),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError> for MailingError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Change(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<StartError> for MailingError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Refused(refusal) => Self::Refused(refusal),
            StartError::Store(error) => Self::Store(error),
        }
    }
}
