//! Codes that follow the clock (TOTP, RFC 6238): SHA-1, six digits, steps of 30 seconds.
//!
//! These are the values every authenticator application knows; others are ignored by some of them.

use aws_lc_rs::hmac;
use domain::secret::Secret;
use std::fmt::Write as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of a secret (RFC 4226 §4: 160 bits).
pub(crate) const SECRET_BYTES: usize = 20;
const STEP_MS: i64 = 30_000;
/// Clocks differ: the code before and the one after are accepted, too.
const NEIGHBOURS: i64 = 1;

/// A secret shared with an authenticator application.
pub(crate) struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl TotpSecret {
    pub(crate) const fn new(bytes: Zeroizing<[u8; SECRET_BYTES]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// The step whose code this is, when it is the present one or a neighbour; in time that does not tell which.
    pub(crate) fn matching_step(&self, code: &str, now_ms: i64) -> Option<i64> {
        let present = step_of(now_ms);
        let mut found = None;
        for step in present - NEIGHBOURS..=present + NEIGHBOURS {
            if bool::from(self.code(step).as_bytes().ct_eq(code.as_bytes())) {
                found = Some(step);
            }
        }
        found
    }

    /// The code of a step (RFC 4226 §5.3).
    pub(crate) fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0x0f);
        let word = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
        format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
    }

    /// In base32 (RFC 4648 §6) in groups of four, to be typed.
    pub(crate) fn text(&self) -> Secret {
        let plain = base32(&*self.0);
        let mut text = String::with_capacity(40);
        for (place, letter) in plain.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push(' ');
            }
            text.push(letter);
        }
        Secret::new(text)
    }

    /// The address in the QR code. Algorithm, digits and period are what every application takes when nothing is said;
    /// left out, the code has larger squares.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> Secret {
        let (issuer, account) = (encoded(issuer), encoded(account));
        let secret = base32(&*self.0);
        Secret::new(format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", &*secret))
    }
}

/// The step of a moment.
pub(crate) const fn step_of(now_ms: i64) -> i64 {
    now_ms.div_euclid(STEP_MS)
}

fn base32(bytes: &[u8]) -> Zeroizing<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for five in bytes.chunks(5) {
        let mut word = [0_u8; 8];
        word[3..3 + five.len()].copy_from_slice(five);
        let word = u64::from_be_bytes(word);
        for place in 0..(five.len() * 8).div_ceil(5) {
            text.push(char::from(LETTERS[(word >> (35 - 5 * place)) as usize & 31]));
        }
    }
    text
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the examples in RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::parse(b"12345678901234567890").unwrap()
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(step_of(seconds * 1_000)), code, "{seconds}");
        }
    }

    #[test]
    fn the_neighbouring_steps_count_and_those_beyond_do_not() {
        let now = 1_795_251_600_000;
        let present = step_of(now);
        for (distance, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret().code(present + distance);
            assert_eq!(secret().matching_step(&code, now), accepted.then_some(present + distance));
        }
        assert_eq!(secret().matching_step("", now), None);
    }

    #[test]
    fn the_secret_is_written_as_applications_read_it() {
        assert_eq!(secret().text().expose(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            secret().uri("Harbour School", "olga@harbour.example").expose(),
            "otpauth://totp/Harbour%20School:olga%40harbour.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Harbour%20School"
        );
        assert_eq!(&*base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(format!("{:?}", secret()), "TotpSecret(…)");
    }
}
