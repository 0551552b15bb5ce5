//! JSON bodies, read strictly: at most 1 MiB and 32 levels, known fields, each once, of the right type.

use crate::api::problem::{self, FieldError};
use crate::failure::Failure;
use crate::form::read_body;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

/// The largest body, in bytes (3-safety 4.4).
const MOST_BYTES: usize = 1024 * 1024;
/// The most brackets inside one another.
const MOST_DEPTH: usize = 32;

/// A body of a type that denies unknown fields; serde itself refuses a field that comes twice, also
/// when its name is escaped the second time.
#[derive(Debug)]
pub(crate) struct Strict<T>(pub(crate) T);

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum Refused {
    Whole(Failure),
    Body(String),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Whole(failure) => failure.into_response(),
            Self::Body(detail) => {
                let error = FieldError { pointer: pointer(&detail), detail };
                problem::of_fields(StatusCode::BAD_REQUEST, "The body is not what is expected.", vec![error])
            }
        }
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Strict<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Err(Refused::Whole(Failure::UnsupportedMedia("Expected application/json.")));
        }
        if request.uri().query().is_some() {
            return Err(Refused::Whole(Failure::BadRequest(
                "Fields belong into the body, not into the address.",
            )));
        }
        let body = read_body(request.into_body(), MOST_BYTES).await.map_err(Refused::Whole)?;
        if depth(&body) > MOST_DEPTH {
            return Err(Refused::Body(format!("The body is nested more than {MOST_DEPTH} levels deep.")));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| Refused::Body(describe(&error)))
    }
}

/// What is wrong, without the value itself: serde repeats strings, and one may be a password.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!("line {}, column {}", error.line(), error.column());
    let named =
        |mark: &str| text.strip_prefix(mark).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    if let Some(field) = named("missing field `") {
        format!("The field `{field}` is missing.")
    } else if let Some(field) = named("duplicate field `") {
        format!("The field `{field}` stands there twice ({place}).")
    } else if let Some((_, known)) =
        text.split_once("expected ").filter(|_| text.starts_with("unknown field"))
    {
        let known = known.split(" at line").next().unwrap_or_default();
        format!("There is a field that is not known ({place}); expected {known}.")
    } else if let Some((_, wanted)) =
        text.split_once("expected ").filter(|_| text.starts_with("invalid type"))
    {
        format!(
            "A value has the wrong type ({place}); expected {}.",
            wanted.split(" at line").next().unwrap_or_default()
        )
    } else {
        format!("The body is no JSON in UTF-8 ({place}).")
    }
}

fn pointer(detail: &str) -> String {
    let mut pieces = detail.split('`');
    match (detail.starts_with("The field `"), pieces.nth(1)) {
        (true, Some(field)) => format!("/{field}"),
        _ => String::new(),
    }
}

/// How deep brackets stand inside one another, outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_are_not_counted() {
        assert_eq!(depth(br#"{"a":"[[[\"[[","b":[[]]}"#), 3);
        assert!(depth("[".repeat(100_000).as_bytes()) > MOST_DEPTH);
    }

    #[test]
    fn a_wrong_value_is_never_repeated() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wanted {
            #[expect(dead_code, reason = "only read by the parser")]
            name: String,
        }
        for body in
            [r#"{"name":["hunter2"]}"#, r#"{"hunter2":1}"#, r#""hunter2""#, r#"{"name":1,"hunter2":2}"#]
        {
            let error = serde_json::from_str::<Wanted>(body).unwrap_err();
            assert!(!describe(&error).contains("hunter2"), "{}", describe(&error));
        }
        let twice = serde_json::from_str::<Wanted>(r#"{"name":"a","n\u0061me":"b"}"#).unwrap_err();
        assert!(describe(&twice).contains("twice"));
        assert_eq!(pointer(&describe(&twice)), "/name");
    }
}
