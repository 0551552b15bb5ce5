//! Forms: at most 64 KiB, strictly read, and with the token that only our own page knows.

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::query::Pairs;
use crate::refused::Meddled;
use crate::state::State;
use auth::keys::Purpose;
use auth::session::Session;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use domain::secret::Secret;
use std::error::Error as _;
use std::time::Duration;

/// The largest form, in bytes (3-safety 4.4).
const MOST_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const LONGEST: Duration = Duration::from_secs(30);

/// The fields of a form.
#[derive(Debug)]
pub(crate) struct Form(pub(crate) Pairs);

impl FromRequest<State> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &State) -> Result<Self, Failure> {
        Self::read(request, MOST_BYTES).await
    }
}

/// The largest form with a whole template in it, in bytes: three parts of 256 KiB, encoded.
const MOST_TEMPLATE_BYTES: usize = 1_536 * 1024;

/// The fields of a form with a whole template in it.
#[derive(Debug)]
pub(crate) struct LargeForm(pub(crate) Form);

impl FromRequest<State> for LargeForm {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &State) -> Result<Self, Failure> {
        Form::read(request, MOST_TEMPLATE_BYTES).await.map(Self)
    }
}

impl Form {
    async fn read(request: Request, most: usize) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        Self::read_parts(&parts, body, most).await
    }

    /// The fields of any of our forms, for who reads them before the handler does.
    pub(crate) async fn read_any(parts: &Parts, body: Body) -> Result<Self, Failure> {
        Self::read_parts(parts, body, MOST_TEMPLATE_BYTES).await
    }

    async fn read_parts(parts: &Parts, body: Body, most: usize) -> Result<Self, Failure> {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Failure::UnsupportedMedia("Expected application/x-www-form-urlencoded."));
        }
        // Nothing of ours posts to an address with a query: a field there would be a second value.
        if let Some(meddled) = Meddled::in_query(parts.uri.query()) {
            return Err(Failure::Meddled(meddled));
        }
        if parts.uri.query().is_some() {
            return Err(Failure::BadRequest("Fields belong into the body, not into the address."));
        }
        let body = read_body(body, most).await?;
        let text = std::str::from_utf8(&body).map_err(|_| Failure::BadRequest("The form is not UTF-8."))?;
        Pairs::parse(text).map(Self)
    }

    /// The fields, when they are the expected ones and the session's token is with them.
    pub(crate) fn of_session(self, session: &Session, known: &[&str]) -> Result<Pairs, Failure> {
        let pairs = self.0.only(&with_token(known))?;
        if session.csrf_matches(pairs.text(TOKEN)) { Ok(pairs) } else { Err(Failure::Forbidden) }
    }

    /// The fields of a form before signing in; its token is bound to a cookie of its own. `Ok(None)`:
    /// the token does not fit, which happens when a page stood open for days or cookies are blocked.
    pub(crate) fn of_guest(
        self,
        context: &Context,
        cookie: Cookie,
        known: &[&str],
    ) -> Result<Option<Pairs>, Failure> {
        let pairs = self.0.only(&with_token(known))?;
        let Some(value) = cookie.read(&context.headers) else { return Ok(None) };
        let sent = pairs.text(TOKEN);
        let keys = context.state.auth.keys();
        let fits = keys.all(Purpose::Csrf).any(|key| same(&hex(&key.tag(&guest_parts(&value))), sent));
        Ok(fits.then_some(pairs))
    }
}

/// The name of the field with the token.
pub(crate) const TOKEN: &str = "csrf";

/// The token of a form before signing in.
pub(crate) fn guest_token(state: &State, cookie: &Secret) -> String {
    hex(&state.auth.keys().current(Purpose::Csrf).tag(&guest_parts(cookie)))
}

fn guest_parts(cookie: &Secret) -> [&[u8]; 2] {
    [b"guest form", cookie.expose().as_bytes()]
}

fn with_token<'a>(known: &[&'a str]) -> Vec<&'a str> {
    known.iter().copied().chain([TOKEN]).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares without telling by its time where the first difference is.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// A body of at most so many bytes that arrives in time.
pub(crate) async fn read_body(body: Body, most: usize) -> Result<Vec<u8>, Failure> {
    match tokio::time::timeout(LONGEST, to_bytes(body, most)).await {
        Err(_) => Err(Failure::TimedOut),
        Ok(Ok(bytes)) => Ok(bytes.into()),
        // The limit's own error type is not in our reach; a body cut off reads as another one.
        Ok(Err(error)) if error.source().is_some_and(|source| source.to_string().contains("limit")) => {
            Err(Failure::TooLarge)
        }
        Ok(Err(_)) => Err(Failure::BadRequest("The body did not arrive whole.")),
    }
}
