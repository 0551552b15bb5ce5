//! What an operator does for one person: ends sessions, takes back what waits in a mailbox, clears what holds a
//! sign-in or a mail back. Each needs a strictly higher rank than a system user has.

use super::system::hold;
use crate::acting::Acting;
use crate::refusal::ChangeResult;
use crate::{Tx, audit, credential, params, reset_link};
use domain::id::PersonId;
use serde_json::json;

/// Signs the person out everywhere; gives how many sessions were open.
///
/// # Errors
/// The rank is too low; the person is gone; the database is not available.
pub async fn end_sessions(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<u64> {
    hold(tx, acting, id).await?;
    let ended = tx.execute("DELETE FROM sessions WHERE person_id = $1", params![id]).await?;
    let entry = acting.entry("person.sessions_ended", "person", id, json!({ "sessions": ended }), now_ms);
    audit::append(tx, entry).await?;
    Ok(ended)
}

/// Takes back every mailed password and personal link that could still be used; gives how many passwords. The chosen one
/// stays.
///
/// # Errors
/// The rank is too low; the person is gone; the database is not available.
pub async fn revoke_outstanding(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    now_ms: i64,
) -> ChangeResult<u64> {
    // Credentials before people, as everywhere, so that no two transactions wait in a circle.
    let revoked = credential::retire_all(tx, id).await?;
    let links = reset_link::retire_all(tx, id).await?;
    hold(tx, acting, id).await?;
    let detail = json!({ "mailed": revoked, "links": links });
    let entry = acting.entry("person.credentials_revoked", "person", id, detail, now_ms);
    audit::append(tx, entry).await?;
    Ok(revoked)
}

/// Forgets wrong passwords and wrong codes, so that the person need not wait. `counters`: how many counters of the
/// person's mailbox were emptied in this transaction already; they come first, as with every mail. `false`: nothing held
/// the person back.
///
/// # Errors
/// The rank is too low; the person is gone; the database is not available.
pub async fn clear_limits(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    counters: u64,
    now_ms: i64,
) -> ChangeResult<bool> {
    hold(tx, acting, id).await?;
    let sql =
        "UPDATE people SET failed_logins = 0, failed_login_at = NULL WHERE id = $1 AND failed_logins > 0";
    let passwords = tx.execute(sql, params![id]).await? == 1;
    let sql = "UPDATE second_factors SET failed_codes = 0, failed_code_at = NULL
               WHERE person_id = $1 AND failed_codes > 0";
    let codes = tx.execute(sql, params![id]).await? == 1;
    let changed = passwords || codes || counters > 0;
    if changed {
        let detail = json!({ "wrong_passwords": passwords, "wrong_codes": codes, "mail_counters": counters });
        audit::append(tx, acting.entry("person.limits_cleared", "person", id, detail, now_ms)).await?;
    }
    Ok(changed)
}

/// Lets mail go to the person's address again although it came back before. `false`: nothing held it.
///
/// # Errors
/// The rank is too low; the person is gone; the database is not available.
pub async fn mark_deliverable(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<bool> {
    hold(tx, acting, id).await?;
    let sql = "UPDATE people SET undeliverable = NULL, updated_at = $2
               WHERE id = $1 AND undeliverable IS NOT NULL";
    let changed = tx.execute(sql, params![id, now_ms]).await? == 1;
    if changed {
        audit::append(tx, acting.entry("person.deliverable", "person", id, json!({}), now_ms)).await?;
    }
    Ok(changed)
}
