//! The attributes of an event: their names, their kinds and their lengths.

use super::{CloudEvent, Problem};
use crate::event::EventType;
use crate::event::built_in::is_reserved;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest `id`, in characters.
pub const LONGEST_ID: usize = 255;
/// The longest `source`, in characters.
pub const LONGEST_SOURCE: usize = 1_000;
/// The longest value of any other attribute, in characters.
pub const LONGEST_VALUE: usize = 1_000;
/// The longest name of an attribute, in characters. `CloudEvents` advises 20.
pub const LONGEST_ATTRIBUTE_NAME: usize = 64;
/// The most extension attributes of an event.
pub const MOST_EXTENSIONS: usize = 50;

/// Attributes as they were found, by name, with the way to say where each stands.
pub(super) struct Found<'a> {
    pub(super) texts: BTreeMap<String, String>,
    /// The names whose values could not be read; what is wrong with them is told already.
    pub(super) faulty: Vec<String>,
    pub(super) place: &'a dyn Fn(&str) -> String,
}

/// Whether it is a name an attribute can have: small letters a–z and digits.
pub(in crate::event) fn is_attribute_name(name: &str) -> bool {
    (1..=LONGEST_ATTRIBUTE_NAME).contains(&name.len())
        && name.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit())
}

/// What is wrong with a name, if something is.
pub(super) fn name_fault(name: &str) -> Option<String> {
    if is_attribute_name(name) {
        return None;
    }
    let right = format!("1 to {LONGEST_ATTRIBUTE_NAME} small letters a–z and digits");
    let shown: String = name.chars().take(LONGEST_ATTRIBUTE_NAME).collect();
    Some(format!("“{shown}” is no name of an attribute; it has {right}"))
}

/// Checks a URI reference that says where events come from.
pub(in crate::event) fn check_source(text: &str) -> Result<(), String> {
    check_text(text, LONGEST_SOURCE)?;
    if text.chars().any(char::is_whitespace) {
        return Err(
            "a source is a URI reference such as /courses or https://example.org/; it has no spaces".into()
        );
    }
    Ok(())
}

fn check_text(text: &str, longest: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("it is empty".into()),
        length if length > longest => Err(format!("at most {longest} characters are allowed, not {length}")),
        _ if text.chars().any(char::is_control) => Err("control characters are not allowed".into()),
        _ => Ok(()),
    }
}

fn check_type(text: &str) -> Result<(), String> {
    if is_reserved(text) {
        return Err("types that begin with passpost. are Passpost's own; choose another".into());
    }
    EventType::parse(text).map(drop).map_err(|error| error.to_string())
}

fn check_media_type(text: &str) -> Result<(), String> {
    check_text(text, LONGEST_VALUE)?;
    let media_type = super::data::media_type(text);
    let is_token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|one| one.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&one))
    };
    match media_type.split_once('/') {
        Some((first, second)) if is_token(first) && is_token(second) => Ok(()),
        _ => Err(format!("“{text}” is no media type; write it like application/json")),
    }
}

fn check_uri(text: &str) -> Result<(), String> {
    check_text(text, LONGEST_VALUE)?;
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|one: char| one.is_ascii_alphabetic())
        && scheme.bytes().all(|one| one.is_ascii_alphanumeric() || b"+-.".contains(&one));
    if is_scheme && !text.chars().any(char::is_whitespace) {
        return Ok(());
    }
    Err("expected a URI with a scheme such as https://example.org/schema".into())
}

/// Reads a moment as RFC 3339 writes it: `2018-04-05T17:31:00Z`, with a fraction and an offset if need be.
fn read_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let is_plain = bytes.len() >= 20
        && bytes.iter().enumerate().all(|(index, one)| match index {
            4 | 7 => *one == b'-',
            10 => matches!(one, b'T' | b't'),
            13 | 16 => *one == b':',
            0..=18 => one.is_ascii_digit(),
            _ => one.is_ascii_digit() || b".:+-Zz".contains(one),
        });
    let offset = bytes.get(19..)?.iter().skip_while(|one| one.is_ascii_digit() || **one == b'.');
    let offset: Vec<u8> = offset.copied().collect();
    let is_offset = match offset.as_slice() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hour @ .., b':', tens, ones] => {
            hour.len() == 2 && hour.iter().chain([tens, ones]).all(u8::is_ascii_digit)
        }
        _ => false,
    };
    let at: Timestamp = if is_plain && is_offset { text.parse().ok()? } else { return None };
    Some(at.as_millisecond())
}

/// The text of an attribute's JSON value; `None` where it is not set (`null`).
pub(super) fn text_of(name: &str, value: &Value) -> Result<Option<String>, String> {
    let is_text_only = CORE.contains(&name) || NAMING.contains(&name);
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ if is_text_only => Err(format!("{name} must be a text in quotation marks")),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        Value::Number(number) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => {
            Ok(Some(number.to_string()))
        }
        Value::Number(_) => Err(format!(
            "{name}: numbers of attributes are whole and from {} to {}; send others as text or in data",
            i32::MIN,
            i32::MAX
        )),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "{name}: an attribute is a text, a whole number, true or false; lists and objects go into data"
        )),
    }
}

/// The attributes `CloudEvents` itself defines.
const CORE: [&str; 8] =
    ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"];
/// The attributes that name whom and what an event is about.
const NAMING: [&str; 3] = ["contact", "systemuser", "group"];

impl Found<'_> {
    /// Makes the event without its data; `None` if something is wrong, which is told.
    pub(super) fn read(mut self, problems: &mut Vec<Problem>) -> Option<CloudEvent> {
        let before = problems.len();
        self.version(problems);
        let id = self.needed("id", problems, |text| check_text(text, LONGEST_ID));
        let source = self.needed("source", problems, check_source);
        let event_type = self.needed("type", problems, check_type);
        let plain = |text: &str| check_text(text, LONGEST_VALUE);
        let subject = self.optional("subject", problems, plain);
        let time_ms = self.time(problems);
        let data_content_type = self.optional("datacontenttype", problems, check_media_type);
        let data_schema = self.optional("dataschema", problems, check_uri);
        let contact = self.optional("contact", problems, plain);
        let system_user = self.optional("systemuser", problems, plain);
        let group = self.optional("group", problems, plain);
        self.check_extensions(problems);
        if problems.len() > before {
            return None;
        }
        Some(CloudEvent {
            id: id?,
            source: source?,
            event_type: event_type?,
            subject,
            time_ms,
            data_content_type,
            data_schema,
            contact,
            system_user,
            group,
            extensions: self.texts,
            data: Value::Null,
        })
    }

    fn tell(&self, name: &str, detail: impl Into<String>, problems: &mut Vec<Problem>) {
        problems.push(Problem::new((self.place)(name), detail));
    }

    fn version(&mut self, problems: &mut Vec<Problem>) {
        let version = self.needed("specversion", problems, |_| Ok(()));
        if let Some(version) = version.filter(|version| version != "1.0") {
            let shown: String = version.chars().take(20).collect();
            self.tell("specversion", format!("only version 1.0 is understood, not “{shown}”"), problems);
        }
    }

    fn needed(
        &mut self,
        name: &str,
        problems: &mut Vec<Problem>,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<String> {
        if !self.texts.contains_key(name) && !self.faulty.iter().any(|one| one == name) {
            self.tell(name, format!("the attribute {name} is missing"), problems);
        }
        self.optional(name, problems, check)
    }

    fn optional(
        &mut self,
        name: &str,
        problems: &mut Vec<Problem>,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<String> {
        let text = self.texts.remove(name)?;
        match check(&text) {
            Ok(()) => Some(text),
            Err(detail) => {
                self.tell(name, detail, problems);
                None
            }
        }
    }

    fn time(&mut self, problems: &mut Vec<Problem>) -> Option<i64> {
        let text = self.texts.remove("time")?;
        let time = read_time(&text);
        if time.is_none() {
            self.tell("time", "expected a moment as in RFC 3339, such as 2026-03-02T08:00:00Z", problems);
        }
        time
    }

    fn check_extensions(&self, problems: &mut Vec<Problem>) {
        if self.texts.len() > MOST_EXTENSIONS {
            let detail = format!(
                "at most {MOST_EXTENSIONS} extension attributes are allowed, not {}",
                self.texts.len()
            );
            self.tell("", detail, problems);
            return;
        }
        for (name, text) in self.texts.iter().filter(|(_, text)| !text.is_empty()) {
            if let Err(detail) = check_text(text, LONGEST_VALUE) {
                self.tell(name, format!("{name}: {detail}"), problems);
            }
        }
    }
}
