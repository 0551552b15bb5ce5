//! Who may act: server keys, password hashing, password rules, signing in, second factors, sessions, the first Owner.
//!
//! [`Auth`] holds what all of it needs; its methods stand in the modules they belong to. Start with
//! [`login`], which says step by step what a sign-in does.

pub mod api_key;
pub mod bootstrap;
pub mod confirmation;
pub mod enrolment;
#[cfg(test)]
mod fixture;
mod happened;
pub mod hashing;
pub mod keys;
pub mod limit_care;
pub mod limits;
pub mod login;
mod login_opening;
mod mailed_slots;
mod mailing_watch;
pub mod network;
pub mod password_change;
pub mod password_hash;
pub mod password_rules;
mod password_words;
pub mod preferences;
pub mod random;
mod recovery;
pub mod repeatable;
pub mod request_tag;
pub mod reset;
mod sealing;
pub mod second_factor;
pub mod session;
mod totp;
pub mod typed;
pub mod unsubscribe;
pub mod wishes;

use hashing::Hasher;
use keys::Keys;
use limits::{LoginLimits, ResetLimits};
use mailing_watch::MailingWatch;
use password_rules::PasswordRules;
use std::sync::Arc;
use store::{Store, StoreError};

/// Everything that decides who may act; cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hasher: Hasher,
    pub(crate) rules: Arc<PasswordRules>,
    pub(crate) limits: LoginLimits,
    pub(crate) resets: ResetLimits,
    pub(crate) mailing: Arc<MailingWatch>,
}

/// Where a request came from, for sessions, limits and the audit log.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The network of the client, see [`network::network_of`]; empty: this machine.
    pub network: String,
    /// The browser, as it calls itself.
    pub user_agent: String,
}

impl Auth {
    /// Puts the parts together.
    #[must_use]
    pub fn new(store: Store, keys: Keys, hasher: Hasher, rules: PasswordRules, limits: LoginLimits) -> Self {
        Self {
            store,
            keys: Arc::new(keys),
            hasher,
            rules: Arc::new(rules),
            limits,
            resets: ResetLimits::default(),
            mailing: Arc::default(),
        }
    }

    /// With other limits of asking for links.
    #[must_use]
    pub fn with_resets(self, resets: ResetLimits) -> Self {
        Self { resets, ..self }
    }

    /// The rules for chosen passwords, to show and to judge by.
    #[must_use]
    pub fn rules(&self) -> &PasswordRules {
        &self.rules
    }

    /// The rules for who has a second factor, or has none.
    #[must_use]
    pub fn rules_for(&self, second_factor: bool) -> PasswordRules {
        if second_factor { self.rules.with_second_factor() } else { PasswordRules::clone(&self.rules) }
    }

    /// The server keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The hashing pool.
    #[must_use]
    pub const fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// The name of a rate-limit bucket: a keyed hash, so that the table tells nobody who was limited.
    #[must_use]
    pub fn bucket(&self, limit: &str, what: &str) -> String {
        self.keys.bucket(limit, what)
    }
}

/// Why something could not be decided. The person's own mistakes are not errors but answers.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Too many passwords are waiting to be checked: answer 503 with Retry-After, for everybody alike.
    #[error("too many passwords are waiting to be checked; try again in a few seconds")]
    Overloaded,
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes")]
    Randomness,
    /// A secret could not be sealed.
    #[error("a secret could not be sealed")]
    Sealing,
    /// A hash could not be computed: too little memory, or the server is stopping.
    #[error("a password could not be hashed; there may be too little memory")]
    Hashing,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
