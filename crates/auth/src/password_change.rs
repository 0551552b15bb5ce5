//! Choosing a new password: behind a mailed one, or as a signed-in person who knows the current one.

use crate::happened;
use crate::hashing::LoginRealm;
use crate::login::{count, give_back_all, take_all};
use crate::password_rules::{About, Problem};
use crate::session::{Minted, NewSession, Realm, Session, actor_of, entry};
use crate::typed::TypedPassword;
use crate::{Auth, AuthError, Origin, mailed_slots, random};
use domain::id::{AccountMailId, PersonId};
use domain::mailing::Step;
use domain::secret::Secret;
use store::credential_login::{self as accounts, Account, Slot};
use store::second_factor::{self, Standing};
use store::{StoreError, account_mail, audit, mailing, session};
use tracing::instrument;

/// The answer to a new password.
#[derive(Debug)]
pub enum Choice {
    /// It is set; all other sessions are over and this one goes on under a new id.
    Done {
        /// The session to hand out in the place of the old one.
        session: NewSession,
    },
    /// It does not keep the rules; nothing changed and the page stays open.
    Unfit(Vec<Problem>),
    /// The current password is wrong, or there were too many wrong ones; the page must not tell which.
    WrongCurrent,
    /// The session is over, or the password was changed elsewhere meanwhile.
    SessionGone,
}

/// A chosen password on its way into the database.
#[derive(Debug)]
struct NewPassword {
    hash: String,
    /// Shorter than one without a second factor may be.
    is_short: bool,
}

/// Why a transaction was given up.
#[derive(Debug)]
enum Stop {
    Gone,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Auth {
    /// Sets a password the person chose. Behind a mailed password nothing else has to be proved;
    /// otherwise the current password is asked for and throttled like a sign-in.
    ///
    /// One transaction sets the hash, retires every mailed password, ends all sessions, begins a new
    /// one and writes the audit entry; of two parallel choices one wins.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] for everybody alike; the database is not available.
    #[instrument(skip_all)]
    pub async fn choose_password(
        &self,
        session: &Session,
        current: Option<&Secret>,
        chosen: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Choice, AuthError> {
        let Ok(typed) = TypedPassword::new(chosen) else {
            return Ok(Choice::Unfit(vec![Problem::TooLong]));
        };
        let Some((account, mailed, standing)) = self.read_account(session.person_id).await? else {
            return Ok(Choice::SessionGone);
        };
        let rules = self.rules_for(standing.enrolled);
        let mut problems = rules.judge_typed(&typed, &about(&account)).problems;
        let is_old = current.is_some_and(|current| current.expose() == chosen.expose());
        if is_old || mailed_slots::is_any(&self.keys, &mailed, typed.without_padding()) {
            problems = vec![Problem::NotNew];
        }
        if !problems.is_empty() {
            return Ok(Choice::Unfit(problems));
        }
        let login = login_realm(&account);
        if session.realm != Realm::ForcedChange {
            if !self.is_current(session.person_id, current, login, origin, now_ms).await? {
                return Ok(Choice::WrongCurrent);
            }
        } else if let Some(old) = account.password_hash.as_deref()
            && self.hasher.check(&typed, Some(old), login).await?.matches
        {
            // The chosen password has to be changed: choosing it once more is no change.
            return Ok(Choice::Unfit(vec![Problem::NotNew]));
        }
        let hash = self.hasher.hash(&typed, login).await?;
        let realm = match login {
            LoginRealm::Operators => Realm::Console,
            LoginRealm::Contacts => Realm::Preferences,
        };
        let minted = self.mint_session(session.person_id, realm, origin, now_ms)?;
        let minted = minted.with_second_factor(session.second_factor);
        let new = NewPassword { hash, is_short: typed.length() < self.rules.least_length };
        self.replace_password(session, new, minted, origin, now_ms).await
    }

    /// What a new password is judged by: the account, what was mailed lately, the second factor.
    pub(crate) async fn read_account(
        &self,
        person_id: PersonId,
    ) -> Result<Option<(Account, Vec<Slot>, Standing)>, AuthError> {
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let Some(account) = accounts::find(tx, person_id).await? else { return Ok(None) };
                    let mailed = accounts::list_mailed(tx, person_id).await?;
                    Ok(Some((account, mailed, second_factor::standing(tx, person_id).await?)))
                })
            })
            .await
    }

    /// Whether this is the current password, counted before it is looked at like every other guess, against the account
    /// and against the network.
    pub(crate) async fn is_current(
        &self,
        person_id: PersonId,
        current: Option<&Secret>,
        realm: LoginRealm,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        let Some(Ok(typed)) = current.map(TypedPassword::new) else { return Ok(false) };
        let (limits, buckets) = (self.limits, self.network_buckets(&origin.network));
        let taken = buckets.clone();
        let account = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if !take_all(tx, &taken, now_ms).await? {
                        return Ok(None);
                    }
                    let account = accounts::hold(tx, person_id).await?;
                    let counted = count(tx, account.as_ref(), limits, now_ms).await?;
                    Ok::<_, AuthError>(account.filter(|_| counted))
                })
            })
            .await?;
        let held_back = account.as_ref().and_then(|account| happened::held_back(account, limits));
        let Some(hash) = account.and_then(|account| account.password_hash) else { return Ok(false) };
        let matches = match self.hasher.check(&typed, Some(&hash), realm).await {
            Ok(checked) => checked.matches,
            Err(error) => {
                // Nothing was looked at: the person must not pay for our being busy.
                self.release(&origin.network, Some(person_id)).await?;
                return Err(error);
            }
        };
        let refusal = entry("password.refused", person_id, "recipient", origin, now_ms);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !matches {
                        happened::guessed(tx, held_back, limits, now_ms).await?;
                        return audit::append(tx, refusal).await;
                    }
                    give_back_all(tx, &buckets).await?;
                    if second_factor::standing(tx, person_id).await?.enrolled {
                        // Wrong codes count on, however often the password was right.
                        accounts::discount_guess(tx, person_id).await
                    } else {
                        accounts::clear_guesses(tx, person_id).await
                    }
                })
            })
            .await?;
        Ok(matches)
    }

    async fn replace_password(
        &self,
        session: &Session,
        new: NewPassword,
        minted: Minted,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Choice, AuthError> {
        let (person_id, id) = (session.person_id, session.id);
        let change = entry("password.changed", person_id, actor_of(session.realm), origin, now_ms);
        let was_forced = session.realm == Realm::ForcedChange;
        let how = how(session.realm);
        let (notice, network) = (AccountMailId(random::id(now_ms)?), origin.network.clone());
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if !accounts::set_password(tx, person_id, &new.hash, now_ms).await?
                        || !session::remove_live(tx, person_id, id, now_ms).await?
                    {
                        return Err(Stop::Gone);
                    }
                    session::remove_of_person(tx, person_id, None).await?;
                    second_factor::note_password(tx, person_id, new.is_short).await?;
                    // A mailed password stands in for the password, never for the second factor (3-safety 38).
                    let two = second_factor::standing(tx, person_id).await?.takes_two_steps();
                    let minted = if was_forced && two { minted.turned(Realm::SecondFactor) } else { minted };
                    session::insert(tx, &minted.row).await?;
                    mailing::note_step(tx, person_id, Step::PasswordSet, notice.0, now_ms).await?;
                    if minted.row.realm.is_whole() {
                        mailing::note_step(tx, person_id, Step::LoggedIn, minted.row.id.0, now_ms).await?;
                    }
                    happened::password_changed(tx, person_id, how, now_ms).await?;
                    if was_forced {
                        happened::logged_in(tx, &minted.row).await?;
                    }
                    // Behind a mailed password the person has just had a mail that says so.
                    if !was_forced {
                        account_mail::tell_changed(tx, notice, person_id, &network, now_ms).await?;
                    }
                    audit::append(tx, change).await?;
                    Ok(minted.given)
                })
            })
            .await;
        match done {
            Ok(session) => Ok(Choice::Done { session }),
            Err(Stop::Gone) => Ok(Choice::SessionGone),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }
}

/// Where a password is chosen, in the words of its event.
const fn how(realm: Realm) -> &'static str {
    match realm {
        Realm::ForcedChange => "login",
        Realm::Preferences => "preferences",
        Realm::Console | Realm::SecondFactor => "console",
    }
}

/// Operators' passwords are hashed at the operators' cost, wherever they are set.
pub(crate) const fn login_realm(account: &Account) -> LoginRealm {
    if account.user_type.is_some() { LoginRealm::Operators } else { LoginRealm::Contacts }
}

pub(crate) fn about(account: &Account) -> About {
    About {
        username: account.username.clone(),
        address: account.address.clone(),
        names: account.names.to_vec(),
    }
}

#[cfg(test)]
#[path = "password_change_tests.rs"]
mod tests;
