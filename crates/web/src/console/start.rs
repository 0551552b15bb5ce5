//! The console's start page: what runs, what ran, what is next.

use crate::admit::Signed;
use crate::console::progress_bar::{self, Part, grouped};
use crate::context::Context;
use crate::failure::Failure;
use crate::page::{self, Frame};
use crate::query::Pairs;
use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use store::run::{self, Run};
use store::view::{self, Scheduled};

/// Runs on one page.
const PER_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartPage {
    frame: Frame,
    token: String,
    name: String,
    role: String,
    may_see_runs: bool,
    may_see_automations: bool,
    first_page: bool,
    runs: Vec<Line>,
    older: Option<i64>,
    next: Vec<Next>,
}

struct Line {
    id: String,
    number: i64,
    name: String,
    state: &'static str,
    created: String,
    people: String,
    accepted: String,
    failed: String,
    left_out: String,
    percent: i64,
    parts: Vec<Part>,
}

struct Next {
    number: i64,
    name: String,
    at: String,
}

/// GET /console
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["before"])?;
    let before = match query.text("before") {
        "" => i64::MAX,
        text => text.parse().map_err(|_| Failure::BadRequest("before: expected the number of a run."))?,
    };
    let (runs_too, automations_too) =
        (signed.viewer.may(Permission::RunsView), signed.viewer.may(Permission::AutomationsView));
    let (mut runs, next) = context
        .state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let most = if runs_too { PER_PAGE as i64 + 1 } else { 0 };
                let runs = run::list(tx, None, before, most).await?;
                let next = view::list_scheduled(tx, if automations_too { 6 } else { 0 }).await?;
                Ok::<_, Failure>((runs, next))
            })
        })
        .await?;
    let more = runs.len() > PER_PAGE;
    runs.truncate(PER_PAGE);
    let zone = signed.viewer.time_zone.clone();
    let at = |at_ms| context.clock_time(at_ms, zone.as_deref());
    let page = StartPage {
        frame: Frame::of(&context),
        token: signed.session.csrf.expose().to_owned(),
        name: signed.viewer.name.clone(),
        role: signed.viewer.role.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
        may_see_runs: runs_too,
        may_see_automations: automations_too,
        first_page: query.is_empty(),
        older: runs.last().filter(|_| more).map(|run| run.number),
        runs: runs.iter().map(|run| line(run, at(run.created_at))).collect(),
        next: next
            .into_iter()
            .map(|Scheduled { number, name, next_at, .. }| Next { number, name, at: at(next_at) })
            .collect(),
    };
    page::show(StatusCode::OK, &page)
}

fn line(run: &Run, created: String) -> Line {
    let counts = &run.counts;
    Line {
        id: run.id.to_string(),
        number: run.number,
        name: run.name.clone(),
        state: run.state.as_str(),
        created,
        people: grouped(counts.total),
        accepted: grouped(counts.accepted),
        failed: grouped(counts.refused + counts.unknown),
        left_out: grouped(counts.left_out),
        percent: progress_bar::percent(counts),
        parts: progress_bar::parts(counts),
    }
}
