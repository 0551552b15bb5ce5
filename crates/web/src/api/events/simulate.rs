//! What would this event do now? For programs.

use super::send::{MOST_EVENT_BYTES, event, parse_structured};
use super::view::EventView;
use crate::api::document::operation::{Body, Operation, of};
use crate::api::json::Strict;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::{Time, of as time};
use crate::failure::Failure;
use crate::form::read_body;
use axum::Json;
use axum::extract::{FromRequest as _, Request};
use axum::http::header::CONTENT_TYPE;
use domain::event::cloud::{LARGEST_DATA, Mode, STRUCTURED};
use domain::event::{BuiltIn, RESERVED};
use domain::id::{AutomationId, GroupId, PersonId, RunId};
use flow::{Simulated, SimulatedJob, Simulation};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::event::Happened;
use store::{Tx, automation, group, person, run};
use uuid::Uuid;

pub(super) const OPERATION: Operation = Operation::post("/api/v1/events/simulations", "What would this event do now?")
    .text(
        "Of a built-in event, or of one as it would be sent. Says for each automation that listens whether it would act, on \
         whom, when it would be due, and what would become of the person. Nothing is kept and nothing is sent.",
    )
    .takes(
        of::<BuiltInBody>,
        r#"{"built_in":"group.member_added","person_id":"01940000-0000-7000-8000-000000000001",
            "group_id":"01940000-0000-7000-8000-000000000002"}"#,
    )
    .or(&[Body {
        media: STRUCTURED,
        schema: event,
        example: r#"{"specversion":"1.0","id":"try-1","source":"/courses","type":"org.example.course.booked",
            "contact":"ada@example.org","data":{"course":{"id":7}}}"#,
    }])
    .gives(200, of::<SimulatedView>);

fn names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = BuiltIn::ALL.iter().map(|one| one.as_str()).collect();
    json_schema!({ "type": "string", "enum": names })
}

/// A built-in event that has not happened.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BuiltInEvent")]
pub(crate) struct BuiltInBody {
    /// Its type; `passpost.` may stand before it.
    #[schemars(schema_with = "names")]
    built_in: String,
    /// Whom it is about.
    person_id: Option<Uuid>,
    group_id: Option<Uuid>,
    run_id: Option<Uuid>,
    automation_id: Option<Uuid>,
    /// What it carries; at most 64 KiB.
    #[serde(default)]
    data: Map<String, Value>,
}

/// What an event would do.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Simulation")]
pub(crate) struct SimulatedView {
    /// As it would be kept; null: one with its source and id is known already, and nothing would be done.
    event: Option<EventView>,
    jobs: Vec<SimulatedJobView>,
}

/// What one automation would do.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SimulatedJob")]
pub(crate) struct SimulatedJobView {
    automation_id: Uuid,
    automation_number: Option<i64>,
    automation_name: Option<String>,
    person_id: Option<Uuid>,
    username: Option<String>,
    /// Whether the person would be sent a mail.
    would_mail: bool,
    /// When it would be due; null: it would not wait.
    would_be_due_at: Option<Time>,
    /// Why nothing would be done, by name.
    reason: Option<String>,
    /// The same in a sentence.
    detail: Option<String>,
}

impl From<SimulatedJob> for SimulatedJobView {
    fn from(one: SimulatedJob) -> Self {
        let job = one.job;
        let planned = job.recipient_state == Some(domain::recipient::RecipientState::Planned);
        let left_out = job.recipient_reason.filter(|_| !planned);
        let explained = job.reason.map(|reason| reason.explain().to_owned());
        let of_person = left_out.as_deref().and_then(domain::recipient::Reason::parse);
        let detail = one.refusal.clone().or_else(|| match (explained, job.detail) {
            (Some(reason), Some(more)) => Some(format!("{reason}: {more}")),
            (reason, more) => reason.or(more).or_else(|| of_person.map(|reason| reason.explain().to_owned())),
        });
        let refused = one.refusal.as_ref().map(|_| "refused".to_owned());
        let reason = job.reason.map(|reason| reason.as_str().to_owned());
        Self {
            automation_id: job.automation_id.0,
            automation_number: job.automation_number,
            automation_name: job.automation_name,
            person_id: job.person_id.map(|id| id.0),
            username: job.username,
            would_mail: planned && one.refusal.is_none(),
            would_be_due_at: time(one.would_be_due_at),
            reason: refused.or(reason).or(left_out),
            detail,
        }
    }
}

/// POST /api/v1/events/simulations
pub(crate) async fn create(caller: Caller, request: Request) -> Result<Json<SimulatedView>, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let what = if matches!(Mode::of(kind.as_deref()), Ok(Mode::Structured)) {
        let body = read_body(request.into_body(), MOST_EVENT_BYTES).await?;
        Simulation::Custom(Box::new(parse_structured(&body)?))
    } else if kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("application/json"))
    {
        let Strict(body) = Strict::<BuiltInBody>::from_request(request, &()).await?;
        caller.read(move |tx| Box::pin(built_in(tx, body))).await?
    } else {
        let text = "Expected application/json for a built-in event or application/cloudevents+json for one of your own.";
        return Err(Failure::UnsupportedMedia(text).into());
    };
    let Simulated { event, jobs } = caller.flow.simulate_event(what, &caller.acting()).await?;
    let jobs = jobs.into_iter().map(SimulatedJobView::from).collect();
    Ok(Json(SimulatedView { event: event.map(EventView::from), jobs }))
}

/// Checks that whom and what it names is there and that such an event carries it.
async fn built_in(tx: &mut Tx, body: BuiltInBody) -> Result<Simulation, Problem> {
    let name = body.built_in.strip_prefix(RESERVED).unwrap_or(&body.built_in);
    let Some(what) = BuiltIn::parse(name) else {
        let all: Vec<&str> = BuiltIn::ALL.iter().map(|one| one.as_str()).collect();
        return Err(Problem::field("/built_in", format!("expected one of {}", all.join(", "))));
    };
    let carried = what.carried();
    let about = Happened {
        people: body.person_id.map(PersonId).into_iter().collect(),
        actor: None,
        group: body.group_id.map(GroupId),
        run: body.run_id.map(RunId),
        automation: body.automation_id.map(AutomationId),
        chain: Vec::new(),
        data: Value::Object(body.data),
    };
    check_person(tx, what, about.people.first().copied()).await?;
    for (field, named, carries) in [
        ("/group_id", about.group.is_some(), carried.group),
        ("/run_id", about.run.is_some(), carried.run),
        ("/automation_id", about.automation.is_some(), carried.automation),
    ] {
        if named && !carries {
            return Err(Problem::field(field, format!("{what} carries none; leave it out")));
        }
    }
    let unknown = |field: &str| Problem::field(field, "there is none with this id");
    if let Some(id) = about.group {
        group::find(tx, id).await?.ok_or_else(|| unknown("/group_id"))?;
    }
    if let Some(id) = about.run {
        run::get(tx, id).await.map_err(|_| unknown("/run_id"))?;
    }
    if let Some(id) = about.automation {
        automation::get(tx, id).await.map_err(|_| unknown("/automation_id"))?;
    }
    if about.data.to_string().len() > LARGEST_DATA {
        return Err(Problem::field("/data", "at most 64 KiB are allowed"));
    }
    Ok(Simulation::BuiltIn(what, about))
}

/// Whether such an event is about such a person.
async fn check_person(tx: &mut Tx, what: BuiltIn, person: Option<PersonId>) -> Result<(), Problem> {
    let carried = what.carried();
    let about_somebody = carried.contact || carried.system_user;
    let wrong = |detail: String| Err(Problem::field("/person_id", detail));
    let Some(id) = person else {
        if about_somebody && what != BuiltIn::AutomationFinished {
            return wrong(format!("{what} is about somebody; say about whom"));
        }
        return Ok(());
    };
    if !about_somebody {
        return wrong(format!("{what} is about nobody; leave it out"));
    }
    let Some(found) = person::find(tx, id).await? else {
        return wrong("there is nobody with this id".to_owned());
    };
    match found.system.is_some() {
        true if !carried.system_user => wrong(format!("{what} is about contacts, and this is a system user")),
        false if !carried.contact => wrong(format!("{what} is about system users, and this is a contact")),
        _ => Ok(()),
    }
}
