//! Limits on guessing and asking, for programs: seen and cleared by person, mailbox and network.

use crate::api::document::operation::{Operation, of};
use crate::api::people::EXAMPLE;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::{Time, of as time};
use auth::limit_care::read_network;
use axum::Json;
use axum::http::StatusCode;
use domain::address::Address;
use domain::id::PersonId;
use domain::limit::Fill;
use schemars::JsonSchema;
use serde::Serialize;
use std::str::FromStr;
use store::person;

const NETWORK: &[&str] = &["192.0.2.7"];
const MAILBOX: &[&str] = &["ada@example.org"];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/people/{id}/limits", "Show the limits of a person and of the person's mailbox")
        .at(&[EXAMPLE])
        .gives(200, of::<LimitsView>),
    Operation::delete("/api/v1/people/{id}/limits", "Clear what holds a person back")
        .text("Wrong passwords and codes, and the mails with links counted for the mailbox. Links that work stay.")
        .at(&[EXAMPLE]),
    Operation::get("/api/v1/limits", "Show how far the lane of everybody who asks for links is filled")
        .gives(200, of::<LaneView>),
    Operation::get("/api/v1/limits/networks/{network}", "Show the limits of a network")
        .text("An IP address; all addresses of an IPv6 network of 64 bits are one.")
        .at(NETWORK)
        .gives(200, of::<LimitsView>),
    Operation::delete("/api/v1/limits/networks/{network}", "Clear the limits of a network").at(NETWORK),
    Operation::get("/api/v1/limits/mailboxes/{address}", "Show the limits of a mailbox")
        .text("Of mails with links, whoever asked for them; there need not be a person with it.")
        .at(MAILBOX)
        .gives(200, of::<LimitsView>),
    Operation::delete("/api/v1/limits/mailboxes/{address}", "Clear the limits of a mailbox")
        .text("It takes the rank to change everybody who has it.")
        .at(MAILBOX),
];

/// A network in a path.
#[derive(Debug, Clone)]
pub(crate) struct Network(String);

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        read_network(text).map(Self).ok_or(())
    }
}

/// An address in a path.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox(Address);

impl FromStr for Mailbox {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Address::parse(text).map(Self).map_err(|_| ())
    }
}

/// Limits and how far each is used up.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Limits")]
pub(crate) struct LimitsView {
    limits: Vec<LimitView>,
}

/// How far a limit is used up.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Limit")]
pub(crate) struct LimitView {
    /// Which, as in `mailbox_hour`.
    kind: String,
    used: i64,
    most: i64,
    /// `open`, `near` or `full`.
    level: String,
    /// When it frees itself; null: nothing is counted, or it does not by itself.
    frees_at: Option<Time>,
}

/// How far the lane of everybody is filled.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResetLane")]
pub(crate) struct LaneView {
    /// Requests of everybody in this second.
    requests: LimitView,
    /// Mails about accounts that wait or are on their way.
    waiting: i64,
    /// Since when the oldest of them waits.
    oldest_at: Option<Time>,
    /// Whether a mailing is recent: then more is allowed to each network.
    mailing_recent: bool,
}

impl From<Fill> for LimitView {
    fn from(fill: Fill) -> Self {
        Self {
            kind: fill.kind.as_str().to_owned(),
            used: fill.used,
            most: fill.most,
            level: fill.level.as_str().to_owned(),
            frees_at: time(fill.frees_at),
        }
    }
}

fn view(fills: Vec<Fill>) -> Json<LimitsView> {
    Json(LimitsView { limits: fills.into_iter().map(LimitView::from).collect() })
}

/// GET /api/v1/people/{id}/limits
pub(crate) async fn of_person(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<LimitsView>, Problem> {
    let (care, now) = (caller.state.auth.limit_care(), caller.now_ms);
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                let person = person::get(tx, id).await?;
                Ok(care.of_person(tx, &person, now).await?)
            })
        })
        .await?;
    Ok(view(found))
}

/// DELETE /api/v1/people/{id}/limits
pub(crate) async fn clear_person(caller: Caller, Id(id): Id<PersonId>) -> Result<StatusCode, Problem> {
    let (care, acting, now) = (caller.state.auth.limit_care(), caller.acting(), caller.now_ms);
    caller
        .write(move |tx| Box::pin(async move { Ok(care.clear_person(tx, &acting, id, now).await?) }))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// GET /api/v1/limits
pub(crate) async fn of_everybody(caller: Caller) -> Result<Json<LaneView>, Problem> {
    let mailing_recent = caller.state.auth.is_mailing_recent(caller.now_ms).await?;
    let (care, now) = (caller.state.auth.limit_care(), caller.now_ms);
    let lane = caller.read(move |tx| Box::pin(async move { Ok(care.of_everybody(tx, now).await?) })).await?;
    Ok(Json(LaneView {
        requests: lane.requests.into(),
        waiting: lane.waiting,
        oldest_at: time(lane.oldest_at),
        mailing_recent,
    }))
}

/// GET /api/v1/limits/networks/{network}
pub(crate) async fn of_network(
    caller: Caller,
    Id(Network(network)): Id<Network>,
) -> Result<Json<LimitsView>, Problem> {
    let (care, now) = (caller.state.auth.limit_care(), caller.now_ms);
    let found =
        caller.read(move |tx| Box::pin(async move { Ok(care.of_network(tx, &network, now).await?) })).await?;
    Ok(view(found))
}

/// DELETE /api/v1/limits/networks/{network}
pub(crate) async fn clear_network(
    caller: Caller,
    Id(Network(network)): Id<Network>,
) -> Result<StatusCode, Problem> {
    let (care, acting, now) = (caller.state.auth.limit_care(), caller.acting(), caller.now_ms);
    caller
        .write(move |tx| Box::pin(async move { Ok(care.clear_network(tx, &acting, &network, now).await?) }))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// GET /api/v1/limits/mailboxes/{address}
pub(crate) async fn of_mailbox(
    caller: Caller,
    Id(Mailbox(address)): Id<Mailbox>,
) -> Result<Json<LimitsView>, Problem> {
    let (care, now) = (caller.state.auth.limit_care(), caller.now_ms);
    let found =
        caller.read(move |tx| Box::pin(async move { Ok(care.of_mailbox(tx, &address, now).await?) })).await?;
    Ok(view(found))
}

/// DELETE /api/v1/limits/mailboxes/{address}
pub(crate) async fn clear_mailbox(
    caller: Caller,
    Id(Mailbox(address)): Id<Mailbox>,
) -> Result<StatusCode, Problem> {
    let (care, acting, now) = (caller.state.auth.limit_care(), caller.acting(), caller.now_ms);
    caller
        .write(move |tx| Box::pin(async move { Ok(care.clear_mailbox(tx, &acting, &address, now).await?) }))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
