//! Errors for programs: `application/problem+json` (RFC 9457).

use crate::failure::Failure;
use crate::page::Finished;
use crate::refused::Meddled;
use auth::AuthError;
use auth::api_key::KeyError;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use flow::StartError;
use flow::template::SaveError;
use schemars::JsonSchema;
use serde::Serialize;
use store::automation::ActivateError;
use store::selection::EditError;
use store::{ChangeError, Refusal, StoreError};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901); empty: the whole body, or the address.
    pub(crate) pointer: String,
    /// What would be right.
    pub(crate) detail: String,
}

/// Why a request was not served (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Shown {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong and what would be right.
    detail: String,
    /// Finds the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    errors: Vec<FieldError>,
}

/// Why a request of a program is not served.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<i64>,
    meddled: Option<Meddled>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), retry_after_s: None, meddled: None }
    }

    /// A field of the body is wrong; `place` is its JSON Pointer.
    pub(crate) fn field(place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "A field is not right.").at(place, detail)
    }

    /// A parameter of the address is wrong.
    pub(crate) fn parameter(name: &str, right: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "A parameter is not right.").at("", format!("{name}: {right}"))
    }

    /// What is asked for does not agree with how things stand.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// The same places, but what is asked for does not agree with how things stand.
    pub(crate) fn as_conflict(self, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, detail: detail.into(), ..self }
    }

    /// The first place it names.
    #[cfg(test)]
    pub(crate) fn first_place(&self) -> Option<&str> {
        self.errors.first().map(|one| one.pointer.as_str())
    }

    /// Names a place besides.
    pub(crate) fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// May be asked again after so many milliseconds.
    pub(crate) fn again_in(self, wait_ms: i64) -> Self {
        Self { retry_after_s: Some((wait_ms + 999).div_euclid(1_000).max(1)), ..self }
    }

    /// A privileged field was refused; see [`crate::refused`].
    pub(crate) fn meddled(self, meddled: Option<Meddled>) -> Self {
        Self { meddled, ..self }
    }

    /// Nothing is here, or nothing for this program: the same words for both.
    pub(crate) fn not_found() -> Self {
        Failure::NotFound.into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = answer(self.status, &self.detail, None, self.errors);
        if self.status == StatusCode::UNAUTHORIZED {
            let value = HeaderValue::from_static("Bearer realm=\"passpost\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(meddled) = self.meddled {
            response.extensions_mut().insert(meddled);
        }
        response
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let problem = Self::new(failure.status(), failure.detail());
        match failure {
            Failure::Unavailable | Failure::TooMany => problem.again_in(5_000),
            Failure::Meddled(meddled) => problem.meddled(Some(meddled)),
            _ => problem,
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        Failure::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists(what) => {
                let field = what.rsplit('.').next().unwrap_or_default();
                Self::conflict("Something of this name is there already.")
                    .at(format!("/{field}"), "is taken already")
            }
            other => Failure::from(other).into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rank | Refusal::RoleRank => Self::new(StatusCode::FORBIDDEN, sentence(&refusal)),
            Refusal::Field { field, message } => Self::field(pointer(&field), message),
            other => Self::conflict(sentence(&other)),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => refusal.into(),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Change(error) => error.into(),
            KeyError::Auth(error) => error.into(),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Field { field, message } => Self::field(pointer(field), message),
            EditError::Filter(problem) => Self::filter("/filter", &problem),
            EditError::Taken => {
                Self::conflict("There is a selection of this name already.").at("/name", "is taken already")
            }
            EditError::Used(_) => Self::conflict(sentence(&error)),
            EditError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    /// A filter is wrong; the detail says where and what may stand there.
    pub(crate) fn filter(place: &str, problem: &domain::filter::Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The filter is not right.").at(place, problem.to_string())
    }
}

impl From<ActivateError> for Problem {
    fn from(error: ActivateError) -> Self {
        match error {
            ActivateError::NotReady(text) => Self::conflict(sentence(text)),
            ActivateError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Refused(flow::Refusal::Unconfirmed { would_receive }) => {
                Self::conflict(format!("{would_receive} people would receive a mail: confirm this number."))
                    .at("/people", format!("expected {would_receive}"))
            }
            StartError::Refused(refusal) => Self::conflict(sentence(refusal)),
            StartError::Store(error) => error.into(),
        }
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Refused(problems) => problems
                .iter()
                .fold(Self::new(StatusCode::BAD_REQUEST, "The template is not right."), |all, one| {
                    all.at(format!("/{}", one.part), one.to_string())
                }),
            SaveError::Store(error) => error.into(),
        }
    }
}

/// `attributes.cost` as a JSON Pointer.
fn pointer(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("/{}", field.replace('.', "/")) }
}

/// A message of ours with a capital and a full stop.
pub(crate) fn sentence(message: impl std::fmt::Display) -> String {
    let text = message.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A failure that belongs to no field; `id` finds it in the server's log.
pub(crate) fn of_failure(failure: Failure, id: &str) -> Response {
    answer(failure.status(), failure.detail(), Some(format!("urn:passpost:request:{id}")), Vec::new())
}

fn answer(status: StatusCode, detail: &str, instance: Option<String>, errors: Vec<FieldError>) -> Response {
    let problem = Shown {
        r#type: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        instance,
        errors,
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let kind = HeaderValue::from_static("application/problem+json");
    let mut response = (status, [(CONTENT_TYPE, kind)], body).into_response();
    response.extensions_mut().insert(Finished);
    response
}
