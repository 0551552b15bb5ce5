//! Conditions on what an event says: a field, an operator and a value, compiled once and asked often.

use super::{Facts, Problem};
use crate::recipient::named;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// The longest name of a field, in characters.
pub const LONGEST_FIELD: usize = 200;
/// The longest value, in characters.
pub const LONGEST_VALUE: usize = 500;
/// How much memory a compiled expression may take, in bytes; it also bounds the time to compile it.
const LARGEST_EXPRESSION: usize = 1 << 20;

named! {
    /// How a field is compared with the value.
    Operator {
        /// They are the same text.
        Equals = "equals",
        /// They are not; true also where the field is missing.
        NotEquals = "not_equals",
        /// The field begins with the value.
        StartsWith = "starts_with",
        /// The field ends with the value.
        EndsWith = "ends_with",
        /// The value, a regular expression, is found anywhere in the field; `^` and `$` bind it to the ends.
        Matches = "matches",
    }
}

/// One condition on an event.
///
/// `field` is a dotted path into the data (`course.id`, `items.0.name`), or `$type`, `$source`, `$subject`, or
/// another attribute of the event as `$name`. Numbers, `true` and `false` are compared as their JSON text. A field that
/// is missing, `null`, a list or an object equals nothing: only `not_equals` is true for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What is looked at; at most 200 characters.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what; at most 500 characters.
    pub value: String,
    /// Whether capital and small letters are alike.
    #[serde(default)]
    pub ignore_case: bool,
}

/// Where a field lies.
#[derive(Debug, Clone)]
enum Place {
    Type,
    Source,
    Subject,
    Attribute(String),
    Data(Vec<String>),
}

/// A comparison ready to be made; a text is in small letters where case is ignored.
#[derive(Debug, Clone)]
enum Test {
    Equals(String),
    NotEquals(String),
    StartsWith(String),
    EndsWith(String),
    Matches(Regex),
}

/// A condition that was checked and is quick to ask.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    place: Place,
    test: Test,
    ignore_case: bool,
}

impl Compiled {
    /// Checks a condition; what is wrong is told at `at`, which names the condition.
    pub(super) fn new(condition: &Condition, at: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let place = read_place(&condition.field)
            .map_err(|message| problems.push(Problem::new(format!("{at}.field"), message)));
        let test = read_test(condition)
            .map_err(|message| problems.push(Problem::new(format!("{at}.value"), message)));
        Some(Self { place: place.ok()?, test: test.ok()?, ignore_case: condition.ignore_case })
    }

    /// Whether it holds.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        let Some(text) = self.place.find(facts) else {
            return matches!(self.test, Test::NotEquals(_));
        };
        let is_matched_as_it_is = matches!(self.test, Test::Matches(_)) || !self.ignore_case;
        let text = if is_matched_as_it_is { text } else { Cow::Owned(text.to_lowercase()) };
        match &self.test {
            Test::Equals(value) => text == value.as_str(),
            Test::NotEquals(value) => text != value.as_str(),
            Test::StartsWith(value) => text.starts_with(value.as_str()),
            Test::EndsWith(value) => text.ends_with(value.as_str()),
            Test::Matches(expression) => expression.is_match(&text),
        }
    }
}

impl Place {
    fn find<'a>(&self, facts: &Facts<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::Type => Some(Cow::Borrowed(facts.event_type)),
            Self::Source => Some(Cow::Borrowed(facts.source)),
            Self::Subject => facts.subject.map(Cow::Borrowed),
            Self::Attribute(name) => facts.extensions.get(name).map(|text| Cow::Borrowed(text.as_str())),
            Self::Data(path) => text_of(path.iter().try_fold(facts.data, |value, step| match value {
                Value::Object(fields) => fields.get(step),
                Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => None,
            })?),
        }
    }
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read_place(field: &str) -> Result<Place, String> {
    let length = field.chars().count();
    if length == 0 {
        return Err("the field is missing; write it like course.id".into());
    }
    if length > LONGEST_FIELD {
        return Err(format!("a field has at most {LONGEST_FIELD} characters, not {length}"));
    }
    let Some(attribute) = field.strip_prefix('$') else {
        let path: Vec<String> = field.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(format!("“{field}” has an empty step; write it like course.id or items.0.name"));
        }
        return Ok(Place::Data(path));
    };
    match attribute {
        "type" => Ok(Place::Type),
        "source" => Ok(Place::Source),
        "subject" => Ok(Place::Subject),
        "contact" | "systemuser" => {
            Err(format!("“{field}” names a person; choose people with a selection instead"))
        }
        "group" => Err("choose the group in its own setting instead".into()),
        "id" | "time" | "specversion" | "data" | "datacontenttype" | "dataschema" => {
            Err(format!("“{field}” cannot be compared; use $type, $source, $subject or an extension"))
        }
        _ if super::cloud::is_attribute_name(attribute) => Ok(Place::Attribute(attribute.to_owned())),
        _ => Err(format!("“{field}” is no attribute; after $ stand small letters a–z and digits")),
    }
}

fn read_test(condition: &Condition) -> Result<Test, String> {
    let Condition { operator, value, ignore_case, .. } = condition;
    let length = value.chars().count();
    if length > LONGEST_VALUE {
        return Err(format!("a value has at most {LONGEST_VALUE} characters, not {length}"));
    }
    let alike = || if *ignore_case { value.to_lowercase() } else { value.clone() };
    match operator {
        Operator::Equals => Ok(Test::Equals(alike())),
        Operator::NotEquals => Ok(Test::NotEquals(alike())),
        _ if value.is_empty() => Err("the value is missing; without one the condition says nothing".into()),
        Operator::StartsWith => Ok(Test::StartsWith(alike())),
        Operator::EndsWith => Ok(Test::EndsWith(alike())),
        Operator::Matches => RegexBuilder::new(value)
            .case_insensitive(*ignore_case)
            .size_limit(LARGEST_EXPRESSION)
            .dfa_size_limit(LARGEST_EXPRESSION)
            .build()
            .map(Test::Matches)
            .map_err(|error| expression_fault(&error)),
    }
}

/// What is wrong with an expression, and at which character.
fn expression_fault(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "the expression is too large; use smaller repetitions or fewer classes".into()
        }
        regex::Error::Syntax(drawn) => {
            // The crate draws the expression, indented by four, with a mark below the place.
            let reason = drawn.lines().rev().find_map(|line| line.strip_prefix("error: "));
            let reason = reason.unwrap_or("it cannot be read");
            let mark =
                drawn.lines().find(|line| line.contains('^') && line.trim_matches([' ', '^']).is_empty());
            match mark.and_then(|line| line.find('^')).and_then(|column| column.checked_sub(4)) {
                Some(before) => format!("not a regular expression: {reason}, at character {}", before + 1),
                None => format!("not a regular expression: {reason}"),
            }
        }
        other => format!("not a regular expression: {other}"),
    }
}
