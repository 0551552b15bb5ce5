//! API keys: minted here, shown once, and looked at with every request of a program.
//!
//! A token is `pp_`, 32 random bytes in base64url (43 characters) and a checksum of six characters, by which
//! a mistyped or made-up one is told without asking the database. The database has its keyed hash.

use crate::keys::{Purpose, PurposeKey};
use crate::{Auth, AuthError, Origin, random};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::id::{ApiKeyId, PersonId};
use domain::role::{Permission, Rank};
use domain::secret::Secret;
use store::api_key::{self, ApiKey, Maker, NewApiKey};
use store::rate::{self, Limit};
use store::{Acting, ChangeError, StoreError};
use subtle::ConstantTimeEq as _;
use tracing::instrument;

const PREFIX: &str = "pp_";
const RANDOM: usize = 43;
const CHECKSUM: usize = 6;
/// How much of a token people may see, to know it again.
const HINT: usize = 9;

const MINUTE: i64 = 60_000;

/// How much a program may ask (3-safety 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramLimits {
    /// Reading requests of one key.
    pub reads: Limit,
    /// Changing requests of one key.
    pub writes: Limit,
    /// Requests of one key that send events: with a thousand of them in each, 20,000 a second.
    pub events: Limit,
    /// Requests of one network without a key that opens something.
    pub refused: Limit,
}

impl Default for ProgramLimits {
    fn default() -> Self {
        Self {
            reads: Limit { most: 600, window_ms: MINUTE },
            writes: Limit { most: 60, window_ms: MINUTE },
            events: Limit { most: 1_200, window_ms: MINUTE },
            refused: Limit { most: 30, window_ms: MINUTE },
        }
    }
}

/// What a request is for: each has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// To read.
    Read,
    /// To change something.
    Change,
    /// To send events.
    SendEvents,
}

/// A program whose request is let through: what its key may do at this moment.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its key.
    pub key_id: ApiKeyId,
    /// What the key is called.
    pub name: String,
    /// When the key ends, milliseconds since 1970.
    pub expires_at: i64,
    /// Whose rights bound it.
    pub owner_id: PersonId,
    /// The rank of the owner now.
    pub rank: Rank,
    /// The scopes of the key that the owner's role allows now.
    pub permissions: Vec<Permission>,
    /// Where the request comes from.
    pub network: String,
}

impl Program {
    /// Whether the key may do this now.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Who acts, for changes and for the audit log.
    #[must_use]
    pub fn acting(&self) -> Acting {
        Acting::program(self.owner_id, self.rank, self.key_id, self.network.clone())
    }

    /// What a key made by this program is bounded by.
    #[must_use]
    pub fn maker(&self) -> Maker<'_> {
        Maker { permissions: Some(&self.permissions), key: Some((self.key_id, self.expires_at)) }
    }
}

/// What a request with a token finds.
#[derive(Debug, Clone)]
pub enum Admission {
    /// It may go on.
    Granted(Program),
    /// The token opens nothing: unknown, revoked, over, or its owner may not act.
    Refused,
    /// Too many requests; again in so many milliseconds.
    TooMany {
        /// How long to wait.
        wait_ms: i64,
    },
}

/// A key as asked for.
#[derive(Debug, Clone)]
pub struct KeyDraft {
    /// What it is for.
    pub name: String,
    /// A system user of the type *api* or *hybrid*.
    pub owner_id: PersonId,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// Its end, milliseconds since 1970; `None`: in 90 days.
    pub expires_at: Option<i64>,
}

/// Why a key is not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A rule forbids it, or the database failed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no randomness.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl Auth {
    /// Makes a key. The token is known only now.
    ///
    /// # Errors
    /// See [`store::api_key::insert`].
    #[instrument(skip_all)]
    pub async fn create_key(
        &self,
        acting: &Acting,
        maker: Maker<'_>,
        draft: KeyDraft,
        now_ms: i64,
    ) -> Result<(ApiKey, Secret), KeyError> {
        self.create_key_in(&self.store, acting, maker, draft, now_ms).await
    }

    /// The same, written through this store.
    ///
    /// # Errors
    /// See [`store::api_key::insert`].
    #[instrument(skip_all)]
    pub async fn create_key_in(
        &self,
        store: &store::Store,
        acting: &Acting,
        maker: Maker<'_>,
        draft: KeyDraft,
        now_ms: i64,
    ) -> Result<(ApiKey, Secret), KeyError> {
        let token = mint()?;
        let new = NewApiKey {
            id: ApiKeyId(random::id(now_ms)?),
            token_hash: hash(&self.keys.current(Purpose::Api), &token).to_vec(),
            hint: token.expose().get(..HINT).unwrap_or(PREFIX).to_owned(),
            name: draft.name,
            owner_id: draft.owner_id,
            scopes: draft.scopes,
            // Nothing made with a key may outlive it, so the usual end is cut to that key's own.
            expires_at: draft.expires_at.unwrap_or_else(|| {
                let usual = now_ms + api_key::USUAL_LIFE_MS;
                maker.key.map_or(usual, |(_, end)| usual.min(end))
            }),
        };
        let (acting, permissions) = (acting.clone(), maker.permissions.map(<[Permission]>::to_vec));
        let made_with = maker.key;
        let key = store
            .write::<_, ChangeError, _>(move |tx| {
                Box::pin(async move {
                    let maker = Maker { permissions: permissions.as_deref(), key: made_with };
                    api_key::insert(tx, &acting, maker, &new, now_ms).await
                })
            })
            .await?;
        Ok((key, token))
    }

    /// Looks at the token of a request: whose it is, what it may do at this moment, and whether it asks too much.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn admit_program(
        &self,
        token: Option<&Secret>,
        asking: Asking,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Admission, AuthError> {
        let found = match token.filter(|token| has_shape(token.expose())) {
            Some(token) => self.find_program(token, origin, now_ms).await?,
            None => None,
        };
        let limits = ProgramLimits::default();
        let Some(program) = found else {
            let bucket = self.bucket("program refused", &origin.network);
            let waited = self.take(bucket, limits.refused, None, now_ms).await?;
            return Ok(waited.map_or(Admission::Refused, |wait_ms| Admission::TooMany { wait_ms }));
        };
        let (name, limit) = match asking {
            Asking::Read => ("key reads", limits.reads),
            Asking::Change => ("key writes", limits.writes),
            Asking::SendEvents => ("key events", limits.events),
        };
        let bucket = self.bucket(name, &program.key_id.to_string());
        let waited = self.take(bucket, limit, Some(program.key_id), now_ms).await?;
        Ok(waited.map_or(Admission::Granted(program), |wait_ms| Admission::TooMany { wait_ms }))
    }

    async fn find_program(
        &self,
        token: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<Program>, AuthError> {
        for key in self.keys.all(Purpose::Api) {
            let hash = hash(&key, token);
            let shown = self
                .store
                .read::<_, StoreError, _>(move |tx| {
                    Box::pin(async move { api_key::find_shown(tx, &hash).await })
                })
                .await?;
            let Some(shown) = shown else { continue };
            return Ok(shown.rights(now_ms).map(|(rank, permissions)| Program {
                key_id: shown.key.id,
                name: shown.key.name,
                expires_at: shown.key.expires_at,
                owner_id: shown.key.owner_id,
                rank,
                permissions,
                network: origin.network.clone(),
            }));
        }
        Ok(None)
    }

    /// Counts a request and notes the use of its key; gives how long to wait when the limit is reached.
    async fn take(
        &self,
        bucket: String,
        limit: Limit,
        key: Option<ApiKeyId>,
        now_ms: i64,
    ) -> Result<Option<i64>, AuthError> {
        let wait = self
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    if !rate::take(tx, &bucket, limit, now_ms).await? {
                        return rate::wait_ms(tx, &bucket, limit, now_ms).await.map(Some);
                    }
                    if let Some(key) = key {
                        api_key::touch(tx, key, now_ms).await?;
                    }
                    Ok(None)
                })
            })
            .await?;
        Ok(wait)
    }
}

fn mint() -> Result<Secret, AuthError> {
    let random = random::token()?;
    let checksum = checksum(random.expose());
    Ok(Secret::new(format!("{PREFIX}{}{checksum}", random.expose())))
}

/// Whether a text can be a token at all.
fn has_shape(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX).filter(|rest| rest.len() == RANDOM + CHECKSUM) else {
        return false;
    };
    let (Some(random), Some(sum)) = (rest.get(..RANDOM), rest.get(RANDOM..)) else { return false };
    random::looks_like_token(random) && checksum(random).as_bytes().ct_eq(sum.as_bytes()).into()
}

fn checksum(random: &str) -> String {
    let digest = digest(&SHA256, random.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref().get(..4).unwrap_or_default())
}

fn hash(key: &PurposeKey, token: &Secret) -> [u8; 32] {
    key.tag(&[b"api key", token.expose().as_bytes()])
}

#[cfg(test)]
#[path = "api_key_tests.rs"]
mod tests;
