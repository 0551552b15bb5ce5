//! Identifiers: one type for each kind of record, so that no id can stand in for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Makes a UUIDv7 (RFC 9562 §5.7) from a time in milliseconds since 1970 and ten random bytes.
///
/// Version 7 sorts by time of creation, which keeps the databases' indexes dense.
#[must_use]
pub fn uuid_v7(now_ms: i64, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now_ms.max(0).unsigned_abs(), &random).into_uuid()
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh, time-ordered id; see [`uuid_v7`].
            #[must_use]
            pub fn generate(now_ms: i64, random: [u8; 10]) -> Self {
                Self(uuid_v7(now_ms, random))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

uuid_ids! {
    /// One record of the databank.
    PersonId,
    /// A membership list.
    GroupId,
    /// A role with a rank and permissions.
    RoleId,
    /// A saved filter over people.
    SelectionId,
    /// A trigger with a job.
    AutomationId,
    /// A one-off mail with recipients and a start time.
    MailingId,
    /// One execution with its frozen audience.
    RunId,
    /// What a person proves: a mailed password or, later, a personal link.
    CredentialId,
    /// A signed-in browser.
    SessionId,
    /// A mail to an operator.
    NoticeId,
    /// What a program shows instead of a password.
    ApiKeyId,
    /// A mail to a person about the own account.
    AccountMailId,
    /// What waits for a click in a mailbox.
    ConfirmationId,
}

/// One person in one run.
///
/// The number is made of the run's own number (upper 32 bits) and the place in its audience
/// (lower 32 bits), so that the recipients of a run lie side by side in the database and a chunk of
/// them is a range of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecipientId(pub i64);

impl RecipientId {
    /// The id at a place (from 1) in the audience of the run with this number.
    #[must_use]
    pub const fn new(run_number: i64, position: u32) -> Self {
        Self((run_number << 32) | position as i64)
    }
    /// The number of the run it belongs to.
    #[must_use]
    pub const fn run_number(self) -> i64 {
        self.0 >> 32
    }
    /// Its place in the audience, from 1.
    #[must_use]
    pub const fn position(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }
    /// The first and the last id a run with this number can have.
    #[must_use]
    pub const fn bounds(run_number: i64) -> (Self, Self) {
        (Self::new(run_number, 0), Self::new(run_number, u32::MAX))
    }
}

impl fmt::Display for RecipientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run_number(), self.position())
    }
}

/// The lease of a chunk of recipients; its number is the fencing number of every commit made under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeaseId(pub i64);

/// One attempt to hand a message to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveryId {
    /// Whose message.
    pub recipient: RecipientId,
    /// Which attempt, from 1.
    pub attempt: u16,
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.recipient, self.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_id_gives_back_what_it_was_made_of() {
        let id = RecipientId::new(17, 99_999);
        assert_eq!((id.run_number(), id.position()), (17, 99_999));
        let (first, last) = RecipientId::bounds(17);
        assert!(first < id && id < last && last < RecipientId::new(18, 0));
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        assert!(uuid_v7(1_000, [255; 10]) < uuid_v7(1_001, [0; 10]));
        assert_eq!(uuid_v7(1_000, [1; 10]).get_version_num(), 7);
    }
}
