//! What can go wrong in the database, split by what a caller can do about it.

/// A failure of the database layer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with this name or key is there already.
    #[error("{0} exists already")]
    Exists(String),
    /// What was asked for is not there.
    #[error("{0} was not found")]
    NotFound(String),
    /// The database is busy, full, gone or in the middle of a restart; the same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// What stands in the database is not what this program writes.
    #[error("unexpected data in the database: {0}")]
    Corrupt(String),
    /// The schema is not the one of this program.
    #[error("{0}")]
    Schema(String),
    /// A rule of the database was broken, or the program misused it: a defect.
    #[error("database: {0}")]
    Defect(String),
}

/// The result of a call to the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
            SystemIoFailure,
        };
        let rusqlite::Error::SqliteFailure(failure, text) = &error else {
            return Self::Defect(error.to_string());
        };
        let text = text.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            rusqlite::ErrorCode::ConstraintViolation
                if matches!(
                    failure.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Self::Exists(unique_of_sqlite(&text))
            }
            DatabaseBusy | DatabaseLocked | DiskFull | SystemIoFailure | CannotOpen | ReadOnly => {
                Self::Unavailable(text)
            }
            DatabaseCorrupt | NotADatabase => Self::Corrupt(text),
            _ => Self::Defect(text),
        }
    }
}

/// "UNIQUE constraint failed: people.username" becomes "people.username".
fn unique_of_sqlite(text: &str) -> String {
    text.rsplit(": ").next().unwrap_or(text).to_owned()
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Unavailable(error.to_string());
        };
        let code = db.code().code();
        match code {
            // unique_violation: "people_username_key" becomes "people.username"
            "23505" => {
                let name = db.constraint().unwrap_or("record");
                let table = db.table().unwrap_or_default();
                let column = name.trim_end_matches("_key").trim_start_matches(table).trim_start_matches('_');
                Self::Exists(format!("{table}.{column}"))
            }
            // deadlock, serialization, shutdown, too many connections, disk full
            "40P01" | "40001" | "57P01" | "57P02" | "57P03" | "53300" | "53100" => {
                Self::Unavailable(db.message().to_owned())
            }
            _ => Self::Defect(format!("{} (SQLSTATE {code})", db.message())),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
