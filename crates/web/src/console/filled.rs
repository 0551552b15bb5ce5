//! A form as it stands on a page: what was typed, and what is wrong with it. Nothing typed is lost.

use crate::console::refusal;
use crate::failure::Failure;
use crate::query::Pairs;
use crate::words::Words;
use store::{ChangeError, Refusal, StoreError};

/// The values of a form's fields, with an error at some of them.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
    /// What is wrong with the whole.
    pub(crate) notice: Option<String>,
    /// What went well.
    pub(crate) good: Option<String>,
}

impl Filled {
    /// What is there already.
    pub(crate) fn with<'a>(values: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { values, ..Self::default() }
    }

    /// What was sent.
    pub(crate) fn sent(pairs: &Pairs) -> Self {
        Self {
            values: pairs.all().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            ..Self::default()
        }
    }

    /// An empty form that was refused as a whole.
    pub(crate) fn refused(notice: impl Into<String>) -> Self {
        Self { notice: Some(notice.into()), ..Self::default() }
    }

    /// Sets the value of a field.
    pub(crate) fn put(&mut self, name: &str, value: String) {
        self.values.push((name.to_owned(), value));
    }

    /// The value of a field; empty when it has none.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }

    /// What is wrong with a field; empty: nothing.
    pub(crate) fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|(other, _)| other == name).map_or("", |(_, error)| error)
    }

    /// The first error at a field; empty: none.
    pub(crate) fn first_error(&self) -> &str {
        self.errors.first().map_or("", |(_, error)| error)
    }

    /// Notes an error at a field.
    pub(crate) fn wrong(&mut self, name: &str, error: impl Into<String>) {
        self.errors.push((name.to_owned(), error.into()));
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.errors.is_empty() && self.notice.is_none()
    }

    /// Puts a change that was not made to the field it is about, or over the whole form. What is no
    /// fault of the operator's stays a failure.
    pub(crate) fn refuse(&mut self, error: ChangeError, words: &Words) -> Result<(), Failure> {
        match error {
            ChangeError::Refused(Refusal::Field { field, message }) => {
                self.wrong(&field, words.sentence(&message))
            }
            ChangeError::Refused(refusal) => self.notice = Some(refusal::say(words, &refusal)),
            ChangeError::Store(StoreError::Exists(column)) => {
                let field = column.rsplit('.').next().unwrap_or(&column).to_owned();
                self.wrong(&field, words.say("form-taken"));
            }
            ChangeError::Store(error) => return Err(error.into()),
        }
        Ok(())
    }
}
