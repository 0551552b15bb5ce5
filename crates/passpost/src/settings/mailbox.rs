//! The mailbox inside the program: the relay while no other is set.

use super::problem::Problems;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    keep_messages: u32,
}

impl Default for Raw {
    fn default() -> Self {
        Self { keep_messages: 10_000 }
    }
}

/// How much the mailbox keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mailbox {
    /// The newest messages kept in memory.
    pub(crate) keep_messages: usize,
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Mailbox> {
    let keep = problems.within("mailbox.keep_messages", raw.keep_messages, 1..=1_000_000);
    usize::try_from(keep).ok().map(|keep_messages| Mailbox { keep_messages })
}
