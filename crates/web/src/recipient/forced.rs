//! The only page behind a mailed password: choose one of your own.

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
use auth::session::Realm;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/password_new.html")]
struct NewPasswordPage {
    frame: Frame,
    token: String,
    name: String,
    username: String,
    least: String,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "recipient/password_done.html")]
struct DonePage {
    frame: Frame,
    next: &'static str,
}

/// GET /password/new
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    form(&context.for_viewer(&signed.viewer), &signed, StatusCode::OK, Vec::new())
}

/// POST /password/new
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let fields = sent.of_session(&signed.session, &["username", "password", "confirmation"])?;
    let (password, confirmation) = (fields.secret("password"), fields.secret("confirmation"));
    if password.expose() != confirmation.expose() {
        return form(&context, &signed, StatusCode::UNPROCESSABLE_ENTITY, vec![Problem::Different]);
    }
    let auth = &context.state.auth;
    match auth.choose_password(&signed.session, None, &password, &context.origin, context.now_ms).await? {
        Choice::Done { session } => Ok(signed_in("/password/done", &session)),
        Choice::Unfit(problems) => form(&context, &signed, StatusCode::UNPROCESSABLE_ENTITY, problems),
        Choice::WrongCurrent | Choice::SessionGone => Ok(page::go("/login")),
    }
}

/// GET /password/done
pub(crate) async fn done(context: Context) -> Result<Response, Failure> {
    let recipient = crate::admit::find(&context, &[Realm::Preferences]).await?;
    let operator = crate::admit::find(&context, &[Realm::Console]).await?;
    let between = crate::admit::find(&context, &[Realm::SecondFactor]).await?;
    let (context, next) = match (recipient, operator, between) {
        (Some(signed), _, _) => (context.for_viewer(&signed.viewer), "/account"),
        (None, Some(signed), _) => (context.for_viewer(&signed.viewer), "/console"),
        (None, None, Some(signed)) => (context.for_viewer(&signed.viewer), "/console/login/code"),
        (None, None, None) => return Ok(page::go("/login")),
    };
    page::show(StatusCode::OK, &DonePage { frame: Frame::of(&context), next })
}

fn form(
    context: &Context,
    signed: &Signed,
    status: StatusCode,
    problems: Vec<Problem>,
) -> Result<Response, Failure> {
    let page = NewPasswordPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        name: signed.viewer.name.clone(),
        username: signed.viewer.username.clone(),
        least: context.state.auth.rules_for(signed.viewer.second_factor).least_length.to_string(),
        problems: say_problems(context.words, &problems),
    };
    page::show(status, &page)
}
