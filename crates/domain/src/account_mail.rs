//! An account mail: a mail to a person about the own account that this person caused, or somebody who claims to be
//! this person. It never waits behind a run.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// What it is about.
    AccountMailKind {
        /// The personal links of everybody with a mailbox, because somebody asked at the page for it.
        ResetLink = "reset_link",
        /// The word that a password was changed.
        PasswordChanged = "password_changed",
        /// The link to a new address, which is not used before it was followed.
        ConfirmAddress = "confirm_address",
        /// The word to the old address that another one was asked for, and how to object.
        AddressChanging = "address_changing",
        /// The link that confirms subscriptions.
        ConfirmSubscription = "confirm_subscription",
        /// The word that the account is asked to be erased.
        DeletionAsked = "deletion_asked",
    }
}

named! {
    /// How it ended.
    AccountMailOutcome {
        /// The relay took it.
        Accepted = "accepted",
        /// Refused for good, or tried too often.
        GivenUp = "given_up",
        /// Too many were asked for this mailbox.
        Absorbed = "absorbed",
        /// Nobody with this mailbox may or can get it.
        LeftOut = "left_out",
    }
}

named! {
    /// Why somebody gets no personal link, although the account was named.
    NoLink {
        /// The person has no address.
        NoAddress = "no_address",
        /// Mail to the address came back.
        Undeliverable = "undeliverable",
        /// The person is blocked.
        Blocked = "blocked",
        /// The system user is past its end.
        Expired = "expired",
        /// A program: it has keys, not passwords.
        Program = "program",
    }
}

/// How long a personal link is good for unless the settings say otherwise, in milliseconds (3-safety 4.1).
pub const LINK_LIFE_MS: i64 = 30 * 60_000;
/// Live links of one account; a newer one retires the oldest (3-safety 4.1).
pub const MOST_LIVE_LINKS: i64 = 3;
/// Tries before an account mail is given up.
pub const MOST_ATTEMPTS: i64 = 6;

/// How long to wait before the next try, after so many: somebody stands before a screen and waits for it.
#[must_use]
pub const fn backoff_ms(tried: i64) -> i64 {
    match tried {
        ..=1 => 10_000,
        2 => 30_000,
        3 => 2 * 60_000,
        4 => 5 * 60_000,
        _ => 15 * 60_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_close_at_first_and_over_within_half_an_hour() {
        let waits: Vec<i64> = (1..MOST_ATTEMPTS).map(backoff_ms).collect();
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
        assert!(waits.iter().sum::<i64>() < LINK_LIFE_MS, "{waits:?}");
    }
}
