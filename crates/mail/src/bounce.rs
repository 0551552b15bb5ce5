//! The return path of a mail: an address of its own, signed, so that only real bounces are believed.

use aws_lc_rs::hmac;
use domain::secret::Key;
use std::fmt;

/// Characters of the signature: 80 bits.
const SIGNED: usize = 16;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The longest message key that leaves room in a local part (RFC 5321 §4.5.3.1.1: 64 octets).
pub const MOST_KEY: usize = 64 - "bounce+".len() - 1 - SIGNED;

/// Makes and reads return paths at one domain.
#[derive(Clone)]
pub struct Bounce {
    domain: String,
    key: hmac::Key,
}

impl Bounce {
    /// Return paths at a domain, whose mail must come to the reader of bounces.
    #[must_use]
    pub fn new(domain: &str, key: &Key) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Self { domain: domain.to_ascii_lowercase(), key }
    }

    /// The return path of a message. Its key may have [`MOST_KEY`] characters.
    #[must_use]
    pub fn return_path(&self, message_key: &str) -> String {
        format!("bounce+{message_key}.{}@{}", self.sign(message_key), self.domain)
    }

    /// The message key of a return path, if it is one of ours. Relays may have changed the case of letters.
    #[must_use]
    pub fn read(&self, address: &str) -> Option<String> {
        let address = address.to_ascii_lowercase();
        let local = address.strip_suffix(&self.domain)?.strip_suffix('@')?;
        let (message_key, signature) = local.strip_prefix("bounce+")?.rsplit_once('.')?;
        let expected = self.sign(message_key);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), signature.as_bytes())
            .ok()
            .map(|()| message_key.to_owned())
    }

    fn sign(&self, message_key: &str) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"passpost bounce\0");
        context.update(message_key.to_ascii_lowercase().as_bytes());
        let tag = context.sign();
        let bits = tag.as_ref().iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        (0..SIGNED)
            .map(|place| usize::try_from((bits >> (75 - 5 * place)) & 31).unwrap_or(0))
            .map(|letter| char::from(LETTERS[letter]))
            .collect()
    }
}

impl fmt::Debug for Bounce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounce").field("domain", &self.domain).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_return_path_is_believed() {
        let bounce = Bounce::new("bounces.example.org", &Key::new([7; 32]));
        let path = bounce.return_path("0198f2c4-aaaa-7bbb-8ccc-1234567890ab");
        assert!(path.split('@').next().unwrap().len() <= 64, "{path}");
        assert_eq!(bounce.read(&path).as_deref(), Some("0198f2c4-aaaa-7bbb-8ccc-1234567890ab"));
        assert!(bounce.read(&path.to_uppercase()).is_some(), "relays may change case");
        assert_eq!(bounce.read(&path.replace("aaaa", "aaab")), None);
        assert_eq!(Bounce::new("bounces.example.org", &Key::new([8; 32])).read(&path), None);
        assert_eq!(bounce.read("bounce+x.@bounces.example.org"), None);
        assert_eq!(bounce.read("someone@bounces.example.org"), None);
    }
}
