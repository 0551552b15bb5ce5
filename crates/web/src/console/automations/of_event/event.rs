//! The first step: what it is called, which event begins it, which of those count, and whom it is limited to.

use super::conditions::{self, Row, ShownRow};
use super::remarks;
use super::settings::{self, Offered, Settings};
use crate::console::automations::{job, path_of};
use crate::console::events::words::{self, ChoiceGroup};
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
use domain::automation::{Job, Only, SendNewPassword, SendResetLink, check_name};
use domain::event::{EventType, sensible_jobs};
use domain::id::{AutomationId, SelectionId};
use store::automation::{self, Automation, NewEventStep};

const FIELDS: &[&str] = &[
    "name",
    "description",
    "event",
    "custom_type",
    "source",
    "group",
    "attribute-*",
    "automation",
    "system_user",
    "condition-*",
    "selection",
    "act",
];

#[derive(Template)]
#[template(path = "console/events/step_event.html")]
struct EventPage {
    shell: Shell,
    /// Empty: a new one.
    id: String,
    title: String,
    is_active: bool,
    /// How far the later steps can be gone to.
    has_job: bool,
    filled: Filled,
    events: Vec<ChoiceGroup>,
    settings: Settings,
    rows: Vec<ShownRow>,
    selections: Vec<Choice>,
    selection_hint: String,
}

/// GET /console/automations/new/event
pub(crate) async fn new(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["event", "selection"])?;
    let mut filled = Filled::default();
    match EventType::parse(query.text("event")) {
        Ok(EventType::Custom(name)) => {
            filled.put("event", words::CUSTOM.to_owned());
            filled.put("custom_type", name);
        }
        Ok(event) => filled.put("event", event.to_string()),
        Err(_) => {}
    }
    filled.put("selection", query.text("selection").to_owned());
    show_page(&operator, StatusCode::OK, None, filled, Vec::new()).await
}

/// GET /console/automations/{id}/event
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = super::get(&operator, &id).await?;
    let Some(step) = &one.event else { return Err(Failure::NotFound) };
    let mut all = vec![
        ("name".to_owned(), one.name.clone()),
        ("description".to_owned(), one.description.clone()),
        ("selection".to_owned(), one.selection_id.map(|id| id.to_string()).unwrap_or_default()),
    ];
    all.extend(settings::fields(step));
    let filled = Filled::with(all.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let rows = conditions::of(&step.conditions);
    show_page(&operator, StatusCode::OK, Some(&one), filled, rows).await
}

/// POST /console/automations/new/event
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    save(operator, pairs, None).await
}

/// POST /console/automations/{id}/event: shows what was typed, or saves it.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let one = super::get(&operator, &id).await?;
    save(operator, pairs, Some(one)).await
}

async fn save(operator: Operator, pairs: Pairs, before: Option<Automation>) -> Result<Response, Failure> {
    let mut filled = Filled::sent(&pairs);
    let mut rows = conditions::sent(&filled);
    let act = pairs.text("act");
    if act == "look" || conditions::press(&mut rows, act) {
        return show_page(&operator, StatusCode::OK, before.as_ref(), filled, rows).await;
    }
    let published =
        operator.state().store.read(|tx| Box::pin(async move { job::list_published(tx).await })).await?;
    let step = read_step(&operator, &pairs, &mut filled, &rows, &published, before.as_ref());
    let Some(step) = step else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, before.as_ref(), filled, rows).await;
    };
    let (acting, now) = (operator.acting(), operator.now_ms());
    let new = AutomationId(auth::random::id(now)?);
    let first_job = first_job(&operator, &step.event.event);
    let id = before.as_ref().map(|one| one.id);
    let write = operator.state().store.write(move |tx| {
        let (step, first_job) = (step.clone(), first_job.clone());
        Box::pin(async move {
            match id {
                Some(id) => automation::update_event(tx, &acting, id, &step, now).await,
                None => automation::insert_event(tx, &acting, new, &step, &first_job, now).await.map(|_| ()),
            }
        })
    });
    write.await.map_err(Failure::from)?;
    let path = before.as_ref().map_or_else(|| format!("/console/automations/{new}"), path_of);
    Ok(if act == "next" {
        page::done(&format!("{path}/event-job"), "automation-event-saved", None)
    } else {
        page::done(&path, "automation-saved", None)
    })
}

/// What the second step begins with: the most sensible job.
fn first_job(operator: &Operator, event: &EventType) -> Job {
    let settings =
        SendNewPassword { approve_above: None, most_people: None, ..operator.state().settings.job.clone() };
    match sensible_jobs(event).first().copied() {
        Some("send-new-password-to-system-user") => Job::SendNewPasswordToSystemUser(settings),
        Some("send-reset-link") => {
            Job::SendResetLink(Box::new(SendResetLink { limits: settings, ..SendResetLink::default() }))
        }
        _ => Job::SendNewPasswordToContact(settings),
    }
}

/// The step as typed; `None`: something is wrong, which then stands at its field.
fn read_step(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    rows: &[Row],
    published: &[(SelectionId, String)],
    before: Option<&Automation>,
) -> Option<NewEventStep> {
    let name = check_name(pairs.text("name")).ok().map(str::to_owned);
    if name.is_none() {
        filled.wrong("name", operator.say("job-wrong-name"));
    }
    let selection_id = match pairs.text("selection") {
        "" => None,
        text => {
            let kept = before.and_then(|one| one.selection_id);
            let known = |id: &SelectionId| published.iter().any(|(one, _)| one == id) || kept == Some(*id);
            let found = text.parse::<SelectionId>().ok().filter(known);
            if found.is_none() {
                filled.wrong("selection", operator.say("event-wrong-selection"));
            }
            found
        }
    };
    let event = settings::read_type(operator, filled);
    let read = conditions::read(rows);
    let step = event.map(|event| {
        let mut step = settings::read_step(filled, pairs, event);
        step.conditions = read.iter().map(|(_, condition)| condition.clone()).collect();
        step
    });
    if let Some(Err(problems)) = step.as_ref().map(domain::event::EventStep::validate) {
        for problem in &problems {
            if conditions::note(operator, filled, &read, problem).is_none() {
                let field = if problem.field == "source" { "source" } else { "event" };
                let id = if field == "source" { "event-wrong-source" } else { "event-wrong-setting" };
                filled.wrong(field, operator.say(id));
            }
        }
    }
    if let (Some(step), Some(one)) = (&step, before.filter(|one| one.status.is_active())) {
        let unfit = remarks::unfit(&step.event, one, selection_id.is_some());
        let what = unfit.map(|what| words::odd(operator.context.words, &step.event, &what));
        if let Some(what) = what {
            filled.wrong("event", operator.fill("event-unfit-active", "what", &what));
        }
    }
    let event = step.filter(|_| filled.is_right())?;
    Some(NewEventStep {
        name: name.unwrap_or_default(),
        description: pairs.text("description").trim().to_owned(),
        event,
        selection_id,
    })
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Option<&Automation>,
    filled: Filled,
    rows: Vec<Row>,
) -> Result<Response, Failure> {
    let offered: Offered = settings::offered(operator, one.map(|one| one.id)).await?;
    let published =
        operator.state().store.read(|tx| Box::pin(async move { job::list_published(tx).await })).await?;
    // Until the second step is saved nobody has chosen a job.
    let only = one.filter(|one| one.target.is_some()).and_then(|one| one.job.only());
    let hint = match only {
        None => "event-selection-hint",
        Some(Only::SystemUsers) => "event-selection-hint-causer",
        Some(Only::Contacts | Only::Anybody) => "event-selection-hint-contacts",
    };
    let page = EventPage {
        shell: operator.shell(Place::Automations),
        id: one.map(|one| one.id.to_string()).unwrap_or_default(),
        title: one.map_or_else(|| operator.say("automation-new-event"), |one| one.name.clone()),
        is_active: one.is_some_and(|one| one.status.is_active()),
        has_job: one.is_some_and(|one| one.target.is_some()),
        events: words::choices(operator.context.words, filled.value("event")),
        settings: Settings::of(operator, &filled, &offered),
        rows: conditions::shown(operator, rows, &filled),
        selections: job::selection_choices(
            operator,
            &published,
            "event-selection-none",
            filled.value("selection"),
        ),
        selection_hint: operator.say(hint),
        filled,
    };
    page::show(status, &page)
}
