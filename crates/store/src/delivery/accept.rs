//! What an accepted mail with a password does: the password counts, what was good before does not.

use super::Answered;
use crate::error::{Result, StoreError};
use crate::{Kind, Rows, Tx, params, reset_link};
use domain::credential::{CredentialState, Mode};
use domain::id::{CredentialId, PersonId, RunId};
use std::collections::HashMap;

/// The relay took these mails: their passwords count, the old ones and personal links do not, sessions end. Whoever has
/// used the mailed password already, in the moment between the mail and this record, is left alone.
pub(super) async fn accept(
    tx: &mut Tx,
    run: RunId,
    mode: Mode,
    accepted: &[&Answered],
    now_ms: i64,
) -> Result<()> {
    let live = live_credentials(tx, accepted).await?;
    let columns = &[("person", Kind::Uuid), ("credential", Kind::Uuid), ("recipient", Kind::Int)];
    let (mut rows, mut beside) = (Rows::new(columns), Rows::new(columns));
    let mut changed = Vec::new();
    for one in accepted {
        let Some(theirs) = live.get(&one.person) else { continue };
        let row = || [one.person.into(), one.credential.into(), one.recipient.into()];
        if theirs.iter().any(|(id, state)| *id == one.credential && *state == CredentialState::Sending) {
            rows.push(row());
            changed.push(one.person);
        }
        if theirs.iter().any(|(id, _)| *id != one.credential) {
            beside.push(row());
        }
    }
    let keep = mode == Mode::KeepUntilUsed;
    if !keep {
        reset_link::retire_of_people(tx, changed).await?;
    }
    let retire = if keep {
        ""
    } else {
        "password_hash = NULL, must_change = TRUE, password_set = 'mailed', password_changed_at = $1, failed_logins = 0, "
    };
    tx.execute_rows(
        &format!(
            "UPDATE people SET {retire}password_mailed_at = $1, last_run_id = $2, last_run_outcome = 'accepted'
             FROM {{rows}} WHERE people.id = r.person"
        ),
        params![now_ms, run],
        &rows,
    )
    .await?;
    if !keep {
        tx.execute_rows("DELETE FROM sessions USING {rows} WHERE sessions.person_id = r.person", &[], &rows)
            .await?;
    }
    tx.execute_rows(
        "UPDATE credentials SET state = 'active' FROM {rows}
         WHERE credentials.person_id = r.person AND credentials.id = r.credential AND credentials.state = 'sending'",
        &[],
        &rows,
    )
    .await?;
    if keep { Ok(()) } else { retire_older(tx, &beside).await }
}

/// Mailed passwords of these people that could still be used, by person. They are locked, so that nothing that
/// follows in this transaction is overtaken by a sign-in or a new password; without it a password chosen in that
/// moment would be wiped.
async fn live_credentials(
    tx: &mut Tx,
    accepted: &[&Answered],
) -> Result<HashMap<PersonId, Vec<(CredentialId, CredentialState)>>> {
    // In one order for all, so that two who lock some of the same people do not wait in a circle.
    let mut people: Vec<PersonId> = accepted.iter().map(|one| one.person).collect();
    people.sort_unstable();
    let mut rows = Rows::new(&[("person", Kind::Uuid)]);
    for person in people {
        rows.push([person.into()]);
    }
    let found = tx
        .query_rows(
            "SELECT c.person_id, c.id, c.state FROM {rows}, credentials c
             WHERE c.person_id = r.person AND c.state <> 'used' AND c.state <> 'retired' AND c.state <> 'dropped'
             {for_update}",
            &[],
            &rows,
        )
        .await?;
    let mut live: HashMap<PersonId, Vec<_>> = HashMap::with_capacity(accepted.len());
    for mut row in found {
        let state: String = row.take(2)?;
        let state = CredentialState::parse(&state)
            .ok_or_else(|| StoreError::Corrupt("a credential has an unreadable state".into()))?;
        live.entry(row.take(0)?).or_default().push((row.take(1)?, state));
    }
    Ok(live)
}

/// Retires what was mailed to these people before. Another candidate of the same recipient whose answer was
/// lost stays acceptable: that mail may be the one the person reads. One that was accepted and came back does not:
/// it lies with a stranger. What an earlier run mailed is the old password. What another run has on its way, or mailed after this one, is not: its mail may be the newest, and
/// without this both of two overlapping runs would retire the other's password and leave the person with none.
async fn retire_older(tx: &mut Tx, beside: &Rows) -> Result<()> {
    tx.execute_rows(
        "UPDATE credentials SET state = 'retired' FROM {rows}
         WHERE credentials.person_id = r.person AND credentials.id <> r.credential
           AND (credentials.state = 'active' OR (credentials.state = 'unknown' AND credentials.recipient_id <> r.recipient))
           AND EXISTS (SELECT 1 FROM credentials m WHERE m.person_id = r.person AND m.id = r.credential
             AND m.state = 'active' AND (m.minted_at > credentials.minted_at OR r.recipient > credentials.recipient_id))",
        &[],
        beside,
    )
    .await?;
    Ok(())
}
