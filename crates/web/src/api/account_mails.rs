//! Mails about people's own accounts, for programs.

use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of};
use crate::api::paging::{Asked, Page};
use crate::api::people::flag;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::{Time, of as time};
use axum::Json;
use domain::id::AccountMailId;
use schemars::JsonSchema;
use serde::Serialize;
use store::account_mail_view::{self, Listed, Which};
use uuid::Uuid;

const TROUBLE: Parameter =
    Parameter::new("trouble", "Only what was given up, came back or waits for long.", flag);

pub(crate) const OPERATIONS: &[Operation] =
    &[Operation::get("/api/v1/account-mails", "List mails about people's own accounts, newest first")
        .text("What somebody typed is not shown: until it is looked up, the address is null.")
        .query(&[TROUBLE, LIMIT, CURSOR])
        .gives(200, of::<Page<AccountMailView>>)];

/// A mail about somebody's own account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccountMail")]
pub(crate) struct AccountMailView {
    id: Uuid,
    /// `reset_link` or `password_changed`.
    kind: String,
    address: Option<String>,
    /// Whose, when it is about one person.
    person_id: Option<Uuid>,
    attempts: i64,
    /// When it is tried next; null: it is on its way, or done with.
    due_at: Option<Time>,
    /// How it ended: `accepted`, `given_up`, `absorbed` or `left_out`.
    outcome: Option<String>,
    /// The relay's words, or why nobody was written to.
    detail: Option<String>,
    bounced_at: Option<Time>,
    /// Why it came back.
    bounce: Option<String>,
    requested_at: Time,
    settled_at: Option<Time>,
}

impl From<Listed> for AccountMailView {
    fn from(one: Listed) -> Self {
        Self {
            id: one.id.0,
            kind: one.kind.as_str().to_owned(),
            address: one.address,
            person_id: one.person_id.map(|id| id.0),
            attempts: one.attempts,
            due_at: time(one.due_at),
            outcome: one.outcome.map(|outcome| outcome.as_str().to_owned()),
            detail: one.detail,
            bounced_at: time(one.bounced_at),
            bounce: one.bounce,
            requested_at: Time(one.requested_at),
            settled_at: time(one.settled_at),
        }
    }
}

/// GET /api/v1/account-mails
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<AccountMailView>>, Problem> {
    let (limit, before) = (asked.limit()?, asked.position::<16>(&caller)?);
    let before = before.map(|bytes| AccountMailId(Uuid::from_bytes(bytes)));
    let which = if asked.flag("trouble")? { Which::Trouble } else { Which::All };
    let now = caller.now_ms;
    let mut found = caller
        .read(move |tx| {
            Box::pin(async move { Ok(account_mail_view::list(tx, which, before, limit + 1, now).await?) })
        })
        .await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| has_more).map(|last| *last.id.0.as_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(AccountMailView::from).collect(), next)))
}
