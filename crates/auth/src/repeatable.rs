//! What is kept of a request that a program may repeat: who asked what, and the answer, sealed.
//!
//! The answer may hold personal data and is kept for three days. It is sealed with a key that is derived from
//! the server key and the program's own Idempotency-Key, which is stored nowhere: without it, not even the
//! database and the key file together can read it.

use crate::keys::Purpose;
use crate::{Auth, AuthError, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use domain::id::ApiKeyId;

const NONCE: usize = 12;

/// A request with an Idempotency-Key.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// What it is known by: a keyed hash of the API key's id and the header.
    pub key_hash: [u8; 32],
    /// What was asked: a keyed hash of the method, the address and the body.
    pub fingerprint: [u8; 32],
    seal: [u8; 32],
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
            seal: current.tag(&[b"seal", id, header]),
        }
    }
}

impl Repeatable {
    /// Seals an answer.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn seal(&self, mut answer: Vec<u8>) -> Result<Vec<u8>, AuthError> {
        let nonce = random::bytes::<NONCE>()?;
        let sealed = self.key()?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(&self.fingerprint),
            &mut answer,
        );
        sealed.map_err(|_| AuthError::Hashing)?;
        let mut out = nonce.to_vec();
        out.append(&mut answer);
        Ok(out)
    }

    /// Opens an answer; `None`: it is not one of this request.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut answer = rest.to_vec();
        let opened = self.key().ok()?.open_in_place(nonce, Aad::from(&self.fingerprint), &mut answer).ok()?;
        Some(opened.to_vec())
    }

    fn key(&self) -> Result<LessSafeKey, AuthError> {
        UnboundKey::new(&AES_256_GCM, &self.seal).map(LessSafeKey::new).map_err(|_| AuthError::Hashing)
    }
}
