//! Sealing: what has to be read again is encrypted under a key that is not in the database.

use crate::keys::PurposeKey;
use crate::{AuthError, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// AES-256-GCM with a random nonce in front. `about` says what it belongs to; it opens only with the same.
///
/// # Errors
/// There is no randomness.
pub(crate) fn seal(key: &PurposeKey, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, AuthError> {
    let nonce = random::bytes::<NONCE_LEN>()?;
    let mut sealed = plain.to_vec();
    cipher(key)
        .and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(*nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(about), &mut sealed).ok()
        })
        .ok_or(AuthError::Sealing)?;
    Ok([&nonce[..], &sealed].concat())
}

/// What was sealed; `None`: with another key, about something else, or changed since.
pub(crate) fn open(key: &PurposeKey, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut rest = Zeroizing::new(rest.to_vec());
    let length = cipher(key)?.open_in_place(nonce, Aad::from(about), &mut rest).ok()?.len();
    rest.truncate(length);
    Some(rest)
}

fn cipher(key: &PurposeKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.derived().expose()).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::keys;
    use crate::keys::Purpose;

    #[test]
    fn what_was_sealed_opens_only_with_its_key_its_owner_and_every_bit_of_it() {
        let keys = keys(&["k1", "k2"]);
        let (one, other) =
            (keys.by_id(Purpose::SecondFactor, "k1").unwrap(), keys.current(Purpose::SecondFactor));
        let sealed = seal(&one, b"ada", b"a secret of 20 bytes").unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_ne!(sealed, seal(&one, b"ada", b"a secret of 20 bytes").unwrap(), "never the same twice");
        assert_eq!(open(&one, b"ada", &sealed).unwrap().as_slice(), b"a secret of 20 bytes");
        assert!(open(&other, b"ada", &sealed).is_none() && open(&one, b"bob", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open(&one, b"ada", &changed).is_none(), "{place}");
        }
        assert!(open(&one, b"ada", &sealed[..11]).is_none() && open(&one, b"ada", &[]).is_none());
    }
}
