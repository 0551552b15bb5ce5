//! Values on their way into and out of either database.

use crate::error::{Result, StoreError};
use domain::id::{
    AccountMailId, ApiKeyId, AutomationId, ConfirmationId, CredentialId, GroupId, LeaseId, MailingId,
    NoticeId, PersonId, RecipientId, RoleId, RunId, SelectionId, SessionId,
};
use postgres_types::private::BytesMut;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// One value of a row or of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// True or false.
    Bool(bool),
    /// A text.
    Text(String),
    /// A text of ours, such as the name of a state.
    Word(&'static str),
    /// Bytes.
    Blob(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
}

/// The type of a column of [`crate::Rows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// A number.
    Real,
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Bytes.
    Blob,
    /// A UUID.
    Uuid,
}

macro_rules! into_value {
    ($($from:ty => |$v:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for Value { fn from($v: $from) -> Self { $to } }
    )+};
}

into_value! {
    i64 => |v| Self::Int(v),
    i32 => |v| Self::Int(v.into()),
    u32 => |v| Self::Int(v.into()),
    f64 => |v| Self::Real(v),
    bool => |v| Self::Bool(v),
    String => |v| Self::Text(v),
    &str => |v| Self::Text(v.to_owned()),
    &String => |v| Self::Text(v.clone()),
    Vec<u8> => |v| Self::Blob(v),
    &[u8] => |v| Self::Blob(v.to_owned()),
    Uuid => |v| Self::Uuid(v),
    RecipientId => |v| Self::Int(v.0),
    LeaseId => |v| Self::Int(v.0),
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value, or says what stands there instead.
    ///
    /// # Errors
    /// The value has another type.
    fn from_value(value: Value) -> Result<Self>;
}

fn unexpected<T>(wanted: &str, value: &Value) -> Result<T> {
    // The value itself may be personal; only its shape is told.
    let found = match value {
        Value::Null => "nothing",
        Value::Int(_) => "a whole number",
        Value::Real(_) => "a number",
        Value::Bool(_) => "a truth value",
        Value::Text(_) | Value::Word(_) => "a text",
        Value::Blob(_) => "bytes",
        Value::Uuid(_) => "a UUID",
    };
    Err(StoreError::Corrupt(format!("expected {wanted}, found {found}")))
}

macro_rules! from_value {
    ($($to:ty, $wanted:literal: $($pattern:pat => $result:expr),+;)+) => {$(
        impl FromValue for $to {
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    $($pattern => Ok($result),)+
                    other => unexpected($wanted, &other),
                }
            }
        }
    )+};
}

from_value! {
    i64, "a whole number": Value::Int(v) => v, Value::Bool(v) => i64::from(v);
    f64, "a number": Value::Real(v) => v, Value::Int(v) => v as f64;
    bool, "true or false": Value::Bool(v) => v, Value::Int(0) => false, Value::Int(1) => true;
    String, "a text": Value::Text(v) => v, Value::Word(v) => v.to_owned();
    Vec<u8>, "bytes": Value::Blob(v) => v;
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Uuid(id) => Ok(id),
            Value::Blob(bytes) if bytes.len() == 16 => {
                Self::from_slice(&bytes).map_err(|error| StoreError::Corrupt(error.to_string()))
            }
            other => unexpected("a UUID", &other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {$(
        impl From<$id> for Value { fn from(id: $id) -> Self { Self::Uuid(id.0) } }
        impl FromValue for $id { fn from_value(value: Value) -> Result<Self> { Uuid::from_value(value).map($id) } }
    )+};
}
id_values!(
    PersonId,
    GroupId,
    RoleId,
    SelectionId,
    AutomationId,
    RunId,
    CredentialId,
    SessionId,
    NoticeId,
    AccountMailId,
    MailingId,
    ConfirmationId,
    ApiKeyId
);

impl FromValue for RecipientId {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self)
    }
}
impl FromValue for LeaseId {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self)
    }
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value of the column at a place, from 0; it is moved out, so each is read once.
    ///
    /// # Errors
    /// The column is not there or holds another type.
    pub fn take<T: FromValue>(&mut self, column: usize) -> Result<T> {
        let slot = self
            .0
            .get_mut(column)
            .ok_or_else(|| StoreError::Defect(format!("the answer has no column {column}")))?;
        T::from_value(std::mem::replace(slot, Value::Null)).map_err(|error| match error {
            StoreError::Corrupt(text) => StoreError::Corrupt(format!("column {column}: {text}")),
            other => other,
        })
    }
}

/// Parameters of a statement, `$1` first.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(v) => ToSqlOutput::Owned(Owned::Integer(*v)),
            Self::Bool(v) => ToSqlOutput::Owned(Owned::Integer(i64::from(*v))),
            Self::Real(v) => ToSqlOutput::Owned(Owned::Real(*v)),
            Self::Text(v) => ToSqlOutput::Borrowed(ValueRef::Text(v.as_bytes())),
            Self::Word(v) => ToSqlOutput::Borrowed(ValueRef::Text(v.as_bytes())),
            Self::Blob(v) => ToSqlOutput::Borrowed(ValueRef::Blob(v)),
            Self::Uuid(v) => ToSqlOutput::Borrowed(ValueRef::Blob(v.as_bytes())),
        })
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Self::Int(v) if *ty == Type::INT2 => i16::try_from(*v)?.to_sql(ty, out),
            #[expect(clippy::cast_precision_loss, reason = "a number column takes what fits")]
            Self::Int(v) if *ty == Type::FLOAT8 => (*v as f64).to_sql(ty, out),
            Self::Int(v) => v.to_sql(&Type::INT8, out),
            Self::Real(v) => v.to_sql(ty, out),
            Self::Bool(v) => v.to_sql(ty, out),
            Self::Text(v) => v.to_sql(ty, out),
            Self::Word(v) => v.to_sql(ty, out),
            Self::Blob(v) => v.to_sql(ty, out),
            Self::Uuid(v) => v.to_sql(ty, out),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}
