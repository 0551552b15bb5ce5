//! Deliveries: attempts to hand a message to the relay, and what their answers change.
//!
//! `accept` has what an accepted mail with a password does, `listed` what is shown of attempts.

mod accept;
mod listed;

pub use listed::{Listed, failures, list};

use crate::error::Result;
use crate::run::{self, Change};
use crate::{Kind, Rows, Tx, Value, credential, delivery_hour, params, reset_link_of_run};
use accept::accept;
use domain::automation::{Carries, Job};
use domain::credential::CredentialState;
use domain::delivery::Outcome;
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId, RunId};
use domain::recipient::RecipientState;
use domain::run::RunState;

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
