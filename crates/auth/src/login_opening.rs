//! What a sign-in does once the passwords have been looked at: open, refuse, hash afresh.

use crate::happened;
use crate::hashing::LoginRealm;
use crate::login::{Attempt, Buckets, NOBODY, Reason, SignIn, Verified, give_back_all};
use crate::session::{Minted, Realm, entry};
use crate::typed::TypedPassword;
use crate::{Auth, AuthError};
use domain::id::{CredentialId, PersonId};
use domain::mailing::Step;
use store::credential_login::{self as accounts, Account};
use store::{StoreError, Tx, audit, mailing, second_factor, session};

impl Auth {
    pub(crate) async fn open_for_chosen(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        hash: &str,
        now_ms: i64,
    ) -> Result<SignIn, AuthError> {
        let realm = match (account.must_change, attempt.realm) {
            (true, _) => Realm::ForcedChange,
            (false, LoginRealm::Operators) => Realm::Console,
            (false, LoginRealm::Contacts) => Realm::Preferences,
        };
        let minted = self.mint_session(account.id, realm, attempt.origin, now_ms)?;
        let mut opening = self.opening(attempt, account, "login.succeeded", minted, now_ms);
        let (person_id, hash) = (account.id, hash.to_owned());
        let opened = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    // Held, so that a second factor set up at this moment is seen, or sees this session.
                    accounts::hold(tx, person_id).await?;
                    let two = second_factor::standing(tx, person_id).await?.takes_two_steps();
                    if realm == Realm::Console && two {
                        opening.minted = opening.minted.turned(Realm::SecondFactor);
                        opening.entry.action = "login.password_accepted";
                    }
                    let accepted = if two {
                        accounts::accept_first_step(tx, person_id, &hash).await?
                    } else {
                        accounts::accept_chosen(tx, person_id, &hash, now_ms).await?
                    };
                    let given = opening.minted.given.clone();
                    if accepted {
                        opening.open(tx).await?;
                    }
                    Ok::<_, AuthError>(accepted.then_some(given))
                })
            })
            .await?;
        match opened {
            Some(session) => Ok(match session.realm {
                Realm::SecondFactor => SignIn::SecondFactor { person_id, session },
                Realm::ForcedChange => SignIn::MustChange { person_id, via: None, session },
                Realm::Console | Realm::Preferences => SignIn::Chosen { person_id, session },
            }),
            None => {
                self.refuse(attempt, Some(account), Reason::Overtaken, now_ms).await?;
                Ok(SignIn::Refused)
            }
        }
    }

    /// The first use of a mailed password: in one transaction it is used up, every other one and the
    /// old password are void, all sessions end and the one for setting a new password begins.
    pub(crate) async fn open_for_mailed(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        credential: CredentialId,
        now_ms: i64,
    ) -> Result<SignIn, AuthError> {
        let minted = self.mint_session(account.id, Realm::ForcedChange, attempt.origin, now_ms)?;
        let given = minted.given.clone();
        let mut opening = self.opening(attempt, account, "password.mailed_used", minted, now_ms);
        opening.entry.detail["credential"] = credential.to_string().into();
        let person_id = account.id;
        let redeemed = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let redeemed = accounts::redeem(tx, person_id, credential, now_ms).await?;
                    if redeemed {
                        session::remove_of_person(tx, person_id, None).await?;
                        opening.open(tx).await?;
                    }
                    Ok::<_, AuthError>(redeemed)
                })
            })
            .await?;
        if redeemed {
            return Ok(SignIn::MustChange { person_id, via: Some(credential), session: given });
        }
        self.refuse(attempt, Some(account), Reason::Overtaken, now_ms).await?;
        Ok(SignIn::Refused)
    }

    pub(crate) async fn verify_chosen(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        hash: String,
        now_ms: i64,
    ) -> Result<Verified, AuthError> {
        let (person_id, buckets) = (account.id, self.network_buckets(&attempt.origin.network));
        let entry = entry("login.verified", person_id, "recipient", attempt.origin, now_ms);
        let accepted = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let accepted = accounts::accept_chosen(tx, person_id, &hash, now_ms).await?;
                    if accepted {
                        give_back_all(tx, &buckets).await?;
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, AuthError>(accepted)
                })
            })
            .await?;
        Ok(match (accepted, account.must_change) {
            (true, false) => Verified::Valid { person_id },
            (true, true) => Verified::MustChange { person_id },
            (false, _) => Verified::Refused,
        })
    }

    /// Writes a refusal into the audit log: never what was typed, because passwords are typed into the
    /// wrong field. Attempts of a throttled network are not written, so nobody can flood the log.
    pub(crate) async fn refuse(
        &self,
        attempt: &Attempt<'_>,
        account: Option<&Account>,
        reason: Reason,
        now_ms: i64,
    ) -> Result<(), AuthError> {
        let actor = actor_of(attempt.realm);
        let mut refusal =
            entry("login.refused", account.map_or(NOBODY, |a| a.id), actor, attempt.origin, now_ms);
        refusal.actor_id = None;
        refusal.detail = serde_json::json!({ "reason": reason.as_str() });
        let limits = self.limits;
        let guessed = account.filter(|_| reason == Reason::WrongPassword);
        let held_back = guessed.and_then(|account| happened::held_back(account, limits));
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    happened::guessed(tx, held_back, limits, now_ms).await?;
                    audit::append(tx, refusal).await
                })
            })
            .await?;
        Ok(())
    }

    fn opening(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        action: &'static str,
        minted: Minted,
        now_ms: i64,
    ) -> Opening {
        Opening {
            presented: attempt.presented.iter().flat_map(|cookie| self.session_hashes(cookie)).collect(),
            buckets: self.network_buckets(&attempt.origin.network),
            entry: entry(action, account.id, actor_of(attempt.realm), attempt.origin, now_ms),
            minted,
        }
    }

    /// Puts a hash with today's cost and key in the place of an older one. Not worth an error: the next
    /// sign-in tries again.
    pub(crate) async fn rehash(
        &self,
        person_id: PersonId,
        password: &TypedPassword,
        old: String,
        realm: LoginRealm,
    ) -> Result<(), AuthError> {
        let Ok(fresh) = self.hasher.hash(password, realm).await else { return Ok(()) };
        self.store
            .write(move |tx| Box::pin(async move { accounts::rehash(tx, person_id, &old, &fresh).await }))
            .await?;
        Ok(())
    }
}

const fn actor_of(realm: LoginRealm) -> &'static str {
    match realm {
        LoginRealm::Contacts => "recipient",
        LoginRealm::Operators => "operator",
    }
}

/// What opening a session writes besides what justifies it.
#[derive(Debug)]
struct Opening {
    presented: Vec<[u8; 32]>,
    buckets: Buckets,
    entry: audit::Entry,
    minted: Minted,
}

impl Opening {
    async fn open(self, tx: &mut Tx) -> Result<(), StoreError> {
        for old in &self.presented {
            session::remove_by_token(tx, old).await?;
        }
        let row = &self.minted.row;
        session::insert(tx, row).await?;
        if row.realm.is_whole() {
            mailing::note_step(tx, row.person_id, Step::LoggedIn, row.id.0, row.created_at).await?;
            happened::logged_in(tx, row).await?;
        }
        give_back_all(tx, &self.buckets).await?;
        audit::append(tx, self.entry).await
    }
}
