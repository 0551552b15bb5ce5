//! Groups and who is in them, for programs.

use crate::api::document::operation::{CURSOR, LIMIT, Operation, of};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::people::{EXAMPLE as PERSON, created};
use crate::api::person_view::PersonView;
use crate::api::place::{Id, Ids};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::Time;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{GroupId, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::group::Offer;
use store::person_search::{self, Search};
use store::{Tx, group};
use uuid::Uuid;

const EXAMPLE: &str = "01940000-0000-7000-8000-000000000002";
/// The most people that are added or taken out at once.
const MOST_AT_ONCE: usize = 10_000;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/groups", "List groups").gives(200, of::<Page<GroupView>>),
    Operation::post("/api/v1/groups", "Add a group")
        .takes(of::<NewGroup>, r#"{"name":"Choir","description":"Everyone who sings"}"#)
        .gives(201, of::<GroupView>),
    Operation::get("/api/v1/groups/{id}", "Show a group").at(&[EXAMPLE]).gives(200, of::<GroupView>),
    Operation::patch("/api/v1/groups/{id}", "Rename or describe a group")
        .text("Filters name groups by name: a renamed one is no longer found by the old name.")
        .at(&[EXAMPLE])
        .takes(of::<GroupChange>, r#"{"description":"Everyone who sings on Tuesdays"}"#)
        .gives(200, of::<GroupView>)
        .also(&[409]),
    Operation::delete("/api/v1/groups/{id}", "Remove a group")
        .text("The people in it stay.")
        .at(&[EXAMPLE])
        .also(&[409]),
    Operation::get("/api/v1/groups/{id}/members", "List who is in a group")
        .at(&[EXAMPLE])
        .query(&[LIMIT, CURSOR])
        .gives(200, of::<Page<PersonView>>),
    Operation::post("/api/v1/groups/{id}/members", "Put people into a group")
        .text("People who are gone are passed over.")
        .at(&[EXAMPLE])
        .takes(of::<Members>, r#"{"person_ids":["01940000-0000-7000-8000-000000000001"]}"#)
        .gives(200, of::<Changed>),
    Operation::delete("/api/v1/groups/{id}/members/{person_id}", "Take a person out of a group")
        .at(&[EXAMPLE, PERSON])
        .gives(200, of::<Changed>),
];

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub(crate) struct GroupView {
    id: Uuid,
    /// Unique; upper and lower case differ.
    name: String,
    description: String,
    /// How many people are in it.
    members: i64,
    created_at: Time,
    offer: OfferView,
}

/// How recipients see a group at their own pages.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Offer")]
pub(crate) struct OfferView {
    /// They join and leave it themselves.
    subscribable: bool,
    /// What they call it; empty: its name.
    public_title: String,
    public_description: String,
    /// Joining has to be confirmed by mail.
    double_opt_in: bool,
}

impl From<OfferView> for Offer {
    fn from(view: OfferView) -> Self {
        Self {
            subscribable: view.subscribable,
            public_title: view.public_title,
            public_description: view.public_description,
            double_opt_in: view.double_opt_in,
        }
    }
}

/// A group to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    /// 1 to 200 characters.
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    offer: OfferView,
}

/// What to change; what is missing stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupChange {
    name: Option<String>,
    description: Option<String>,
    /// As a whole.
    offer: Option<OfferView>,
}

/// People.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Members {
    /// At most 10,000.
    #[schemars(length(max = 10_000))]
    person_ids: Vec<Uuid>,
}

/// How many changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Changed {
    people: u64,
}

fn view(listed: group::Listed) -> GroupView {
    let group::Listed { group, members } = listed;
    GroupView {
        id: group.id.0,
        name: group.name,
        description: group.description,
        members,
        created_at: Time(group.created_at),
        offer: OfferView {
            subscribable: group.offer.subscribable,
            public_title: group.offer.public_title,
            public_description: group.offer.public_description,
            double_opt_in: group.offer.double_opt_in,
        },
    }
}

async fn read(tx: &mut Tx, id: GroupId) -> Result<GroupView, Problem> {
    let group = group::get(tx, id).await?;
    let members = group::count_members(tx, id).await?;
    Ok(view(group::Listed { group, members }))
}

/// GET /api/v1/groups: all of them; there are few.
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<GroupView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(group::list(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next_cursor: None }))
}

/// POST /api/v1/groups
pub(crate) async fn create(caller: Caller, Strict(new): Strict<NewGroup>) -> Result<Response, Problem> {
    let (acting, id, now) = (caller.acting(), GroupId(caller.fresh_id()?), caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                group::insert(tx, &acting, id, &new.name, &new.description, now).await?;
                group::set_offer(tx, &acting, id, &new.offer.into(), now).await?;
                read(tx, id).await
            })
        })
        .await?;
    Ok(created(format!("/api/v1/groups/{id}"), made))
}

/// GET /api/v1/groups/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<GroupId>) -> Result<Json<GroupView>, Problem> {
    Ok(Json(caller.read(move |tx| Box::pin(read(tx, id))).await?))
}

/// PATCH /api/v1/groups/{id}
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<GroupId>,
    Strict(change): Strict<GroupChange>,
) -> Result<Json<GroupView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                let before = group::get(tx, id).await?;
                let name = change.name.unwrap_or(before.name);
                let description = change.description.unwrap_or(before.description);
                group::update(tx, &acting, id, &name, &description, now).await?;
                if let Some(offer) = change.offer {
                    group::set_offer(tx, &acting, id, &offer.into(), now).await?;
                }
                read(tx, id).await
            })
        })
        .await?;
    Ok(Json(changed))
}

/// DELETE /api/v1/groups/{id}
pub(crate) async fn remove(caller: Caller, Id(id): Id<GroupId>) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller.write(move |tx| Box::pin(async move { Ok(group::remove(tx, &acting, id, now).await?) })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// GET /api/v1/groups/{id}/members
pub(crate) async fn list_members(
    caller: Caller,
    Id(id): Id<GroupId>,
    asked: Asked,
) -> Result<Json<Page<PersonView>>, Problem> {
    let (limit, after) = (asked.limit()?, asked.position::<16>(&caller)?);
    let after = after.map(|bytes| PersonId(Uuid::from_bytes(bytes)));
    let page = caller
        .read(move |tx| {
            Box::pin(async move {
                group::get(tx, id).await?;
                let search = Search { audience: Some(group::members(id)), ..Search::default() };
                Ok(person_search::list(tx, &search, after, limit).await?)
            })
        })
        .await?;
    let next = page.next.map(|id| *id.0.as_bytes());
    Ok(Json(asked.page(&caller, page.people.into_iter().map(PersonView::from).collect(), next)))
}

/// POST /api/v1/groups/{id}/members
pub(crate) async fn add_members(
    caller: Caller,
    Id(id): Id<GroupId>,
    Strict(members): Strict<Members>,
) -> Result<Json<Changed>, Problem> {
    if members.person_ids.len() > MOST_AT_ONCE {
        return Err(Problem::field("/person_ids", "at most 10,000 people can be added at once"));
    }
    let (acting, now) = (caller.acting(), caller.now_ms);
    let people: Vec<PersonId> = members.person_ids.into_iter().map(PersonId).collect();
    let added = caller
        .write(move |tx| {
            Box::pin(async move { Ok(group::add_members(tx, &acting, id, &people, now).await?) })
        })
        .await?;
    Ok(Json(Changed { people: added }))
}

/// DELETE /api/v1/groups/{id}/members/{person_id}
pub(crate) async fn remove_member(
    caller: Caller,
    Ids(id, person): Ids<GroupId, PersonId>,
) -> Result<Json<Changed>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let removed = caller
        .write(move |tx| {
            Box::pin(async move {
                store::person::get(tx, person).await?;
                Ok(group::remove_members(tx, &acting, id, &[person], now).await?)
            })
        })
        .await?;
    Ok(Json(Changed { people: removed }))
}
