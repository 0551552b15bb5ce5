//! Verifying the chain: each entry against the one before, a piece at a time, so that a long log blocks nobody.

use super::{Link, link};
use crate::error::Result;
use crate::{Row, Tx, params};

/// Entries read at once.
const PIECE: i64 = 1_000;

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

/// How far the chain has been followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Entries up to this number are in order.
    pub number: i64,
    /// The hash of that one.
    hash: Vec<u8>,
    /// The number of the first entry that does not fit.
    broken_at: Option<i64>,
    /// Whether there is nothing more to follow.
    pub is_over: bool,
}

impl Default for Checked {
    fn default() -> Self {
        Self { number: 0, hash: vec![0; 32], broken_at: None, is_over: false }
    }
}

impl Checked {
    /// What was found so far.
    #[must_use]
    pub fn verified(&self) -> Verified {
        Verified { entries: self.number, head: hex(&self.hash), broken_at: self.broken_at }
    }
}

/// Follows the chain a thousand entries further.
///
/// # Errors
/// The database is not available.
pub async fn check(tx: &mut Tx, mut so_far: Checked) -> Result<Checked> {
    let rows = tx
        .query(
            "SELECT number, at, actor_id, actor, action, subject_kind, subject_id, detail, network, hash
             FROM audit WHERE number > $1 ORDER BY number LIMIT $2",
            params![so_far.number, PIECE],
        )
        .await?;
    so_far.is_over = rows.is_empty();
    for row in rows {
        match follow(row, so_far.number, &so_far.hash)? {
            Some(hash) => {
                so_far.number += 1;
                so_far.hash = hash;
            }
            None => {
                so_far.broken_at = Some(so_far.number + 1);
                so_far.is_over = true;
                break;
            }
        }
    }
    Ok(so_far)
}

/// The hash of an entry, when it is the one that follows.
fn follow(mut row: Row, number: i64, previous: &[u8]) -> Result<Option<Vec<u8>>> {
    let found: i64 = row.take(0)?;
    let texts: [String; 6] =
        [row.take(3)?, row.take(4)?, row.take(5)?, row.take(6)?, row.take(7)?, row.take(8)?];
    let stored: Vec<u8> = row.take(9)?;
    let texts = texts.each_ref().map(String::as_str);
    let expected =
        link(previous, &Link { number: number + 1, at: row.take(1)?, actor_id: row.take(2)?, texts });
    Ok((found == number + 1 && stored == expected).then_some(stored))
}

/// Checks the whole chain, a thousand entries at a time.
///
/// # Errors
/// The database is not available.
pub async fn verify(tx: &mut Tx) -> Result<Verified> {
    let mut so_far = Checked::default();
    while !so_far.is_over {
        so_far = check(tx, so_far).await?;
    }
    Ok(so_far.verified())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
