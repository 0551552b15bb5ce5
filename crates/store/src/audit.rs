//! The audit log: who did what to whom, when and from where; append-only and hash-chained.

use crate::error::{Result, StoreError};
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

    /// Done by an operator; `None`: by whom it says already.
    #[must_use]
    pub fn by_operator(self, operator: impl Into<Option<PersonId>>) -> Self {
        match operator.into() {
            Some(person) => self.by(person, "operator"),
            None => self,
        }
    }

    /// Done by somebody at the command line of this machine.
    #[must_use]
    pub fn by_command_line(self) -> Self {
        Self { actor: "command line", ..self }
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

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// How many entries are in order.
    pub entries: i64,
    /// The hash of the last one, in hexadecimal: keep it elsewhere and compare later.
    pub head: String,
    /// The number of the first entry that does not fit, if there is one.
    pub broken_at: Option<i64>,
}

/// Checks the whole chain, a thousand entries at a time.
///
/// # Errors
/// The database is not available.
pub async fn verify(tx: &mut Tx) -> Result<Verified> {
    let mut previous = vec![0_u8; 32];
    let mut number = 0_i64;
    loop {
        let rows = tx
            .query(
                "SELECT number, at, actor_id, actor, action, subject_kind, subject_id, detail, network, hash
                 FROM audit WHERE number > $1 ORDER BY number LIMIT 1000",
                params![number],
            )
            .await?;
        if rows.is_empty() {
            return Ok(Verified { entries: number, head: hex(&previous), broken_at: None });
        }
        for mut row in rows {
            let found: i64 = row.take(0)?;
            let texts: [String; 6] =
                [row.take(3)?, row.take(4)?, row.take(5)?, row.take(6)?, row.take(7)?, row.take(8)?];
            let stored: Vec<u8> = row.take(9)?;
            let expected = link(
                &previous,
                &Link {
                    number: number + 1,
                    at: row.take(1)?,
                    actor_id: row.take(2)?,
                    texts: texts.each_ref().map(String::as_str),
                },
            );
            if found != number + 1 || stored != expected {
                return Ok(Verified { entries: number, head: hex(&previous), broken_at: Some(number + 1) });
            }
            number = found;
            previous = stored;
        }
    }
}

/// One entry as read back.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Listed {
    /// Its number in the chain.
    pub number: i64,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// The person who acted.
    pub actor_id: Option<Uuid>,
    /// As what.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: String,
    /// Particulars.
    pub detail: serde_json::Value,
    /// The network it came from.
    pub network: String,
}

/// The newest entries before a number (`i64::MAX`: from the end), newest first.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Listed>> {
    let rows = tx
        .query(
            "SELECT number, at, actor_id, actor, action, subject_kind, subject_id, detail, network
             FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2",
            params![before, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let detail: String = row.take(7)?;
            Ok(Listed {
                number: row.take(0)?,
                at: row.take(1)?,
                actor_id: row.take(2)?,
                actor: row.take(3)?,
                action: row.take(4)?,
                subject_kind: row.take(5)?,
                subject_id: row.take(6)?,
                detail: serde_json::from_str(&detail)
                    .map_err(|error| StoreError::Corrupt(format!("audit detail: {error}")))?,
                network: row.take(8)?,
            })
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
