//! Events as programs send them: CloudEvents in structured, batch or binary mode, in bounded memory.

use crate::api::json::{MOST_DEPTH, depth};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::failure::Failure;
use crate::form::read_body;
use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use domain::event::cloud::{self, CloudEvent, Mode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::event::Accepted;
use tokio::sync::Semaphore;

/// Where events are sent.
pub(crate) const EVENTS: &str = "/api/v1/events";
/// The largest body, in bytes.
pub(crate) const MOST_EVENT_BYTES: usize = 4 * 1024 * 1024;
/// The most events of a batch.
const MOST_EVENTS: usize = 1_000;
/// The most values of a body. Three bytes of JSON become hundreds in memory; with this they become 60 MB at most.
const MOST_VALUES: usize = 100_000;
/// Bodies above this are read beside the threads that answer requests, in bytes.
const LARGE: usize = 64 * 1024;
/// How many large bodies a process reads at once.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What became of events.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AcceptedEvents")]
pub(crate) struct AcceptedView {
    /// How many were kept.
    accepted: u64,
    /// How many were known already by their source and id; nothing is done for them.
    known: u64,
}

impl From<Accepted> for AcceptedView {
    fn from(one: Accepted) -> Self {
        Self { accepted: one.accepted, known: one.known }
    }
}

/// One event in JSON.
pub(crate) fn event(_: &mut SchemaGenerator) -> Schema {
    let text = |most: usize| json_schema!({ "type": "string", "minLength": 1, "maxLength": most });
    let some =
        || json_schema!({ "type": ["string", "null"], "minLength": 1, "maxLength": cloud::LONGEST_VALUE });
    let mut schema = json_schema!({
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": text(cloud::LONGEST_ID),
            "source": text(cloud::LONGEST_SOURCE),
            "type": text(domain::event::LONGEST_TYPE),
            "subject": some(),
            "time": { "type": ["string", "null"], "format": "date-time" },
            "datacontenttype": some(),
            "dataschema": some(),
            "contact": some(),
            "systemuser": some(),
            "group": some(),
            "data": true,
            "data_base64": some(),
        },
        "additionalProperties": { "type": ["string", "integer", "boolean", "null"] },
    });
    for (name, text) in [
        ("id", "No other event of this source has it."),
        ("source", "Where it comes from, a URI reference."),
        ("type", "What happened; `passpost.` begins Passpost's own."),
        ("time", "When it happened. Nothing is counted from it."),
        ("contact", "User name or id of the contact it is about."),
        ("systemuser", "User name or id of the system user it is about."),
        ("group", "Name or id of the group it is about."),
    ] {
        schema.ensure_object()["properties"][name]["description"] = text.into();
    }
    schema
}

/// Several events in JSON.
pub(super) fn batch(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": event(generator), "maxItems": MOST_EVENTS })
}

/// The data of an event in binary mode.
pub(super) fn data(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "The data; its attributes stand in headers. Any other media type is possible." })
}

/// POST /api/v1/events
pub(crate) async fn create(
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<AcceptedView>), Problem> {
    let (parts, body) = request.into_parts();
    let mode = mode(&parts.headers)?;
    let body = read_body(body, MOST_EVENT_BYTES).await?;
    let events = read(mode, parts.headers, body).await?;
    let accepted = caller.flow.accept_events(events, &caller.acting()).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}

/// How the event was sent. Without any attribute in a header it was meant to be in the body, and has the wrong type.
fn mode(headers: &HeaderMap) -> Result<Mode, Problem> {
    let kind = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    match Mode::of(kind) {
        Ok(Mode::Binary) if headers.keys().any(|name| name.as_str().starts_with("ce-")) => Ok(Mode::Binary),
        Ok(Mode::Binary) => {
            let text = "Expected application/cloudevents+json, application/cloudevents-batch+json, or the headers ce-id, \
                        ce-source, ce-type and ce-specversion.";
            Err(Failure::UnsupportedMedia(text).into())
        }
        Ok(mode) => Ok(mode),
        Err(problem) => {
            let whole =
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "This format of events is not understood.");
            Err(whole.at(problem.pointer, problem.detail))
        }
    }
}

async fn read(mode: Mode, headers: HeaderMap, body: Vec<u8>) -> Result<Vec<CloudEvent>, Problem> {
    if body.len() <= LARGE {
        return parse(mode, &headers, &body);
    }
    let _turn = AT_ONCE.acquire().await.map_err(|_| Failure::Internal)?;
    let read = tokio::task::spawn_blocking(move || parse(mode, &headers, &body)).await;
    read.map_err(|_| Failure::Internal)?
}

fn parse(mode: Mode, headers: &HeaderMap, body: &[u8]) -> Result<Vec<CloudEvent>, Problem> {
    let (read, kept) = match mode {
        Mode::Structured => {
            check_shape(body)?;
            (cloud::read_structured(body).map(|one| vec![one]), "The event is not right.")
        }
        Mode::Batch => {
            check_shape(body)?;
            let kept = "The batch is not right; nothing of it was kept.";
            (cloud::read_batch(body, MOST_EVENTS), kept)
        }
        Mode::Binary => {
            let sent = named(headers)?;
            (cloud::read_binary(sent.into_iter(), body).map(|one| vec![one]), "The event is not right.")
        }
    };
    read.map_err(|problems| refused(kept, problems))
}

/// An event in JSON as [`create`] reads one, for who only wants to know what it would do.
pub(super) fn parse_structured(body: &[u8]) -> Result<CloudEvent, Problem> {
    check_shape(body)?;
    cloud::read_structured(body).map_err(|problems| refused("The event is not right.", problems))
}

fn refused(text: &str, problems: Vec<cloud::Problem>) -> Problem {
    let whole = Problem::new(StatusCode::BAD_REQUEST, text);
    problems.into_iter().fold(whole, |all, one| all.at(one.pointer, one.detail))
}

/// Refuses what would take much more memory than its bytes, before it takes any.
fn check_shape(body: &[u8]) -> Result<(), Problem> {
    let wrong =
        |detail: String| Err(Problem::new(StatusCode::BAD_REQUEST, "The body is not right.").at("", detail));
    if depth(body) > MOST_DEPTH {
        return wrong(format!("the body is nested more than {MOST_DEPTH} levels deep"));
    }
    // Each value but the first of a list or an object has a comma before it. Those within texts count as well.
    let values = body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    if values > MOST_VALUES {
        return wrong(format!("at most {MOST_VALUES} values are allowed in one request; send several"));
    }
    Ok(())
}

/// The headers of an event in binary mode.
fn named(headers: &HeaderMap) -> Result<Vec<(&str, &str)>, Problem> {
    let mut sent = Vec::new();
    for (name, value) in headers {
        if *name != CONTENT_TYPE && !name.as_str().starts_with("ce-") {
            continue;
        }
        let Ok(text) = value.to_str() else {
            let detail = "only visible ASCII stands in a header; percent-encode the rest as UTF-8";
            let whole = Problem::new(StatusCode::BAD_REQUEST, "The event is not right.");
            return Err(whole.at(name.as_str(), detail));
        };
        sent.push((name.as_str(), text));
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_would_take_much_memory_is_refused_before_it_is_read() {
        assert!(check_shape(br#"{"data":{"a":[1,2,3]}}"#).is_ok());
        assert!(check_shape(format!("[{}]", r#"{"":0},"#.repeat(60_000)).as_bytes()).is_err());
        assert!(check_shape("[".repeat(MOST_DEPTH + 1).as_bytes()).is_err());
        assert!(check_shape(format!("{{\"data\":\"{}\"}}", "[".repeat(50_000)).as_bytes()).is_ok());
    }
}
