//! Links that confirm something by a click in a mailbox, or object to it: a new address, subscriptions, the objection of
//! the old mailbox. Nobody has to be signed in.
//!
//! As with personal links, the link's own address only puts its token into a cookie, and looking uses nothing up. A token
//! of one purpose opens nothing at the place of another (3-safety 34).

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::{Form, guest_token};
use crate::page::{self, Frame};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::language::Language;
use domain::preference::LinkPurpose;
use domain::secret::Secret;
use store::confirmation::Live;

#[derive(Template)]
#[template(path = "recipient/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    token: String,
    purpose: &'static str,
    title: String,
    lead: String,
    /// What is subscribed to.
    titles: Vec<String>,
    button: String,
    until: String,
    notice: Option<String>,
}

#[derive(Template)]
#[template(path = "recipient/confirm_done.html")]
struct DonePage {
    frame: Frame,
    title: String,
    lead: String,
    next: &'static str,
    next_label: String,
}

#[derive(Template)]
#[template(path = "recipient/confirm_gone.html")]
struct GonePage {
    frame: Frame,
}

/// The last part of a link's address before its token.
fn purpose_of(part: &str) -> Result<(LinkPurpose, &'static str), Failure> {
    match part {
        "address" => Ok((LinkPurpose::VerifyAddress, "address")),
        "subscription" => Ok((LinkPurpose::ConfirmSubscription, "subscription")),
        "objection" => Ok((LinkPurpose::ObjectAddress, "objection")),
        _ => Err(Failure::NotFound),
    }
}

/// GET /confirm/{purpose}/link/{token}: nothing is looked up and nothing used up.
pub(crate) async fn open(
    context: Context,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Failure> {
    let Path((part, token)) = path.map_err(|_| Failure::NotFound)?;
    let (_, part) = purpose_of(&part)?;
    let mut response = page::go(&format!("/confirm/{part}"));
    let set = if auth::random::looks_like_token(&token) {
        Cookie::Confirm.set(&Secret::new(token))
    } else {
        // A broken link must not open the page of one that was followed before.
        Cookie::Confirm.read(&context.headers).and_then(|_| Cookie::Confirm.remove())
    };
    page::add_cookie(&mut response, set);
    Ok(response)
}

/// GET /confirm/{purpose}
pub(crate) async fn show(context: Context, Path(part): Path<String>) -> Result<Response, Failure> {
    let (purpose, part) = purpose_of(&part)?;
    let Some(token) = Cookie::Confirm.read(&context.headers) else { return gone(&context) };
    let found = context.state.auth.find_confirmation(purpose, &token, &context.origin, context.now_ms);
    match found.await? {
        Some(live) => ask(&context, part, &token, &live, StatusCode::OK, None),
        None => gone(&context),
    }
}

/// POST /confirm/{purpose}
pub(crate) async fn create(
    context: Context,
    Path(part): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let (purpose, part) = purpose_of(&part)?;
    let fits = sent.of_guest(&context, Cookie::Confirm, &[])?.is_some();
    let Some(token) = Cookie::Confirm.read(&context.headers) else { return gone(&context) };
    let auth = &context.state.auth;
    if !fits {
        // Another link was followed in this browser meanwhile: the click was meant for that one.
        let found = auth.find_confirmation(purpose, &token, &context.origin, context.now_ms).await?;
        let Some(live) = found else { return gone(&context) };
        let stale = Some(in_language(&context, &live).words.say("confirm-stale"));
        return ask(&context, part, &token, &live, StatusCode::FORBIDDEN, stale);
    }
    match auth.use_confirmation(purpose, &token, &context.origin, context.now_ms).await? {
        Some(live) => done(&context, part, &live),
        None => gone(&context),
    }
}

/// The context in the language of the person.
fn in_language(context: &Context, live: &Live) -> Context {
    let mut context = context.clone();
    if let Some(language) = live.language.as_deref().and_then(Language::for_tag) {
        context.words = Words::of(language);
    }
    context
}

/// The stem of the words: an objection to a change that was made reads otherwise.
fn stem(part: &str, live: &Live) -> String {
    if live.is_done { format!("confirm-{part}-made") } else { format!("confirm-{part}") }
}

fn ask(
    context: &Context,
    part: &'static str,
    token: &Secret,
    live: &Live,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, Failure> {
    let context = in_language(context, live);
    let stem = stem(part, live);
    let gaps =
        [("username", live.username.as_str()), ("address", live.address.as_deref().unwrap_or_default())];
    let page = ConfirmPage {
        frame: Frame::of(&context),
        token: guest_token(&context.state, token),
        purpose: part,
        title: context.words.say(&format!("{stem}-title")),
        lead: context.words.say_with(&format!("{stem}-lead"), &gaps),
        titles: live.titles.clone(),
        button: context.words.say(&format!("{stem}-button")),
        until: context.clock_time(live.expires_at, live.time_zone.as_deref()),
        notice,
    };
    page::show(status, &page)
}

fn done(context: &Context, part: &'static str, live: &Live) -> Result<Response, Failure> {
    let context = in_language(context, live);
    let stem = stem(part, live);
    let gaps =
        [("username", live.username.as_str()), ("address", live.address.as_deref().unwrap_or_default())];
    let is_objection = part == "objection";
    let next =
        if is_objection { ("/reset", "reset-ask-title") } else { ("/preferences", "preferences-title") };
    let page = DonePage {
        frame: Frame::of(&context),
        title: context.words.say(&format!("{stem}-done-title")),
        lead: context.words.say_with(&format!("{stem}-done-lead"), &gaps),
        next: next.0,
        next_label: context.words.say(next.1),
    };
    let mut response = page::show(StatusCode::OK, &page)?;
    page::add_cookie(&mut response, Cookie::Confirm.remove());
    Ok(response)
}

/// Used, cancelled, expired, unknown and malformed links look the same, and so do those of another purpose.
fn gone(context: &Context) -> Result<Response, Failure> {
    page::show(StatusCode::NOT_FOUND, &GonePage { frame: Frame::of(context) })
}
