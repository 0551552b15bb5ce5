//! Sessions: their lives, their cookies' values, the token in their forms.
//!
//! The cookie's value is 32 random bytes and stands nowhere but in the browser; the database has its
//! keyed hash. The form token is derived from it, so every page can show it and only the session's own
//! browser can know it.

use crate::keys::{Purpose, PurposeKey};
use crate::{Auth, AuthError, Origin, random};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::id::{PersonId, SessionId};
use domain::secret::Secret;
pub use store::session::Realm;
use store::session::{self, SessionRow};
use subtle::ConstantTimeEq as _;
use tracing::instrument;

/// How long a session lives, in milliseconds (3-safety 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Without being used.
    pub idle_ms: i64,
    /// In any case.
    pub absolute_ms: i64,
}

const MINUTE: i64 = 60_000;

/// The life of a session of a realm.
#[must_use]
pub const fn life(realm: Realm) -> Life {
    match realm {
        Realm::Console => Life { idle_ms: 30 * MINUTE, absolute_ms: 12 * 60 * MINUTE },
        Realm::Preferences => Life { idle_ms: 30 * MINUTE, absolute_ms: 24 * 60 * MINUTE },
        Realm::ForcedChange => Life { idle_ms: 15 * MINUTE, absolute_ms: 15 * MINUTE },
        Realm::SecondFactor => Life { idle_ms: 10 * MINUTE, absolute_ms: 10 * MINUTE },
    }
}

/// How fresh the proof of password and second factor must be before a sensitive step, in milliseconds.
pub const FRESH_PROOF_MS: i64 = 10 * MINUTE;

/// A session that was just made: the only moment its cookie's value is known.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What it opens; says which cookie to set.
    pub realm: Realm,
    /// The cookie's value.
    pub token: Secret,
    /// The token for its forms.
    pub csrf: Secret,
}

/// A live session of a request.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id; opens nothing.
    pub id: SessionId,
    /// Whose.
    pub person_id: PersonId,
    /// What it opens.
    pub realm: Realm,
    /// The token its forms carry.
    pub csrf: Secret,
    /// Ends whatever happens, milliseconds since 1970.
    pub expires_at: i64,
    /// Last fresh proof, milliseconds since 1970.
    pub proved_at: i64,
    /// Opened with a second factor.
    pub second_factor: bool,
    pub(crate) token_hash: Vec<u8>,
}

impl Session {
    /// Whether the token sent with a form is this session's.
    #[must_use]
    pub fn csrf_matches(&self, sent: &str) -> bool {
        self.csrf.expose().as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// Whether the person was proved within the last ten minutes, as sensitive steps ask.
    #[must_use]
    pub const fn is_freshly_proved(&self, now_ms: i64) -> bool {
        now_ms - self.proved_at <= FRESH_PROOF_MS
    }
}

/// One of a person's sessions, for the list of them.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id, to end it.
    pub id: SessionId,
    /// What it opens.
    pub realm: Realm,
    /// Signed in, milliseconds since 1970.
    pub created_at: i64,
    /// Last used, milliseconds since 1970.
    pub seen_at: i64,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// The network it came from.
    pub network: String,
}

/// A session about to be stored, and what the browser gets of it.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) row: SessionRow,
    pub(crate) given: NewSession,
}

impl Minted {
    /// Makes it a session of another realm before it is stored.
    pub(crate) fn turned(mut self, realm: Realm) -> Self {
        self.row.realm = realm;
        self.row.expires_at = self.row.created_at + life(realm).absolute_ms;
        self.given.realm = realm;
        self
    }

    /// Says that a second factor opened it.
    pub(crate) fn with_second_factor(mut self, second_factor: bool) -> Self {
        self.row.second_factor = second_factor;
        self
    }
}

impl Auth {
    /// Makes a session without storing it, so that it can be stored in the transaction that justifies it.
    pub(crate) fn mint_session(
        &self,
        person_id: PersonId,
        realm: Realm,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Minted, AuthError> {
        let token = random::token()?;
        let (sessions, forms) = (self.keys.current(Purpose::Session), self.keys.current(Purpose::Csrf));
        let csrf = form_token(&forms, &token);
        let row = SessionRow {
            id: SessionId(random::id(now_ms)?),
            token_hash: token_hash(&sessions, &token).to_vec(),
            person_id,
            realm,
            csrf_hash: csrf_hash(&forms, &csrf).to_vec(),
            created_at: now_ms,
            seen_at: now_ms,
            proved_at: now_ms,
            expires_at: now_ms + life(realm).absolute_ms,
            user_agent: printable(&origin.user_agent),
            network: origin.network.clone(),
            second_factor: false,
        };
        Ok(Minted { row, given: NewSession { realm, token, csrf } })
    }

    /// The hashes a cookie may be stored under, one for each server key.
    pub(crate) fn session_hashes(&self, cookie: &Secret) -> Vec<[u8; 32]> {
        if !random::looks_like_token(cookie.expose()) {
            return Vec::new();
        }
        self.keys.all(Purpose::Session).map(|key| token_hash(&key, cookie)).collect()
    }

    /// The session of a cookie, or `None` when there is none, it is over, or its person may not use it
    /// any more. Using it keeps it from idling out.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn find_session(
        &self,
        cookie: &Secret,
        realm: Realm,
        now_ms: i64,
    ) -> Result<Option<Session>, AuthError> {
        if !random::looks_like_token(cookie.expose()) {
            return Ok(None);
        }
        let seen_after = now_ms - life(realm).idle_ms;
        for (sessions, forms) in self.keys.all(Purpose::Session).zip(self.keys.all(Purpose::Csrf)) {
            let hash = token_hash(&sessions, cookie);
            let found = self
                .store
                .read(move |tx| {
                    Box::pin(async move { session::find(tx, &hash, realm, seen_after, now_ms).await })
                })
                .await?;
            let Some(row) = found else { continue };
            let csrf = form_token(&forms, cookie);
            if !bool::from(csrf_hash(&forms, &csrf).ct_eq(&row.csrf_hash)) {
                return Ok(None);
            }
            self.keep_alive(&row, now_ms).await?;
            return Ok(Some(Session {
                id: row.id,
                person_id: row.person_id,
                realm,
                csrf,
                expires_at: row.expires_at,
                proved_at: row.proved_at,
                second_factor: row.second_factor,
                token_hash: row.token_hash,
            }));
        }
        Ok(None)
    }

    /// Notes the use of a session at most once a minute: a write for every page would cost more than
    /// the page, and a session may idle out a minute early, never late.
    async fn keep_alive(&self, row: &SessionRow, now_ms: i64) -> Result<(), AuthError> {
        if now_ms - row.seen_at >= MINUTE {
            let id = row.id;
            self.store.write(move |tx| Box::pin(async move { session::touch(tx, id, now_ms).await })).await?;
        }
        Ok(())
    }

    /// Signs out: the cookie opens nothing any more.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn sign_out(&self, session: &Session, origin: &Origin, now_ms: i64) -> Result<(), AuthError> {
        let entry = entry("session.ended", session.person_id, actor_of(session.realm), origin, now_ms);
        let hash = session.token_hash.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if session::remove_by_token(tx, &hash).await? {
                        store::audit::append(tx, entry).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The sessions of a person, last used first.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn list_sessions(&self, person_id: PersonId, now_ms: i64) -> Result<Vec<Listed>, AuthError> {
        let rows = self
            .store
            .read(move |tx| Box::pin(async move { session::list_of_person(tx, person_id, now_ms).await }))
            .await?;
        let live = rows.into_iter().filter(|row| row.seen_at > now_ms - life(row.realm).idle_ms);
        Ok(live
            .map(|row| Listed {
                id: row.id,
                realm: row.realm,
                created_at: row.created_at,
                seen_at: row.seen_at,
                user_agent: row.user_agent,
                network: row.network,
            })
            .collect())
    }

    /// Ends one of a person's own sessions; `false`: there is no such session of this person.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn end_session(
        &self,
        owner: &Session,
        ended: SessionId,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        let person_id = owner.person_id;
        let entry = entry("session.ended", person_id, actor_of(owner.realm), origin, now_ms);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let removed = session::remove(tx, person_id, ended).await?;
                    if removed {
                        store::audit::append(tx, entry).await?;
                    }
                    Ok(removed)
                })
            })
            .await
    }

    /// Ends all other sessions of the person; gives how many.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn end_other_sessions(
        &self,
        kept: &Session,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<u64, AuthError> {
        let (person_id, id) = (kept.person_id, kept.id);
        let entry = entry("session.others_ended", person_id, actor_of(kept.realm), origin, now_ms);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let ended = session::remove_of_person(tx, person_id, Some(id)).await?;
                    store::audit::append(tx, entry).await?;
                    Ok(ended)
                })
            })
            .await
    }

    /// Removes what is over: sessions, counters, repeatable requests, links for the first Owner. At most 10,000 of each, so
    /// that it never holds the database for long; to be called every few minutes. Gives how many.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn purge(&self, now_ms: i64) -> Result<u64, AuthError> {
        const MOST: i64 = 10_000;
        // The longest window of any limit is a day.
        let old = now_ms - 2 * 24 * 60 * MINUTE;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let sessions = session::purge(tx, now_ms, MOST).await?;
                    let rates = store::rate::purge(tx, old, MOST).await?;
                    let requests = store::repeatable::purge(tx, now_ms, MOST).await?;
                    Ok(sessions + rates + requests + store::bootstrap::purge(tx, now_ms).await?)
                })
            })
            .await
    }
}

/// An audit entry of a person about the person's own account.
pub(crate) fn entry(
    action: &'static str,
    person_id: PersonId,
    actor: &'static str,
    origin: &Origin,
    now_ms: i64,
) -> store::audit::Entry {
    store::audit::Entry::new(action, "person", person_id, serde_json::json!({}), now_ms)
        .by(person_id, actor)
        .from_network(&origin.network)
}

pub(crate) const fn actor_of(realm: Realm) -> &'static str {
    match realm {
        Realm::Console | Realm::SecondFactor => "operator",
        Realm::Preferences | Realm::ForcedChange => "recipient",
    }
}

fn token_hash(key: &PurposeKey, token: &Secret) -> [u8; 32] {
    key.tag(&[b"session", token.expose().as_bytes()])
}

fn form_token(key: &PurposeKey, token: &Secret) -> Secret {
    Secret::new(BASE64_URL_SAFE_NO_PAD.encode(key.tag(&[b"form", token.expose().as_bytes()])))
}

fn csrf_hash(key: &PurposeKey, csrf: &Secret) -> [u8; 32] {
    key.tag(&[b"stored", csrf.expose().as_bytes()])
}

/// What a browser says about itself, without characters that could break a line, and not endless.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')).take(200).collect()
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
