//! An authenticator application: takes the key a page shows, and gives codes (RFC 6238).
//!
//! Written apart from the program's own, so that a mistake there does not agree with itself.

use aws_lc_rs::hmac;

/// An application with one key in it.
#[derive(Clone)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Takes the key in base32, with or without spaces, as a person would type it.
    ///
    /// # Panics
    /// When it is no key of 20 bytes.
    #[must_use]
    pub fn typed(key: &str) -> Self {
        let mut bits = String::new();
        for letter in key.chars().filter(|letter| !letter.is_whitespace()) {
            let digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
            bits.push_str(&format!("{digit:05b}"));
        }
        let bytes: Vec<u8> = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).expect("bits"), 2).expect("a byte"))
            .collect();
        assert_eq!(bytes.len(), 20, "a key of 160 bits");
        Self(bytes)
    }

    /// Reads the key off the page for setting a second factor up.
    ///
    /// # Panics
    /// When the page shows none.
    #[must_use]
    pub fn from_page(page: &str) -> Self {
        let (_, rest) = page.split_once("<code class=\"key\">").unwrap_or_else(|| panic!("no key: {page}"));
        Self::typed(rest.split('<').next().unwrap_or_default())
    }

    /// The code it shows at a moment, in milliseconds since 1970.
    #[must_use]
    pub fn code(&self, at_ms: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let counter = (at_ms / 30_000).to_be_bytes();
        let digest = hmac::sign(&key, &counter);
        let digest = digest.as_ref();
        let from = usize::from(digest[19] & 15);
        let number = digest[from..from + 4].iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_codes_of_the_standard() {
        let one = Authenticator::typed("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!((one.code(59_000), one.code(1_234_567_890_000)), ("287082".into(), "005924".into()));
    }
}
