//! What mails: the dry run, activating, running once. Each asks `flow`, as the command line does.

use super::show::{Standing, not_needed, standing_of};
use super::words::{self, Next};
use super::{get, of_event, path_of, refusals, show};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use flow::{Activation, Preview, StartError, StartRun};
use std::cmp::Reverse;
use store::automation::{self, Automation};
use store::recipient::Previewed;

/// People of each kind named in a dry run, and where one is about to begin.
const PEOPLE: i64 = 50;
const FEW: i64 = 10;

/// What the page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Only looking.
    Preview,
    /// Letting the schedule run.
    Activate,
    /// Running it once, now.
    Run,
}

#[derive(Template)]
#[template(path = "console/automation_start.html")]
struct StartPage {
    shell: Shell,
    id: String,
    title: String,
    heading: String,
    lead: String,
    purpose: &'static str,
    found: Option<Counted>,
    next: Vec<Next>,
    schedule: String,
    /// What forbids it; empty: nothing.
    refusal: String,
    /// Over the form, after it was sent.
    notice: String,
    typed: String,
    may_approve: bool,
    may_start: bool,
    /// Whether there is something to do, or to say about the approval.
    has_panel: bool,
}

/// What a dry run counts.
struct Counted {
    total: String,
    would_receive: String,
    /// As it stands in the address or a field.
    plain: i64,
    left_out_total: String,
    left_out: Vec<(String, String)>,
    receivers: Vec<String>,
    excluded: Vec<(String, String)>,
    more: String,
    named: bool,
    approval: Standing,
    digest: String,
    is_approved: bool,
    /// Above the number from which on it must be typed.
    must_type: bool,
}

/// GET /console/automations/{id}/preview
pub(crate) async fn preview(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    ask(operator, id, Purpose::Preview).await
}

/// GET /console/automations/{id}/activate
pub(crate) async fn show_activate(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    ask(operator, id, Purpose::Activate).await
}

/// GET /console/automations/{id}/run
pub(crate) async fn show_run(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    ask(operator, id, Purpose::Run).await
}

async fn ask(operator: Operator, id: String, purpose: Purpose) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return match purpose {
            Purpose::Activate => {
                of_event::activate::show_page(&operator, StatusCode::OK, one, String::new()).await
            }
            // Without an event there is nothing it would do: its page says where one can be tried.
            Purpose::Preview | Purpose::Run => Ok(page::go(&path_of(&one))),
        };
    }
    show_page(&operator, StatusCode::OK, one, purpose, String::new(), String::new()).await
}

/// POST /console/automations/{id}/activate
pub(crate) async fn activate(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let typed = operator.form(form, &["confirmed"])?.text("confirmed").to_owned();
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return of_event::activate::activate(&operator, one).await;
    }
    let confirmed = refusals::number(&typed);
    let asked = Activation { automation: one.id, acting: operator.acting(), confirmed };
    match operator.state().flow.activate(asked).await {
        Ok(_) => Ok(page::done(&path_of(&one), "automation-activated", None)),
        Err(error) => refused(&operator, one, Purpose::Activate, typed, error).await,
    }
}

/// POST /console/automations/{id}/run
pub(crate) async fn run(operator: Operator, Path(id): Path<String>, form: Form) -> Result<Response, Failure> {
    let typed = operator.form(form, &["confirmed"])?.text("confirmed").to_owned();
    let one = get(&operator, &id).await?;
    let confirmed = refusals::number(&typed);
    let asked = StartRun { automation: one.id, acting: operator.acting(), confirmed };
    match operator.state().flow.start(asked).await {
        // Who may start a run need not be allowed to see it.
        Ok(run) if operator.may(Permission::RunsView) => {
            Ok(page::done(&format!("/console/runs/{}", run.id), "run-started", None))
        }
        Ok(_) => Ok(page::done("/console", "run-started", None)),
        Err(error) => refused(&operator, one, Purpose::Run, typed, error).await,
    }
}

async fn refused(
    operator: &Operator,
    one: Automation,
    purpose: Purpose,
    typed: String,
    error: StartError,
) -> Result<Response, Failure> {
    match error {
        StartError::Store(error) => Err(error.into()),
        StartError::Refused(refusal) => {
            let why = refusals::explain(operator, &refusal);
            if one.is_of_events() {
                return show::show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, Some(why)).await;
            }
            show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, purpose, why, typed).await
        }
    }
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Automation,
    purpose: Purpose,
    notice: String,
    typed: String,
) -> Result<Response, Failure> {
    let flow = &operator.state().flow;
    // Nobody starts the runs of a schedule by hand; whoever looks or runs it once is left out.
    let actor = if purpose == Purpose::Activate { None } else { Some(operator.id()) };
    let most = if purpose == Purpose::Preview { PEOPLE } else { FEW };
    let people = if operator.may(Permission::PeopleView) { most } else { 0 };
    let (found, refusal) = match flow.preview(one.id, actor, people).await {
        Ok(preview) => {
            let refusal = preview_refusal(operator, &preview, &one);
            (Some(counted(operator, preview, purpose, people)), refusal)
        }
        Err(StartError::Refused(refusal)) => (None, refusals::explain(operator, &refusal)),
        Err(StartError::Store(error)) => return Err(error.into()),
    };
    let read = operator.state().store.read(|tx| Box::pin(async move { automation::calendar(tx).await }));
    let calendar = read.await.map_err(Failure::from)?;
    let words = operator.context.words;
    let schedule = one.schedule.as_ref().filter(|_| purpose == Purpose::Activate);
    let refusal = match (purpose, &one.schedule) {
        _ if !refusal.is_empty() => refusal,
        (Purpose::Activate, None) => words.say("refusal-no-schedule"),
        (Purpose::Activate, _) if one.status.is_active() => words.say("refusal-active-already"),
        _ => String::new(),
    };
    let name = match purpose {
        Purpose::Preview => "preview",
        Purpose::Activate => "activate",
        Purpose::Run => "run",
    };
    let may_start = match purpose {
        Purpose::Preview => false,
        Purpose::Activate | Purpose::Run => refusal.is_empty() && found.is_some(),
    };
    // Whoever had a part in it would be refused.
    let may_approve =
        operator.may(Permission::MailingsApprove) && ![one.owner_id, one.editor_id].contains(&operator.id());
    let has_approval = |found: &Counted| found.approval.state == "lacking" || found.is_approved;
    let has_panel =
        may_start || refusal.is_empty() || (may_approve && found.as_ref().is_some_and(has_approval));
    let page = StartPage {
        shell: operator.shell(Place::Automations),
        id: one.id.to_string(),
        title: one.name.clone(),
        heading: words.say(&format!("start-{name}-title")),
        lead: words.say(&format!("start-{name}-lead")),
        purpose: name,
        next: schedule
            .map(|schedule| words::next(schedule, &calendar, operator.now_ms(), words))
            .unwrap_or_default(),
        schedule: schedule.map(|schedule| words::describe(schedule, words)).unwrap_or_default(),
        found,
        refusal,
        notice,
        typed,
        may_approve,
        has_panel,
        may_start,
    };
    page::show(status, &page)
}

/// What a start would be refused for, in the operator's language; empty: nothing.
fn preview_refusal(operator: &Operator, preview: &Preview, one: &Automation) -> String {
    let limits = &operator.state().flow.settings().limits;
    let people = preview.counts.would_receive;
    let own = one.job.password().most_people.map(i64::from);
    let limits =
        [(own, "most_people of the automation"), (Some(limits.people_per_run), "limits.people_per_run")];
    for (limit, setting) in limits {
        if let Some(limit) = limit.filter(|limit| people > *limit) {
            let refusal = flow::Refusal::TooMany { would_receive: people, limit, setting };
            return refusals::explain(operator, &refusal);
        }
    }
    match preview.approval.require(people) {
        Ok(_) => String::new(),
        Err(refusal) => refusals::explain(operator, &refusal),
    }
}

fn counted(operator: &Operator, preview: Preview, purpose: Purpose, listed: i64) -> Counted {
    let counts = preview.counts;
    let words = operator.context.words;
    let mut left_out: Vec<_> = counts.left_out.into_iter().collect();
    left_out.sort_by_key(|(_, people)| Reverse(*people));
    let limits = &operator.state().flow.settings().limits;
    let approval = if preview.approval.is_needed_for(counts.would_receive) {
        standing_of(operator, &preview.approval)
    } else {
        not_needed(operator, &preview.approval)
    };
    let excluded = |one: Previewed| {
        let reason = one.reason.map(|reason| words.reason(reason.as_str())).unwrap_or_default();
        (one.username, reason)
    };
    Counted {
        total: grouped(counts.total),
        would_receive: grouped(counts.would_receive),
        plain: counts.would_receive,
        left_out_total: grouped(counts.total - counts.would_receive),
        left_out: left_out
            .into_iter()
            .map(|(reason, people)| (words.reason(reason.as_str()), grouped(people)))
            .collect(),
        receivers: preview.would_receive.into_iter().map(|one| one.username).collect(),
        excluded: preview.left_out.into_iter().map(excluded).collect(),
        more: words.fill("start-more", "count", &listed.to_string()),
        named: operator.may(Permission::PeopleView),
        is_approved: preview.approval.approved_by.is_some(),
        digest: preview.approval.digest.clone(),
        approval,
        must_type: purpose != Purpose::Preview && counts.would_receive > limits.confirm_above,
    }
}
