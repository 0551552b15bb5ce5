//! The lane of account mails: looks up whom a request means, mints links, mails them over a connection of its own and
//! records what became of them.
//!
//! It never waits behind a run. The order is that of every credential (3-safety 4.6): the mail is claimed and the
//! hashes of its links are stored, then the mail leaves, then its fate is recorded. Links whose mail may have left stay
//! good; those of a mail that did not leave are void, and the next try mints others. The kill switch stops links, for
//! they are credentials, but not the word that a password was changed.

use crate::account_letter::{Letter, Tag, fresh_id};
use crate::settings::Outlet;
use crate::single::Handed;
use crate::{Clock, Flow};
use domain::account_mail::{AccountMailKind, AccountMailOutcome, MOST_ATTEMPTS, backoff_ms};
use domain::id::{AccountMailId, PersonId};
use domain::mailing::Step;
use domain::secret::Secret;
use mail::meaning::{Meaning, meaning, redact};
use mail::{AccountMailComposer, ComposeError, Composed};
use serde_json::json;
use smtp::{Answer, Stop};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::audit::{self, Entry};
use store::reset_link::{self, Sent};
use store::{StoreError, Tx, account_mail, confirmation, mailing, setting};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often to look for a mail that is due: somebody stands before a screen and waits for it.
const LOOK: Duration = Duration::from_millis(250);
/// Mails that go over one connection.
const BATCH: i64 = 10;
/// Connections at once.
const CONNECTIONS: usize = 4;
/// How long after its claim a mail may be begun: a relay may take ten minutes for the answer to the final dot, and by
/// then the claim must not have lapsed, or another node would mail it as well.
const BEGIN: Duration = Duration::from_secs(90);
/// How often settled mails and links of long ago are removed.
const TIDY: Duration = Duration::from_secs(3_600);
/// How often to look for mails in the hands of a process that is gone.
const RESCUE: Duration = Duration::from_secs(5);
/// A process that was silent for longer counts as gone, in milliseconds: it says every ten seconds that it lives.
const SILENT_MS: i64 = 45_000;

/// Mails in the hands of this process.
struct Batch {
    letters: Vec<(Tag, Letter)>,
    /// The relays that were awake.
    awake: Vec<usize>,
    /// Until when a mail may be begun.
    until: Instant,
}

/// What is to be recorded of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// The relay took it, with these words.
    Accepted(String),
    /// It will never leave; `undeliverable`: because there is no such address.
    GivenUp { why: String, undeliverable: Option<&'static str> },
    /// It is tried again, unless it was tried too often.
    Again(String, Sent),
}

impl Fate {
    const fn given_up(why: String) -> Self {
        Self::GivenUp { why, undeliverable: None }
    }
}

impl Flow {
    /// Mails what people asked for until asked to stop. A few connections at once, so that a relay that takes its time
    /// over one mail keeps nobody else waiting.
    pub async fn answer_people(&self, stop: Stop) {
        let (mut tidied, mut rescued): (Option<Instant>, Option<Instant>) = (None, None);
        let mut posting = JoinSet::new();
        while !stop.requested() {
            while posting.try_join_next().is_some() {}
            if posting.len() < CONNECTIONS {
                match self.claim_due().await {
                    Ok(Some(batch)) => {
                        let (flow, stop) = (self.clone(), stop.clone());
                        posting.spawn(async move {
                            if let Err(error) = flow.post_and_record(batch, &stop).await {
                                tracing::error!(%error, "the fate of account mails could not be recorded");
                            }
                        });
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "account mails could not be looked at"),
                }
            }
            if rescued.is_none_or(|at| at.elapsed() > RESCUE) {
                rescued = Some(Instant::now());
                self.rescue_account_mails().await;
            }
            if tidied.is_none_or(|at| at.elapsed() > TIDY) {
                tidied = Some(Instant::now());
                self.purge_account_mails().await;
            }
            tokio::select! {
                () = stop.wait() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        while posting.join_next().await.is_some() {}
    }

    /// Mails what is due now; says how many a relay took.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn answer_people_once(&self, stop: &Stop) -> Result<usize, StoreError> {
        let mut accepted = 0;
        while !stop.requested() {
            let Some(batch) = self.claim_due().await? else { break };
            accepted += self.post_and_record(batch, stop).await?;
        }
        Ok(accepted)
    }

    /// Takes up mails of processes that are gone: at once where no other process can work on this database, else when
    /// they were silent for long. Their links stay good, for the mails may have left.
    pub async fn rescue_account_mails(&self) {
        let (node, only, now_ms) =
            (self.settings.node.clone(), self.settings.sole_worker, self.clock.now_ms());
        let rescued = self.store.write(move |tx| {
            Box::pin(async move { account_mail::rescue(tx, &node, only, now_ms - SILENT_MS, now_ms).await })
        });
        match rescued.await {
            Ok(0) => {}
            Ok(mails) => tracing::warn!(mails, "account mails of a process that is gone are taken up"),
            Err(error) => {
                tracing::error!(%error, "account mails of processes that are gone were not looked for")
            }
        }
    }

    /// Removes settled mails and links of long ago, and requests that waited for a day.
    pub async fn purge_account_mails(&self) {
        let now_ms = self.clock.now_ms();
        let purged =
            self.store.write(move |tx| Box::pin(async move { account_mail::purge(tx, now_ms).await })).await;
        if let Err(error) = purged {
            tracing::error!(%error, "old account mails could not be removed");
        }
    }

    /// Claims what is due; `None`: nothing is, or every relay rests, and resting is no attempt.
    async fn claim_due(&self) -> Result<Option<Batch>, StoreError> {
        loop {
            let now_ms = self.clock.now_ms();
            let awake = self.gate.awake(now_ms);
            let shut = matches!(self.settings.outlet, Outlet::Relays(_)) && awake.is_empty();
            let due =
                self.store.read(move |tx| Box::pin(async move { account_mail::is_due(tx, now_ms).await }));
            if shut || !due.await? {
                return Ok(None);
            }
            let until = Instant::now() + BEGIN;
            let (claimed, letters) = self.claim_account_mails(now_ms).await?;
            if !letters.is_empty() {
                return Ok(Some(Batch { letters, awake, until }));
            }
            // Another node has what is due. Else it was settled without a mail, and more may be due.
            if claimed == 0 {
                return Ok(None);
            }
        }
    }

    /// Claims, looks up, mints, and commits: the intent. What needs no mail is settled here. Says how many were claimed.
    async fn claim_account_mails(&self, now_ms: i64) -> Result<(usize, Vec<(Tag, Letter)>), StoreError> {
        let flow = self.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let stopped = setting::find(tx, setting::SENDING_STOPPED).await?.is_some();
                    let (mut letters, mut entries) = (Vec::new(), Vec::new());
                    let all = account_mail::claim(tx, &flow.settings.node, BATCH, now_ms).await?;
                    let claimed = all.len();
                    for one in all {
                        letters.extend(flow.prepare(tx, one, stopped, &mut entries, now_ms).await?);
                    }
                    append_all(tx, entries).await?;
                    Ok((claimed, letters))
                })
            })
            .await
    }

    async fn post_and_record(&self, batch: Batch, stop: &Stop) -> Result<usize, StoreError> {
        let fates = self.post(batch, stop).await;
        self.record_account_mails(fates).await
    }

    /// Composes and hands over; gives what is to be recorded of each.
    async fn post(&self, batch: Batch, stop: &Stop) -> Vec<(Tag, Fate)> {
        let Batch { letters, awake, until } = batch;
        let now_ms = self.clock.now_ms();
        let composer = AccountMailComposer::prepare(
            self.settings.sender.clone(),
            &self.settings.house,
            Arc::clone(&self.settings.signers),
            &self.settings.resets.base_url,
        );
        let mut fates = Vec::with_capacity(letters.len());
        let mut composed = Vec::new();
        let mut secrets: HashMap<AccountMailId, Vec<Secret>> = HashMap::new();
        for (tag, letter) in letters {
            secrets.insert(tag.id, letter.secrets());
            match compose(composer.as_ref(), &letter, &self.clock) {
                Ok(mail) => composed.push((tag, mail)),
                Err(why) => {
                    let why = format!("it could not be composed: {why}");
                    fates.push((tag, Fate::given_up(why)));
                }
            }
        }
        match &self.settings.outlet {
            Outlet::Mailbox(mailbox) => fates.extend(composed.into_iter().map(|(tag, mail)| {
                let raw = mail.content.into_bytes();
                let number = mailbox.deliver(&mail.envelope_from, &mail.envelope_to, raw, now_ms);
                let kept = format!("kept in the mailbox as {number}");
                (tag, Fate::Accepted(kept))
            })),
            Outlet::Relays(relays) => {
                let handed = self.hand_over_singly(relays, &awake, composed, until, stop).await;
                fates.extend(handed.into_iter().map(|(tag, handed)| {
                    let hidden = secrets.get(&tag.id).map_or(&[][..], Vec::as_slice);
                    (tag, fate(handed, hidden))
                }));
            }
        }
        fates
    }

    async fn record_account_mails(&self, fates: Vec<(Tag, Fate)>) -> Result<usize, StoreError> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let (mut accepted, mut entries) = (0, Vec::new());
                    for (tag, fate) in fates {
                        accepted += usize::from(record(tx, tag, fate, &mut entries, now_ms).await?);
                    }
                    append_all(tx, entries).await?;
                    Ok(accepted)
                })
            })
            .await
    }
}

/// Last of all, see the module of letters.
async fn append_all(tx: &mut Tx, entries: Vec<Entry>) -> Result<(), StoreError> {
    for entry in entries {
        audit::append(tx, entry).await?;
    }
    Ok(())
}

fn compose(
    composer: Result<&AccountMailComposer, &ComposeError>,
    letter: &Letter,
    clock: &Clock,
) -> Result<Composed, String> {
    let composer = composer.map_err(ToString::to_string)?;
    match letter {
        Letter::Links(links) => composer.compose_links(links, clock.now_ms()),
        Letter::Changed(changed) => composer.compose_changed(changed, clock.now_ms()),
        Letter::Confirm(link) => composer.compose_confirm(link, clock.now_ms()),
        Letter::DeletionAsked(asked) => composer.compose_deletion_asked(asked, clock.now_ms()),
    }
    .map_err(|error| error.to_string())
}

/// Records one fate; says whether a relay took the mail.
async fn record(
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
fn fate(handed: Handed, secrets: &[Secret]) -> Fate {
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
