//! Automations: their list; `show` has the page of one, `job` and `schedule` the two steps, `start` what mails. Those
//! that an event begins have their steps and their page in `of_event`.

pub(crate) mod change;
pub(crate) mod job;
pub(super) mod modes;
pub(crate) mod of_event;
pub(super) mod refusals;
pub(crate) mod schedule;
pub(crate) mod show;
pub(crate) mod start;
mod words;

use crate::console::archive::Listed;
use crate::console::events::words as event_words;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people::named::names_of;
use crate::console::place;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::AutomationStatus;
use domain::id::{AutomationId, PersonId};
use domain::role::Permission;
use std::collections::BTreeMap;
use store::automation::{self, Automation};
use store::{StoreError, event};

#[derive(Template)]
#[template(path = "console/automations.html")]
struct AutomationsPage {
    shell: Shell,
    lines: Vec<Line>,
    states: Vec<Choice>,
    tabs: Vec<Tab>,
    is_archive: bool,
    is_filtered: bool,
    may_edit: bool,
}

/// An automation in the list.
struct Line {
    id: String,
    number: i64,
    name: String,
    job: String,
    owner: String,
    /// By a schedule: the next run. By an event: the event, and what waits.
    begins: String,
    waits: String,
    is_of_events: bool,
    end: String,
    errors: i64,
    last_error: String,
    state: &'static str,
    label: String,
}

const HERE: &str = "/console/automations";
const ARCHIVE: &str = "/console/automations?archived=1";

/// The places within Automations.
pub(super) fn tabs(operator: &Operator, here: &str) -> Vec<Tab> {
    let all =
        [(HERE, "automations-here"), (ARCHIVE, "record-archive"), ("/console/holidays", "holidays-title")];
    all.map(|(path, label)| Tab { path, label: operator.say(label), is_here: path == here }).into()
}

/// GET /console/automations
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["archived", "state"])?;
    let is_archive = query.text("archived") == "1";
    let state = match query.text("state") {
        "" => None,
        text => {
            Some(AutomationStatus::parse(text).ok_or(Failure::BadRequest("state: there is no such state."))?)
        }
    };
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let found = automation::list(tx, is_archive).await?;
            let owners: Vec<PersonId> = found.iter().map(|one| one.owner_id).collect();
            let names = names_of(tx, &owners).await?;
            Ok::<_, Failure>((found, names, event::job::count_all_waiting(tx).await?))
        })
    });
    let (found, names, waiting) = read.await?;
    let found = found.into_iter().filter(|one| state.is_none_or(|state| one.status == state));
    let chosen = state.map_or("", AutomationStatus::as_str);
    let mut states = vec![Choice::new("", operator.say("form-everything"), chosen)];
    states.extend(
        AutomationStatus::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), status_label(&operator, *one), chosen)),
    );
    let page = AutomationsPage {
        lines: found.map(|one| line(&operator, one, &names, &waiting)).collect(),
        shell: operator.shell(Place::Automations),
        states,
        tabs: tabs(&operator, if is_archive { ARCHIVE } else { HERE }),
        is_archive,
        is_filtered: state.is_some(),
        may_edit: operator.may(Permission::AutomationsEdit),
    };
    page::show(StatusCode::OK, &page)
}

fn line(
    operator: &Operator,
    one: Automation,
    names: &BTreeMap<PersonId, String>,
    waiting: &[(AutomationId, i64, i64)],
) -> Line {
    let none = || "–".to_owned();
    let end = match (&one.schedule, &one.frame) {
        (Some(schedule), _) => Some(schedule.latest().date()),
        (None, frame) => frame.as_ref().map(|frame| frame.latest().date()),
    };
    let words = operator.context.words;
    let waits = waiting.iter().find(|(id, ..)| *id == one.id).map(|(_, count, due)| {
        let due = operator.at(*due);
        words.say_with("automations-waiting", &[("count", &grouped(*count)), ("due", &due)])
    });
    let begins = match &one.event {
        Some(step) => event_words::label(words, &step.event),
        None => one.next_at.map_or_else(none, |at| words::moment(operator, &one, at)),
    };
    Line {
        id: one.id.to_string(),
        number: one.number,
        job: operator.say(&format!("job-{}", one.job.name())),
        owner: names.get(&one.owner_id).cloned().unwrap_or_else(none),
        begins,
        waits: waits.unwrap_or_default(),
        is_of_events: one.is_of_events(),
        end: end.map_or_else(none, |end| end.to_string()),
        errors: one.errors_count,
        last_error: one.last_error.clone().unwrap_or_default(),
        state: if one.archived { "archived" } else { one.status.as_str() },
        label: state_label(operator, &one),
        name: one.name,
    }
}

/// The word for where an automation stands. One that an event begins runs as long as its time frame lasts.
fn state_label(operator: &Operator, one: &Automation) -> String {
    match (one.archived, one.is_of_events(), one.status) {
        (true, ..) => operator.say("automation-archived"),
        (_, true, AutomationStatus::ActiveRunning) => operator.say("automation-listening"),
        (_, _, status) => status_label(operator, status),
    }
}

fn status_label(operator: &Operator, status: AutomationStatus) -> String {
    operator.say(&status_id(status))
}

fn status_id(status: AutomationStatus) -> String {
    format!("automation-{}", status.as_str().replace('_', "-"))
}

/// The automation a path names.
async fn get(operator: &Operator, id: &str) -> Result<Automation, Failure> {
    place::get(operator, id).await
}

fn path_of(one: &Automation) -> String {
    format!("{HERE}/{}", one.id)
}

impl Listed for Automation {
    const LIST: &'static str = HERE;
    const DONE: [&'static str; 3] = ["automation-put-away", "automation-restored", "automation-removed"];

    async fn refused(_: &Operator, _: AutomationId, error: StoreError) -> Result<Response, Failure> {
        Err(error.into())
    }
}
