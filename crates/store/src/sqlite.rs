//! SQLite: one writer thread with group commit, and readers beside it.
//!
//! Transactions that wait at the same time share one commit, each inside a savepoint of its own: a
//! failure undoes only its own part, and one `fsync` serves them all. A transaction's answer is given
//! only after the commit that holds it is durable.

use crate::error::{Result, StoreError};
use crate::tx::{Connection, Tx};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// At most so many transactions share a commit,
const GROUP_MOST: usize = 64;
/// or as many as come within this time.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(15);

/// Answers a waiting caller, with the error of the commit if it failed.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;
/// Runs one transaction inside a savepoint; an error means: undo it, and answer right away.
pub(crate) type Job = Box<dyn FnOnce(&mut Tx) -> (bool, Reply) + Send>;

#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
    readers: Arc<Mutex<Vec<Tx>>>,
    permits: Arc<tokio::sync::Semaphore>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, readers: usize) -> Result<Self> {
        let writer = Tx(Connection::Sqlite(connect(path)?));
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_loop(writer, &queue))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            jobs,
            readers: Arc::default(),
            permits: Arc::new(tokio::sync::Semaphore::new(readers.max(1))),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        self.jobs.send(job).map_err(|_| StoreError::Unavailable("the database writer has stopped".into()))
    }

    /// Runs a reading function on a thread that may block, with a consistent view.
    pub(crate) async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Unavailable("the database is closed".into()))?;
        let readers = Arc::clone(&self.readers);
        let path = self.path.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let spare = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut tx = match spare {
                Some(tx) => tx,
                None => Tx(Connection::Sqlite(connect_reader(&path)?)),
            };
            in_view(&mut tx, "BEGIN")?;
            let answer = work(&mut tx);
            in_view(&mut tx, "COMMIT")?;
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(tx);
            answer
        });
        task.await.map_err(|_| StoreError::Defect("a reading transaction fell over".into()))?
    }
}

fn in_view(tx: &mut Tx, sql: &str) -> Result<()> {
    run(tx.batch(sql))?
}

/// Completes a future that waits for nothing but SQLite.
pub(crate) fn run<F: Future>(work: F) -> Result<F::Output> {
    let mut work = std::pin::pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => {
            Err(StoreError::Defect("a transaction waited for something other than the database".into()))
        }
    }
}

fn connect(path: &Path) -> Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(256);
    // FULL: what was answered is on disk. secure_delete is hygiene, not the control: no secret is stored.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -8192;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(crate) fn connect_reader(path: &Path) -> Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn write_loop(mut tx: Tx, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        if let Err(error) = in_view(&mut tx, "BEGIN IMMEDIATE") {
            let (_, reply) = refuse(first);
            reply(Err(error));
            continue;
        }
        let mut replies = Vec::new();
        let began = Instant::now();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            replies.extend(in_savepoint(&mut tx, job));
            if replies.len() < GROUP_MOST && began.elapsed() < GROUP_TIME {
                next = queue.try_recv().ok();
            }
        }
        let committed = in_view(&mut tx, "COMMIT");
        if committed.is_err() {
            let _ = in_view(&mut tx, "ROLLBACK");
        }
        for reply in replies {
            reply(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unavailable(error.to_string())),
            });
        }
    }
}

/// Runs a job in a savepoint; gives the reply that must wait for the commit, if the job succeeded.
fn in_savepoint(tx: &mut Tx, job: Job) -> Option<Reply> {
    if let Err(error) = in_view(tx, "SAVEPOINT work") {
        let (_, reply) = refuse(job);
        reply(Err(error));
        return None;
    }
    // A defect in one transaction must not take the writer down with it.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(tx)));
    let (keep, reply) = outcome.unwrap_or_else(|_| (false, Box::new(|_| ())));
    let end = if keep { "RELEASE work" } else { "ROLLBACK TO work; RELEASE work" };
    match (in_view(tx, end), keep) {
        (Ok(()), true) => Some(reply),
        (Ok(()), false) => {
            reply(Ok(()));
            None
        }
        (Err(error), _) => {
            reply(Err(error));
            None
        }
    }
}

/// A job that cannot run is dropped; dropping it closes its channel, which its caller sees.
fn refuse(job: Job) -> (bool, Reply) {
    drop(job);
    (false, Box::new(|_| ()))
}
