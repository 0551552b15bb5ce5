//! A password somebody typed: limited in length before anything is done with it, and normalised.

use domain::secret::Secret;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::is_nfc;

/// The most code points of a password (3-safety 4.2).
pub const MOST_CODE_POINTS: usize = 256;
/// The most bytes of a password in UTF-8.
pub const MOST_BYTES: usize = 1_024;

/// A typed password in NFC (NIST SP 800-63B-4 §3.1.1.2), spaces and everything else kept.
#[derive(Debug, Clone)]
pub struct TypedPassword(Secret);

/// The password is longer than 256 code points or 1,024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password is longer than 256 characters or 1,024 bytes")]
pub struct TooLong;

impl TypedPassword {
    /// Takes what was typed.
    ///
    /// # Errors
    /// When it is too long; that is checked before anything is computed from it.
    pub fn new(typed: &Secret) -> Result<Self, TooLong> {
        let text = typed.expose();
        if text.len() > MOST_BYTES || text.chars().count() > MOST_CODE_POINTS {
            return Err(TooLong);
        }
        if is_nfc(text) {
            return Ok(Self(typed.clone()));
        }
        // Sized for the longest outcome, so that no half-grown copy is left behind in memory.
        let mut normal = String::with_capacity(text.len() * 3);
        normal.extend(text.nfc());
        Ok(Self(Secret::new(normal)))
    }

    /// Its text in NFC.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Its text without white space at both ends, for mailed passwords only: they never contain any,
    /// and copying one out of a mail often takes a space or a line end along.
    pub fn without_padding(&self) -> &str {
        self.0.expose().trim()
    }

    /// How many code points it has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.expose().chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<TypedPassword, TooLong> {
        TypedPassword::new(&Secret::new(text.to_owned()))
    }

    #[test]
    fn a_password_is_limited_to_256_code_points_and_1024_bytes() {
        assert!(typed(&"a".repeat(256)).is_ok());
        assert!(typed(&"a".repeat(257)).is_err());
        assert!(typed(&"🗝".repeat(256)).is_ok());
        assert!(typed(&"x".repeat(1_000_000)).is_err());
    }

    #[test]
    fn composed_and_decomposed_forms_are_the_same_password() {
        assert_eq!(typed("cafe\u{301} ").unwrap().expose(), typed("caf\u{e9} ").unwrap().expose());
    }

    #[test]
    fn spaces_stay_and_length_counts_code_points() {
        let password = typed("  a b  ").unwrap();
        assert_eq!((password.expose(), password.length()), ("  a b  ", 7));
        assert_eq!(typed(&"😀".repeat(15)).unwrap().length(), 15);
    }
}
