//! The folder that bounces come to: a Maildir, read by the server every few seconds or once by a command.
//!
//! A mail leaves the folder only when what it changes is committed; a crash in between reads it again, which
//! changes nothing. A mail that belongs to one of our messages is deleted, for it may hold a mailed password.
//! A mail that does not is moved to `cur` with the mark *passed* and left to the operator.

use crate::failure::Failure;
use flow::{Bounced, Flow, Stop, Why};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::StoreError;
use tokio::io::AsyncReadExt as _;

/// How often the server looks.
const LOOK: Duration = Duration::from_secs(5);
/// Mails whose audit entry is written together.
const TOGETHER: usize = 200;
/// The flag of mails that were read and are none of ours; see <https://cr.yp.to/proto/maildir.html>.
const PASSED: char = 'P';

/// What one look at the folder gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Looked {
    /// Bounces that were recorded.
    pub(crate) recorded: i64,
    /// Bounces that had been recorded before.
    pub(crate) repeated: i64,
    /// Bounces whose mail is not recorded yet; they stay in the folder.
    pub(crate) not_yet: i64,
    /// Mails that change nothing, by reason.
    pub(crate) ignored: BTreeMap<Why, i64>,
    /// Mails that could not be read, recorded, moved or deleted; they stay in the folder.
    pub(crate) stuck: i64,
    /// What is wrong with the first of them.
    #[serde(skip)]
    pub(crate) trouble: String,
}

impl Looked {
    /// One mail stays in the folder; the others are no worse for it.
    fn stays(&mut self, file: &Path, error: impl std::fmt::Display) {
        self.stuck += 1;
        if self.trouble.is_empty() {
            self.trouble = format!("{}: {error}", file.display());
        }
    }

    /// Whether anything left the folder.
    fn is_more(&self) -> bool {
        self.recorded + self.repeated + self.ignored.values().sum::<i64>() > 0
    }
}

/// Watches a folder until asked to stop.
pub(crate) async fn watch(flow: Flow, folder: PathBuf, stop: Stop) {
    let mut said = String::new();
    while !stop.requested() {
        match look(&flow, &folder, &stop).await {
            Ok(looked) => {
                if looked.is_more() {
                    tracing::info!(
                        recorded = looked.recorded,
                        ignored = looked.ignored.values().sum::<i64>(),
                        stuck = looked.stuck,
                        "bounces were read"
                    );
                }
                // The same trouble every few seconds would drown everything else.
                if looked.stuck > 0 && said != looked.trouble {
                    tracing::warn!(
                        stuck = looked.stuck,
                        error = looked.trouble,
                        "bounces stay in the folder"
                    );
                }
                said = looked.trouble;
            }
            Err(failure) if said == failure.text() => {}
            Err(failure) => {
                tracing::warn!(error = failure.text(), "bounces are not read");
                failure.text().clone_into(&mut said);
            }
        }
        tokio::select! {
            () = stop.wait() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Reads everything in a folder once.
///
/// # Errors
/// It is no Maildir, or the database is not available; what was not settled stays where it is.
pub(crate) async fn look(flow: &Flow, folder: &Path, stop: &Stop) -> Result<Looked, Failure> {
    let mut looked = Looked::default();
    for files in waiting(folder).await?.chunks(TOGETHER) {
        if stop.requested() {
            break;
        }
        let mut settled = Vec::new();
        let mut ignored: BTreeMap<Why, i64> = BTreeMap::new();
        for file in files {
            let mail = match read(file).await {
                Ok(Some(mail)) => mail,
                Ok(None) => continue,
                Err(error) => {
                    looked.stays(file, error);
                    continue;
                }
            };
            let found = match flow.take_back(mail, None).await {
                Ok(found) => found,
                // Without a database the next mails would fare no better.
                Err(error @ StoreError::Unavailable(_)) => return Err(error.into()),
                // What is wrong with one mail or its records must not keep those behind it from being read.
                Err(error) => {
                    looked.stays(file, error);
                    continue;
                }
            };
            match found {
                Bounced::NotYet => {
                    looked.not_yet += 1;
                    continue;
                }
                Bounced::Recorded { .. } | Bounced::AccountMail { .. } => looked.recorded += 1,
                Bounced::Repeated => looked.repeated += 1,
                Bounced::Ignored { why } => {
                    *ignored.entry(why).or_default() += 1;
                    if !why.is_ours() {
                        settled.push((file, true));
                        continue;
                    }
                }
            }
            settled.push((file, false));
        }
        flow.note_ignored(&ignored).await?;
        for (why, count) in ignored {
            *looked.ignored.entry(why).or_default() += count;
        }
        for (file, foreign) in settled {
            let done = if foreign { pass(folder, file).await } else { tokio::fs::remove_file(file).await };
            if let Err(error) = done.or_else(gone) {
                looked.stays(file, format!("it was read and cannot be taken out of the folder: {error}"));
            }
        }
    }
    Ok(looked)
}

/// Another process may have been faster.
fn gone(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// The mails that were not read yet, by name: a name begins with the time of arrival.
async fn waiting(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<(OsString, PathBuf)> = Vec::new();
    for inner in ["new", "cur"] {
        let inside = folder.join(inner);
        let failed = |error: std::io::Error| {
            Failure::failed(format!("{} cannot be read: {error}", inside.display())).hint(
                "expected a Maildir: a folder with new, cur and tmp in it, for the user passpost runs as",
            )
        };
        let mut entries = tokio::fs::read_dir(&inside).await.map_err(failed)?;
        while let Some(entry) = entries.next_entry().await.map_err(failed)? {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            let passed = inner == "cur" && flags(&shown).contains(PASSED);
            // The kind of the entry itself: a link is not followed out of the folder.
            let is_file = entry.file_type().await.is_ok_and(|kind| kind.is_file());
            if is_file && !passed && !shown.starts_with('.') {
                found.push((name, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn flags(name: &str) -> &str {
    name.rsplit_once(":2,").map_or("", |(_, flags)| flags)
}

/// The beginning of a mail, as far as it is looked at; `None`: it is gone.
async fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut mail = Vec::new();
    file.take(mail::bounce::MOST_OCTETS as u64).read_to_end(&mut mail).await?;
    Ok(Some(mail))
}

/// Moves a mail to `cur`, marked as read and passed over.
async fn pass(folder: &Path, path: &Path) -> std::io::Result<()> {
    let name = passed_name(path.file_name().unwrap_or_default());
    tokio::fs::rename(path, folder.join("cur").join(name)).await
}

/// The name with both flags. Octets that are no text stay as they are: another name could be another mail's.
fn passed_name(name: &OsStr) -> OsString {
    let Some(text) = name.to_str() else {
        let has_flags = name.as_encoded_bytes().windows(3).any(|three| three == b":2,");
        let mut name = name.to_owned();
        name.push(if has_flags { "PS" } else { ":2,PS" });
        return name;
    };
    let (base, old) = text.rsplit_once(":2,").unwrap_or((text, ""));
    let mut flags: Vec<char> = old.chars().chain([PASSED, 'S']).collect();
    flags.sort_unstable();
    flags.dedup();
    format!("{base}:2,{}", flags.into_iter().collect::<String>()).into()
}
