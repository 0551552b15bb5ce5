//! Brings the schema up to date: each migration in one transaction, with its checksum.

use crate::dialect::{self, Engine};
use crate::error::{Result, StoreError};
use crate::{Store, Tx, params};

/// The migrations, oldest first. A published one is never edited: its checksum is in the databases.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_people", include_str!("../../../migrations/0001_people.sql")),
    ("0002_automations", include_str!("../../../migrations/0002_automations.sql")),
    ("0003_runs", include_str!("../../../migrations/0003_runs.sql")),
    ("0004_house", include_str!("../../../migrations/0004_house.sql")),
    ("0005_notices", include_str!("../../../migrations/0005_notices.sql")),
    ("0006_templates", include_str!("../../../migrations/0006_templates.sql")),
    ("0007_notice_tries", include_str!("../../../migrations/0007_notice_tries.sql")),
    ("0008_room", include_str!("../../../migrations/0008_room.sql")),
    ("0009_keys", include_str!("../../../migrations/0009_keys.sql")),
    ("0010_second_factor", include_str!("../../../migrations/0010_second_factor.sql")),
    ("0012_console", include_str!("../../../migrations/0012_console.sql")),
    ("0013_people_pages", include_str!("../../../migrations/0013_people_pages.sql")),
    ("0014_account_mails", include_str!("../../../migrations/0014_account_mails.sql")),
    ("0015_mailings", include_str!("../../../migrations/0015_mailings.sql")),
    ("0016_preferences", include_str!("../../../migrations/0016_preferences.sql")),
    ("0017_account_mail_care", include_str!("../../../migrations/0017_account_mail_care.sql")),
    ("0018_many_links", include_str!("../../../migrations/0018_many_links.sql")),
    ("0019_events", include_str!("../../../migrations/0019_events.sql")),
    ("0020_happened", include_str!("../../../migrations/0020_happened.sql")),
];

/// The schema version of this program.
pub const SCHEMA_VERSION: usize = MIGRATIONS.len();

/// A number no other program is likely to lock on.
const ADVISORY_LOCK: i64 = 0x7061_7373_706f_7374;

/// What [`Store::migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The version found.
    pub from: usize,
    /// The version now.
    pub to: usize,
}

impl Store {
    /// Applies the migrations that are missing. An interrupted one leaves nothing behind and is
    /// applied whole by the next start.
    ///
    /// # Errors
    /// The schema is newer than this program, or a migration was changed after it was applied.
    pub async fn migrate(&self, now_ms: i64) -> Result<Applied> {
        let mut from = None;
        loop {
            let step = self.write(move |tx| Box::pin(apply_next(tx, now_ms))).await?;
            let start = *from.get_or_insert(step.from);
            if step.from == step.to {
                return Ok(Applied { from: start, to: step.to });
            }
        }
    }

    /// The version of the schema in the database; 0: it is empty.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn schema_version(&self) -> Result<usize> {
        Ok(self.read(|tx| Box::pin(applied(tx))).await?.len())
    }

    /// Checks the schema without changing it: nothing is missing and nothing is too new.
    ///
    /// # Errors
    /// Says what to do.
    pub async fn check_schema(&self) -> Result<()> {
        let found = self.read(|tx| Box::pin(applied(tx))).await?;
        compare(&found, self.engine())?;
        if found.len() < SCHEMA_VERSION {
            return Err(StoreError::Schema(format!(
                "the database has schema version {}, this program needs {SCHEMA_VERSION}: run `passpost migrate`",
                found.len()
            )));
        }
        Ok(())
    }
}

/// One step in one transaction; `from == to` means there was nothing to do.
async fn apply_next(tx: &mut Tx, now_ms: i64) -> Result<Applied> {
    if tx.engine() == Engine::Postgres {
        // Two nodes that start together must not apply the same migration twice.
        tx.query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)", params![ADVISORY_LOCK]).await?;
    }
    tx.batch(&dialect::migration(
        tx.engine(),
        "CREATE TABLE IF NOT EXISTS migrations (
             version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL
         );",
    ))
    .await?;
    let found = applied(tx).await?;
    compare(&found, tx.engine())?;
    let from = found.len();
    let Some((name, sql)) = MIGRATIONS.get(from) else {
        return Ok(Applied { from, to: from });
    };
    tx.batch(&dialect::migration(tx.engine(), sql)).await?;
    tx.execute(
        "INSERT INTO migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        params![(from + 1) as i64, *name, checksum(sql), now_ms],
    )
    .await?;
    Ok(Applied { from, to: from + 1 })
}

/// Name and checksum of what is applied, oldest first.
async fn applied(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let there = match tx.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'",
        Engine::Postgres => {
            "SELECT table_name::text FROM information_schema.tables
                             WHERE table_schema = current_schema() AND table_name = 'migrations'"
        }
    };
    if tx.find(there, &[]).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = tx.query("SELECT name, checksum FROM migrations ORDER BY version", &[]).await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

fn compare(found: &[(String, String)], engine: Engine) -> Result<()> {
    if found.len() > SCHEMA_VERSION {
        return Err(StoreError::Schema(format!(
            "the {} database has schema version {}, this program knows only {SCHEMA_VERSION}: \
             use the newer program, or restore a backup made before the upgrade",
            engine.name(),
            found.len()
        )));
    }
    for ((name, checksum_found), (known, sql)) in found.iter().zip(MIGRATIONS) {
        if name != known || *checksum_found != checksum(sql) {
            return Err(StoreError::Schema(format!(
                "migration {name} of the database is not the {known} of this program: \
                 was the database made by a changed copy of the program?"
            )));
        }
    }
    Ok(())
}

fn checksum(sql: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, sql.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
