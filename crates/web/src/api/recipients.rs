//! The recipients of a run, for programs: who stands where, and trying one again.

use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::person_view::address;
use crate::api::place::{Id, Ids};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::run_view::{RecipientView, RunView};
use crate::api::runs::EXAMPLE;
use axum::Json;
use domain::id::RunId;
use domain::recipient::RecipientState;
use domain::role::Permission;
use flow::RetryOf;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use store::person::{self, PersonChange};
use store::{recipient, run};

fn state(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = RecipientState::ALL.iter().map(|state| state.as_str()).collect();
    json_schema!({ "enum": names })
}
const STATE: Parameter = Parameter::new("state", "Only those in this state.", state).example("refused");

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/runs/{id}/recipients", "List the recipients of a run")
        .text("In the order of the audience.")
        .at(&[EXAMPLE])
        .query(&[STATE, LIMIT, CURSOR])
        .gives(200, of::<Page<RecipientView>>),
    Operation::post("/api/v1/runs/{id}/recipients/{position}/retry", "Try one recipient again")
        .text("With an address, that becomes the person's first; this needs people.edit as well.")
        .at(&[EXAMPLE, "1"])
        .takes(of::<Again>, r#"{"address":"ada@example.net"}"#)
        .gives(200, of::<RunView>),
];

/// How to try again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Again {
    /// The right address; null: the one there is.
    address: Option<String>,
}

/// GET /api/v1/runs/{id}/recipients
pub(crate) async fn list(
    caller: Caller,
    Id(id): Id<RunId>,
    asked: Asked,
) -> Result<Json<Page<RecipientView>>, Problem> {
    let state = match asked.text("state") {
        None => None,
        Some(name) => Some(RecipientState::parse(name).ok_or_else(|| {
            let names: Vec<&str> = RecipientState::ALL.iter().map(|state| state.as_str()).collect();
            Problem::parameter("state", &format!("expected one of {}", names.join(", ")))
        })?),
    };
    let (limit, after) = (asked.limit()?, asked.position::<4>(&caller)?.map_or(0, u32::from_be_bytes));
    let mut found = caller
        .read(move |tx| {
            Box::pin(async move {
                let number = run::get(tx, id).await?.number;
                Ok(recipient::list(tx, number, state, after, limit + 1).await?)
            })
        })
        .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|one| one.position.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(RecipientView::from).collect(), next)))
}

/// POST /api/v1/runs/{id}/recipients/{position}/retry
pub(crate) async fn retry(
    caller: Caller,
    Ids(id, position): Ids<RunId, u32>,
    Strict(body): Strict<Again>,
) -> Result<Json<RunView>, Problem> {
    let new = body.address.as_deref().map(address).transpose()?;
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                let number = run::get(tx, id).await?.number;
                let found = recipient::list(tx, number, None, position.saturating_sub(1), 1).await?;
                Ok(found.into_iter().find(|one| one.position == position))
            })
        })
        .await?
        .ok_or_else(Problem::not_found)?;
    let failed = [RecipientState::Refused, RecipientState::Bounced, RecipientState::Unknown];
    if !failed.contains(&found.state) {
        let text = format!(
            "Only who was refused, bounced or is unknown can be tried again, this one is {}.",
            found.state
        );
        return Err(Problem::conflict(text));
    }
    if let Some(new) = new {
        caller.must(Permission::PeopleEdit)?;
        let (acting, now, person_id) = (caller.acting(), caller.now_ms, found.person_id);
        let change = PersonChange { address: Some(Some(new)), ..PersonChange::default() };
        caller
            .write(move |tx| {
                Box::pin(async move { Ok(person::update(tx, &acting, person_id, &change, now).await?) })
            })
            .await?;
    }
    Ok(Json(caller.flow.retry(id, RetryOf::One(position), &caller.acting()).await?.into()))
}
