//! What an event means for an automation that listens to it: a job that waits, was done, or why there is none.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// Where it stands.
    EventJobState {
        /// Waits for its delay, for an allowed day and hour, or for its turn.
        Waiting = "waiting",
        /// Became part of a run; what happened to the person there is the recipient's.
        Executed = "executed",
        /// Nothing is done, and why.
        NotActedOn = "not_acted_on",
        /// Waited and was called off, and why.
        Cancelled = "cancelled",
    }
}

named! {
    /// Why nothing is done, or is done no more.
    EventJobReason {
        /// The automation was not active.
        Inactive = "inactive",
        /// The event came before the start or after the end of the time frame.
        OutsideFrame = "outside_frame",
        /// A setting or condition of the automation was not met.
        ConditionNotMet = "condition_not_met",
        /// The event names nobody the job could be done to.
        Nobody = "nobody",
        /// The event names somebody who is not in the databank.
        UnknownPerson = "unknown_person",
        /// The automation itself led to this event.
        Cycle = "cycle",
        /// Too many automations led to this event, one after the other.
        ChainTooLong = "chain_too_long",
        /// The person is not in the selection.
        NotInSelection = "not_in_selection",
        /// Who caused the event is not in the selection, or nobody did.
        CauserNotInSelection = "causer_not_in_selection",
        /// The person was erased.
        Gone = "gone",
        /// Its run could not begin.
        Failed = "failed",
        /// The automation was deactivated.
        Deactivated = "deactivated",
        /// The automation was removed.
        Removed = "removed",
        /// It was due after the end of the time frame.
        FrameOver = "frame_over",
    }
}

impl EventJobReason {
    /// The reason in a sentence for reports.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Inactive => "the automation was not active",
            Self::OutsideFrame => "the event came outside the time frame",
            Self::ConditionNotMet => "a setting or condition of the automation was not met",
            Self::Nobody => "the event names nobody the job could be done to",
            Self::UnknownPerson => "the event names somebody who is not in the databank",
            Self::Cycle => "the automation itself led to this event",
            Self::ChainTooLong => "too many automations led to this event",
            Self::NotInSelection => "the person is not in the selection",
            Self::CauserNotInSelection => "who caused the event is not in the selection",
            Self::Gone => "the person is no longer in the databank",
            Self::Failed => "the run could not begin",
            Self::Deactivated => "the automation was deactivated",
            Self::Removed => "the automation was removed",
            Self::FrameOver => "it was due after the end of the time frame",
        }
    }
}

/// The most automations that may lead to an event one after the other before nothing more is done (requirement E8).
pub const LONGEST_CHAIN: usize = 5;
