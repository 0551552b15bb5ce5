//! Behind a link: a new password, and nothing else. Whoever sets it is not signed in by it.

use super::gone;
use super::opened::by_machine;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::{Form, guest_token};
use crate::page::{self, Frame};
use crate::password_field::say_problems;
use crate::recipient::strength::judge;
use crate::words::Words;
use askama::Template;
use auth::password_rules::Problem;
use auth::reset::{OpenLink, Reset};
use axum::extract::RawQuery;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use domain::language::Language;
use domain::secret::Secret;
use store::credential_login as accounts;
use store::reset_link;

/// The query of the last page when the account is an operator's.
const AT_CONSOLE: &str = "console";

#[derive(Template)]
#[template(path = "recipient/reset_new.html")]
struct NewPage {
    frame: Frame,
    token: String,
    username: String,
    until: String,
    least: String,
    notice: Option<String>,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "recipient/reset_done.html")]
struct DonePage {
    frame: Frame,
    next: &'static str,
}

/// A link that works, with what its page says.
struct Opened {
    context: Context,
    token: Secret,
    link: OpenLink,
    until: String,
    is_operator: bool,
}

impl Opened {
    /// The link of the cookie, while it works; in the language and the zone of the person.
    async fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let Some(token) = Cookie::Reset.read(&context.headers) else { return Ok(None) };
        let found = context.state.auth.find_link(&token, &context.origin, context.now_ms).await?;
        let Some(link) = found else { return Ok(None) };
        let (id, now_ms) = (link.person_id, context.now_ms);
        let read = context.state.store.read(move |tx| {
            Box::pin(async move {
                Ok::<_, Failure>((reset_link::find(tx, id, now_ms).await?, accounts::find(tx, id).await?))
            })
        });
        let (Some(person), Some(account)) = read.await? else { return Ok(None) };
        let mut context = context.clone();
        if let Some(language) = person.language.as_deref().and_then(Language::for_tag) {
            context.words = Words::of(language);
        }
        let until = context.clock_time(link.expires_at, person.time_zone.as_deref());
        Ok(Some(Self { context, token, link, until, is_operator: account.user_type.is_some() }))
    }

    fn form(
        &self,
        status: StatusCode,
        notice: Option<String>,
        problems: &[Problem],
    ) -> Result<Response, Failure> {
        let state = &self.context.state;
        let page = NewPage {
            frame: Frame::of(&self.context),
            token: guest_token(state, &self.token),
            username: self.link.username.clone(),
            until: self.until.clone(),
            least: state.auth.rules_for(self.link.second_factor).least_length.to_string(),
            notice,
            problems: say_problems(self.context.words, problems),
        };
        page::show(status, &page)
    }

    fn say(&self, id: &str) -> String {
        self.context.words.say(id)
    }
}

/// GET /reset/new
pub(crate) async fn show(method: Method, context: Context) -> Result<Response, Failure> {
    match Opened::find(&context).await? {
        Some(opened) => {
            let by_machine = by_machine(&method, &context.headers);
            let noted = context.state.auth.note_link_opened(&opened.token, by_machine, context.now_ms).await;
            if let Err(error) = noted {
                // Nobody is kept from the page because it could not be counted.
                tracing::warn!(%error, "an opened link was not noted");
            }
            opened.form(StatusCode::OK, None, &[])
        }
        None => gone(&context),
    }
}

/// POST /reset/new
pub(crate) async fn create(context: Context, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_guest(&context, Cookie::Reset, &["username", "password", "confirmation"])?;
    let Some(opened) = Opened::find(&context).await? else { return gone(&context) };
    let Some(fields) = fields else {
        // Another link was followed in this browser meanwhile: the password was meant for another account.
        return opened.form(StatusCode::FORBIDDEN, Some(opened.say("reset-new-stale")), &[]);
    };
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    let (password, confirmation) = (fields.secret("password"), fields.secret("confirmation"));
    if password.expose() != confirmation.expose() {
        return opened.form(again, None, &[Problem::Different]);
    }
    let auth = &context.state.auth;
    match auth.reset_password(&opened.token, &password, &context.origin, context.now_ms).await? {
        Reset::Done => {
            let query = if opened.is_operator { format!("?{AT_CONSOLE}") } else { String::new() };
            let mut response = page::go(&format!("/reset/done{query}"));
            page::add_cookie(&mut response, Cookie::Reset.remove());
            Ok(response)
        }
        Reset::Gone => gone(&context),
        Reset::Unfit(problems) => opened.form(again, None, &problems),
        Reset::TooMany => {
            let notice = opened.say("reset-new-too-many");
            opened.form(StatusCode::TOO_MANY_REQUESTS, Some(notice), &[])
        }
    }
}

/// POST /reset/new/strength
pub(crate) async fn strength(context: Context, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_guest(&context, Cookie::Reset, &["password"])?.ok_or(Failure::Forbidden)?;
    let opened = Opened::find(&context).await?.ok_or(Failure::NotFound)?;
    let (id, second_factor) = (opened.link.person_id, opened.link.second_factor);
    judge(&opened.context, id, second_factor, &fields.secret("password")).await
}

/// GET /reset/done
pub(crate) async fn done(context: Context, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let next = if query.as_deref() == Some(AT_CONSOLE) { "/console/login" } else { "/login" };
    page::show(StatusCode::OK, &DonePage { frame: Frame::of(&context), next })
}
