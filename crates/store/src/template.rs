//! Templates: the mails' words as operators wrote them, in place of those that come with the program.
//!
//! Only `mail` knows what a kind is and which words are right; whoever saves here has asked its guard. A run
//! keeps the words it began with: they are frozen under their digest.

use crate::acting::Acting;
use crate::error::{Result, StoreError};
use crate::{Row, Tx, audit, digest, params};
use domain::id::{PersonId, RunId};
use serde::Serialize;
use serde_json::json;

/// The words of one mail in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Which mail.
    pub kind: String,
    /// The tag of the language.
    pub language: String,
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Words {
    fn fields(&self) -> [&str; 5] {
        [&self.kind, &self.language, &self.subject, &self.text, &self.html]
    }

    /// Tells whether they are still the same.
    #[must_use]
    pub fn digest(&self) -> String {
        digest::of(self.fields())
    }
}

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its words.
    pub words: Words,
    /// Everyone whose words stand in it, the last editor among them.
    pub editors: Vec<PersonId>,
    /// Who saved it last.
    pub editor_id: PersonId,
    /// When, milliseconds since 1970.
    pub updated_at: i64,
}

const COLUMNS: &str = "kind, language, subject, text, html, editors, editor_id, updated_at";

fn read(mut row: Row) -> Result<Template> {
    let words = read_words(&mut row)?;
    let editors: Option<String> = row.take(5)?;
    let editor_id: PersonId = row.take(6)?;
    let mut editors: Vec<PersonId> = match editors {
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| StoreError::Corrupt("a template has unreadable editors".into()))?,
        None => Vec::new(),
    };
    if !editors.contains(&editor_id) {
        editors.push(editor_id);
    }
    Ok(Template { words, editors, editor_id, updated_at: row.take(7)? })
}

fn read_words(row: &mut Row) -> Result<Words> {
    Ok(Words {
        kind: row.take(0)?,
        language: row.take(1)?,
        subject: row.take(2)?,
        text: row.take(3)?,
        html: row.take(4)?,
    })
}

/// All templates of a kind, or of every kind, by kind and language.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, kind: Option<&str>) -> Result<Vec<Template>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM templates WHERE CAST($1 AS TEXT) IS NULL OR kind = $1 ORDER BY kind, language"
    );
    tx.query(&sql, params![kind]).await?.into_iter().map(read).collect()
}

/// The template of a mail in a language, when an operator wrote one.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, kind: &str, language: &str) -> Result<Option<Template>> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE kind = $1 AND language = $2");
    tx.find(&sql, params![kind, language]).await?.map(read).transpose()
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// The database is not available.
pub async fn lock(tx: &mut Tx, kind: &str, language: &str) -> Result<Option<Template>> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE kind = $1 AND language = $2 {{for_update}}");
    tx.find(&sql, params![kind, language]).await?.map(read).transpose()
}

/// Saves a template for the person who acts. `parts` are the names of those its editor wrote: with all three, nobody else's words are
/// left in it; otherwise the editors before stay, so that nobody's words count as those of a higher rank.
///
/// # Errors
/// The database is not available.
pub async fn replace(
    tx: &mut Tx,
    acting: &Acting,
    words: &Words,
    parts: &[&str],
    now_ms: i64,
) -> Result<Template> {
    let editor = acting.person()?;
    let mut editors = match lock(tx, &words.kind, &words.language).await? {
        Some(before) if parts.len() < 3 => before.editors,
        _ => Vec::new(),
    };
    editors.retain(|one| *one != editor);
    editors.push(editor);
    let list = serde_json::to_string(&editors).map_err(|error| StoreError::Defect(error.to_string()))?;
    tx.execute(
        "INSERT INTO templates (kind, language, subject, text, html, editors, editor_id, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (kind, language) DO UPDATE SET subject = excluded.subject, text = excluded.text,
            html = excluded.html, editors = excluded.editors, editor_id = excluded.editor_id,
            updated_at = excluded.updated_at",
        params![
            words.kind.as_str(),
            words.language.as_str(),
            words.subject.as_str(),
            words.text.as_str(),
            words.html.as_str(),
            list,
            editor,
            now_ms
        ],
    )
    .await?;
    note(tx, acting, "template.saved", [&words.kind, &words.language], json!({ "parts": parts }), now_ms)
        .await?;
    Ok(Template { words: words.clone(), editors, editor_id: editor, updated_at: now_ms })
}

/// Removes an operator's template, so that the words of the program count again; says whether there was one.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, acting: &Acting, kind: &str, language: &str, now_ms: i64) -> Result<bool> {
    let sql = "DELETE FROM templates WHERE kind = $1 AND language = $2";
    let removed = tx.execute(sql, params![kind, language]).await? == 1;
    if removed {
        note(tx, acting, "template.reset", [kind, language], json!({}), now_ms).await?;
    }
    Ok(removed)
}

/// Notes that a template is mailed to its reader as a test; nothing of it is kept.
///
/// # Errors
/// The database is not available.
pub async fn note_test(tx: &mut Tx, acting: &Acting, kind: &str, language: &str, now_ms: i64) -> Result<()> {
    note(tx, acting, "template.tested", [kind, language], json!({}), now_ms).await
}

/// Keeps words as they are now; gives their digests for [`crate::run::NewRun`].
///
/// # Errors
/// The database is not available.
pub async fn freeze(tx: &mut Tx, templates: &[Template], now_ms: i64) -> Result<Vec<String>> {
    let mut digests = Vec::new();
    for Template { words, .. } in templates {
        let digest = words.digest();
        let [kind, language, subject, text, html] = words.fields();
        tx.execute(
            "INSERT INTO frozen_templates (digest, kind, language, subject, text, html, frozen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (digest) DO NOTHING",
            params![digest.as_str(), kind, language, subject, text, html, now_ms],
        )
        .await?;
        digests.push(digest);
    }
    Ok(digests)
}

/// The operators' words a run began with; `None`: it began before they were frozen.
///
/// # Errors
/// There is no such run, or its words are gone.
pub async fn list_frozen(tx: &mut Tx, run: RunId) -> Result<Option<Vec<Words>>> {
    let mut row = tx
        .find("SELECT templates FROM runs WHERE id = $1", params![run])
        .await?
        .ok_or_else(|| StoreError::NotFound("the run".into()))?;
    let Some(list) = row.take::<Option<String>>(0)? else { return Ok(None) };
    let corrupt = || StoreError::Corrupt("a run has lost the words it began with".into());
    let digests: Vec<String> = serde_json::from_str(&list).map_err(|_| corrupt())?;
    let mut found = Vec::new();
    for digest in digests {
        let sql = "SELECT kind, language, subject, text, html FROM frozen_templates WHERE digest = $1";
        let mut row = tx.find(sql, params![digest]).await?.ok_or_else(corrupt)?;
        found.push(read_words(&mut row)?);
    }
    Ok(Some(found))
}

/// Never the words themselves: the log is no place for content.
async fn note(
    tx: &mut Tx,
    acting: &Acting,
    action: &'static str,
    [kind, language]: [&str; 2],
    detail: serde_json::Value,
    now_ms: i64,
) -> Result<()> {
    let subject = format!("{kind}/{language}");
    audit::append(tx, acting.entry(action, "template", subject, detail, now_ms)).await
}
