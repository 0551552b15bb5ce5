//! A run: one execution with its frozen audience.

use crate::recipient::{Reason, named};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

named! {
    /// Where a run stands. See docs/flow.md.
    RunState {
        /// The audience is being frozen.
        Preparing = "preparing",
        /// Workers claim its recipients.
        Running = "running",
        /// Stopped by an operator or by itself; nothing is lost.
        Paused = "paused",
        /// Every recipient is settled.
        Finished = "finished",
        /// Ended by an operator; the rest was not written to.
        Cancelled = "cancelled",
        /// It could not begin, and wrote to nobody.
        Failed = "failed",
    }
}

impl RunState {
    /// Whether nothing more happens.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed)
    }
}

/// How many people of a run stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Everyone in the audience.
    pub total: i64,
    /// Not written to, each with a reason.
    pub left_out: i64,
    /// Taken by the relay.
    pub accepted: i64,
    /// To be tried again.
    pub deferred: i64,
    /// Refused for good.
    pub refused: i64,
    /// The relay's answer was lost.
    pub unknown: i64,
    /// The run was cancelled before their turn.
    pub cancelled: i64,
}

impl Counts {
    /// How many have not had their turn yet.
    #[must_use]
    pub const fn waiting(&self) -> i64 {
        self.total - self.left_out - self.settled() - self.deferred
    }
    /// How many are done with, well or badly.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.accepted + self.refused + self.unknown + self.cancelled
    }
}

/// What a dry run finds: who would be written to and who would not, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Everyone the selection finds.
    pub total: i64,
    /// Who would receive a mail.
    pub would_receive: i64,
    /// How many would be left out, by reason.
    pub left_out: BTreeMap<Reason, i64>,
}
