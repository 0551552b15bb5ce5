//! Random bytes of the operating system, for keys, salts and tokens.

use crate::AuthError;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::secret::Secret;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Fresh random bytes.
///
/// # Errors
/// When the operating system gives none; nothing may go on without them.
pub fn bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, AuthError> {
    let mut bytes = Zeroizing::new([0_u8; N]);
    aws_lc_rs::rand::fill(&mut *bytes).map_err(|_| AuthError::Randomness)?;
    Ok(bytes)
}

/// Fills bytes that ids are made of. Ids only have to differ: where the operating system gives no randomness, the
/// database refuses the second one.
pub fn fill(bytes: &mut [u8]) {
    let _ = aws_lc_rs::rand::fill(bytes);
}

/// A token for a cookie or a link: 32 random bytes in base64url, 43 characters (3-safety 4.1).
///
/// # Errors
/// When the operating system gives no randomness.
pub fn token() -> Result<Secret, AuthError> {
    let bytes = bytes::<32>()?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes)))
}

/// Whether a text has the shape of a token; anything else is not worth a look into the database.
pub fn looks_like_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A fresh, time-ordered id.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn id(now_ms: i64) -> Result<Uuid, AuthError> {
    Ok(domain::id::uuid_v7(now_ms, *bytes::<10>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_never_comes_twice() {
        let tokens: std::collections::HashSet<String> =
            (0..1_000).map(|_| token().unwrap().expose().to_owned()).collect();
        assert_eq!(tokens.len(), 1_000);
        assert!(tokens.iter().all(|token| looks_like_token(token)));
        assert!(tokens.iter().all(|token| BASE64_URL_SAFE_NO_PAD.decode(token).unwrap().len() == 32));
        assert!(!looks_like_token("short") && !looks_like_token(&"ä".repeat(22)));
    }
}
