//! What differs between the two databases: everything else is one SQL text.
//!
//! A statement is written once, in the common subset, with `$1`, `$2`, … as parameters and these marks:
//!
//! | mark | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{for_update}` | nothing: there is one writer | `FOR UPDATE` |
//! | `{skip_locked}` | nothing | `FOR UPDATE SKIP LOCKED` |
//! | `{like}` | `LIKE`, which takes A to Z in either case there | `ILIKE`, which under the collation "C" does so |
//! | `{rows}` | one row at a time, statement repeated | all rows at once, by `UNNEST` |
//!
//! Migrations have a few more, see [`migration`].

use crate::rows::Rows;
use crate::value::Kind;
use std::fmt::Write as _;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Embedded, the default.
    Sqlite,
    /// A server, version 14 or later.
    Postgres,
}

impl Engine {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Translates a statement. `rows` says what stands for `{rows}`; its parameters follow the others.
pub(crate) fn statement(engine: Engine, sql: &str, params: usize, rows: Option<&Rows>) -> String {
    let (for_update, skip_locked, like) = match engine {
        Engine::Sqlite => ("", "", "LIKE"),
        Engine::Postgres => ("FOR UPDATE", "FOR UPDATE SKIP LOCKED", "ILIKE"),
    };
    let mut text =
        sql.replace("{for_update}", for_update).replace("{skip_locked}", skip_locked).replace("{like}", like);
    if let Some(rows) = rows {
        text = text.replace("{rows}", &source(engine, params, rows));
    }
    match engine {
        Engine::Sqlite => text.replace('$', "?"),
        Engine::Postgres => text,
    }
}

/// The table `r` that stands for `{rows}`.
fn source(engine: Engine, params: usize, rows: &Rows) -> String {
    let mut text = String::new();
    match engine {
        Engine::Sqlite => {
            text.push_str("(SELECT ");
            for (place, (name, _)) in rows.columns().iter().enumerate() {
                let comma = if place == 0 { "" } else { ", " };
                let _ = write!(text, "{comma}${} AS {name}", params + place + 1);
            }
            text.push_str(") AS r");
        }
        Engine::Postgres => {
            text.push_str("UNNEST(");
            for (place, (_, kind)) in rows.columns().iter().enumerate() {
                let comma = if place == 0 { "" } else { ", " };
                let _ = write!(text, "{comma}${}::{}[]", params + place + 1, postgres_type(*kind));
            }
            text.push_str(") AS r(");
            let names: Vec<&str> = rows.columns().iter().map(|(name, _)| *name).collect();
            text.push_str(&names.join(", "));
            text.push(')');
        }
    }
    text
}

const fn postgres_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "BIGINT",
        Kind::Real => "DOUBLE PRECISION",
        Kind::Bool => "BOOLEAN",
        Kind::Text => "TEXT",
        Kind::Blob => "BYTEA",
        Kind::Uuid => "UUID",
    }
}

/// Translates a migration.
///
/// On PostgreSQL every `TEXT` column gets the collation `"C"`, so that texts compare by bytes as they
/// do on SQLite, and `INTEGER` becomes `BIGINT`, so that it is 64 bits wide as there. `CLUSTERED`
/// keeps a table in the order of its key where the database can. `{uuid:…}` is a UUID literal.
pub(crate) fn migration(engine: Engine, sql: &str) -> String {
    let sql = literals(engine, sql);
    match engine {
        Engine::Sqlite => sql.replace(") CLUSTERED;", ") WITHOUT ROWID;"),
        Engine::Postgres => sql
            .replace(") CLUSTERED;", ");")
            .replace(" INTEGER", " BIGINT")
            .replace(" TEXT", " TEXT COLLATE \"C\""),
    }
}

fn literals(engine: Engine, sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once("{uuid:") {
        let (uuid, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        let _ = match engine {
            Engine::Sqlite => write!(out, "x'{}'", uuid.replace('-', "")),
            Engine::Postgres => write!(out, "'{uuid}'::uuid"),
        };
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_a_table_in_both_databases() {
        let rows = Rows::new(&[("id", Kind::Int), ("hash", Kind::Blob)]);
        let sql = "UPDATE t SET hash = r.hash, at = $1 FROM {rows} WHERE t.id = r.id";
        assert_eq!(
            statement(Engine::Sqlite, sql, 1, Some(&rows)),
            "UPDATE t SET hash = r.hash, at = ?1 FROM (SELECT ?2 AS id, ?3 AS hash) AS r WHERE t.id = r.id"
        );
        assert_eq!(
            statement(Engine::Postgres, sql, 1, Some(&rows)),
            "UPDATE t SET hash = r.hash, at = $1 FROM UNNEST($2::BIGINT[], $3::BYTEA[]) AS r(id, hash) WHERE t.id = r.id"
        );
    }

    #[test]
    fn a_migration_speaks_both_languages() {
        let sql = "CREATE TABLE t (\n id INTEGER PRIMARY KEY, a TEXT NOT NULL\n) CLUSTERED;\nINSERT INTO t VALUES ({uuid:00000000-0000-7000-8000-000000000001});";
        assert!(migration(Engine::Sqlite, sql).contains("WITHOUT ROWID"));
        assert!(migration(Engine::Sqlite, sql).contains("x'00000000000070008000000000000001'"));
        assert!(
            migration(Engine::Postgres, sql).contains("id BIGINT PRIMARY KEY, a TEXT COLLATE \"C\" NOT NULL")
        );
    }
}
