//! The hashing pool: as many Argon2id at a time as there are cores, a short queue, and no more.
//!
//! A check costs the same whatever is stored: a dummy stands in for a missing hash, and a cheaper one
//! is topped up (3-safety 4.2). The memory of a finished hash is reused by the next one; it is written
//! over, not wiped, because wiping costs a tenth of the hash and protects from nobody who could not
//! read the password itself.

use crate::AuthError;
use crate::keys::{Keys, Purpose, PurposeKey};
use crate::password_hash::{Cost, CostError, PasswordHash};
use crate::random;
use crate::typed::TypedPassword;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use tracing::instrument;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Which login page a password is typed on; the cost of a check depends on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoginRealm {
    /// Recipients: preference center, set-a-new-password page.
    Contacts,
    /// The operators' console.
    Operators,
}

/// The cost of a check in each realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// For contacts.
    pub contacts: Cost,
    /// For operators.
    pub operators: Cost,
}

impl Default for Costs {
    fn default() -> Self {
        Self { contacts: Cost::CONTACTS, operators: Cost::OPERATORS }
    }
}

impl Costs {
    /// The cost of a realm.
    #[must_use]
    pub const fn of(&self, realm: LoginRealm) -> Cost {
        match realm {
            LoginRealm::Contacts => self.contacts,
            LoginRealm::Operators => self.operators,
        }
    }
}

/// How many checks may wait for a core; beyond that the answer is 503 with Retry-After.
pub const QUEUE: usize = 64;

/// Hashes and checks passwords; cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Keys,
    costs: Costs,
    /// Running and waiting together.
    places: Arc<Semaphore>,
    /// Running.
    cores: Arc<Semaphore>,
    memory: Mutex<Vec<Vec<Block>>>,
    hashes: AtomicU64,
    work: AtomicU64,
}

/// What the pool has done since the start, for metrics and for tests of equal cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Runs of Argon2id.
    pub hashes: u64,
    /// KiB written by them.
    pub work: u64,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whether the password is the one that was hashed.
    pub matches: bool,
    /// Whether the hash should be made again with today's cost or key.
    pub needs_rehash: bool,
}

impl Hasher {
    /// A pool with as many places as there are cores.
    ///
    /// # Errors
    /// When a cost is below the minimum.
    pub fn new(keys: Keys, costs: Costs, cores: usize) -> Result<Self, CostError> {
        Self::with_queue(keys, costs, cores, QUEUE)
    }

    fn with_queue(keys: Keys, costs: Costs, cores: usize, queue: usize) -> Result<Self, CostError> {
        costs.contacts.check()?;
        costs.operators.check()?;
        let cores = cores.max(1);
        Ok(Self(Arc::new(Inner {
            keys,
            costs,
            places: Arc::new(Semaphore::new(cores + queue)),
            cores: Arc::new(Semaphore::new(cores)),
            memory: Mutex::new(Vec::new()),
            hashes: AtomicU64::new(0),
            work: AtomicU64::new(0),
        })))
    }

    /// Hashes a chosen password for a realm, class U.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] when too many are waiting; when there is no randomness.
    #[instrument(skip_all)]
    pub async fn hash(&self, password: &TypedPassword, realm: LoginRealm) -> Result<String, AuthError> {
        let password = password.clone();
        let inner = Arc::clone(&self.0);
        self.run(move || {
            let pepper = inner.keys.current(Purpose::Pepper);
            let (cost, salt) = (inner.costs.of(realm), *random::bytes::<16>()?);
            let tag = inner.argon2id(&password, &salt, cost, &pepper)?;
            Ok(PasswordHash { cost, key_id: pepper.id().to_owned(), salt, tag }.to_string())
        })
        .await
    }

    /// Checks a password against a stored hash at the fixed cost of the realm; without a hash the
    /// same work is done for nothing.
    ///
    /// A hash that cost more than the realm's (after the setting was lowered) takes its own time until
    /// it is made again at the next sign-in.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] when too many are waiting.
    #[instrument(skip_all)]
    pub async fn check(
        &self,
        password: &TypedPassword,
        stored: Option<&str>,
        realm: LoginRealm,
    ) -> Result<Checked, AuthError> {
        let password = password.clone();
        let stored = stored.and_then(PasswordHash::parse);
        let inner = Arc::clone(&self.0);
        self.run(move || inner.check(&password, stored.as_ref(), realm)).await
    }

    /// Whether the next check would be refused, so that nothing is begun for it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.places.available_permits() == 0
    }

    /// What was done since the start.
    #[must_use]
    pub fn done(&self) -> Done {
        Done { hashes: self.0.hashes.load(Ordering::Relaxed), work: self.0.work.load(Ordering::Relaxed) }
    }

    /// Runs one piece of hashing on a thread of its own, or refuses at once when the queue is full.
    /// The work goes on when the caller goes away, but gives its place back when done.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| AuthError::Overloaded)?;
        let core = Arc::clone(&self.0.cores).acquire_owned().await.map_err(|_| AuthError::Overloaded)?;
        tokio::task::spawn_blocking(move || {
            let _until_done = (place, core);
            work()
        })
        .await
        .map_err(|_| AuthError::Hashing)?
    }
}

impl Inner {
    fn check(
        &self,
        password: &TypedPassword,
        stored: Option<&PasswordHash>,
        realm: LoginRealm,
    ) -> Result<Checked, AuthError> {
        let due = self.costs.of(realm);
        let current = self.keys.current(Purpose::Pepper);
        // A hash whose pepper is gone can match nothing, but must cost the same.
        let found = stored
            .and_then(|hash| self.keys.by_id(Purpose::Pepper, &hash.key_id).map(|pepper| (hash, pepper)));
        let Some((hash, pepper)) = found else {
            self.argon2id(password, &[0; 16], due, &current)?;
            return Ok(Checked { matches: false, needs_rehash: false });
        };
        let tag = self.argon2id(password, &hash.salt, hash.cost, &pepper)?;
        if let Some(rest) = due.top_up(hash.cost) {
            self.argon2id(password, &[0; 16], rest, &current)?;
        }
        Ok(Checked {
            matches: tag.ct_eq(&hash.tag).into(),
            needs_rehash: hash.cost != due || hash.key_id != current.id(),
        })
    }

    fn argon2id(
        &self,
        password: &TypedPassword,
        salt: &[u8; 16],
        cost: Cost,
        pepper: &PurposeKey,
    ) -> Result<[u8; 32], AuthError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
            .map_err(|_| AuthError::Hashing)?;
        let blocks = params.block_count();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut memory = self.lend();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let mut output = Zeroizing::new([0_u8; 32]);
        let done = argon2.hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt,
            &mut *output,
            memory.as_mut_slice(),
        );
        self.give_back(memory);
        done.map_err(|_| AuthError::Hashing)?;
        self.hashes.fetch_add(1, Ordering::Relaxed);
        self.work.fetch_add(cost.work(), Ordering::Relaxed);
        Ok(pepper.tag(&[&*output]))
    }

    fn lend(&self) -> Vec<Block> {
        self.memory.lock().ok().and_then(|mut memory| memory.pop()).unwrap_or_default()
    }

    fn give_back(&self, blocks: Vec<Block>) {
        if let Ok(mut memory) = self.memory.lock() {
            memory.push(blocks);
        }
    }
}

/// The keyed hash of a mailed password, class G: single use and at least 112 bits, so no stretching is
/// due (NIST SP 800-63B-4 §3.1.2.2). About a microsecond.
#[must_use]
pub fn mailed_hash(key: &PurposeKey, credential_id: Uuid, password: &str) -> [u8; 32] {
    key.tag(&[credential_id.as_bytes(), password.as_bytes()])
}

#[cfg(test)]
#[path = "hashing_tests.rs"]
mod tests;
