//! The address in the mail: it puts its token into a cookie and goes on to a page without it.

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::page;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use domain::secret::Secret;

/// GET /reset/link/{token}: nothing is looked up and nothing used up, so that a mail scanner learns and breaks nothing.
pub(crate) async fn open(
    context: Context,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    // What cannot even be decoded is a broken link like any other.
    let token = token.map(|Path(token)| token).unwrap_or_default();
    let mut response = page::go("/reset/new");
    let set = if auth::random::looks_like_token(&token) {
        Cookie::Reset.set(&Secret::new(token))
    } else {
        // A broken link must not open the page of one that was followed before.
        Cookie::Reset.read(&context.headers).and_then(|_| Cookie::Reset.remove())
    };
    page::add_cookie(&mut response, set);
    Ok(response)
}
