//! Wishes of recipients that need the password again: another address, and to be erased. A browser left open gives
//! neither away.

use crate::hashing::LoginRealm;
use crate::preferences::{Stop, append_all, mailbox_of, take};
use crate::session::Session;
use crate::{Auth, AuthError, Origin, random};
use domain::account_mail::AccountMailKind;
use domain::address::Address;
use domain::id::{AccountMailId, ConfirmationId, PersonId};
use domain::secret::Secret;
use store::account_mail::{self, Told};
use store::rate::Limit;
use store::{Acting, StoreError, Tx, audit, confirmation, deletion_request, person};
use tracing::instrument;

/// The answer to a wish that needs the password again.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is written down.
    Done,
    /// The password is wrong, or there were too many wrong ones; the page must not tell which.
    WrongPassword,
    /// It is the address already, and confirmed.
    SameAddress,
    /// Too many were asked for.
    TooMany {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
}

impl Auth {
    /// Asks for another address. It counts once the link mailed to it is followed; the old mailbox is told how to
    /// object. Nobody learns whether somebody else has the address: the answer and the mails are the same (3-safety 6).
    ///
    /// # Errors
    /// [`AuthError::Overloaded`]; no randomness; the database is not available.
    #[instrument(skip_all)]
    pub async fn ask_address(
        &self,
        session: &Session,
        password: &Secret,
        address: &Address,
        page_language: &str,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Asked, AuthError> {
        if !self.is_own_password(session, password, origin, now_ms).await? {
            return Ok(Asked::WrongPassword);
        }
        let change = AddressChange {
            person_id: session.person_id,
            acting: Acting::recipient(session.person_id, origin.network.clone()),
            address: address.clone(),
            page_language: page_language.to_owned(),
            confirmation_id: ConfirmationId(random::id(now_ms)?),
            mail_ids: [AccountMailId(random::id(now_ms)?), AccountMailId(random::id(now_ms)?)],
            buckets: self.resets.of_address_changes(&self.keys, &session.person_id.to_string()),
            now_ms,
        };
        let done = self.store.write(move |tx| Box::pin(async move { change.ask(tx).await })).await;
        match done {
            Ok(asked) => Ok(asked),
            Err(Stop::TooMany { wait_ms }) => Ok(Asked::TooMany { wait_ms }),
            Err(Stop::Refused(refusal)) => Err(StoreError::Defect(refusal.to_string()).into()),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }

    /// Asks an operator to erase the account; the mailbox is told.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`]; no randomness; the database is not available.
    #[instrument(skip_all)]
    pub async fn ask_deletion(
        &self,
        session: &Session,
        password: &Secret,
        reason: &str,
        page_language: &str,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Asked, AuthError> {
        if !self.is_own_password(session, password, origin, now_ms).await? {
            return Ok(Asked::WrongPassword);
        }
        let (person_id, mail_id) = (session.person_id, AccountMailId(random::id(now_ms)?));
        let acting = Acting::recipient(person_id, origin.network.clone());
        let reason = domain::preference::reason(reason).unwrap_or_default();
        let language = page_language.to_owned();
        let done: Result<(), StoreError> = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let mailbox = mailbox_of(tx, person_id, now_ms).await?;
                    if let Some(address) = mailbox {
                        let told = Told {
                            kind: AccountMailKind::DeletionAsked,
                            person_id,
                            address: address.as_given(),
                            confirmation_id: None,
                            network: &acting.network,
                            language: &language,
                        };
                        account_mail::tell(tx, mail_id, &told, now_ms).await?;
                    }
                    let mut entries = Vec::new();
                    deletion_request::ask(tx, &acting, person_id, &reason, now_ms, &mut entries).await?;
                    append_all(tx, entries).await
                })
            })
            .await;
        done?;
        Ok(Asked::Done)
    }

    async fn is_own_password(
        &self,
        session: &Session,
        password: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        self.is_current(session.person_id, Some(password), LoginRealm::Contacts, origin, now_ms).await
    }
}

/// Another address on its way.
struct AddressChange {
    person_id: PersonId,
    acting: Acting,
    address: Address,
    page_language: String,
    confirmation_id: ConfirmationId,
    mail_ids: [AccountMailId; 2],
    buckets: [(String, Limit); 2],
    now_ms: i64,
}

impl AddressChange {
    async fn ask(self, tx: &mut Tx) -> Result<Asked, Stop> {
        let (person_id, now_ms) = (self.person_id, self.now_ms);
        let before = person::get(tx, person_id).await?;
        let is_same = before.address.as_ref().is_some_and(|old| old.as_given() == self.address.as_given());
        if is_same && before.verified && before.undeliverable.is_none() {
            return Ok(Asked::SameAddress);
        }
        take(tx, &self.buckets, now_ms).await?;
        let waiting = confirmation::find_waiting_address(tx, person_id, now_ms).await?;
        // Whoever asks once more for the same address gets another mail; the links of the first still work.
        if let Some(waiting) = waiting.filter(|waiting| waiting.address == self.address.as_given()) {
            self.tell(tx, AccountMailKind::ConfirmAddress, &self.address, waiting.id).await?;
            return Ok(Asked::Done);
        }
        let id = self.confirmation_id;
        let entry = confirmation::ask_address(tx, id, &self.acting, person_id, &self.address, now_ms).await?;
        self.tell(tx, AccountMailKind::ConfirmAddress, &self.address, id).await?;
        if let Some(old) = mailbox_of(tx, person_id, now_ms).await?.filter(|_| !is_same) {
            self.tell(tx, AccountMailKind::AddressChanging, &old, id).await?;
        }
        audit::append(tx, entry).await?;
        Ok(Asked::Done)
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        kind: AccountMailKind,
        to: &Address,
        id: ConfirmationId,
    ) -> Result<(), StoreError> {
        let told = Told {
            kind,
            person_id: self.person_id,
            address: to.as_given(),
            confirmation_id: Some(id),
            network: &self.acting.network,
            language: &self.page_language,
        };
        let [to_new, to_old] = self.mail_ids;
        let mail_id = if kind == AccountMailKind::AddressChanging { to_old } else { to_new };
        account_mail::tell(tx, mail_id, &told, self.now_ms).await
    }
}
