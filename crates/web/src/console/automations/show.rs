//! The page of one automation: what it is, when it runs, what became of its occurrences and its runs.

use super::of_event::{Shown, event_page};
use super::words::{self, Next};
use super::{get, names_of, refusals, state_label};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::runs;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::role::Permission;
use domain::selection::Selection;
use flow::{Approval, Refusal, StartError};
use std::collections::BTreeMap;
use store::automation::{self, Automation};
use store::occurrence;
use store::run::{self, Run};
use store::selection;

/// Occurrences and runs shown.
const MOST: i64 = 10;

#[derive(Template)]
#[template(path = "console/automation.html")]
struct AutomationPage {
    shell: Shell,
    one: Automation,
    state: &'static str,
    label: String,
    job: Vec<(String, String)>,
    selection: Option<Linked>,
    schedule: String,
    next: Vec<Next>,
    waits: String,
    facts: Vec<(String, String)>,
    error: Option<(String, String)>,
    approval: Standing,
    past: Vec<Past>,
    runs: Vec<runs::Line>,
    may: May,
    notice: Option<String>,
    is_active: bool,
}

/// A record with its page.
pub(super) struct Linked {
    pub(super) path: String,
    pub(super) name: String,
    /// Why it cannot be used; empty: it can.
    pub(super) trouble: String,
}

/// An occurrence that was dealt with.
struct Past {
    at: String,
    outcome: String,
    label: String,
    detail: String,
    run: Option<String>,
}

/// How the approval by a second operator stands.
pub(super) struct Standing {
    /// `none`, `fine` or `lacking`.
    pub(super) state: &'static str,
    pub(super) text: String,
}

/// What the operator may do to it.
pub(super) struct May {
    pub(super) edit: bool,
    pub(super) activate: bool,
    pub(super) run: bool,
    pub(super) see_runs: bool,
}

impl May {
    pub(super) fn of(operator: &Operator) -> Self {
        Self {
            edit: operator.may(Permission::AutomationsEdit),
            activate: operator.may(Permission::AutomationsActivate),
            run: operator.may(Permission::AutomationsRun),
            see_runs: operator.may(Permission::RunsView),
        }
    }
}

/// What the page reads.
struct Read {
    names: BTreeMap<PersonId, String>,
    selection: Option<Selection>,
    calendar: domain::schedule::HolidayCalendar,
    past: Vec<occurrence::Listed>,
    runs: Vec<Run>,
}

/// GET /console/automations/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = operator.query(&["after"])?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return event_page(&operator, StatusCode::OK, one, Shown::after(query.text("after"))?).await;
    }
    show_page(&operator, StatusCode::OK, one, None).await
}

/// The page, with why something was not done.
pub(super) async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Automation,
    notice: Option<String>,
) -> Result<Response, Failure> {
    if one.is_of_events() {
        return event_page(operator, status, one, Shown { after: None, notice }).await;
    }
    let read = read(operator, &one).await?;
    let approval = standing(operator, &one).await?;
    let words = operator.context.words;
    let schedule = one.schedule.as_ref();
    let named = |id: &PersonId| read.names.get(id).cloned().unwrap_or_else(|| operator.say("run-erased"));
    let reminded: Vec<String> = one.reminder_to.iter().map(named).collect();
    let facts = [
        ("automation-owner", Some(named(&one.owner_id))),
        ("automation-editor", Some(named(&one.editor_id)).filter(|_| one.editor_id != one.owner_id)),
        ("automation-runs-count", Some(grouped(one.runs_count))),
        ("automation-end", schedule.map(|schedule| schedule.latest().date().to_string())),
        ("automation-reminder", Some(reminded.join(", ")).filter(|text| !text.is_empty())),
        ("run-created", Some(operator.at(one.created_at))),
        ("record-updated", Some(operator.at(one.updated_at))),
    ];
    let error = one.last_error.clone().map(|cause| {
        let at = one.last_error_at.map(|at| operator.at(at)).unwrap_or_default();
        let count = grouped(one.errors_count);
        (cause, words.say_with("automation-error-at", &[("time", &at), ("count", &count)]))
    });
    let page = AutomationPage {
        shell: operator.shell(Place::Automations),
        state: if one.archived { "archived" } else { one.status.as_str() },
        label: state_label(operator, &one),
        job: job_facts(operator, &one, &named),
        selection: read.selection.map(|selection| linked(operator, &selection)),
        schedule: schedule.map(|schedule| words::describe(schedule, words)).unwrap_or_default(),
        next: schedule
            .map(|schedule| words::next(schedule, &read.calendar, operator.now_ms(), words))
            .unwrap_or_default(),
        waits: operator.say(if one.status.is_active() { "automation-next" } else { "automation-would-run" }),
        facts: facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect(),
        error,
        approval,
        past: read.past.into_iter().map(|past| past_line(operator, &one, past)).collect(),
        runs: read.runs.iter().map(|run| runs::Line::of(operator, run)).collect(),
        may: May::of(operator),
        notice,
        is_active: one.status.is_active(),
        one,
    };
    page::show(status, &page)
}

async fn read(operator: &Operator, one: &Automation) -> Result<Read, Failure> {
    let (id, selection_id) = (one.id, one.selection_id);
    let runs_too = operator.may(Permission::RunsView);
    let mut people = vec![one.owner_id, one.editor_id];
    people.extend(&one.reminder_to);
    people.extend(&one.job.password().hybrid_users);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let selection = match selection_id {
                None => None,
                Some(id) => selection::list(tx, None).await?.into_iter().find(|one| one.id == id),
            };
            Ok::<_, Failure>(Read {
                names: names_of(tx, &people).await?,
                selection,
                calendar: automation::calendar(tx).await?,
                past: occurrence::list(tx, id, MOST).await?,
                runs: if runs_too { run::list(tx, Some(id), i64::MAX, MOST).await? } else { Vec::new() },
            })
        })
    });
    read.await
}

pub(super) fn job_facts(
    operator: &Operator,
    one: &Automation,
    named: &impl Fn(&PersonId) -> String,
) -> Vec<(String, String)> {
    let job = one.job.password();
    let mode = format!("mode-{}", job.mode.as_str().replace('_', "-"));
    let hybrid: Vec<String> = job.hybrid_users.iter().map(named).collect();
    let people = |number: Option<u32>| number.map(|number| grouped(i64::from(number)));
    let remail = match job.remail_after_hours {
        0 => operator.say("job-remail-nobody"),
        hours => operator.fill("job-hours", "count", &hours.to_string()),
    };
    let facts = [
        ("job-fact-mode", Some(operator.say(&mode))),
        ("job-fact-valid", Some(operator.fill("job-hours", "count", &job.valid_hours.to_string()))),
        ("job-fact-remail", Some(remail)),
        ("job-most", people(job.most_people)),
        ("job-fact-approve", people(job.approve_above)),
        ("job-hybrid", Some(hybrid.join(", ")).filter(|text| !text.is_empty())),
    ];
    facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect()
}

pub(super) fn linked(operator: &Operator, selection: &Selection) -> Linked {
    let trouble = match (selection.archived, selection.published) {
        (true, _) => operator.say("automation-selection-archived"),
        (false, false) => operator.say("automation-selection-draft"),
        (false, true) => String::new(),
    };
    Linked { path: format!("/console/selections/{}", selection.id), name: selection.name.clone(), trouble }
}

fn past_line(operator: &Operator, one: &Automation, past: occurrence::Listed) -> Past {
    Past {
        at: words::moment(operator, one, past.planned_at),
        label: operator.say(&format!("occurrence-{}", past.outcome)),
        outcome: past.outcome,
        detail: past.detail,
        run: past.run_id.map(|id| id.to_string()),
    }
}

/// How the approval of an automation stands, in a sentence.
pub(super) async fn standing(operator: &Operator, one: &Automation) -> Result<Standing, Failure> {
    let state = operator.state();
    let limits = &state.flow.settings().limits;
    match Approval::read(&state.store, one.id, None, limits, operator.now_ms()).await {
        Ok(approval) => Ok(standing_of(operator, &approval)),
        Err(StartError::Refused(Refusal::NoSelection)) => Ok(Standing { state: "none", text: String::new() }),
        Err(StartError::Refused(refusal)) => {
            Ok(Standing { state: "lacking", text: refusals::explain(operator, &refusal) })
        }
        Err(StartError::Store(error)) => Err(error.into()),
    }
}

/// The approval of a run that few enough people would get.
pub(super) fn not_needed(operator: &Operator, approval: &Approval) -> Standing {
    let text = match approval.above {
        None => operator.say("approval-never"),
        Some(above) => operator.fill("approval-not-now", "above", &grouped(above)),
    };
    Standing { state: "none", text }
}

pub(super) fn standing_of(operator: &Operator, approval: &Approval) -> Standing {
    let words = operator.context.words;
    let Some(above) = approval.above else {
        return Standing { state: "none", text: words.say("approval-never") };
    };
    let above = grouped(above);
    match &approval.lacking {
        Some(lacking) => Standing {
            state: "lacking",
            text: words.say_with("approval-lacking", &[("above", &above), ("lacking", &words.tell(lacking))]),
        },
        None => {
            let who = approval.approver.clone().unwrap_or_default();
            let at = approval.approved_at.map(|at| operator.at(at)).unwrap_or_default();
            let gaps = [("above", above.as_str()), ("who", who.as_str()), ("time", at.as_str())];
            Standing { state: "fine", text: words.say_with("approval-given", &gaps) }
        }
    }
}
