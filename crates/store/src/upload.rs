//! Files an operator sent, kept between the preview of an import and the yes to it: in the database, so that any
//! node can read them and none is left on a disk.

use crate::{Result, Row, StoreError, Tx, params};
use domain::id::PersonId;
use uuid::Uuid;

/// How long a file waits for the yes, in milliseconds.
const KEPT_MS: i64 = 60 * 60 * 1_000;
/// Bytes in one part: a file of many megabytes never stands in one row.
const PART: usize = 256 * 1024;

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id, which only its own page tells.
    pub id: Uuid,
    /// Who sent it; nobody else can use it.
    pub person_id: PersonId,
    /// Its name, as the browser gave it.
    pub name: String,
    /// Its size.
    pub bytes: i64,
}

/// Keeps a file. Older files of the same operator are removed: one waits at a time.
///
/// # Errors
/// The database is not available.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    person_id: PersonId,
    name: &str,
    content: &[u8],
    now_ms: i64,
) -> Result<()> {
    tx.execute("DELETE FROM uploads WHERE person_id = $1", params![person_id]).await?;
    let bytes = i64::try_from(content.len()).unwrap_or(i64::MAX);
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    tx.execute(
        "INSERT INTO uploads (id, person_id, name, bytes, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, person_id, name, bytes, now_ms],
    )
    .await?;
    for (part, content) in (0_i64..).zip(content.chunks(PART)) {
        tx.execute(
            "INSERT INTO upload_parts (upload_id, part, content) VALUES ($1, $2, $3)",
            params![id, part, content],
        )
        .await?;
    }
    Ok(())
}

/// A file of this operator that still waits.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, id: Uuid, person_id: PersonId, now_ms: i64) -> Result<Option<Upload>> {
    let sql = "SELECT id, person_id, name, bytes FROM uploads
               WHERE id = $1 AND person_id = $2 AND created_at > $3";
    tx.find(sql, params![id, person_id, now_ms - KEPT_MS]).await?.map(read).transpose()
}

fn read(mut row: Row) -> Result<Upload> {
    Ok(Upload { id: row.take(0)?, person_id: row.take(1)?, name: row.take(2)?, bytes: row.take(3)? })
}

/// What is in a file.
///
/// # Errors
/// It is gone; the database is not available.
pub async fn content(tx: &mut Tx, upload: &Upload) -> Result<Vec<u8>> {
    let mut content = Vec::with_capacity(usize::try_from(upload.bytes).unwrap_or_default());
    let sql = "SELECT content FROM upload_parts WHERE upload_id = $1 ORDER BY part";
    for mut row in tx.query(sql, params![upload.id]).await? {
        content.extend(row.take::<Vec<u8>>(0)?);
    }
    if content.len() as i64 != upload.bytes {
        return Err(StoreError::NotFound(format!("the file {:?}", upload.name)));
    }
    Ok(content)
}

/// Removes a file, used or not.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.execute("DELETE FROM uploads WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Removes files nobody said yes to in time; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn purge(tx: &mut Tx, now_ms: i64) -> Result<u64> {
    tx.execute("DELETE FROM uploads WHERE created_at <= $1", params![now_ms - KEPT_MS]).await
}
