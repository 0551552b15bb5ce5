//! What the tests of import and export share: a file in, the database as lines out.

use domain::id::PersonId;
use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};
use store::import::{ImportError, Options, Outcome, import};
use store::{Value, params};
use testkit::{Database, TEST_NOW, by};
use uuid::Uuid;

/// Bytes that differ from call to call and from source to source.
pub(crate) fn random() -> impl FnMut(&mut [u8]) + Send {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut state = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move |bytes: &mut [u8]| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = (state >> 32) as u8;
        }
    }
}

pub(crate) async fn run(db: &Database, file: impl AsRef<[u8]>, apply: bool) -> Result<Outcome, ImportError> {
    let options = Options { apply, ..Options::preview(by(None), TEST_NOW) };
    import(&db.store, Cursor::new(file.as_ref().to_vec()), options, &mut random(), |_| ()).await
}

pub(crate) async fn apply(db: &Database, file: impl AsRef<[u8]>) -> Outcome {
    run(db, file, true).await.unwrap()
}

pub(crate) fn counts(outcome: &Outcome) -> [u64; 4] {
    [outcome.created, outcome.updated, outcome.unchanged, outcome.refused]
}

pub(crate) async fn execute(db: &Database, sql: &'static str, values: Vec<Value>) {
    db.store.write(move |tx| Box::pin(async move { tx.execute(sql, &values).await })).await.unwrap();
}

/// Adds a person by hand, with a role if one is given.
pub(crate) async fn person(
    db: &Database,
    number: u8,
    username: &str,
    address: &str,
    role: Option<Uuid>,
) -> PersonId {
    let id = PersonId::generate(TEST_NOW - 1, [number; 10]);
    let values = params![
        id,
        username,
        address,
        domain::address::canonical_username(address),
        TEST_NOW - 1,
        role,
        role.map(|_| "ui"),
    ];
    execute(
        db,
        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                             blocked, verified, undeliverable, created_at, updated_at, role_id, user_type,
                             must_change, failed_logins)
         VALUES ($1, $2, $3, $4, '', '', '', FALSE, TRUE, 'mailbox full', $5, $5, $6, $7, FALSE, 0)",
        values.to_vec(),
    )
    .await;
    id
}

pub(crate) async fn attribute(db: &Database, name: &str, kind: &str) {
    execute(
        db,
        "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, $1, 0)",
        params![name, kind].to_vec(),
    )
    .await;
}
