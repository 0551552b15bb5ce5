//! The audit log: who did what to whom, when and from where; append-only and hash-chained.

mod read;
mod verify;

pub use read::{Listed, Wanted, find_newest, list, search, search_after};
pub use verify::{Checked, Verified, check, verify};

use crate::error::Result;
use crate::{Tx, params};
use aws_lc_rs::digest::{Context, SHA256};
use domain::id::PersonId;
use uuid::Uuid;

/// One entry. It carries no secret and no personal data, only ids, so that a person can be erased
/// without breaking the chain.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// The person who acted; `None`: the system.
    pub actor_id: Option<Uuid>,
    /// As what: `operator`, `program`, `recipient`, `system` or `command line`.
    pub actor: &'static str,
    /// What was done, as in `run.started`.
    pub action: &'static str,
    /// What kind of thing it was done to.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: String,
    /// Particulars.
    pub detail: serde_json::Value,
    /// The network it came from; empty: from this machine.
    pub network: String,
}

impl Entry {
    /// What the system did by itself, from this machine; the methods below say that somebody else did it.
    #[must_use]
    pub fn new(
        action: &'static str,
        subject_kind: &'static str,
        subject_id: impl ToString,
        detail: serde_json::Value,
        now_ms: i64,
    ) -> Self {
        Self {
            at_ms: now_ms,
            actor_id: None,
            actor: "system",
            action,
            subject_kind,
            subject_id: subject_id.to_string(),
            detail,
            network: String::new(),
        }
    }

    /// Done by a person, as what [`Entry::actor`] says.
    #[must_use]
    pub fn by(self, person: PersonId, actor: &'static str) -> Self {
        Self { actor_id: Some(person.0), actor, ..self }
    }

    /// Done from this network.
    #[must_use]
    pub fn from_network(self, network: &str) -> Self {
        Self { network: network.to_owned(), ..self }
    }
}

/// Appends an entry to the chain.
///
/// # Errors
/// The database is not available.
pub async fn append(tx: &mut Tx, entry: Entry) -> Result<()> {
    // The last row is locked until this transaction ends, so the chain cannot fork.
    if tx.engine() == crate::Engine::Postgres {
        tx.query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)", params![CHAIN_LOCK]).await?;
    }
    let last = tx.find("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", &[]).await?;
    let (number, previous) = match last {
        Some(mut row) => (row.take::<i64>(0)? + 1, row.take::<Vec<u8>>(1)?),
        None => (1, vec![0; 32]),
    };
    let detail = entry.detail.to_string();
    let hash = link(
        &previous,
        &Link {
            number,
            at: entry.at_ms,
            actor_id: entry.actor_id,
            texts: [
                entry.actor,
                entry.action,
                entry.subject_kind,
                &entry.subject_id,
                &detail,
                &entry.network,
            ],
        },
    );
    tx.execute(
        "INSERT INTO audit (number, at, actor_id, actor, action, subject_kind, subject_id, detail, network, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            number,
            entry.at_ms,
            entry.actor_id,
            entry.actor,
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            detail,
            entry.network,
            hash
        ],
    )
    .await?;
    Ok(())
}

const CHAIN_LOCK: i64 = 0x6175_6469_7400_0001;

/// What the hash of a row covers, besides the previous hash.
struct Link<'a> {
    number: i64,
    at: i64,
    actor_id: Option<Uuid>,
    texts: [&'a str; 6],
}

/// SHA-256 over the previous hash and every field, each with its length in front, so that no two
/// different rows give the same input.
fn link(previous: &[u8], row: &Link<'_>) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    let mut field = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    field(previous);
    field(&row.number.to_be_bytes());
    field(&row.at.to_be_bytes());
    field(row.actor_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    row.texts.iter().for_each(|text| field(text.as_bytes()));
    context.finish().as_ref().to_vec()
}
