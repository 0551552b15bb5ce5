//! The database, SQLite or PostgreSQL, behind one SQL text; the only crate that sees a driver.
//!
//! Start with the tables in `migrations/`, then [`Store`], then the module of the word you look for:
//! modules are named after the tables' words and hold the statements where they are used.

pub mod account_mail;
pub mod account_mail_bounce;
pub mod account_mail_view;
mod acting;
pub mod api_key;
pub mod approval;
pub mod archive;
pub mod attribute;
pub mod audit;
pub mod automation;
mod backup;
pub mod bootstrap;
pub mod bounce;
pub mod confirmation;
pub mod consent;
pub mod counter;
pub mod credential;
pub mod credential_login;
pub mod deletion_request;
pub mod delivery;
pub mod delivery_hour;
mod dialect;
pub mod digest;
mod error;
pub mod event;
pub mod export;
pub mod figures;
pub mod group;
pub mod holiday;
pub mod import;
pub mod lease;
pub mod mailing;
mod migrate;
pub mod node;
pub mod notice;
pub mod occurrence;
pub mod overview;
pub mod person;
pub mod person_search;
pub mod person_words;
mod postgres;
pub mod rate;
pub mod recipient;
mod refusal;
pub mod repeatable;
pub mod reset_link;
pub mod reset_link_of_run;
pub mod rights;
pub mod role;
mod rows;
pub mod run;
pub mod second_factor;
pub mod selection;
pub mod session;
pub mod setting;
mod sqlite;
pub mod subscription;
pub mod template;
pub mod timeline;
mod tx;
pub mod upload;
mod value;
pub mod view;
mod wrong;

pub use acting::{Acting, Authority};
pub use dialect::Engine;
pub use error::{Result, StoreError};
pub use migrate::{Applied, SCHEMA_VERSION};
pub use refusal::{ChangeError, ChangeResult, Refusal};
pub use rows::Rows;
pub use tx::{Tx, Work};
pub use value::{FromValue, Kind, Row, Value};
pub use wrong::{Standing, Wrong};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tx::Connection;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(String),
}

impl Location {
    /// Reads a `database.url`: `sqlite:FILE` (relative to `data_dir`) or `postgres://…`.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn parse(url: &str, data_dir: &Path) -> std::result::Result<Self, String> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.trim_start_matches("//");
            if file.is_empty() {
                return Err("database.url: expected a file after sqlite:, as in sqlite:passpost.db".into());
            }
            return Ok(Self::Sqlite(data_dir.join(file)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err("database.url: expected sqlite:FILE or postgres://user@host:5432/name".into())
    }
}

/// What the database server's clock said.
#[derive(Debug, Clone, Copy)]
pub struct ServerClock {
    /// Milliseconds since 1970, at some moment between the two that follow.
    pub now_ms: i64,
    /// When it was asked.
    pub asked: Instant,
    /// When its answer was there.
    pub answered: Instant,
}

/// The database. Cheap to clone; all clones share connections.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Arc<Backend>,
    /// Committed with everything written through this clone.
    mark: Option<Arc<repeatable::Mark>>,
}

#[derive(Debug)]
enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(deadpool_postgres::Pool),
}

impl Store {
    /// Opens the database; the schema is not touched, see [`Store::migrate`].
    ///
    /// # Errors
    /// The file or the server cannot be used.
    pub async fn open(location: &Location) -> Result<Self> {
        let backend = match location {
            Location::Sqlite(path) => Backend::Sqlite(sqlite::Sqlite::open(path, 4)?),
            Location::Postgres(url) => {
                let pool = postgres::open(url, 12)?;
                let client = pool.get().await?;
                let version: i64 = client
                    .query_one("SELECT CAST(current_setting('server_version_num') AS BIGINT)", &[])
                    .await?
                    .get(0);
                if version / 10_000 < postgres::OLDEST {
                    return Err(StoreError::Schema(format!(
                        "PostgreSQL {} or later is needed, the server is {}",
                        postgres::OLDEST,
                        version / 10_000
                    )));
                }
                Backend::Postgres(pool)
            }
        };
        Ok(Self { backend: Arc::new(backend), mark: None })
    }

    /// The same database; whatever is written through it carries this mark, in the same transaction.
    #[must_use]
    pub fn marked(&self, mark: repeatable::Mark) -> Self {
        Self { backend: Arc::clone(&self.backend), mark: Some(Arc::new(mark)) }
    }

    /// Which database this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &*self.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// The file, on SQLite.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.path()),
            Backend::Postgres(_) => None,
        }
    }

    /// Looks at the database server's clock. `None` on SQLite, which has none of its own.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn clock(&self) -> Result<Option<ServerClock>> {
        if self.engine() == Engine::Sqlite {
            return Ok(None);
        }
        self.read(|tx| {
            Box::pin(async move {
                let asked = Instant::now();
                let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
                let row = tx.find(sql, &[]).await?;
                let answered = Instant::now();
                let clock = |mut row: Row| Ok(ServerClock { now_ms: row.take(0)?, asked, answered });
                row.map(clock).transpose()
            })
        })
        .await
    }

    /// Reads with a consistent view.
    ///
    /// # Errors
    /// What the work returns, or that the database is not available.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(move |tx| sqlite::run(work(tx))?).await,
            Backend::Postgres(pool) => {
                let pool = pool.clone();
                in_own_task(async move {
                    in_transaction(&pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work).await
                })
                .await
            }
        }
    }

    /// Writes in one transaction: all of it is durable when this returns, or none of it happened.
    /// The work completes even when the caller goes away.
    ///
    /// # Errors
    /// What the work returns (then nothing is changed), or that the database is not available.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let work = with_mark(self.mark.clone(), work);
        match &*self.backend {
            Backend::Sqlite(sqlite) => {
                let (sender, receiver) = tokio::sync::oneshot::channel();
                sqlite.submit(Box::new(move |tx| {
                    let answer: Result<T, E> = match sqlite::run(work(tx)) {
                        Ok(answer) => answer,
                        Err(error) => Err(error.into()),
                    };
                    let keep = answer.is_ok();
                    let reply = Box::new(move |committed: Result<()>| {
                        let _ = sender.send(match committed {
                            Ok(()) => answer,
                            Err(error) => Err(error.into()),
                        });
                    });
                    (keep, reply)
                }))?;
                receiver.await.map_err(|_| StoreError::Unavailable("the transaction could not run".into()))?
            }
            Backend::Postgres(pool) => {
                let pool = pool.clone();
                in_own_task(async move { in_transaction(&pool, "BEGIN", work).await }).await
            }
        }
    }
}

/// The work, and then the mark in the same transaction.
fn with_mark<T, E, F>(
    mark: Option<Arc<repeatable::Mark>>,
    work: F,
) -> impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static
where
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    move |tx| match mark {
        None => work(tx),
        Some(mark) => Box::pin(async move {
            let answer = work(&mut *tx).await?;
            mark.set(tx).await?;
            Ok(answer)
        }),
    }
}

/// Lets the work finish when the caller is dropped.
async fn in_own_task<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    tokio::spawn(work).await.map_err(|_| StoreError::Defect("a transaction fell over".into()))?
}

async fn in_transaction<T, E, F>(pool: &deadpool_postgres::Pool, begin: &str, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
    E: From<StoreError>,
{
    let client = pool.get().await.map_err(StoreError::from)?;
    client.batch_execute(begin).await.map_err(StoreError::from)?;
    let mut tx = Tx(Connection::Postgres(client));
    let answer = work(&mut tx).await;
    let end = if answer.is_ok() { "COMMIT" } else { "ROLLBACK" };
    tx.batch(end).await?;
    answer
}
