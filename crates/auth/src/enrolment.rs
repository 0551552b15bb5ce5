//! Setting a second factor up, replacing it, fresh recovery codes, taking it away.
//!
//! A secret that is not confirmed yet is kept nowhere here: the page carries it, sealed for this person and for a
//! quarter of an hour. Nothing is stored before the first code shows that the application has it.

use crate::happened;
use crate::keys::Purpose;
use crate::second_factor::about;
use crate::session::{Minted, NewSession, Realm, Session, entry};
use crate::totp::{SECRET_BYTES, TotpSecret};
use crate::{Auth, AuthError, Origin, random, recovery, sealing};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::id::PersonId;
use domain::secret::Secret;
use store::credential_login as accounts;
use store::second_factor::{self, Confirmed};
use store::{StoreError, audit, session};
use tracing::instrument;
use zeroize::Zeroizing;

/// How long a page for setting a second factor up may stay open, in milliseconds.
const PAGE_LIFE_MS: i64 = 15 * 60_000;

/// What the page for setting a second factor up shows.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret, sealed: the form sends it back.
    pub sealed: Secret,
    /// The secret in base32, to be typed.
    pub text: Secret,
    /// The address for the QR code.
    pub uri: Secret,
}

/// The answer to the first code.
#[derive(Debug)]
pub enum Enrolled {
    /// It is set up; all other sessions are over and this one goes on under a new id.
    Done {
        /// The session to hand out in the place of the old one.
        session: NewSession,
        /// Ten codes: the only moment they are known.
        recovery_codes: Vec<Secret>,
    },
    /// The code does not fit the secret; the page stays open.
    WrongCode,
    /// The page stood open for too long, or belongs to somebody else.
    PageStale,
    /// There is a second factor already, so its code is asked for.
    AlreadyThere,
    /// The session is over.
    SessionGone,
}

/// The answer to taking a second factor away.
#[derive(Debug)]
pub enum Removed {
    /// It is gone; all other sessions are over and this one goes on under a new id.
    Done {
        /// The session to hand out in the place of the old one.
        session: NewSession,
    },
    /// The person's role asks for one.
    Required,
    /// There is none, or the session is over.
    NotThere,
}

/// Why a transaction was given up.
#[derive(Debug)]
enum Stop {
    Gone,
    Already,
    Required,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Auth {
    /// A fresh secret, to be confirmed with [`Auth::enrol`].
    ///
    /// # Errors
    /// There is no randomness.
    pub fn begin_enrolment(
        &self,
        person_id: PersonId,
        issuer: &str,
        account: &str,
        now_ms: i64,
    ) -> Result<Enrolment, AuthError> {
        let secret = TotpSecret::new(random::bytes::<SECRET_BYTES>()?);
        let mut plain = Zeroizing::new(secret.bytes().to_vec());
        plain.extend_from_slice(&now_ms.to_be_bytes());
        let key = self.keys.current(Purpose::SecondFactor);
        let sealed = sealing::seal(&key, &about_page(person_id), &plain)?;
        let sealed = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(sealed));
        Ok(Enrolment { sealed, text: secret.text(), uri: secret.uri(issuer, account) })
    }

    /// The same secret once more, to show the page again; `None`: it stood open for too long.
    #[must_use]
    pub fn reopen_enrolment(
        &self,
        person_id: PersonId,
        sealed: &Secret,
        issuer: &str,
        account: &str,
        now_ms: i64,
    ) -> Option<Enrolment> {
        let secret = self.unseal_page(person_id, sealed, now_ms)?;
        Some(Enrolment { sealed: sealed.clone(), text: secret.text(), uri: secret.uri(issuer, account) })
    }

    /// Confirms a secret with its first code and sets the second factor up. In the console an earlier one is replaced;
    /// on the way in, where only the password was proved, it is not.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn enrol(
        &self,
        session: &Session,
        sealed: &Secret,
        code: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Enrolled, AuthError> {
        let (person_id, id) = (session.person_id, session.id);
        let Some(secret) = self.unseal_page(person_id, sealed, now_ms) else {
            return Ok(Enrolled::PageStale);
        };
        let digits: Secret = Secret::new(code.expose().split_whitespace().collect());
        let Some(step) = secret.matching_step(digits.expose(), now_ms) else {
            return Ok(Enrolled::WrongCode);
        };
        let (confirmed, recovery_codes) = self.confirm(person_id, &secret, step)?;
        let Minted { mut row, given } =
            self.mint_session(person_id, Realm::Console, origin, now_ms)?.with_second_factor(true);
        let on_the_way_in = session.realm == Realm::SecondFactor;
        if !on_the_way_in {
            row.expires_at = session.expires_at;
            row.proved_at = session.proved_at;
        }
        let (made, opened) = (
            entry("second_factor.enrolled", person_id, "operator", origin, now_ms),
            entry("login.succeeded", person_id, "operator", origin, now_ms),
        );
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    accounts::hold(tx, person_id).await?;
                    if !session::remove_live(tx, person_id, id, now_ms).await? {
                        return Err(Stop::Gone);
                    }
                    if !second_factor::insert(tx, person_id, &confirmed, !on_the_way_in, now_ms).await? {
                        return Err(Stop::Already);
                    }
                    session::remove_of_person(tx, person_id, None).await?;
                    session::insert(tx, &row).await?;
                    if on_the_way_in {
                        accounts::accept_second_step(tx, person_id, now_ms).await?;
                        happened::logged_in(tx, &row).await?;
                    }
                    audit::append(tx, made).await?;
                    if on_the_way_in {
                        audit::append(tx, opened).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match done {
            Ok(()) => Ok(Enrolled::Done { session: given, recovery_codes }),
            Err(Stop::Gone | Stop::Required) => Ok(Enrolled::SessionGone),
            Err(Stop::Already) => Ok(Enrolled::AlreadyThere),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }

    /// Ten fresh recovery codes in the place of all earlier ones; `None`: there is no second factor.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn renew_recovery_codes(
        &self,
        session: &Session,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<Vec<Secret>>, AuthError> {
        let person_id = session.person_id;
        let (codes, hashes) = recovery::mint(&self.keys, person_id)?;
        let renewed = entry("second_factor.codes_renewed", person_id, "operator", origin, now_ms);
        let there = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    accounts::hold(tx, person_id).await?;
                    if second_factor::find(tx, person_id).await?.is_none() {
                        return Ok::<_, AuthError>(false);
                    }
                    second_factor::set_recovery_codes(tx, person_id, &hashes).await?;
                    audit::append(tx, renewed).await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(there.then_some(codes))
    }

    /// Takes one's own second factor away, unless the role asks for one.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn remove_second_factor(
        &self,
        session: &Session,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Removed, AuthError> {
        let (person_id, id) = (session.person_id, session.id);
        let Minted { mut row, given } = self.mint_session(person_id, Realm::Console, origin, now_ms)?;
        row.expires_at = session.expires_at;
        row.proved_at = session.proved_at;
        let removed = entry("second_factor.removed", person_id, "operator", origin, now_ms);
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    accounts::hold(tx, person_id).await?;
                    if second_factor::standing(tx, person_id).await?.required {
                        return Err(Stop::Required);
                    }
                    if !session::remove_live(tx, person_id, id, now_ms).await?
                        || !second_factor::remove(tx, person_id).await?
                    {
                        return Err(Stop::Gone);
                    }
                    session::remove_of_person(tx, person_id, None).await?;
                    session::insert(tx, &row).await?;
                    audit::append(tx, removed).await?;
                    Ok(())
                })
            })
            .await;
        match done {
            Ok(()) => Ok(Removed::Done { session: given }),
            Err(Stop::Required) => Ok(Removed::Required),
            Err(Stop::Gone | Stop::Already) => Ok(Removed::NotThere),
            Err(Stop::Store(error)) => Err(error.into()),
        }
    }

    /// What is stored of a secret that was confirmed, and the recovery codes that go with it.
    fn confirm(
        &self,
        person_id: PersonId,
        secret: &TotpSecret,
        step: i64,
    ) -> Result<(Confirmed, Vec<Secret>), AuthError> {
        let key = self.keys.current(Purpose::SecondFactor);
        let (codes, recovery) = recovery::mint(&self.keys, person_id)?;
        let secret = sealing::seal(&key, &about(person_id), secret.bytes())?;
        Ok((Confirmed { key_id: key.id().to_owned(), secret, step, recovery }, codes))
    }

    fn unseal_page(&self, person_id: PersonId, sealed: &Secret, now_ms: i64) -> Option<TotpSecret> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).ok()?;
        let about = about_page(person_id);
        let plain =
            self.keys.all(Purpose::SecondFactor).find_map(|key| sealing::open(&key, &about, &sealed))?;
        let (secret, made_at) = plain.split_at_checked(SECRET_BYTES)?;
        let made_at = i64::from_be_bytes(made_at.try_into().ok()?);
        (0..PAGE_LIFE_MS).contains(&(now_ms - made_at)).then(|| TotpSecret::parse(secret))?
    }
}

fn about_page(person_id: PersonId) -> Vec<u8> {
    [b"page for the second factor of ", person_id.0.as_bytes().as_slice()].concat()
}

#[cfg(test)]
#[path = "enrolment_tests.rs"]
mod tests;
