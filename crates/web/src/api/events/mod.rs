//! Events, for programs: sent, listed with what automations made of them, tried out.

mod send;
mod simulate;
mod view;

pub(crate) use send::{EVENTS, MOST_EVENT_BYTES, create};
pub(crate) use simulate::create as create_simulation;
pub(crate) use view::EventJobView;

use crate::api::document::operation::{Body, CURSOR, LIMIT, Operation, Parameter, of, text};
use crate::api::paging::{Asked, Page};
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::runs;
use axum::Json;
use domain::event::cloud::{BATCH, STRUCTURED};
use domain::event::{BuiltIn, EventType};
use domain::event_job::EventJobState;
use domain::id::{AutomationId, PersonId};
use schemars::{Schema, SchemaGenerator, json_schema};
use send::{AcceptedView, batch, data, event};
use std::collections::BTreeMap;
use store::event::{self as events, Wanted, job};
use view::{EventDetail, LoggedView, TypeView};

fn state(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = EventJobState::ALL.iter().map(|state| state.as_str()).collect();
    json_schema!({ "type": "string", "enum": names })
}

const FILTERS: &[Parameter] = &[
    Parameter::new("type", "Only of this type.", text).example("org.example.course.booked"),
    Parameter::new("source", "Only from this source.", text),
    Parameter::new("person_id", "Only about this person.", runs::id),
    Parameter::new("automation_id", "Only those that mean something to this automation.", runs::id),
    Parameter::new("state", "Only those with a job in this state.", state),
    LIMIT,
    CURSOR,
];

/// The attributes of an event in binary mode. Not one of them is required: the other modes have them in the body.
const ATTRIBUTES: &[Parameter] = &[
    Parameter::new("ce-specversion", "Binary mode: 1.0.", text).example("1.0"),
    Parameter::new("ce-id", "Binary mode: no other event of this source has it.", text)
        .example("booking-4713"),
    Parameter::new("ce-source", "Binary mode: where it comes from, a URI reference.", text)
        .example("/courses"),
    Parameter::new("ce-type", "Binary mode: what happened.", text).example("org.example.course.booked"),
    Parameter::new("ce-contact", "Binary mode: user name or id of the contact it is about.", text)
        .example("ada@example.org"),
];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::post(EVENTS, "Send events")
        .text(
            "CloudEvents 1.0: one (structured), at most 1,000 in a list (batch), or one whose attributes stand in headers \
             `ce-…` and whose data is the body, of whatever type (binary). At most 4 MiB, 32 levels and 100,000 values; \
             the data of an event has at most 64 KiB. An event is known by its source and id for 72 hours at least: sent \
             again it is counted as known, and nothing is done. A batch is kept whole or, with anything wrong in it, not at \
             all. The attributes `contact`, `systemuser` and `group` name whom and what it is about, by name or by id. \
             `errors` names each attribute, in a batch with its place (`/3/source`), in binary mode as the header.",
        )
        .headers(ATTRIBUTES)
        .takes_body(Body {
            media: STRUCTURED,
            schema: event,
            example: r#"{"specversion":"1.0","id":"booking-4711","source":"/courses","type":"org.example.course.booked",
                "time":"2026-11-21T09:00:00Z","contact":"ada@example.org","data":{"course":{"id":7,"title":"Knots"}}}"#,
        })
        .or(&[
            Body {
                media: BATCH,
                schema: batch,
                example: r#"[{"specversion":"1.0","id":"booking-4712","source":"/courses",
                    "type":"org.example.course.booked","contact":"ada@example.org"}]"#,
            },
            Body { media: "application/json", schema: data, example: r#"{"course":{"id":7,"title":"Knots"}}"# },
        ])
        .gives(202, of::<AcceptedView>),
    Operation::get(EVENTS, "List events, newest first")
        .text("With how many automations listened. Built-in events are kept only while an automation listens to their type.")
        .query(FILTERS)
        .gives(200, of::<Page<LoggedView>>),
    Operation::get("/api/v1/events/{number}", "Show an event and what each automation made of it")
        .at(&["1"])
        .gives(200, of::<EventDetail>),
    Operation::get("/api/v1/events/types", "List the types of events there are")
        .text("The built-in ones, and those of your own that were sent or that automations listen to.")
        .gives(200, of::<Page<TypeView>>),
    simulate::OPERATION,
];

/// GET /api/v1/events
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<LoggedView>>, Problem> {
    let wanted = Wanted {
        event_type: asked.text("type").map(str::to_owned),
        source: asked.text("source").map(str::to_owned),
        person: asked.parsed::<PersonId>("person_id", "expected an id")?,
        automation: asked.parsed::<AutomationId>("automation_id", "expected an id")?,
        state: asked.text("state").map(known_state).transpose()?,
        reason: None,
        unheard: false,
    };
    let (limit, before) =
        (asked.limit()?, asked.position::<8>(&caller)?.map_or(i64::MAX, i64::from_be_bytes));
    let mut found = caller
        .read(move |tx| Box::pin(async move { Ok(events::list(tx, &wanted, before, limit + 1).await?) }))
        .await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found.last().filter(|_| more).map(|last| last.event.number.to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(LoggedView::from).collect(), next)))
}

fn known_state(text: &str) -> Result<EventJobState, Problem> {
    EventJobState::parse(text).ok_or_else(|| {
        let names: Vec<&str> = EventJobState::ALL.iter().map(|state| state.as_str()).collect();
        Problem::parameter("state", &format!("expected one of {}", names.join(", ")))
    })
}

/// GET /api/v1/events/{number}
pub(crate) async fn show(caller: Caller, Id(number): Id<i64>) -> Result<Json<EventDetail>, Problem> {
    let (event, jobs) = caller
        .read(move |tx| {
            Box::pin(
                async move { Ok((events::get(tx, number).await?, job::list_of_event(tx, number).await?)) },
            )
        })
        .await?;
    Ok(Json(EventDetail::new(event, jobs)))
}

/// GET /api/v1/events/types
pub(crate) async fn list_types(caller: Caller) -> Result<Json<Page<TypeView>>, Problem> {
    let seen = caller.read(|tx| Box::pin(async move { Ok(events::list_types(tx).await?) })).await?;
    let mut last: BTreeMap<String, Option<i64>> = seen.into_iter().collect();
    let mut items: Vec<TypeView> = Vec::new();
    for one in BuiltIn::ALL {
        let at = last.remove(&one.type_name()).flatten();
        items.push(TypeView::new(&EventType::BuiltIn(*one), at));
    }
    items.extend(last.into_iter().map(|(name, at)| TypeView::new(&EventType::Custom(name), at)));
    Ok(Json(Page { items, next_cursor: None }))
}
