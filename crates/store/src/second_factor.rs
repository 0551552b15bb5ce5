//! The second factor of operators: a sealed secret, the step of the last code, wrong codes, recovery codes.
//!
//! What a code is and how the secret is sealed stands in `auth`. Whoever changes these rows holds the person's row
//! first, so that a sign-in and a change of the second factor see each other.

use crate::acting::Acting;
use crate::person::hold_outranked;
use crate::refusal::ChangeResult;
use crate::{Result, Tx, audit, params};
use domain::id::PersonId;
use serde_json::json;
use std::collections::HashSet;

/// A person's second factor; times in milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// The server key its secret is sealed under.
    pub key_id: String,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The step of the last code that was accepted, in 30 seconds since 1970.
    pub last_step: i64,
    /// Wrong codes in a row.
    pub failed_codes: i64,
    /// When the last of them was typed.
    pub failed_code_at: Option<i64>,
    /// The password is shorter than one without a second factor may be.
    pub short_password: bool,
    /// Since when.
    pub enrolled_at: i64,
}

/// Whether a sign-in to the console takes a second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The person has set one up.
    pub enrolled: bool,
    /// The person's role asks for one.
    pub required: bool,
}

impl Standing {
    /// Whether the password alone does not open the console.
    #[must_use]
    pub const fn takes_two_steps(self) -> bool {
        self.enrolled || self.required
    }
}

/// Whether a person's sign-in takes a second step; of a contact it never does.
///
/// # Errors
/// The database is not available.
pub async fn standing(tx: &mut Tx, person_id: PersonId) -> Result<Standing> {
    let found = tx
        .find(
            "SELECT EXISTS (SELECT 1 FROM second_factors f WHERE f.person_id = p.id), r.second_factor_required
             FROM people p JOIN roles r ON r.id = p.role_id WHERE p.id = $1",
            params![person_id],
        )
        .await?;
    match found {
        None => Ok(Standing { enrolled: false, required: false }),
        Some(mut row) => Ok(Standing { enrolled: row.take(0)?, required: row.take(1)? }),
    }
}

/// A person's second factor, when it is set up.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, person_id: PersonId) -> Result<Option<SecondFactor>> {
    tx.find(
        "SELECT key_id, secret, last_step, failed_codes, failed_code_at, short_password, enrolled_at
         FROM second_factors WHERE person_id = $1",
        params![person_id],
    )
    .await?
    .map(|mut row| {
        Ok(SecondFactor {
            key_id: row.take(0)?,
            secret: row.take(1)?,
            last_step: row.take(2)?,
            failed_codes: row.take(3)?,
            failed_code_at: row.take(4)?,
            short_password: row.take(5)?,
            enrolled_at: row.take(6)?,
        })
    })
    .transpose()
}

/// Who has set one up.
///
/// # Errors
/// The database is not available.
pub async fn list_enrolled(tx: &mut Tx) -> Result<HashSet<PersonId>> {
    let rows = tx.query("SELECT person_id FROM second_factors", &[]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// A secret that was just confirmed with its first code.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// The server key it is sealed under.
    pub key_id: String,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The step of the code that confirmed it.
    pub step: i64,
    /// Keyed hashes of the recovery codes.
    pub recovery: Vec<[u8; 32]>,
}

/// Sets a second factor up. Where there is one already it is replaced, or nothing is done and the answer is `false`.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    person_id: PersonId,
    confirmed: &Confirmed,
    replace: bool,
    now_ms: i64,
) -> Result<bool> {
    let otherwise = if replace {
        "DO UPDATE SET key_id = excluded.key_id, secret = excluded.secret, last_step = excluded.last_step,
             failed_codes = 0, failed_code_at = NULL, enrolled_at = excluded.enrolled_at"
    } else {
        "DO NOTHING"
    };
    let changed = tx
        .execute(
            &format!(
                "INSERT INTO second_factors (person_id, key_id, secret, last_step, failed_codes, failed_code_at,
                                             short_password, enrolled_at)
                 VALUES ($1, $2, $3, $4, 0, NULL, FALSE, $5) ON CONFLICT (person_id) {otherwise}"
            ),
            params![person_id, &confirmed.key_id, confirmed.secret.as_slice(), confirmed.step, now_ms],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    set_recovery_codes(tx, person_id, &confirmed.recovery).await?;
    Ok(true)
}

/// Puts fresh recovery codes in the place of all earlier ones.
///
/// # Errors
/// There is no second factor; the database is not available.
pub async fn set_recovery_codes(tx: &mut Tx, person_id: PersonId, hashes: &[[u8; 32]]) -> Result<()> {
    tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", params![person_id]).await?;
    for hash in hashes {
        tx.execute(
            "INSERT INTO recovery_codes (person_id, hash, used_at) VALUES ($1, $2, NULL)",
            params![person_id, *hash],
        )
        .await?;
    }
    Ok(())
}

/// How many recovery codes are left.
///
/// # Errors
/// The database is not available.
pub async fn count_recovery_codes(tx: &mut Tx, person_id: PersonId) -> Result<i64> {
    let sql = "SELECT count(*) FROM recovery_codes WHERE person_id = $1 AND used_at IS NULL";
    tx.find(sql, params![person_id]).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// The waits after wrong codes, in milliseconds (3-safety 4.4).
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Wrong codes in a row that are free.
    pub free: i64,
    /// The wait after as many.
    pub short_ms: i64,
    /// Wrong codes in a row after which the wait is long.
    pub many: i64,
    /// The wait then.
    pub long_ms: i64,
}

/// Counts a code before it is looked at, by one conditional write; `false`: the wait is not over, or there is no second
/// factor, and it must not be looked at.
///
/// # Errors
/// The database is not available.
pub async fn count_code(tx: &mut Tx, person_id: PersonId, waits: Waits, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            // A time that lies further ahead than any wait comes from a clock that was set back.
            "UPDATE second_factors SET failed_codes = failed_codes + 1, failed_code_at = $2
             WHERE person_id = $1
               AND (failed_codes < $3 OR failed_code_at IS NULL OR failed_code_at > $7
                    OR (failed_codes < $4 AND failed_code_at <= $5) OR failed_code_at <= $6)",
            params![
                person_id,
                now_ms,
                waits.free,
                waits.many,
                now_ms - waits.short_ms,
                now_ms - waits.long_ms,
                now_ms + waits.long_ms
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Accepts the code of a step; `false`: it, or a later one, was accepted before. Of two parallel uses one wins.
///
/// # Errors
/// The database is not available.
pub async fn accept_step(tx: &mut Tx, person_id: PersonId, step: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE second_factors SET last_step = $2, failed_codes = 0, failed_code_at = NULL
             WHERE person_id = $1 AND last_step < $2",
            params![person_id, step],
        )
        .await?;
    Ok(changed == 1)
}

/// Uses a recovery code up, given as its hash under each server key; `false`: it is none, or used already.
///
/// # Errors
/// The database is not available.
pub async fn redeem_recovery_code(
    tx: &mut Tx,
    person_id: PersonId,
    hashes: &[[u8; 32]],
    now_ms: i64,
) -> Result<bool> {
    for hash in hashes {
        let used = tx
            .execute(
                "UPDATE recovery_codes SET used_at = $3 WHERE person_id = $1 AND hash = $2 AND used_at IS NULL",
                params![person_id, *hash, now_ms],
            )
            .await?;
        if used == 1 {
            tx.execute(
                "UPDATE second_factors SET failed_codes = 0, failed_code_at = NULL WHERE person_id = $1",
                params![person_id],
            )
            .await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes whether the person's password is shorter than one without a second factor may be.
///
/// # Errors
/// The database is not available.
pub async fn note_password(tx: &mut Tx, person_id: PersonId, is_short: bool) -> Result<()> {
    tx.execute(
        "UPDATE second_factors SET short_password = $2 WHERE person_id = $1",
        params![person_id, is_short],
    )
    .await?;
    Ok(())
}

/// Takes a second factor away, with its recovery codes. A password that is too short without it has to be changed at the
/// next sign-in. `false`: there was none.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, person_id: PersonId) -> Result<bool> {
    let Some(factor) = find(tx, person_id).await? else { return Ok(false) };
    if factor.short_password {
        tx.execute("UPDATE people SET must_change = TRUE WHERE id = $1", params![person_id]).await?;
    }
    tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", params![person_id]).await?;
    tx.execute("DELETE FROM second_factors WHERE person_id = $1", params![person_id]).await?;
    Ok(true)
}

/// Takes somebody else's second factor away, for who has lost the telephone and the recovery codes; all sessions end.
/// `false`: there was none.
///
/// # Errors
/// The rank is too low; the person is gone.
pub async fn reset(tx: &mut Tx, acting: &Acting, person_id: PersonId, now_ms: i64) -> ChangeResult<bool> {
    hold_outranked(tx, acting, person_id).await?;
    if !remove(tx, person_id).await? {
        return Ok(false);
    }
    let ended = tx.execute("DELETE FROM sessions WHERE person_id = $1", params![person_id]).await?;
    let detail = json!({ "sessions_ended": ended });
    audit::append(tx, acting.entry("second_factor.reset", "person", person_id, detail, now_ms)).await?;
    Ok(true)
}
