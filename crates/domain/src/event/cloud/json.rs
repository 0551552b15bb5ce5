//! The JSON format of events: one, or a batch.

use super::attributes::{Found, name_fault, text_of};
use super::{CloudEvent, MOST_PROBLEMS, Problem, data};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Reads one event (structured mode).
///
/// # Errors
/// Everything that is wrong, each with its JSON pointer.
pub fn read_structured(body: &[u8]) -> Result<CloudEvent, Vec<Problem>> {
    let value = strict(body).map_err(|error| vec![not_json(&error)])?;
    let mut problems = Vec::new();
    match read_event(value, "", &mut problems) {
        Some(event) if problems.is_empty() => Ok(event),
        _ => Err(problems),
    }
}

/// Reads a batch: a list of at most `most` events, perhaps of none.
///
/// # Errors
/// Everything that is wrong, each with its JSON pointer (`/3/id`), at most a hundred things. A batch is taken
/// whole or not at all.
pub fn read_batch(body: &[u8], most: usize) -> Result<Vec<CloudEvent>, Vec<Problem>> {
    let value = strict(body).map_err(|error| vec![not_json(&error)])?;
    let Value::Array(values) = value else {
        return Err(vec![Problem::new("", "a batch is a JSON list of events: [{…}, {…}]")]);
    };
    if values.len() > most {
        let detail = format!("a batch has at most {most} events, not {}; send several", values.len());
        return Err(vec![Problem::new("", detail)]);
    }
    let mut problems = Vec::new();
    let mut events = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        events.extend(read_event(value, &format!("/{index}"), &mut problems));
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    problems.truncate(MOST_PROBLEMS);
    if problems.is_empty() { Ok(events) } else { Err(problems) }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new("", format!("the body cannot be read as JSON: {error}"))
}

/// Reads the event at `at`, the JSON pointer of its object.
fn read_event(value: Value, at: &str, problems: &mut Vec<Problem>) -> Option<CloudEvent> {
    let Value::Object(mut fields) = value else {
        problems.push(Problem::new(at, "an event is a JSON object: {…}"));
        return None;
    };
    let plain = fields.remove("data").filter(|data| !data.is_null());
    let coded = fields.remove("data_base64").filter(|data| !data.is_null());
    let place = |name: &str| pointer(at, name);
    let found = read_attributes(fields, &place, problems);
    let content_type = found.texts.get("datacontenttype").cloned();
    let event = found.read(problems);
    let (name, read) = match (plain, coded) {
        (None, None) => ("data", Ok(Value::Null)),
        (Some(data), None) => ("data", data::check_size(data)),
        (None, Some(data)) => ("data_base64", data::read_base64(&data, content_type.as_deref())),
        (Some(_), Some(_)) => ("data_base64", Err("an event has data or data_base64, not both".into())),
    };
    match read {
        Ok(data) => event.map(|event| CloudEvent { data, ..event }),
        Err(detail) => {
            problems.push(Problem::new(place(name), detail));
            None
        }
    }
}

fn read_attributes<'a>(
    fields: Map<String, Value>,
    place: &'a dyn Fn(&str) -> String,
    problems: &mut Vec<Problem>,
) -> Found<'a> {
    let mut found = Found { texts: BTreeMap::new(), faulty: Vec::new(), place };
    for (name, value) in fields {
        match name_fault(&name).map_or_else(|| text_of(&name, &value), Err) {
            Ok(text) => found.texts.extend(text.map(|text| (name, text))),
            Err(detail) => {
                problems.push(Problem::new(place(&name), detail));
                found.faulty.push(name);
            }
        }
    }
    found
}

/// The JSON pointer (RFC 6901) of a field.
fn pointer(at: &str, name: &str) -> String {
    if name.is_empty() {
        return at.to_owned();
    }
    let short: String = name.chars().take(super::LONGEST_ATTRIBUTE_NAME).collect();
    format!("{at}/{}", short.replace('~', "~0").replace('/', "~1"))
}

/// Reads JSON in which no object has a name twice. At most 128 lists and objects lie within each other.
pub(super) fn strict(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Strict>(bytes).map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if fields.contains_key(&name) {
                let shown: String = name.chars().take(super::LONGEST_ATTRIBUTE_NAME).collect();
                return Err(A::Error::custom(format!("the name “{shown}” comes twice in one object")));
            }
            let Strict(value) = entries.next_value()?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}
