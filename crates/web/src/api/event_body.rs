//! What an event-based automation is made of, as programs read and write it.

use crate::api::automation_view::{days, job, password};
use crate::api::problem::Problem;
use domain::automation::{Job, Target};
use domain::event::{
    Condition, Delay, DelayUnit, EventStep, EventType, MOST_ATTRIBUTES, MOST_CONDITIONS, Operator,
};
use domain::id::{AutomationId, GroupId, PersonId};
use domain::schedule::{InvalidSchedule, TimeFrame, TimeFrameInput};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most remarks that can be confirmed.
pub(crate) const MOST_CONFIRMED: usize = 20;

/// Which events an automation listens to; whatever is left out restricts nothing.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EventStep")]
pub(crate) struct EventBody {
    /// The type: a built-in one, or one of your own.
    event: String,
    /// Only from this source; for types of your own.
    #[serde(default)]
    source: Option<String>,
    /// Only about this group.
    #[serde(default)]
    group: Option<Uuid>,
    /// `passpost.person.changed` only: one of these attributes must have changed.
    #[serde(default)]
    #[schemars(length(max = MOST_ATTRIBUTES))]
    attributes: Vec<String>,
    /// Only about this automation.
    #[serde(default)]
    automation: Option<Uuid>,
    /// `passpost.system.logged_on` only: this system user.
    #[serde(default)]
    system_user: Option<Uuid>,
    /// What it must say besides; all of them must hold.
    #[serde(default)]
    #[schemars(schema_with = "conditions")]
    conditions: Vec<Condition>,
}

fn conditions(_: &mut SchemaGenerator) -> Schema {
    let operators: Vec<&str> = Operator::ALL.iter().map(|one| one.as_str()).collect();
    json_schema!({
        "type": "array",
        "maxItems": MOST_CONDITIONS,
        "items": {
            "type": "object", "additionalProperties": false, "required": ["field", "operator", "value"],
            "properties": {
                "field": {
                    "description": "A path into the data, as in course.id; or $type, $source, $subject or another attribute.",
                    "type": "string",
                },
                "operator": { "enum": operators },
                "value": { "type": "string" },
                "ignore_case": { "type": "boolean", "default": false },
            },
        },
    })
}

impl From<EventStep> for EventBody {
    fn from(step: EventStep) -> Self {
        Self {
            event: step.event.type_name().into_owned(),
            source: step.source,
            group: step.group.map(|id| id.0),
            attributes: step.attributes,
            automation: step.automation.map(|id| id.0),
            system_user: step.system_user.map(|id| id.0),
            conditions: step.conditions,
        }
    }
}

impl EventBody {
    /// The step, checked as far as it says itself what is right.
    pub(crate) fn step(self) -> Result<EventStep, Problem> {
        let event = EventType::parse(&self.event)
            .map_err(|error| Problem::field("/event/event", error.to_string()))?;
        let step = EventStep {
            event,
            source: self.source,
            group: self.group.map(GroupId),
            attributes: self.attributes,
            automation: self.automation.map(AutomationId),
            system_user: self.system_user.map(PersonId),
            conditions: self.conditions,
        };
        match step.validate() {
            Ok(()) => Ok(step),
            Err(problems) => Err(wrong("The event is not right.", "/event", &problems)),
        }
    }
}

/// Everything that is wrong with a part of the body; fields as in `conditions[2].value`.
fn wrong(text: &str, at: &str, problems: &[domain::schedule::Problem]) -> Problem {
    let whole = Problem::new(axum::http::StatusCode::BAD_REQUEST, text);
    problems.iter().fold(whole, |all, one| {
        let field = one.field.replace(['.', '['], "/").replace(']', "");
        all.at(format!("{at}/{field}"), one.message.clone())
    })
}

/// How long a job waits after its event.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Delay")]
pub(crate) struct DelayBody {
    /// At most a year.
    #[schemars(range(min = 1, max = 525_600))]
    value: i64,
    #[schemars(schema_with = "units")]
    unit: DelayUnit,
}

fn units(_: &mut SchemaGenerator) -> Schema {
    let units: Vec<&str> = DelayUnit::ALL.iter().map(|one| one.as_str()).collect();
    json_schema!({ "enum": units })
}

impl From<Delay> for DelayBody {
    fn from(delay: Delay) -> Self {
        Self { value: delay.value().into(), unit: delay.unit() }
    }
}

impl DelayBody {
    pub(crate) fn delay(&self) -> Result<Delay, Problem> {
        Delay::new(self.value, self.unit).map_err(|problem| Problem::field("/delay/value", problem.message))
    }
}

/// The first step: what it is called, and which event begins it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventStepBody {
    /// 1 to 100 characters; need not be unique.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) event: EventBody,
    /// Limits the contacts; with a job for system users, who must have caused the event.
    pub(crate) selection_id: Option<Uuid>,
}

/// The third step: when it listens, and when its job may be done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameBody {
    #[schemars(schema_with = "frame")]
    pub(crate) frame: TimeFrameInput,
    /// At most ten system users who are reminded 30 days before the end.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub(crate) reminder_to: Vec<Uuid>,
}

/// The time frame, checked.
pub(crate) fn read_frame(input: &TimeFrameInput) -> Result<TimeFrame, Problem> {
    let told = |invalid: InvalidSchedule| wrong("The time frame is not right.", "/frame", invalid.problems());
    TimeFrame::new(input).map_err(told)
}

pub(crate) fn frame(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": false,
        "required": ["zone", "start"],
        "properties": {
            "zone": { "description": "IANA, as in Europe/Berlin.", "type": "string" },
            "start": { "description": "Wall time, as in 2027-01-04T09:00. Earlier events are not acted on.", "type": "string" },
            "end": { "description": "Wall time; five years after the start when missing, and at most.", "type": ["string", "null"] },
            "days": days("The days a job may be done on; on another it waits for the next allowed one. Missing: all."),
            "hours": {
                "description": "The hours of the day a job may be done in; null: all.",
                "type": ["object", "null"], "additionalProperties": false, "required": ["from", "until"],
                "properties": {
                    "from": { "description": "As in 08:00.", "type": "string" },
                    "until": { "description": "The minute after the last; earlier for hours past midnight.", "type": "string" },
                },
            },
            "holidays": { "enum": ["always", "never_on", "only_on"], "default": "always" },
        },
    })
}

pub(crate) fn frame_or_none(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [frame(generator), { "type": "null" }] })
}

/// Whom a job is done to.
pub(crate) fn target(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "`event_parameter`: the person of the event; `{\"person\": …}`: this one, whoever the event is about.",
        "anyOf": [
            { "const": "event_parameter" },
            {
                "type": "object", "additionalProperties": false, "required": ["person"],
                "properties": { "person": { "type": "string", "format": "uuid" } },
            },
            { "type": "null" },
        ],
    })
}

/// The job of any automation.
pub(crate) fn any_job(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [job(generator), of_person(generator), link(generator)] })
}

/// The same, or none.
pub(crate) fn any_job_or_none(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [job(generator), of_person(generator), link(generator), { "type": "null" }] })
}

fn of_person(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = password(generator);
    schema.ensure_object()["properties"]["kind"] = serde_json::json!({
        "enum": ["send-new-password-to-contact", "send-new-password-to-system-user"],
    });
    schema.insert("required".into(), serde_json::json!(["kind"]));
    schema
}

fn link(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object", "additionalProperties": false, "required": ["kind"],
        "properties": {
            "kind": { "const": "send-reset-link" },
            "link_hours": {
                "description": "How long the link is good for.",
                "type": "integer", "minimum": 1, "maximum": 336, "default": domain::mailing::LINK_HOURS,
            },
            "limits": password(generator),
        },
    })
}

/// The second step of an event-based automation; the first of a time-based one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "JobStep")]
pub(crate) struct JobStepBody {
    /// Time-based only, and needed there: 1 to 100 characters; need not be unique.
    pub(crate) name: Option<String>,
    /// Time-based only.
    pub(crate) description: Option<String>,
    #[schemars(schema_with = "any_job")]
    pub(crate) job: Job,
    /// Time-based only; a password job needs one before it can be activated.
    pub(crate) selection_id: Option<Uuid>,
    /// Event-based only, and needed there.
    #[schemars(schema_with = "target")]
    #[serde(default)]
    pub(crate) target: Option<Target>,
    /// Event-based only; missing: at once.
    pub(crate) delay: Option<DelayBody>,
    /// Event-based only: the codes of remarks that somebody confirms.
    #[serde(default)]
    #[schemars(length(max = MOST_CONFIRMED))]
    pub(crate) confirmed: Vec<String>,
}

/// A new automation. With `event` an event begins it, without one a schedule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAutomation {
    /// 1 to 100 characters; need not be unique.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// Which event begins it.
    pub(crate) event: Option<EventBody>,
    /// Needed without an event; with one it may come later.
    #[schemars(schema_with = "any_job_or_none")]
    #[serde(default)]
    pub(crate) job: Option<Job>,
    /// Time-based: a password job needs one before it can be activated. Event-based: limits the contacts; with a job for
    /// system users, who must have caused the event.
    pub(crate) selection_id: Option<Uuid>,
    /// Event-based only: whom the job is done to.
    #[schemars(schema_with = "target")]
    #[serde(default)]
    pub(crate) target: Option<Target>,
    /// Event-based only: how long after the event; missing: at once.
    pub(crate) delay: Option<DelayBody>,
    /// Event-based only: the codes of remarks that somebody confirms.
    #[serde(default)]
    #[schemars(length(max = MOST_CONFIRMED))]
    pub(crate) confirmed: Vec<String>,
    /// Event-based only: when it listens.
    #[schemars(schema_with = "frame_or_none")]
    #[serde(default)]
    pub(crate) frame: Option<TimeFrameInput>,
    /// Event-based only: at most ten system users who are reminded 30 days before the end.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub(crate) reminder_to: Vec<Uuid>,
}
