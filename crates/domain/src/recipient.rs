//! A recipient: one person in one run, with a state and, when left out, a reason.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! named {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every one, in the order reports show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// As stored, as in the API and in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
            /// The one of this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where a recipient stands. See docs/flow.md for every way from one state to another.
    RecipientState {
        /// In the audience, not yet claimed.
        Planned = "planned",
        /// In the hands of a worker; a candidate may be stored.
        Sending = "sending",
        /// The relay took the mail: the new password counts.
        Accepted = "accepted",
        /// The relay asked to come back later, or could not be reached.
        Deferred = "deferred",
        /// The relay refused for good: the old password counts.
        Refused = "refused",
        /// Accepted, then returned.
        Bounced = "bounced",
        /// The relay's answer was lost: old and new password both count.
        Unknown = "unknown",
        /// Not written to; the reason says why.
        LeftOut = "left_out",
        /// The run was cancelled before this person's turn.
        Cancelled = "cancelled",
    }
}

impl RecipientState {
    /// Whether the run still has something to do for this person.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Sending | Self::Deferred)
    }
}

named! {
    /// Why a person of the audience is not written to.
    Reason {
        /// A system user ranked above the run's effective rank.
        HigherRank = "higher_rank",
        /// A program; its API keys are untouched.
        ApiUser = "api_user",
        /// Person and program in one, and the automation does not name it.
        HybridUser = "hybrid_user",
        /// The operator who owns the automation or started the run.
        ActingOperator = "acting_operator",
        /// The last Owner who can sign in.
        LastAdministrator = "last_administrator",
        /// Nowhere to write to.
        NoAddress = "no_address",
        /// Mail to the address came back, or the address cannot be written to.
        Undeliverable = "undeliverable",
        /// Has a system role: the job is for contacts.
        SystemUser = "system_user",
        /// Has no system role: the job is for system users.
        Contact = "contact",
        /// The person is blocked.
        Blocked = "blocked",
        /// The system user's account has expired.
        Expired = "expired",
        /// A password was mailed a short while ago.
        RecentlyMailed = "recently_mailed",
        /// Has set a password since the mailing this one reminds of.
        AlreadyDone = "already_done",
        /// Already in this audience.
        Duplicate = "duplicate",
        /// The person was erased after the audience was frozen.
        Gone = "gone",
    }
}

impl Reason {
    /// The reason in a sentence for reports.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::HigherRank => "ranks above the owner of the automation",
            Self::ApiUser => "API user: a program, not a person",
            Self::HybridUser => "hybrid user not confirmed by name in the automation",
            Self::ActingOperator => "the operator behind this run",
            Self::LastAdministrator => "the last Owner",
            Self::NoAddress => "no mail address",
            Self::Undeliverable => "mail to this address does not arrive",
            Self::SystemUser => "has a system role; use the job for system users",
            Self::Contact => "has no system role; use the job for contacts",
            Self::Blocked => "blocked",
            Self::Expired => "account expired",
            Self::RecentlyMailed => "was mailed a password recently",
            Self::AlreadyDone => "has set a password already",
            Self::Duplicate => "already in this audience",
            Self::Gone => "no longer in the databank",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_reason_is_found_by_its_name() {
        for state in RecipientState::ALL {
            assert_eq!(RecipientState::parse(state.as_str()), Some(*state));
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
        }
    }
}
