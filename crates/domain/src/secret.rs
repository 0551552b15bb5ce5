//! Secrets: values that cannot print, cannot be serialised and are wiped when dropped.

use std::fmt;
use zeroize::Zeroizing;

/// A text that must not be seen: a mailed password in the worker's memory, a typed password in a request.
///
/// There is no `Display`, no `Serialize`, and `Debug` prints a placeholder; the only way to the text is
/// [`Secret::expose`], which is easy to search for.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over as secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
    /// The clear text, for the one place that hashes, compares or mails it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key of 32 bytes that lives outside the database.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Takes 32 bytes over as key.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
    /// The bytes, for the one place that keys a MAC or a cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "Secret(…)");
        assert_eq!(format!("{:?}", Key::new([7; 32])), "Key(…)");
    }
}
