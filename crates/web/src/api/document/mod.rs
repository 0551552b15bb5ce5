//! The API described for programs (OpenAPI 3.1) and for people: built from the list of routes, the
//! descriptions next to the handlers, and the types they read and write.

mod fields;
pub(crate) mod operation;
mod page;

pub(crate) use page::show as reference;

use crate::admit::Who;
use crate::api::problem::{Problem, Shown};
use crate::api::{
    account_mails, attributes, audit, automations, event_steps, events, groups, health, holidays, keys,
    limits, mailings, notices, people, people_care, people_file, recipients, roles, runs, schedules,
    selections, sessions, templates,
};
use crate::failure::Failure;
use crate::routes::{Audience, ROUTES, Route};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use operation::{Body, Operation, example};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Every description, by resource.
const OPERATIONS: &[(&str, &[Operation])] = &[
    ("People", people::OPERATIONS),
    ("One person", people_care::OPERATIONS),
    ("People as files", people_file::OPERATIONS),
    ("Limits", limits::OPERATIONS),
    ("Mails about accounts", account_mails::OPERATIONS),
    ("Groups", groups::OPERATIONS),
    ("Attributes", attributes::OPERATIONS),
    ("Selections", selections::OPERATIONS),
    ("Automations", automations::OPERATIONS),
    ("Schedules", schedules::OPERATIONS),
    ("Automations that events begin", event_steps::OPERATIONS),
    ("Events", events::OPERATIONS),
    ("Mailings", mailings::OPERATIONS),
    ("Recipients of a mailing", mailings::recipients::OPERATIONS),
    ("A mailing at work", mailings::act::OPERATIONS),
    ("What came of a mailing", mailings::results::OPERATIONS),
    ("Runs", runs::OPERATIONS),
    ("Recipients", recipients::OPERATIONS),
    ("Holidays", holidays::OPERATIONS),
    ("Templates", templates::OPERATIONS),
    ("Roles and system users", roles::OPERATIONS),
    ("Keys", keys::OPERATIONS),
    ("Audit log", audit::OPERATIONS),
    ("Notices", notices::OPERATIONS),
    ("Sessions", sessions::OPERATIONS),
    ("Operation", health::OPERATIONS),
    ("This document", &[DOCUMENT, REFERENCE]),
];

const DOCUMENT: Operation = Operation::get("/api/v1/openapi.json", "This document")
    .gives(200, anything)
    .text("OpenAPI 3.1, for everybody.");
const REFERENCE: Operation = Operation::get("/api/docs", "The same for people")
    .gives_media("text/html", "A page on which requests can be tried.");

fn anything(_: &mut SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

const ABOUT: &str = "\
Everything an operator can do in the console. Every request shows a key in `Authorization: Bearer pp_…`; \
an owner makes it in the console or with `passpost key create`. What a key may do is the part of its scopes \
that its owner's role allows at that moment. Cookies are never looked at.

Lists come in pages: `limit`, and `cursor` with the `next_cursor` of the page before. Times are RFC 3339 in UTC, \
ids are UUIDs. Errors are problems (RFC 9457); `errors` names the fields. A key may read 600 times and change \
something 60 times a minute, and send events 1,200 times; 429 says when to come back.

A POST with an `Idempotency-Key` has one effect and one answer for 72 hours, on every node and after a restart. \
The same key with another request is 422; while the first is carried out, 409.";

/// The description of a route.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    // A route for GET answers HEAD as well.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    all().map(|(_, one)| one).find(|one| one.method == method && one.path == path)
}

fn all() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    OPERATIONS.iter().flat_map(|(tag, list)| list.iter().map(|one| (*tag, one)))
}

/// GET /api/v1/openapi.json
pub(crate) async fn show() -> Result<Response, Problem> {
    let text = TEXT.as_ref().ok_or(Failure::Internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], text.as_str()).into_response())
}

static TEXT: LazyLock<Option<String>> = LazyLock::new(|| serde_json::to_string_pretty(&document()).ok());

/// The whole document.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for (tag, one) in all() {
        let described = describe(&mut generator, tag, one);
        let path = paths.entry(one.path).or_insert_with(|| json!({}));
        path[one.method.to_ascii_lowercase()] = described;
    }
    let problem = generator.subschema_for::<Shown>();
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Passpost",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": OPERATIONS.iter().map(|(tag, _)| json!({ "name": tag })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": { "Problem": {
                "description": "A problem (RFC 9457).",
                "content": { "application/problem+json": { "schema": problem } },
            } },
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "pp_…" } },
        },
    })
}

fn describe(generator: &mut SchemaGenerator, tag: &str, one: &Operation) -> Value {
    let who = ROUTES.iter().find(|route| is_of(route, one)).map(|route| route.who);
    let mut described = json!({
        "tags": [tag],
        "summary": one.summary,
        "operationId": operation_id(one),
        "responses": responses(generator, one, who),
    });
    let mut text = one.text.to_owned();
    match who {
        Some(Who::Program(permission)) => {
            described["security"] = json!([{ "key": [] }]);
            described["x-scope"] = json!(permission.as_str());
            text = format!("{text} Needs the scope `{}`.", permission.as_str());
        }
        Some(Who::AnyProgram) => {
            described["security"] = json!([{ "key": [] }]);
            text = format!("{text} Any key will do.");
        }
        Some(Who::VerifyingProgram) => described["security"] = json!([{ "key": [] }, {}]),
        _ => described["security"] = json!([]),
    }
    if !text.is_empty() {
        described["description"] = json!(text.trim());
    }
    let parameters = parameters(generator, one, who);
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if let Some(body) = &one.body {
        described["requestBody"] = request_body(generator, body, one.others);
    }
    described
}

fn is_of(route: &Route, one: &Operation) -> bool {
    route.audience == Audience::Api && route.path == one.path && route.method.as_str() == one.method
}

fn request_body(generator: &mut SchemaGenerator, body: &Body, others: &[Body]) -> Value {
    let content: Map<String, Value> = std::iter::once(body)
        .chain(others)
        .map(|one| {
            let content = json!({ "schema": (one.schema)(generator), "example": example(one) });
            (one.media.to_owned(), content)
        })
        .collect();
    json!({ "required": true, "content": content })
}

/// `GET /api/v1/people/{id}` becomes `get_people_id`.
fn operation_id(one: &Operation) -> String {
    let path = one.path.trim_start_matches("/api").trim_start_matches("/v1");
    let words: Vec<&str> = path.split(['/', '.', '-', '{', '}']).filter(|word| !word.is_empty()).collect();
    format!("{}_{}", one.method.to_ascii_lowercase(), words.join("_"))
}

fn parameters(generator: &mut SchemaGenerator, one: &Operation, who: Option<Who>) -> Vec<Value> {
    let mut parameters = Vec::new();
    let names = one.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    for (name, example) in names.zip(one.example_path) {
        let is_uuid = name.ends_with("id");
        let schema =
            if is_uuid { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) };
        parameters.push(
            json!({ "name": name, "in": "path", "required": true, "schema": schema, "example": example }),
        );
    }
    for (place, parameter) in
        one.query.iter().map(|one| ("query", one)).chain(one.headers.iter().map(|one| ("header", one)))
    {
        let mut described = json!({
            "name": parameter.name, "in": place, "description": parameter.text,
            "schema": (parameter.schema)(generator),
        });
        if let Some(example) = parameter.example {
            described["example"] = json!(example);
        }
        parameters.push(described);
    }
    let by_key = matches!(who, Some(Who::Program(_) | Who::AnyProgram | Who::VerifyingProgram));
    if one.method == "POST" && by_key {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "Makes the request safe to repeat: one effect, one answer.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }));
    }
    parameters
}

/// The answer when all is well, and every problem there can be.
fn responses(generator: &mut SchemaGenerator, one: &Operation, who: Option<Who>) -> Value {
    let mut answer = json!({ "description": one.answer.text });
    if let Some((media, schema)) = one.answer.content {
        answer["content"] = json!({ media: { "schema": schema(generator) } });
    }
    let mut responses = Map::new();
    responses.insert(one.answer.status.to_string(), answer);
    for status in problems(one, who) {
        responses.insert(status.to_string(), json!({ "$ref": "#/components/responses/Problem" }));
    }
    responses.into()
}

fn problems(one: &Operation, who: Option<Who>) -> Vec<u16> {
    let mut statuses = vec![400, 405, 421, 500, 503];
    if matches!(who, Some(Who::Program(_) | Who::AnyProgram | Who::VerifyingProgram)) {
        statuses.extend([401, 403, 429]);
    }
    if one.path.contains('{') {
        statuses.push(404);
    }
    if one.method == "POST" {
        statuses.extend([409, 422]);
    }
    if one.body.is_some() {
        statuses.extend([408, 413, 415]);
    }
    statuses.extend(one.also);
    statuses.sort_unstable();
    statuses.dedup();
    statuses.retain(|status| *status != one.answer.status);
    statuses
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_and_the_list_of_routes_are_the_same_set() {
        let routes: BTreeSet<(&str, &str)> = ROUTES
            .iter()
            .filter(|route| route.audience == Audience::Api)
            .map(|route| (route.method.as_str(), route.path))
            .collect();
        let described: BTreeSet<(&str, &str)> = all().map(|(_, one)| (one.method, one.path)).collect();
        assert_eq!(routes, described);
        assert_eq!(described.len(), all().count(), "each once");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_an_example_for_its_path_and_a_schema_that_is_there() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/").skip(1) {
            let place = format!("/components/{}", reference.split('"').next().unwrap());
            assert!(document.pointer(&place).is_some(), "{place}");
        }
        let names: BTreeSet<String> = all().map(|(_, one)| operation_id(one)).collect();
        assert_eq!(names.len(), all().count());
        for (_, one) in all() {
            assert_eq!(one.path.matches('{').count(), one.example_path.len(), "{}", one.path);
            if let Some(body) = &one.body {
                assert!(
                    body.media != "application/json" || serde_json::from_str::<Value>(body.example).is_ok()
                );
            }
        }
    }
}
