//! Health: whether the process lives, and whether it can do its work.

use crate::api::document::operation::{Operation, of};
use crate::context::Context;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use store::StoreError;

/// How long the database may take to answer.
const LONGEST: Duration = Duration::from_secs(2);

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/health/live", "Whether the process lives").gives(200, of::<Health>),
    Operation::get("/health/ready", "Whether it can do its work")
        .text("503 with the same body while the database does not answer.")
        .gives(200, of::<Health>),
    Operation::get("/metrics", "Numbers for Prometheus")
        .text("For this machine only, unless the installation opens it.")
        .gives_media("text/plain", "The text format, version 0.0.4.")
        .also(&[403, 404]),
];

/// How it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// GET /health/live
pub(crate) async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// GET /health/ready: 503 while the database does not answer.
pub(crate) async fn ready(context: Context) -> Response {
    let asked = context
        .state
        .store
        .read(|tx| Box::pin(async move { Ok::<_, StoreError>(tx.find("SELECT 1", &[]).await?.is_some()) }));
    let answered = matches!(tokio::time::timeout(LONGEST, asked).await, Ok(Ok(true)));
    let (status, word) = if answered {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    };
    (status, Json(Health { status: word })).into_response()
}
