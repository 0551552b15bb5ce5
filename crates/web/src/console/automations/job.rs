//! The first step of an automation: what it does and to whom.

use super::{get, modes};
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
use domain::automation::{Job, SendNewPassword, check_name};
use domain::credential::Mode;
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::person::Person;
use domain::role::UserType;
use store::automation::{self, Automation, JobStep};
use store::{StoreError, Tx, person, selection};

const FIELDS: &[&str] = &[
    "name",
    "description",
    "selection",
    "mode",
    "valid_hours",
    "remail_after_hours",
    "most_people",
    "approve_above",
    "hybrid-*",
    "hybrid_sure",
    "act",
];

#[derive(Template)]
#[template(path = "console/automation_job.html")]
struct JobPage {
    shell: Shell,
    /// Empty: a new one.
    id: String,
    title: String,
    is_active: bool,
    filled: Filled,
    selections: Vec<Choice>,
    modes: Vec<ModeChoice>,
    hybrids: Vec<Hybrid>,
    approve_above: String,
}

pub(super) struct ModeChoice {
    pub(super) choice: Choice,
    pub(super) hint: String,
}

/// A hybrid user who can be included.
pub(super) struct Hybrid {
    pub(super) field: String,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) is_ticked: bool,
}

/// What the form offers.
struct Offer {
    selections: Vec<(SelectionId, String)>,
    hybrids: Vec<Person>,
}

/// GET /console/automations/new
pub(crate) async fn new(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["selection"])?;
    let job = operator.state().settings.job.clone();
    let mut filled = filled_of("", "", None, &job);
    if let Ok(id) = query.text("selection").parse::<SelectionId>() {
        filled = filled_of("", "", Some(id), &job);
    }
    show_page(&operator, StatusCode::OK, None, filled).await
}

/// GET /console/automations/{id}/job
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return Ok(page::go(&format!("{}/event-job", super::path_of(&one))));
    }
    let filled = filled_of(&one.name, &one.description, one.selection_id, one.job.password());
    show_page(&operator, StatusCode::OK, Some(&one), filled).await
}

/// POST /console/automations
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    save(operator, pairs, None).await
}

/// POST /console/automations/{id}/job
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return Err(Failure::NotFound);
    }
    save(operator, pairs, Some(one)).await
}

async fn save(operator: Operator, pairs: Pairs, before: Option<Automation>) -> Result<Response, Failure> {
    let mut filled = Filled::sent(&pairs);
    let offer = offer(&operator).await?;
    let Some(step) = read_step(&operator, &pairs, &mut filled, &offer, before.as_ref()) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, before.as_ref(), filled).await;
    };
    let (acting, now) = (operator.acting(), operator.now_ms());
    let new = AutomationId(auth::random::id(now)?);
    let id = before.as_ref().map(|one| one.id);
    let write = operator.state().store.write(move |tx| {
        let step = step.clone();
        Box::pin(async move {
            match id {
                Some(id) => automation::update_job(tx, &acting, id, &step, now).await,
                None => automation::insert(tx, &acting, new, &step, now).await.map(|_| ()),
            }
        })
    });
    write.await.map_err(Failure::from)?;
    let path = format!("/console/automations/{}", id.unwrap_or(new));
    Ok(if pairs.text("act") == "next" {
        page::done(&format!("{path}/schedule"), "automation-job-saved", None)
    } else {
        page::done(&path, "automation-saved", None)
    })
}

/// The step as typed; `None`: something is wrong, which then stands at its field.
fn read_step(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    offer: &Offer,
    before: Option<&Automation>,
) -> Option<JobStep> {
    let name = check_name(pairs.text("name")).ok().map(str::to_owned);
    if name.is_none() {
        filled.wrong("name", operator.say("job-wrong-name"));
    }
    let wanted = pairs.text("selection").parse::<SelectionId>().ok();
    let kept = before.and_then(|one| one.selection_id);
    let known = |id: SelectionId| offer.selections.iter().any(|(one, _)| *one == id) || kept == Some(id);
    let selection_id = wanted.filter(|id| known(*id));
    if selection_id.is_none() {
        filled.wrong("selection", operator.say("job-wrong-selection"));
    }
    let confirmed: &[PersonId] = before.map_or(&[], |one| &one.job.password().hybrid_users);
    let job = read_password(operator, pairs, filled, &offer.hybrids, confirmed);
    filled.is_right().then(|| JobStep {
        name: name.unwrap_or_default(),
        description: pairs.text("description").trim().to_owned(),
        job: Job::SendNewPassword(job),
        selection_id,
    })
}

/// The settings of a password as typed; what is wrong is noted at its field. `confirmed`: hybrid users somebody has
/// taken the responsibility for already.
pub(super) fn read_password(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    hybrids: &[Person],
    confirmed: &[PersonId],
) -> SendNewPassword {
    let mode = modes::named(pairs.text("mode"));
    if mode.is_none() {
        filled.wrong("mode", operator.say("job-wrong-mode"));
    }
    let hybrid_users: Vec<PersonId> = hybrids
        .iter()
        .map(|person| person.id)
        .filter(|id| pairs.ticked("hybrid-").any(|ticked| ticked == id.to_string()))
        .collect();
    let is_new = hybrid_users.iter().any(|id| !confirmed.contains(id));
    if is_new && !filled.has("hybrid_sure") {
        filled.wrong("hybrid_sure", operator.say("job-wrong-hybrid"));
    }
    let job = SendNewPassword {
        mode: mode.unwrap_or(Mode::AfterAcceptance),
        valid_hours: number(operator, filled, "valid_hours", "job-wrong-valid").flatten().unwrap_or_default(),
        remail_after_hours: number(operator, filled, "remail_after_hours", "job-wrong-remail")
            .flatten()
            .unwrap_or_default(),
        hybrid_users,
        most_people: number(operator, filled, "most_people", "job-wrong-people").flatten(),
        approve_above: number(operator, filled, "approve_above", "job-wrong-people").flatten(),
    };
    if let Err(wrong) = job.validate() {
        let field = wrong.split(':').next().unwrap_or_default().to_owned();
        if filled.error(&field).is_empty() {
            let id = match field.as_str() {
                "valid_hours" => "job-wrong-valid",
                "remail_after_hours" => "job-wrong-remail",
                _ => "job-wrong-people",
            };
            filled.wrong(&field, operator.say(id));
        }
    }
    job
}

/// A whole number; `Some(None)`: nothing was typed. What is no number is noted at the field.
pub(super) fn number(
    operator: &Operator,
    filled: &mut Filled,
    field: &str,
    wrong: &str,
) -> Option<Option<u32>> {
    let typed = filled.value(field).trim().to_owned();
    if typed.is_empty() {
        return Some(None);
    }
    let read = super::refusals::number(&typed).and_then(|number| u32::try_from(number).ok());
    if read.is_none() {
        filled.wrong(field, operator.say(wrong));
    }
    read.map(Some)
}

fn filled_of(name: &str, description: &str, selection: Option<SelectionId>, job: &SendNewPassword) -> Filled {
    let mut all = vec![
        ("name".to_owned(), name.to_owned()),
        ("description".to_owned(), description.to_owned()),
        ("selection".to_owned(), selection.map(|id| id.to_string()).unwrap_or_default()),
    ];
    all.extend(password_fields(job));
    Filled::with(all.iter().map(|(name, value)| (name.as_str(), value.clone())))
}

/// The settings of a password as fields.
pub(super) fn password_fields(job: &SendNewPassword) -> Vec<(String, String)> {
    let optional = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let fields = [
        ("mode".to_owned(), job.mode.as_str().to_owned()),
        ("valid_hours".to_owned(), job.valid_hours.to_string()),
        ("remail_after_hours".to_owned(), job.remail_after_hours.to_string()),
        ("most_people".to_owned(), optional(job.most_people)),
        ("approve_above".to_owned(), optional(job.approve_above)),
    ];
    let ticked = job.hybrid_users.iter().map(|id| (format!("hybrid-{id}"), "1".to_owned()));
    fields.into_iter().chain(ticked).collect()
}

async fn offer(operator: &Operator) -> Result<Offer, Failure> {
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            Ok::<_, Failure>(Offer {
                selections: list_published(tx).await?,
                hybrids: list_hybrids(tx).await?,
            })
        })
    });
    read.await
}

/// The selections a job can go by.
pub(super) async fn list_published(tx: &mut Tx) -> Result<Vec<(SelectionId, String)>, StoreError> {
    let published = selection::list(tx, Some(false)).await?.into_iter().filter(|one| one.published);
    Ok(published.map(|one| (one.id, one.name)).collect())
}

/// The hybrid users who can be included.
pub(super) async fn list_hybrids(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    let is_hybrid =
        |person: &Person| person.system.as_ref().is_some_and(|system| system.user_type == UserType::Hybrid);
    Ok(person::list_system_users(tx).await?.into_iter().filter(is_hybrid).collect())
}

/// The selections as choices after a line for none. One that cannot be used any more stays until somebody chooses
/// another.
pub(super) fn selection_choices(
    operator: &Operator,
    published: &[(SelectionId, String)],
    none: &str,
    chosen: &str,
) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", operator.say(none), chosen)];
    choices.extend(published.iter().map(|(id, name)| Choice::new(&id.to_string(), name.as_str(), chosen)));
    if !choices.iter().any(|choice| choice.is_chosen) {
        choices.push(Choice::new(chosen, operator.say("job-selection-unusable"), chosen));
    }
    choices
}

/// When the old password stops working, to choose from.
pub(super) fn mode_choices(operator: &Operator, chosen: &str) -> Vec<ModeChoice> {
    let one = |mode: Mode| {
        let id = format!("mode-{}", mode.as_str().replace('_', "-"));
        ModeChoice {
            choice: Choice::new(mode.as_str(), operator.say(&id), chosen),
            hint: operator.say(&format!("{id}-hint")),
        }
    };
    modes::MODES.into_iter().map(one).collect()
}

/// The hybrid users as boxes.
pub(super) fn hybrid_boxes(hybrids: &[Person], filled: &Filled) -> Vec<Hybrid> {
    let one = |person: &Person| {
        let field = format!("hybrid-{}", person.id);
        Hybrid {
            is_ticked: filled.has(&field),
            field,
            name: person.full_name(),
            username: person.username.clone(),
        }
    };
    hybrids.iter().map(one).collect()
}

/// Above how many people a second operator must approve.
pub(super) fn approve_hint(operator: &Operator) -> String {
    let house = operator.state().flow.settings().limits.approve_above;
    if house > 0 {
        operator.fill("job-approve-house", "people", &crate::console::grouped(house))
    } else {
        operator.say("job-approve-hint")
    }
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Option<&Automation>,
    filled: Filled,
) -> Result<Response, Failure> {
    let offer = offer(operator).await?;
    let page = JobPage {
        shell: operator.shell(Place::Automations),
        id: one.map(|one| one.id.to_string()).unwrap_or_default(),
        title: one.map_or_else(|| operator.say("automation-new"), |one| one.name.clone()),
        is_active: one.is_some_and(|one| one.status.is_active()),
        selections: selection_choices(
            operator,
            &offer.selections,
            "job-choose-selection",
            filled.value("selection"),
        ),
        modes: mode_choices(operator, filled.value("mode")),
        hybrids: hybrid_boxes(&offer.hybrids, &filled),
        approve_above: approve_hint(operator),
        filled,
    };
    page::show(status, &page)
}
