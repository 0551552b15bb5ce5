//! Throw-away accounts with which operators try a mailing out, each for a day.

use super::note;
use crate::acting::Acting;
use crate::error::Result;
use crate::person::{self, NewPerson};
use crate::{ChangeResult, Tx, params};
use domain::id::{MailingId, PersonId};
use serde_json::json;

/// How long a throw-away account lives, in milliseconds.
pub const TEST_LIFE_MS: i64 = 24 * 3_600_000;

/// Makes a throw-away account for a test of a mailing.
///
/// # Errors
/// A field of the account breaks a rule.
pub async fn insert_test(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    account: &NewPerson,
    now_ms: i64,
) -> ChangeResult<()> {
    // A throw-away account is nobody's business: no event tells of it.
    person::insert_unheard(tx, acting, account, now_ms).await?;
    // The mailbox is the operator's own, so its names are as trusted as those.
    tx.execute(
        "UPDATE people SET verified = (SELECT o.verified FROM people o WHERE o.id = $2) WHERE id = $1",
        params![account.id, acting.person()?],
    )
    .await?;
    tx.execute(
        "INSERT INTO mailing_tests (person_id, mailing_id, over_at) VALUES ($1, $2, $3)",
        params![account.id, id, now_ms + TEST_LIFE_MS],
    )
    .await?;
    Ok(note(tx, acting, "mailing.tested", id, json!({ "person": account.id }), now_ms).await?)
}

/// Whether somebody is a throw-away account.
///
/// # Errors
/// The database is not available.
pub async fn is_test(tx: &mut Tx, person: PersonId) -> Result<bool> {
    let sql = "SELECT 1 FROM mailing_tests WHERE person_id = $1";
    Ok(tx.find(sql, params![person]).await?.is_some())
}

/// Throw-away accounts whose day is over.
///
/// # Errors
/// The database is not available.
pub async fn list_tests_over(tx: &mut Tx, now_ms: i64) -> Result<Vec<PersonId>> {
    let sql = "SELECT person_id FROM mailing_tests WHERE over_at <= $1 LIMIT 100";
    tx.query(sql, params![now_ms]).await?.into_iter().map(|mut row| row.take(0)).collect()
}
