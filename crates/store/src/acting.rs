//! Who makes a change: what the rank rules ask, and what the audit log keeps.

use crate::audit::Entry;
use crate::error::{Result, StoreError};
use domain::id::{ApiKeyId, PersonId};
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
    /// The person; `None`: the system, or nobody in particular at the command line.
    pub person_id: Option<PersonId>,
    /// As what, as in [`Entry::actor`].
    pub actor: &'static str,
    /// How far.
    pub authority: Authority,
    /// The key of a program; nobody else has one.
    pub key_id: Option<ApiKeyId>,
    /// The network it comes from; empty: this machine.
    pub network: String,
}

impl Acting {
    /// The system itself.
    #[must_use]
    pub const fn system() -> Self {
        Self::of(None, "system", Authority::Whole)
    }

    /// Somebody at the command line of this machine.
    #[must_use]
    pub const fn command_line() -> Self {
        Self::of(None, "command line", Authority::Whole)
    }

    /// Somebody at the command line who acts as this system user.
    #[must_use]
    pub const fn command_line_as(person_id: PersonId, rank: Rank) -> Self {
        Self::of(Some(person_id), "command line", Authority::Ranked(rank))
    }

    /// A system user of this rank, from this network.
    #[must_use]
    pub fn operator(person_id: PersonId, rank: Rank, network: String) -> Self {
        Self { network, ..Self::of(Some(person_id), "operator", Authority::Ranked(rank)) }
    }

    /// An operator about the own record, whose role gives no rank (any more).
    #[must_use]
    pub fn unranked(person_id: PersonId, network: String) -> Self {
        Self { network, ..Self::of(Some(person_id), "operator", Authority::Own) }
    }

    /// A recipient about the own record, from this network.
    #[must_use]
    pub fn recipient(person_id: PersonId, network: String) -> Self {
        Self { network, ..Self::of(Some(person_id), "recipient", Authority::Own) }
    }

    /// A recipient who showed by a link that a mailbox is the own one: that confirms an address.
    #[must_use]
    pub fn mailbox_owner(person_id: PersonId, network: String) -> Self {
        Self { network, ..Self::of(Some(person_id), "recipient", Authority::Whole) }
    }

    /// A program with this key of this system user.
    #[must_use]
    pub fn program(owner_id: PersonId, rank: Rank, key_id: ApiKeyId, network: String) -> Self {
        let program = Self::of(Some(owner_id), "program", Authority::Ranked(rank));
        Self { key_id: Some(key_id), network, ..program }
    }

    const fn of(person_id: Option<PersonId>, actor: &'static str, authority: Authority) -> Self {
        Self { person_id, actor, authority, key_id: None, network: String::new() }
    }

    /// The person, for what must belong to somebody or count as somebody's work.
    ///
    /// # Errors
    /// Nobody in particular acts; whoever calls this has to name somebody.
    pub fn person(&self) -> Result<PersonId> {
        let nobody = || StoreError::Defect(format!("the {} does this as nobody in particular", self.actor));
        self.person_id.ok_or_else(nobody)
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

    /// How somebody came in whom they create: `console`, `api` or `command_line`.
    #[must_use]
    pub fn origin(&self) -> &'static str {
        match self.actor {
            "program" => "api",
            "command line" | "system" => "command_line",
            _ => "console",
        }
    }

    /// The audit entry of something done by them. The key of a program stands among the particulars, as `key`.
    #[must_use]
    pub fn entry(
        &self,
        action: &'static str,
        subject_kind: &'static str,
        subject_id: impl ToString,
        mut detail: serde_json::Value,
        now_ms: i64,
    ) -> Entry {
        if let (Some(key), Some(particulars)) = (self.key_id, detail.as_object_mut()) {
            particulars.insert("key".into(), key.to_string().into());
        }
        let entry = Entry::new(action, subject_kind, subject_id, detail, now_ms).from_network(&self.network);
        Entry { actor_id: self.person_id.map(|id| id.0), actor: self.actor, ..entry }
    }
}
