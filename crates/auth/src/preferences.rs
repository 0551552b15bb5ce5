//! What recipients save at their own pages: subscriptions, language, time zone, attributes. All of one save or nothing.
//!
//! A subscription with double opt-in waits for a click in the mailbox.

use crate::limits::ResetLimits;
use crate::session::Session;
use crate::{Auth, AuthError, Origin, random};
use domain::account_mail::AccountMailKind;
use domain::address::Address;
use domain::id::{AccountMailId, ConfirmationId, GroupId, PersonId};
use domain::preference::{AttributeUse, ConsentWay};
use std::collections::BTreeSet;
use store::account_mail::{self, Told};
use store::audit::{self, Entry};
use store::consent::By;
use store::person::{self, PersonChange};
use store::rate::Limit;
use store::subscription::{self, Held, Offer};
use store::{
    Acting, ChangeError, Refusal, Standing, StoreError, Tx, Wrong, attribute, confirmation, rate, reset_link,
};
use tracing::instrument;

/// What a person wants of everything the page shows.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The groups the page showed; others stay as they are.
    pub shown: BTreeSet<GroupId>,
    /// Those of them that are ticked.
    pub ticked: BTreeSet<GroupId>,
    /// Why something is no longer ticked; mostly empty.
    pub reason: String,
    /// Only language, time zone and attributes, and of them only what differs.
    pub record: PersonChange,
    /// The language of the page, for who has none.
    pub page_language: String,
}

/// What was saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// Groups joined.
    pub subscribed: usize,
    /// Groups left.
    pub unsubscribed: usize,
    /// Groups that wait for a click in the mailbox.
    pub waiting: usize,
    /// The language is another one.
    pub language: bool,
    /// The time zone is another one.
    pub time_zone: bool,
    /// An attribute has another value.
    pub attributes: bool,
}

/// The answer to a save.
#[derive(Debug)]
pub enum Save {
    /// All of it is saved.
    Done(Saved),
    /// Nothing is: too many mails were asked for.
    TooMany {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// Nothing is: a rule forbids it.
    Refused(Refusal),
}

/// Why a transaction was given up.
#[derive(Debug)]
pub(crate) enum Stop {
    TooMany { wait_ms: i64 },
    Refused(Refusal),
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ChangeError> for Stop {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Refused(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<Standing> for Stop {
    fn from(standing: Standing) -> Self {
        Self::Refused(Refusal::State(standing.into()))
    }
}

/// What a save needs besides the wish.
struct Saving {
    person_id: PersonId,
    acting: Acting,
    wish: Wish,
    confirmation_id: ConfirmationId,
    mail_id: AccountMailId,
    keys: std::sync::Arc<crate::keys::Keys>,
    limits: ResetLimits,
    now_ms: i64,
}

impl Auth {
    /// Saves what a person wants, all of it or nothing.
    ///
    /// # Errors
    /// No randomness; the database is not available.
    #[instrument(skip_all)]
    pub async fn save_preferences(
        &self,
        session: &Session,
        wish: Wish,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Save, AuthError> {
        let saving = Saving {
            person_id: session.person_id,
            acting: Acting::recipient(session.person_id, origin.network.clone()),
            wish,
            confirmation_id: ConfirmationId(random::id(now_ms)?),
            mail_id: AccountMailId(random::id(now_ms)?),
            keys: std::sync::Arc::clone(&self.keys),
            limits: self.resets,
            now_ms,
        };
        let done = self.store.write(move |tx| Box::pin(async move { saving.save(tx).await })).await;
        match done {
            Ok(saved) => Ok(Save::Done(saved)),
            Err(Stop::TooMany { wait_ms }) => Ok(Save::TooMany { wait_ms }),
            Err(Stop::Refused(refusal)) => Ok(Save::Refused(refusal)),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }
}

pub(crate) async fn append_all(tx: &mut Tx, entries: Vec<Entry>) -> Result<(), StoreError> {
    for entry in entries {
        audit::append(tx, entry).await?;
    }
    Ok(())
}

/// Where mail to the person can go now.
pub(crate) async fn mailbox_of(
    tx: &mut Tx,
    person_id: PersonId,
    now_ms: i64,
) -> Result<Option<Address>, StoreError> {
    Ok(reset_link::find(tx, person_id, now_ms).await?.and_then(|one| one.address.ok()))
}

/// Takes one from each bucket, or none of any.
pub(crate) async fn take(tx: &mut Tx, buckets: &[(String, Limit)], now_ms: i64) -> Result<(), Stop> {
    for (bucket, limit) in buckets {
        if !rate::take(tx, bucket, *limit, now_ms).await? {
            // Giving up the transaction gives the others back.
            return Err(Stop::TooMany { wait_ms: rate::wait_ms(tx, bucket, *limit, now_ms).await? });
        }
    }
    Ok(())
}

impl Saving {
    async fn save(self, tx: &mut Tx) -> Result<Saved, Stop> {
        let offers = subscription::list_offers(tx, self.person_id, self.now_ms).await?;
        if !self.wish.shown.iter().all(|id| offers.iter().any(|offer| offer.group_id == *id)) {
            return Err(Standing::NotOffered.into());
        }
        let wanted = |offer: &&Offer| self.wish.ticked.contains(&offer.group_id);
        let shown = offers.iter().filter(|offer| self.wish.shown.contains(&offer.group_id));
        let (ticked, unticked): (Vec<&Offer>, Vec<&Offer>) = shown.partition(wanted);
        let new: Vec<&Offer> = ticked.into_iter().filter(|offer| offer.held == Held::No).collect();
        let (to_confirm, to_join): (Vec<&Offer>, Vec<&Offer>) =
            new.into_iter().partition(|offer| offer.double_opt_in);
        let by = By {
            acting: &self.acting,
            person_id: self.person_id,
            way: ConsentWay::Page,
            reason: "",
            now_ms: self.now_ms,
        };
        let reason = domain::preference::reason(&self.wish.reason);
        let reason = reason.ok_or_else(|| Stop::Refused(Refusal::field("reason", Wrong::Reason)))?;
        let mut entries = Vec::new();
        // Confirmations before people, as everywhere.
        for offer in unticked.iter().filter(|offer| offer.held == Held::Waiting) {
            let group = Some(offer.group_id);
            confirmation::cancel_subscriptions(tx, self.person_id, group, self.now_ms).await?;
        }
        let mailbox = if to_confirm.is_empty() { None } else { Some(self.confirming_mailbox(tx).await?) };
        subscription::hold(tx, self.person_id).await?;
        let stopped = subscription::unsubscribed_at(tx, self.person_id).await?.is_some();
        if stopped && !(to_join.is_empty() && to_confirm.is_empty()) {
            return Err(Standing::TakesNoMailings.into());
        }
        let mut saved = Saved { waiting: to_confirm.len(), ..Saved::default() };
        let leaving = By { reason: &reason, ..by.clone() };
        for offer in unticked {
            saved.unsubscribed += usize::from(self.leave(tx, &leaving, offer, &mut entries).await?);
        }
        for offer in to_join {
            let joined = subscription::subscribe(tx, &by, offer.group_id, &mut entries).await?;
            saved.subscribed += usize::from(joined);
        }
        if let Some(address) = mailbox {
            self.ask_to_confirm(tx, &by, &to_confirm, &address, &mut entries).await?;
        }
        self.save_record(tx, &mut saved).await?;
        append_all(tx, entries).await?;
        Ok(saved)
    }

    async fn leave(
        &self,
        tx: &mut Tx,
        by: &By<'_>,
        offer: &Offer,
        entries: &mut Vec<Entry>,
    ) -> Result<bool, Stop> {
        Ok(match offer.held {
            Held::No => false,
            Held::Yes => subscription::unsubscribe(tx, by, offer.group_id, entries).await?,
            Held::Waiting => {
                subscription::give_up(tx, by, offer.group_id, entries).await?;
                true
            }
        })
    }

    /// Where the mail with the link goes, counted against its limits.
    async fn confirming_mailbox(&self, tx: &mut Tx) -> Result<Address, Stop> {
        let address = mailbox_of(tx, self.person_id, self.now_ms).await?.ok_or(Standing::NoMailbox)?;
        let buckets = self.limits.of_confirming_mailbox(&self.keys, &address.envelope());
        take(tx, &buckets, self.now_ms).await?;
        Ok(address)
    }

    async fn ask_to_confirm(
        &self,
        tx: &mut Tx,
        by: &By<'_>,
        offers: &[&Offer],
        address: &Address,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Stop> {
        let groups: Vec<(GroupId, String)> =
            offers.iter().map(|offer| (offer.group_id, offer.title.clone())).collect();
        confirmation::ask_subscriptions(tx, self.confirmation_id, by, &groups, entries).await?;
        let told = Told {
            kind: AccountMailKind::ConfirmSubscription,
            person_id: self.person_id,
            address: address.as_given(),
            confirmation_id: Some(self.confirmation_id),
            network: &self.acting.network,
            language: &self.wish.page_language,
        };
        account_mail::tell(tx, self.mail_id, &told, self.now_ms).await?;
        Ok(())
    }

    /// Language, time zone and those attributes that recipients may change.
    async fn save_record(&self, tx: &mut Tx, saved: &mut Saved) -> Result<(), Stop> {
        let wish = &self.wish.record;
        // Nothing else of the record is ever taken from this page, whatever stands in the wish.
        let record = PersonChange {
            language: wish.language.clone(),
            time_zone: wish.time_zone.clone(),
            attributes: wish.attributes.clone(),
            ..PersonChange::default()
        };
        let known = attribute::list(tx).await?;
        for name in record.attributes.keys() {
            let may = known.iter().any(|one| one.name == *name && one.recipients == AttributeUse::Edit);
            if !may {
                let field = format!("attributes.{name}");
                return Err(Stop::Refused(Refusal::field(field, Wrong::NotForRecipients)));
            }
        }
        saved.language = record.language.is_some();
        saved.time_zone = record.time_zone.is_some();
        saved.attributes = !record.attributes.is_empty();
        if saved.language || saved.time_zone || saved.attributes {
            person::update(tx, &self.acting, self.person_id, &record, self.now_ms).await?;
        }
        Ok(())
    }
}
