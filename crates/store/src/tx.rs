//! A transaction on either database: the same calls, the same SQL text.

use crate::dialect::{self, Engine};
use crate::error::{Result, StoreError};
use crate::rows::Rows;
use crate::value::{Row, Value};
use postgres_types::ToSql;
use std::future::Future;
use std::pin::Pin;

/// What a transaction does, as a future that only waits for the database.
pub type Work<'t, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// An open transaction (or, for reading, a consistent view).
///
/// On SQLite every call completes at once, on the thread that owns the connection; on PostgreSQL it
/// is a round trip. Nothing else may be awaited while a transaction is open; on SQLite that is an
/// error, so that tests find it.
#[derive(Debug)]
pub struct Tx(pub(crate) Connection);

#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(deadpool_postgres::Object),
}

impl Tx {
    /// Which database this is, for the few statements that cannot be common.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    /// From here on this transaction looks rows up by their keys. PostgreSQL chooses by statistics, and of a table that
    /// has just been filled it has none: it would read the whole of it for each chunk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn by_keys(&mut self) -> Result<()> {
        match &self.0 {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(client) => Ok(client
                .batch_execute(
                    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
                )
                .await?),
        }
    }

    /// Runs a statement; gives the number of rows it changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match &self.0 {
            Connection::Sqlite(connection) => sqlite_execute(connection, sql, params),
            Connection::Postgres(client) => {
                let text = dialect::statement(Engine::Postgres, sql, params.len(), None);
                let statement = client.prepare_cached(&text).await?;
                Ok(client.execute(&statement, &refs(params)).await?)
            }
        }
    }

    /// Runs a query; gives all rows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match &self.0 {
            Connection::Sqlite(connection) => sqlite_query(connection, sql, params),
            Connection::Postgres(client) => {
                let text = dialect::statement(Engine::Postgres, sql, params.len(), None);
                let statement = client.prepare_cached(&text).await?;
                client.query(&statement, &refs(params)).await?.iter().map(postgres_row).collect()
            }
        }
    }

    /// Runs a query that gives at most one row.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn find(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a statement over many rows, which it reads as `{rows}` under the name `r`; gives the
    /// number of rows it changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn execute_rows(&mut self, sql: &str, params: &[Value], rows: &Rows) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        match &self.0 {
            Connection::Sqlite(connection) => {
                let text = dialect::statement(Engine::Sqlite, sql, params.len(), Some(rows));
                let mut changed = 0;
                for_each_row(connection, &text, params, rows, |_, statement| {
                    changed += statement.raw_execute()? as u64;
                    Ok(())
                })?;
                Ok(changed)
            }
            Connection::Postgres(client) => {
                let text = dialect::statement(Engine::Postgres, sql, params.len(), Some(rows));
                let statement = client.prepare_cached(&text).await?;
                Ok(client.execute(&statement, &with_columns(params, &columns(rows))).await?)
            }
        }
    }

    /// Runs a query over many rows, see [`Tx::execute_rows`]; gives all answers, in no promised order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn query_rows(&mut self, sql: &str, params: &[Value], rows: &Rows) -> Result<Vec<Row>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match &self.0 {
            Connection::Sqlite(connection) => {
                let text = dialect::statement(Engine::Sqlite, sql, params.len(), Some(rows));
                let mut found = Vec::with_capacity(rows.len());
                for_each_row(connection, &text, params, rows, |_, statement| collect(statement, &mut found))?;
                Ok(found)
            }
            Connection::Postgres(client) => {
                let text = dialect::statement(Engine::Postgres, sql, params.len(), Some(rows));
                let statement = client.prepare_cached(&text).await?;
                let columns = columns(rows);
                client
                    .query(&statement, &with_columns(params, &columns))
                    .await?
                    .iter()
                    .map(postgres_row)
                    .collect()
            }
        }
    }

    /// Runs an `UPDATE` over many rows, see [`Tx::execute_rows`]; gives the places of the rows that changed something,
    /// from 0, in no promised order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn update_rows(&mut self, sql: &str, params: &[Value], rows: &Rows) -> Result<Vec<usize>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let text = dialect::counted_statement(self.engine(), sql, params.len(), rows);
        match &self.0 {
            Connection::Sqlite(connection) => {
                let mut changed = Vec::with_capacity(rows.len());
                for_each_row(connection, &text, params, rows, |place, statement| {
                    if statement.raw_execute()? > 0 {
                        changed.push(place);
                    }
                    Ok(())
                })?;
                Ok(changed)
            }
            Connection::Postgres(client) => {
                let statement = client.prepare_cached(&text).await?;
                let columns = columns(rows);
                let answers = client.query(&statement, &with_columns(params, &columns)).await?;
                // Counted from 1 there.
                answers
                    .iter()
                    .map(|row| Ok(usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX)))
                    .collect()
            }
        }
    }

    /// Runs several statements without parameters, as migrations have them.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<()> {
        match &self.0 {
            Connection::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Connection::Postgres(client) => Ok(client.batch_execute(sql).await?),
        }
    }
}

fn columns(rows: &Rows) -> Vec<Vec<&Value>> {
    (0..rows.columns().len()).map(|place| rows.column(place)).collect()
}

/// Parameters, and behind them a whole column of the rows each.
fn with_columns<'a>(params: &'a [Value], columns: &'a [Vec<&'a Value>]) -> Vec<&'a (dyn ToSql + Sync)> {
    let mut all = refs(params);
    all.extend(columns.iter().map(|column| column as &(dyn ToSql + Sync)));
    all
}

fn refs(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn sqlite_execute(connection: &rusqlite::Connection, sql: &str, params: &[Value]) -> Result<u64> {
    let text = dialect::statement(Engine::Sqlite, sql, params.len(), None);
    let mut statement = connection.prepare_cached(&text)?;
    bind(&mut statement, 0, params)?;
    if statement.column_count() > 0 {
        return Err(StoreError::Defect("a statement that gives rows was executed".into()));
    }
    Ok(statement.raw_execute()? as u64)
}

fn sqlite_query(connection: &rusqlite::Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
    let text = dialect::statement(Engine::Sqlite, sql, params.len(), None);
    let mut statement = connection.prepare_cached(&text)?;
    bind(&mut statement, 0, params)?;
    let mut found = Vec::new();
    collect(&mut statement, &mut found)?;
    Ok(found)
}

/// Repeats a statement for each row, bound behind the parameters that all of them share.
fn for_each_row(
    connection: &rusqlite::Connection,
    text: &str,
    params: &[Value],
    rows: &Rows,
    mut run: impl FnMut(usize, &mut rusqlite::Statement<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, 0, params)?;
    // A column that the statement does not use has no parameter there.
    let used = statement.parameter_count().saturating_sub(params.len());
    for (place, row) in rows.iter().enumerate() {
        bind(&mut statement, params.len(), row.get(..used).unwrap_or(row))?;
        run(place, &mut statement)?;
    }
    Ok(())
}

fn bind(statement: &mut rusqlite::Statement<'_>, after: usize, values: &[Value]) -> Result<()> {
    for (place, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(after + place + 1, value)?;
    }
    Ok(())
}

fn collect(statement: &mut rusqlite::Statement<'_>, found: &mut Vec<Row>) -> Result<()> {
    let columns = statement.column_count();
    let mut answers = statement.raw_query();
    while let Some(answer) = answers.next()? {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(match answer.get_ref(column)? {
                rusqlite::types::ValueRef::Null => Value::Null,
                rusqlite::types::ValueRef::Integer(v) => Value::Int(v),
                rusqlite::types::ValueRef::Real(v) => Value::Real(v),
                rusqlite::types::ValueRef::Text(v) => Value::Text(String::from_utf8_lossy(v).into_owned()),
                rusqlite::types::ValueRef::Blob(v) => Value::Blob(v.to_owned()),
            });
        }
        found.push(Row(values));
    }
    Ok(())
}

fn postgres_row(row: &tokio_postgres::Row) -> Result<Row> {
    use postgres_types::Type;
    let mut values = Vec::with_capacity(row.len());
    for (place, column) in row.columns().iter().enumerate() {
        let ty = column.type_();
        let value = if *ty == Type::INT8 {
            row.try_get::<_, Option<i64>>(place)?.into()
        } else if *ty == Type::INT4 {
            row.try_get::<_, Option<i32>>(place)?.into()
        } else if *ty == Type::BOOL {
            row.try_get::<_, Option<bool>>(place)?.into()
        } else if *ty == Type::FLOAT8 {
            row.try_get::<_, Option<f64>>(place)?.into()
        } else if *ty == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(place)?.into()
        } else if *ty == Type::UUID {
            row.try_get::<_, Option<uuid::Uuid>>(place)?.into()
        } else if *ty == Type::TEXT || *ty == Type::VARCHAR || *ty == Type::NAME {
            row.try_get::<_, Option<String>>(place)?.into()
        } else {
            return Err(StoreError::Defect(format!(
                "column {} has the type {ty}: cast it in the statement",
                column.name()
            )));
        };
        values.push(value);
    }
    Ok(Row(values))
}
