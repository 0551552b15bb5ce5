//! The overview: what runs now, what comes next, what needs somebody, what was delivered lately, and the first steps of
//! an installation that is still empty.

mod attention;
mod chart;
mod mailings;

use self::attention::Attention;
use self::chart::Chart;
use self::mailings::Mailings;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::runs::Line;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use store::delivery_hour::{self, DeliveryHour};
use store::overview::{self, Awaiting, Begun, Stopped};
use store::run::{self, Run};
use store::view::{self, Scheduled};

/// Lines of each list.
const MOST: i64 = 6;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    shell: Shell,
    may_see_runs: bool,
    may_see_automations: bool,
    may_stop: bool,
    stopped: Option<StoppedNote>,
    attention: Vec<Attention>,
    open: Vec<Line>,
    latest: Vec<Line>,
    next: Vec<Next>,
    chart: Option<Chart>,
    steps: Vec<Step>,
}

struct StoppedNote {
    text: String,
    why: String,
}

struct Next {
    name: String,
    at: String,
    path: String,
}

/// One of the first steps.
struct Step {
    text: String,
    hint: String,
    path: &'static str,
    is_done: bool,
    /// Which one is next.
    is_next: bool,
}

/// What the page reads, from one consistent view.
struct Read {
    open: Vec<Run>,
    latest: Vec<Run>,
    next: Vec<Scheduled>,
    stopped: Option<Stopped>,
    hours: Vec<DeliveryHour>,
    begun: Begun,
    found: attention::Found,
    mailings: Mailings,
}

/// GET /console
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let read = read(&operator).await?;
    let approvals = attention::list_unapproved(&operator).await?;
    let may_see_runs = operator.may(Permission::RunsView);
    let lines = |runs: &[Run]| runs.iter().map(|run| Line::of(&operator, run)).collect();
    let mut attention = attention::list(&operator, &read.found, &read.open, &approvals);
    attention.extend(read.mailings.attention(&operator));
    let page = OverviewPage {
        shell: operator.shell(Place::Overview),
        may_see_runs,
        may_see_automations: operator.may(Permission::AutomationsView) || mailings::may_see(&operator),
        may_stop: operator.may(Permission::SettingsEdit),
        stopped: read.stopped.as_ref().map(|stopped| stopped_note(&operator, stopped)),
        attention,
        open: lines(&read.open),
        latest: lines(&read.latest),
        next: coming(&operator, &read),
        chart: (may_see_runs && !read.hours.is_empty()).then(|| Chart::of(&operator, &read.hours)),
        steps: steps(&operator, read.begun),
    };
    page::show(StatusCode::OK, &page)
}

async fn read(operator: &Operator) -> Result<Read, Failure> {
    let runs = if operator.may(Permission::RunsView) { MOST } else { 0 };
    let automations = if operator.may(Permission::AutomationsView) { MOST } else { 0 };
    let (now_ms, since) = (operator.now_ms(), chart::since(operator));
    let sees_mailings = mailings::may_see(operator);
    operator
        .state()
        .store
        .read(move |tx| {
            Box::pin(async move {
                let open = overview::list_open_runs(tx, runs).await?;
                let mut latest = run::list(tx, None, i64::MAX, runs).await?;
                latest.retain(|run| run.state.is_over());
                Ok::<_, Failure>(Read {
                    open,
                    latest,
                    next: view::list_scheduled(tx, automations).await?,
                    stopped: overview::find_stopped(tx).await?,
                    hours: if runs > 0 { delivery_hour::list(tx, since).await? } else { Vec::new() },
                    begun: overview::begun(tx).await?,
                    found: attention::Found::read(tx, automations, now_ms).await?,
                    mailings: Mailings::read(tx, sees_mailings, now_ms - attention::LATELY_MS).await?,
                })
            })
        })
        .await
}

fn stopped_note(operator: &Operator, stopped: &Stopped) -> StoppedNote {
    let who = stopped.by.clone().unwrap_or_else(|| operator.say("overview-somebody"));
    let at = stopped.at.map(|at| operator.at(at)).unwrap_or_default();
    StoppedNote {
        text: operator.context.words.say_with("overview-stopped-by", &[("who", &who), ("time", &at)]),
        why: stopped.why.clone(),
    }
}

/// Runs of automations and mailings by their moment.
fn coming(operator: &Operator, read: &Read) -> Vec<Next> {
    let mut all: Vec<(i64, Next)> = read.next.iter().map(|one| (one.next_at, next(operator, one))).collect();
    all.extend(read.mailings.next(operator));
    let coming = read.found.awaiting.iter().filter(|one| one.due_at >= operator.now_ms());
    all.extend(coming.map(|one| (one.due_at, awaiting(operator, one))));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().take(usize::try_from(MOST).unwrap_or(usize::MAX)).map(|(_, next)| next).collect()
}

fn awaiting(operator: &Operator, one: &Awaiting) -> Next {
    let gaps = [("name", one.name.as_str()), ("n", &grouped(one.count))];
    Next {
        name: operator.context.words.say_with("overview-awaiting", &gaps),
        at: operator.at(one.due_at),
        path: format!("/console/automations/{}#waiting", one.id),
    }
}

fn next(operator: &Operator, one: &Scheduled) -> Next {
    Next {
        name: one.name.clone(),
        at: operator.at(one.next_at),
        path: format!("/console/automations/{}", one.id),
    }
}

/// None when all of them are done, or none of them is this operator's to do.
fn steps(operator: &Operator, begun: Begun) -> Vec<Step> {
    if begun.is_all() || !operator.may(Permission::AutomationsEdit) {
        return Vec::new();
    }
    let all = [
        ("people", "/console/people", begun.people),
        ("selection", "/console/selections", begun.selection),
        ("automation", "/console/automations", begun.automation),
        ("run", "/console/automations", begun.run),
    ];
    let first_open = all.iter().position(|(_, _, is_done)| !is_done);
    all.into_iter()
        .enumerate()
        .map(|(place, (name, path, is_done))| Step {
            text: operator.say(&format!("first-{name}")),
            hint: operator.say(&format!("first-{name}-hint")),
            path,
            is_done,
            is_next: first_open == Some(place),
        })
        .collect()
}
