//! How a password is hashed: Argon2id with its cost, then a keyed step, written like a PHC string.
//!
//! `$argon2id-hmac$v=19$m=19456,t=2,p=1,keyid=k1$<salt>$<tag>`: the tag is HMAC-SHA-256 over the output
//! of Argon2id (RFC 9106) with a pepper from the key file. NIST SP 800-63B-4 §3.1.1.2 requires the
//! salted password-hashing scheme and recommends the keyed step with its key stored apart.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use std::fmt;

/// What one Argon2id costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes; always 1 here, because logins run side by side already.
    pub lanes: u32,
}

/// A cost below the minimum or beyond reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// Less than the recommended minimum.
    #[error(
        "the cost m={memory_kib},t={passes} is below the minimum; \
         use at least m=19456,t=2, m=12288,t=3, m=9216,t=4, m=7168,t=5 or m=47104,t=1"
    )]
    TooLow {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes.
        passes: u32,
    },
    /// More than a login may cost.
    #[error("the cost m={memory_kib},t={passes} is beyond reason; use at most m=1048576 and t=16")]
    TooHigh {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes.
        passes: u32,
    },
    /// More than one lane.
    #[error("p must be 1: logins already run side by side on all cores")]
    Lanes,
}

impl Cost {
    /// The minimum of ASVS 5.0, appendix C: for contacts.
    pub const CONTACTS: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// RFC 9106's second choice with one lane: for operators.
    pub const OPERATORS: Self = Self { memory_kib: 65_536, passes: 3, lanes: 1 };

    /// Memory and passes that are as hard to guess as each other (ASVS 5.0, appendix C).
    const MINIMA: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

    /// Checks a configured cost.
    ///
    /// # Errors
    /// When it is below the minimum, beyond reason or uses several lanes.
    pub fn check(self) -> Result<Self, CostError> {
        let Self { memory_kib, passes, lanes } = self;
        if lanes != 1 {
            return Err(CostError::Lanes);
        }
        if memory_kib > 1_048_576 || passes > 16 {
            return Err(CostError::TooHigh { memory_kib, passes });
        }
        if Self::MINIMA.iter().any(|(memory, least)| memory_kib >= *memory && passes >= *least) {
            Ok(self)
        } else {
            Err(CostError::TooLow { memory_kib, passes })
        }
    }

    /// The work in KiB written: memory times passes; time is proportional to it.
    #[must_use]
    pub const fn work(self) -> u64 {
        self.memory_kib as u64 * self.passes as u64
    }

    /// The cost that tops a cheaper one up to this one's work; `None` when there is nothing to add.
    pub(crate) fn top_up(self, cheaper: Self) -> Option<Self> {
        let missing = self.work().checked_sub(cheaper.work()).filter(|missing| *missing > 0)?;
        let memory_kib = u32::try_from(missing / u64::from(self.passes)).ok()?;
        (memory_kib >= 8).then_some(Self { memory_kib, ..self })
    }
}

/// A stored password hash, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash {
    pub(crate) cost: Cost,
    pub(crate) key_id: String,
    pub(crate) salt: [u8; 16],
    pub(crate) tag: [u8; 32],
}

const SCHEME: &str = "argon2id-hmac";

impl PasswordHash {
    /// Reads a stored hash; `None` for anything this program did not write.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix('$')?.split('$');
        let (scheme, version, parameters) = (fields.next()?, fields.next()?, fields.next()?);
        let (salt, tag) = (fields.next()?, fields.next()?);
        if scheme != SCHEME || version != "v=19" || fields.next().is_some() {
            return None;
        }
        let mut parameters = parameters.split(',');
        let mut next = |name: &str| parameters.next()?.strip_prefix(name)?.strip_prefix('=');
        let cost = Cost {
            memory_kib: next("m")?.parse().ok()?,
            passes: next("t")?.parse().ok()?,
            lanes: next("p")?.parse().ok()?,
        };
        let key_id = next("keyid")?.to_owned();
        // A cost nobody configured would let a changed row stop the server.
        let cost = cost.check().ok()?;
        let decode = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).ok();
        Some(Self { cost, key_id, salt: decode(salt)?.try_into().ok()?, tag: decode(tag)?.try_into().ok()? })
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { memory_kib, passes, lanes } = self.cost;
        write!(
            f,
            "${SCHEME}$v=19$m={memory_kib},t={passes},p={lanes},keyid={}${}${}",
            self.key_id,
            BASE64_STANDARD_NO_PAD.encode(self.salt),
            BASE64_STANDARD_NO_PAD.encode(self.tag),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_hash_reads_back_as_written() {
        let hash = PasswordHash { cost: Cost::CONTACTS, key_id: "k1".into(), salt: [1; 16], tag: [2; 32] };
        let text = hash.to_string();
        assert!(text.starts_with("$argon2id-hmac$v=19$m=19456,t=2,p=1,keyid=k1$"), "{text}");
        assert!(PasswordHash::parse(&text).is_some_and(|again| again == hash));
    }

    #[test]
    fn a_damaged_hash_is_no_hash() {
        let text = PasswordHash { cost: Cost::CONTACTS, key_id: "k1".into(), salt: [1; 16], tag: [2; 32] }
            .to_string();
        for damaged in [
            text.replace("m=19456", "m=8"),
            text.replace("m=19456", "m=4000000000"),
            text.replace("v=19", "v=16"),
            text.replace("argon2id-hmac", "argon2i"),
            format!("{text}$x"),
            text[..text.len() - 3].to_owned(),
            String::new(),
            "$".into(),
        ] {
            assert!(PasswordHash::parse(&damaged).is_none(), "{damaged}");
        }
    }

    #[test]
    fn a_cost_below_the_minimum_is_refused() {
        assert!(Cost::CONTACTS.check().is_ok() && Cost::OPERATORS.check().is_ok());
        for (memory_kib, passes) in [(19_455, 2), (19_456, 1), (4_096, 3), (2_000_000, 3)] {
            assert!(Cost { memory_kib, passes, lanes: 1 }.check().is_err(), "{memory_kib}/{passes}");
        }
        assert_eq!(Cost { lanes: 4, ..Cost::CONTACTS }.check(), Err(CostError::Lanes));
    }

    #[test]
    fn a_top_up_brings_a_cheaper_hash_to_the_same_work() {
        let top_up = Cost::OPERATORS.top_up(Cost::CONTACTS).unwrap();
        let total = top_up.work() + Cost::CONTACTS.work();
        assert!(Cost::OPERATORS.work().abs_diff(total) < 4, "{total}");
        assert_eq!(Cost::CONTACTS.top_up(Cost::CONTACTS), None);
        assert_eq!(Cost::CONTACTS.top_up(Cost::OPERATORS), None);
    }
}
