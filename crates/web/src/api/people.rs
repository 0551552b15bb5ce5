//! People, for programs.

use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of, text};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::person_view::{Kinds, NewPersonBody, PersonChangeBody, PersonView};
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use domain::id::PersonId;
use schemars::{Schema, SchemaGenerator, json_schema};
use store::person_search::{self, Search};
use store::{Tx, person, selection};
use uuid::Uuid;

const SEARCH: Parameter = Parameter::new(
    "search",
    "Words: with each must begin a name, the user name, the address, the external id or an attribute, or it must be \
     part of a group's name.",
    text,
)
.example("ada");
const INSIDE: Parameter =
    Parameter::new("inside", "A word may also stand inside; slower with many people.", flag);
const FILTER: Parameter = Parameter::new(
    "filter",
    "Only whom this filter finds, as in selections (SCIM, RFC 7644 §3.4.2.2).",
    text,
)
.example("given_name sw \"A\"");
/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000001";
const ONE: &[&str] = &[EXAMPLE];

/// A switch that is off when it is missing.
pub(crate) fn flag(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "boolean", "default": false })
}

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/people", "List people")
        .text("In the order they were added. Search and filter can be combined.")
        .query(&[SEARCH, INSIDE, FILTER, LIMIT, CURSOR])
        .gives(200, of::<Page<PersonView>>),
    Operation::post("/api/v1/people", "Add a contact")
        .takes(
            of::<NewPersonBody>,
            r#"{"address":"grace@example.org","given_name":"Grace","family_name":"Hopper","language":"en"}"#,
        )
        .gives(201, of::<PersonView>),
    Operation::get("/api/v1/people/{id}", "Show a person").at(ONE).gives(200, of::<PersonView>),
    Operation::patch("/api/v1/people/{id}", "Change a person")
        .text("A system user is changed only by a strictly higher rank, or by itself.")
        .at(ONE)
        .takes(of::<PersonChangeBody>, r#"{"display_name":"Countess","language":null}"#)
        .gives(200, of::<PersonView>)
        .also(&[409]),
    Operation::delete("/api/v1/people/{id}", "Erase a person")
        .text("The record is gone for good; the counts of runs and the audit log keep the bare id.")
        .at(ONE)
        .also(&[409]),
];

/// GET /api/v1/people
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<PersonView>>, Problem> {
    let (limit, after) = (asked.limit()?, asked.position::<16>(&caller)?);
    let after = after.map(|bytes| PersonId(Uuid::from_bytes(bytes)));
    let (words, filter) = (asked.text("search").map(str::to_owned), asked.text("filter").map(str::to_owned));
    let inside = asked.flag("inside")?;
    let (zone, now) = (caller.state.settings.zone_name(), caller.now_ms);
    let page = caller
        .read(move |tx| {
            Box::pin(async move {
                let search = search(tx, words, filter, inside, &zone, now).await?;
                Ok(person_search::list(tx, &search, after, limit).await?)
            })
        })
        .await?;
    let next = page.next.map(|id| *id.0.as_bytes());
    Ok(Json(asked.page(&caller, page.people.into_iter().map(PersonView::from).collect(), next)))
}

/// Words and a filter as a search.
pub(crate) async fn search(
    tx: &mut Tx,
    words: Option<String>,
    filter: Option<String>,
    inside: bool,
    zone: &str,
    now_ms: i64,
) -> Result<Search, Problem> {
    let audience = match filter {
        Some(filter) => Some(
            selection::read_filter(tx, &filter, zone, now_ms)
                .await?
                .map_err(|problem| Problem::filter("", &problem))?,
        ),
        None => None,
    };
    Ok(Search { audience, text: words, inside })
}

/// POST /api/v1/people
pub(crate) async fn create(caller: Caller, body: Strict<NewPersonBody>) -> Result<Response, Problem> {
    let (acting, id, now) = (caller.acting(), caller.fresh_id()?, caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                let new = body.0.into_person(id, &Kinds::read_from(tx).await?)?;
                person::insert(tx, &acting, &new, now).await?;
                Ok(person::get(tx, new.id).await?)
            })
        })
        .await?;
    Ok(created(format!("/api/v1/people/{id}"), PersonView::from(made)))
}

/// 201 with where it is and what it is.
pub(crate) fn created(place: String, made: impl serde::Serialize) -> Response {
    (StatusCode::CREATED, [(LOCATION, place)], Json(made)).into_response()
}

/// GET /api/v1/people/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<PersonView>, Problem> {
    let found = caller.read(move |tx| Box::pin(async move { Ok(person::get(tx, id).await?) })).await?;
    Ok(Json(found.into()))
}

/// PATCH /api/v1/people/{id}
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<PersonId>,
    body: Strict<PersonChangeBody>,
) -> Result<Json<PersonView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                let change = body.0.into_change(&Kinds::read_from(tx).await?)?;
                Ok(person::update(tx, &acting, id, &change, now).await?)
            })
        })
        .await?;
    Ok(Json(changed.into()))
}

/// DELETE /api/v1/people/{id}
pub(crate) async fn remove(caller: Caller, Id(id): Id<PersonId>) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller.write(move |tx| Box::pin(async move { Ok(person::erase(tx, &acting, id, now).await?) })).await?;
    Ok(StatusCode::NO_CONTENT)
}
