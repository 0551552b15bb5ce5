//! The preference center: what a signed-in recipient gets, how it is written to, where, and what is kept of it.
//!
//! Every page works without script. Whoever saves is led back to the overview, which says what was saved.

pub(crate) mod address;
pub(crate) mod data;
pub(crate) mod deletion;
pub(crate) mod overview;
pub(crate) mod save;

use crate::context::Context;
use crate::failure::Failure;
use crate::page;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::Response;

/// Back to the overview, which says what was done: `saved-<code>` in the words of the pages, for each code.
fn saved(codes: &[&str]) -> Response {
    page::go(&format!("/preferences?saved={}", codes.join(".")))
}

/// When to try again, in words.
fn wait_words(context: &Context, wait_ms: i64) -> String {
    let minutes = wait_ms.saturating_add(59_999).div_euclid(60_000).max(1);
    context.words.count("preferences-wait", "number", minutes)
}

/// Says in a header when to try again.
fn with_wait(answer: Result<Response, Failure>, wait_ms: i64) -> Result<Response, Failure> {
    let seconds = wait_ms.saturating_add(999).div_euclid(1_000).max(1);
    let mut response = answer?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}
