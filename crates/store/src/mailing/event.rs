//! Writing down what people do about a mailing. Never a reason for anything to fail: who has no mailing has no row.

use crate::error::Result;
use crate::{Tx, params};
use domain::id::{MailingId, PersonId, RecipientId};
use domain::mailing::Step;
use uuid::Uuid;

/// The same step of the same person is written down once in this time, in milliseconds: a scanner opens a page two
/// hundred times.
const ONCE_IN_MS: i64 = 60_000;
/// How long after its mail a step still counts for a mailing, in milliseconds: a year.
const COUNTS_MS: i64 = 365 * 24 * 3_600_000;
/// Recipients a run has at most: the lower half of their ids.
const RUN: i64 = 1 << 32;

/// Somebody, or a program, opened the page a recipient's mail points to; `id`: a fresh one for the event.
///
/// # Errors
/// The database is not available.
pub async fn note_opened(
    tx: &mut Tx,
    recipient: RecipientId,
    by_machine: bool,
    id: Uuid,
    now_ms: i64,
) -> Result<()> {
    let sql = "SELECT q.person_id, COALESCE(m.reminder_of, m.id) FROM recipients q
         JOIN people p ON p.id = q.person_id
         JOIN runs r ON r.number = $2 JOIN mailings m ON m.id = r.mailing_id WHERE q.id = $1";
    let Some(mut row) = tx.find(sql, params![recipient, recipient.run_number()]).await? else {
        return Ok(());
    };
    let step = if by_machine { Step::OpenedByMachine } else { Step::Opened };
    insert(tx, (row.take(1)?, row.take(0)?, recipient), step, id, now_ms).await
}

/// A person did something that ends, or goes on with, what the last mailing to this person asked for; `id`: a fresh
/// one for the event.
///
/// # Errors
/// The database is not available.
pub async fn note_step(tx: &mut Tx, person: PersonId, step: Step, id: Uuid, now_ms: i64) -> Result<()> {
    let sql = format!(
        "SELECT q.id, COALESCE(m.reminder_of, m.id) FROM recipients q
         JOIN runs r ON r.number = q.id / {RUN} JOIN mailings m ON m.id = r.mailing_id
         WHERE q.person_id = $1 AND q.state IN ('sending', 'accepted', 'unknown', 'deferred', 'bounced')
           AND r.created_at > $2 ORDER BY q.id DESC LIMIT 1"
    );
    let Some(mut row) = tx.find(&sql, params![person, now_ms - COUNTS_MS]).await? else { return Ok(()) };
    let (recipient, mailing): (RecipientId, MailingId) = (row.take(0)?, row.take(1)?);
    // Somebody signs in for years; what counts is the first time after the new password.
    if step == Step::LoggedIn && !is_first_login(tx, mailing, person).await? {
        return Ok(());
    }
    insert(tx, (mailing, person, recipient), step, id, now_ms).await
}

async fn is_first_login(tx: &mut Tx, mailing: MailingId, person: PersonId) -> Result<bool> {
    let sql = "SELECT count(*), COALESCE(SUM(CASE WHEN step = 'logged_in' THEN 1 ELSE 0 END), 0) FROM mailing_events
         WHERE mailing_id = $1 AND person_id = $2 AND step IN ('password_set', 'logged_in')";
    let Some(mut row) = tx.find(sql, params![mailing, person]).await? else { return Ok(false) };
    let (all, logins): (i64, i64) = (row.take(0)?, row.take(1)?);
    Ok(all > 0 && logins == 0)
}

async fn insert(
    tx: &mut Tx,
    (mailing, person, recipient): (MailingId, PersonId, RecipientId),
    step: Step,
    id: Uuid,
    now_ms: i64,
) -> Result<()> {
    tx.execute(
        "INSERT INTO mailing_events (id, mailing_id, person_id, recipient_id, step, at)
         SELECT $1, $2, $3, CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM mailing_events
            WHERE mailing_id = $2 AND person_id = $3 AND step = CAST($5 AS TEXT) AND at > CAST($7 AS BIGINT))",
        params![id, mailing, person, recipient, step.as_str(), now_ms, now_ms - ONCE_IN_MS],
    )
    .await
    .map(|_| ())
}
