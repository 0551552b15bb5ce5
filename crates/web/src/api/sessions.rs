//! Checking a user name and password for an application.
//!
//! A program with a key may ask; without one the setting [`crate::VerifyApi`] says who may: by default
//! programs on this machine only. Attempts count against account and network like sign-ins, and every refusal
//! looks the same.

use crate::api::document::operation::{Operation, of};
use crate::api::json::{Refused, Strict};
use crate::api::problem::Problem;
use crate::context::Context;
use crate::failure::Failure;
use auth::hashing::LoginRealm;
use auth::login::{Attempt, Verified};
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/sessions/verify", "Check a user name and password")
        .text(
            "Any key will do; without one the installation says who may ask, by default programs on the same machine. \
             Attempts count like sign-ins.",
        )
        .takes(of::<Question>, r#"{"username":"ada","password":"oyster lantern gravel plum"}"#)
        .gives(200, of::<Verdict>)
        .also(&[404]),
];

/// What is asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// In any spelling.
    #[schemars(length(min = 1))]
    username: String,
    password: String,
}

/// What is answered.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// Whose it is; null when refused.
    person_id: Option<Uuid>,
    result: VerdictWord,
}

/// How a password was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerdictWord {
    /// It is right.
    Valid,
    /// It is right, and opens only the page for a new one.
    MustChange,
    /// It is not, or there is no such account, or not now.
    Refused,
}

/// POST /api/v1/sessions/verify
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
        return Ok(Problem::field("/username", "The user name is empty.").into_response());
    }
    let attempt = Attempt {
        realm: LoginRealm::Contacts,
        username: &username,
        password: &password,
        origin: &context.origin,
        presented: &[],
    };
    let (result, person) = match context.state.auth.verify(&attempt, context.now_ms).await? {
        Verified::Valid { person_id } => (VerdictWord::Valid, Some(person_id)),
        Verified::MustChange { person_id } => (VerdictWord::MustChange, Some(person_id)),
        Verified::Refused => (VerdictWord::Refused, None),
    };
    Ok(Json(Verdict { person_id: person.map(|id| id.0), result }).into_response())
}
