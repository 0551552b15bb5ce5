//! The lane of notices: claims what is due, mails it over a connection of its own, records what became of it.
//!
//! It never waits behind a run and never touches a run's feed. It looks at the health of the relays and takes its
//! place in their pace, but does not judge them: a notice that fails must not pause a run. The kill switch does not
//! stop it, for a notice carries no credential and somebody must learn why nothing else goes out.

use crate::Flow;
use crate::settings::Outlet;
use crate::single::Handed;
use domain::id::NoticeId;
use domain::language::Language;
use domain::message::OperatorNotice;
use domain::notice::{MOST_ATTEMPTS, NoticeOutcome, backoff_ms};
use domain::person::full_name;
use mail::NoticeComposer;
use mail::meaning::{Meaning, meaning, redact};
use smtp::{Answer, Stop};
use std::sync::Arc;
use std::time::Duration;
use store::notice::{Claimed, Reader};
use store::{StoreError, notice};

/// How often to look for a notice that is due.
const LOOK: Duration = Duration::from_secs(1);
/// Notices that go over one connection.
const BATCH: i64 = 10;
/// How long after its claim a notice may be begun: see [`notice::LEASE_MS`].
const BEGIN: Duration = Duration::from_secs(10 * 60);
/// How often settled notices of long ago are removed.
const TIDY: Duration = Duration::from_secs(3_600);

/// What is to be recorded of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It is done with.
    Settled(NoticeOutcome, String),
    /// It is tried again, unless it was tried too often.
    Again(String),
}

impl Flow {
    /// Mails notices until asked to stop.
    pub async fn notify(&self, stop: Stop) {
        let mut tidied: Option<tokio::time::Instant> = None;
        while !stop.requested() {
            if let Err(error) = self.notify_once(&stop).await {
                tracing::error!(%error, "notices could not be looked at");
            }
            if tidied.is_none_or(|at| at.elapsed() > TIDY) {
                tidied = Some(tokio::time::Instant::now());
                self.purge_notices().await;
            }
            tokio::select! {
                () = stop.wait() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Mails the notices that are due now; says how many a relay took.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn notify_once(&self, stop: &Stop) -> Result<usize, StoreError> {
        let mut accepted = 0;
        while !stop.requested() {
            let now_ms = self.clock.now_ms();
            let due = self.store.read(move |tx| Box::pin(async move { notice::is_due(tx, now_ms).await }));
            let awake = self.gate.awake(now_ms);
            let shut = matches!(self.settings.outlet, Outlet::Relays(_)) && awake.is_empty();
            // While every relay rests nothing is claimed: resting is no attempt.
            if shut || !due.await? {
                break;
            }
            let claimed = self
                .store
                .write(move |tx| Box::pin(async move { notice::claim(tx, BATCH, now_ms).await }))
                .await?;
            // Another node has what is due.
            if claimed.is_empty() {
                break;
            }
            let fates = self.deliver(claimed, &awake, stop).await;
            accepted += self.record_notices(fates).await?;
        }
        Ok(accepted)
    }

    /// Composes and hands over; gives what is to be recorded of each.
    async fn deliver(&self, claimed: Vec<Claimed>, awake: &[usize], stop: &Stop) -> Vec<(Tag, Fate)> {
        let now_ms = self.clock.now_ms();
        let composer = NoticeComposer::prepare(
            self.settings.sender.clone(),
            &self.settings.house,
            Arc::clone(&self.settings.signers),
            &self.settings.notices.console_url,
        );
        let mut fates = Vec::with_capacity(claimed.len());
        let mut composed = Vec::new();
        for one in claimed {
            let tag = Tag { id: one.id, attempt: one.attempt, tried: one.tried };
            let Some(reader) = one.reader else {
                let why = "no valid system user with an address that takes mail any more";
                fates.push((tag, Fate::Settled(NoticeOutcome::LeftOut, why.to_owned())));
                continue;
            };
            let message = message(tag.id, one.about, reader, self.settings.language);
            let mail = composer.as_ref().map_err(ToString::to_string);
            match mail.and_then(|one| one.compose(&message, now_ms).map_err(|error| error.to_string())) {
                Ok(mail) => composed.push((tag, mail)),
                Err(error) => {
                    let why = format!("it could not be composed: {error}");
                    fates.push((tag, Fate::Settled(NoticeOutcome::GivenUp, why)));
                }
            }
        }
        let answered: Vec<(Tag, Fate)> = match &self.settings.outlet {
            Outlet::Mailbox(mailbox) => composed
                .into_iter()
                .map(|(tag, mail)| {
                    let raw = mail.content.into_bytes();
                    let number = mailbox.deliver(&mail.envelope_from, &mail.envelope_to, raw, now_ms);
                    (tag, Fate::Settled(NoticeOutcome::Accepted, format!("kept in the mailbox as {number}")))
                })
                .collect(),
            Outlet::Relays(relays) => {
                let until = tokio::time::Instant::now() + BEGIN;
                let handed = self.hand_over_singly(relays, awake, composed, until, stop).await;
                handed.into_iter().map(|(tag, handed)| (tag, fate(handed))).collect()
            }
        };
        fates.extend(answered);
        fates
    }

    async fn record_notices(&self, fates: Vec<(Tag, Fate)>) -> Result<usize, StoreError> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let mut accepted = 0;
                    for (Tag { id, attempt, tried }, fate) in fates {
                        let (outcome, detail) = match fate {
                            Fate::Again(detail) if tried < MOST_ATTEMPTS => {
                                notice::defer(tx, id, attempt, &detail, now_ms + backoff_ms(tried)).await?;
                                continue;
                            }
                            Fate::Again(detail) => (NoticeOutcome::GivenUp, detail),
                            Fate::Settled(outcome, detail) => (outcome, detail),
                        };
                        notice::settle(tx, id, attempt, outcome, &detail, now_ms).await?;
                        accepted += usize::from(outcome == NoticeOutcome::Accepted);
                        if outcome == NoticeOutcome::GivenUp {
                            tracing::error!(notice.id = %id, detail, "a notice is given up");
                        }
                    }
                    Ok(accepted)
                })
            })
            .await
    }

    async fn purge_notices(&self) {
        let before = self.clock.now_ms() - notice::KEPT_MS;
        let purged =
            self.store.write(move |tx| Box::pin(async move { notice::purge(tx, before).await })).await;
        if let Err(error) = purged {
            tracing::error!(%error, "old notices could not be removed");
        }
    }
}

/// A notice, which attempt it is, and which try of its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag {
    id: NoticeId,
    attempt: i64,
    tried: i64,
}

fn message(id: NoticeId, about: domain::notice::About, reader: Reader, standard: Language) -> OperatorNotice {
    OperatorNotice {
        to: reader.address,
        full_name: full_name(&reader.display_name, &reader.given_name, &reader.family_name, &reader.username),
        language: reader.language.as_deref().and_then(Language::for_tag).unwrap_or(standard),
        time_zone: reader.time_zone,
        about,
        // The same at each attempt: should it arrive twice, programs for mail can tell.
        message_key: format!("notice-{}", id.0.simple()),
    }
}

/// What an answer means for a notice. An operator would rather have it twice than not at all.
fn fate(handed: Handed) -> Fate {
    let answer = match handed {
        Handed::Answered(answer) => answer,
        Handed::Not(why) => return Fate::Again(why),
    };
    match &answer {
        Answer::Accepted(reply) => Fate::Settled(NoticeOutcome::Accepted, redact(&reply.text, &[])),
        Answer::Deferred { reply, .. } | Answer::Refused { reply, .. } => {
            let enhanced = reply.enhanced.as_ref().map(ToString::to_string);
            let status = enhanced.as_ref().map_or_else(String::new, |status| format!(" {status}"));
            let said = format!("{}{status} {}", reply.code, redact(&reply.text, &[]));
            match meaning(reply.code, enhanced.as_deref(), &reply.text) {
                Meaning::GiveUp { .. } => Fate::Settled(NoticeOutcome::GivenUp, said),
                Meaning::Accepted | Meaning::Retry(_) | Meaning::RelayTrouble { .. } => Fate::Again(said),
            }
        }
        Answer::Unsendable(problem) => Fate::Settled(NoticeOutcome::GivenUp, problem.to_string()),
        Answer::Unknown { cause } | Answer::NotSent { cause } => Fate::Again(redact(&cause.to_string(), &[])),
    }
}
