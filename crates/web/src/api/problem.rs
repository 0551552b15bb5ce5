//! Errors for programs: `application/problem+json` (RFC 9457).

use crate::failure::Failure;
use crate::page::Finished;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What is wrong with one field.
#[derive(Debug, Serialize)]
pub(crate) struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901); empty: the whole body.
    pub(crate) pointer: String,
    /// What would be right.
    pub(crate) detail: String,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// A failure that belongs to no field; `id` finds it in the server's log.
pub(crate) fn of_failure(failure: Failure, id: &str) -> Response {
    answer(failure.status(), failure.detail(), Some(format!("urn:passpost:request:{id}")), Vec::new())
}

/// Something is wrong with fields of the body.
pub(crate) fn of_fields(status: StatusCode, detail: &str, errors: Vec<FieldError>) -> Response {
    answer(status, detail, None, errors)
}

fn answer(status: StatusCode, detail: &str, instance: Option<String>, errors: Vec<FieldError>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let problem = Problem { r#type: "about:blank", title, status: status.as_u16(), detail, instance, errors };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let kind = HeaderValue::from_static("application/problem+json");
    let mut response = (status, [(CONTENT_TYPE, kind)], body).into_response();
    response.extensions_mut().insert(Finished);
    response
}
