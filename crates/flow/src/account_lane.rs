//! The lane of account mails: looks up whom a request means, mints links, mails them over a connection of its own and
//! records what became of them.
//!
//! It never waits behind a run. The order is that of every credential (3-safety 4.6): the mail is claimed and the
//! hashes of its links are stored, then the mail leaves, then its fate is recorded. Links whose mail may have left stay
//! good; those of a mail that did not leave are void, and the next try mints others. The kill switch stops links, for
//! they are credentials, but not the word that a password was changed.

use crate::settings::Outlet;
use crate::single::Handed;
use crate::{Clock, Flow};
use auth::reset::{self, Minted};
use domain::account_mail::{AccountMailOutcome, MOST_ATTEMPTS, MOST_LIVE_LINKS, backoff_ms};
use domain::address::Address;
use domain::id::{AccountMailId, PersonId};
use domain::language::Language;
use domain::message::{AccountLink, PasswordChanged, ResetLinks};
use mail::meaning::{Meaning, meaning, redact};
use mail::{AccountMailComposer, ComposeError, Composed};
use serde_json::json;
use smtp::{Answer, Stop};
use std::sync::Arc;
use std::time::Duration;
use store::account_mail::{self, Claimed, Matter};
use store::audit::{self, Entry};
use store::reset_link::{self, Meant, NewLink, Sent};
use store::{StoreError, Tx, rate, setting};

/// How often to look for a mail that is due: somebody stands before a screen and waits for it.
const LOOK: Duration = Duration::from_millis(250);
/// Mails that go over one connection.
const BATCH: i64 = 10;
/// How often settled mails and links of long ago are removed.
const TIDY: Duration = Duration::from_secs(3_600);

/// A claimed mail and which attempt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag {
    id: AccountMailId,
    attempt: i64,
    requested_at: i64,
}

/// What is to be written.
#[derive(Debug)]
enum Letter {
    Links(ResetLinks),
    Changed(PasswordChanged),
}

/// What is to be recorded of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Settled(AccountMailOutcome, String, Sent),
    /// It is tried again, unless it was tried too often.
    Again(String, Sent),
}

impl Flow {
    /// Mails what people asked for until asked to stop.
    pub async fn answer_people(&self, stop: Stop) {
        let mut tidied: Option<tokio::time::Instant> = None;
        while !stop.requested() {
            if let Err(error) = self.answer_people_once(&stop).await {
                tracing::error!(%error, "account mails could not be looked at");
            }
            if tidied.is_none_or(|at| at.elapsed() > TIDY) {
                tidied = Some(tokio::time::Instant::now());
                self.purge_account_mails().await;
            }
            tokio::select! {
                () = stop.wait() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Mails what is due now; says how many a relay took.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn answer_people_once(&self, stop: &Stop) -> Result<usize, StoreError> {
        let mut accepted = 0;
        while !stop.requested() {
            let now_ms = self.clock.now_ms();
            let due =
                self.store.read(move |tx| Box::pin(async move { account_mail::is_due(tx, now_ms).await }));
            let awake = self.gate.awake(now_ms);
            let shut = matches!(self.settings.outlet, Outlet::Relays(_)) && awake.is_empty();
            // While every relay rests nothing is claimed: resting is no attempt.
            if shut || !due.await? {
                break;
            }
            let letters = self.claim_account_mails(now_ms).await?;
            if letters.is_empty() {
                break;
            }
            let fates = self.post(letters, &awake, stop).await;
            accepted += self.record_account_mails(fates).await?;
        }
        Ok(accepted)
    }

    /// Claims, looks up, mints, and commits: the intent. What needs no mail is settled here.
    async fn claim_account_mails(&self, now_ms: i64) -> Result<Vec<(Tag, Letter)>, StoreError> {
        let flow = self.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let stopped = setting::find(tx, setting::SENDING_STOPPED).await?.is_some();
                    let mut letters = Vec::new();
                    for claimed in account_mail::claim(tx, BATCH, now_ms).await? {
                        letters.extend(flow.prepare(tx, claimed, stopped, now_ms).await?);
                    }
                    Ok(letters)
                })
            })
            .await
    }

    async fn prepare(
        &self,
        tx: &mut Tx,
        claimed: Claimed,
        stopped: bool,
        now_ms: i64,
    ) -> Result<Option<(Tag, Letter)>, StoreError> {
        let tag = Tag { id: claimed.id, attempt: claimed.attempt, requested_at: claimed.requested_at };
        // The process that had it before is gone: its mail may have left.
        reset_link::settle(tx, tag.id, Sent::Unknown).await?;
        let address = match &claimed.matter {
            Matter::Changed { person_id, address } => {
                return self.changed(tx, tag, *person_id, address, now_ms).await;
            }
            _ if stopped => {
                account_mail::defer(tx, tag.id, tag.attempt, "all sending is stopped", now_ms + 10_000)
                    .await?;
                return Ok(None);
            }
            Matter::Links(address) => address.clone(),
            Matter::Asked(name) => match self.look_up(tx, &claimed, tag, name, now_ms).await? {
                Some(address) => address,
                None => return Ok(None),
            },
        };
        let people = reset_link::list_at(tx, &address, now_ms).await?;
        let Some(to) = people.first().and_then(|one| one.address.clone().ok()) else {
            let why = "nobody with this address may have a link any more";
            account_mail::settle(tx, tag.id, tag.attempt, AccountMailOutcome::LeftOut, why, now_ms).await?;
            return Ok(None);
        };
        let links = self.mint_links(tx, tag, to, people, &claimed.language, now_ms).await?;
        Ok(Some((tag, Letter::Links(links))))
    }

    /// Whom a name means: gives the first mailbox to write to; others get mails of their own. Those who may not have a
    /// link are in the audit log with the reason; what was typed for nobody is forgotten.
    async fn look_up(
        &self,
        tx: &mut Tx,
        claimed: &Claimed,
        tag: Tag,
        name: &str,
        now_ms: i64,
    ) -> Result<Option<String>, StoreError> {
        let meant = reset_link::list_meant(tx, name, now_ms).await?;
        if meant.is_empty() {
            account_mail::forget(tx, tag.id, tag.attempt).await?;
            return Ok(None);
        }
        let mut mailboxes: Vec<String> = Vec::new();
        let entry = |action, one: &Meant, detail| {
            Entry::new(action, "person", one.person_id, detail, now_ms).from_network(&claimed.network)
        };
        for one in &meant {
            match &one.address {
                Err(why) => {
                    let entry = entry("reset.left_out", one, json!({ "reason": why.as_str() }));
                    audit::append(tx, entry).await?;
                }
                Ok(address) => {
                    audit::append(tx, entry("reset.asked", one, json!({}))).await?;
                    if !mailboxes.iter().any(|other| *other == address.envelope()) {
                        mailboxes.push(address.envelope());
                    }
                }
            }
        }
        let mut allowed = Vec::new();
        for mailbox in mailboxes {
            if self.take_mailbox(tx, &mailbox, now_ms).await? {
                allowed.push(mailbox);
            }
        }
        let mut allowed = allowed.into_iter();
        let Some(first) = allowed.next() else {
            let absorbed = meant.iter().any(|one| one.address.is_ok());
            let (outcome, why) = if absorbed {
                (AccountMailOutcome::Absorbed, "enough mails went to this mailbox lately")
            } else {
                (AccountMailOutcome::LeftOut, "nobody with this name may have a link")
            };
            account_mail::settle(tx, tag.id, tag.attempt, outcome, why, now_ms).await?;
            return Ok(None);
        };
        account_mail::address(tx, tag.id, tag.attempt, &first).await?;
        for other in allowed {
            account_mail::split(tx, fresh_id(now_ms), tag.id, &other, now_ms).await?;
        }
        Ok(Some(first))
    }

    /// Counts one mail against the limits of a mailbox. What is too much is absorbed: it never kills a live link.
    async fn take_mailbox(&self, tx: &mut Tx, mailbox: &str, now_ms: i64) -> Result<bool, StoreError> {
        let buckets = self.settings.resets.limits.of_mailbox(&self.keys, mailbox);
        for (place, (bucket, limit)) in buckets.iter().enumerate() {
            if !rate::take(tx, bucket, *limit, now_ms).await? {
                for (bucket, limit) in buckets.iter().take(place) {
                    rate::give_back(tx, bucket, *limit).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn mint_links(
        &self,
        tx: &mut Tx,
        tag: Tag,
        to: Address,
        people: Vec<Meant>,
        page_language: &str,
        now_ms: i64,
    ) -> Result<ResetLinks, StoreError> {
        let expires_at = now_ms + self.settings.resets.link_life_ms;
        let own = people.iter().find_map(|one| one.language.clone());
        let time_zone = people.iter().find_map(|one| one.time_zone.clone());
        let mut accounts = Vec::with_capacity(people.len());
        for one in people {
            let Minted { token, hash, key_id } =
                reset::mint(&self.keys).map_err(|error| StoreError::Defect(error.to_string()))?;
            let link = NewLink { person_id: one.person_id, mail_id: tag.id, token_hash: hash };
            reset_link::insert(tx, &link, &key_id, MOST_LIVE_LINKS, now_ms, expires_at).await?;
            accounts.push(AccountLink { username: one.username, full_name: one.full_name, token });
        }
        Ok(ResetLinks {
            to,
            accounts,
            language: self.spoken(own.as_deref().unwrap_or(page_language)),
            time_zone,
            asked_at: tag.requested_at,
            valid_until: expires_at,
            report_tag: reset::report_tag(&self.keys, tag.id),
            message_key: format!("account-{}-{}", tag.id.0.simple(), tag.attempt),
        })
    }

    async fn changed(
        &self,
        tx: &mut Tx,
        tag: Tag,
        person_id: PersonId,
        address: &str,
        now_ms: i64,
    ) -> Result<Option<(Tag, Letter)>, StoreError> {
        let found = reset_link::find(tx, person_id, now_ms).await?;
        let (Some(one), Ok(to)) = (found, Address::parse(address)) else {
            let why = "the account is gone";
            account_mail::settle(tx, tag.id, tag.attempt, AccountMailOutcome::LeftOut, why, now_ms).await?;
            return Ok(None);
        };
        let letter = PasswordChanged {
            to,
            language: self.spoken(one.language.as_deref().unwrap_or_default()),
            full_name: one.full_name,
            username: one.username,
            time_zone: one.time_zone,
            changed_at: tag.requested_at,
            message_key: format!("account-{}", tag.id.0.simple()),
        };
        Ok(Some((tag, Letter::Changed(letter))))
    }

    fn spoken(&self, tag: &str) -> Language {
        Language::for_tag(tag).unwrap_or(self.settings.language)
    }

    /// Composes and hands over; gives what is to be recorded of each.
    async fn post(&self, letters: Vec<(Tag, Letter)>, awake: &[usize], stop: &Stop) -> Vec<(Tag, Fate)> {
        let now_ms = self.clock.now_ms();
        let composer = AccountMailComposer::prepare(
            self.settings.sender.clone(),
            &self.settings.house,
            Arc::clone(&self.settings.signers),
            &self.settings.resets.base_url,
        );
        let mut fates = Vec::with_capacity(letters.len());
        let mut composed = Vec::new();
        for (tag, letter) in letters {
            match compose(composer.as_ref(), &letter, &self.clock) {
                Ok(mail) => composed.push((tag, mail)),
                Err(why) => {
                    let why = format!("it could not be composed: {why}");
                    fates.push((tag, Fate::Settled(AccountMailOutcome::GivenUp, why, Sent::Not)));
                }
            }
        }
        match &self.settings.outlet {
            Outlet::Mailbox(mailbox) => fates.extend(composed.into_iter().map(|(tag, mail)| {
                let raw = mail.content.into_bytes();
                let number = mailbox.deliver(&mail.envelope_from, &mail.envelope_to, raw, now_ms);
                let kept = format!("kept in the mailbox as {number}");
                (tag, Fate::Settled(AccountMailOutcome::Accepted, kept, Sent::Accepted))
            })),
            Outlet::Relays(relays) => {
                let handed = self.hand_over_singly(relays, awake, composed, stop).await;
                fates.extend(handed.into_iter().map(|(tag, handed)| (tag, fate(handed))));
            }
        }
        fates
    }

    async fn record_account_mails(&self, fates: Vec<(Tag, Fate)>) -> Result<usize, StoreError> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let mut accepted = 0;
                    for (tag, fate) in fates {
                        accepted += usize::from(record(tx, tag, fate, now_ms).await?);
                    }
                    Ok(accepted)
                })
            })
            .await
    }

    async fn purge_account_mails(&self) {
        let before = self.clock.now_ms() - account_mail::KEPT_MS;
        let purged =
            self.store.write(move |tx| Box::pin(async move { account_mail::purge(tx, before).await })).await;
        if let Err(error) = purged {
            tracing::error!(%error, "old account mails could not be removed");
        }
    }
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
    }
    .map_err(|error| error.to_string())
}

/// Records one fate; says whether a relay took the mail.
async fn record(tx: &mut Tx, tag: Tag, fate: Fate, now_ms: i64) -> Result<bool, StoreError> {
    let (fate, detail, sent) = match fate {
        Fate::Settled(outcome, detail, sent) => (Some(outcome), detail, sent),
        Fate::Again(detail, sent) if tag.attempt >= MOST_ATTEMPTS => {
            (Some(AccountMailOutcome::GivenUp), detail, sent)
        }
        Fate::Again(detail, sent) => (None, detail, sent),
    };
    let is_ours = match fate {
        Some(outcome) => account_mail::settle(tx, tag.id, tag.attempt, outcome, &detail, now_ms).await?,
        None => {
            let due_at = now_ms + backoff_ms(tag.attempt);
            account_mail::defer(tx, tag.id, tag.attempt, &detail, due_at).await?
        }
    };
    if !is_ours {
        // Another process claimed it meanwhile, and has set these links to unknown already.
        return Ok(false);
    }
    let people = reset_link::settle(tx, tag.id, sent).await?;
    let action = match fate {
        Some(AccountMailOutcome::Accepted) => "reset.link_sent",
        Some(_) => "reset.link_failed",
        None => return Ok(false),
    };
    for person in people {
        let entry = Entry::new(action, "person", person, json!({ "reply": detail }), now_ms);
        audit::append(tx, entry).await?;
    }
    if fate != Some(AccountMailOutcome::Accepted) {
        tracing::error!(mail.id = %tag.id, detail, "a mail about an account is given up");
    }
    Ok(fate == Some(AccountMailOutcome::Accepted))
}

/// What an answer means. Whoever asked would rather have the mail twice than not at all.
fn fate(handed: Handed) -> Fate {
    let answer = match handed {
        Handed::Answered(answer) => answer,
        Handed::Not(why) => return Fate::Again(why, Sent::Not),
    };
    match &answer {
        Answer::Accepted(reply) => {
            Fate::Settled(AccountMailOutcome::Accepted, redact(&reply.text, &[]), Sent::Accepted)
        }
        Answer::Deferred { reply, .. } | Answer::Refused { reply, .. } => {
            let enhanced = reply.enhanced.as_ref().map(ToString::to_string);
            let status = enhanced.as_ref().map_or_else(String::new, |status| format!(" {status}"));
            let said = format!("{}{status} {}", reply.code, redact(&reply.text, &[]));
            match meaning(reply.code, enhanced.as_deref(), &reply.text) {
                Meaning::GiveUp { .. } => Fate::Settled(AccountMailOutcome::GivenUp, said, Sent::Not),
                Meaning::Accepted | Meaning::Retry(_) | Meaning::RelayTrouble { .. } => {
                    Fate::Again(said, Sent::Not)
                }
            }
        }
        Answer::Unsendable(problem) => {
            Fate::Settled(AccountMailOutcome::GivenUp, problem.to_string(), Sent::Not)
        }
        Answer::Unknown { cause } => Fate::Again(redact(&cause.to_string(), &[]), Sent::Unknown),
        Answer::NotSent { cause } => Fate::Again(redact(&cause.to_string(), &[]), Sent::Not),
    }
}

fn fresh_id(now_ms: i64) -> AccountMailId {
    use domain::password::Randomness as _;
    let mut bytes = [0; 10];
    crate::credential::OsRandomness::new().fill(&mut bytes);
    AccountMailId::generate(now_ms, bytes)
}
