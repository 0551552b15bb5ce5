//! The operators' way in and out.

use crate::admit::Signed;
use crate::console::setup::AFTER_SETUP;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::recipient::account::leave;
use crate::recipient::login::{Guest, sign_in};
use askama::Template;
use auth::hashing::LoginRealm;
use auth::session::Realm;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "console/login.html")]
struct LoginPage {
    frame: Frame,
    token: String,
    username: String,
    notice: Option<String>,
    welcome: bool,
}

/// GET /console/login
pub(crate) async fn show(context: Context, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    if crate::admit::find(&context, &[Realm::Console]).await?.is_some() {
        return Ok(page::go("/console"));
    }
    let welcome = query.as_deref() == Some(AFTER_SETUP);
    form(&context, StatusCode::OK, "", None, welcome)
}

/// POST /console/login
pub(crate) async fn create(context: Context, sent: Form) -> Result<Response, Failure> {
    let Some(fields) = sent.of_guest(&context, Cookie::Form, &["username", "password"])? else {
        return form(&context, StatusCode::FORBIDDEN, "", Some(context.words.say("login-stale")), false);
    };
    if let Some(response) = sign_in(&context, &fields, LoginRealm::Operators).await? {
        return Ok(response);
    }
    let refused = context.words.say("login-refused");
    form(&context, StatusCode::FORBIDDEN, fields.text("username"), Some(refused), false)
}

/// POST /console/logout
pub(crate) async fn remove(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    leave(&context, &signed, "/console/login").await
}

fn form(
    context: &Context,
    status: StatusCode,
    username: &str,
    notice: Option<String>,
    welcome: bool,
) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let page = LoginPage {
        frame: Frame::of(context),
        token: guest.token,
        username: username.to_owned(),
        notice,
        welcome,
    };
    let mut response = page::show(status, &page)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}
