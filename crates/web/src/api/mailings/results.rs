//! What came of a mailing, for programs: its funnel, who stands where, everything that happened, its runs.

use super::ONE;
use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of};
use crate::api::paging::{Asked, Page};
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::run_view::RunView;
use crate::api::time::{Time, of as time};
use axum::Json;
use domain::id::{MailingId, RecipientId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::mailing::{self, Done, Funnel, FunnelStage, Told};
use store::run;
use uuid::Uuid;

fn stages() -> Vec<&'static str> {
    FunnelStage::all().into_iter().map(FunnelStage::as_str).collect()
}

fn stage(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": stages(), "default": "total" })
}
const STAGE: Parameter =
    Parameter::new("stage", "Only the people behind this number of the funnel.", stage).example("not_done");

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/mailings/{id}/funnel", "How many people of a mailing came how far")
        .text("People, not events, over its late joiners and its reminders; asked of a reminder: of its mailing.")
        .at(ONE)
        .gives(200, of::<FunnelView>),
    Operation::get("/api/v1/mailings/{id}/people", "List the people behind a number of the funnel")
        .text("In the order of the audience.")
        .at(ONE)
        .query(&[STAGE, LIMIT, CURSOR])
        .gives(200, of::<Page<DoneView>>),
    Operation::get("/api/v1/mailings/{id}/events", "List what people did about a mailing, in the order it happened")
        .at(ONE)
        .query(&[LIMIT, CURSOR])
        .gives(200, of::<Page<EventView>>),
    Operation::get("/api/v1/mailings/{id}/runs", "List the runs of a mailing")
        .text("The first at its start, others for those who were found later. Reminders have runs of their own.")
        .at(ONE)
        .gives(200, of::<Page<RunView>>),
];

/// How many people of a mailing came how far.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Funnel")]
pub(crate) struct FunnelView {
    /// The mailing it is of: never a reminder.
    mailing_id: Uuid,
    /// In the audience, left out or not.
    total: i64,
    left_out: i64,
    /// Still to be written to.
    waiting: i64,
    /// Their mail was taken by the relay; of these the steps below are counted.
    accepted: i64,
    /// Their mail was refused, came back, or its answer was lost.
    failed: i64,
    /// Opened the page, as far as one can tell by hand.
    opened: i64,
    /// Only a program opened it so far.
    opened_by_machine: i64,
    requested: i64,
    link_sent: i64,
    /// They are done.
    password_set: i64,
    logged_in: i64,
    /// How many people were reminded how often.
    reminded: Vec<RemindedView>,
}

/// People who were reminded so often.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reminded")]
pub(crate) struct RemindedView {
    times: i64,
    people: i64,
}

/// One person of a mailing with how far it came.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MailingPerson")]
pub(crate) struct DoneView {
    person_id: Uuid,
    /// Null when the person was erased.
    username: Option<String>,
    name: Option<String>,
    /// The address now.
    address: Option<String>,
    /// As of a recipient of a run.
    state: String,
    /// Why, when left out or refused.
    reason: Option<String>,
    settled_at: Option<Time>,
    /// How often reminded.
    reminded: i64,
    /// The first time, and so on.
    opened_at: Option<Time>,
    opened_by_machine_at: Option<Time>,
    requested_at: Option<Time>,
    link_sent_at: Option<Time>,
    password_set_at: Option<Time>,
    logged_in_at: Option<Time>,
}

impl From<Done> for DoneView {
    fn from(one: Done) -> Self {
        let [opened, by_machine, requested, link_sent, password_set, logged_in] = one.steps.map(time);
        Self {
            person_id: one.person_id.0,
            username: one.username,
            name: one.name,
            address: one.address,
            state: one.state,
            reason: one.reason,
            settled_at: time(one.settled_at),
            reminded: one.reminded,
            opened_at: opened,
            opened_by_machine_at: by_machine,
            requested_at: requested,
            link_sent_at: link_sent,
            password_set_at: password_set,
            logged_in_at: logged_in,
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MailingEvent")]
pub(crate) struct EventView {
    /// The mailing it counts for: never a reminder.
    mailing_id: Uuid,
    person_id: Uuid,
    /// The number of the run whose mail it followed.
    run: i64,
    /// `opened`, `opened_by_machine`, `requested`, `link_sent`, `password_set` or `logged_in`.
    step: String,
    at: Time,
}

impl From<Told> for EventView {
    fn from(one: Told) -> Self {
        Self {
            mailing_id: one.mailing_id.0,
            person_id: one.person_id.0,
            run: one.recipient.run_number(),
            step: one.step.to_string(),
            at: Time(one.at),
        }
    }
}

/// GET /api/v1/mailings/{id}/funnel
pub(crate) async fn show(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<FunnelView>, Problem> {
    let (root, found, reminded) = caller
        .read(move |tx| {
            Box::pin(async move {
                let root = mailing::get(tx, id).await?.root();
                let found = mailing::funnel(tx, root).await?;
                Ok((root, found, mailing::count_reminders(tx, root).await?))
            })
        })
        .await?;
    Ok(Json(view(root, found, reminded)))
}

fn view(root: MailingId, found: Funnel, reminded: Vec<(i64, i64)>) -> FunnelView {
    FunnelView {
        mailing_id: root.0,
        total: found.total,
        left_out: found.left_out,
        waiting: found.waiting,
        accepted: found.accepted,
        failed: found.failed,
        opened: found.opened,
        opened_by_machine: found.opened_by_machine,
        requested: found.requested,
        link_sent: found.link_sent,
        password_set: found.password_set,
        logged_in: found.logged_in,
        reminded: reminded.into_iter().map(|(times, people)| RemindedView { times, people }).collect(),
    }
}

/// GET /api/v1/mailings/{id}/people
pub(crate) async fn list_people(
    caller: Caller,
    Id(id): Id<MailingId>,
    asked: Asked,
) -> Result<Json<Page<DoneView>>, Problem> {
    let stage = match asked.text("stage") {
        None => FunnelStage::Total,
        Some(name) => FunnelStage::parse(name).ok_or_else(|| {
            Problem::parameter("stage", &format!("expected one of {}", stages().join(", ")))
        })?,
    };
    let (limit, after) = (asked.limit()?, asked.position::<8>(&caller)?.map(i64::from_be_bytes));
    let mut found = caller
        .read(move |tx| {
            Box::pin(async move {
                let root = mailing::get(tx, id).await?.root();
                Ok(mailing::list_people(tx, root, stage, after.map(RecipientId), limit + 1).await?)
            })
        })
        .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|one| one.recipient.0.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(DoneView::from).collect(), next)))
}

/// GET /api/v1/mailings/{id}/events
pub(crate) async fn list_events(
    caller: Caller,
    Id(id): Id<MailingId>,
    asked: Asked,
) -> Result<Json<Page<EventView>>, Problem> {
    let (limit, skip) = (asked.limit()?, asked.position::<8>(&caller)?.map_or(0, i64::from_be_bytes));
    let mut found = caller
        .read(move |tx| {
            Box::pin(async move {
                let root = mailing::get(tx, id).await?.root();
                Ok(mailing::list_events(tx, root, skip, limit + 1).await?)
            })
        })
        .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = more.then(|| (skip + limit).to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(EventView::from).collect(), next)))
}

/// GET /api/v1/mailings/{id}/runs: all of them; there are few.
pub(crate) async fn list_runs(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<Page<RunView>>, Problem> {
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                mailing::get(tx, id).await?;
                Ok(run::list_of_mailing(tx, id).await?)
            })
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(RunView::from).collect(), next_cursor: None }))
}
