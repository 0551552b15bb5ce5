//! A change that wants a fresh proof: asked for with everything that was typed, and made once it is there.
//!
//! The page that asks sends the fields of the change once more, to the same address, with the proof beside them. So
//! nothing is stored meanwhile, the change runs through its own handler exactly once, and only in the browser that
//! typed it: the token of the session is looked at before anything is shown again.

use crate::admit::Signed;
use crate::console::prove::{self, PROOF};
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::{Form, TOKEN};
use crate::page;
use crate::query::{Pairs, encode};
use auth::session::NewSession;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, HeaderValue, SET_COOKIE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

/// The fields of the proof.
const FIELDS: [&str; 3] = ["proof-username", "proof-password", "proof-code"];

/// Makes the change when the proof came with it, else asks for it.
pub(crate) async fn hold(
    context: Context,
    signed: Signed,
    mut parts: Parts,
    body: Body,
    next: Next,
) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let fields = Form::read_any(&parts, body).await?.0;
    if !signed.session.csrf_matches(fields.text(TOKEN)) {
        return Err(Failure::Forbidden);
    }
    let is_proof = fields.all().any(|(name, _)| name == "proof-password");
    let (password, code) = (fields.secret("proof-password"), fields.secret("proof-code"));
    let change = fields.without(|name| name == TOKEN || FIELDS.contains(&name));
    if change.all().any(|(name, _)| name.starts_with(PROOF)) {
        return Err(Failure::BadRequest("A field was sent that this page does not know."));
    }
    if !is_proof {
        return prove::ask(&context, &signed, &parts, change, false);
    }
    let auth = &context.state.auth;
    let proved = auth.prove_again(&signed.session, &password, &code, &context.origin, context.now_ms).await?;
    let Some(new) = proved else { return prove::ask(&context, &signed, &parts, change, true) };
    let session = auth.find_session(&new.token, new.realm, context.now_ms).await?;
    parts.extensions.insert(Signed { session: session.ok_or(Failure::Forbidden)?, ..signed });
    let body = encoded(&change, &new);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    hand_out(&mut answer, &new);
    Ok(answer)
}

/// The change as its own page would have sent it in the renewed session.
fn encoded(change: &Pairs, session: &NewSession) -> String {
    let mut body = format!("{TOKEN}={}", encode(session.csrf.expose()));
    for (name, value) in change.all() {
        body.push('&');
        body.push_str(&encode(name));
        body.push('=');
        body.push_str(&encode(value));
    }
    body
}

/// The cookie of the renewed session, unless the handler has just given out, or taken away, a newer one.
fn hand_out(answer: &mut Response, session: &NewSession) {
    let cookie = Cookie::of(session.realm);
    let is_set = answer.headers().get_all(SET_COOKIE).iter().any(|value| cookie.is_named_in(value));
    if !is_set {
        page::add_cookie(answer, cookie.set(&session.token));
    }
}
