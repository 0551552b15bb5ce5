//! What is kept of a request that a program may repeat: who asked what, and the answer, sealed.
//!
//! The answer may hold personal data and is kept for three days. It is sealed with a key that is derived from
//! the server key and the program's own Idempotency-Key, which is stored nowhere: without it, not even the
//! database and the key file together can read it.

use crate::keys::{Purpose, PurposeKey};
use crate::{Auth, AuthError, sealing};
use domain::id::ApiKeyId;
use zeroize::Zeroizing;

/// A request with an Idempotency-Key.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// What it is known by: a keyed hash of the API key's id and the header.
    pub key_hash: [u8; 32],
    /// What was asked: a keyed hash of the method, the address and the body.
    pub fingerprint: [u8; 32],
    seal: PurposeKey,
}

impl Auth {
    /// Recognises a request. `asked` is everything that makes it this request and no other.
    #[must_use]
    pub fn repeatable(&self, key: ApiKeyId, header: &str, asked: &[&[u8]]) -> Repeatable {
        let current = self.keys.current(Purpose::Repeatable);
        let (id, header) = (key.0.as_bytes().as_slice(), header.as_bytes());
        let mut parts: Vec<&[u8]> = vec![b"fingerprint"];
        parts.extend(asked);
        Repeatable {
            key_hash: current.tag(&[b"key", id, header]),
            fingerprint: current.tag(&parts),
            seal: current.narrowed(&[b"seal", id, header]),
        }
    }
}

impl Repeatable {
    /// Seals an answer.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn seal(&self, answer: &[u8]) -> Result<Vec<u8>, AuthError> {
        sealing::seal(&self.seal, &self.fingerprint, answer)
    }

    /// Opens an answer; `None`: it is not one of this request.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        sealing::open(&self.seal, &self.fingerprint, sealed)
    }
}
