//! Setting up the first Owner behind a one-time link.
//!
//! The link's own address only puts its token into a cookie and goes on to a page without it, so that
//! the token stays in no address bar, history or log. Looking uses nothing up.

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::{Form, guest_token};
use crate::page::{self, Frame};
use crate::password_field::say_problems;
use askama::Template;
use auth::bootstrap::{Claim, Claimed};
use auth::password_rules::Problem;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::Address;
use domain::secret::Secret;

/// The query of the sign-in page right after the setup.
pub(crate) const AFTER_SETUP: &str = "first";

/// What was typed, to show it again.
#[derive(Debug, Default)]
struct Typed {
    given_name: String,
    family_name: String,
    address: String,
    username: String,
}

#[derive(Template)]
#[template(path = "console/setup.html")]
struct SetupPage {
    frame: Frame,
    token: String,
    least: String,
    typed: Typed,
    address_problem: Option<String>,
    username_problem: Option<String>,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/setup_gone.html")]
struct GonePage {
    frame: Frame,
}

/// What to say beside which field.
#[derive(Debug, Default)]
struct Wrong {
    address: Option<String>,
    username: Option<String>,
    password: Vec<Problem>,
}

/// GET /console/setup/{token}
pub(crate) async fn open(context: Context, Path(token): Path<String>) -> Result<Response, Failure> {
    let token = Secret::new(token);
    if !context.state.auth.is_ownership_offered(&token, &context.origin, context.now_ms).await? {
        return gone(&context);
    }
    let mut response = page::go("/console/setup");
    page::add_cookie(&mut response, Cookie::Setup.set(&token));
    Ok(response)
}

/// GET /console/setup
pub(crate) async fn show(context: Context) -> Result<Response, Failure> {
    let Some(token) = offered(&context).await? else { return gone(&context) };
    form(&context, &token, StatusCode::OK, Typed::default(), Wrong::default())
}

/// POST /console/setup
pub(crate) async fn create(context: Context, sent: Form) -> Result<Response, Failure> {
    let known = ["given_name", "family_name", "address", "username", "password", "confirmation"];
    let Some(fields) = sent.of_guest(&context, Cookie::Setup, &known)? else { return gone(&context) };
    let Some(token) = Cookie::Setup.read(&context.headers) else { return gone(&context) };
    let text = |name: &str| fields.text(name).trim().to_owned();
    let typed = Typed {
        given_name: text("given_name"),
        family_name: text("family_name"),
        address: text("address"),
        username: text("username"),
    };
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    let address = match Address::parse(&typed.address) {
        Ok(address) => address,
        Err(problem) => {
            let wrong = Wrong { address: Some(context.words.tell(&problem)), ..Wrong::default() };
            return form(&context, &token, again, typed, wrong);
        }
    };
    let password = fields.secret("password");
    if password.expose() != fields.text("confirmation") {
        let wrong = Wrong { password: vec![Problem::Different], ..Wrong::default() };
        return form(&context, &token, again, typed, wrong);
    }
    let claim = Claim {
        username: &typed.username,
        address,
        given_name: &typed.given_name,
        family_name: &typed.family_name,
        language: Some(context.words.language.tag().to_owned()),
        password: &password,
    };
    match context.state.auth.claim_ownership(&token, claim, &context.origin, context.now_ms).await? {
        Claimed::Done(_) => {
            let mut response = page::go(&format!("/console/login?{AFTER_SETUP}"));
            page::add_cookie(&mut response, Cookie::Setup.remove());
            Ok(response)
        }
        Claimed::LinkGone => gone(&context),
        Claimed::Unfit(password) => {
            form(&context, &token, again, typed, Wrong { password, ..Wrong::default() })
        }
        Claimed::BadUsername(problem) => {
            let wrong = Wrong { username: Some(problem.to_owned()), ..Wrong::default() };
            form(&context, &token, again, typed, wrong)
        }
    }
}

/// The token in the cookie, while it works.
async fn offered(context: &Context) -> Result<Option<Secret>, Failure> {
    let Some(token) = Cookie::Setup.read(&context.headers) else { return Ok(None) };
    let live = context.state.auth.is_ownership_offered(&token, &context.origin, context.now_ms).await?;
    Ok(live.then_some(token))
}

fn form(
    context: &Context,
    token: &Secret,
    status: StatusCode,
    typed: Typed,
    wrong: Wrong,
) -> Result<Response, Failure> {
    let page = SetupPage {
        frame: Frame::of(context),
        token: guest_token(&context.state, token),
        least: context.state.auth.rules().least_length.to_string(),
        typed,
        address_problem: wrong.address,
        username_problem: wrong.username,
        problems: say_problems(context.words, &wrong.password),
    };
    let mut response = page::show(status, &page)?;
    // A page with a form must not hide where its answer comes from (3-safety 0.6).
    response.extensions_mut().insert(crate::headers::Kind::Page);
    Ok(response)
}

/// Used, over and unknown links look the same.
fn gone(context: &Context) -> Result<Response, Failure> {
    page::show(StatusCode::NOT_FOUND, &GonePage { frame: Frame::of(context) })
}
