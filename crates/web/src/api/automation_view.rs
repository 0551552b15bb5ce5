//! An automation as programs read and write it.

use crate::api::event_body::{DelayBody, EventBody, any_job, frame_or_none, target};
use crate::api::time::{Time, of};
use domain::automation::{Job, Target};
use domain::event::compatibility;
use domain::schedule::{ScheduleInput, TimeFrameInput};
use domain::sentence::Sentence;
use flow::{Lacking, MailingPreview, Preview};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::automation::Automation;
use store::event::job;
use store::recipient::Previewed;
use store::{StoreError, Tx};
use uuid::Uuid;

/// An automation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Automation")]
pub(crate) struct AutomationView {
    id: Uuid,
    /// As people call it: names need not be unique.
    number: i64,
    /// `time` or `event`: what begins it.
    kind: String,
    name: String,
    description: String,
    #[schemars(schema_with = "any_job")]
    job: Job,
    selection_id: Option<Uuid>,
    /// Who created it; never changes. Its rights count at each send.
    owner_id: Uuid,
    /// Who last shaped it, and bounds its rights as well.
    editor_id: Uuid,
    /// Time-based only; null until the second step is saved.
    #[schemars(schema_with = "schedule_or_none")]
    schedule: Option<ScheduleInput>,
    /// Event-based only.
    event: Option<EventBody>,
    /// Event-based only; null until the second step is saved.
    #[schemars(schema_with = "target")]
    target: Option<Target>,
    /// Event-based only; null: at once.
    delay: Option<DelayBody>,
    /// Event-based only; null until the third step is saved.
    #[schemars(schema_with = "frame_or_none")]
    frame: Option<TimeFrameInput>,
    /// What is unusual about event, job and target.
    remarks: Vec<RemarkView>,
    /// The codes of remarks that somebody confirmed.
    confirmed: Vec<String>,
    /// How many jobs wait.
    waiting_count: i64,
    /// When the first of them is due.
    next_due_at: Option<Time>,
    /// System users who are reminded 30 days before the end.
    reminder_to: Vec<Uuid>,
    reminded_at: Option<Time>,
    /// `inactive`, `active_scheduled`, `active_running` (event-based: inside its time frame), `inactive_deactivated` or
    /// `inactive_done`.
    status: String,
    archived: bool,
    activated_at: Option<Time>,
    next_run_at: Option<Time>,
    runs_count: i64,
    errors_count: i64,
    last_error: Option<String>,
    last_error_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

/// Something unusual about event, job and target.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Remark")]
pub(crate) struct RemarkView {
    /// For `confirmed`.
    code: String,
    /// `refused`, or `needs_confirmation` before it can be activated.
    severity: String,
    detail: String,
}

impl AutomationView {
    /// With what waits.
    pub(crate) async fn of(tx: &mut Tx, one: Automation) -> Result<Self, StoreError> {
        let waiting = if one.is_of_events() { job::count_waiting(tx, one.id).await? } else { (0, None) };
        Ok(Self::new(one, waiting))
    }

    fn new(one: Automation, (waiting_count, next_due_at): (i64, Option<i64>)) -> Self {
        // Of one that listens the scheduler looks at the ends of its time frame.
        let is_of_events = one.is_of_events();
        Self {
            id: one.id.0,
            number: one.number,
            kind: one.kind.as_str().to_owned(),
            remarks: remarks(&one),
            name: one.name,
            description: one.description,
            job: one.job,
            selection_id: one.selection_id.map(|id| id.0),
            owner_id: one.owner_id.0,
            editor_id: one.editor_id.0,
            schedule: one.schedule.map(ScheduleInput::from),
            event: one.event.map(EventBody::from),
            target: one.target,
            delay: one.delay.map(DelayBody::from),
            frame: one.frame.map(TimeFrameInput::from),
            confirmed: one.confirmed,
            waiting_count,
            next_due_at: of(next_due_at),
            reminder_to: one.reminder_to.into_iter().map(|id| id.0).collect(),
            reminded_at: of(one.reminded_at),
            status: one.status.as_str().to_owned(),
            archived: one.archived,
            activated_at: of(one.activated_at),
            next_run_at: of(one.next_at.filter(|_| !is_of_events)),
            runs_count: one.runs_count,
            errors_count: one.errors_count,
            last_error: one.last_error,
            last_error_at: of(one.last_error_at),
            created_at: Time(one.created_at),
            updated_at: Time(one.updated_at),
        }
    }
}

fn remarks(one: &Automation) -> Vec<RemarkView> {
    let (Some(event), Some(_)) = (&one.event, one.target) else { return Vec::new() };
    let said = compatibility(&event.event, &one.job, one.target, one.selection_id.is_some());
    let shown = said.into_iter().map(|remark| RemarkView {
        code: Sentence::of(&remark.what).code().to_owned(),
        severity: remark.severity.as_str().to_owned(),
        detail: remark.what.to_string(),
    });
    shown.collect()
}

/// The second step: when it runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleBody {
    #[schemars(schema_with = "schedule")]
    pub(crate) schedule: ScheduleInput,
    /// At most ten system users who are reminded 30 days before the end.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub(crate) reminder_to: Vec<Uuid>,
}

/// What a job does, and how.
pub(crate) fn job(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = password(generator);
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert("kind".into(), serde_json::json!({ "const": "send-new-password" }));
    }
    schema.insert("required".into(), serde_json::json!(["kind"]));
    schema
}

/// The settings of a mailed password.
pub(crate) fn password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "mode": {
                "description": "What happens to the old password, and when.",
                "enum": ["after_acceptance", "revoke_now", "keep_until_used"], "default": "after_acceptance",
            },
            "valid_hours": {
                "description": "How long the mailed password is good for.",
                "type": "integer", "minimum": 1, "maximum": 336, "default": 24,
            },
            "remail_after_hours": {
                "description": "Leaves out who was mailed a password within so many hours; 0: nobody.",
                "type": "integer", "minimum": 0, "maximum": 8760, "default": 24,
            },
            "hybrid_users": {
                "description": "Hybrid users who are included, each named.",
                "type": "array", "items": { "type": "string", "format": "uuid" }, "default": [],
            },
            "most_people": {
                "description": "The most people one run may write to.",
                "type": ["integer", "null"], "minimum": 1, "maximum": 4_294_967_295_u32, "default": null,
            },
            "approve_above": {
                "description": "Above so many people a second operator must approve.",
                "type": ["integer", "null"], "minimum": 1, "maximum": 4_294_967_295_u32, "default": null,
            },
        },
    })
}

/// Days of the week.
pub(crate) fn days(text: &str) -> Schema {
    let day = || json_schema!({ "type": "boolean", "default": false });
    json_schema!({
        "description": text,
        "type": "object", "additionalProperties": false,
        "properties": {
            "monday": day(), "tuesday": day(), "wednesday": day(), "thursday": day(), "friday": day(),
            "saturday": day(), "sunday": day(),
        },
    })
}

fn schedule(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": false,
        "required": ["zone", "start"],
        "properties": {
            "zone": { "description": "IANA, as in Europe/Berlin.", "type": "string" },
            "start": { "description": "Wall time, as in 2027-01-04T09:00.", "type": "string" },
            "repetition": {
                "description": "Null: it runs once.",
                "type": ["object", "null"], "additionalProperties": false, "required": ["every", "unit"],
                "properties": {
                    "every": { "type": "integer", "minimum": 1, "maximum": 43_824 },
                    "unit": { "enum": ["hours", "days", "weeks", "months"] },
                },
            },
            "end": { "description": "Wall time, at most five years after the start.", "type": ["string", "null"] },
            "delete_after_last": { "type": "boolean", "default": false },
            "days": days("The days it may run on; a run on another day moves to the next allowed one. Missing: all."),
            "holidays": { "enum": ["always", "never_on", "only_on"], "default": "always" },
        },
    })
}

fn schedule_or_none(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [schedule(generator), { "type": "null" }] })
}

/// The number of people, as an operator would type it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// How many people would receive a mail, as a preview says; needed above the limit of the installation.
    pub(crate) people: Option<i64>,
}

/// An automation that was deactivated.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Deactivated {
    #[serde(flatten)]
    pub(crate) automation: AutomationView,
    /// How many jobs that waited for their time are cancelled.
    pub(crate) cancelled_jobs: u64,
}

/// The name of a copy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyBody {
    /// 1 to 100 characters.
    pub(crate) name: String,
}

/// What to show in a preview.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PreviewBody {
    /// How many people of each kind to show, 0 to 200.
    #[schemars(range(min = 0, max = 200))]
    pub(crate) people: i64,
}

/// Who would receive a mail if a run began now, and who would not and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Preview")]
pub(crate) struct PreviewView {
    /// Everyone the selection finds.
    total: i64,
    would_receive: i64,
    /// How many would be left out, by reason.
    left_out: BTreeMap<String, i64>,
    /// The first who would receive a mail.
    receiving: Vec<PreviewedPerson>,
    /// The first who would be left out.
    leaving_out: Vec<PreviewedPerson>,
    /// Why a run would not start, if it would not.
    refusal: Option<String>,
    /// Above so many people a second operator must approve; null: never.
    approve_above: Option<i64>,
    /// Why there is no approval that holds; null: there is one.
    approval_lacking: Option<String>,
}

/// Somebody in a preview.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PreviewedPerson {
    person_id: Uuid,
    username: String,
    /// Why left out.
    reason: Option<String>,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        let Preview { counts, would_receive, left_out, refusal, approval, .. } = preview;
        let seen = Seen { counts, would_receive, left_out, refusal };
        Self::of(seen, approval.above, approval.lacking.as_ref())
    }
}

impl From<MailingPreview> for PreviewView {
    fn from(preview: MailingPreview) -> Self {
        let MailingPreview { counts, would_receive, left_out, refusal, approval } = preview;
        let seen = Seen { counts, would_receive, left_out, refusal };
        Self::of(seen, approval.above, approval.lacking.as_ref())
    }
}

/// What every dry run finds.
struct Seen {
    counts: domain::run::Preview,
    would_receive: Vec<Previewed>,
    left_out: Vec<Previewed>,
    refusal: Option<String>,
}

impl PreviewView {
    fn of(preview: Seen, approve_above: Option<i64>, lacking: Option<&Lacking>) -> Self {
        let person = |one: Previewed| PreviewedPerson {
            person_id: one.person_id.0,
            username: one.username,
            reason: one.reason.map(|reason| reason.as_str().to_owned()),
        };
        let counts = preview.counts;
        Self {
            total: counts.total,
            would_receive: counts.would_receive,
            left_out: counts.left_out.into_iter().map(|(why, count)| (why.to_string(), count)).collect(),
            receiving: preview.would_receive.into_iter().map(person).collect(),
            leaving_out: preview.left_out.into_iter().map(person).collect(),
            refusal: preview.refusal,
            approve_above,
            approval_lacking: lacking.map(ToString::to_string),
        }
    }
}
