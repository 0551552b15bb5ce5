//! The audit log, for programs.

use crate::api::document::operation::{CURSOR, LIMIT, Operation, of};
use crate::api::paging::{Asked, Page};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::Time;
use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use store::audit;
use uuid::Uuid;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/audit", "List the entries of the audit log, newest first")
        .query(&[LIMIT, CURSOR])
        .gives(200, of::<Page<EntryView>>),
    Operation::get("/api/v1/audit/verify", "Check the chain of the audit log")
        .text("Keep the head elsewhere and compare it later.")
        .gives(200, of::<Verified>),
];

/// An entry.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub(crate) struct EntryView {
    /// Its number in the chain.
    number: i64,
    at: Time,
    /// The person who acted; for a program, the owner of its key. Null: the system or the command line.
    actor_id: Option<Uuid>,
    /// `operator`, `program`, `recipient`, `system` or `command line`.
    actor: String,
    /// As in `run.started`.
    action: String,
    subject_kind: String,
    subject_id: String,
    detail: Map<String, Value>,
    /// The network it came from; empty: the machine itself.
    network: String,
}

/// What checking the chain found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verified {
    /// How many entries are in order.
    entries: i64,
    /// The hash of the last one, in hexadecimal.
    head: String,
    /// The first entry that does not fit; null: all do.
    broken_at: Option<i64>,
}

fn view(one: audit::Listed) -> EntryView {
    EntryView {
        number: one.number,
        at: Time(one.at),
        actor_id: one.actor_id,
        actor: one.actor,
        action: one.action,
        subject_kind: one.subject_kind,
        subject_id: one.subject_id,
        detail: match one.detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        },
        network: one.network,
    }
}

/// GET /api/v1/audit
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<EntryView>>, Problem> {
    let (limit, before) =
        (asked.limit()?, asked.position::<8>(&caller)?.map_or(i64::MAX, i64::from_be_bytes));
    let found =
        caller.read(move |tx| Box::pin(async move { Ok(audit::list(tx, before, limit).await?) })).await?;
    // Numbers have no gaps and begin at 1.
    let next = found.last().filter(|last| last.number > 1).map(|last| last.number.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(view).collect(), next)))
}

/// GET /api/v1/audit/verify
pub(crate) async fn verify(caller: Caller) -> Result<Json<Verified>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(audit::verify(tx).await?) })).await?;
    Ok(Json(Verified { entries: found.entries, head: found.head, broken_at: found.broken_at }))
}
