//! The document as a page for people: every operation with its fields and an example; with JavaScript one can
//! be tried. The words of the operations are those of the document, in English; what is around them speaks the
//! reader's language.

use super::fields::{self, Field};
use super::{all, document};
use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::page::{self, Frame};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use std::collections::HashSet;

#[derive(Template)]
#[template(path = "api/reference.html")]
struct Reference {
    frame: Frame,
    about: Vec<Marked>,
    chapters: Vec<Chapter>,
}

/// A text in pieces; those that are code stood between backquotes.
type Marked = Vec<(bool, String)>;

fn marked(text: &str) -> Marked {
    let pieces = text.split('`').enumerate().map(|(place, piece)| (place % 2 == 1, piece.to_owned()));
    pieces.filter(|(_, piece)| !piece.is_empty()).collect()
}

/// The operations of one resource.
struct Chapter {
    name: &'static str,
    anchor: String,
    operations: Vec<Entry>,
}

/// An operation as the page shows it.
struct Entry {
    anchor: String,
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    text: Marked,
    parameters: Vec<Row>,
    media: &'static str,
    body: Vec<Field>,
    example: String,
    curl: String,
    status: u16,
    answer: Vec<Field>,
    answer_media: &'static str,
    tries: bool,
}

/// A parameter.
struct Row {
    field: Field,
    place: String,
    example: String,
}

/// GET /api/docs
pub(crate) async fn show(context: Context) -> Result<Response, Failure> {
    let document = document();
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut told = Vec::new();
    for (tag, one) in all() {
        if chapters.last().is_none_or(|last| last.name != tag) {
            let anchor = tag.to_ascii_lowercase().replace(' ', "-");
            chapters.push(Chapter { name: tag, anchor, operations: Vec::new() });
        }
        if let Some(last) = chapters.last_mut() {
            let mut entry = entry(&context, &document, one);
            tell_once(&mut entry, &mut told);
            last.operations.push(entry);
        }
    }
    let about = super::ABOUT.split("\n\n").map(marked).collect();
    let page = Reference { frame: Frame::of(&context), about, chapters };
    let mut response = page::show(StatusCode::OK, &page)?;
    // Under a path of data, but a page with a script of ours.
    response.extensions_mut().insert(Kind::Page);
    Ok(response)
}

fn entry(context: &Context, document: &Value, one: &'static super::Operation) -> Entry {
    let described = &document["paths"][one.path][one.method.to_ascii_lowercase()];
    let parameters = described["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let status = one.answer.status.to_string();
    let answer_media = one.answer.content.map_or("", |(media, _)| media);
    let answer = &described["responses"][status]["content"][answer_media]["schema"];
    let media = one.body.map_or("", |body| body.media);
    let body = &described["requestBody"]["content"][media]["schema"];
    let example = one.body.map_or_else(String::new, |body| pretty(&super::example(&body)));
    Entry {
        anchor: described["operationId"].as_str().unwrap_or_default().to_owned(),
        method: one.method,
        path: one.path,
        summary: one.summary,
        text: marked(described["description"].as_str().unwrap_or_default()),
        parameters: parameters.iter().map(|parameter| row(document, parameter)).collect(),
        media,
        body: fields::of_schema(document, body),
        curl: curl(context, one, &example),
        example,
        status: one.answer.status,
        answer: fields::of_schema(document, answer),
        answer_media,
        tries: matches!(one.method, "GET" | "POST") && one.path.starts_with("/api/v1/"),
    }
}

/// The fields of an answer stand where they come first; where many of them come again, the page says where that is. A
/// person has thirty, and a dozen operations give one; a list gives the fields of what is in it.
fn tell_once(entry: &mut Entry, told: &mut Vec<(HashSet<String>, String)>) {
    const FEW: usize = 4;
    let fields: HashSet<String> = entry.answer.iter().filter_map(own_field).collect();
    if fields.len() <= FEW {
        return;
    }
    let before =
        told.iter().filter(|(known, _)| known.is_subset(&fields)).max_by_key(|(known, _)| known.len());
    if let Some((known, first)) = before {
        let stands_there = |field: &Field| own_field(field).is_none_or(|field| known.contains(&field));
        entry.answer.retain(|field| !stands_there(field));
        let begin = if entry.text.is_empty() { "" } else { " " };
        let end = if entry.answer.is_empty() { "." } else { ", and those below." };
        let sentence = [
            (false, format!("{begin}Answers with the fields of ")),
            (true, first.clone()),
            (false, end.to_owned()),
        ];
        entry.text.extend(sentence);
        if known.len() == fields.len() {
            return;
        }
    }
    told.push((fields, format!("{} {}", entry.method, entry.path)));
}

/// A field as such, in a list or not; `None`: it belongs to every list.
fn own_field(field: &Field) -> Option<String> {
    let name = field.name.strip_prefix("items[].").unwrap_or(&field.name);
    let of_lists = ["items", "next_cursor"].contains(&field.name.as_str());
    (!of_lists).then(|| format!("{name} {} {}", field.kind, field.text))
}

fn row(document: &Value, parameter: &Value) -> Row {
    let text = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
    Row {
        field: Field {
            name: text("name"),
            kind: fields::kind(document, &parameter["schema"]),
            required: parameter["required"].as_bool().unwrap_or(false),
            text: text("description"),
        },
        place: text("in"),
        example: text("example"),
    }
}

fn pretty(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// A command to copy.
fn curl(context: &Context, one: &super::Operation, example: &str) -> String {
    let mut path = one.path.to_owned();
    for value in one.example_path {
        if let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, value);
        }
    }
    let mut lines = vec![format!("curl '{}{path}'", context.state.settings.base.origin())];
    if one.method != "GET" {
        lines.push(format!("--request {}", one.method));
    }
    if one.path.starts_with("/api/v1/") && one.path != "/api/v1/openapi.json" {
        lines.push("--header \"Authorization: Bearer $PASSPOST_KEY\"".to_owned());
    }
    if let Some(body) = &one.body {
        lines.push(format!("--header 'Content-Type: {}'", body.media));
        lines.push(format!("--data-binary '{}'", example.replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}
