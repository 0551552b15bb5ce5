//! The return path of a mail: an address of its own, signed, so that only real bounces are believed.
//!
//! The signature has two parts. The first says that the path is ours. The second says which address the mail
//! went to, so that a bounce for an address the person no longer has is told from one for the address of today,
//! without storing anything for it.

use aws_lc_rs::hmac;
use domain::address::Address;
use domain::secret::Key;
use std::fmt;

/// Characters that prove the path: 60 bits, each guess of which costs a mail.
const PROOF: usize = 12;
/// Characters that tell the address: 20 bits, enough to tell an old address from a new one.
const MARK: usize = 4;
const SIGNED: usize = PROOF + MARK;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const PREFIX: &str = "bounce+";
/// The longest message key that leaves room in a local part (RFC 5321 §4.5.3.1.1: 64 octets).
pub const MOST_KEY: usize = 64 - PREFIX.len() - 1 - SIGNED;

/// Makes and reads return paths at one domain.
#[derive(Clone)]
pub struct Bounce {
    domain: String,
    /// The current key, then older ones, whose mails may still come back.
    keys: Vec<hmac::Key>,
}

/// A return path that is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath {
    /// The key of the message that left with it.
    pub message_key: String,
    mark: String,
    key: usize,
}

impl Bounce {
    /// Return paths at a domain, whose mail must come to the reader of bounces.
    #[must_use]
    pub fn new(domain: &str, key: &Key) -> Self {
        Self {
            domain: domain.to_ascii_lowercase(),
            keys: vec![hmac::Key::new(hmac::HMAC_SHA256, key.expose())],
        }
    }

    /// Reads what an older key has signed, too.
    #[must_use]
    pub fn with_older(mut self, key: &Key) -> Self {
        self.keys.push(hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
        self
    }

    /// The domain of the return paths.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The return path of a message to an address. Its key may have [`MOST_KEY`] characters.
    #[must_use]
    pub fn return_path(&self, message_key: &str, to: &Address) -> String {
        let key = self.keys.first();
        let proof = key.map_or_else(String::new, |key| proof(key, message_key));
        let mark = key.map_or_else(String::new, |key| mark(key, message_key, to));
        format!("{PREFIX}{message_key}.{proof}{mark}@{}", self.domain)
    }

    /// Reads a return path, if it is one of ours. Relays may have changed the case of letters.
    #[must_use]
    pub fn read(&self, address: &str) -> Option<ReturnPath> {
        let address = address.to_ascii_lowercase();
        let local = address.strip_suffix(&self.domain)?.strip_suffix('@')?;
        let (message_key, signature) = local.strip_prefix(PREFIX)?.rsplit_once('.')?;
        if signature.len() != SIGNED || !signature.is_ascii() {
            return None;
        }
        let (found, mark) = signature.split_at(PROOF);
        let key = self.keys.iter().position(|key| {
            let expected = proof(key, message_key);
            aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), found.as_bytes()).is_ok()
        })?;
        Some(ReturnPath { message_key: message_key.to_owned(), mark: mark.to_owned(), key })
    }

    /// Whether an address claims to be a return path of ours, signed or not.
    #[must_use]
    pub fn is_claimed(&self, address: &str) -> bool {
        let address = address.to_ascii_lowercase();
        address.starts_with(PREFIX)
            && address.rsplit_once('@').is_some_and(|(_, domain)| domain == self.domain)
    }

    /// Whether the message of this return path went to this address.
    #[must_use]
    pub fn went_to(&self, path: &ReturnPath, address: &Address) -> bool {
        self.keys.get(path.key).is_some_and(|key| mark(key, &path.message_key, address) == path.mark)
    }
}

fn proof(key: &hmac::Key, message_key: &str) -> String {
    letters(key, &[b"passpost bounce", message_key.to_ascii_lowercase().as_bytes()], PROOF)
}

fn mark(key: &hmac::Key, message_key: &str, to: &Address) -> String {
    let message_key = message_key.to_ascii_lowercase();
    letters(key, &[b"passpost bounce to", message_key.as_bytes(), to.canonical().as_bytes()], MARK)
}

/// The first letters of a keyed hash over parts, none of which has a zero octet.
fn letters(key: &hmac::Key, parts: &[&[u8]], count: usize) -> String {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
        context.update(b"\0");
    }
    let tag = context.sign();
    let bits = tag.as_ref().iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    (0..count)
        .map(|place| usize::try_from((bits >> (75 - 5 * place)) & 31).unwrap_or(0))
        .map(|letter| char::from(LETTERS[letter]))
        .collect()
}

impl fmt::Debug for Bounce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounce").field("domain", &self.domain).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "17-4711-1.0123456789ab";

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn bounce(key: u8) -> Bounce {
        Bounce::new("bounces.example.org", &Key::new([key; 32]))
    }

    #[test]
    fn only_our_own_return_path_is_believed() {
        let bounce = bounce(7);
        let path = bounce.return_path(KEY, &address("ada@example.org"));
        assert_eq!(bounce.read(&path).unwrap().message_key, KEY);
        assert!(bounce.read(&path.to_uppercase()).is_some(), "relays may change case");
        assert_eq!(bounce.read(&path.replace("4711", "4712")), None);
        assert_eq!(Bounce::new("bounces.example.org", &Key::new([8; 32])).read(&path), None);
        let (before, _) = path.split_once('@').unwrap();
        assert_eq!(bounce.read(&format!("{before}@other.example")), None);
        assert_eq!(bounce.read(&format!("x{path}")), None);
        for forged in ["bounce+x.@bounces.example.org", "someone@bounces.example.org", "", "@", "bounce+1.ä"]
        {
            assert_eq!(bounce.read(forged), None, "{forged}");
        }
        assert!(bounce.is_claimed("Bounce+x@bounces.example.org"));
        assert!(!bounce.is_claimed("someone@bounces.example.org"));
    }

    #[test]
    fn every_letter_of_the_proof_counts() {
        let bounce = bounce(7);
        let path = bounce.return_path(KEY, &address("ada@example.org"));
        let proof_at = PREFIX.len() + KEY.len() + 1;
        for at in proof_at..proof_at + PROOF {
            let mut forged = path.clone().into_bytes();
            forged[at] = if forged[at] == b'a' { b'b' } else { b'a' };
            assert_eq!(bounce.read(std::str::from_utf8(&forged).unwrap()), None, "letter {at}");
        }
    }

    #[test]
    fn a_return_path_tells_the_address_it_went_to_from_a_later_one() {
        let bounce = bounce(7);
        let path = bounce.read(&bounce.return_path(KEY, &address("Ada@Example.org"))).unwrap();
        assert!(bounce.went_to(&path, &address("ada@example.ORG")), "the canonical form counts");
        assert!(!bounce.went_to(&path, &address("ada@example.net")));
    }

    #[test]
    fn a_path_of_an_older_key_is_still_read() {
        let old = bounce(7).return_path(KEY, &address("ada@example.org"));
        let both = bounce(8).with_older(&Key::new([7; 32]));
        let path = both.read(&old).unwrap();
        assert!(both.went_to(&path, &address("ada@example.org")));
        assert_ne!(both.return_path(KEY, &address("ada@example.org")), old, "the current key signs");
    }

    #[test]
    fn the_longest_key_just_fits_into_a_local_part() {
        let path = bounce(7).return_path(&"9".repeat(MOST_KEY), &address("ada@example.org"));
        assert_eq!(path.split('@').next().unwrap().len(), 64);
    }
}
