//! Generated passwords: letters and digits that cannot be mistaken for each other, or words.

use crate::secret::Secret;
use std::collections::HashSet;

/// 56 symbols: 2–9, A–Z without I and O, a–z without l and o. No symbols outside letters and digits:
/// safe in HTML, in quoted-printable, in shells, and one double click selects the whole.
pub const ALPHABET: &[u8; 56] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

/// Symbols in a generated password: 20 · log2(56) = 116.1 bits, above the 112 bits below which a
/// single-use secret would need a password-hashing scheme (NIST SP 800-63B-4 §3.1.2.2).
pub const LENGTH: usize = 20;

/// The least entropy of a generated password, in bits.
pub const LEAST_BITS: f64 = 112.0;

/// A source of random bytes: the operating system's in the program, a seeded one in tests.
pub trait Randomness {
    /// Fills the bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Randomness for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// How passwords are generated in this installation.
#[derive(Debug, Clone, Default)]
pub enum Generator {
    /// [`LENGTH`] symbols of [`ALPHABET`].
    #[default]
    Symbols,
    /// Words of a list the installation brings, separated by hyphens.
    Words(WordList),
}

/// Words to make passphrases of.
#[derive(Debug, Clone)]
pub struct WordList {
    words: Vec<String>,
    count: usize,
}

impl WordList {
    /// Takes a list with one word a line; blank lines are passed over.
    ///
    /// # Errors
    /// Names the line of a word that is doubled or not made of letters, or says that there are too few.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut seen = HashSet::new();
        let mut words = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let word = line.trim();
            if word.is_empty() {
                continue;
            }
            if !word.chars().all(char::is_alphabetic) || word.chars().count() > 20 {
                return Err(format!("line {}: expected one word of at most 20 letters", number + 1));
            }
            if !seen.insert(word.to_lowercase()) {
                return Err(format!("line {}: the word {word:?} stands in the list twice", number + 1));
            }
            words.push(word.to_owned());
        }
        if words.len() < 1_024 {
            return Err(format!("expected at least 1,024 words, found {}", words.len()));
        }
        let count = (LEAST_BITS / (words.len() as f64).log2()).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 12 words")]
        Ok(Self { words, count: count as usize })
    }
    /// How many words make a passphrase of at least [`LEAST_BITS`].
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }
}

impl Generator {
    /// Makes one password.
    #[must_use]
    pub fn generate(&self, random: &mut impl Randomness) -> Secret {
        match self {
            Self::Symbols => Secret::new(symbols(random)),
            Self::Words(list) => {
                let picked: Vec<&str> =
                    (0..list.count).map(|_| list.words[below(list.words.len(), random)].as_str()).collect();
                Secret::new(picked.join("-"))
            }
        }
    }
}

/// [`LENGTH`] symbols, each equally likely: bytes of 224 and more are thrown away, because 256 is no
/// multiple of 56 and a plain remainder would prefer some symbols.
fn symbols(random: &mut impl Randomness) -> String {
    let mut password = String::with_capacity(LENGTH);
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    while password.len() < LENGTH {
        random.fill(&mut *bytes);
        for byte in bytes.iter().filter(|byte| **byte < 224) {
            if password.len() < LENGTH {
                password.push(char::from(ALPHABET[usize::from(byte % 56)]));
            }
        }
    }
    password
}

/// A number below a bound, each equally likely.
fn below(bound: usize, random: &mut impl Randomness) -> usize {
    let bound = bound as u64;
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0_u8; 8];
        random.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < limit {
            return usize::try_from(number % bound).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator for tests (xorshift64*).
    fn seeded(mut state: u64) -> impl FnMut(&mut [u8]) {
        move |bytes: &mut [u8]| {
            for byte in bytes {
                state ^= state >> 12;
                state ^= state << 25;
                state ^= state >> 27;
                *byte = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8;
            }
        }
    }

    #[test]
    fn a_hundred_thousand_passwords_are_distinct_and_every_symbol_is_equally_likely() {
        let mut random = seeded(42);
        let mut seen = HashSet::new();
        let mut counts = [0_u32; 256];
        for _ in 0..100_000 {
            let password = Generator::Symbols.generate(&mut random);
            assert_eq!(password.expose().len(), LENGTH);
            password.expose().bytes().for_each(|byte| counts[usize::from(byte)] += 1);
            assert!(seen.insert(password.expose().to_owned()));
        }
        let expected = 2_000_000.0 / 56.0;
        let chi_square: f64 = ALPHABET
            .iter()
            .map(|symbol| (f64::from(counts[usize::from(*symbol)]) - expected).powi(2) / expected)
            .sum();
        assert!(chi_square < 110.0, "55 degrees of freedom, got {chi_square}");
        assert_eq!(counts.iter().map(|count| u64::from(*count)).sum::<u64>(), 2_000_000);
        assert!("IOlo01".bytes().all(|byte| counts[usize::from(byte)] == 0), "no look-alikes");
    }

    #[test]
    fn a_password_has_at_least_112_bits() {
        assert!(LENGTH as f64 * (ALPHABET.len() as f64).log2() >= LEAST_BITS);
    }

    #[test]
    fn words_reach_the_same_strength() {
        let letters: Vec<char> = ('a'..='z').collect();
        let text: String = (0..7_776)
            .map(|n| format!("{}{}{}\n", letters[n / 676 % 26], letters[n / 26 % 26], letters[n % 26]))
            .collect();
        let list = WordList::parse(&text).unwrap();
        assert_eq!(list.count(), 9);
        let phrase = Generator::Words(list).generate(&mut seeded(7));
        assert_eq!(phrase.expose().split('-').count(), 9);
        assert!(WordList::parse("one\ntwo\n").is_err());
        assert!(WordList::parse(&format!("{text}aaa\n")).unwrap_err().contains("line 7777"));
    }
}
