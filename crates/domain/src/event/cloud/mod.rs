//! `CloudEvents` 1.0: events as other systems send them, in the JSON format (one, or a batch) and in the binary mode of
//! the HTTP binding.
//!
//! Reading is strict: a name that comes twice, an attribute of a wrong kind and a type that begins with `passpost.`
//! are refused, each with its place. Three extension attributes name whom and what an event is about: `contact`,
//! `systemuser` and `group`; they are texts here and are looked up later.

mod attributes;
mod binary;
mod data;
mod json;
#[cfg(test)]
mod tests;

pub use attributes::{LONGEST_ATTRIBUTE_NAME, LONGEST_ID, LONGEST_SOURCE, LONGEST_VALUE, MOST_EXTENSIONS};
pub(super) use attributes::{check_source, is_attribute_name};
pub use binary::read_binary;
pub use data::LARGEST_DATA;
pub use json::{read_batch, read_structured};

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The media type of one event in JSON.
pub const STRUCTURED: &str = "application/cloudevents+json";
/// The media type of a batch in JSON.
pub const BATCH: &str = "application/cloudevents-batch+json";
/// The most problems that are listed.
const MOST_PROBLEMS: usize = 100;

/// An event of another system.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudEvent {
    /// Its id, which no other event of its source has; 1 to 255 characters.
    pub id: String,
    /// Where it comes from, a URI reference; 1 to 1,000 characters.
    pub source: String,
    /// Its type, 1 to 200 characters; not one of Passpost's own.
    pub event_type: String,
    /// What it is about, in the words of its source.
    pub subject: Option<String>,
    /// When it happened, as its source says: milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// The media type of the data as it was sent.
    pub data_content_type: Option<String>,
    /// The URI of the schema of the data.
    pub data_schema: Option<String>,
    /// Attribute `contact`: username or id of a contact.
    pub contact: Option<String>,
    /// Attribute `systemuser`: username or id of a system user.
    pub system_user: Option<String>,
    /// Attribute `group`: name or id of a group.
    pub group: Option<String>,
    /// All other extension attributes; numbers, `true` and `false` as their text.
    pub extensions: BTreeMap<String, String>,
    /// The data; `null` where there is none. What is not JSON is a text, or `{"base64": "…"}` if it is no text.
    pub data: Value,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place: a JSON pointer (`/source`, in a batch `/3/id`, empty for all of it) or a header (`ce-id`).
    pub pointer: String,
    /// What is wrong and what would be right, in English.
    pub detail: String,
}

impl Problem {
    fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "the body" } else { &self.pointer };
        write!(f, "{at}: {}", self.detail)
    }
}

/// How events are sent in an HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// One event, all of it in the body: [`read_structured`].
    Structured,
    /// Several events in the body: [`read_batch`].
    Batch,
    /// One event, its attributes in headers and its data in the body: [`read_binary`].
    Binary,
}

impl Mode {
    /// The mode that the header `Content-Type` tells.
    ///
    /// # Errors
    /// A format of `CloudEvents` other than JSON.
    pub fn of(content_type: Option<&str>) -> Result<Self, Problem> {
        let media_type = data::media_type(content_type.unwrap_or_default());
        match media_type.as_str() {
            STRUCTURED => Ok(Self::Structured),
            BATCH => Ok(Self::Batch),
            other if other.starts_with("application/cloudevents") => Err(Problem::new(
                "content-type",
                format!("“{other}” is not understood; send {STRUCTURED} or {BATCH}"),
            )),
            _ => Ok(Self::Binary),
        }
    }
}
