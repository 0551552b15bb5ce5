//! Changing the password of a signed-in person.

use crate::admit::Signed;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::password_field::say_problems;
use crate::recipient::login::signed_in;
use askama::Template;
use auth::password_change::Choice;
use auth::password_rules::Problem;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/password.html")]
struct PasswordPage {
    frame: Frame,
    token: String,
    username: String,
    least: String,
    problems: Vec<String>,
    wrong_current: bool,
}

/// GET /password
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    form(&context.for_viewer(&signed.viewer), &signed, StatusCode::OK, &[], false)
}

/// POST /password
pub(crate) async fn update(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let fields = sent.of_session(&signed.session, &["username", "current", "password", "confirmation"])?;
    let (password, confirmation) = (fields.secret("password"), fields.secret("confirmation"));
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    if password.expose() != confirmation.expose() {
        return form(&context, &signed, again, &[Problem::Different], false);
    }
    let (auth, current) = (&context.state.auth, fields.secret("current"));
    match auth
        .choose_password(&signed.session, Some(&current), &password, &context.origin, context.now_ms)
        .await?
    {
        Choice::Done { session } => Ok(signed_in("/password/done", &session)),
        Choice::Unfit(problems) => form(&context, &signed, again, &problems, false),
        Choice::WrongCurrent => form(&context, &signed, again, &[], true),
        Choice::SessionGone => Ok(page::go("/login")),
    }
}

fn form(
    context: &Context,
    signed: &Signed,
    status: StatusCode,
    problems: &[Problem],
    wrong_current: bool,
) -> Result<Response, Failure> {
    let page = PasswordPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        username: signed.viewer.username.clone(),
        least: context.state.auth.rules_for(signed.viewer.second_factor).least_length.to_string(),
        problems: say_problems(context.words, problems),
        wrong_current,
    };
    page::show(status, &page)
}
