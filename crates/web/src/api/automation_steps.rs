//! Creating an automation and saving what it does, for programs; both for those a schedule begins and those an event
//! begins.

use crate::api::archive::Viewed as _;
use crate::api::automation_view::AutomationView;
use crate::api::event_body::{DelayBody, JobStepBody, MOST_CONFIRMED, NewAutomation, read_frame};
use crate::api::json::Strict;
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::{Problem, sentence};
use crate::api::program::Caller;
use crate::api::schedules::reminded;
use crate::failure::Failure;
use axum::Json;
use axum::response::Response;
use domain::automation::{Job, Only, Target, check_name};
use domain::event::{EventStep, Odd, Severity, compatibility, sensible_jobs};
use domain::id::{AutomationId, SelectionId};
use domain::sentence::{Sentence, Tell as _};
use store::automation::{self, Automation, EventJobStep, FrameStep, JobStep, NewEventStep};
use store::{Acting, Tx, group, person, selection};
use uuid::Uuid;

/// POST /api/v1/automations
pub(crate) async fn create(caller: Caller, Strict(body): Strict<NewAutomation>) -> Result<Response, Problem> {
    let (acting, id, now) = (caller.acting(), AutomationId(caller.fresh_id()?), caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                match body.event {
                    Some(_) => create_listener(tx, &acting, id, body, now).await?,
                    None => create_timed(tx, &acting, id, body, now).await?,
                }
                Automation::view(tx, id).await
            })
        })
        .await?;
    Ok(created(format!("/api/v1/automations/{id}"), made))
}

async fn create_timed(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    body: NewAutomation,
    now_ms: i64,
) -> Result<(), Problem> {
    refuse_given(
        "is for an automation that an event begins; give its event as well",
        &[
            ("target", body.target.is_some()),
            ("delay", body.delay.is_some()),
            ("confirmed", !body.confirmed.is_empty()),
            ("frame", body.frame.is_some()),
        ],
    )?;
    refuse_given("is saved with the schedule", &[("reminder_to", !body.reminder_to.is_empty())])?;
    let job = body.job.ok_or_else(|| Problem::field("/job", "The field `job` is missing."))?;
    let step = timed(tx, Words { name: &body.name, description: body.description }, job, body.selection_id);
    let step = step.await?;
    automation::insert(tx, acting, id, &step, now_ms).await?;
    Ok(())
}

/// Fields that do not belong to this kind of automation.
fn refuse_given(why: &str, fields: &[(&str, bool)]) -> Result<(), Problem> {
    match fields.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(Problem::field(format!("/{field}"), why)),
        None => Ok(()),
    }
}

async fn create_listener(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    body: NewAutomation,
    now_ms: i64,
) -> Result<(), Problem> {
    let event = body.event.ok_or(Failure::Internal)?.step()?;
    let words = Words { name: &body.name, description: body.description };
    let first = first_step(tx, words, event, body.selection_id).await?;
    let job = match &body.job {
        Some(job) => job.clone(),
        None => usual_job(&first.event)?,
    };
    check_job(&job, true)?;
    automation::insert_event(tx, acting, id, &first, &job, now_ms).await?;
    match (body.job, body.target) {
        (Some(job), Some(target)) => {
            let second = Second { job, target, delay: body.delay, confirmed: body.confirmed };
            save_second(tx, acting, id, second, now_ms).await?;
        }
        (Some(_), None) => return Err(Problem::field("/target", NO_TARGET)),
        (None, target) => refuse_given(
            "goes with a job; give the job as well",
            &[
                ("target", target.is_some()),
                ("delay", body.delay.is_some()),
                ("confirmed", !body.confirmed.is_empty()),
            ],
        )?,
    }
    let Some(frame) = body.frame else {
        return refuse_given(
            "goes with a time frame; give the frame as well",
            &[("reminder_to", !body.reminder_to.is_empty())],
        );
    };
    let third = FrameStep { frame: read_frame(&frame)?, reminder_to: reminded(tx, &body.reminder_to).await? };
    automation::update_frame(tx, acting, id, &third, now_ms).await?;
    Ok(())
}

const NO_TARGET: &str = "expected \"event_parameter\" for the person of the event, or {\"person\": …}";

/// What the second step begins with.
fn usual_job(event: &EventStep) -> Result<Job, Problem> {
    let name = sensible_jobs(&event.event).first().copied().ok_or(Failure::Internal)?;
    serde_json::from_value(serde_json::json!({ "kind": name })).map_err(|_| Failure::Internal.into())
}

/// What an automation is called.
pub(crate) struct Words<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: String,
}

impl Words<'_> {
    fn check(self) -> Result<(String, String), Problem> {
        let name = check_name(self.name)
            .map_err(|text| Problem::field("/name", text.trim_start_matches("name: ")))?;
        if self.description.chars().count() > 2_000 {
            return Err(Problem::field("/description", "at most 2,000 characters are allowed"));
        }
        Ok((name.to_owned(), self.description))
    }
}

async fn check_selection(tx: &mut Tx, id: Option<Uuid>) -> Result<Option<SelectionId>, Problem> {
    let id = id.map(SelectionId);
    if let Some(id) = id {
        let unknown = |_| Problem::field("/selection_id", "there is no such selection");
        selection::get(tx, id).await.map_err(unknown)?;
    }
    Ok(id)
}

/// The job is one of its kind of automation, and its settings are right.
fn check_job(job: &Job, of_events: bool) -> Result<(), Problem> {
    let right = match of_events {
        true => {
            "expected send-new-password-to-contact, send-new-password-to-system-user or send-reset-link; those are the \
             jobs that events begin"
        }
        false if job.mailing().is_some() => {
            "expected send-new-password; a mailing is sent by /api/v1/mailings"
        }
        false => "expected send-new-password; the other jobs are begun by an event",
    };
    if of_events != job.is_of_events() || job.mailing().is_some() {
        return Err(Problem::field("/job/kind", right));
    }
    let (checked, at) = match job {
        Job::SendResetLink(settings) => (settings.validate(), "/job/limits"),
        job => (job.password().validate(), "/job"),
    };
    checked.map_err(|text| {
        let (field, right) = text.split_once(": ").unwrap_or(("", &text));
        let at = if field == "link_hours" { "/job" } else { at };
        Problem::field(format!("{at}/{field}"), right)
    })
}

/// The first step of one that a schedule begins, checked; a selection must be there.
async fn timed(
    tx: &mut Tx,
    words: Words<'_>,
    job: Job,
    selection_id: Option<Uuid>,
) -> Result<JobStep, Problem> {
    let (name, description) = words.check()?;
    check_job(&job, false)?;
    let selection_id = check_selection(tx, selection_id).await?;
    Ok(JobStep { name, description, job, selection_id })
}

/// The first step of one that an event begins, checked; whom and what it names must be there.
pub(crate) async fn first_step(
    tx: &mut Tx,
    words: Words<'_>,
    event: EventStep,
    selection_id: Option<Uuid>,
) -> Result<NewEventStep, Problem> {
    let (name, description) = words.check()?;
    let unknown = |field: &str| Problem::field(format!("/event/{field}"), "there is none with this id");
    if let Some(id) = event.group {
        group::find(tx, id).await?.ok_or_else(|| unknown("group"))?;
    }
    if let Some(id) = event.automation {
        automation::get(tx, id).await.map_err(|_| unknown("automation"))?;
    }
    if let Some(id) = event.system_user {
        let found = person::find(tx, id).await?;
        found.filter(|one| one.system.is_some()).ok_or_else(|| unknown("system_user"))?;
    }
    let selection_id = check_selection(tx, selection_id).await?;
    Ok(NewEventStep { name, description, event, selection_id })
}

/// The second step of one that an event begins.
struct Second {
    job: Job,
    target: Target,
    delay: Option<DelayBody>,
    confirmed: Vec<String>,
}

async fn save_second(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    second: Second,
    now_ms: i64,
) -> Result<(), Problem> {
    let Second { job, target, delay, confirmed } = second;
    check_job(&job, true)?;
    if let Target::Person(chosen) = target {
        let wrong = |right: &str| Err(Problem::field("/target/person", right));
        match (person::find(tx, chosen).await?, job.only()) {
            (None, _) => return wrong("there is nobody with this id"),
            (Some(one), Some(Only::Contacts)) if one.system.is_some() => {
                return wrong(
                    "expected a contact; the job for system users is send-new-password-to-system-user",
                );
            }
            (Some(one), Some(Only::SystemUsers)) if one.system.is_none() => {
                return wrong("expected a system user; the job for contacts is send-new-password-to-contact");
            }
            _ => {}
        }
    }
    if confirmed.len() > MOST_CONFIRMED {
        return Err(Problem::field("/confirmed", format!("at most {MOST_CONFIRMED} are allowed")));
    }
    if let Some(place) = confirmed.iter().position(|code| !Odd::CODES.contains(&code.as_str())) {
        let right = "expected the code of one of the automation's remarks";
        return Err(Problem::field(format!("/confirmed/{place}"), right));
    }
    let delay = delay.map(|delay| delay.delay()).transpose()?;
    let step = EventJobStep { job, target, delay, confirmed };
    automation::update_event_job(tx, acting, id, &step, now_ms).await?;
    check_fit(tx, id).await
}

/// Event, job and target of an automation fit together; what is unusual about an active one is confirmed.
pub(crate) async fn check_fit(tx: &mut Tx, id: AutomationId) -> Result<(), Problem> {
    let one = automation::get(tx, id).await?;
    let (Some(event), Some(target)) = (&one.event, one.target) else { return Ok(()) };
    for remark in compatibility(&event.event, &one.job, Some(target), one.selection_id.is_some()) {
        let what = Sentence::of(&remark.what);
        match remark.severity {
            Severity::Refused => {
                return Err(Problem::conflict(sentence(&what)).at("/target", what.english()));
            }
            Severity::NeedsConfirmation => {
                if one.status.is_active() && !one.confirmed.iter().any(|code| code == what.code()) {
                    return Err(Problem::conflict(sentence(&what)).at("/confirmed", expected(&what)));
                }
            }
        }
    }
    Ok(())
}

/// What confirms a remark.
pub(crate) fn expected(what: &Sentence) -> String {
    format!("expected \"{}\" among them, if this is meant", what.code())
}

/// PUT /api/v1/automations/{id}/job
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<JobStepBody>,
) -> Result<Json<AutomationView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                if automation::lock(tx, id).await?.is_of_events() {
                    update_listener(tx, &acting, id, body, now).await?;
                } else {
                    update_timed(tx, &acting, id, body, now).await?;
                }
                Automation::view(tx, id).await
            })
        })
        .await?;
    Ok(Json(saved))
}

async fn update_timed(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    body: JobStepBody,
    now_ms: i64,
) -> Result<(), Problem> {
    refuse_given(
        "is for an automation that an event begins, and a schedule begins this one",
        &[
            ("target", body.target.is_some()),
            ("delay", body.delay.is_some()),
            ("confirmed", !body.confirmed.is_empty()),
        ],
    )?;
    let name = body.name.ok_or_else(|| Problem::field("/name", "The field `name` is missing."))?;
    let words = Words { name: &name, description: body.description.unwrap_or_default() };
    let step = timed(tx, words, body.job, body.selection_id).await?;
    automation::update_job(tx, acting, id, &step, now_ms).await?;
    Ok(())
}

async fn update_listener(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    body: JobStepBody,
    now_ms: i64,
) -> Result<(), Problem> {
    refuse_given(
        "is saved with the event: PUT …/event",
        &[
            ("name", body.name.is_some()),
            ("description", body.description.is_some()),
            ("selection_id", body.selection_id.is_some()),
        ],
    )?;
    let target = body.target.ok_or_else(|| Problem::field("/target", NO_TARGET))?;
    let second = Second { job: body.job, target, delay: body.delay, confirmed: body.confirmed };
    save_second(tx, acting, id, second, now_ms).await
}
