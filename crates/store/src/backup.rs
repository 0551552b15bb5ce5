//! A consistent copy of a SQLite database while others read and write it.

use crate::error::{Result, StoreError};
use crate::{Backend, Store};
use rusqlite::backup::{Backup, StepResult};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages copied between two looks at the progress: 4 MiB of them.
const PAGES: i32 = 1_024;
/// How long to wait while a writer commits.
const PAUSE: Duration = Duration::from_millis(5);

impl Store {
    /// Writes a copy of the database to a file that must not be there yet; gives its size in octets.
    ///
    /// The copy is one moment of the database, checked and on the disk when this returns; an
    /// interrupted copy leaves no file of that name. `progress` hears pages done and pages in all.
    ///
    /// # Errors
    /// PostgreSQL (its own tools do this); the file is there; the disk is full.
    pub async fn backup(&self, file: &Path, progress: impl Fn(u64, u64) + Send + 'static) -> Result<u64> {
        let Backend::Sqlite(sqlite) = &*self.backend else {
            return Err(StoreError::Defect("a PostgreSQL database is backed up with pg_dump".into()));
        };
        let (from, to) = (sqlite.path().to_owned(), file.to_owned());
        tokio::task::spawn_blocking(move || copy(&from, &to, &progress))
            .await
            .map_err(|_| StoreError::Defect("the copy fell over".into()))?
    }
}

fn copy(from: &Path, to: &Path, progress: &dyn Fn(u64, u64)) -> Result<u64> {
    if to.exists() {
        return Err(StoreError::Exists(format!("the file {}", to.display())));
    }
    let part = PathBuf::from(format!("{}.part-{}", to.display(), std::process::id()));
    let copied = copy_pages(from, &part, progress).and_then(|()| keep(&part, to));
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    copied
}

fn copy_pages(from: &Path, part: &Path, progress: &dyn Fn(u64, u64)) -> Result<()> {
    create_private(part)?;
    let source = rusqlite::Connection::open(from)?;
    source.busy_timeout(Duration::from_secs(15))?;
    // A reading transaction holds one moment: without it, every commit would begin the copy afresh.
    source.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_master;")?;
    let mut target = rusqlite::Connection::open(part)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            let state = backup.progress();
            let total = u64::try_from(state.pagecount).unwrap_or(0);
            progress(total - u64::try_from(state.remaining).unwrap_or(0), total);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
    source.execute_batch("COMMIT")?;
    // The copy is one file, not a database with a log beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    let sound: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(StoreError::Corrupt(format!("the copy is not sound: {sound}")));
    }
    Ok(())
}

/// Makes the file, readable by its owner only: it holds everything but the keys.
fn create_private(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(unavailable(path))?;
    Ok(())
}

fn keep(part: &Path, to: &Path) -> Result<u64> {
    let file = fs::File::open(part).map_err(unavailable(part))?;
    file.sync_all().map_err(unavailable(part))?;
    let octets = file.metadata().map_err(unavailable(part))?.len();
    // A link, not a move: a file that came in the meantime is not overwritten.
    fs::hard_link(part, to).map_err(unavailable(to))?;
    fs::remove_file(part).map_err(unavailable(part))?;
    #[cfg(unix)]
    {
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unavailable(folder))?;
    }
    Ok(octets)
}

fn unavailable(path: &Path) -> impl Fn(std::io::Error) -> StoreError {
    let path = path.display().to_string();
    move |error| StoreError::Unavailable(format!("{path}: {error}"))
}
