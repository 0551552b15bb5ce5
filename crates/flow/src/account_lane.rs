//! The lane of account mails: looks up whom a request means, mints links, mails them over a connection of its own and
//! records what became of them.
//!
//! It never waits behind a run. The order is that of every credential (3-safety 4.6): the mail is claimed and the
//! hashes of its links are stored, then the mail leaves, then its fate is recorded. Links whose mail may have left stay
//! good; those of a mail that did not leave are void, and the next try mints others. The kill switch stops links, for
//! they are credentials, but not the word that a password was changed.

use crate::account_fate::{Fate, fate, record};
use crate::account_letter::{Letter, Tag};
use crate::settings::Outlet;
use crate::{Clock, Flow};
use domain::id::AccountMailId;
use domain::secret::Secret;
use mail::{AccountMailComposer, ComposeError, Composed};
use smtp::Stop;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::audit::{self, Entry};
use store::{StoreError, Tx, account_mail, setting};
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
