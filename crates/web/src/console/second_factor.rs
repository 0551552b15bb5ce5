//! One's own second factor: setting it up, fresh recovery codes, taking it away.

use crate::admit::Signed;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::qr::Qr;
use crate::recipient::login::{hand_out, signed_in};
use askama::Template;
use auth::enrolment::{Enrolled, Enrolment, Removed};
use axum::http::StatusCode;
use axum::response::Response;
use domain::secret::Secret;

/// Where a second factor is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the console opens.
    WayIn,
    /// At the own account.
    Account,
}

impl Place {
    const fn action(self) -> &'static str {
        match self {
            Self::WayIn => "/console/login/enrol",
            Self::Account => "/console/account/second-factor",
        }
    }
    const fn next(self) -> &'static str {
        match self {
            Self::WayIn => "/console",
            Self::Account => "/console/account",
        }
    }
    const fn back(self) -> &'static str {
        match self {
            Self::WayIn => "/console/login",
            Self::Account => "/console/account",
        }
    }
}

#[derive(Template)]
#[template(path = "console/enrol.html")]
struct EnrolPage {
    frame: Frame,
    token: String,
    place: Place,
    role: String,
    replaces: bool,
    enrolment: Enrolment,
    qr: Option<Qr>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "console/recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<Secret>,
    next: &'static str,
    file: String,
}

/// GET /console/account/second-factor
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    form(&context.for_viewer(&signed.viewer), &signed, Place::Account, None)
}

/// POST /console/account/second-factor
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    confirm(&context.for_viewer(&signed.viewer), &signed, Place::Account, sent).await
}

/// POST /console/account/second-factor/codes
pub(crate) async fn renew(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    sent.of_session(&signed.session, &[])?;
    let auth = &context.state.auth;
    match auth.renew_recovery_codes(&signed.session, &context.origin, context.now_ms).await? {
        Some(codes) => show_codes(&context, codes, Place::Account),
        None => Ok(page::go("/console/account")),
    }
}

/// POST /console/account/second-factor/remove
pub(crate) async fn remove(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    let auth = &context.state.auth;
    match auth.remove_second_factor(&signed.session, &context.origin, context.now_ms).await? {
        Removed::Done { session } => Ok(signed_in("/console/account?done=second-factor-removed", &session)),
        Removed::Required => Err(Failure::Forbidden),
        Removed::NotThere => Ok(page::go("/console/account")),
    }
}

/// The page with a fresh secret, or with the one that was shown before and what was wrong.
pub(crate) fn form(
    context: &Context,
    signed: &Signed,
    place: Place,
    again: Option<(Enrolment, String)>,
) -> Result<Response, Failure> {
    let (enrolment, problem) = match again {
        Some((enrolment, problem)) => (enrolment, Some(problem)),
        None => {
            let (issuer, account) = labels(context, signed);
            let id = signed.session.person_id;
            (context.state.auth.begin_enrolment(id, issuer, account, context.now_ms)?, None)
        }
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = EnrolPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        place,
        role: signed.viewer.role.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
        replaces: signed.viewer.second_factor,
        qr: Qr::of(&enrolment.uri),
        enrolment,
        problem,
    };
    page::show(status, &page)
}

/// Confirms a secret with its first code; then the recovery codes are shown, this once.
pub(crate) async fn confirm(
    context: &Context,
    signed: &Signed,
    place: Place,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = sent.of_session(&signed.session, &["enrolment", "code"])?;
    let (sealed, code) = (fields.secret("enrolment"), fields.secret("code"));
    let auth = &context.state.auth;
    match auth.enrol(&signed.session, &sealed, &code, &context.origin, context.now_ms).await? {
        Enrolled::Done { session, recovery_codes } => {
            let mut response = show_codes(context, recovery_codes, place)?;
            hand_out(&mut response, &session);
            Ok(response)
        }
        Enrolled::WrongCode => {
            let (issuer, account) = labels(context, signed);
            let id = signed.session.person_id;
            let again = auth.reopen_enrolment(id, &sealed, issuer, account, context.now_ms);
            let problem = context.words.say("enrol-wrong-code");
            form(context, signed, place, again.map(|again| (again, problem)))
        }
        Enrolled::PageStale => {
            let (issuer, account) = labels(context, signed);
            let fresh = auth.begin_enrolment(signed.session.person_id, issuer, account, context.now_ms)?;
            form(context, signed, place, Some((fresh, context.words.say("enrol-stale"))))
        }
        Enrolled::AlreadyThere => Ok(page::go("/console/login/code")),
        Enrolled::SessionGone => Ok(page::go("/console/login")),
    }
}

/// What the application calls the account: the organisation and the user name.
fn labels<'a>(context: &'a Context, signed: &'a Signed) -> (&'a str, &'a str) {
    (&context.state.settings.organisation, &signed.viewer.username)
}

fn show_codes(context: &Context, codes: Vec<Secret>, place: Place) -> Result<Response, Failure> {
    let lines: Vec<&str> = codes.iter().map(Secret::expose).collect();
    let page = CodesPage {
        frame: Frame::of(context),
        file: format!("data:text/plain;charset=utf-8,{}%0A", lines.join("%0A")),
        codes,
        next: place.next(),
    };
    page::show(StatusCode::OK, &page)
}
