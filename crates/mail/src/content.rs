//! A composed message: ready for the relay, forgotten when dropped.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;
use zeroize::Zeroize;

/// A message as it goes to the relay.
#[derive(Debug)]
pub struct Composed {
    /// Header and body, every line ending in CR LF.
    pub content: Content,
    /// The return path.
    pub envelope_from: Arc<str>,
    /// The one recipient: the address as given, its domain in A-labels.
    pub envelope_to: String,
    /// The relay must offer SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// Without angle brackets and without a secret.
    pub message_id: String,
}

/// The octets of a message. The places that hold the password are wiped when it is dropped.
pub struct Content {
    bytes: Vec<u8>,
    secrets: Vec<Range<usize>>,
}

impl Content {
    pub(crate) fn new(bytes: Vec<u8>, secrets: Vec<Range<usize>>) -> Self {
        Self { bytes, secrets }
    }

    /// Hands the octets over; whoever takes them must wipe them.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.secrets.clear();
        std::mem::take(&mut self.bytes)
    }
}

impl Deref for Content {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} octets)", self.bytes.len())
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        // Only the secret places: wiping all of a mail costs as much as composing it.
        for place in self.secrets.drain(..) {
            if let Some(secret) = self.bytes.get_mut(place) {
                secret.zeroize();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_does_not_print_itself() {
        let content = Content::new(b"Password: hunter2 hunter2".to_vec(), vec![10..17, 18..25]);
        assert_eq!(format!("{content:?}"), "Content(25 octets)");
        assert_eq!(content.into_bytes(), b"Password: hunter2 hunter2");
    }
}
