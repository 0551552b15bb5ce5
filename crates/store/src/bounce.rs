//! Bounces: mails the relay took and somebody returned later, and what that changes.
//!
//! The run's row must be locked by whoever calls this: the counts and states of its recipients are changed.

use crate::error::{Result, StoreError};
use crate::run::{self, Change};
use crate::{Row, Tx, params, person};
use domain::address::Address;
use domain::credential::CredentialState;
use domain::delivery::Outcome;
use domain::id::{CredentialId, PersonId, RecipientId, RunId};
use domain::recipient::RecipientState;

/// One attempt, as it stands when a bounce for it comes in.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The person.
    pub person: PersonId,
    /// Where the recipient stands.
    pub state: RecipientState,
    /// How often the recipient was tried: this attempt may be an earlier one.
    pub attempts: i64,
    /// How the attempt ended; `None`: it is not recorded.
    pub outcome: Option<Outcome>,
    /// Its Message-ID; empty when its worker died before the record.
    pub message_id: String,
    /// Everything ever minted for the recipient that is still there: mailed passwords and personal links.
    pub credentials: Vec<(CredentialId, CredentialState)>,
    /// The person's address now; `None`: none, or the person is erased.
    pub address: Option<Address>,
}

/// What a bounce says.
#[derive(Debug, Clone)]
pub struct Bounced<'a> {
    /// The recipient.
    pub recipient: RecipientId,
    /// Which attempt.
    pub attempt: i64,
    /// The class of the answer, for reports.
    pub reason: &'a str,
    /// The reply code of the server that refused it.
    pub code: Option<i64>,
    /// The enhanced status.
    pub enhanced: Option<&'a str>,
    /// The server's words, redacted.
    pub reply: &'a str,
    /// The address is at fault: mark the person with this cause.
    pub undeliverable: Option<&'a str>,
}

/// What a bounce changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Changed {
    /// The recipient is *bounced* now. A later attempt may have been accepted: then it stays as it is.
    pub recipient: bool,
    /// The person was marked undeliverable.
    pub person: bool,
}

/// Finds an attempt; `None`: there is no such recipient.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, recipient: RecipientId, attempt: i64) -> Result<Option<Sent>> {
    let row = tx
        .find(
            "SELECT q.person_id, q.state, q.attempts, d.outcome, d.message_id, p.address FROM recipients q
             LEFT JOIN deliveries d ON d.recipient_id = q.id AND d.attempt = $2
             LEFT JOIN people p ON p.id = q.person_id WHERE q.id = $1",
            params![recipient, attempt],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut sent = read(row)?;
    let rows = tx
        .query(
            "SELECT id, state FROM credentials WHERE person_id = $1 AND recipient_id = $2
             UNION ALL SELECT mail_id, state FROM reset_links WHERE person_id = $1 AND recipient_id = $2",
            params![sent.person, recipient],
        )
        .await?;
    for mut row in rows {
        let state: String = row.take(1)?;
        let state = CredentialState::parse(&state).ok_or_else(|| unreadable("credential", "state"))?;
        sent.credentials.push((row.take(0)?, state));
    }
    Ok(Some(sent))
}

fn read(mut row: Row) -> Result<Sent> {
    let state: String = row.take(1)?;
    let outcome: Option<String> = row.take(3)?;
    let outcome = outcome.map(|name| Outcome::parse(&name).ok_or_else(|| unreadable("delivery", "outcome")));
    let address: Option<String> = row.take(5)?;
    Ok(Sent {
        person: row.take(0)?,
        state: RecipientState::parse(&state).ok_or_else(|| unreadable("recipient", "state"))?,
        attempts: row.take(2)?,
        outcome: outcome.transpose()?,
        message_id: row.take::<Option<String>>(4)?.unwrap_or_default(),
        credentials: Vec::new(),
        address: address.and_then(|address| Address::parse(&address).ok()),
    })
}

fn unreadable(what: &str, part: &str) -> StoreError {
    StoreError::Corrupt(format!("a {what} has an unreadable {part}"))
}

/// Records a bounce: the delivery is *bounced*; so is the recipient, when this was its last attempt and it is
/// *accepted* or *unknown*; the person is marked when the address is at fault. Credentials stay: the mail may
/// have reached somebody all the same, such as through a forwarding of which only one branch failed.
///
/// # Errors
/// The database is not available.
pub async fn record(
    tx: &mut Tx,
    run: RunId,
    sent: &Sent,
    bounced: &Bounced<'_>,
    now_ms: i64,
) -> Result<Changed> {
    tx.execute(
        "UPDATE deliveries SET outcome = 'bounced', code = $3, enhanced = $4, reply = $5
         WHERE recipient_id = $1 AND attempt = $2 AND outcome IN ('accepted', 'unknown')",
        params![bounced.recipient, bounced.attempt, bounced.code, bounced.enhanced, bounced.reply],
    )
    .await?;
    let moved = tx
        .execute(
            "UPDATE recipients SET state = 'bounced', reason = $3, due_at = NULL, settled_at = $4
             WHERE id = $1 AND attempts = $2 AND state IN ('accepted', 'unknown')",
            params![bounced.recipient, bounced.attempt, bounced.reason, now_ms],
        )
        .await?;
    let recipient = moved == 1;
    if recipient {
        if sent.state == RecipientState::Unknown {
            // The answer was lost; now it is known that the relay took the mail.
            let change = Change { unknown: -1, accepted: 1, ..Change::default() };
            run::count(tx, run, change).await?;
        }
        tx.execute(
            "UPDATE people SET last_run_outcome = 'bounced' WHERE id = $1 AND last_run_id = $2",
            params![sent.person, run],
        )
        .await?;
    }
    let person = match (&sent.address, bounced.undeliverable) {
        (Some(address), Some(cause)) => {
            person::mark_undeliverable(tx, sent.person, address, cause, now_ms).await?
        }
        _ => false,
    };
    Ok(Changed { recipient, person })
}

/// Lets *bounced* recipients be mailed again although the relay took a mail for them a short while ago: an
/// operator asks for it, and that mail came back.
///
/// # Errors
/// The database is not available.
pub async fn forgive(tx: &mut Tx, run: RunId, first: RecipientId, last: RecipientId) -> Result<()> {
    tx.execute(
        "UPDATE people SET password_mailed_at = NULL WHERE last_run_id = $1 AND id IN
           (SELECT person_id FROM recipients WHERE id BETWEEN $2 AND $3 AND state = 'bounced')",
        params![run, first, last],
    )
    .await?;
    Ok(())
}

/// How many recipients of a run are *bounced*; its counts have them among the accepted.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, run_number: i64) -> Result<i64> {
    let (first, last) = RecipientId::bounds(run_number);
    tx.find(
        "SELECT count(*) FROM recipients WHERE id BETWEEN $1 AND $2 AND state = 'bounced'",
        params![first, last],
    )
    .await?
    .map_or(Ok(0), |mut row| row.take(0))
}
