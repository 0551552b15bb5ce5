//! Asking for a link: one field, and one answer for everybody.

use super::opened::by_machine;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::query::Pairs;
use crate::recipient::login::Guest;
use crate::words::Words;
use askama::Template;
use auth::reset::{AskedFor, MOST_NAME};
use axum::extract::RawQuery;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/reset_ask.html")]
struct AskPage {
    frame: Frame,
    token: String,
    username: String,
    notice: Option<String>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "recipient/reset_asked.html")]
struct AskedPage {
    frame: Frame,
    token: String,
    username: String,
    problem: Option<String>,
    /// Seconds until asking again can help: before, the server mails nothing.
    wait: i64,
}

/// GET /reset, with `m` where a mailing led here: whose mail it was, and nothing else. A query that is none is passed
/// over: somebody may have been sent here with any.
pub(crate) async fn show(
    method: Method,
    RawQuery(query): RawQuery,
    context: Context,
) -> Result<Response, Failure> {
    let pairs = Pairs::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let tag = pairs.text("m");
    if !tag.is_empty() {
        let by_machine = by_machine(&method, &context.headers);
        if let Err(error) = context.state.auth.note_opened(tag, by_machine, context.now_ms).await {
            // Nobody is kept from the page because it could not be counted.
            tracing::warn!(%error, "an opened page was not noted");
        }
    }
    form(&context, StatusCode::OK, "", None, None)
}

/// POST /reset
pub(crate) async fn create(context: Context, sent: Form) -> Result<Response, Failure> {
    // Kept also where the form's token does not fit.
    let typed = sent.0.text("username").to_owned();
    if sent.of_guest(&context, Cookie::Form, &["username"])?.is_none() {
        let stale = context.words.say("login-stale");
        return form(&context, StatusCode::FORBIDDEN, &typed, Some(stale), None);
    }
    let words = context.words;
    if let Some(problem) = problem_with(words, typed.trim()) {
        return form(&context, StatusCode::UNPROCESSABLE_ENTITY, &typed, None, Some(problem));
    }
    let (auth, language) = (&context.state.auth, words.language.tag());
    match auth.ask_for_link(typed.trim(), language, &context.origin, context.now_ms).await? {
        AskedFor::Taken => asked(&context, &typed),
        AskedFor::TooMany { wait_ms } => too_many(&context, &typed, wait_ms),
    }
}

/// What can be no name of anybody; said before anybody could be looked up.
fn problem_with(words: &Words, name: &str) -> Option<String> {
    if name.is_empty() {
        Some(words.say("reset-ask-empty"))
    } else if name.chars().count() > MOST_NAME {
        Some(words.fill("reset-ask-too-long", "most", &MOST_NAME.to_string()))
    } else if name.chars().any(char::is_control) {
        Some(words.say("reset-ask-control"))
    } else {
        None
    }
}

fn asked(context: &Context, username: &str) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let page = AskedPage {
        frame: Frame::of(context),
        token: guest.token,
        username: username.to_owned(),
        problem: None,
        wait: context.state.auth.reset_limits().mailbox_apart.window_ms / 1_000,
    };
    let mut response = page::show(StatusCode::OK, &page)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}

fn too_many(context: &Context, username: &str, wait_ms: i64) -> Result<Response, Failure> {
    let seconds = wait_ms.saturating_add(999).div_euclid(1_000).max(1);
    let notice = if seconds < 60 {
        context.words.count("reset-ask-wait-seconds", "number", seconds)
    } else {
        context.words.count("reset-ask-wait-minutes", "number", (seconds + 59) / 60)
    };
    let mut response = form(context, StatusCode::TOO_MANY_REQUESTS, username, Some(notice), None)?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

fn form(
    context: &Context,
    status: StatusCode,
    username: &str,
    notice: Option<String>,
    problem: Option<String>,
) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let page = AskPage {
        frame: Frame::of(context),
        token: guest.token,
        username: username.to_owned(),
        notice,
        problem,
    };
    let mut response = page::show(status, &page)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}
