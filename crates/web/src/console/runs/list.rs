//! The list of runs: by state and automation, page by page in both directions.

use super::Line;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use crate::query::encode;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::AutomationId;
use domain::run::RunState;
use store::run::{self, Run, Wanted};
use store::{Tx, automation};

/// Runs on one page of the list.
const PER_PAGE: usize = 50;
/// Automations to choose from: beyond this many the choice is of no use.
const MOST_AUTOMATIONS: usize = 200;

#[derive(Template)]
#[template(path = "console/runs.html")]
struct RunsPage {
    shell: Shell,
    runs: Vec<Line>,
    states: Vec<Choice>,
    automations: Vec<Choice>,
    newer: Option<String>,
    older: Option<String>,
    is_filtered: bool,
}

/// GET /console/runs
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["state", "automation", "before", "after"])?;
    let state = match query.text("state") {
        "" => None,
        text => Some(RunState::parse(text).ok_or(Failure::BadRequest("state: there is no such state."))?),
    };
    let automation: Option<AutomationId> = match query.text("automation") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::BadRequest("automation: expected an id."))?),
    };
    let wanted = Wanted { state, automation };
    let (before, after) = (number(query.text("before"))?, number(query.text("after"))?);
    let (runs, automations) = read(&operator, wanted, before, after).await?;
    let page = page_of(&operator, wanted, runs, &automations, (before, after));
    page::show(StatusCode::OK, &page)
}

fn number(text: &str) -> Result<Option<i64>, Failure> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Failure::BadRequest("expected the number of a run.")),
    }
}

type Named = Vec<(AutomationId, String)>;

/// One run more than the page has, and the automations there are.
async fn read(
    operator: &Operator,
    wanted: Wanted,
    before: Option<i64>,
    after: Option<i64>,
) -> Result<(Vec<Run>, Named), Failure> {
    let most = PER_PAGE as i64 + 1;
    operator
        .state()
        .store
        .read(move |tx: &mut Tx| {
            Box::pin(async move {
                let runs = match after {
                    Some(after) => run::search_after(tx, wanted, after, most).await?,
                    None => run::search(tx, wanted, before.unwrap_or(i64::MAX), most).await?,
                };
                let mut all = automation::list(tx, false).await?;
                all.sort_by_key(|one| one.name.to_lowercase());
                let named = all.into_iter().take(MOST_AUTOMATIONS).map(|one| (one.id, one.name)).collect();
                Ok::<_, Failure>((runs, named))
            })
        })
        .await
}

fn page_of(
    operator: &Operator,
    wanted: Wanted,
    mut runs: Vec<Run>,
    automations: &Named,
    (before, after): (Option<i64>, Option<i64>),
) -> RunsPage {
    let more = runs.len() > PER_PAGE;
    if more && after.is_some() {
        // Newest first: the one too many is the newest.
        runs.remove(0);
    }
    runs.truncate(PER_PAGE);
    let link = |way: &str, number: i64| {
        let mut link = format!("/console/runs?{way}={number}");
        if let Some(state) = wanted.state {
            link.push_str(&format!("&state={}", encode(state.as_str())));
        }
        if let Some(automation) = wanted.automation {
            link.push_str(&format!("&automation={automation}"));
        }
        link
    };
    let (newest, oldest) = (runs.first().map(|run| run.number), runs.last().map(|run| run.number));
    let has_newer = if after.is_some() { more } else { before.is_some() };
    let has_older = after.is_some() || more;
    RunsPage {
        shell: operator.shell(Place::Runs),
        newer: newest.filter(|_| has_newer).map(|number| link("after", number)),
        older: oldest.filter(|_| has_older).map(|number| link("before", number)),
        runs: runs.iter().map(|run| Line::of(operator, run)).collect(),
        states: RunState::ALL
            .iter()
            .map(|state| Choice {
                value: state.as_str().into(),
                label: operator.context.words.state(state.as_str()),
                is_chosen: wanted.state == Some(*state),
            })
            .collect(),
        automations: automations
            .iter()
            .map(|(id, name)| Choice {
                value: id.to_string(),
                label: name.clone(),
                is_chosen: wanted.automation == Some(*id),
            })
            .collect(),
        is_filtered: wanted != Wanted::default(),
    }
}
