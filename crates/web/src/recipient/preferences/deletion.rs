//! Asking to be erased: with the password; an operator decides, and until then it can be taken back.

use super::{saved, wait_words, with_wait};
use crate::admit::Signed;
use crate::console::filled::Filled;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use askama::Template;
use auth::wishes::Asked;
use axum::http::StatusCode;
use axum::response::Response;
use store::{Acting, Wrong, deletion_request};

#[derive(Template)]
#[template(path = "recipient/preferences_deletion.html")]
struct DeletionPage {
    frame: Frame,
    token: String,
    form: Filled,
    username: String,
}

/// GET /preferences/deletion
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    form_page(&context, &signed, Filled::default(), StatusCode::OK)
}

/// POST /preferences/deletion
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_session(&signed.session, &["username", "reason", "current"])?;
    let context = context.for_viewer(&signed.viewer);
    let words = context.words;
    let mut form = Filled::with([("reason", fields.text("reason").to_owned())]);
    if domain::preference::reason(fields.text("reason")).is_none() {
        form.wrong("reason", words.tell(&Wrong::Reason));
    }
    let password = fields.secret("current");
    if password.expose().is_empty() {
        form.wrong("current", words.say("preferences-password-missing"));
    }
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    if !form.is_right() {
        return form_page(&context, &signed, form, unfit);
    }
    let (auth, tag, reason) = (&context.state.auth, words.language.tag(), fields.text("reason"));
    let asked = auth.ask_deletion(&signed.session, &password, reason, tag, &context.origin, context.now_ms);
    match asked.await? {
        Asked::Done | Asked::SameAddress => Ok(saved(&["deletion-asked"])),
        Asked::WrongPassword => {
            form.wrong("current", words.say("change-wrong-current"));
            form_page(&context, &signed, form, unfit)
        }
        Asked::TooMany { wait_ms } => {
            form.notice = Some(wait_words(&context, wait_ms));
            with_wait(form_page(&context, &signed, form, StatusCode::TOO_MANY_REQUESTS), wait_ms)
        }
    }
}

/// POST /preferences/deletion/withdraw
pub(crate) async fn remove(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    let (id, now_ms) = (signed.session.person_id, context.now_ms);
    let acting = Acting::recipient(id, context.origin.network.clone());
    let done = context
        .state
        .store
        .write(move |tx| Box::pin(async move { deletion_request::withdraw(tx, &acting, id, now_ms).await }));
    done.await.map_err(Failure::from)?;
    Ok(saved(&["deletion-withdrawn"]))
}

fn form_page(
    context: &Context,
    signed: &Signed,
    form: Filled,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = DeletionPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        form,
        username: signed.viewer.username.clone(),
    };
    page::show(status, &page)
}
