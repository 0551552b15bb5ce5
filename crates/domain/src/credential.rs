//! A credential: what a person proves. Here the mailed password, from candidate to its end.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// Where a mailed password stands. See docs/flow.md.
    CredentialState {
        /// Candidate: its hash is stored, the mail is on its way.
        Sending = "sending",
        /// The relay's answer was lost: acceptable, next to the old password.
        Unknown = "unknown",
        /// The relay took the mail: this is the password, once.
        Active = "active",
        /// It opened the set-a-new-password page and was replaced.
        Used = "used",
        /// Another one took its place.
        Retired = "retired",
        /// The mail never left.
        Dropped = "dropped",
    }
}

named! {
    /// How the hash of a mailed password is made (3-safety 4.2).
    Scheme {
        /// Single use, at least 112 bits: a keyed hash is enough (NIST SP 800-63B-4 §3.1.2.2).
        Hmac = "hmac-sha256",
        /// May be used again: a password-hashing scheme is required (§3.1.1.2).
        Argon2id = "argon2id",
    }
}

named! {
    /// What happens to the old password, and when.
    Mode {
        /// It dies when the relay accepted the mail.
        AfterAcceptance = "after_acceptance",
        /// It dies when the run reaches the person: after a breach.
        RevokeNow = "revoke_now",
        /// It lives until the new one is used.
        KeepUntilUsed = "keep_until_used",
    }
}

/// How many candidates a login looks at, whatever the account's state: one for each try of a run, so that the newest
/// mail opens however many tries after it were lost in crashes before anything left.
pub const CANDIDATE_SLOTS: usize = crate::delivery::MOST_ATTEMPTS as usize;

impl CredentialState {
    /// Whether a sign-in may still succeed with it, expiry aside.
    ///
    /// `Sending` counts: the relay may have the mail already while the record of its answer is on
    /// its way, and after a crash the candidate must stay acceptable.
    #[must_use]
    pub const fn is_acceptable(self) -> bool {
        matches!(self, Self::Sending | Self::Unknown | Self::Active)
    }
}
