//! Ids in paths. One that is malformed, unknown or of another kind is the same: nothing is there.

use crate::api::problem::Problem;
use crate::state::State;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::str::FromStr;

/// The one id of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequestParts<State> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let text = path.ok().map(|Path(text)| text).filter(|text| !text.contains('\0'));
        text.and_then(|text| text.parse().ok()).map(Self).ok_or_else(Problem::not_found)
    }
}

/// Two ids, as in `/groups/{id}/members/{person_id}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr> FromRequestParts<State> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Ok(Path((one, other))) = path else { return Err(Problem::not_found()) };
        match (one.parse(), other.parse()) {
            (Ok(one), Ok(other)) => Ok(Self(one, other)),
            _ => Err(Problem::not_found()),
        }
    }
}
