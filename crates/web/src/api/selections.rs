//! Selections, for programs: saved filters, evaluated at use.

use crate::api::archive::Viewed;
use crate::api::document::operation::{LIMIT, Operation, Parameter, of};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::people::{created, flag};
use crate::api::person_view::{PersonView, given};
use crate::api::place::Id;
use crate::api::problem::{Problem, sentence};
use crate::api::program::Caller;
use crate::api::time::Time;
use axum::Json;
use axum::response::Response;
use domain::id::SelectionId;
use domain::role::Permission;
use domain::selection::Selection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::recipient::Audience;
use store::{Tx, person, selection};
use uuid::Uuid;

/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000003";
const ONE: &[&str] = &[EXAMPLE];

/// Whether a list is of what was put away.
pub(crate) const ARCHIVED: Parameter = Parameter::new("archived", "Those in the archive.", flag);

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/selections", "List selections")
        .query(&[ARCHIVED])
        .gives(200, of::<Page<SelectionView>>),
    Operation::post("/api/v1/selections", "Save a selection as a draft")
        .text("Its filter may still be incomplete; publishing looks at it.")
        .takes(of::<NewSelection>, r#"{"name":"Long unused","filter":"last_login_at lt \"now-90d\""}"#)
        .gives(201, of::<SelectionView>),
    Operation::post("/api/v1/selections/count", "Count whom a filter finds")
        .text("Nothing is saved. Needs people.view as well.")
        .takes(of::<Question>, r#"{"filter":"given_name sw \"A\"","limit":3}"#)
        .gives(200, of::<Found>),
    Operation::get("/api/v1/selections/{id}", "Show a selection and where it is used")
        .at(ONE)
        .gives(200, of::<SelectionView>),
    Operation::patch("/api/v1/selections/{id}", "Change a selection")
        .text("Whoever changes it bounds the rights of every run that uses it from then on.")
        .at(ONE)
        .takes(of::<SelectionChange>, r#"{"description":"Asked for by the data protection officer"}"#)
        .gives(200, of::<SelectionView>)
        .also(&[409]),
    Operation::delete("/api/v1/selections/{id}", "Remove a selection that nothing uses").at(ONE).also(&[409]),
    Operation::post("/api/v1/selections/{id}/publish", "Publish a selection")
        .text("Only published ones can be used.")
        .at(ONE)
        .gives(200, of::<SelectionView>),
    Operation::post("/api/v1/selections/{id}/archive", "Put a selection away that nothing uses")
        .at(ONE)
        .gives(200, of::<SelectionView>),
    Operation::post("/api/v1/selections/{id}/restore", "Take a selection out of the archive")
        .at(ONE)
        .gives(200, of::<SelectionView>),
    Operation::get("/api/v1/selections/{id}/people", "Count whom a selection finds now, with a sample")
        .text("A draft is looked at as well. Needs people.view, too.")
        .at(ONE)
        .query(&[LIMIT])
        .gives(200, of::<Found>),
];

/// A selection.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Selection")]
pub(crate) struct SelectionView {
    id: Uuid,
    /// Unique.
    name: String,
    description: String,
    /// As written (SCIM, RFC 7644 §3.4.2.2).
    filter: String,
    /// At most so many people, in the order they were added; null: everyone it finds.
    size_limit: Option<i64>,
    /// The zone `today` means in the filter.
    time_zone: String,
    author_id: Uuid,
    /// Everyone who edited it and bounds the rights of its runs; empty: its author alone.
    editor_ids: Vec<Uuid>,
    published: bool,
    archived: bool,
    /// What uses it, in words.
    used_by: Vec<String>,
    created_at: Time,
    updated_at: Time,
}

/// A selection to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSelection {
    /// 1 to 100 characters.
    name: String,
    #[serde(default)]
    description: String,
    filter: String,
    #[schemars(range(min = 1))]
    size_limit: Option<i64>,
    /// IANA; without one, the installation's.
    time_zone: Option<String>,
}

/// What to change; what is missing stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SelectionChange {
    name: Option<String>,
    description: Option<String>,
    filter: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<i64>")]
    size_limit: Option<Option<i64>>,
    time_zone: Option<String>,
}

/// A filter to be counted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    filter: String,
    /// IANA; without one, the installation's.
    time_zone: Option<String>,
    /// How many people to show, 0 to 200.
    #[serde(default)]
    #[schemars(range(min = 0, max = 200))]
    limit: i64,
}

/// Whom a filter finds.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many.
    count: i64,
    /// The first of them.
    people: Vec<PersonView>,
}

fn view(one: Selection, used_by: &[selection::User]) -> SelectionView {
    SelectionView {
        id: one.id.0,
        name: one.name,
        description: one.description,
        filter: one.filter,
        size_limit: one.size_limit,
        time_zone: one.time_zone,
        author_id: one.author_id.0,
        editor_ids: one.editors.into_iter().map(|id| id.0).collect(),
        published: one.published,
        archived: one.archived,
        used_by: used_by.iter().map(ToString::to_string).collect(),
        created_at: Time(one.created_at),
        updated_at: Time(one.updated_at),
    }
}

async fn read(tx: &mut Tx, id: SelectionId) -> Result<SelectionView, Problem> {
    let one = selection::get(tx, id).await?;
    let users = selection::where_used(tx, id).await?;
    Ok(view(one, &users))
}

/// GET /api/v1/selections
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<SelectionView>>, Problem> {
    let archived = asked.flag("archived")?;
    let items = caller
        .read(move |tx| {
            Box::pin(async move {
                let mut users = selection::list_users(tx).await?;
                let listed = selection::list(tx, Some(archived)).await?.into_iter();
                let view_one = |one: Selection| {
                    let used = users.remove(&one.id).unwrap_or_default();
                    view(one, &used)
                };
                Ok(listed.map(view_one).collect::<Vec<_>>())
            })
        })
        .await?;
    Ok(Json(Page { items, next_cursor: None }))
}

/// POST /api/v1/selections
pub(crate) async fn create(caller: Caller, Strict(new): Strict<NewSelection>) -> Result<Response, Problem> {
    let (acting, id, now) = (caller.acting(), SelectionId(caller.fresh_id()?), caller.now_ms);
    let draft = selection::Draft {
        name: new.name,
        description: new.description,
        filter: new.filter,
        size_limit: new.size_limit,
        time_zone: new.time_zone.unwrap_or_else(|| caller.state.settings.zone_name()),
    };
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                selection::insert(tx, &acting, id, &draft, now).await?;
                read(tx, id).await
            })
        })
        .await?;
    Ok(created(format!("/api/v1/selections/{id}"), made))
}

/// GET /api/v1/selections/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<SelectionId>) -> Result<Json<SelectionView>, Problem> {
    Ok(Json(caller.read(move |tx| Box::pin(read(tx, id))).await?))
}

/// PATCH /api/v1/selections/{id}
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<SelectionId>,
    Strict(change): Strict<SelectionChange>,
) -> Result<Json<SelectionView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let change = selection::Change {
        name: change.name,
        description: change.description,
        filter: change.filter,
        size_limit: change.size_limit,
        time_zone: change.time_zone,
    };
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                selection::update(tx, &acting, id, change, false, now).await?;
                read(tx, id).await
            })
        })
        .await?;
    Ok(Json(changed))
}

/// POST /api/v1/selections/{id}/publish
pub(crate) async fn publish(caller: Caller, Id(id): Id<SelectionId>) -> Result<Json<SelectionView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                selection::publish(tx, &acting, id, now).await?;
                read(tx, id).await
            })
        })
        .await?;
    Ok(Json(changed))
}

impl Viewed for Selection {
    type View = SelectionView;

    async fn view(tx: &mut Tx, id: SelectionId) -> Result<SelectionView, Problem> {
        read(tx, id).await
    }
}

/// POST /api/v1/selections/count
pub(crate) async fn count(caller: Caller, Strict(asked): Strict<Question>) -> Result<Json<Found>, Problem> {
    caller.must(Permission::PeopleView)?;
    if !(0..=200).contains(&asked.limit) {
        return Err(Problem::field("/limit", "expected a whole number from 0 to 200"));
    }
    let zone = asked.time_zone.unwrap_or_else(|| caller.state.settings.zone_name());
    store::person::check::time_zone(&zone)
        .map_err(|right| Problem::field("/time_zone", right.to_string()))?;
    let now = caller.now_ms;
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                let audience = selection::read_filter(tx, &asked.filter, &zone, now)
                    .await?
                    .map_err(|problem| Problem::filter("/filter", &problem))?;
                find(tx, &audience, asked.limit).await
            })
        })
        .await?;
    Ok(Json(found))
}

/// GET /api/v1/selections/{id}/people
pub(crate) async fn list_people(
    caller: Caller,
    Id(id): Id<SelectionId>,
    asked: Asked,
) -> Result<Json<Found>, Problem> {
    caller.must(Permission::PeopleView)?;
    let (limit, now) = (asked.limit()?, caller.now_ms);
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                let one = selection::get(tx, id).await?;
                let audience = selection::read_filter(tx, &one.filter, &one.time_zone, now).await?;
                let audience = audience.map_err(|problem| {
                    Problem::conflict("The filter of this selection is not right.").at("", sentence(&problem))
                })?;
                find(tx, &Audience { size_limit: one.size_limit, ..audience }, limit).await
            })
        })
        .await?;
    Ok(Json(found))
}

async fn find(tx: &mut Tx, audience: &Audience, limit: i64) -> Result<Found, Problem> {
    let count = selection::count(tx, audience).await?;
    let ids = selection::sample(tx, audience, limit).await?;
    let people = person::list_by_ids(tx, &ids).await?;
    Ok(Found { count, people: people.into_iter().map(PersonView::from).collect() })
}
