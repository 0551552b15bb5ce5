//! *It was not me*: whoever got a mail with links without asking makes them void. Looking changes nothing.

use super::gone;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::recipient::login::Guest;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/reset_report.html")]
struct ReportPage {
    frame: Frame,
    token: String,
    tag: String,
    notice: Option<String>,
    done: bool,
}

/// GET /reset/report/{tag}
pub(crate) async fn show(context: Context, Path(tag): Path<String>) -> Result<Response, Failure> {
    if context.state.auth.read_report(&tag).is_none() {
        return gone(&context);
    }
    answer(&context, StatusCode::OK, tag, None, false)
}

/// POST /reset/report/{tag}
pub(crate) async fn create(
    context: Context,
    Path(tag): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let Some(mail) = context.state.auth.read_report(&tag) else { return gone(&context) };
    if sent.of_guest(&context, Cookie::Form, &[])?.is_none() {
        let stale = context.words.say("login-stale");
        return answer(&context, StatusCode::FORBIDDEN, tag, Some(stale), false);
    }
    context.state.auth.report_not_me(mail, &context.origin, context.now_ms).await?;
    answer(&context, StatusCode::OK, tag, None, true)
}

fn answer(
    context: &Context,
    status: StatusCode,
    tag: String,
    notice: Option<String>,
    done: bool,
) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let page = ReportPage { frame: Frame::of(context), token: guest.token, tag, notice, done };
    let mut response = page::show(status, &page)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}
