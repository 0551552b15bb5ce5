//! The second step: what is done, to whom, and how long after the event.

use super::remarks::{self, Warning};
use super::target::{self, EVENT, Found, PERSON};
use super::{Known, type_of};
use crate::console::automations::job::{
    Hybrid, ModeChoice, approve_hint, hybrid_boxes, list_hybrids, mode_choices, number, password_fields,
    read_password,
};
use crate::console::automations::path_of;
use crate::console::events::words;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::{Carries, Job, Only, SendNewPassword, SendResetLink, Target};
use domain::event::{Delay, DelayUnit, EventType, Severity, compatibility, sensible_jobs};
use domain::id::PersonId;
use domain::person::Person;
use store::automation::{self, Automation, EventJobStep};

const FIELDS: &[&str] = &[
    "job",
    "target",
    "person",
    "chosen",
    "delay_value",
    "delay_unit",
    "mode",
    "valid_hours",
    "link_hours",
    "remail_after_hours",
    "most_people",
    "approve_above",
    "hybrid-*",
    "hybrid_sure",
    "confirm-*",
    "act",
];

/// The jobs there are, as forms name them.
const JOBS: [&str; 3] =
    ["send-new-password-to-contact", "send-new-password-to-system-user", "send-reset-link"];

#[derive(Template)]
#[template(path = "console/events/step_job.html")]
struct JobPage {
    shell: Shell,
    known: Known,
    filled: Filled,
    jobs: Vec<JobChoice>,
    /// Whether the chosen job mails a password; else it mails a link.
    mails_password: bool,
    is_of_event: bool,
    is_of_person: bool,
    parameter_hint: String,
    found: Vec<Choice>,
    found_only: String,
    warnings: Vec<Warning>,
    /// What is refused, before anything is saved; empty: nothing.
    refusal: String,
    units: Vec<Choice>,
    modes: Vec<ModeChoice>,
    hybrids: Vec<Hybrid>,
    approve_above: String,
}

/// A job to choose.
struct JobChoice {
    choice: Choice,
    hint: String,
    letters: &'static str,
    /// Why it is unusual, or does not go with the event at all; empty: it is sensible.
    unusual: String,
}

/// GET /console/automations/{id}/event-job
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = super::get(&operator, &id).await?;
    let filled = filled_of(&operator, &one).await?;
    show_page(&operator, StatusCode::OK, &one, filled).await
}

/// POST /console/automations/{id}/event-job: shows what was typed, or saves it.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let one = super::get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    if pairs.text("act") == "look" {
        return show_page(&operator, StatusCode::OK, &one, filled).await;
    }
    let hybrids = hybrids(&operator).await?;
    let found = target::look(&operator, &filled).await?;
    let Some(step) = read_step(&operator, &pairs, &mut filled, &one, (&hybrids, &found))? else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        let step = step.clone();
        Box::pin(async move { automation::update_event_job(tx, &acting, id, &step, now).await })
    });
    write.await.map_err(Failure::from)?;
    let path = path_of(&one);
    Ok(match pairs.text("act") {
        "next" => page::done(&format!("{path}/frame"), "automation-event-job-saved", None),
        "back" => page::done(&format!("{path}/event"), "automation-saved", None),
        _ => page::done(&path, "automation-saved", None),
    })
}

async fn hybrids(operator: &Operator) -> Result<Vec<Person>, Failure> {
    let read = operator.state().store.read(|tx| Box::pin(async move { list_hybrids(tx).await }));
    Ok(read.await?)
}

/// The step as typed; `None`: something is wrong, which then stands at its field.
fn read_step(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    one: &Automation,
    (hybrids, found): (&[Person], &Found),
) -> Result<Option<EventJobStep>, Failure> {
    let confirmed: &[PersonId] = &one.job.password().hybrid_users;
    let job = read_job(operator, pairs, filled, hybrids, confirmed);
    let only = job.as_ref().and_then(Job::only);
    let target = target::read(operator, filled, found, only, one.target);
    let delay = read_delay(operator, filled);
    let (Some(job), Some(target)) = (job, target) else { return Ok(None) };
    let event = type_of(one)?;
    let confirmed = remarks::check(operator, filled, &event, &job, target, one.selection_id.is_some());
    Ok(filled.is_right().then_some(EventJobStep { job, target, delay, confirmed }))
}

fn read_job(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    hybrids: &[Person],
    confirmed: &[PersonId],
) -> Option<Job> {
    match pairs.text("job") {
        "send-new-password-to-contact" => {
            // Nobody who is a contact is a program.
            let settings = read_password(operator, pairs, filled, &[], &[]);
            Some(Job::SendNewPasswordToContact(settings))
        }
        "send-new-password-to-system-user" => {
            let settings = read_password(operator, pairs, filled, hybrids, confirmed);
            Some(Job::SendNewPasswordToSystemUser(settings))
        }
        "send-reset-link" => Some(read_link(operator, filled)),
        _ => {
            filled.wrong("job", operator.say("event-job-wrong"));
            None
        }
    }
}

fn read_link(operator: &Operator, filled: &mut Filled) -> Job {
    let mut whole = |field: &str, wrong: &str| number(operator, filled, field, wrong).flatten();
    let settings = SendResetLink {
        link_hours: whole("link_hours", "job-wrong-valid").unwrap_or_default(),
        limits: SendNewPassword {
            remail_after_hours: whole("remail_after_hours", "job-wrong-remail").unwrap_or_default(),
            most_people: whole("most_people", "job-wrong-people"),
            approve_above: whole("approve_above", "job-wrong-people"),
            ..SendNewPassword::default()
        },
    };
    if let Err(wrong) = settings.validate() {
        let field = wrong.split(':').next().unwrap_or_default().to_owned();
        let id = match field.as_str() {
            "link_hours" => "job-wrong-valid",
            "remail_after_hours" => "job-wrong-remail",
            _ => "job-wrong-people",
        };
        if filled.error(&field).is_empty() {
            filled.wrong(&field, operator.say(id));
        }
    }
    Job::SendResetLink(Box::new(settings))
}

fn read_delay(operator: &Operator, filled: &mut Filled) -> Option<Delay> {
    let typed = filled.value("delay_value").trim().to_owned();
    if typed.is_empty() {
        return None;
    }
    let unit = DelayUnit::parse(filled.value("delay_unit")).unwrap_or(DelayUnit::Days);
    let delay = typed.parse::<i64>().ok().and_then(|value| Delay::new(value, unit).ok());
    if delay.is_none() {
        filled.wrong("delay_value", operator.fill("delay-wrong", "most", &unit.most().to_string()));
    }
    delay
}

async fn filled_of(operator: &Operator, one: &Automation) -> Result<Filled, Failure> {
    let mut all = vec![
        ("job".to_owned(), one.job.name().to_owned()),
        ("delay_value".to_owned(), one.delay.map(|delay| delay.value().to_string()).unwrap_or_default()),
        ("delay_unit".to_owned(), one.delay.map_or(DelayUnit::Days, Delay::unit).as_str().to_owned()),
    ];
    let link_hours = match &one.job {
        Job::SendResetLink(settings) => settings.link_hours,
        _ => SendResetLink::default().link_hours,
    };
    all.push(("link_hours".to_owned(), link_hours.to_string()));
    all.extend(password_fields(one.job.password()));
    all.extend(one.confirmed.iter().map(|code| (format!("confirm-{code}"), "1".to_owned())));
    match one.target {
        Some(target) => all.extend(target::fields(operator, Some(target)).await?),
        None => {
            let event = type_of(one)?;
            let remarks =
                compatibility(&event, &one.job, Some(Target::EventParameter), one.selection_id.is_some());
            let is_refused = remarks.iter().any(|remark| remark.severity == Severity::Refused);
            all.push(("target".to_owned(), if is_refused { PERSON } else { EVENT }.to_owned()));
        }
    }
    Ok(Filled::with(all.iter().map(|(name, value)| (name.as_str(), value.clone()))))
}

/// The jobs, the sensible ones first, the others with what is unusual about them.
fn job_choices(operator: &Operator, event: &EventType, chosen: &str) -> Vec<JobChoice> {
    let sensible = sensible_jobs(event);
    let others = JOBS.into_iter().filter(|job| !sensible.contains(job));
    let one = |name: &'static str, is_sensible: bool| {
        let blank = blank(name);
        let remarks = compatibility(event, &blank, Some(Target::EventParameter), false);
        let unusual = match remarks.first() {
            Some(remark) if remark.severity == Severity::Refused || !is_sensible => {
                words::odd(operator.context.words, event, &remark.what)
            }
            None if !is_sensible => operator.say("event-job-unusual"),
            _ => String::new(),
        };
        JobChoice {
            choice: Choice::new(name, operator.say(&format!("job-{name}")), chosen),
            hint: operator.say(&format!("job-{name}-hint")),
            letters: match blank.only() {
                Some(Only::Contacts) => "(C)",
                Some(Only::SystemUsers) => "(S)",
                _ => "(S/C)",
            },
            unusual,
        }
    };
    let mut all: Vec<JobChoice> = sensible.iter().map(|name| one(name, true)).collect();
    all.extend(others.map(|name| one(name, false)));
    all
}

/// A job of this name with settings that say nothing.
fn blank(name: &str) -> Job {
    match name {
        "send-new-password-to-system-user" => Job::SendNewPasswordToSystemUser(SendNewPassword::default()),
        "send-reset-link" => Job::SendResetLink(Box::default()),
        _ => Job::SendNewPasswordToContact(SendNewPassword::default()),
    }
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: &Automation,
    filled: Filled,
) -> Result<Response, Failure> {
    let event = type_of(one)?;
    let (hybrids, found) = (hybrids(operator).await?, target::look(operator, &filled).await?);
    let job = blank(filled.value("job"));
    let is_of_event = filled.value("target") == EVENT;
    let target = if is_of_event { Some(Target::EventParameter) } else { None };
    let remarks = compatibility(&event, &job, target, one.selection_id.is_some());
    let refused = remarks.iter().find(|remark| remark.severity == Severity::Refused);
    let parameter = match job.only() {
        Some(Only::Contacts) => "target-event-contact",
        Some(Only::SystemUsers) => "target-event-system-user",
        _ => "target-event-anybody",
    };
    let unit = |one: &DelayUnit| {
        let id = format!("delay-{}", one.as_str());
        Choice::new(one.as_str(), operator.say(&id), filled.value("delay_unit"))
    };
    let takes_hybrids = job.only() == Some(Only::SystemUsers);
    let page = JobPage {
        shell: operator.shell(Place::Automations),
        known: Known::of(operator, one)?,
        jobs: job_choices(operator, &event, filled.value("job")),
        mails_password: job.carries() == Carries::Password,
        is_of_event,
        is_of_person: filled.value("target") == PERSON,
        parameter_hint: operator.say(parameter),
        found: found.choices(filled.value("chosen")),
        found_only: found.only().unwrap_or_default(),
        warnings: remarks::warnings(operator, &filled, &event, &remarks),
        refusal: refused
            .filter(|_| filled.error("target").is_empty())
            .map(|remark| words::odd(operator.context.words, &event, &remark.what))
            .unwrap_or_default(),
        units: DelayUnit::ALL.iter().map(unit).collect(),
        modes: mode_choices(operator, filled.value("mode")),
        hybrids: if takes_hybrids { hybrid_boxes(&hybrids, &filled) } else { Vec::new() },
        approve_above: approve_hint(operator),
        filled,
    };
    page::show(status, &page)
}
