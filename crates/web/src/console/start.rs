//! The console's start page: what is next, what ran.

use crate::console::operator::Operator;
use crate::console::runs::Line;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use store::run;
use store::view::{self, Scheduled};

/// Runs and planned times shown.
const MOST: i64 = 6;

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartPage {
    shell: Shell,
    may_see_runs: bool,
    may_see_automations: bool,
    runs: Vec<Line>,
    next: Vec<Next>,
}

struct Next {
    number: i64,
    name: String,
    at: String,
}

/// GET /console
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let runs_too = operator.may(Permission::RunsView);
    let automations_too = operator.may(Permission::AutomationsView);
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let runs = run::list(tx, None, i64::MAX, if runs_too { MOST } else { 0 }).await?;
            let next = view::list_scheduled(tx, if automations_too { MOST } else { 0 }).await?;
            Ok::<_, Failure>((runs, next))
        })
    });
    let (runs, next) = asked.await?;
    let page = StartPage {
        shell: operator.shell(Place::Overview),
        may_see_runs: runs_too,
        may_see_automations: automations_too,
        runs: runs.iter().map(|run| Line::of(&operator, run)).collect(),
        next: next
            .into_iter()
            .map(|Scheduled { number, name, next_at, .. }| Next { number, name, at: operator.at(next_at) })
            .collect(),
    };
    page::show(StatusCode::OK, &page)
}
