//! What differs between the two databases: everything else is one SQL text.
//!
//! A statement is written once, in the common subset, with `$1`, `$2`, … as parameters and these marks:
//!
//! | mark | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{for_update}` | nothing: there is one writer | `FOR UPDATE` |
//! | `{skip_locked}` | nothing | `FOR UPDATE SKIP LOCKED` |
//! | `{like}` | `LIKE`, which takes A to Z in either case there | `ILIKE`, which under the collation "C" does so |
//! | `r.name` from `{rows}` | a parameter; the statement is repeated for each row | a column of `UNNEST`: all rows at once |
//! | `VALUES {rows}(…)` | `VALUES (…)` | `SELECT … FROM UNNEST(…) AS r` |
//!
//! On SQLite the table `r` vanishes from `FROM {rows} WHERE`, `USING {rows} WHERE` and `FROM {rows}, t`. A join with a
//! table of one row costs more there than the rest of such a statement: it is written to a temporary table first.
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
        text = match engine {
            Engine::Sqlite => as_parameters(&text, params, rows),
            Engine::Postgres => as_table(&text, &unnest(params, rows, false)),
        };
    }
    match engine {
        Engine::Sqlite => text.replace('$', "?"),
        Engine::Postgres => text,
    }
}

/// Translates an `UPDATE` over many rows that says which of them changed something: on PostgreSQL it gives their
/// places, from 1; on SQLite the number of changes of each repetition tells.
pub(crate) fn counted_statement(engine: Engine, sql: &str, params: usize, rows: &Rows) -> String {
    match engine {
        Engine::Sqlite => statement(engine, sql, params, Some(rows)),
        Engine::Postgres => {
            let text = as_table(sql, &unnest(params, rows, true));
            format!("{text} RETURNING r.place_in_rows")
        }
    }
}

const MARK: &str = "{rows}";
const VALUES: &str = "VALUES {rows}(";

/// PostgreSQL: `{rows}` is a table, all rows at once.
fn as_table(sql: &str, table: &str) -> String {
    let Some((before, after)) = sql.split_once(VALUES) else { return sql.replace(MARK, table) };
    let (values, rest) = until_closed(after);
    format!("{before}SELECT {values} FROM {table} WHERE TRUE{rest}")
}

/// What stands inside a parenthesis that is already open, and what follows it.
fn until_closed(text: &str) -> (&str, &str) {
    let mut depth = 1;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[..place], &text[place + 1..]);
        }
    }
    (text, "")
}

fn unnest(params: usize, rows: &Rows, counted: bool) -> String {
    let mut text = String::from("UNNEST(");
    for (place, (_, kind)) in rows.columns().iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}${}::{}[]", params + place + 1, postgres_type(*kind));
    }
    text.push_str(if counted { ") WITH ORDINALITY AS r(" } else { ") AS r(" });
    let mut names: Vec<&str> = rows.columns().iter().map(|(name, _)| *name).collect();
    if counted {
        names.push("place_in_rows");
    }
    text.push_str(&names.join(", "));
    text.push(')');
    text
}

/// SQLite: each `r.name` is a parameter, and the table is gone from the statement where the grammar allows it.
fn as_parameters(sql: &str, params: usize, rows: &Rows) -> String {
    let mut text = without_table(&sql.replace(VALUES, "VALUES ("));
    for (place, (name, _)) in rows.columns().iter().enumerate() {
        text = replace_word(&text, &format!("r.{name}"), &format!("${}", params + place + 1));
    }
    text
}

fn without_table(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once(MARK) {
        let next = after.trim_start();
        let keyword = ["FROM", "USING"].iter().find_map(|word| before.trim_end().strip_suffix(word));
        let ends = next.is_empty() || next.starts_with("WHERE") || next.starts_with(')');
        match keyword {
            Some(before) if ends => {
                text.push_str(before);
                rest = next;
            }
            Some(_) if after.starts_with(", ") => {
                text.push_str(before);
                rest = &after[2..];
            }
            _ => {
                text.push_str(before);
                text.push_str("(SELECT 1) AS r");
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// Replaces a word, but not where it is only a part of a longer one.
fn replace_word(text: &str, word: &str, with: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let whole = !before.ends_with(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if whole { with } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
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
/// keeps a table in the order of its key where the database can. `{uuid:…}` is a UUID literal, and what
/// stands in `{postgres:…}` is only for PostgreSQL.
pub(crate) fn migration(engine: Engine, sql: &str) -> String {
    let sql = literals(engine, &only_for_postgres(engine, sql));
    match engine {
        Engine::Sqlite => sql.replace(") CLUSTERED;", ") WITHOUT ROWID;"),
        Engine::Postgres => sql
            .replace(") CLUSTERED;", ");")
            .replace(" INTEGER", " BIGINT")
            .replace(" TEXT", " TEXT COLLATE \"C\""),
    }
}

fn only_for_postgres(engine: Engine, sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once("{postgres:") {
        let (statement, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        if engine == Engine::Postgres {
            out.push_str(statement);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
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

    const ROWS: &[(&str, Kind)] = &[("id", Kind::Int), ("hash", Kind::Blob)];

    #[test]
    fn rows_are_parameters_on_sqlite_and_a_table_on_postgres() {
        let rows = Rows::new(ROWS);
        let sql =
            "UPDATE t SET hash = r.hash, at = $1 FROM {rows}\n WHERE t.id = r.id AND other.id <> r.id_too";
        assert_eq!(
            statement(Engine::Sqlite, sql, 1, Some(&rows)),
            "UPDATE t SET hash = ?3, at = ?1 WHERE t.id = ?2 AND other.id <> r.id_too"
        );
        assert_eq!(
            statement(Engine::Postgres, sql, 1, Some(&rows)),
            "UPDATE t SET hash = r.hash, at = $1 FROM UNNEST($2::BIGINT[], $3::BYTEA[]) AS r(id, hash)\n WHERE \
             t.id = r.id AND other.id <> r.id_too"
        );
        assert!(
            counted_statement(Engine::Postgres, sql, 1, &rows).ends_with("RETURNING r.place_in_rows"),
            "the places of what changed"
        );
    }

    #[test]
    fn the_table_of_rows_vanishes_on_sqlite_where_the_grammar_allows_it() {
        let rows = Rows::new(ROWS);
        for (sql, expected) in [
            ("DELETE FROM t USING {rows} WHERE t.id = r.id", "DELETE FROM t WHERE t.id = ?1"),
            ("SELECT t.x FROM {rows}, t WHERE t.id = r.id", "SELECT t.x FROM t WHERE t.id = ?1"),
            ("DELETE FROM t WHERE id IN (SELECT r.id FROM {rows})", "DELETE FROM t WHERE id IN (SELECT ?1 )"),
            (
                "SELECT p.x FROM {rows} LEFT JOIN p ON p.id = r.id",
                "SELECT p.x FROM (SELECT 1) AS r LEFT JOIN p ON p.id = ?1",
            ),
            (
                "INSERT INTO t (a, b) VALUES {rows}(r.id, lower(r.hash)) ON CONFLICT DO NOTHING",
                "INSERT INTO t (a, b) VALUES (?1, lower(?2)) ON CONFLICT DO NOTHING",
            ),
        ] {
            assert_eq!(statement(Engine::Sqlite, sql, 0, Some(&rows)), expected);
        }
        assert_eq!(
            statement(
                Engine::Postgres,
                "INSERT INTO t (a) VALUES {rows}(lower(r.hash)) RETURNING a",
                0,
                Some(&rows)
            ),
            "INSERT INTO t (a) SELECT lower(r.hash) FROM UNNEST($1::BIGINT[], $2::BYTEA[]) AS r(id, hash) WHERE TRUE RETURNING a"
        );
    }

    #[test]
    fn a_migration_speaks_both_languages() {
        let sql = "CREATE TABLE t (\n id INTEGER PRIMARY KEY, a TEXT NOT NULL\n) CLUSTERED;\nINSERT INTO t VALUES ({uuid:00000000-0000-7000-8000-000000000001});";
        let both = "{postgres:ALTER TABLE t SET (fillfactor = 70);}\nSELECT 1;";
        assert_eq!(migration(Engine::Sqlite, both), "\nSELECT 1;");
        assert!(migration(Engine::Postgres, both).starts_with("ALTER TABLE t SET (fillfactor = 70);\n"));
        assert!(migration(Engine::Sqlite, sql).contains("WITHOUT ROWID"));
        assert!(migration(Engine::Sqlite, sql).contains("x'00000000000070008000000000000001'"));
        assert!(
            migration(Engine::Postgres, sql).contains("id BIGINT PRIMARY KEY, a TEXT COLLATE \"C\" NOT NULL")
        );
    }
}
