//! Where everybody of a run stands in a database, read without signing in: nothing is used up by it.

use auth::hashing::mailed_hash;
use auth::keys::{Keys, Purpose};
use domain::id::PersonId;
use domain::recipient::RecipientState;
use store::credential_login::{self, Slot};
use store::{Store, StoreError, params};

/// One person of a run, and what a sign-in would accept now.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Who.
    pub person: PersonId,
    /// What the person signs in with.
    pub username: String,
    /// Where mail goes.
    pub address: String,
    /// The word of the report.
    pub state: RecipientState,
    /// How often the person was claimed.
    pub attempts: i64,
    /// The hash of a chosen password.
    pub chosen: Option<String>,
    /// The mailed passwords a sign-in looks at.
    slots: Vec<Slot>,
}

impl Inspected {
    /// Whether a mailed password would open the page to set a new one.
    #[must_use]
    pub fn accepts(&self, keys: &Keys, password: &str) -> bool {
        self.slots.iter().any(|slot| {
            let key = keys.by_id(Purpose::MailedPassword, &slot.key_id).expect("the key is there");
            mailed_hash(&key, slot.id.0, password).as_slice() == slot.hash
        })
    }
}

/// Everybody of the run with this number, in the order of its audience.
///
/// # Panics
/// When the database cannot be read, or somebody was erased.
pub async fn inspect(store: &Store, run: i64) -> Vec<Inspected> {
    let now_ms = now_ms();
    store
        .read(move |tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for listed in store::recipient::list(tx, run, None, 0, 100_000).await? {
                    let person = listed.person_id;
                    let account = credential_login::find(tx, person).await?.expect("nobody was erased");
                    all.push(Inspected {
                        person,
                        username: account.username,
                        address: listed.address.expect("everybody has an address"),
                        state: listed.state,
                        attempts: listed.attempts,
                        chosen: account.password_hash,
                        slots: credential_login::list_slots(tx, person, now_ms).await?,
                    });
                }
                Ok::<_, StoreError>(all)
            })
        })
        .await
        .expect("the database is read")
}

/// Gives people a chosen password by its hash, as if they had signed up: those whose user names come before this one.
///
/// # Panics
/// When the database cannot be written.
pub async fn give_old_password(store: &Store, hash: String, before: impl Into<String>) {
    let before = before.into();
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "UPDATE people SET password_hash = $1, password_set = 'chosen', password_changed_at = created_at
                     WHERE username < $2 AND role_id IS NULL",
                    params![hash, before],
                )
                .await
            })
        })
        .await
        .map(drop)
        .expect("a statement that is right");
}

/// The present, for programs that run by the clock of the machine.
#[must_use]
pub fn now_ms() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the program under test goes by this clock")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("not that far")
}
