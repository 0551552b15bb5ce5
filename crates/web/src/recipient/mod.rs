//! The recipients' own pages: signing in, choosing a password, a link to choose one, the account, the preferences.

pub(crate) mod account;
pub(crate) mod confirm;
pub(crate) mod forced;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod preferences;
pub(crate) mod reset;
pub(crate) mod strength;
pub(crate) mod unsubscribe;
