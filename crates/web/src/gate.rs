//! What every request passes: host, method, origin and query before its handler, headers, error pages
//! and the log after it.

use crate::api::problem;
use crate::context::language_of;
use crate::failure::{Failure, RETRY_AFTER};
use crate::headers::{self, Kind};
use crate::host::{self, WrongHost};
use crate::page::{self, Finished, Frame};
use crate::query::Pairs;
use crate::state::State;
use crate::words::Words;
use askama::Template;
use axum::extract::{MatchedPath, Request, State as Extract};
use axum::http::header::{
    ALLOW, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER as RETRY_AFTER_HEADER, SERVER,
};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::ApiKeyId;
use std::time::Instant;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer.
pub(crate) async fn pass(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = auth::random::id(state.now()).map(|id| id.simple().to_string()).unwrap_or_default();
    let (method, kind) = (request.method().clone(), Kind::of_path(request.uri().path()));
    let asked = request.headers().clone();
    let path = request.uri().path().to_owned();
    // The route's own text, so that no token or id of a path gets into the log.
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let mut response = match check(&state, &request) {
        Ok(()) => run(request, next).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(failure) = failure_of(&response) {
        response =
            explain(&state, failure, &response, &Asked { headers: &asked, kind, path: &path, id: &id });
    }
    let kind = response.extensions().get::<Kind>().copied().unwrap_or(kind);
    let frames_mails = ["/mailbox", "/console/templates/", "/console/mailings/"]
        .into_iter()
        .any(|begin| path.starts_with(begin));
    headers::set(response.headers_mut(), kind, frames_mails);
    response.headers_mut().remove(SERVER);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(&REQUEST_ID, id);
    }
    crate::metrics::count(&route, response.status());
    let status = response.status().as_u16();
    // Which key it was, for what programs ask; empty for everybody else.
    let key = response.extensions().get::<ApiKeyId>().map(ToString::to_string).unwrap_or_default();
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(target: "passpost::access", request_id = %id, method = %method, route = %route, key = %key, status, took_ms, "answered");
    response
}

/// Where no route is.
pub(crate) async fn nothing_here() -> Failure {
    Failure::NotFound
}

fn check(state: &State, request: &Request) -> Result<(), Failure> {
    if request.method() == Method::TRACE || request.method() == Method::CONNECT {
        return Err(Failure::MethodNotAllowed);
    }
    // Probes of a container platform ask by address; they learn nothing here.
    if !request.uri().path().starts_with("/health/") {
        host::check(&state.settings, request.uri(), request.headers()).map_err(|wrong| match wrong {
            WrongHost::Malformed => Failure::BadRequest("Exactly one Host header is needed."),
            WrongHost::Unknown => Failure::Misdirected,
        })?;
    }
    if !host::comes_from_us(&state.settings, request.method(), request.headers()) {
        return Err(Failure::Forbidden);
    }
    Pairs::parse(request.uri().query().unwrap_or_default()).map(|_| ())
}

/// Runs the handler in a task of its own: it finishes even when the client hangs up, and when it falls
/// over the client gets an answer.
async fn run(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a handler fell over");
            Failure::Internal.into_response()
        }
    }
}

fn failure_of(response: &Response) -> Option<Failure> {
    let status = response.status();
    if response.extensions().get::<Finished>().is_some()
        || !(status.is_client_error() || status.is_server_error())
    {
        return None;
    }
    Some(response.extensions().get::<Failure>().copied().unwrap_or_else(|| Failure::of_status(status)))
}

struct Asked<'a> {
    headers: &'a HeaderMap,
    kind: Kind,
    path: &'a str,
    id: &'a str,
}

#[derive(Template)]
#[template(path = "recipient/failure.html")]
struct FailurePage<'a> {
    frame: Frame,
    status: u16,
    title: String,
    text: String,
    next: String,
    next_label: String,
    id: &'a str,
}

fn explain(state: &State, failure: Failure, bare: &Response, asked: &Asked<'_>) -> Response {
    let mut response = if asked.kind == Kind::Data {
        problem::of_failure(failure, asked.id)
    } else {
        failure_page(state, failure, asked)
    };
    if let Some(allowed) = bare.headers().get(ALLOW) {
        response.headers_mut().insert(ALLOW, allowed.clone());
    }
    if matches!(failure, Failure::Unavailable | Failure::TooMany) {
        response.headers_mut().insert(RETRY_AFTER_HEADER, HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

fn failure_page(state: &State, failure: Failure, asked: &Asked<'_>) -> Response {
    let frame = Frame::new(&state.settings, Words::of(language_of(asked.headers)));
    let (stem, status) = (stem(failure), failure.status());
    let (next, label) = match failure {
        // Elsewhere is the only place that can help here.
        Failure::Misdirected => (state.settings.base.origin(), state.settings.base.origin()),
        _ if asked.path.starts_with("/console") => ("/console".to_owned(), frame.say("failure-next-console")),
        _ if asked.path.starts_with("/mailbox") => ("/mailbox".to_owned(), frame.say("failure-next-mailbox")),
        _ => ("/login".to_owned(), frame.say("failure-next-login")),
    };
    let page = FailurePage {
        title: frame.say(&format!("failure-{stem}-title")),
        text: frame.say(&format!("failure-{stem}-text")),
        frame,
        status: status.as_u16(),
        next,
        next_label: label,
        id: asked.id,
    };
    page::show(status, &page).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

const fn stem(failure: Failure) -> &'static str {
    match failure {
        Failure::BadRequest(_) | Failure::Meddled(_) | Failure::TimedOut | Failure::UnsupportedMedia(_) => {
            "bad-request"
        }
        Failure::Forbidden => "forbidden",
        Failure::NotFound => "not-found",
        Failure::MethodNotAllowed => "method",
        Failure::TooLarge => "too-large",
        Failure::Misdirected => "misdirected",
        Failure::TooMany => "too-many",
        Failure::Internal => "internal",
        Failure::Unavailable => "unavailable",
    }
}
