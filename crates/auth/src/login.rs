//! Signing in: one answer for every kind of refusal, one cost for every kind of account.
//!
//! What happens, in this order:
//!
//! 1. One transaction counts the attempt against its network and, when the account's wait is over,
//!    against the account. Counting comes before looking, so that no number of parallel attempts gets
//!    more guesses than configured.
//! 2. Exactly one Argon2id runs, on the stored hash or on nothing, and twelve mailed passwords are
//!    compared, whatever the account is.
//! 3. One transaction settles it: the session, the guesses forgotten, the audit entry. An operator who has a second
//!    factor, or whose role asks for one, only gets a session for that page (see [`crate::second_factor`]).
//!
//! A mailed password is used up by this sign-in, not by the new password set afterwards: from then on
//! it opens nothing, and the browser that used it has 15 minutes to set a new password. Who closes the
//! page before needs another mail. The other order would leave a password that was already typed
//! valid for a day (ASVS 5.0 6.4.1, 6.5.1).
//!
//! Mailed passwords are not throttled by wrong guesses at the account: at 112 bits there is nothing to
//! guess, and so nobody can be locked out by somebody else's guesses.

use crate::hashing::LoginRealm;
use crate::limits::LoginLimits;
use crate::mailed_slots;
use crate::session::NewSession;
use crate::typed::TypedPassword;
use crate::{Auth, AuthError, Origin};
use domain::address::canonical_username;
use domain::id::{CredentialId, PersonId};
use domain::role::UserType;
use domain::secret::Secret;
use store::credential_login::{self as accounts, Account, Slot};
use store::{StoreError, Tx, rate};
use tracing::instrument;

/// What was typed, and where.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// On which login page.
    pub realm: LoginRealm,
    /// User name, or the address where it belongs to one person only.
    pub username: &'a str,
    /// The password, not trimmed.
    pub password: &'a Secret,
    /// From where.
    pub origin: &'a Origin,
    /// The session cookies that came along, of whatever age: they are dead afterwards.
    pub presented: &'a [Secret],
}

/// The answer to a sign-in.
#[derive(Debug)]
pub enum SignIn {
    /// The chosen password was right.
    Chosen {
        /// Who.
        person_id: PersonId,
        /// The session to hand out.
        session: NewSession,
    },
    /// The chosen password was right; only the page for the second factor opens.
    SecondFactor {
        /// Who.
        person_id: PersonId,
        /// The session to hand out: 10 minutes.
        session: NewSession,
    },
    /// Only the set-a-new-password page opens.
    MustChange {
        /// Who.
        person_id: PersonId,
        /// Which mailed password it was; `None`: the chosen one, which has to be changed.
        via: Option<CredentialId>,
        /// The session to hand out: 15 minutes.
        session: NewSession,
    },
    /// Refused. The page must not tell why.
    Refused,
}

/// The answer to an application that asks about a user name and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// The chosen password is right.
    Valid {
        /// Who.
        person_id: PersonId,
    },
    /// It would only open the set-a-new-password page: not valid, and not used up either.
    MustChange {
        /// Who.
        person_id: PersonId,
    },
    /// Refused. The answer must not tell why.
    Refused,
}

/// Why a sign-in was refused; for the audit log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    UnknownName,
    Blocked,
    Api,
    Expired,
    OtherRealm,
    NoPassword,
    Waiting,
    WrongPassword,
    Overtaken,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownName => "unknown_name",
            Self::Blocked => "blocked",
            Self::Api => "api_user",
            Self::Expired => "expired",
            Self::OtherRealm => "other_realm",
            Self::NoPassword => "no_password",
            Self::Waiting => "waiting",
            Self::WrongPassword => "wrong_password",
            Self::Overtaken => "overtaken",
        }
    }
}

/// What the first transaction found and counted.
#[derive(Debug)]
struct Reserved {
    account: Option<Account>,
    slots: Vec<Slot>,
    /// The guess at the chosen password was counted and may be looked at.
    counted: bool,
}

/// What the passwords say.
#[derive(Debug)]
enum Proof {
    Chosen { account: Account, hash: String, needs_rehash: bool },
    Mailed { account: Account, credential: CredentialId, counted: bool },
    None { account: Option<Account>, reason: Reason },
}

/// The buckets of a network with their limits.
pub(crate) type Buckets = [(String, rate::Limit); 2];

impl Auth {
    /// Signs in. Every refusal looks the same and costs the same.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] for everybody alike; the database is not available.
    #[instrument(skip_all)]
    pub async fn sign_in(&self, attempt: &Attempt<'_>, now_ms: i64) -> Result<SignIn, AuthError> {
        let Ok(password) = TypedPassword::new(attempt.password) else { return Ok(SignIn::Refused) };
        match self.prove(attempt, &password, now_ms).await? {
            None => Ok(SignIn::Refused),
            Some(Proof::Chosen { account, hash, needs_rehash }) => {
                let answer = self.open_for_chosen(attempt, &account, &hash, now_ms).await?;
                if needs_rehash && !matches!(answer, SignIn::Refused) {
                    self.rehash(account.id, &password, hash, attempt.realm).await?;
                }
                Ok(answer)
            }
            Some(Proof::Mailed { account, credential, .. }) => {
                self.open_for_mailed(attempt, &account, credential, now_ms).await
            }
            Some(Proof::None { account, reason }) => {
                self.refuse(attempt, account.as_ref(), reason, now_ms).await?;
                Ok(SignIn::Refused)
            }
        }
    }

    /// Checks a user name and a password for an application, by the rules of a sign-in and counted as
    /// one, without opening anything. A mailed password is not valid here and is not used up: the
    /// person has to set a new one on our own page first.
    ///
    /// # Errors
    /// As [`Auth::sign_in`].
    #[instrument(skip_all)]
    pub async fn verify(&self, attempt: &Attempt<'_>, now_ms: i64) -> Result<Verified, AuthError> {
        let Ok(password) = TypedPassword::new(attempt.password) else { return Ok(Verified::Refused) };
        match self.prove(attempt, &password, now_ms).await? {
            None => Ok(Verified::Refused),
            Some(Proof::Chosen { account, hash, .. }) => {
                self.verify_chosen(attempt, &account, hash, now_ms).await
            }
            Some(Proof::Mailed { account, counted, .. }) => {
                self.release(&attempt.origin.network, counted.then_some(account.id)).await?;
                Ok(Verified::MustChange { person_id: account.id })
            }
            Some(Proof::None { account, reason }) => {
                self.refuse(attempt, account.as_ref(), reason, now_ms).await?;
                Ok(Verified::Refused)
            }
        }
    }

    /// Counts and looks; `None`: the network made too many attempts, nothing was looked at.
    async fn prove(
        &self,
        attempt: &Attempt<'_>,
        password: &TypedPassword,
        now_ms: i64,
    ) -> Result<Option<Proof>, AuthError> {
        if self.hasher.is_full() {
            return Err(AuthError::Overloaded);
        }
        let name = canonical_username(attempt.username);
        let Some(reserved) = self.reserve(name, attempt, now_ms).await? else {
            return Ok(None);
        };
        let standing = standing(reserved.account.as_ref(), attempt.realm, now_ms);
        let stored = match &reserved.account {
            Some(account) if standing.chosen.is_none() && reserved.counted => {
                account.password_hash.as_deref()
            }
            _ => None,
        };
        let checked = match self.hasher.check(password, stored, attempt.realm).await {
            Ok(checked) => checked,
            Err(error) => {
                // Nothing was looked at: the person must not pay for our being busy.
                let counted = reserved.account.filter(|_| reserved.counted).map(|account| account.id);
                self.release(&attempt.origin.network, counted).await?;
                return Err(error);
            }
        };
        let mailed = mailed_slots::matching(&self.keys, &reserved.slots, password.without_padding());
        let Some(account) = reserved.account else {
            return Ok(Some(Proof::None { account: None, reason: Reason::UnknownName }));
        };
        let proof = match (mailed, standing) {
            (Some(credential), Standing { mailed: None, .. }) => {
                Proof::Mailed { account, credential, counted: reserved.counted }
            }
            (Some(_), Standing { mailed: Some(reason), .. })
            | (None, Standing { chosen: Some(reason), .. }) => Proof::None { account: Some(account), reason },
            (None, _) => match account.password_hash.clone() {
                None => Proof::None { account: Some(account), reason: Reason::NoPassword },
                Some(_) if !reserved.counted => {
                    Proof::None { account: Some(account), reason: Reason::Waiting }
                }
                Some(hash) if checked.matches => {
                    Proof::Chosen { account, hash, needs_rehash: checked.needs_rehash }
                }
                Some(_) => Proof::None { account: Some(account), reason: Reason::WrongPassword },
            },
        };
        Ok(Some(proof))
    }

    /// The first transaction: counts, then reads. The same statements run for every account and none.
    async fn reserve(
        &self,
        name: String,
        attempt: &Attempt<'_>,
        now_ms: i64,
    ) -> Result<Option<Reserved>, AuthError> {
        let (buckets, limits) = (self.network_buckets(&attempt.origin.network), self.limits);
        let realm = attempt.realm;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !take_all(tx, &buckets, now_ms).await? {
                        return Ok(None);
                    }
                    let found = accounts::find_person(tx, &name).await?.unwrap_or(NOBODY);
                    let account = accounts::hold(tx, found).await?;
                    let may_try = standing(account.as_ref(), realm, now_ms).chosen.is_none();
                    let counted = count(tx, account.as_ref().filter(|_| may_try), limits, now_ms).await?;
                    let slots = accounts::list_slots(tx, found, now_ms).await?;
                    Ok(Some(Reserved { account, slots, counted }))
                })
            })
            .await
    }

    pub(crate) fn network_buckets(&self, network: &str) -> Buckets {
        [
            (self.bucket("login/minute", network), self.limits.network_minute),
            (self.bucket("login/hour", network), self.limits.network_hour),
        ]
    }

    /// Gives an attempt back that was not a failure, or was never looked at.
    pub(crate) async fn release(&self, network: &str, counted: Option<PersonId>) -> Result<(), AuthError> {
        let buckets = self.network_buckets(network);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    give_back_all(tx, &buckets).await?;
                    if let Some(person_id) = counted {
                        accounts::discount_guess(tx, person_id).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Stands for the person who was not found, so that the same statements run.
pub(crate) const NOBODY: PersonId = PersonId(uuid::Uuid::nil());

pub(crate) async fn take_all(tx: &mut Tx, buckets: &Buckets, now_ms: i64) -> Result<bool, StoreError> {
    for (bucket, limit) in buckets {
        if !rate::take(tx, bucket, *limit, now_ms).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(crate) async fn give_back_all(tx: &mut Tx, buckets: &Buckets) -> Result<(), StoreError> {
    for (bucket, limit) in buckets {
        rate::give_back(tx, bucket, *limit).await?;
    }
    Ok(())
}

/// Counts a guess at the chosen password when the account's wait is over; `false`: it is not.
pub(crate) async fn count(
    tx: &mut Tx,
    account: Option<&Account>,
    limits: LoginLimits,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let guessable = |account: &&Account| account.password_hash.is_some() && limits.allow(account, now_ms);
    let counted = account.filter(guessable).map(|account| account.id);
    accounts::count_guess(tx, counted, now_ms).await?;
    Ok(counted.is_some())
}

/// Why the account's passwords may not be used on this login page, if so.
#[derive(Debug, Clone, Copy)]
struct Standing {
    chosen: Option<Reason>,
    mailed: Option<Reason>,
}

/// Each realm has its own people: operators sign in to the console, contacts to their own pages. Only
/// a mailed password of an operator works on both pages, because it merely opens the page for setting
/// a new one; its check costs the same on both.
fn standing(account: Option<&Account>, realm: LoginRealm, now_ms: i64) -> Standing {
    let same = |reason| Standing { chosen: reason, mailed: reason };
    let Some(account) = account else { return same(Some(Reason::UnknownName)) };
    if account.blocked {
        return same(Some(Reason::Blocked));
    }
    match (account.user_type, realm) {
        (Some(UserType::Api), _) => same(Some(Reason::Api)),
        (Some(_), _) if account.expires_at.is_some_and(|at| at <= now_ms) => same(Some(Reason::Expired)),
        (Some(_), LoginRealm::Contacts) => Standing { chosen: Some(Reason::OtherRealm), mailed: None },
        (None, LoginRealm::Operators) => same(Some(Reason::OtherRealm)),
        (Some(_), LoginRealm::Operators) | (None, LoginRealm::Contacts) => same(None),
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "login_guessing_tests.rs"]
mod guessing_tests;
