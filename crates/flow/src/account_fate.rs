//! What becomes of an account mail: what the relay's answer means, and what is recorded of the mail and its links.

use crate::account_letter::{Tag, fresh_id};
use crate::single::Handed;
use domain::account_mail::{AccountMailKind, AccountMailOutcome, MOST_ATTEMPTS, backoff_ms};
use domain::id::PersonId;
use domain::mailing::Step;
use domain::secret::Secret;
use mail::meaning::{Meaning, meaning, redact};
use serde_json::json;
use smtp::Answer;
use store::audit::Entry;
use store::reset_link::{self, Sent};
use store::{StoreError, Tx, account_mail, confirmation, mailing};

/// What is to be recorded of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The relay took it, with these words.
    Accepted(String),
    /// It will never leave; `undeliverable`: because there is no such address.
    GivenUp { why: String, undeliverable: Option<&'static str> },
    /// It is tried again, unless it was tried too often.
    Again(String, Sent),
}

impl Fate {
    pub(crate) const fn given_up(why: String) -> Self {
        Self::GivenUp { why, undeliverable: None }
    }
}

/// Records one fate; says whether a relay took the mail.
pub(crate) async fn record(
    tx: &mut Tx,
    tag: Tag,
    fate: Fate,
    entries: &mut Vec<Entry>,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let (outcome, detail, sent, undeliverable) = match fate {
        Fate::Accepted(said) => (AccountMailOutcome::Accepted, said, Sent::Accepted, None),
        Fate::GivenUp { why, undeliverable } => (AccountMailOutcome::GivenUp, why, Sent::Not, undeliverable),
        Fate::Again(why, sent) if tag.attempt >= MOST_ATTEMPTS => {
            (AccountMailOutcome::GivenUp, why, sent, None)
        }
        Fate::Again(why, sent) => {
            let due_at = now_ms + backoff_ms(tag.attempt);
            if account_mail::defer(tx, tag.id, tag.attempt, &why, due_at).await? {
                settle_links(tx, tag, sent).await?;
            }
            return Ok(false);
        }
    };
    if !account_mail::settle(tx, tag.id, tag.attempt, outcome, &detail, now_ms).await? {
        // Another process claimed it meanwhile and has set these links to unknown, or whoever got it objected.
        return Ok(false);
    }
    let mut people = settle_links(tx, tag, sent).await?;
    people.extend(tag.about);
    let accepted = outcome == AccountMailOutcome::Accepted;
    let action = action(tag.kind, accepted);
    for person in people {
        if let Some(cause) = undeliverable {
            account_mail::mark_undeliverable(tx, tag.id, person, cause).await?;
        }
        if accepted && tag.about.is_none() {
            mailing::note_step(tx, person, Step::LinkSent, fresh_id(now_ms).0, now_ms).await?;
        }
        entries.push(Entry::new(action, "person", person, json!({ "reply": detail }), now_ms));
    }
    if !accepted {
        tracing::error!(mail.id = %tag.id, detail, "a mail about an account is given up");
    }
    Ok(accepted)
}

/// What becomes of the links of a mail; gives whose personal links they are.
async fn settle_links(tx: &mut Tx, tag: Tag, sent: Sent) -> Result<Vec<PersonId>, StoreError> {
    if tag.kind == AccountMailKind::ResetLink {
        return reset_link::settle(tx, tag.id, sent).await;
    }
    if sent == Sent::Not {
        confirmation::drop_links(tx, tag.id).await?;
    }
    Ok(Vec::new())
}

/// What the audit log says of a mail that was taken, or was not.
const fn action(kind: AccountMailKind, accepted: bool) -> &'static str {
    let [sent, failed] = match kind {
        AccountMailKind::ResetLink => ["reset.link_sent", "reset.link_failed"],
        AccountMailKind::PasswordChanged => ["password.notice_sent", "password.notice_failed"],
        AccountMailKind::ConfirmAddress => ["address.link_sent", "address.link_failed"],
        AccountMailKind::AddressChanging => ["address.notice_sent", "address.notice_failed"],
        AccountMailKind::ConfirmSubscription => ["subscription.link_sent", "subscription.link_failed"],
        AccountMailKind::DeletionAsked => ["deletion.notice_sent", "deletion.notice_failed"],
    };
    if accepted { sent } else { failed }
}

/// What an answer means. Whoever asked would rather have the mail twice than not at all. A relay may repeat what was in
/// the mail: `secrets` are hidden before anything is written down.
pub(crate) fn fate(handed: Handed, secrets: &[Secret]) -> Fate {
    let hidden: Vec<&str> = secrets.iter().map(Secret::expose).collect();
    let answer = match handed {
        Handed::Answered(answer) => answer,
        Handed::Not(why) => return Fate::Again(redact(&why, &hidden), Sent::Not),
    };
    match &answer {
        Answer::Accepted(reply) => Fate::Accepted(redact(&reply.text, &hidden)),
        Answer::Deferred { reply, .. } | Answer::Refused { reply, .. } => {
            let enhanced = reply.enhanced.as_ref().map(ToString::to_string);
            let status = enhanced.as_ref().map_or_else(String::new, |status| format!(" {status}"));
            let said = format!("{}{status} {}", reply.code, redact(&reply.text, &hidden));
            match meaning(reply.code, enhanced.as_deref(), &reply.text) {
                Meaning::GiveUp { cause, undeliverable } => {
                    Fate::GivenUp { why: said, undeliverable: undeliverable.then(|| cause.as_str()) }
                }
                Meaning::Accepted | Meaning::Retry(_) | Meaning::RelayTrouble { .. } => {
                    Fate::Again(said, Sent::Not)
                }
            }
        }
        Answer::Unsendable(problem) => Fate::given_up(problem.to_string()),
        Answer::Unknown { cause } => Fate::Again(redact(&cause.to_string(), &hidden), Sent::Unknown),
        Answer::NotSent { cause } => Fate::Again(redact(&cause.to_string(), &hidden), Sent::Not),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_relay_repeats_of_the_mail_is_hidden_in_whatever_it_answers() {
        let token = "Zq3kV9sX1nT7bYw2LmC8rJd4HgF6pA5uEoQiRt0vKxM";
        let secrets = [Secret::new(token.to_owned())];
        let said = |code: u16| smtp::Reply {
            code,
            enhanced: None,
            text: format!("bad link https://portal.example/reset/link/{token} for ada@example.org"),
        };
        let stage = smtp::Stage::Rcpt;
        let answers = [
            Handed::Answered(Answer::Accepted(said(250))),
            Handed::Answered(Answer::Deferred { stage, reply: said(451) }),
            Handed::Answered(Answer::Refused { stage, reply: said(554) }),
            Handed::Not(said(421).text),
        ];
        for handed in answers {
            let fate = format!("{:?}", fate(handed, &secrets));
            assert!(!fate.contains(token) && !fate.contains("ada@") && fate.contains("hidden"), "{fate}");
        }
    }
}
