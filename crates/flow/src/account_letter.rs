//! What an account mail says: whom a request means, who may have a link, the links themselves.
//!
//! All of it happens in the transaction of the claim, before anything leaves; what needs no mail is settled there.
//! Audit entries are collected and appended last: they wait for one another, and nothing may wait for links or people
//! while it holds the log.

use crate::Flow;
use crate::confirm_letter::ConfirmationAsked;
use auth::reset::{self, Minted};
use domain::account_mail::{AccountMailKind, AccountMailOutcome, MOST_LIVE_LINKS};
use domain::address::Address;
use domain::event::BuiltIn;
use domain::id::{AccountMailId, PersonId};
use domain::language::Language;
use domain::mailing::Step;
use domain::message::{AccountLink, ConfirmLink, DeletionAsked, PasswordChanged, ResetLinks};
use domain::preference::LinkPurpose;
use serde_json::json;
use store::account_mail::{self, Claimed, Matter};
use store::audit::Entry;
use store::event::{self, Happened};
use store::rate::Limit;
use store::reset_link::{self, Meant, NewLink, Sent};
use store::{StoreError, Tx, mailing, rate};

/// How long to leave a request alone while all sending is stopped, in milliseconds.
const STOPPED_MS: i64 = 10_000;

/// A claimed mail and which attempt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub id: AccountMailId,
    pub attempt: i64,
    pub requested_at: i64,
    /// What it is about.
    pub kind: AccountMailKind,
    /// Whose account it is about; `None`: everybody's with the address.
    pub about: Option<PersonId>,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) enum Letter {
    Links(ResetLinks),
    Changed(PasswordChanged),
    Confirm(ConfirmLink),
    DeletionAsked(DeletionAsked),
}

impl Tag {
    fn of(claimed: &Claimed) -> Self {
        let (kind, about) = match &claimed.matter {
            Matter::Asked(_) | Matter::Links(_) => (AccountMailKind::ResetLink, None),
            Matter::Changed { person_id, .. } => (AccountMailKind::PasswordChanged, Some(*person_id)),
            Matter::DeletionAsked { person_id, .. } => (AccountMailKind::DeletionAsked, Some(*person_id)),
            Matter::Confirm { purpose, person_id, .. } => {
                let kind = match purpose {
                    LinkPurpose::VerifyAddress => AccountMailKind::ConfirmAddress,
                    LinkPurpose::ConfirmSubscription => AccountMailKind::ConfirmSubscription,
                    LinkPurpose::ObjectAddress => AccountMailKind::AddressChanging,
                };
                (kind, Some(*person_id))
            }
        };
        Self { id: claimed.id, attempt: claimed.attempt, requested_at: claimed.requested_at, kind, about }
    }

    /// Whether it only tells what somebody did.
    const fn is_notice(self) -> bool {
        matches!(
            self.kind,
            AccountMailKind::PasswordChanged
                | AccountMailKind::AddressChanging
                | AccountMailKind::DeletionAsked
        )
    }
}

impl Letter {
    /// What must not appear in anything that is written down.
    pub(crate) fn secrets(&self) -> Vec<domain::secret::Secret> {
        match self {
            Self::Links(links) => {
                let tokens = links.accounts.iter().map(|account| account.token.clone());
                tokens.chain([domain::secret::Secret::new(links.report_tag.clone())]).collect()
            }
            Self::Confirm(link) => {
                let tag = link.unsubscribe_tag.clone().map(domain::secret::Secret::new);
                tag.into_iter().chain([link.token.clone()]).collect()
            }
            Self::Changed(_) | Self::DeletionAsked(_) => Vec::new(),
        }
    }
}

impl Flow {
    /// Looks up, mints and stores what a claimed mail says; `None`: it is settled, put off or forgotten.
    pub(crate) async fn prepare(
        &self,
        tx: &mut Tx,
        claimed: Claimed,
        stopped: bool,
        entries: &mut Vec<Entry>,
        now_ms: i64,
    ) -> Result<Option<(Tag, Letter)>, StoreError> {
        let tag = Tag::of(&claimed);
        // The process that had it before is gone: its mail may have left.
        reset_link::settle(tx, tag.id, Sent::Unknown).await?;
        let address = match &claimed.matter {
            Matter::Changed { person_id, address } => {
                return self.changed(tx, tag, *person_id, address, now_ms).await;
            }
            Matter::DeletionAsked { person_id, address } => {
                return self.deletion_asked(tx, tag, *person_id, address, now_ms).await;
            }
            // The word to an old address is no wish of whoever asks: it goes out as the word of a new password does.
            Matter::Confirm { purpose, address, confirmation_id, .. } if !stopped || tag.is_notice() => {
                let asked = ConfirmationAsked {
                    purpose: *purpose,
                    id: *confirmation_id,
                    address: address.clone(),
                    page_language: claimed.language.clone(),
                };
                return self.confirm(tx, tag, asked, now_ms).await;
            }
            _ if stopped => {
                let why = "all sending is stopped";
                account_mail::put_back(tx, &claimed, why, now_ms + STOPPED_MS).await?;
                return Ok(None);
            }
            Matter::Confirm { .. } => return Ok(None),
            Matter::Links(address) => address.clone(),
            Matter::Asked(name) => match self.look_up(tx, &claimed, tag, name, entries, now_ms).await? {
                Some(address) => address,
                None => return Ok(None),
            },
        };
        let mut people = reset_link::list_at(tx, &address, now_ms).await?;
        // Whoever used a link of an earlier try, whose answer was lost, needs no other.
        let used = reset_link::list_used(tx, tag.id).await?;
        people.retain(|one| !used.contains(&one.person_id));
        if people.is_empty() && !used.is_empty() {
            let why = "it arrived: its link was used";
            account_mail::settle(tx, tag.id, tag.attempt, AccountMailOutcome::Accepted, why, now_ms).await?;
            return Ok(None);
        }
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
        entries: &mut Vec<Entry>,
        now_ms: i64,
    ) -> Result<Option<String>, StoreError> {
        let meant = reset_link::list_meant(tx, name, now_ms).await?;
        if meant.is_empty() {
            account_mail::forget(tx, tag.id, tag.attempt).await?;
            return Ok(None);
        }
        let mut mailboxes: Vec<&Address> = Vec::new();
        for one in &meant {
            let (action, detail) = match &one.address {
                Ok(_) => ("reset.asked", json!({})),
                Err(why) => ("reset.left_out", json!({ "reason": why.as_str() })),
            };
            let entry = Entry::new(action, "person", one.person_id, detail, now_ms);
            entries.push(entry.from_network(&claimed.network));
            if let Ok(address) = &one.address
                && !mailboxes.iter().any(|other| other.envelope() == address.envelope())
            {
                mailboxes.push(address);
            }
        }
        // What is asked for with an address is asked for by everybody who has it; with a user name, by that one alone.
        let by_name = meant.iter().any(|one| one.username == name);
        let asking = || meant.iter().filter(|one| one.address.is_ok() && (!by_name || one.username == name));
        for one in asking() {
            mailing::note_step(tx, one.person_id, Step::Requested, fresh_id(now_ms).0, now_ms).await?;
        }
        // In one order for all, for their limits are locked one after the other.
        mailboxes.sort_by_key(|address| address.envelope());
        let mut allowed = Vec::new();
        for mailbox in &mailboxes {
            let why = if self.has_most(tx, &meant, mailbox, now_ms).await? {
                "live_links"
            } else if self.take_mailbox(tx, &mailbox.envelope(), now_ms).await? {
                allowed.push(*mailbox);
                continue;
            } else {
                "mailbox_limit"
            };
            // Operators see why nothing came; whoever asked does not.
            for one in meant.iter().filter(|one| lives_at(one, mailbox)) {
                let detail = json!({ "reason": why });
                entries.push(Entry::new("reset.absorbed", "person", one.person_id, detail, now_ms));
            }
        }
        note_requested(tx, asking(), &allowed, now_ms).await?;
        let mut allowed = allowed.into_iter().map(|mailbox| mailbox.as_given().to_owned());
        let Some(first) = allowed.next() else {
            let (outcome, why) = if mailboxes.is_empty() {
                (AccountMailOutcome::LeftOut, "nobody with this name may have a link")
            } else {
                (AccountMailOutcome::Absorbed, "enough mails went to this mailbox lately")
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

    /// Whether somebody with this mailbox has as many live links as there may be: one more would kill one of them,
    /// and no request may do that.
    async fn has_most(
        &self,
        tx: &mut Tx,
        meant: &[Meant],
        mailbox: &Address,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        for one in meant {
            if lives_at(one, mailbox)
                && reset_link::count_live(tx, one.person_id, now_ms).await? >= MOST_LIVE_LINKS
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts one mail against the limits of a mailbox. What is too much is absorbed: it never kills a live link.
    async fn take_mailbox(&self, tx: &mut Tx, mailbox: &str, now_ms: i64) -> Result<bool, StoreError> {
        let buckets = self.settings.resets.limits.of_mailbox(&self.keys, mailbox);
        take_all(tx, &buckets, now_ms).await
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
            message_key: key_of(tag.id, tag.attempt),
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
            // The same with every try, so that mailboxes show it once.
            message_key: key_of(tag.id, 0),
        };
        Ok(Some((tag, Letter::Changed(letter))))
    }

    pub(crate) fn spoken(&self, tag: &str) -> Language {
        Language::for_tag(tag).unwrap_or(self.settings.language)
    }
}

/// Writes the event of everybody who asks and whom a mail goes to. Here and not where it was asked for, so that nobody
/// learns by asking whether a name is known.
async fn note_requested<'a>(
    tx: &mut Tx,
    asking: impl Iterator<Item = &'a Meant> + Send,
    allowed: &[&Address],
    now_ms: i64,
) -> Result<(), StoreError> {
    for one in asking.filter(|one| allowed.iter().any(|mailbox| lives_at(one, mailbox))) {
        let about = Happened::to(one.person_id, None, json!({}));
        event::happened(tx, BuiltIn::LinkRequested, &about, now_ms).await?;
    }
    Ok(())
}

/// Whether somebody's links may go to this mailbox.
fn lives_at(one: &Meant, mailbox: &Address) -> bool {
    one.address.as_ref().is_ok_and(|other| other.envelope() == mailbox.envelope())
}

/// The key of an account mail: it tells the mail and the try, and goes into the Message-ID and the return path.
pub(crate) fn key_of(id: AccountMailId, attempt: i64) -> String {
    format!("acct-{}-{attempt}", id.0.simple())
}

/// Reads the key of an account mail.
pub(crate) fn read_key(key: &str) -> Option<(AccountMailId, i64)> {
    let (id, attempt) = key.strip_prefix("acct-")?.split_once('-')?;
    let id = (id.len() == 32).then(|| uuid::Uuid::try_parse(id).ok())??;
    Some((AccountMailId(id), attempt.parse::<u32>().ok()?.into()))
}

/// Takes one from each bucket, or none of any.
pub(crate) async fn take_all(
    tx: &mut Tx,
    buckets: &[(String, Limit)],
    now_ms: i64,
) -> Result<bool, StoreError> {
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

pub(crate) fn fresh_id(now_ms: i64) -> AccountMailId {
    use domain::password::Randomness as _;
    let mut bytes = [0; 10];
    crate::credential::OsRandomness::new().fill(&mut bytes);
    AccountMailId::generate(now_ms, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_what_it_was_made_of_and_the_longest_fits_into_a_return_path() {
        let id = AccountMailId(uuid::Uuid::max());
        let key = key_of(id, domain::account_mail::MOST_ATTEMPTS);
        assert!(key.len() <= mail::bounce::MOST_KEY, "{key}");
        assert_eq!(read_key(&key), Some((id, domain::account_mail::MOST_ATTEMPTS)));
        for foreign in ["", "acct-", "acct-1-1", "17-4711-1.0123456789ab", &format!("{key}-1"), &key[..38]] {
            assert_eq!(read_key(foreign), None, "{foreign}");
        }
    }
}
