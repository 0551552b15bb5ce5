//! Why a request got no page: what handlers return, and the gate makes a page or a problem of.

use crate::refused::Meddled;
use auth::AuthError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use store::StoreError;

/// Why a request was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The request itself is wrong; the sentence says what would be right.
    BadRequest(&'static str),
    /// A field was sent that is not known here and would give rights elsewhere.
    Meddled(Meddled),
    /// Not from our page, or not allowed.
    Forbidden,
    /// There is no such page, or not for this person.
    NotFound,
    /// The page knows other methods.
    MethodNotAllowed,
    /// The body did not arrive in time.
    TimedOut,
    /// The body is larger than allowed.
    TooLarge,
    /// The body has another format than expected.
    UnsupportedMedia(&'static str),
    /// The request is meant for another host.
    Misdirected,
    /// Too many attempts.
    TooMany,
    /// Our fault.
    Internal,
    /// Too busy, or the database is away: the same request may succeed in a moment.
    Unavailable,
}

/// Seconds after which a request that met [`Failure::Unavailable`] or [`Failure::TooMany`] may be repeated.
pub(crate) const RETRY_AFTER: &str = "5";

impl Failure {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::Meddled(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What went wrong in a sentence, for programs.
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::BadRequest(detail) | Self::UnsupportedMedia(detail) => detail,
            Self::Meddled(_) => "A field was sent that is not known here.",
            Self::Forbidden => "This is not allowed here.",
            Self::NotFound => "There is nothing at this path.",
            Self::MethodNotAllowed => "This path knows other methods; see the Allow header.",
            Self::TimedOut => "The body did not arrive in time.",
            Self::TooLarge => "The body is larger than allowed.",
            Self::Misdirected => "This server does not answer for the host that was asked for.",
            Self::TooMany => "Too many requests; see the Retry-After header.",
            Self::Internal => "The server made a mistake; its log has more under the request's id.",
            Self::Unavailable => "The server is busy; see the Retry-After header.",
        }
    }

    /// The failure of a bare status, as the router gives it.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Self::TooMany,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::BadRequest("The request could not be read."),
            _ => Self::Internal,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        if let Self::Meddled(meddled) = self {
            response.extensions_mut().insert(meddled);
        }
        response
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Overloaded => Self::Unavailable,
            AuthError::Store(error) => error.into(),
            AuthError::Randomness | AuthError::Hashing | AuthError::Sealing => {
                tracing::error!(%error, "a request could not be served");
                Self::Internal
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "a request could not be served");
                Self::Unavailable
            }
            StoreError::NotFound(_) => Self::NotFound,
            StoreError::Exists(_)
            | StoreError::Corrupt(_)
            | StoreError::Schema(_)
            | StoreError::Defect(_) => {
                tracing::error!(%error, "a request could not be served");
                Self::Internal
            }
        }
    }
}
