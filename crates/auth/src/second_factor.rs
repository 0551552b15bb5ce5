//! The second step of a sign-in, and the fresh proof before a sensitive act.
//!
//! Between the password and the console a person has a session of the realm *second factor*, which opens only the page
//! for the code (or for setting a second factor up) and lives for ten minutes. A code is counted before it is looked at,
//! against the second factor, the account and the network, and accepted by one conditional write, so that of two
//! parallel uses on two nodes one wins.

use crate::happened;
use crate::keys::{Keys, Purpose};
use crate::limits::{CODE_WAITS, LoginLimits};
use crate::login::{Buckets, give_back_all, take_all};
use crate::password_change::login_realm;
use crate::session::{Minted, NewSession, Realm, Session, actor_of, entry};
use crate::totp::TotpSecret;
use crate::{Auth, AuthError, Origin, recovery, sealing};
use domain::id::PersonId;
use domain::mailing::Step;
use domain::secret::Secret;
use serde_json::json;
use std::sync::Arc;
use store::credential_login::{self as accounts, Account};
use store::second_factor::{self, SecondFactor};
use store::{StoreError, Tx, audit, mailing, session};
use tracing::instrument;

/// The answer to a code.
#[derive(Debug)]
pub enum SecondStep {
    /// The console is open.
    Done {
        /// The session to hand out in the place of the one for this page.
        session: NewSession,
        /// How many recovery codes are left, when one was used.
        recovery_codes_left: Option<i64>,
    },
    /// The code is wrong or was used before, or there were too many wrong ones; the page must not tell which.
    Refused,
    /// The session is over: the password is to be typed again.
    SessionGone,
}

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// Of the authenticator application.
    Totp,
    /// A recovery code; so many are left.
    Recovery {
        left: i64,
    },
    Wrong,
    /// Not looked at: the wait is not over.
    Waiting,
}

impl Looked {
    const fn is_right(self) -> bool {
        matches!(self, Self::Totp | Self::Recovery { .. })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Recovery { .. } => "recovery_code",
            Self::Wrong => "wrong_code",
            Self::Waiting => "waiting",
        }
    }
}

/// A code with everything needed to look at it inside a transaction.
#[derive(Debug, Clone)]
struct Question {
    keys: Arc<Keys>,
    limits: LoginLimits,
    buckets: Buckets,
    person_id: PersonId,
    typed: Secret,
    now_ms: i64,
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
    /// Takes a code, of the application or a recovery code, and opens the console under a new id.
    /// `presented` are other session cookies that came along: they are dead afterwards.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn take_second_step(
        &self,
        half: &Session,
        code: &Secret,
        presented: &[Secret],
        origin: &Origin,
        now_ms: i64,
    ) -> Result<SecondStep, AuthError> {
        let person_id = half.person_id;
        let minted = self.mint_session(person_id, Realm::Console, origin, now_ms)?.with_second_factor(true);
        let question = self.question(person_id, code, origin, now_ms);
        let stale: Vec<_> = presented.iter().flat_map(|cookie| self.session_hashes(cookie)).collect();
        let half_id = half.id;
        let (opened, refused) = (
            entry("login.succeeded", person_id, "operator", origin, now_ms),
            entry("login.code_refused", person_id, "operator", origin, now_ms),
        );
        let Minted { row, given } = minted;
        let looked = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let looked = look(tx, &question).await?;
                    if !looked.is_right() {
                        audit::append(tx, detailed(refused, looked)).await?;
                        return Ok(looked);
                    }
                    if !session::remove_live(tx, person_id, half_id, now_ms).await? {
                        return Err(Stop::Gone);
                    }
                    for old in &stale {
                        session::remove_by_token(tx, old).await?;
                    }
                    accounts::accept_second_step(tx, person_id, now_ms).await?;
                    session::insert(tx, &row).await?;
                    mailing::note_step(tx, person_id, Step::LoggedIn, row.id.0, now_ms).await?;
                    happened::logged_in(tx, &row).await?;
                    audit::append(tx, detailed(opened, looked)).await?;
                    Ok(looked)
                })
            })
            .await;
        match looked {
            Ok(Looked::Totp) => Ok(SecondStep::Done { session: given, recovery_codes_left: None }),
            Ok(Looked::Recovery { left }) => {
                Ok(SecondStep::Done { session: given, recovery_codes_left: Some(left) })
            }
            Ok(Looked::Wrong | Looked::Waiting) => Ok(SecondStep::Refused),
            Err(Stop::Gone) => Ok(SecondStep::SessionGone),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }

    /// Proves a signed-in person once more, before a sensitive step: the password, and a code where a second factor is
    /// set up. The session's proof is fresh for ten minutes then, and it goes on under a new id with its old end.
    /// `None`: wrong, or too many wrong ones.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] for everybody alike; the database is not available.
    #[instrument(skip_all)]
    pub async fn prove_again(
        &self,
        session: &Session,
        current: &Secret,
        code: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<NewSession>, AuthError> {
        let person_id = session.person_id;
        let account = self.store.read(move |tx| Box::pin(accounts::find(tx, person_id))).await?;
        let Some(account) = account else { return Ok(None) };
        if !matches!(session.realm, Realm::Console | Realm::Preferences)
            || !self.is_current(person_id, Some(current), login_realm(&account), origin, now_ms).await?
        {
            return Ok(None);
        }
        let minted = self.mint_session(person_id, session.realm, origin, now_ms)?;
        let Minted { mut row, given } = minted;
        // A new id, not a new life.
        row.expires_at = session.expires_at;
        row.second_factor = session.second_factor;
        let question = self.question(person_id, code, origin, now_ms);
        let old = session.token_hash.clone();
        let actor = actor_of(session.realm);
        let (proof, refused) = (
            entry("session.proved", person_id, actor, origin, now_ms),
            entry("session.proof_refused", person_id, actor, origin, now_ms),
        );
        let replaced = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if second_factor::standing(tx, person_id).await?.enrolled {
                        let looked = look(tx, &question).await?;
                        if !looked.is_right() {
                            audit::append(tx, detailed(refused, looked)).await?;
                            return Ok::<_, AuthError>(false);
                        }
                        accounts::clear_guesses(tx, person_id).await?;
                        row.second_factor = true;
                    }
                    let replaced = session::remove_by_token(tx, &old).await?;
                    if replaced {
                        session::insert(tx, &row).await?;
                        audit::append(tx, proof).await?;
                    }
                    Ok(replaced)
                })
            })
            .await?;
        Ok(replaced.then_some(given))
    }

    fn question(&self, person_id: PersonId, typed: &Secret, origin: &Origin, now_ms: i64) -> Question {
        Question {
            keys: self.keys.clone(),
            limits: self.limits,
            buckets: self.network_buckets(&origin.network),
            person_id,
            typed: typed.clone(),
            now_ms,
        }
    }
}

/// Counts the code, then looks at it. A right one gives its count of the network back; the guesses at the account are
/// the caller's to forget.
async fn look(tx: &mut Tx, question: &Question) -> Result<Looked, StoreError> {
    let (person_id, now_ms) = (question.person_id, question.now_ms);
    if !take_all(tx, &question.buckets, now_ms).await? {
        return Ok(Looked::Waiting);
    }
    let account = accounts::hold(tx, person_id).await?;
    let may = |one: &Account| !one.blocked && !question.limits.is_spent(one.failed_logins);
    let Some(account) = account.filter(may) else { return Ok(Looked::Waiting) };
    if !second_factor::count_code(tx, person_id, CODE_WAITS, now_ms).await? {
        return Ok(Looked::Waiting);
    }
    accounts::count_guess(tx, Some(person_id), now_ms).await?;
    let Some(factor) = second_factor::find(tx, person_id).await? else { return Ok(Looked::Wrong) };
    let looked = compare(tx, question, &factor).await?;
    if looked.is_right() {
        give_back_all(tx, &question.buckets).await?;
    } else {
        let held_back = happened::held_back(&account, question.limits);
        happened::guessed(tx, held_back, question.limits, now_ms).await?;
    }
    Ok(looked)
}

async fn compare(tx: &mut Tx, question: &Question, factor: &SecondFactor) -> Result<Looked, StoreError> {
    let (person_id, now_ms) = (question.person_id, question.now_ms);
    let digits: Secret = Secret::new(question.typed.expose().split_whitespace().collect());
    if digits.expose().len() == 6 && digits.expose().bytes().all(|byte| byte.is_ascii_digit()) {
        let secret = unseal(&question.keys, person_id, factor).ok_or_else(|| {
            StoreError::Corrupt(
                "a second factor cannot be opened with the keys of the key file: restore the key it was sealed with, \
                 or run `passpost user second-factor WHO --reset`"
                    .into(),
            )
        })?;
        return Ok(match secret.matching_step(digits.expose(), now_ms) {
            Some(step) if second_factor::accept_step(tx, person_id, step).await? => Looked::Totp,
            _ => Looked::Wrong,
        });
    }
    let hashes = recovery::hashes(&question.keys, person_id, question.typed.expose());
    if second_factor::redeem_recovery_code(tx, person_id, &hashes, now_ms).await? {
        return Ok(Looked::Recovery { left: second_factor::count_recovery_codes(tx, person_id).await? });
    }
    Ok(Looked::Wrong)
}

/// What a stored secret is sealed about: it opens for its own person only.
pub(crate) fn about(person_id: PersonId) -> Vec<u8> {
    [b"second factor of ", person_id.0.as_bytes().as_slice()].concat()
}

fn unseal(keys: &Keys, person_id: PersonId, factor: &SecondFactor) -> Option<TotpSecret> {
    let key = keys.by_id(Purpose::SecondFactor, &factor.key_id)?;
    TotpSecret::parse(&sealing::open(&key, &about(person_id), &factor.secret)?)
}

fn detailed(entry: audit::Entry, looked: Looked) -> audit::Entry {
    audit::Entry { detail: json!({ "code": looked.as_str() }), ..entry }
}

#[cfg(test)]
#[path = "second_factor_tests.rs"]
mod tests;
