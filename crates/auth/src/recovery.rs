//! Recovery codes: ten that stand in for the second factor, each once, stored as keyed hashes.
//!
//! A code has 120 bits: look-up secrets of 112 bits and more may be stored with a fast hash (NIST SP 800-63B-4
//! §3.1.2.2), as our mailed passwords are.

use crate::keys::{Keys, Purpose, PurposeKey};
use crate::{AuthError, random};
use domain::id::PersonId;
use domain::secret::Secret;
use zeroize::Zeroizing;

/// How many there are.
pub(crate) const COUNT: usize = 10;
const BYTES: usize = 15;
const LETTERS: usize = 24;
/// Digits and letters without i, l, o and u, in any case; what looks like another is read as it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Ten fresh codes, and what is stored of them.
pub(crate) fn mint(keys: &Keys, person: PersonId) -> Result<(Vec<Secret>, Vec<[u8; 32]>), AuthError> {
    let key = keys.current(Purpose::RecoveryCode);
    let mut codes = Vec::with_capacity(COUNT);
    let mut hashes = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let plain = letters(&*random::bytes::<BYTES>()?);
        hashes.push(hash(&key, person, &plain));
        codes.push(grouped(&plain));
    }
    Ok((codes, hashes))
}

/// What a typed code may be stored under; nothing, when it has not the shape of one.
pub(crate) fn hashes(keys: &Keys, person: PersonId, typed: &str) -> Vec<[u8; 32]> {
    let Some(plain) = read(typed) else { return Vec::new() };
    keys.all(Purpose::RecoveryCode).map(|key| hash(&key, person, &plain)).collect()
}

fn hash(key: &PurposeKey, person: PersonId, plain: &str) -> [u8; 32] {
    key.tag(&[person.0.as_bytes(), plain.as_bytes()])
}

fn letters(bytes: &[u8]) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(LETTERS));
    for five in bytes.chunks_exact(5) {
        let word = five.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            plain.push(char::from(ALPHABET[(word >> (5 * place)) as usize & 31]));
        }
    }
    plain
}

fn grouped(plain: &str) -> Secret {
    let mut text = String::with_capacity(LETTERS + 5);
    for (place, letter) in plain.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    Secret::new(text)
}

/// The code without what only helps reading; `None`: it is none.
fn read(typed: &str) -> Option<Zeroizing<String>> {
    let mut plain = Zeroizing::new(String::with_capacity(LETTERS));
    for letter in typed.chars().filter(|c| !c.is_whitespace() && !"-–‐‑".contains(*c)) {
        let letter = match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || plain.len() == LETTERS {
            return None;
        }
        plain.push(letter);
    }
    (plain.len() == LETTERS).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::keys;
    use uuid::Uuid;

    #[test]
    fn codes_are_many_bits_never_the_same_and_read_however_they_are_typed() {
        let keys = keys(&["k1", "k2"]);
        let ada = PersonId(Uuid::from_u128(1));
        let mut seen = std::collections::HashSet::new();
        for _ in 0..50 {
            let (codes, stored) = mint(&keys, ada).unwrap();
            assert_eq!((codes.len(), stored.len()), (COUNT, COUNT));
            for (code, stored) in codes.iter().zip(stored) {
                let text = code.expose();
                assert_eq!((text.len(), text.matches('-').count()), (29, 5), "{text}");
                assert!(seen.insert(text.to_owned()));
                for typed in [text.to_owned(), format!(" {} ", text.to_uppercase()), text.replace('-', "")] {
                    assert!(hashes(&keys, ada, &typed).contains(&stored), "{typed}");
                }
                let other = PersonId(Uuid::from_u128(2));
                assert!(!hashes(&keys, other, text).contains(&stored), "somebody else's");
            }
        }
        assert_eq!(letters(&[0xff; 15]).as_str(), "z".repeat(24));
    }

    #[test]
    fn what_looks_alike_is_the_same_and_what_is_no_code_is_not_looked_up() {
        let keys = keys(&["k1"]);
        let ada = PersonId(Uuid::from_u128(1));
        let code = "0011-abcd-efgh-jkmn-pqrs-tvwx";
        assert_eq!(hashes(&keys, ada, "oOiL-abcd-efgh-jkmn-pqrs-tvwx"), hashes(&keys, ada, code));
        for typed in ["", "123456", "0011-abcd-efgh-jkmn-pqrs-tvw", "0011-abcd-efgh-jkmn-pqrs-tvwxy", "ü"] {
            assert!(hashes(&keys, ada, typed).is_empty(), "{typed}");
        }
    }
}
