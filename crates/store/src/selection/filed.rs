//! Selections as records: drafts, publishing, archive.

use super::Shelf;
use super::uses::where_used;
use crate::acting::Acting;
use crate::error::StoreError;
use crate::refusal::joined;
use crate::{Row, Tx, audit, params};
use domain::filter::{AttributeDefinition, Problem};
use domain::id::SelectionId;
use domain::person::AttributeKind;
use domain::selection::Selection;
use domain::sentence::{Piece, Sentence};

/// What an operator writes.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The filter as written.
    pub filter: String,
    /// At most so many people.
    pub size_limit: Option<i64>,
    /// The zone `today` means (IANA).
    pub time_zone: String,
}

/// What changes of a selection; `None`: it stays as it stands when the change is written.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Unique.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The filter as written.
    pub filter: Option<String>,
    /// At most so many people; `Some(None)`: everyone it finds.
    pub size_limit: Option<Option<i64>>,
    /// The zone `today` means (IANA).
    pub time_zone: Option<String>,
}

impl Change {
    fn over(self, before: &Selection) -> Draft {
        Draft {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            description: self.description.unwrap_or_else(|| before.description.clone()),
            filter: self.filter.unwrap_or_else(|| before.filter.clone()),
            size_limit: self.size_limit.unwrap_or(before.size_limit),
            time_zone: self.time_zone.unwrap_or_else(|| before.time_zone.clone()),
        }
    }
}

/// Why a selection cannot be saved, published or removed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A field is wrong.
    #[error("{field}: {message}")]
    Field {
        /// Which.
        field: &'static str,
        /// What would be right.
        message: String,
    },
    /// Another selection has the name.
    #[error("name: there is a selection of this name already")]
    Taken,
    /// The filter is wrong, and where.
    #[error("{0}")]
    Filter(Box<Problem>),
    /// It is used by others.
    #[error("the selection is used by {}; change them first", joined(.0))]
    Used(Vec<Piece>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, name, description, filter, size_limit, time_zone, author_id, editors, published, archived, \
    created_at, updated_at";

fn read(mut row: Row) -> Result<Selection, StoreError> {
    let editors: String = row.take(7)?;
    Ok(Selection {
        id: row.take(0)?,
        name: row.take(1)?,
        description: row.take(2)?,
        filter: row.take(3)?,
        size_limit: row.take(4)?,
        time_zone: row.take(5)?,
        author_id: row.take(6)?,
        editors: serde_json::from_str(&editors)
            .map_err(|_| StoreError::Corrupt("a selection has unreadable editors".into()))?,
        published: row.take(8)?,
        archived: row.take(9)?,
        created_at: row.take(10)?,
        updated_at: row.take(11)?,
    })
}

/// The custom attributes filters may name.
///
/// # Errors
/// The database is not available.
pub async fn attributes(tx: &mut Tx) -> Result<Vec<AttributeDefinition>, StoreError> {
    let rows = tx.query("SELECT name, kind FROM attributes ORDER BY name", &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let kind: String = row.take(1)?;
            Ok(AttributeDefinition {
                name: row.take(0)?,
                kind: AttributeKind::parse(&kind)
                    .ok_or_else(|| StoreError::Corrupt("an attribute has an unreadable kind".into()))?,
            })
        })
        .collect()
}

fn check(draft: &Draft) -> Result<(), EditError> {
    let length = draft.name.trim().chars().count();
    let wrong = |field, message: String| Err(EditError::Field { field, message });
    if length == 0 || length > 100 || draft.name.chars().any(char::is_control) {
        return wrong("name", "expected 1 to 100 characters".into());
    }
    if jiff::tz::TimeZone::get(&draft.time_zone).is_err() {
        return wrong("time_zone", format!("{:?} is not a time zone such as Europe/Berlin", draft.time_zone));
    }
    if draft.size_limit.is_some_and(|limit| limit < 1) {
        return wrong("size_limit", "expected at least 1, or nothing for no limit".into());
    }
    Ok(())
}

/// Saves a new selection of the person who acts, as a draft. Its filter may still be incomplete.
///
/// # Errors
/// A field is wrong or the name is taken.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    id: SelectionId,
    draft: &Draft,
    now_ms: i64,
) -> Result<Selection, EditError> {
    let author = acting.person()?;
    check(draft)?;
    tx.execute(
        "INSERT INTO selections (id, name, description, filter, size_limit, time_zone, author_id, editors, published,
            archived, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', FALSE, FALSE, $8, $8)",
        params![
            id,
            draft.name.trim(),
            draft.description.as_str(),
            draft.filter.as_str(),
            draft.size_limit,
            draft.time_zone.as_str(),
            author,
            now_ms
        ],
    )
    .await
    .map_err(name_taken)?;
    note(tx, acting, "selection.created", id, now_ms).await?;
    Ok(get(tx, id).await?)
}

/// Saves a selection again. A published one stays published, so its filter must be right. Whoever saves it bounds
/// the rights of every run that uses it from now on. With `alone`, nobody who edited it before does so any more:
/// the editor has looked at all of it and answers for it. The row is held from the reading on, so that two changes
/// at once both last.
///
/// # Errors
/// A field or, when published, the filter is wrong.
pub async fn update(
    tx: &mut Tx,
    acting: &Acting,
    id: SelectionId,
    change: Change,
    alone: bool,
    now_ms: i64,
) -> Result<Selection, EditError> {
    let editor = acting.person()?;
    tx.query("SELECT id FROM selections WHERE id = $1 {for_update}", params![id]).await?;
    let before = get(tx, id).await?;
    let draft = change.over(&before);
    check(&draft)?;
    let renamed = before.name != draft.name.trim();
    if renamed {
        let users = Shelf::read(tx).await?.users_of(&before.name);
        if !users.is_empty() {
            return Err(EditError::Used(users.into_iter().map(Piece::Text).collect()));
        }
    }
    let mut editors = if alone { Vec::new() } else { before.shapers() };
    if !editors.contains(&editor) {
        editors.push(editor);
    }
    let editors = serde_json::to_string(&editors).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "UPDATE selections SET name = $2, description = $3, filter = $4, size_limit = $5, time_zone = $6, editors = $7,
            updated_at = $8
         WHERE id = $1",
        params![
            id,
            draft.name.trim(),
            draft.description.as_str(),
            draft.filter.as_str(),
            draft.size_limit,
            draft.time_zone.as_str(),
            editors,
            now_ms
        ],
    )
    .await
    .map_err(name_taken)?;
    if before.published {
        validate(tx, id, now_ms).await?;
    }
    note(tx, acting, "selection.saved", id, now_ms).await?;
    Ok(get(tx, id).await?)
}

/// Publishes a selection: from now on it can be used.
///
/// # Errors
/// Its filter is wrong, and where.
pub async fn publish(
    tx: &mut Tx,
    acting: &Acting,
    id: SelectionId,
    now_ms: i64,
) -> Result<Selection, EditError> {
    validate(tx, id, now_ms).await?;
    tx.execute(
        "UPDATE selections SET published = TRUE, published_at = $2, updated_at = $2 WHERE id = $1",
        params![id, now_ms],
    )
    .await?;
    note(tx, acting, "selection.published", id, now_ms).await?;
    Ok(get(tx, id).await?)
}

async fn validate(tx: &mut Tx, id: SelectionId, now_ms: i64) -> Result<(), EditError> {
    let selection = get(tx, id).await?;
    let shelf = Shelf::read(tx).await?;
    shelf
        .resolve(&selection.filter, Some(&selection.name), &selection.time_zone, now_ms)
        .map(|_| ())
        .map_err(|problem| EditError::Filter(Box::new(problem)))
}

/// Puts a selection away, or back.
///
/// # Errors
/// It is in use.
pub async fn archive(
    tx: &mut Tx,
    acting: &Acting,
    id: SelectionId,
    archived: bool,
    now_ms: i64,
) -> Result<(), EditError> {
    if archived {
        refuse_used(tx, id).await?;
    }
    tx.execute(
        "UPDATE selections SET archived = $2, updated_at = $3 WHERE id = $1",
        params![id, archived, now_ms],
    )
    .await?;
    note(tx, acting, if archived { "selection.archived" } else { "selection.restored" }, id, now_ms).await?;
    Ok(())
}

/// Removes a selection for good.
///
/// # Errors
/// It is in use.
pub async fn remove(tx: &mut Tx, acting: &Acting, id: SelectionId, now_ms: i64) -> Result<(), EditError> {
    refuse_used(tx, id).await?;
    tx.execute("DELETE FROM selections WHERE id = $1", params![id]).await?;
    note(tx, acting, "selection.removed", id, now_ms).await?;
    Ok(())
}

async fn refuse_used(tx: &mut Tx, id: SelectionId) -> Result<(), EditError> {
    let used = where_used(tx, id).await?;
    if used.is_empty() {
        Ok(())
    } else {
        Err(EditError::Used(used.iter().map(|one| Sentence::from(one.told()).into()).collect()))
    }
}

/// The selection with this id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: SelectionId) -> Result<Selection, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM selections WHERE id = $1");
    tx.find(&sql, params![id]).await?.map_or_else(|| Err(StoreError::NotFound("the selection".into())), read)
}

/// The selection of this name.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Selection>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM selections WHERE name = $1");
    tx.find(&sql, params![name]).await?.map(read).transpose()
}

/// Selections by name; archived ones, others, or both.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, archived: Option<bool>) -> Result<Vec<Selection>, StoreError> {
    let which = match archived {
        None => "",
        Some(true) => "WHERE archived",
        Some(false) => "WHERE NOT archived",
    };
    let sql = format!("SELECT {COLUMNS} FROM selections {which} ORDER BY name");
    tx.query(&sql, &[]).await?.into_iter().map(read).collect()
}

fn name_taken(error: StoreError) -> EditError {
    match error {
        StoreError::Exists(what) if what == "selections.name" => EditError::Taken,
        other => other.into(),
    }
}

async fn note(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    id: SelectionId,
    now_ms: i64,
) -> Result<(), StoreError> {
    audit::append(tx, acting.entry(action, "selection", id, serde_json::json!({}), now_ms)).await
}
