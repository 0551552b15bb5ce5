//! Who may act: server keys, password hashing, password rules, signing in, sessions, the first Owner.
//!
//! Start with [`Auth`], which holds what all of it needs, and [`login`], which says what a sign-in does
//! step by step.

pub mod hashing;
pub mod keys;
pub mod network;
pub mod password_hash;
pub mod password_rules;
mod password_words;
pub mod random;
pub mod typed;

/// Why something could not be decided. The person's own mistakes are not errors but answers.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Too many passwords are waiting to be checked: answer 503 with Retry-After, for everybody alike.
    #[error("too many passwords are waiting to be checked; try again in a few seconds")]
    Overloaded,
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes")]
    Randomness,
    /// A hash could not be computed: too little memory, or the server is stopping.
    #[error("a password could not be hashed; there may be too little memory")]
    Hashing,
    /// The key file is no good.
    #[error(transparent)]
    KeyFile(Box<keys::KeyFileError>),
}
