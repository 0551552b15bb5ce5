//! JSON bodies, read strictly: at most 1 MiB and 32 levels, known fields, each once, of the right type.

use crate::api::problem::Problem;
use crate::failure::Failure;
use crate::form::read_body;
use crate::refused::Meddled;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// The largest body, in bytes (3-safety 4.4).
pub(crate) const MOST_BYTES: usize = 1024 * 1024;
/// The most brackets inside one another.
pub(crate) const MOST_DEPTH: usize = 32;

/// A body of a type that denies unknown fields; serde itself refuses a field that comes twice, also
/// when its name is escaped the second time.
#[derive(Debug)]
pub(crate) struct Strict<T>(pub(crate) T);

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum Refused {
    Whole(Failure),
    Body { pointer: String, detail: String, meddled: Option<Meddled> },
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Whole(failure) => failure.into(),
            Refused::Body { pointer, detail, meddled } => {
                let problem = Self::new(StatusCode::BAD_REQUEST, "The body is not what is expected.");
                problem.at(pointer, detail).meddled(meddled)
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Whole(failure) => failure.into_response(),
            body => Problem::from(body).into_response(),
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
        read(&body).map(Self)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    if depth(body) > MOST_DEPTH {
        let detail = format!("The body is nested more than {MOST_DEPTH} levels deep.");
        return Err(Refused::Body { pointer: String::new(), detail, meddled: None });
    }
    if has_nul(body) {
        let detail = "The character NUL is not allowed in any text.".to_owned();
        return Err(Refused::Body { pointer: String::new(), detail, meddled: None });
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let refused = |path: &Path, error: &serde_json::Error| Refused::Body {
        pointer: pointer(path, error),
        detail: describe(error),
        meddled: unknown_field(error).and_then(|field| Meddled::of(&field)),
    };
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| refused(error.path(), error.inner()))?;
    reader.end().map_err(|error| refused_whole(&error))?;
    Ok(value)
}

fn refused_whole(error: &serde_json::Error) -> Refused {
    Refused::Body { pointer: String::new(), detail: describe(error), meddled: None }
}

/// The name of the field that nobody knows, when that is what is wrong.
fn unknown_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let named = text.strip_prefix("unknown field `")?.split('`').next();
    named.map(str::to_owned)
}

/// What is wrong, without the value itself: serde repeats strings, and one may be a password.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!("line {}, column {}", error.line(), error.column());
    let named =
        |mark: &str| text.strip_prefix(mark).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let expected = |begin: &str| {
        let (_, rest) = text.split_once("expected ").filter(|_| text.starts_with(begin))?;
        Some(rest.split(" at line").next().unwrap_or_default().to_owned())
    };
    if let Some(field) = named("missing field `") {
        format!("The field `{field}` is missing.")
    } else if let Some(field) = named("duplicate field `") {
        format!("The field `{field}` stands there twice ({place}).")
    } else if let Some(known) = expected("unknown field") {
        format!("There is a field that is not known ({place}); expected {known}.")
    } else if let Some(known) = expected("unknown variant") {
        format!("A value is none of those that are known ({place}); expected {known}.")
    } else if let Some(wanted) = expected("invalid type") {
        format!("A value has the wrong type ({place}); expected {wanted}.")
    } else if error.is_data() {
        format!("A value does not fit its field ({place}).")
    } else {
        format!("The body is no JSON in UTF-8 ({place}).")
    }
}

/// Where it is wrong. A name that nobody knows is repeated only when it looks like the name of a field.
fn pointer(path: &Path, error: &serde_json::Error) -> String {
    if !error.is_data() {
        return String::new();
    }
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } if is_name(key) => pointer.push_str(&format!("/{key}")),
            // A variant of an enum is no place of its own.
            Segment::Enum { .. } => {}
            Segment::Map { .. } | Segment::Unknown => return pointer,
        }
    }
    let text = error.to_string();
    let field = ["missing field `", "duplicate field `"].iter().find_map(|mark| text.strip_prefix(mark));
    if let Some(field) = field.and_then(|rest| rest.split('`').next())
        && !pointer.ends_with(&format!("/{field}"))
    {
        pointer.push_str(&format!("/{field}"));
    }
    pointer
}

fn is_name(key: &str) -> bool {
    key.len() <= 32 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Whether a text holds NUL, which not every database can store.
fn has_nul(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with(b"u0000") {
            return true;
        }
        // Whatever was escaped begins no other escape.
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// How deep brackets stand inside one another, outside of strings.
pub(crate) fn depth(body: &[u8]) -> usize {
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

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[expect(dead_code, reason = "only read by the parser")]
        name: String,
        #[expect(dead_code, reason = "only read by the parser")]
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read by the parser")]
        every: u8,
    }

    fn refused(body: &str) -> (String, String) {
        match read::<Wanted>(body.as_bytes()) {
            Err(Refused::Body { pointer, detail, .. }) => (pointer, detail),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn brackets_in_strings_are_not_counted() {
        assert_eq!(depth(br#"{"a":"[[[\"[[","b":[[]]}"#), 3);
        assert!(depth("[".repeat(100_000).as_bytes()) > MOST_DEPTH);
    }

    #[test]
    fn nul_is_found_only_where_it_is_one() {
        assert!(has_nul(br#"{"a":"\u0000"}"#) && has_nul(br#"{"a":"\\\u0000"}"#));
        assert!(!has_nul(br#"{"a":"\\u0000"}"#) && !has_nul(br#"{"a":"\n0000"}"#) && !has_nul(b"\\"));
    }

    #[test]
    fn a_wrong_value_is_never_repeated() {
        for body in [
            r#"{"name":["hunter2"]}"#,
            r#"{"hunter2":1}"#,
            r#""hunter2""#,
            r#"{"name":1,"hunter2":2}"#,
            r#"{"name":"a","inner":"hunter2"}"#,
        ] {
            let (pointer, detail) = refused(body);
            assert!(!detail.contains("hunter2") && !pointer.contains("hunter2"), "{pointer}: {detail}");
        }
    }

    #[test]
    fn the_place_of_what_is_wrong_is_named() {
        for (body, place) in [
            (r#"{"name":"a","n\u0061me":"b"}"#, "/name"),
            (r#"{"name":"a","role":"owner"}"#, "/role"),
            (r#"{}"#, "/name"),
            (r#"{"name":1}"#, "/name"),
            (r#"{"name":"a","inner":[{"every":1},{"every":300}]}"#, "/inner/1/every"),
            (r#"{"name":"a","inner":[{"every":1,"rank":3}]}"#, "/inner/0/rank"),
            (r#"{"name":"a","inner":[{}]}"#, "/inner/0/every"),
            (r#"{"name":"a"} x"#, ""),
            (r#"{"name""#, ""),
        ] {
            assert_eq!(refused(body).0, place, "{body}: {}", refused(body).1);
        }
    }
}
