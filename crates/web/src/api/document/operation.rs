//! The description of one route for programs; it stands next to the route's handler.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// Makes a schema, as part of the whole document.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type.
pub(crate) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a route does, takes and gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    /// As in the list of routes.
    pub(crate) path: &'static str,
    /// A few words.
    pub(crate) summary: &'static str,
    /// Sentences; may be empty.
    pub(crate) text: &'static str,
    pub(crate) query: &'static [Parameter],
    pub(crate) body: Option<Body>,
    /// Bodies of other kinds that it takes as well.
    pub(crate) others: &'static [Body],
    /// Headers of its own.
    pub(crate) headers: &'static [Parameter],
    /// What it gives when all is well.
    pub(crate) answer: Answer,
    /// Other statuses than those every route of its kind can have.
    pub(crate) also: &'static [u16],
    /// The values of the path's parts in the example, in their order.
    pub(crate) example_path: &'static [&'static str],
}

/// A parameter of the address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) schema: SchemaOf,
    pub(crate) example: Option<&'static str>,
}

/// A body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body {
    pub(crate) media: &'static str,
    pub(crate) schema: SchemaOf,
    /// As sent.
    pub(crate) example: &'static str,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// With its schema; `None`: it has no body.
    pub(crate) content: Option<(&'static str, SchemaOf)>,
    pub(crate) text: &'static str,
}

const JSON: &str = "application/json";

impl Operation {
    const fn new(method: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            text: "",
            query: &[],
            body: None,
            others: &[],
            headers: &[],
            answer: Answer { status: 204, content: None, text: "Done." },
            also: &[],
            example_path: &[],
        }
    }

    pub(crate) const fn get(path: &'static str, summary: &'static str) -> Self {
        Self::new("GET", path, summary)
    }
    pub(crate) const fn post(path: &'static str, summary: &'static str) -> Self {
        Self::new("POST", path, summary)
    }
    pub(crate) const fn put(path: &'static str, summary: &'static str) -> Self {
        Self::new("PUT", path, summary)
    }
    pub(crate) const fn patch(path: &'static str, summary: &'static str) -> Self {
        Self::new("PATCH", path, summary)
    }
    pub(crate) const fn delete(path: &'static str, summary: &'static str) -> Self {
        Self::new("DELETE", path, summary)
    }

    pub(crate) const fn text(self, text: &'static str) -> Self {
        Self { text, ..self }
    }
    pub(crate) const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }
    pub(crate) const fn at(self, example_path: &'static [&'static str]) -> Self {
        Self { example_path, ..self }
    }
    /// A JSON body with an example.
    pub(crate) const fn takes(self, schema: SchemaOf, example: &'static str) -> Self {
        Self { body: Some(Body { media: JSON, schema, example }), ..self }
    }
    /// A body of another kind.
    pub(crate) const fn takes_media(self, media: &'static str, example: &'static str) -> Self {
        Self { body: Some(Body { media, schema: text, example }), ..self }
    }
    /// A body with a media type of its own and a schema.
    pub(crate) const fn takes_body(self, body: Body) -> Self {
        Self { body: Some(body), ..self }
    }
    /// Other bodies that it takes as well.
    pub(crate) const fn or(self, others: &'static [Body]) -> Self {
        Self { others, ..self }
    }
    pub(crate) const fn headers(self, headers: &'static [Parameter]) -> Self {
        Self { headers, ..self }
    }
    /// A JSON answer.
    pub(crate) const fn gives(self, status: u16, schema: SchemaOf) -> Self {
        Self { answer: Answer { status, content: Some((JSON, schema)), text: "All is well." }, ..self }
    }
    /// An answer of another kind.
    pub(crate) const fn gives_media(self, media: &'static str, what: &'static str) -> Self {
        Self { answer: Answer { status: 200, content: Some((media, text)), text: what }, ..self }
    }
    pub(crate) const fn also(self, also: &'static [u16]) -> Self {
        Self { also, ..self }
    }
}

impl Parameter {
    pub(crate) const fn new(name: &'static str, text: &'static str, schema: SchemaOf) -> Self {
        Self { name, text, schema, example: None }
    }
    pub(crate) const fn example(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }
}

/// Text as such.
pub(crate) fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

fn limit_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 })
}

/// How many entries a page has.
pub(crate) const LIMIT: Parameter = Parameter::new("limit", "How many entries a page has.", limit_schema);
/// Where a page begins.
pub(crate) const CURSOR: Parameter =
    Parameter::new("cursor", "The next_cursor of the page before, asked with the same parameters.", text);

/// An example body as JSON.
pub(crate) fn example(body: &Body) -> Value {
    match serde_json::from_str(body.example) {
        Ok(value) if body.media.ends_with("json") => value,
        _ => Value::String(body.example.to_owned()),
    }
}
