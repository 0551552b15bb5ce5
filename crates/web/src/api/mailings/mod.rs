//! Mailings, for programs: what is written, saved, found and taken away. Whom they go to, what moves them and what came
//! of them stand beside this file.

pub(crate) mod act;
mod change;
mod pace;
pub(crate) mod recipients;
mod refusal;
pub(crate) mod results;
mod view;

pub(crate) use pace::PaceView;
pub(crate) use view::ReminderView;

use crate::api::document::operation::{CURSOR, LIMIT, Operation, Parameter, of, text};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::selections::ARCHIVED;
use axum::Json;
use axum::response::Response;
use change::{MailingChange, new_mailing, starting_words};
use domain::id::{MailingId, SelectionId};
use domain::mailing::MailingState;
use schemars::{Schema, SchemaGenerator};
use store::mailing::{self, Draft, Wanted};
use store::{Tx, selection};
use view::MailingView;

/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000008";
const ONE: &[&str] = &[EXAMPLE];

fn state_schema(generator: &mut SchemaGenerator) -> Schema {
    view::state(generator)
}
const STATE: Parameter = Parameter::new("state", "Only those in this state.", state_schema).example("draft");
const FOLDER: Parameter = Parameter::new("folder", "Only those in this folder.", text);

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/mailings", "List mailings, newest first")
        .query(&[STATE, FOLDER, ARCHIVED, LIMIT, CURSOR])
        .gives(200, of::<Page<MailingView>>),
    Operation::post("/api/v1/mailings", "Create a mailing, as a draft")
        .text(
            "Without a text it begins with the words that come with the program for its intent and language; without \
             a sender, with that of the installation. What is wrong with its words does not keep it from being \
             saved: `check` tells it, and arming refuses it. The key's owner is its owner for good.",
        )
        .takes(
            new_mailing,
            r#"{"name":"Welcome","folder":"Autumn","intent":"offer_link","language":"en",
                "sender_name":"The office","sender_address":"office@example.org"}"#,
        )
        .gives(201, of::<MailingView>),
    Operation::get("/api/v1/mailings/{id}", "Show a mailing").at(ONE).gives(200, of::<MailingView>),
    Operation::patch("/api/v1/mailings/{id}", "Change a mailing until it starts")
        .text(
            "What is missing stays. One that was armed is a draft by it. Whoever changes it bounds the rights of its \
             run from then on.",
        )
        .at(ONE)
        .takes(of::<MailingChange>, r#"{"subject":"Your access to the portal","pace":{"per_minute":600}}"#)
        .gives(200, of::<MailingView>)
        .also(&[409]),
    Operation::delete("/api/v1/mailings/{id}", "Remove a mailing that never started").at(ONE).also(&[409]),
];

/// GET /api/v1/mailings
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<MailingView>>, Problem> {
    let state = match asked.text("state") {
        None => None,
        Some(name) => Some(MailingState::parse(name).ok_or_else(|| {
            let names: Vec<&str> = MailingState::ALL.iter().map(|state| state.as_str()).collect();
            Problem::parameter("state", &format!("expected one of {}", names.join(", ")))
        })?),
    };
    let wanted =
        Wanted { archived: asked.flag("archived")?, state, folder: asked.text("folder").map(str::to_owned) };
    let (limit, before) =
        (asked.limit()?, asked.position::<8>(&caller)?.map_or(i64::MAX, i64::from_be_bytes));
    let mut found = caller
        .read(move |tx| Box::pin(async move { Ok(mailing::list(tx, &wanted, before, limit + 1).await?) }))
        .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|one| one.number.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(MailingView::from).collect(), next)))
}

/// POST /api/v1/mailings
pub(crate) async fn create(caller: Caller, Strict(body): Strict<MailingChange>) -> Result<Response, Problem> {
    let Some(name) = body.name.clone() else {
        return Err(Problem::field("/name", "expected a name of 1 to 100 characters"));
    };
    let settings = caller.flow.settings();
    let intent = body.intent.unwrap_or(domain::mailing::Intent::OfferLink);
    let language = body.language.unwrap_or(settings.language);
    let sender = (settings.sender_name(), settings.sender.address.as_given());
    let mut draft = Draft::new(name, intent, starting_words(intent, language, sender, body.text.is_none()));
    body.over(&mut draft)?;
    let selection_id = draft.selection_id;
    caller.read(move |tx| Box::pin(must_be_there(tx, selection_id))).await?;
    let zone = caller.state.settings.zone_name();
    let made = caller.flow.create_mailing(draft, &zone, &caller.acting()).await?;
    Ok(created(format!("/api/v1/mailings/{}", made.id), MailingView::from(made)))
}

/// Refuses the id of no selection.
async fn must_be_there(tx: &mut Tx, id: Option<SelectionId>) -> Result<(), Problem> {
    let Some(id) = id else { return Ok(()) };
    let found = selection::get(tx, id).await;
    found.map(drop).map_err(|_| Problem::field("/selection_id", "there is no such selection"))
}

/// GET /api/v1/mailings/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<MailingView>, Problem> {
    let found = caller.read(move |tx| Box::pin(async move { Ok(mailing::get(tx, id).await?) })).await?;
    Ok(Json(found.into()))
}

/// PATCH /api/v1/mailings/{id}
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<MailingChange>,
) -> Result<Json<MailingView>, Problem> {
    let draft = caller
        .read(move |tx| {
            Box::pin(async move {
                let mut draft = Draft::of(&mailing::get(tx, id).await?);
                body.over(&mut draft)?;
                must_be_there(tx, draft.selection_id).await?;
                Ok(draft)
            })
        })
        .await?;
    Ok(Json(caller.flow.update_mailing(id, draft, &caller.acting()).await?.into()))
}
