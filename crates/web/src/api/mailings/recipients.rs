//! Whom a mailing goes to, for programs: people by name, by lists, groups and a selection together.

use super::view::{GroupView, NamedView};
use super::{EXAMPLE, ONE, must_be_there};
use crate::api::document::operation::{CURSOR, LIMIT, Operation, of};
use crate::api::json::Strict;
use crate::api::paging::Asked;
use crate::api::people::EXAMPLE as PERSON;
use crate::api::place::{Id, Ids};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use axum::http::StatusCode;
use domain::id::{GroupId, MailingId, PersonId, SelectionId};
use domain::mailing::NotPossible;
use domain::role::Permission;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::mailing::{self, Draft, Line};
use store::{Acting, Refusal, Tx, group};
use uuid::Uuid;

/// The most people, lines or groups that are added at once.
const MOST_AT_ONCE: usize = 10_000;
const GROUP: &str = "01940000-0000-7000-8000-000000000002";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/mailings/{id}/recipients", "List whom a mailing goes to")
        .text("People by name come in pages; groups and the selection stand beside them. `preview` counts all of them.")
        .at(ONE)
        .query(&[LIMIT, CURSOR])
        .gives(200, of::<RecipientsView>),
    Operation::post("/api/v1/mailings/{id}/recipients", "Add recipients to a mailing until it starts")
        .text(
            "People by id, a list of user names or addresses with a result for each line, groups, and the selection. \
             One that was armed is a draft by it. People and lists need people.view as well.",
        )
        .at(ONE)
        .takes(
            of::<Recipients>,
            r#"{"person_ids":["01940000-0000-7000-8000-000000000001"],
                "lines":["ada@example.org","nobody@example.org"],
                "group_ids":["01940000-0000-7000-8000-000000000002"],
                "selection_id":"01940000-0000-7000-8000-000000000003"}"#,
        )
        .gives(200, of::<Taken>),
    Operation::delete(
        "/api/v1/mailings/{id}/recipients/{person_id}",
        "Take a person out who was added by name",
    )
    .text("Whoever is found by a group or the selection stays.")
    .at(&[EXAMPLE, PERSON])
    .also(&[409]),
    Operation::delete("/api/v1/mailings/{id}/groups/{group_id}", "Take a group out")
        .at(&[EXAMPLE, GROUP])
        .also(&[409]),
];

/// Whom a mailing goes to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MailingRecipients")]
pub(crate) struct RecipientsView {
    selection_id: Option<Uuid>,
    groups: Vec<GroupView>,
    /// How many people were added by name.
    named: i64,
    /// The people added by name.
    items: Vec<NamedView>,
    /// Where the next page begins; null: this is the last.
    next_cursor: Option<String>,
}

/// Recipients to add.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Recipients {
    /// People, at most 10,000; who is gone is passed over.
    #[schemars(length(max = 10_000))]
    person_ids: Vec<Uuid>,
    /// User names or addresses, one a line, at most 10,000.
    #[schemars(length(max = 10_000))]
    lines: Vec<String>,
    /// Groups, everybody in them when the recipients are settled.
    #[schemars(length(max = 10_000))]
    group_ids: Vec<Uuid>,
    /// The selection whose people it goes to, in place of the one before.
    selection_id: Option<Uuid>,
}

/// What became of recipients to add.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecipientsAdded")]
pub(crate) struct Taken {
    /// How many people were not added by name yet.
    people: u64,
    /// What each line of the list means, in their order.
    lines: Vec<LineView>,
}

/// What a line of a list means.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecipientLine")]
pub(crate) struct LineView {
    /// From 1.
    line: usize,
    /// `found`; `repeated`: stands above already; `several`: several people have this address; `unknown`; `empty`.
    result: &'static str,
    person_id: Option<Uuid>,
    username: Option<String>,
    /// Of several people: how many.
    people: Option<i64>,
}

fn line_view(line: usize, found: Line) -> LineView {
    let bare = |result| LineView { line, result, person_id: None, username: None, people: None };
    match found {
        Line::Found { person_id, username } => {
            LineView { person_id: Some(person_id.0), username: Some(username), ..bare("found") }
        }
        Line::Repeated { username } => LineView { username: Some(username), ..bare("repeated") },
        Line::Several { people } => LineView { people: Some(people), ..bare("several") },
        Line::Unknown => bare("unknown"),
        Line::Empty => bare("empty"),
    }
}

/// GET /api/v1/mailings/{id}/recipients
pub(crate) async fn list(
    caller: Caller,
    Id(id): Id<MailingId>,
    asked: Asked,
) -> Result<Json<RecipientsView>, Problem> {
    let (limit, after) = (asked.limit()?, asked.position::<16>(&caller)?);
    let after = after.map(|bytes| PersonId(Uuid::from_bytes(bytes)));
    let (one, groups, named, mut people) = caller
        .read(move |tx| {
            Box::pin(async move {
                let one = mailing::get(tx, id).await?;
                let groups = mailing::list_groups(tx, id).await?;
                let named = mailing::count_people(tx, id).await?;
                Ok((one, groups, named, mailing::list_named(tx, id, after, limit + 1).await?))
            })
        })
        .await?;
    let more = people.len() as i64 > limit;
    people.truncate(usize::try_from(limit).unwrap_or(0));
    let next = people.last().filter(|_| more).map(|one| *one.person_id.0.as_bytes());
    let page = asked.page(&caller, people.into_iter().map(NamedView::from).collect(), next);
    Ok(Json(RecipientsView {
        selection_id: one.selection_id.map(|id| id.0),
        groups: groups.into_iter().map(GroupView::from).collect(),
        named,
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

/// POST /api/v1/mailings/{id}/recipients
pub(crate) async fn create(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<Recipients>,
) -> Result<Json<Taken>, Problem> {
    for (place, given) in [
        ("/person_ids", body.person_ids.len()),
        ("/lines", body.lines.len()),
        ("/group_ids", body.group_ids.len()),
    ] {
        if given > MOST_AT_ONCE {
            return Err(Problem::field(place, "at most 10,000 can be added at once"));
        }
    }
    let nothing = body.person_ids.is_empty() && body.lines.is_empty() && body.group_ids.is_empty();
    if nothing && body.selection_id.is_none() {
        return Err(Problem::field(
            "",
            "expected at least one of person_ids, lines, group_ids, selection_id",
        ));
    }
    if !body.person_ids.is_empty() || !body.lines.is_empty() {
        caller.must(Permission::PeopleView)?;
    }
    let (acting, now) = (caller.acting(), caller.now_ms);
    let taken =
        caller.write(move |tx| Box::pin(async move { take(tx, &acting, id, body, now).await })).await?;
    Ok(Json(taken))
}

async fn take(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    body: Recipients,
    now_ms: i64,
) -> Result<Taken, Problem> {
    let before = mailing::lock(tx, id).await?;
    if let Some(selection) = body.selection_id.map(SelectionId) {
        if before.reminder.is_some() {
            return Err(Refusal::State(NotPossible::Family.into()).into());
        }
        must_be_there(tx, Some(selection)).await?;
        let draft = Draft { selection_id: Some(selection), ..Draft::of(&before) };
        mailing::update(tx, acting, id, &draft, now_ms).await?;
    }
    for (place, group) in body.group_ids.iter().enumerate() {
        let group = GroupId(*group);
        group::get(tx, group)
            .await
            .map_err(|_| Problem::field(format!("/group_ids/{place}"), "there is no such group"))?;
        mailing::add_group(tx, acting, id, group, now_ms).await?;
    }
    let lines: Vec<&str> = body.lines.iter().map(String::as_str).collect();
    let lines = mailing::read_lines(tx, &lines).await?;
    let listed = lines.iter().filter_map(|line| match line {
        Line::Found { person_id, .. } => Some(*person_id),
        _ => None,
    });
    let mut people: Vec<PersonId> = body.person_ids.into_iter().map(PersonId).chain(listed).collect();
    people.sort_unstable();
    people.dedup();
    let added =
        if people.is_empty() { 0 } else { mailing::add_people(tx, acting, id, &people, now_ms).await? };
    let lines = lines.into_iter().enumerate().map(|(place, line)| line_view(place + 1, line)).collect();
    Ok(Taken { people: added, lines })
}

/// DELETE /api/v1/mailings/{id}/recipients/{person_id}
pub(crate) async fn remove(
    caller: Caller,
    Ids(id, person): Ids<MailingId, PersonId>,
) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller
        .write(move |tx| {
            Box::pin(async move {
                match mailing::remove_people(tx, &acting, id, &[person], now).await? {
                    0 => Err(Problem::not_found()),
                    _ => Ok(()),
                }
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// DELETE /api/v1/mailings/{id}/groups/{group_id}
pub(crate) async fn remove_group(
    caller: Caller,
    Ids(id, group): Ids<MailingId, GroupId>,
) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller
        .write(move |tx| {
            Box::pin(async move {
                mailing::get(tx, id).await?;
                let chosen = mailing::list_groups(tx, id).await?;
                if !chosen.iter().any(|one| one.id == group) {
                    return Err(Problem::not_found());
                }
                Ok(mailing::remove_group(tx, &acting, id, group, now).await?)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
