//! Health: whether the process lives, and whether it can do its work.

use crate::context::Context;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use store::StoreError;

/// How long the database may take to answer.
const LONGEST: Duration = Duration::from_secs(2);

/// GET /health/live
pub(crate) async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "live" }))
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
    (status, Json(serde_json::json!({ "status": word }))).into_response()
}
