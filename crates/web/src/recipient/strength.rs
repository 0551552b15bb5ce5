//! The strength meter's answers: judged by the very rules that decide afterwards, on this server only.

use crate::admit::Signed;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::headers::Kind;
use crate::password_field::say_strength;
use auth::password_rules::About;
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::id::PersonId;
use domain::secret::Secret;
use store::credential_login as accounts;

/// POST /password/strength
pub(crate) async fn show(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let fields = sent.of_session(&signed.session, &["password"])?;
    let (id, second_factor) = (signed.session.person_id, signed.viewer.second_factor);
    judge(&context, id, second_factor, &fields.secret("password")).await
}

/// What the meter shows of a password for an account.
pub(crate) async fn judge(
    context: &Context,
    id: PersonId,
    second_factor: bool,
    password: &Secret,
) -> Result<Response, Failure> {
    let account = context
        .state
        .store
        .read(move |tx| Box::pin(async move { accounts::find(tx, id).await }))
        .await
        .map_err(Failure::from)?
        .ok_or(Failure::NotFound)?;
    let about = About { username: account.username, address: account.address, names: account.names.to_vec() };
    let judged = context.state.auth.rules_for(second_factor).judge(password, &about);
    let mut response = Json(serde_json::json!({
        "strength": judged.strength,
        "fit": judged.problems.is_empty(),
        "text": say_strength(context.words, &judged),
    }))
    .into_response();
    response.extensions_mut().insert(Kind::Data);
    Ok(response)
}
