//! Checking a user name and password for an application.
//!
//! Until API keys guard it, the setting [`crate::VerifyApi`] says who may ask: by default programs on
//! this machine only. Attempts count against account and network like sign-ins, and every refusal
//! looks the same.

use crate::api::json::{Refused, Strict};
use crate::api::problem::{self, FieldError};
use crate::context::Context;
use crate::failure::Failure;
use auth::hashing::LoginRealm;
use auth::login::{Attempt, Verified};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::secret::Secret;
use serde::Deserialize;

/// What is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    username: String,
    password: String,
}

/// POST /api/v1/sessions/verify: `{"result": "valid" | "must_change" | "refused", "person_id": …}`.
pub(crate) async fn verify(
    context: Context,
    asked: Result<Strict<Question>, Refused>,
) -> Result<Response, Failure> {
    let Question { username, password } = match asked {
        Ok(Strict(question)) => question,
        Err(refused) => return Ok(refused.into_response()),
    };
    let password = Secret::new(password);
    if username.is_empty() {
        let error = FieldError { pointer: "/username".into(), detail: "The user name is empty.".into() };
        return Ok(problem::of_fields(StatusCode::BAD_REQUEST, "A field is empty.", vec![error]));
    }
    let attempt = Attempt {
        realm: LoginRealm::Contacts,
        username: &username,
        password: &password,
        origin: &context.origin,
        presented: &[],
    };
    let answer = match context.state.auth.verify(&attempt, context.now_ms).await? {
        Verified::Valid { person_id } => serde_json::json!({ "result": "valid", "person_id": person_id }),
        Verified::MustChange { person_id } => {
            serde_json::json!({ "result": "must_change", "person_id": person_id })
        }
        Verified::Refused => serde_json::json!({ "result": "refused", "person_id": null }),
    };
    Ok(Json(answer).into_response())
}
