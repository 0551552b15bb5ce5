//! Signing in: one form, one refusal for every reason.

use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::{Form, guest_token};
use crate::page::{self, Frame};
use crate::query::Pairs;
use askama::Template;
use auth::hashing::LoginRealm;
use auth::login::{Attempt, SignIn};
use auth::session::{NewSession, Realm};
use axum::http::StatusCode;
use axum::http::header::HeaderValue;
use axum::response::Response;
use domain::secret::Secret;

#[derive(Template)]
#[template(path = "recipient/login.html")]
struct LoginPage {
    frame: Frame,
    token: String,
    username: String,
    notice: Option<String>,
}

/// GET /
pub(crate) async fn start() -> Response {
    page::go("/login")
}

/// GET /.well-known/change-password: password managers lead people here (W3C change-password-url).
/// The page itself sends on who is not signed in.
pub(crate) async fn change_password() -> Response {
    let mut response = page::go("/password");
    *response.status_mut() = StatusCode::FOUND;
    response
}

/// GET /login
pub(crate) async fn show(context: Context) -> Result<Response, Failure> {
    let signed = crate::admit::find(&context, &[Realm::Preferences]).await?;
    if signed.is_some() {
        return Ok(page::go("/account"));
    }
    form(&context, StatusCode::OK, "", None)
}

/// POST /login
pub(crate) async fn create(context: Context, form_sent: Form) -> Result<Response, Failure> {
    let Some(fields) = form_sent.of_guest(&context, Cookie::Form, &["username", "password"])? else {
        return form(&context, StatusCode::FORBIDDEN, "", Some(context.words.say("login-stale")));
    };
    if let Some(response) = sign_in(&context, &fields, LoginRealm::Contacts).await? {
        return Ok(response);
    }
    let refused = context.words.say("login-refused");
    form(&context, StatusCode::FORBIDDEN, fields.text("username"), Some(refused))
}

/// Signs in with the fields `username` and `password`, and says where to go on; `None`: refused.
pub(crate) async fn sign_in(
    context: &Context,
    fields: &Pairs,
    realm: LoginRealm,
) -> Result<Option<Response>, Failure> {
    let (own, home) = match realm {
        LoginRealm::Contacts => (Cookie::Preferences, "/account"),
        LoginRealm::Operators => (Cookie::Console, "/console"),
    };
    let cookies = [own, Cookie::ForcedChange, Cookie::SecondFactor];
    let presented: Vec<Secret> = cookies.into_iter().filter_map(|c| c.read(&context.headers)).collect();
    let attempt = Attempt {
        realm,
        username: fields.text("username"),
        password: &fields.secret("password"),
        origin: &context.origin,
        presented: &presented,
    };
    Ok(match context.state.auth.sign_in(&attempt, context.now_ms).await? {
        SignIn::Chosen { session, .. } => Some(signed_in(home, &session)),
        SignIn::SecondFactor { session, .. } => Some(signed_in("/console/login/code", &session)),
        SignIn::MustChange { session, .. } => Some(signed_in("/password/new", &session)),
        SignIn::Refused => None,
    })
}

fn form(
    context: &Context,
    status: StatusCode,
    username: &str,
    notice: Option<String>,
) -> Result<Response, Failure> {
    let guest = Guest::of(context, Cookie::Form)?;
    let login =
        LoginPage { frame: Frame::of(context), token: guest.token, username: username.to_owned(), notice };
    let mut response = page::show(status, &login)?;
    page::add_cookie(&mut response, guest.set);
    Ok(response)
}

/// What a form before signing in needs: its token, and its cookie where the browser has none yet.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) token: String,
    pub(crate) set: Option<HeaderValue>,
}

impl Guest {
    pub(crate) fn of(context: &Context, cookie: Cookie) -> Result<Self, Failure> {
        let (value, set): (Secret, _) = match cookie.read(&context.headers) {
            Some(value) => (value, None),
            None => {
                let fresh = auth::random::token()?;
                let set = cookie.set(&fresh);
                (fresh, set)
            }
        };
        Ok(Self { token: guest_token(&context.state, &value), set })
    }
}

/// On to a page with a new session; cookies that opened something before are gone.
pub(crate) fn signed_in(path: &str, session: &NewSession) -> Response {
    let mut response = page::go(path);
    hand_out(&mut response, session);
    response
}

/// Puts a new session's cookie into an answer and takes those away that opened something before.
pub(crate) fn hand_out(response: &mut Response, session: &NewSession) {
    let new = Cookie::of(session.realm);
    page::add_cookie(response, new.set(&session.token));
    let stale = match session.realm {
        Realm::Console => &[Cookie::ForcedChange, Cookie::SecondFactor, Cookie::Form][..],
        Realm::Preferences | Realm::SecondFactor => &[Cookie::ForcedChange, Cookie::Form][..],
        Realm::ForcedChange => &[Cookie::Form][..],
    };
    for cookie in stale {
        page::add_cookie(response, cookie.remove());
    }
}
