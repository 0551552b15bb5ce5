//! Events, their types and what automations made of them, as programs read them.

use crate::api::time::{Time, of};
use domain::event::{Carried, EventType, sensible_jobs};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::event::job::EventJob;
use store::event::{Event, Logged};
use uuid::Uuid;

/// An event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct EventView {
    /// In the order of arrival.
    number: i64,
    source: String,
    /// Its id there; null: built in.
    id: Option<String>,
    r#type: String,
    subject: Option<String>,
    /// When it happened, as its sender says.
    time: Option<Time>,
    /// When it arrived: delays count from here.
    received_at: Time,
    /// The contact as the sender named it.
    contact: Option<String>,
    /// Null: there is none, or nobody of this name was known.
    contact_id: Option<Uuid>,
    /// The system user as the sender named it.
    system_user: Option<String>,
    system_user_id: Option<Uuid>,
    /// The system user who caused it; of one that was sent, the owner of the key.
    actor_id: Option<Uuid>,
    group_id: Option<Uuid>,
    run_id: Option<Uuid>,
    automation_id: Option<Uuid>,
    /// The automations that led here, the first one first.
    chain: Vec<Uuid>,
    /// Its extension attributes.
    extensions: BTreeMap<String, String>,
    #[schemars(schema_with = "data")]
    data: Value,
    /// When automations were asked; null: not yet.
    routed_at: Option<Time>,
}

fn data(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What it carries; null: nothing." })
}

impl From<Event> for EventView {
    fn from(one: Event) -> Self {
        Self {
            number: one.number,
            source: one.source,
            id: one.event_id,
            r#type: one.event_type,
            subject: one.subject,
            time: of(one.claimed_at),
            received_at: Time(one.received_at),
            contact: one.contact,
            contact_id: one.contact_id.map(|id| id.0),
            system_user: one.system_user,
            system_user_id: one.system_user_id.map(|id| id.0),
            actor_id: one.actor_id.map(|id| id.0),
            group_id: one.group_id.map(|id| id.0),
            run_id: one.run_id.map(|id| id.0),
            automation_id: one.automation_id.map(|id| id.0),
            chain: one.chain.into_iter().map(|id| id.0).collect(),
            extensions: one.extensions,
            data: one.data,
            routed_at: of(one.routed_at),
        }
    }
}

/// An event of the list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LoggedEvent")]
pub(crate) struct LoggedView {
    #[serde(flatten)]
    event: EventView,
    /// How many automations listened.
    listened: i64,
    /// How many of its jobs wait.
    waiting: i64,
    /// How many of its jobs became part of a run.
    executed: i64,
}

impl From<Logged> for LoggedView {
    fn from(one: Logged) -> Self {
        Self { event: one.event.into(), listened: one.listened, waiting: one.waiting, executed: one.executed }
    }
}

/// An event with what each automation made of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventDetail {
    #[serde(flatten)]
    event: EventView,
    jobs: Vec<EventJobView>,
}

impl EventDetail {
    pub(super) fn new(event: Event, jobs: Vec<EventJob>) -> Self {
        Self { event: event.into(), jobs: jobs.into_iter().map(EventJobView::from).collect() }
    }
}

/// What an event means for an automation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventJob")]
pub(crate) struct EventJobView {
    /// The number of the event.
    event: i64,
    automation_id: Uuid,
    /// Null: the automation was removed.
    automation_number: Option<i64>,
    automation_name: Option<String>,
    /// Whom it is done to.
    person_id: Option<Uuid>,
    username: Option<String>,
    /// `waiting`, `executed`, `not_acted_on` or `cancelled`.
    state: String,
    /// Why nothing is done.
    reason: Option<String>,
    /// The reason in a sentence.
    detail: Option<String>,
    /// Waiting: until when.
    due_at: Option<Time>,
    /// The run it became part of.
    run_id: Option<Uuid>,
    run_number: Option<i64>,
    /// What became of the person there.
    recipient_state: Option<String>,
    recipient_reason: Option<String>,
    /// Its place in the run.
    position: Option<u32>,
    settled_at: Option<Time>,
}

impl From<EventJob> for EventJobView {
    fn from(one: EventJob) -> Self {
        let explained = one.reason.map(|reason| reason.explain().to_owned());
        Self {
            event: one.event,
            automation_id: one.automation_id.0,
            automation_number: one.automation_number,
            automation_name: one.automation_name,
            person_id: one.person_id.map(|id| id.0),
            username: one.username,
            state: one.state.as_str().to_owned(),
            reason: one.reason.map(|reason| reason.as_str().to_owned()),
            detail: match (explained, one.detail) {
                (Some(reason), Some(more)) => Some(format!("{reason}: {more}")),
                (reason, more) => reason.or(more),
            },
            due_at: of(one.due_at),
            run_id: one.run_id.map(|id| id.0),
            run_number: one.run_number,
            recipient_state: one.recipient_state.map(|state| state.as_str().to_owned()),
            recipient_reason: one.recipient_reason,
            position: one.position,
            settled_at: of(one.settled_at),
        }
    }
}

/// A type of events.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventType")]
pub(crate) struct TypeView {
    r#type: String,
    built_in: bool,
    /// What it is related to: `contact`, `system` or `both`.
    nature: String,
    carries: CarriedView,
    /// The fields of its data that are always there; others may be as well.
    fields: Vec<FieldView>,
    /// The jobs it suits, the most sensible first.
    jobs: Vec<&'static str>,
    /// When the last one arrived.
    last_at: Option<Time>,
}

/// What events of a type can carry; a single one may lack some of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Carries")]
#[expect(clippy::struct_excessive_bools, reason = "five independent facts, each a field of the JSON")]
pub(crate) struct CarriedView {
    contact: bool,
    system_user: bool,
    group: bool,
    run: bool,
    automation: bool,
}

/// A field of an event's data.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventField")]
pub(crate) struct FieldView {
    /// As a condition names it.
    name: &'static str,
    meaning: &'static str,
}

impl TypeView {
    pub(super) fn new(one: &EventType, last_at: Option<i64>) -> Self {
        let Carried { contact, system_user, group, run, automation } = one.carried();
        let fields = one.data_fields().iter();
        Self {
            r#type: one.type_name().into_owned(),
            built_in: one.built_in().is_some(),
            nature: one.nature().as_str().to_owned(),
            carries: CarriedView { contact, system_user, group, run, automation },
            fields: fields.map(|field| FieldView { name: field.name, meaning: field.meaning }).collect(),
            jobs: sensible_jobs(one),
            last_at: of(last_at),
        }
    }
}
