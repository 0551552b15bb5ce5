//! The closing report of a run: a page that prints well.

use super::page::{Facts, Tally, facts, name_who, tally};
use super::{get, id_of};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::progress::{self, Part, Progress};
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::live::Seen;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::run::RunState;
use store::run::Run;

#[derive(Template)]
#[template(path = "console/run_report.html")]
struct ReportPage {
    shell: Shell,
    run: Run,
    state: &'static str,
    percent: i64,
    parts: Vec<Part>,
    /// State, its word, how many, and what it means for these people.
    lines: Vec<ReportLine>,
    total: String,
    took: String,
    rate: String,
    facts: Facts,
    tally: Tally,
    written: String,
}

struct ReportLine {
    state: &'static str,
    label: String,
    count: String,
    means: String,
}

/// GET /console/runs/{id}/report
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let run = get(&operator, id_of(&id)?).await?;
    let lists = operator.state().live.lists(&operator.state().store, &run).await?;
    let again = run.clone();
    let who = operator
        .state()
        .store
        .read(move |tx| Box::pin(async move { name_who(tx, &again).await }))
        .await
        .map_err(Failure::from)?;
    let progress = Progress::of(&operator, &Seen::of(&run, false, None));
    let until = run.finished_at.unwrap_or_else(|| operator.now_ms());
    let took = run.started_at.map(|from| progress::duration(&operator, (until - from).max(0)));
    let page = ReportPage {
        shell: operator.shell(Place::Runs),
        state: run.state.as_str(),
        percent: progress.percent,
        total: progress.total,
        rate: if run.state == RunState::Finished { progress.rate } else { String::new() },
        parts: progress.parts,
        lines: lines(&operator, &run, &lists),
        took: took.unwrap_or_default(),
        facts: facts(&operator, &run, who),
        tally: tally(&operator, &run, &lists),
        written: operator.at(operator.now_ms()),
        run,
    };
    page::show(StatusCode::OK, &page)
}

fn lines(operator: &Operator, run: &Run, lists: &crate::live::Lists) -> Vec<ReportLine> {
    use domain::recipient::RecipientState::Bounced;
    let bounced: i64 = lists.by_reason.iter().filter(|one| one.0 == Bounced).map(|one| one.2).sum();
    let counts = &run.counts;
    let all = [
        ("accepted", counts.accepted - bounced, "means-accepted"),
        ("bounced", bounced, "means-bounced"),
        ("refused", counts.refused, "means-refused"),
        ("unknown", counts.unknown, "means-unknown"),
        ("deferred", counts.deferred, "means-deferred"),
        ("planned", counts.waiting(), "means-planned"),
        ("cancelled", counts.cancelled, "means-cancelled"),
        ("left_out", counts.left_out, "means-left-out"),
    ];
    all.into_iter()
        .filter(|(state, count, _)| *count > 0 || *state == "accepted")
        .map(|(state, count, means)| ReportLine {
            state,
            label: operator.context.words.state(state),
            count: grouped(count),
            means: operator.say(means),
        })
        .collect()
}
