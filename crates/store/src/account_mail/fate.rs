//! What becomes of a claimed account mail: addressed, split, settled, put off, taken up again.

use super::{Claimed, LEASE_MS};
use crate::{Result, Tx, params};
use domain::account_mail::AccountMailOutcome;
use domain::id::{AccountMailId, PersonId};

/// Notes whom a claimed mail goes to, and forgets what was typed.
///
/// # Errors
/// The database is not available.
pub async fn address(tx: &mut Tx, id: AccountMailId, attempt: i64, address: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails SET address = $3, asked = NULL WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, address],
        )
        .await?;
    Ok(changed == 1)
}

/// Another mail out of the same request: the name meant accounts with different addresses. It is due at once.
///
/// # Errors
/// The database is not available.
pub async fn split(
    tx: &mut Tx,
    id: AccountMailId,
    from: AccountMailId,
    address: &str,
    now_ms: i64,
) -> Result<()> {
    tx.execute(
        "INSERT INTO account_mails (id, kind, address, network, language, attempts, due_at, requested_at)
         SELECT $1, kind, $3, network, language, 0, CAST($4 AS BIGINT), requested_at FROM account_mails WHERE id = $2",
        params![id, from, address, now_ms],
    )
    .await?;
    Ok(())
}

/// Nobody was meant: nothing is kept of what was typed.
///
/// # Errors
/// The database is not available.
pub async fn forget(tx: &mut Tx, id: AccountMailId, attempt: i64) -> Result<()> {
    tx.execute("DELETE FROM account_mails WHERE id = $1 AND attempts = $2", params![id, attempt]).await?;
    Ok(())
}

/// Ends a claimed mail for good; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn settle(
    tx: &mut Tx,
    id: AccountMailId,
    attempt: i64,
    outcome: AccountMailOutcome,
    detail: &str,
    now_ms: i64,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails
             SET due_at = NULL, node = NULL, asked = NULL, outcome = $3, detail = $4, settled_at = $5
             WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, outcome.as_str(), detail, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a claimed mail off; false when the claim had lapsed and somebody else has it.
///
/// # Errors
/// The database is not available.
pub async fn defer(tx: &mut Tx, id: AccountMailId, attempt: i64, detail: &str, due_at: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE account_mails SET due_at = $3, node = NULL, detail = $4
             WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            params![id, attempt, due_at, detail],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a claimed mail off as if it had not been claimed: nothing was tried. Only in the transaction of the claim.
///
/// # Errors
/// The database is not available.
pub async fn put_back(tx: &mut Tx, one: &Claimed, detail: &str, due_at: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_mails SET attempts = $2 - 1, due_at = $3, node = NULL, detail = $4
         WHERE id = $1 AND attempts = $2",
        params![one.id, one.attempt, due_at, detail],
    )
    .await?;
    Ok(())
}

/// There is no such address, a mail server says: the person's is marked with the cause, if it is still this one.
/// `false`: it is not, or it was marked before.
///
/// # Errors
/// The database is not available.
pub async fn mark_undeliverable(
    tx: &mut Tx,
    id: AccountMailId,
    person_id: PersonId,
    cause: &str,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE people SET undeliverable = $3 WHERE id = $2 AND undeliverable IS NULL
               AND address = (SELECT m.address FROM account_mails m WHERE m.id = $1)",
            params![id, person_id, cause],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes up what processes have in hand that are gone: all others than `node` when it is known to be the only one, else
/// those that were silent since `silent_since`. A mail claimed after that is left alone, for its process may not have
/// said yet that it lives. Gives how many are due again.
///
/// # Errors
/// The database is not available.
pub async fn rescue(tx: &mut Tx, node: &str, is_only: bool, silent_since: i64, now_ms: i64) -> Result<u64> {
    tx.execute(
        "UPDATE account_mails SET due_at = $1, node = NULL
         WHERE due_at > $1 AND node IS NOT NULL AND node <> $2 AND ($3 OR (due_at <= $5
           AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = account_mails.node AND n.seen_at >= $4)))",
        params![now_ms, node, is_only, silent_since, silent_since + LEASE_MS],
    )
    .await
}

/// Whoever got a mail did not ask for it: it is not tried again.
///
/// # Errors
/// The database is not available.
pub async fn stop(tx: &mut Tx, id: AccountMailId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE account_mails SET due_at = NULL, node = NULL, asked = NULL, outcome = 'left_out', settled_at = $2,
                detail = 'whoever got it did not ask for it'
         WHERE id = $1 AND due_at IS NOT NULL",
        params![id, now_ms],
    )
    .await?;
    Ok(())
}
