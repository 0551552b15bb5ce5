//! Deliveries: what the relay's answer means for the recipient, and recording it in batches.

use crate::message::{Tag, Uncomposed};
use domain::delivery::{Outcome, backoff_ms};
use domain::recipient::RecipientState;
use mail::meaning::{Meaning, Remedy, meaning, redact};
use smtp::{Answer, Cause, Unsendable};
use store::delivery::Answered;

/// An answer with what it says about the relay.
#[derive(Debug)]
pub(crate) struct Decided {
    pub answered: Answered,
    pub tag: Tag,
    /// The relay has trouble with us or with everybody: rest it, and pause when waiting will not help.
    pub relay: Option<Verdict>,
}

/// What an answer says about the relay rather than about the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works.
    Works,
    /// Rest it for a while.
    Rest(String),
    /// An operator must act.
    Alarm(String),
}

/// How often it is tried again after a relay's answer was lost.
const LOST_TRIES: i64 = 3;

/// How long a recipient waits that was not reached through no fault of its own.
const NOT_REACHED_MS: i64 = 5_000;

/// Decides what an answer means. `jitter` is between 0 and 1.
/// `begun`: something of the message was said to the relay.
pub(crate) fn decide(
    tag: Tag,
    relay: &str,
    answer: &Answer,
    begun: bool,
    now_ms: i64,
    jitter: f64,
) -> Decided {
    let mut answered = blank(&tag, relay);
    let mut verdict = None;
    match answer {
        Answer::Accepted(reply) => {
            answered.outcome = Outcome::Accepted;
            answered.next = RecipientState::Accepted;
            answered.code = Some(reply.code.into());
            answered.enhanced = reply.enhanced.as_ref().map(ToString::to_string);
            // The words of an acceptance are the relay's queue id: what an operator asks the relay's people for.
            answered.reply = Some(redact(&reply.text, &tag.secrets()));
            verdict = Some(Verdict::Works);
        }
        Answer::Deferred { reply, .. } | Answer::Refused { reply, .. } => {
            let enhanced = reply.enhanced.as_ref().map(ToString::to_string);
            answered.code = Some(reply.code.into());
            answered.reply = Some(redact(&reply.text, &tag.secrets()));
            let meaning = meaning(reply.code, enhanced.as_deref(), &reply.text);
            answered.enhanced = enhanced;
            verdict = judge(&mut answered, meaning, now_ms, jitter);
        }
        Answer::Unsendable(problem) => unsendable(&mut answered, problem),
        Answer::Unknown { cause } => {
            answered.outcome = Outcome::Unknown;
            answered.reply = Some(redact(&cause.to_string(), &tag.secrets()));
            answered.reason = Some("answer_lost".into());
            // Each of them may have arrived: nobody wants a fifth mail.
            answered.tries_left = answered.tries_left.min(LOST_TRIES);
            let wait_ms = backoff_ms(attempt(&answered), jitter);
            again(&mut answered, RecipientState::Unknown, wait_ms, now_ms);
        }
        Answer::NotSent { cause } => {
            answered.outcome = Outcome::NotSent;
            answered.reply = Some(redact(&cause.to_string(), &tag.secrets()));
            if begun && !matches!(cause, Cause::Vetoed | Cause::Stopped | Cause::RelayClosing(_)) {
                // It broke off in the middle of this message. Should it be this message that breaks
                // it, it must not do so for ever.
                answered.reason = Some("relay_unavailable".into());
                let wait_ms = backoff_ms(attempt(&answered), jitter);
                again(&mut answered, RecipientState::Refused, wait_ms, now_ms);
            } else {
                not_reached(&mut answered, now_ms);
            }
        }
    }
    Decided { answered, tag, relay: verdict }
}

/// A message that could not be composed is refused: trying again composes the same.
pub(crate) fn uncomposed(problem: Uncomposed) -> Decided {
    let mut answered = blank(&problem.tag, "");
    answered.outcome = Outcome::Refused;
    answered.next = RecipientState::Refused;
    answered.reason = Some("not_composed".into());
    answered.reply = Some(problem.cause);
    Decided { answered, tag: problem.tag, relay: None }
}

fn blank(tag: &Tag, relay: &str) -> Answered {
    Answered {
        recipient: tag.recipient,
        person: tag.person,
        credential: tag.credential,
        link: tag.link,
        lease: tag.hold.lease,
        attempt: tag.attempt,
        outcome: Outcome::NotSent,
        next: RecipientState::Deferred,
        due_at: None,
        tries_left: tag.tries_left,
        reason: None,
        undeliverable: None,
        relay: relay.to_owned(),
        message_id: tag.message_id.clone(),
        code: None,
        enhanced: None,
        reply: None,
    }
}

fn attempt(answered: &Answered) -> u32 {
    u32::try_from(answered.attempt).unwrap_or(u32::MAX)
}

/// Tries again after a wait, or settles in the state that says how it ended.
fn again(answered: &mut Answered, at_last: RecipientState, wait_ms: i64, now_ms: i64) {
    if answered.tries_left > 0 {
        answered.next = RecipientState::Deferred;
        answered.due_at = Some(now_ms + wait_ms);
    } else {
        answered.next = at_last;
    }
}

/// The recipient had no part in it: the attempt does not count.
fn not_reached(answered: &mut Answered, now_ms: i64) {
    answered.tries_left += 1;
    answered.reason = Some("relay_unavailable".into());
    answered.next = RecipientState::Deferred;
    answered.due_at = Some(now_ms + NOT_REACHED_MS);
}

fn judge(answered: &mut Answered, meaning: Meaning, now_ms: i64, jitter: f64) -> Option<Verdict> {
    let words = answered.reply.clone().unwrap_or_default();
    let code = answered.code.unwrap_or_default();
    match meaning {
        Meaning::Accepted => None,
        Meaning::Retry(cause) => {
            answered.outcome = Outcome::Deferred;
            answered.reason = Some(cause.as_str().into());
            again(answered, RecipientState::Refused, backoff_ms(attempt(answered), jitter), now_ms);
            None
        }
        Meaning::GiveUp { cause, undeliverable } => {
            answered.outcome = Outcome::Refused;
            answered.next = RecipientState::Refused;
            answered.reason = Some(cause.as_str().into());
            if undeliverable {
                answered.undeliverable = Some(cause.as_str().into());
            }
            None
        }
        Meaning::RelayTrouble { cause, remedy: Remedy::Count } => {
            answered.outcome = Outcome::Refused;
            answered.next = RecipientState::Refused;
            answered.reason = Some(cause.as_str().into());
            None
        }
        Meaning::RelayTrouble { cause, remedy } => {
            answered.outcome = Outcome::Deferred;
            not_reached(answered, now_ms);
            answered.reason = Some(cause.as_str().into());
            let said = format!("{} ({code} {words})", cause.sentence(domain::language::Language::En));
            Some(if remedy == Remedy::Pause { Verdict::Alarm(said) } else { Verdict::Rest(said) })
        }
    }
}

fn unsendable(answered: &mut Answered, problem: &Unsendable) {
    answered.outcome = Outcome::Refused;
    answered.next = RecipientState::Refused;
    answered.reply = Some(problem.to_string());
    answered.reason = Some(
        match problem {
            Unsendable::NeedsSmtputf8 => "needs-smtputf8",
            Unsendable::TooLarge { .. } => "too-large",
            _ => "not_composed",
        }
        .into(),
    );
}
