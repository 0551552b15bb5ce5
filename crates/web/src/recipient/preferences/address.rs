//! Another address: asked for with the password, and used once the link mailed to it was followed. The answer is the same
//! whether somebody else has the address or not (3-safety 6).

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
use domain::address::Address;
use store::{Acting, Wrong, confirmation};

#[derive(Template)]
#[template(path = "recipient/preferences_address.html")]
struct AddressPage {
    frame: Frame,
    token: String,
    form: Filled,
    username: String,
    /// The address there is.
    address: String,
}

/// GET /preferences/address
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    form_page(&context, &signed, Filled::default(), StatusCode::OK)
}

/// POST /preferences/address
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_session(&signed.session, &["username", "address", "current"])?;
    let context = context.for_viewer(&signed.viewer);
    let words = context.words;
    let mut form = Filled::with([("address", fields.text("address").to_owned())]);
    let address = match Address::parse(fields.text("address").trim()) {
        Ok(address) => Some(address),
        Err(why) => {
            form.wrong("address", words.tell(&why));
            None
        }
    };
    let password = fields.secret("current");
    if password.expose().is_empty() {
        form.wrong("current", words.say("preferences-password-missing"));
    }
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(address), true) = (address, form.is_right()) else {
        return form_page(&context, &signed, form, unfit);
    };
    let (auth, tag) = (&context.state.auth, words.language.tag());
    let asked = auth.ask_address(&signed.session, &password, &address, tag, &context.origin, context.now_ms);
    match asked.await? {
        Asked::Done => Ok(saved(&["address-asked"])),
        Asked::WrongPassword => {
            form.wrong("current", words.say("change-wrong-current"));
            form_page(&context, &signed, form, unfit)
        }
        Asked::SameAddress => {
            form.wrong("address", words.tell(&Wrong::OwnAddress));
            form_page(&context, &signed, form, unfit)
        }
        Asked::TooMany { wait_ms } => {
            form.notice = Some(wait_words(&context, wait_ms));
            with_wait(form_page(&context, &signed, form, StatusCode::TOO_MANY_REQUESTS), wait_ms)
        }
    }
}

/// POST /preferences/address/withdraw
pub(crate) async fn remove(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    let (id, now_ms) = (signed.session.person_id, context.now_ms);
    let acting = Acting::recipient(id, context.origin.network.clone());
    let done = context.state.store.write(move |tx| {
        Box::pin(async move { confirmation::withdraw_address(tx, &acting, id, now_ms).await })
    });
    done.await.map_err(Failure::from)?;
    Ok(saved(&["address-withdrawn"]))
}

fn form_page(
    context: &Context,
    signed: &Signed,
    form: Filled,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = AddressPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        form,
        username: signed.viewer.username.clone(),
        address: signed.viewer.address.clone().unwrap_or_default(),
    };
    page::show(status, &page)
}
