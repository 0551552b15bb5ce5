//! Bounces: a mail that came back to a return path of ours, and what follows for the recipient and the person.
//!
//! Only the signed return path counts, and only for a message that was sent. Everything else changes nothing.
//! The same bounce twice changes nothing the second time. No new secret is made: whoever bounced is mailed
//! again when an operator or the next run says so.

use crate::message::{key_of, read_key};
use crate::{Flow, account_bounce, account_letter};
use domain::credential::CredentialState;
use domain::delivery::Outcome;
use domain::event::BuiltIn;
use domain::id::{PersonId, RecipientId};
use domain::recipient::RecipientState;
use mail::bounce::{Failure, ReturnPath, Returned, Said};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use store::audit::{self, Entry};
use store::bounce::{self, Changed, Sent};
use store::event::{self, Happened};
use store::run::Run;
use store::{StoreError, Tx, run};

/// What a mail that came in changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Bounced {
    /// It was recorded.
    Recorded {
        /// The run's number.
        run: i64,
        /// The recipient's place in it.
        place: u32,
        /// The class of the answer.
        reason: &'static str,
        /// What changed.
        #[serde(flatten)]
        changed: Changed,
    },
    /// It was recorded for an account mail.
    AccountMail {
        /// The class of the answer.
        reason: &'static str,
        /// How many people were marked undeliverable.
        marked: i64,
    },
    /// It was recorded before.
    Repeated,
    /// The relay's answer to this very mail is not recorded yet: bring it again in a moment.
    NotYet,
    /// It changes nothing.
    Ignored {
        /// Why.
        why: Why,
    },
}

/// Why a mail that came in changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It came to no return path of ours.
    NoReturnPath,
    /// It came to what looks like one, but the signature is not ours.
    Forged,
    /// The return path is ours, but no such message was sent from this database.
    NotSent,
    /// The mail is late and still being tried.
    Delayed,
    /// The mail was delivered.
    Delivered,
    /// A program answered for the person.
    AutoReply,
    /// It is no bounce: a reply of a person, a read receipt, a complaint.
    NoBounce,
    /// The person has used the mailed password or link: it did arrive.
    Used,
    /// Reading it failed by a defect of the program: nobody knows whose it is, so it is kept.
    Unreadable,
}

impl Why {
    /// As in the audit log and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoReturnPath => "no_return_path",
            Self::Forged => "forged",
            Self::NotSent => "not_sent",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::AutoReply => "auto_reply",
            Self::NoBounce => "no_bounce",
            Self::Used => "used",
            Self::Unreadable => "unreadable",
        }
    }

    /// For people to read.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::NoReturnPath => "it came to no return path of ours",
            Self::Forged => "the signature of its return path is not ours",
            Self::NotSent => "no such message was sent",
            Self::Delayed => "the mail is late and still being tried",
            Self::Delivered => "the mail was delivered",
            Self::AutoReply => "an automatic reply",
            Self::NoBounce => "no bounce",
            Self::Used => "the person has used the mailed password or link",
            Self::Unreadable => "it could not be read, which is a defect of the program",
        }
    }

    /// Whether the mail belongs to one of our messages. What does not was meant for somebody else, perhaps.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        !matches!(self, Self::NoReturnPath | Self::Forged | Self::NotSent | Self::Unreadable)
    }
}

impl Flow {
    /// Whether mails leave with return paths of their own, so that they can come back to one.
    #[must_use]
    pub fn reads_bounces(&self) -> bool {
        self.settings.sender.bounce.is_some()
    }

    /// Takes in a mail that came back. `came_to` is the envelope recipient, when the mail server names it;
    /// otherwise the mail's own header is searched. Whoever calls this notes what was ignored with
    /// [`Flow::note_ignored`].
    ///
    /// # Errors
    /// The database is not available: bring the mail again.
    pub async fn take_back(&self, mail: Vec<u8>, came_to: Option<&str>) -> Result<Bounced, StoreError> {
        let ignored = |why| Ok(Bounced::Ignored { why });
        let Some(paths) = &self.settings.sender.bounce else { return ignored(Why::NoReturnPath) };
        let returned = match read_apart(move || mail::bounce::read(&mail)).await {
            Ok(returned) => returned,
            Err(why) => return ignored(why),
        };
        let named = || came_to.into_iter().chain(returned.came_to.iter().map(String::as_str));
        let Some(path) = named().find_map(|address| paths.read(address)) else {
            let claimed = named().any(|address| paths.is_claimed(address));
            return ignored(if claimed { Why::Forged } else { Why::NoReturnPath });
        };
        let failure = match returned.said {
            Said::Failed(failure) => failure,
            Said::Delayed => return ignored(Why::Delayed),
            Said::Delivered => return ignored(Why::Delivered),
            Said::AutoReply => return ignored(Why::AutoReply),
            Said::Other => return ignored(Why::NoBounce),
        };
        let (paths, now_ms) = (paths.clone(), self.clock.now_ms());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let went_to = |address: &_| paths.went_to(&path, address);
                    record(tx, &path, &failure, went_to, now_ms).await
                })
            })
            .await
    }

    /// Writes down how many mails were ignored and why, in one audit entry.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn note_ignored(&self, ignored: &BTreeMap<Why, i64>) -> Result<(), StoreError> {
        if ignored.is_empty() {
            return Ok(());
        }
        let counts: BTreeMap<&str, i64> = ignored.iter().map(|(why, count)| (why.as_str(), *count)).collect();
        let entry =
            Entry::new("bounce.ignored", "installation", "bounces", json!(counts), self.clock.now_ms());
        self.store.write(move |tx| Box::pin(audit::append(tx, entry))).await
    }
}

async fn record(
    tx: &mut Tx,
    path: &ReturnPath,
    failure: &Failure,
    went_to: impl Fn(&domain::address::Address) -> bool + Send,
    now_ms: i64,
) -> Result<Bounced, StoreError> {
    const NOT_SENT: Bounced = Bounced::Ignored { why: Why::NotSent };
    if let Some(key) = account_letter::read_key(&path.message_key) {
        return account_bounce::record(tx, key, failure, went_to, now_ms).await;
    }
    let Some((recipient, attempt, _)) = read_key(&path.message_key) else { return Ok(NOT_SENT) };
    let Some(found) = run::find_by_number(tx, recipient.run_number()).await? else { return Ok(NOT_SENT) };
    let run = run::lock(tx, found.id).await?;
    let Some(mut sent) = bounce::find(tx, recipient, attempt).await? else { return Ok(NOT_SENT) };
    match judge(&sent, recipient, attempt, &path.message_key) {
        Judged::Counts => {}
        Judged::Not(bounced) => return Ok(bounced),
    }
    // Whoever has another address by now is not marked for the old one.
    sent.address = sent.address.filter(|address| went_to(address));
    let meant = failure.meant();
    let words = failure.redacted();
    let status = failure.enhanced.clone().or(failure.code.map(|code| code.to_string()));
    let cause = format!("{}: mail came back ({})", meant.reason, status.as_deref().unwrap_or("no status"));
    let bounced = bounce::Bounced {
        recipient,
        attempt,
        reason: meant.reason,
        code: failure.code.map(i64::from),
        enhanced: failure.enhanced.as_deref(),
        reply: &words,
        undeliverable: meant.undeliverable.then_some(cause.as_str()),
    };
    let changed = bounce::record(tx, run.id, &sent, &bounced, now_ms).await?;
    note_event(tx, &run, sent.person, [&words, status.as_deref().unwrap_or_default()], now_ms).await?;
    let detail = json!({
        "place": recipient.position(),
        "attempt": attempt,
        "reason": meant.reason,
        "status": status,
        "recipient": changed.recipient,
        "person": changed.person,
    });
    audit::append(tx, Entry::new("bounce.recorded", "run", run.id, detail, now_ms)).await?;
    Ok(Bounced::Recorded { run: run.number, place: recipient.position(), reason: meant.reason, changed })
}

/// Where it is heard, an event says so; the automation whose mail came back does not act on it.
async fn note_event(
    tx: &mut Tx,
    run: &Run,
    person: PersonId,
    [cause, status]: [&str; 2],
    now_ms: i64,
) -> Result<(), StoreError> {
    if !event::is_heard(tx, BuiltIn::MailBounced).await? {
        return Ok(());
    }
    let about = Happened {
        run: Some(run.id),
        automation: run.automation_id,
        chain: event::chain::of_person(tx, run, person).await?,
        ..Happened::to(person, None, json!({ "cause": cause, "status": status }))
    };
    event::write(tx, BuiltIn::MailBounced, &about, now_ms).await
}

/// Reads a mail, which may take a while: not on a thread that serves pages. A panic there is a defect that must
/// neither end the reading of other mails nor lose this one.
async fn read_apart(read: impl FnOnce() -> Returned + Send + 'static) -> Result<Returned, Why> {
    tokio::task::spawn_blocking(read).await.map_err(|error| {
        tracing::error!(%error, "a mail that came back could not be read");
        Why::Unreadable
    })
}

enum Judged {
    Counts,
    Not(Bounced),
}

/// Whether a bounce for an attempt counts.
fn judge(sent: &Sent, recipient: RecipientId, attempt: i64, message_key: &str) -> Judged {
    let not = |why| Judged::Not(Bounced::Ignored { why });
    let of_this = |(id, _): &&(_, CredentialState)| key_of(recipient, attempt, *id) == message_key;
    let is_known = sent.credentials.iter().any(|one| of_this(&one));
    // A mail of this run was read by the person: what came back is another copy of it, or an earlier try.
    let was_used = sent.credentials.iter().any(|(_, state)| *state == CredentialState::Used);
    // The Message-ID begins with the key of the message. After the restore of an older copy another message
    // may stand in its place.
    let by_id = sent.message_id.split('@').next().is_some_and(|key| key == message_key);
    if !by_id && (!is_known || !sent.message_id.is_empty()) {
        return not(Why::NotSent);
    }
    match sent.outcome {
        Some(Outcome::Bounced) => Judged::Not(Bounced::Repeated),
        Some(Outcome::Accepted | Outcome::Unknown) if was_used => not(Why::Used),
        Some(Outcome::Accepted | Outcome::Unknown) => Judged::Counts,
        None if sent.state == RecipientState::Sending && sent.attempts == attempt => {
            Judged::Not(Bounced::NotYet)
        }
        _ => not(Why::NotSent),
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "the panic is what is tested")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_defect_of_the_reader_leaves_the_mail_to_the_operator() {
        let read = read_apart(|| panic!("a defect")).await;
        assert_eq!(read, Err(Why::Unreadable));
        assert!(!Why::Unreadable.is_ours(), "so the folder keeps it");
    }
}
