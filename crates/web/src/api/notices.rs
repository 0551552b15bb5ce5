//! Notices, for programs: mails to operators and what became of them.

use crate::api::document::operation::{LIMIT, Operation, of};
use crate::api::paging::{Asked, Page};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::{Time, of as time};
use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;
use store::notice::{self, Which};
use uuid::Uuid;

pub(crate) const OPERATIONS: &[Operation] =
    &[Operation::get("/api/v1/notices", "List the newest notices to operators")
        .query(&[LIMIT])
        .gives(200, of::<Page<NoticeView>>)];

/// A mail to an operator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Notice")]
pub(crate) struct NoticeView {
    id: Uuid,
    /// Whom it is for.
    person_id: Uuid,
    username: Option<String>,
    /// What it is about, as in `run_failed`.
    kind: String,
    attempts: i64,
    /// When it is tried next; null: it is done with.
    due_at: Option<Time>,
    /// How it ended.
    outcome: Option<String>,
    /// The relay's words, or why nobody was written to.
    detail: Option<String>,
    created_at: Time,
    settled_at: Option<Time>,
}

/// GET /api/v1/notices
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<NoticeView>>, Problem> {
    let limit = asked.limit()?;
    let found = caller
        .read(move |tx| Box::pin(async move { Ok(notice::list(tx, Which::All, limit).await?) }))
        .await?;
    let view = |one: notice::Listed| NoticeView {
        id: one.id.0,
        person_id: one.person_id.0,
        username: one.username,
        kind: one.kind.as_str().to_owned(),
        attempts: one.attempts,
        due_at: time(one.due_at),
        outcome: one.outcome.map(|outcome| outcome.as_str().to_owned()),
        detail: one.detail,
        created_at: Time(one.created_at),
        settled_at: time(one.settled_at),
    };
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next_cursor: None }))
}
