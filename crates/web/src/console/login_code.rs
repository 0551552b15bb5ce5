//! The second step of an operator's sign-in: a code of the application, or a recovery code.

use crate::admit::Signed;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::query::Pairs;
use crate::recipient::login::signed_in;
use askama::Template;
use auth::second_factor::SecondStep;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;

/// The query of the page that takes a recovery code.
const RECOVERY: &str = "recovery";

#[derive(Template)]
#[template(path = "console/login_code.html")]
struct CodePage {
    frame: Frame,
    token: String,
    username: String,
    recovery: bool,
    refused: bool,
}

/// GET /console/login/code
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    if !signed.viewer.second_factor {
        return Ok(page::go("/console/login/enrol"));
    }
    let query = query.unwrap_or_default();
    Pairs::parse(&query)?.only(&[RECOVERY])?;
    form(&context.for_viewer(&signed.viewer), &signed, StatusCode::OK, !query.is_empty(), false)
}

/// POST /console/login/code
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let fields = sent.of_session(&signed.session, &["code", "way"])?;
    let recovery = fields.text("way") == RECOVERY;
    let presented: Vec<_> = Cookie::Console.read(&context.headers).into_iter().collect();
    let code = fields.secret("code");
    let auth = &context.state.auth;
    match auth.take_second_step(&signed.session, &code, &presented, &context.origin, context.now_ms).await? {
        SecondStep::Done { session, recovery_codes_left: None } => Ok(signed_in("/console", &session)),
        // Whoever needed one may need more soon.
        SecondStep::Done { session, recovery_codes_left: Some(_) } => {
            Ok(signed_in("/console/account?recovery=1", &session))
        }
        SecondStep::Refused => form(&context, &signed, StatusCode::FORBIDDEN, recovery, true),
        SecondStep::SessionGone => Ok(page::go("/console/login")),
    }
}

fn form(
    context: &Context,
    signed: &Signed,
    status: StatusCode,
    recovery: bool,
    refused: bool,
) -> Result<Response, Failure> {
    let page = CodePage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        username: signed.viewer.username.clone(),
        recovery,
        refused,
    };
    page::show(status, &page)
}
