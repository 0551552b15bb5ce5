//! One effect and one answer for each Idempotency-Key of a program (draft-ietf-httpapi-idempotency-key-header).
//!
//! The same key with the same request gives the stored answer for 72 hours, on every node and after a
//! restart; with another request 422; while the first is carried out 409. A request that was cut off before
//! its effect is carried out by whoever repeats it. One that had its effect and lost its answer is never
//! carried out again: 409 says so. An answer that shows a secret is not kept, and neither is a failure of ours.

use crate::api::events::{EVENTS, MOST_EVENT_BYTES};
use crate::api::json::MOST_BYTES;
use crate::api::people_file::{IMPORT, MOST_CSV};
use crate::api::problem::Problem;
use crate::form::read_body;
use crate::page::Finished;
use crate::state::State;
use auth::AuthError;
use auth::api_key::Program;
use auth::repeatable::Repeatable;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::StoreError;
use store::repeatable::{self, Claim, Mark};

/// The header.
pub(crate) const HEADER: &str = "idempotency-key";
/// Says that an answer is the stored one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// How long a request may take before another may take it over, in milliseconds.
const LEASE_MS: i64 = 30_000;
/// An import reads up to 25 MiB.
const IMPORT_LEASE_MS: i64 = 10 * 60_000;
/// The largest answer that is kept, in bytes.
const MOST_ANSWER: usize = 4 * 1024 * 1024;

/// Marks an answer that shows a secret, this once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownOnce;

/// Carries a request out once.
pub(crate) async fn once(state: &State, program: &Program, parts: Parts, body: Body, next: Next) -> Response {
    carry_out(state, program, parts, body, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn carry_out(
    state: &State,
    program: &Program,
    mut parts: Parts,
    body: Body,
    next: Next,
) -> Result<Response, Problem> {
    let header = header(&parts.headers)?;
    let imports = parts.uri.path() == IMPORT;
    let most = match parts.uri.path() {
        IMPORT => MOST_CSV,
        EVENTS => MOST_EVENT_BYTES,
        _ => MOST_BYTES,
    };
    let body = read_body(body, most).await?;
    let request = recognise(state, program, &header, &parts, &body);
    let lease_ms = if imports { IMPORT_LEASE_MS } else { LEASE_MS };
    let mark = match claim(state, &request, lease_ms).await? {
        Claim::Ours(mark) => mark,
        Claim::Answered { status, answer } => return stored(&request, status, &answer),
        Claim::InProgress => {
            return Err(Problem::conflict("A request with this Idempotency-Key is being carried out.")
                .again_in(1_000));
        }
        Claim::Carried => {
            return Err(Problem::conflict(
                "A request with this Idempotency-Key was carried out, but its answer was lost; \
                 look at what it changed.",
            ));
        }
        Claim::Other => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used for another request; each request needs its own.",
            ));
        }
    };
    // The same file twice changes nothing the second time, so an import that was cut off may run again.
    if !imports {
        parts.extensions.insert(mark.clone());
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(state, &request, &mark, response).await
}

fn header(headers: &HeaderMap) -> Result<String, Problem> {
    let mut sent = headers.get_all(HEADER).iter();
    let value = sent.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = (1..=255).contains(&value.len()) && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !fits || sent.next().is_some() {
        let text = "Expected one Idempotency-Key of 1 to 255 visible ASCII characters, such as a UUID.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, text));
    }
    Ok(value.to_owned())
}

fn recognise(state: &State, program: &Program, header: &str, parts: &Parts, body: &[u8]) -> Repeatable {
    let kind = parts.headers.get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let mut asked = vec![parts.method.as_str().as_bytes(), address.as_bytes(), kind, body];
    // Of an event in binary mode the attributes stand in headers.
    let mut attributes: Vec<(&str, &[u8])> = parts
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("ce-"))
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    attributes.sort_unstable();
    asked.extend(attributes.iter().flat_map(|(name, value)| [name.as_bytes(), value]));
    state.auth.repeatable(program.key_id, header, &asked)
}

async fn claim(state: &State, request: &Repeatable, lease_ms: i64) -> Result<Claim, Problem> {
    let (key, fingerprint, now) = (request.key_hash, request.fingerprint, state.now());
    state
        .store
        .write(move |tx| {
            Box::pin(async move { Ok(repeatable::claim(tx, &key, &fingerprint, lease_ms, now).await?) })
        })
        .await
}

/// Keeps an answer, or gives the request up when there is none to keep.
async fn keep(
    state: &State,
    request: &Repeatable,
    mark: &Mark,
    response: Response,
) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let status = parts.status;
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    let lasts = !status.is_server_error() && !passing.contains(&status);
    let body = to_bytes(body, MOST_ANSWER).await.unwrap_or_default();
    let kept = if parts.extensions.get::<ShownOnce>().is_some() {
        let problem = Problem::conflict(
            "This request was carried out before. Its answer held a secret that is shown once and kept \
             nowhere: revoke the key and make another one with a new Idempotency-Key.",
        );
        let (problem, body) = problem.into_response().into_parts();
        Some((problem.status, problem.headers, to_bytes(body, MOST_ANSWER).await.unwrap_or_default()))
    } else {
        lasts.then(|| (status, parts.headers.clone(), body.clone()))
    };
    let sealed = match &kept {
        Some((status, headers, body)) => Some((i64::from(status.as_u16()), seal(request, headers, body)?)),
        None => None,
    };
    let mark = mark.clone();
    let written = state.store.write::<_, StoreError, _>(move |tx| {
        Box::pin(async move {
            match sealed {
                Some((status, answer)) => repeatable::finish(tx, &mark, status, &answer).await.map(drop),
                None => repeatable::give_up(tx, &mark).await,
            }
        })
    });
    if let Err(error) = written.await {
        // The effect is marked already: a repetition is told that it was carried out.
        tracing::error!(%error, "the answer of a repeatable request could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The two headers that belong to an answer, a line each, and its body.
fn seal(request: &Repeatable, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, AuthError> {
    let mut answer = Vec::with_capacity(body.len() + 64);
    for name in [CONTENT_TYPE, LOCATION] {
        answer.extend_from_slice(headers.get(name).map_or(&[][..], HeaderValue::as_bytes));
        answer.push(b'\n');
    }
    answer.extend_from_slice(body);
    request.seal(&answer)
}

/// A stored answer as it was.
fn stored(request: &Repeatable, status: i64, sealed: &[u8]) -> Result<Response, Problem> {
    let unreadable = || {
        tracing::error!("the answer of a repeatable request is unreadable");
        Problem::conflict("This request was carried out, but its answer cannot be read any more.")
    };
    let answer = request.open(sealed).ok_or_else(unreadable)?;
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = status.ok_or_else(unreadable)?.into_response();
    let mut lines = answer.splitn(3, |byte| *byte == b'\n');
    for name in [CONTENT_TYPE, LOCATION] {
        let line = lines.next().unwrap_or_default();
        if let Some(value) = HeaderValue::from_bytes(line).ok().filter(|value| !value.is_empty()) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response.extensions_mut().insert(Finished);
    *response.body_mut() = Body::from(lines.next().unwrap_or_default().to_vec());
    Ok(response)
}
