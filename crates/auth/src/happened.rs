//! What signing in and choosing passwords say in events; each is one statement, whoever it is about.

use crate::limits::LoginLimits;
use crate::session::Realm;
use domain::event::BuiltIn;
use domain::id::PersonId;
use serde_json::json;
use store::credential_login::Account;
use store::event::{Happened, happened};
use store::session::SessionRow;
use store::{StoreError, Tx};

/// Somebody has logged in: to the console, or to the preference center. A session that only leads there is no log-on.
pub(crate) async fn logged_in(tx: &mut Tx, row: &SessionRow) -> Result<(), StoreError> {
    let (who, now_ms) = (row.person_id, row.created_at);
    match row.realm {
        Realm::Console => {
            let about = Happened::to(who, Some(who), json!({ "by": "console" }));
            happened(tx, BuiltIn::LoggedOn, &about, now_ms).await
        }
        Realm::Preferences => {
            let about = Happened::to(who, None, json!({}));
            happened(tx, BuiltIn::PreferencesLoggedIn, &about, now_ms).await
        }
        Realm::ForcedChange | Realm::SecondFactor => Ok(()),
    }
}

/// A person chose a new password; `how`: `login` behind a mailed one, `link`, or in the `preferences` or the `console`.
pub(crate) async fn password_changed(
    tx: &mut Tx,
    who: PersonId,
    how: &'static str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let about = Happened::to(who, Some(who), json!({ "how": how }));
    happened(tx, BuiltIn::PasswordChanged, &about, now_ms).await
}

/// Whom a wrong guess is one too many for: with it waits begin. `account` is as it was before the guess was counted.
pub(crate) fn held_back(account: &Account, limits: LoginLimits) -> Option<PersonId> {
    (account.failed_logins + 1 == limits.bounded().free).then_some(account.id)
}

/// A guess was wrong. The same statement runs whoever was guessed at, and writes something only for somebody it was one
/// too many for; so the answer to an unknown name takes as long.
pub(crate) async fn guessed(
    tx: &mut Tx,
    held_back: Option<PersonId>,
    limits: LoginLimits,
    now_ms: i64,
) -> Result<(), StoreError> {
    let who = held_back.unwrap_or(crate::login::NOBODY);
    let about = Happened::to(who, None, json!({ "failed_logins": limits.bounded().free }));
    happened(tx, BuiltIn::LoginFailedRepeatedly, &about, now_ms).await
}
