//! Account mails about what a person changes at the own pages: a link to confirm, a link to object, the word that the
//! account is asked to be erased.
//!
//! As with personal links, everything happens in the transaction of the claim; a token is minted there and nowhere else.

use crate::Flow;
use crate::account_letter::{Letter, Tag, key_of, take_all};
use auth::confirmation;
use auth::reset::Minted;
use auth::unsubscribe::{self, Unsubscribe};
use domain::account_mail::AccountMailOutcome;
use domain::address::Address;
use domain::id::{ConfirmationId, PersonId};
use domain::message::{ConfirmLink, DeletionAsked};
use domain::preference::LinkPurpose;
use domain::unverified::shown_username;
use store::confirmation::{NewLink, Waiting};
use store::reset_link::{self, Meant};
use store::{StoreError, Tx, account_mail};

/// What a mail with a link that confirms something is asked to say.
#[derive(Debug)]
pub(crate) struct ConfirmationAsked {
    pub purpose: LinkPurpose,
    pub id: ConfirmationId,
    /// Where it goes.
    pub address: String,
    /// The language of the page, for who has none.
    pub page_language: String,
}

impl Flow {
    /// Mints a link and says what its mail is; `None`: it is settled.
    pub(crate) async fn confirm(
        &self,
        tx: &mut Tx,
        tag: Tag,
        asked: ConfirmationAsked,
        now_ms: i64,
    ) -> Result<Option<(Tag, Letter)>, StoreError> {
        let waiting = store::confirmation::find_for_mail(tx, asked.id, asked.purpose, now_ms).await?;
        let Some((waiting, person, to)) = self.addressee(tx, waiting, &asked.address, now_ms).await? else {
            let why = "it is over: nothing waits for a click any more";
            return leave_out(tx, tag, AccountMailOutcome::LeftOut, why, now_ms).await;
        };
        // A new address is somebody else's mailbox until it is confirmed: what is too much for it is absorbed.
        if asked.purpose == LinkPurpose::VerifyAddress && tag.attempt == 1 {
            let buckets = self.settings.resets.limits.of_confirming_mailbox(&self.keys, &to.envelope());
            if !take_all(tx, &buckets, now_ms).await? {
                let why = "enough mails went to this mailbox lately";
                return leave_out(tx, tag, AccountMailOutcome::Absorbed, why, now_ms).await;
            }
        }
        let Minted { token, hash, key_id } = confirmation::mint(&self.keys, asked.purpose)
            .map_err(|error| StoreError::Defect(error.to_string()))?;
        let link =
            NewLink { token_hash: hash, purpose: asked.purpose, confirmation_id: asked.id, mail_id: tag.id };
        let valid_until = store::confirmation::insert_link(tx, &link, &key_id, now_ms).await?;
        // Whose name it is need not be whose mailbox a new address is (3-safety 82).
        let is_new = asked.purpose == LinkPurpose::VerifyAddress;
        let (full_name, username) = if is_new {
            (String::new(), shown_username(&person.username, &to).into_owned())
        } else {
            (person.full_name, person.username)
        };
        let letter = ConfirmLink {
            to,
            purpose: asked.purpose,
            full_name,
            username,
            unsubscribe_tag: (asked.purpose == LinkPurpose::ConfirmSubscription).then(|| {
                let whom = Unsubscribe { person_id: waiting.person_id, group_id: None };
                unsubscribe::tag(&self.keys, whom)
            }),
            titles: waiting.titles,
            token,
            language: self.spoken(person.language.as_deref().unwrap_or(&asked.page_language)),
            time_zone: person.time_zone,
            asked_at: tag.requested_at,
            valid_until,
            message_key: key_of(tag.id, tag.attempt),
        };
        Ok(Some((tag, Letter::Confirm(letter))))
    }

    /// Who is written to where, while there is something to confirm.
    async fn addressee(
        &self,
        tx: &mut Tx,
        waiting: Option<Waiting>,
        address: &str,
        now_ms: i64,
    ) -> Result<Option<(Waiting, Meant, Address)>, StoreError> {
        let (Some(waiting), Ok(to)) = (waiting, Address::parse(address)) else { return Ok(None) };
        let person = reset_link::find(tx, waiting.person_id, now_ms).await?;
        Ok(person.map(|person| (waiting, person, to)))
    }

    /// The word that the account is asked to be erased.
    pub(crate) async fn deletion_asked(
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
            return leave_out(tx, tag, AccountMailOutcome::LeftOut, why, now_ms).await;
        };
        let letter = DeletionAsked {
            to,
            language: self.spoken(one.language.as_deref().unwrap_or_default()),
            full_name: one.full_name,
            username: one.username,
            time_zone: one.time_zone,
            asked_at: tag.requested_at,
            message_key: key_of(tag.id, tag.attempt),
        };
        Ok(Some((tag, Letter::DeletionAsked(letter))))
    }
}

async fn leave_out(
    tx: &mut Tx,
    tag: Tag,
    outcome: AccountMailOutcome,
    why: &str,
    now_ms: i64,
) -> Result<Option<(Tag, Letter)>, StoreError> {
    account_mail::settle(tx, tag.id, tag.attempt, outcome, why, now_ms).await?;
    Ok(None)
}
