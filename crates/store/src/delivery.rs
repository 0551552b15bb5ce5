//! Deliveries: attempts to hand a message to the relay, and what their answers change.

use crate::error::{Result, StoreError};
use crate::run::{self, Change};
use crate::{Kind, Rows, Tx, Value, credential, delivery_hour, params, reset_link, reset_link_of_run};
use domain::automation::{Carries, Job};
use domain::credential::{CredentialState, Mode};
use domain::delivery::Outcome;
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId, RunId};
use domain::recipient::RecipientState;
use domain::run::RunState;
use serde::Serialize;
use std::collections::HashMap;

/// An answer of the relay, or that there was none, with what follows from it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The recipient.
    pub recipient: RecipientId,
    /// The person.
    pub person: PersonId,
    /// The candidate that was mailed.
    pub credential: CredentialId,
    /// The keyed hash of the personal link that was mailed.
    pub link: Option<[u8; 32]>,
    /// The fencing number it was claimed under.
    pub lease: LeaseId,
    /// Which attempt.
    pub attempt: i64,
    /// How the attempt ended.
    pub outcome: Outcome,
    /// Where the recipient stands now.
    pub next: RecipientState,
    /// When to try again.
    pub due_at: Option<i64>,
    /// Attempts left.
    pub tries_left: i64,
    /// The class of the answer, for reports; empty for acceptances.
    pub reason: Option<String>,
    /// The person's address is to be marked undeliverable, with this cause.
    pub undeliverable: Option<String>,
    /// Which relay.
    pub relay: String,
    /// The Message-ID.
    pub message_id: String,
    /// The SMTP reply code.
    pub code: Option<i64>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// The relay's words, redacted.
    pub reply: Option<String>,
}

/// Records a batch of answers of one run in one transaction: recipients, people, sessions,
/// credentials, deliveries and counts together, or nothing (3-safety 4.6).
///
/// An answer whose lease has lapsed changes nothing but is kept as a delivery: its recipient is in
/// other hands already and its candidate stays acceptable. Gives the change of the counts.
///
/// # Errors
/// The database is not available.
pub async fn record(tx: &mut Tx, run: RunId, job: &Job, batch: &[Answered], now_ms: i64) -> Result<Change> {
    insert(tx, batch, now_ms).await?;
    let held = move_recipients(tx, batch, now_ms).await?;
    let (accepted, others): (Vec<&Answered>, Vec<&Answered>) =
        held.iter().copied().partition(|one| one.outcome == Outcome::Accepted);
    match job.carries() {
        Carries::Password => {
            let fates: Vec<_> =
                others.iter().map(|one| (one.person, one.credential, fate(one.outcome))).collect();
            accept(tx, run, job.password().mode, &accepted, now_ms).await?;
            credential::settle(tx, &fates).await?;
        }
        Carries::Link => {
            let fates = held.iter().filter_map(|one| Some((one.link?, link_fate(one.outcome))));
            reset_link_of_run::settle(tx, fates).await?;
            note_on_people(tx, run, &accepted).await?;
        }
        Carries::Nothing => note_on_people(tx, run, &accepted).await?,
    }
    note_on_people(tx, run, &others).await?;
    let change = change_of(&held);
    run::count(tx, run, change).await?;
    if let Some(first) = batch.first() {
        let failed = change.refused + change.unknown;
        delivery_hour::count(tx, first.recipient.run_number(), change.accepted, failed, now_ms).await?;
    }
    Ok(change)
}

/// What becomes of a candidate whose mail was not accepted.
const fn fate(outcome: Outcome) -> CredentialState {
    match outcome {
        Outcome::Unknown => CredentialState::Unknown,
        _ => CredentialState::Dropped,
    }
}

/// What becomes of a link.
const fn link_fate(outcome: Outcome) -> CredentialState {
    match outcome {
        Outcome::Accepted => CredentialState::Active,
        _ => fate(outcome),
    }
}

async fn insert(tx: &mut Tx, batch: &[Answered], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[
        ("recipient", Kind::Int),
        ("attempt", Kind::Int),
        ("relay", Kind::Text),
        ("message_id", Kind::Text),
        ("outcome", Kind::Text),
        ("code", Kind::Int),
        ("enhanced", Kind::Text),
        ("reply", Kind::Text),
    ]);
    for one in batch {
        rows.push([
            one.recipient.into(),
            one.attempt.into(),
            one.relay.as_str().into(),
            one.message_id.as_str().into(),
            Value::Word(one.outcome.as_str()),
            one.code.into(),
            one.enhanced.as_deref().into(),
            one.reply.as_deref().into(),
        ]);
    }
    tx.execute_rows(
        "INSERT INTO deliveries (recipient_id, attempt, relay, message_id, outcome, code, enhanced, reply, recorded_at)
         VALUES {rows}(r.recipient, r.attempt, r.relay, r.message_id, r.outcome, r.code, r.enhanced, r.reply,
                CAST($1 AS BIGINT)) ON CONFLICT (recipient_id, attempt) DO NOTHING",
        params![now_ms],
        &rows,
    )
    .await?;
    Ok(())
}

/// Moves the recipients that are still held under the lease of the answer; gives the answers that did.
async fn move_recipients<'a>(tx: &mut Tx, batch: &'a [Answered], now_ms: i64) -> Result<Vec<&'a Answered>> {
    let mut rows = Rows::new(&[
        ("recipient", Kind::Int),
        ("lease", Kind::Int),
        ("next", Kind::Text),
        ("why", Kind::Text),
        ("due", Kind::Int),
        ("tries", Kind::Int),
    ]);
    for one in batch {
        rows.push([
            one.recipient.into(),
            one.lease.into(),
            Value::Word(one.next.as_str()),
            one.reason.as_deref().into(),
            one.due_at.into(),
            one.tries_left.into(),
        ]);
    }
    let mut moved = tx
        .update_rows(
            "UPDATE recipients SET state = r.next, reason = r.why, due_at = r.due, tries_left = r.tries, lease_id = NULL,
                settled_at = CASE WHEN r.due IS NULL THEN CAST($1 AS BIGINT) ELSE NULL END
             FROM {rows}
             WHERE recipients.id = r.recipient AND recipients.lease_id = r.lease AND recipients.state = 'sending'",
            params![now_ms],
            &rows,
        )
        .await?;
    // In the order of the answers: what comes one after the other is counted.
    moved.sort_unstable();
    Ok(moved.into_iter().filter_map(|place| batch.get(place)).collect())
}

/// The relay took these mails: their passwords count, the old ones and personal links do not, sessions end. Whoever has
/// used the mailed password already, in the moment between the mail and this record, is left alone.
async fn accept(tx: &mut Tx, run: RunId, mode: Mode, accepted: &[&Answered], now_ms: i64) -> Result<()> {
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

async fn note_on_people(tx: &mut Tx, run: RunId, others: &[&Answered]) -> Result<()> {
    let mut rows =
        Rows::new(&[("person", Kind::Uuid), ("outcome", Kind::Text), ("undeliverable", Kind::Text)]);
    for one in others {
        rows.push([one.person.into(), one.outcome.as_str().into(), one.undeliverable.as_deref().into()]);
    }
    tx.execute_rows(
        "UPDATE people SET last_run_id = $1, last_run_outcome = r.outcome,
            undeliverable = COALESCE(r.undeliverable, people.undeliverable)
         FROM {rows} WHERE people.id = r.person",
        params![run],
        &rows,
    )
    .await?;
    Ok(())
}

fn change_of(held: &[&Answered]) -> Change {
    let mut change = Change::default();
    let mut in_a_row = (0, false);
    for one in held {
        match one.next {
            RecipientState::Accepted => change.accepted += 1,
            RecipientState::Deferred => change.deferred += 1,
            RecipientState::Refused => change.refused += 1,
            RecipientState::Unknown => change.unknown += 1,
            _ => {}
        }
        match one.outcome {
            Outcome::Accepted => in_a_row = (0, true),
            Outcome::Refused => in_a_row.0 += 1,
            _ => {}
        }
    }
    change.refused_in_a_row = Some(in_a_row);
    change
}

/// Frees the recipients of a lapsed lease: what was minted may have left, so the candidates become
/// *unknown* and stay acceptable, and the recipients are tried again at `due_at`; those of a cancelled
/// run, and those without a try left, end as *unknown*. Gives how many are tried again; none when somebody else
/// was first.
///
/// # Errors
/// The database is not available.
pub async fn rescue(tx: &mut Tx, lapsed: &crate::lease::Lapsed, due_at: i64, now_ms: i64) -> Result<i64> {
    // The run before the lease, as whoever records answers does, so that neither waits for the other for ever.
    let cancelled = run::lock(tx, lapsed.run_id).await?.state == RunState::Cancelled;
    if !crate::lease::lock(tx, lapsed).await? {
        return Ok(0);
    }
    credential::lose(tx, lapsed.id, lapsed.first, lapsed.last).await?;
    reset_link_of_run::lose(tx, lapsed.id, lapsed.first, lapsed.last).await?;
    tx.execute(
        "INSERT INTO deliveries (recipient_id, attempt, relay, message_id, outcome, reply, recorded_at)
         SELECT id, attempts, '', '', 'unknown', 'the worker ended before the answer was recorded', CAST($4 AS BIGINT)
         FROM recipients WHERE id BETWEEN $1 AND $2 AND lease_id = $3 AND state = 'sending'
         ON CONFLICT (recipient_id, attempt) DO NOTHING",
        params![lapsed.first, lapsed.last, lapsed.id, now_ms],
    )
    .await?;
    let last_try = tx
        .execute(
            "UPDATE recipients SET state = 'unknown', reason = 'answer_lost', lease_id = NULL, settled_at = $4
             WHERE id BETWEEN $1 AND $2 AND lease_id = $3 AND state = 'sending'
               AND (tries_left <= 0 OR $5)",
            params![lapsed.first, lapsed.last, lapsed.id, now_ms, cancelled],
        )
        .await?;
    let again = tx
        .execute(
            "UPDATE recipients SET state = 'deferred', reason = 'answer_lost', lease_id = NULL, due_at = $4
             WHERE id BETWEEN $1 AND $2 AND lease_id = $3 AND state = 'sending'",
            params![lapsed.first, lapsed.last, lapsed.id, due_at],
        )
        .await?;
    crate::lease::release(tx, lapsed.id).await?;
    let again = i64::try_from(again).unwrap_or(i64::MAX);
    let change =
        Change { deferred: again, unknown: i64::try_from(last_try).unwrap_or(i64::MAX), ..Change::default() };
    run::count(tx, lapsed.run_id, change).await?;
    Ok(again)
}

/// An attempt as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Which attempt, from 1.
    pub attempt: i64,
    /// Which relay.
    pub relay: String,
    /// The Message-ID.
    pub message_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The SMTP reply code.
    pub code: Option<i64>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// The relay's words, redacted.
    pub reply: Option<String>,
    /// When it was recorded, milliseconds since 1970.
    pub recorded_at: i64,
}

/// All attempts for a recipient, oldest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, recipient: RecipientId) -> Result<Vec<Listed>> {
    let rows = tx
        .query(
            "SELECT attempt, relay, message_id, outcome, code, enhanced, reply, recorded_at
             FROM deliveries WHERE recipient_id = $1 ORDER BY attempt",
            params![recipient],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let outcome: String = row.take(3)?;
            Ok(Listed {
                attempt: row.take(0)?,
                relay: row.take(1)?,
                message_id: row.take(2)?,
                outcome: Outcome::parse(&outcome)
                    .ok_or_else(|| StoreError::Corrupt("a delivery has an unreadable outcome".into()))?,
                code: row.take(4)?,
                enhanced: row.take(5)?,
                reply: row.take(6)?,
                recorded_at: row.take(7)?,
            })
        })
        .collect()
}

/// Failures of a run by cause: reply code and words, most frequent first.
///
/// # Errors
/// The database is not available.
pub async fn failures(tx: &mut Tx, run_number: i64, limit: i64) -> Result<Vec<(String, i64)>> {
    let (first, last) = RecipientId::bounds(run_number);
    let values: &[Value] = params![first, last, limit];
    let rows = tx
        .query(
            "SELECT COALESCE(d.reply, ''), count(*) AS people FROM deliveries d
             JOIN recipients q ON q.id = d.recipient_id AND q.attempts = d.attempt
             WHERE q.id BETWEEN $1 AND $2 AND q.state IN ('refused', 'unknown', 'deferred', 'bounced')
             GROUP BY COALESCE(d.reply, '') ORDER BY people DESC, 1 LIMIT $3",
            values,
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}
