//! Who makes a change: what the rank rules ask, and what the audit log keeps.

use crate::audit::Entry;
use domain::id::PersonId;
use domain::role::Rank;

/// How far the one who acts may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// The system itself, and the command line: whoever holds the machine holds everything.
    Whole,
    /// An operator of this rank.
    Ranked(Rank),
    /// A person about the own record, without any rank.
    Own,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The person; `None`: the system or the command line.
    pub person_id: Option<PersonId>,
    /// As what, as in [`Entry::actor`].
    pub actor: &'static str,
    /// How far.
    pub authority: Authority,
    /// The network it comes from; empty: this machine.
    pub network: String,
}

impl Acting {
    /// The system itself.
    #[must_use]
    pub const fn system() -> Self {
        Self { person_id: None, actor: "system", authority: Authority::Whole, network: String::new() }
    }

    /// Somebody at the command line of this machine.
    #[must_use]
    pub const fn command_line() -> Self {
        Self { person_id: None, actor: "command line", authority: Authority::Whole, network: String::new() }
    }

    /// A system user of this rank, from this network.
    #[must_use]
    pub const fn operator(person_id: PersonId, rank: Rank, network: String) -> Self {
        Self { person_id: Some(person_id), actor: "operator", authority: Authority::Ranked(rank), network }
    }

    /// A program with a key of this system user.
    #[must_use]
    pub const fn program(owner_id: PersonId, rank: Rank, network: String) -> Self {
        Self { person_id: Some(owner_id), actor: "program", authority: Authority::Ranked(rank), network }
    }

    /// Whether acting on somebody of this rank is allowed: contacts have none and stand below all.
    #[must_use]
    pub fn outranks(&self, rank: Option<Rank>) -> bool {
        match self.authority {
            Authority::Whole => true,
            Authority::Ranked(own) => rank.is_none_or(|rank| own > rank),
            Authority::Own => false,
        }
    }

    /// Whether a role of this rank may be given or made.
    #[must_use]
    pub fn may_give(&self, rank: Rank) -> bool {
        match self.authority {
            Authority::Whole => true,
            Authority::Ranked(own) => own >= rank,
            Authority::Own => false,
        }
    }

    /// The audit entry of something done by them.
    #[must_use]
    pub fn entry(
        &self,
        action: &'static str,
        subject_kind: &'static str,
        subject_id: impl ToString,
        detail: serde_json::Value,
        now_ms: i64,
    ) -> Entry {
        let entry = Entry::new(action, subject_kind, subject_id, detail, now_ms).from_network(&self.network);
        Entry { actor_id: self.person_id.map(|id| id.0), actor: self.actor, ..entry }
    }
}
