//! Runs, for programs: how they stand, and what an operator can do to them.

use crate::api::automations;
use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::run_view::{ReportView, RunView};
use axum::Json;
use domain::id::{AutomationId, RunId};
use flow::{Report, RetryOf};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use store::run;

/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000005";
const ONE: &[&str] = &[EXAMPLE];

pub(crate) fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "uuid" })
}
const OF: Parameter =
    Parameter::new("automation_id", "Only those of this automation.", id).example(automations::EXAMPLE);

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/runs", "List runs, newest first")
        .query(&[OF, LIMIT, CURSOR])
        .gives(200, of::<Page<RunView>>),
    Operation::get("/api/v1/runs/{id}", "Show a run and what it came to")
        .at(ONE)
        .gives(200, of::<ReportView>),
    Operation::post("/api/v1/runs/{id}/pause", "Pause a run")
        .text("What is on the wire is finished, nothing new leaves; every old password stays as it is.")
        .at(ONE)
        .takes(of::<Cause>, r#"{"cause":"the help desk is closed"}"#)
        .gives(200, of::<RunView>),
    Operation::post("/api/v1/runs/{id}/resume", "Resume a run with exactly those left")
        .at(ONE)
        .gives(200, of::<RunView>),
    Operation::post("/api/v1/runs/{id}/cancel", "Cancel a run for good")
        .text("Whoever was not written to yet will not be, and keeps the old password.")
        .at(ONE)
        .gives(200, of::<RunView>),
    Operation::post("/api/v1/runs/{id}/retry", "Try everyone again who was refused, bounced or is unknown")
        .at(ONE)
        .gives(200, of::<RunView>),
];

/// Why.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cause {
    /// For people to read; at most 200 characters.
    cause: String,
}

/// GET /api/v1/runs
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<RunView>>, Problem> {
    let automation: Option<AutomationId> = asked.parsed("automation_id", "expected a UUID")?;
    let (limit, before) =
        (asked.limit()?, asked.position::<8>(&caller)?.map_or(i64::MAX, i64::from_be_bytes));
    // One more than the page, to know whether there is another.
    let mut found = caller
        .read(move |tx| Box::pin(async move { Ok(run::list(tx, automation, before, limit + 1).await?) }))
        .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|run| run.number.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(RunView::from).collect(), next)))
}

/// GET /api/v1/runs/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<RunId>) -> Result<Json<ReportView>, Problem> {
    Ok(Json(Report::read(&caller.store, id, caller.now_ms).await?.into()))
}

/// POST /api/v1/runs/{id}/pause
pub(crate) async fn pause(
    caller: Caller,
    Id(id): Id<RunId>,
    Strict(body): Strict<Cause>,
) -> Result<Json<RunView>, Problem> {
    let cause = body.cause.trim();
    if cause.chars().count() > 200 || cause.chars().any(char::is_control) {
        let right = "expected at most 200 characters and no control characters";
        return Err(Problem::field("/cause", right));
    }
    let cause = if cause.is_empty() { "paused by a program" } else { cause };
    Ok(Json(caller.flow.pause(id, &caller.acting(), cause).await?.into()))
}

/// POST /api/v1/runs/{id}/resume
pub(crate) async fn resume(caller: Caller, Id(id): Id<RunId>) -> Result<Json<RunView>, Problem> {
    Ok(Json(caller.flow.resume(id, &caller.acting()).await?.into()))
}

/// POST /api/v1/runs/{id}/cancel
pub(crate) async fn cancel(caller: Caller, Id(id): Id<RunId>) -> Result<Json<RunView>, Problem> {
    Ok(Json(caller.flow.cancel(id, &caller.acting()).await?.into()))
}

/// POST /api/v1/runs/{id}/retry
pub(crate) async fn retry(caller: Caller, Id(id): Id<RunId>) -> Result<Json<RunView>, Problem> {
    Ok(Json(caller.flow.retry(id, RetryOf::Failed, &caller.acting()).await?.into()))
}
