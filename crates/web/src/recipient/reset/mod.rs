//! The way back in without a password: asking for a link, following it, choosing a new password, and *it was not me*.
//!
//! Asking answers everybody alike (3-safety 1 to 3). A link's own address only puts its token into a cookie, so that the
//! token stays in no address bar, history or log; looking uses nothing up. Every link that does not work leads to one
//! page, which offers another one.

pub(crate) mod ask;
pub(crate) mod choose;
pub(crate) mod link;
mod opened;
pub(crate) mod report;

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::page::{self, Frame};
use crate::recipient::login::Guest;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/reset_gone.html")]
struct GonePage {
    frame: Frame,
    token: String,
    username: &'static str,
    problem: Option<String>,
}

/// Used, replaced, expired, unknown and malformed links look the same, and so do those of blocked accounts.
fn gone(context: &Context) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let page = GonePage { frame: Frame::of(context), token: guest.token, username: "", problem: None };
    let mut response = page::show(StatusCode::NOT_FOUND, &page)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}
