//! Runs: their list, and the page of one: how far it is, who was left out, what failed and why.

use crate::console::operator::Operator;
use crate::console::progress_bar::{self, Part, grouped};
use crate::console::shell::{Place, Shell};
use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::page;
use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::RunId;
use domain::recipient::{Reason, RecipientState};
use domain::role::Permission;
use domain::trigger::Trigger;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::recipient::{self, Listed};
use store::run::{self, Run};
use store::{StoreError, Tx, person, view};

/// Recipients on one page.
const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "console/run.html")]
struct RunPage {
    shell: Shell,
    run: Run,
    state: &'static str,
    is_over: bool,
    percent: i64,
    parts: Vec<Part>,
    total: String,
    waiting: String,
    left_out_total: String,
    /// How many of the accepted came back; `None`: nobody.
    bounced: Option<String>,
    started_by: String,
    times: Vec<(String, String)>,
    left_out: Vec<(String, String)>,
    failures: Vec<FailureLine>,
    states: Vec<StateChoice>,
    recipients: Vec<RecipientLine>,
    next: Option<String>,
    is_first: bool,
}

struct FailureLine {
    state: &'static str,
    label: String,
    cause: String,
    count: String,
}

struct StateChoice {
    name: &'static str,
    label: String,
    is_chosen: bool,
}

struct RecipientLine {
    place: u32,
    name: String,
    address: String,
    state: &'static str,
    label: String,
    note: String,
    at: String,
}

/// Everything the page reads, from one consistent view.
struct Read {
    run: Run,
    /// Who started it by hand, or else whose rights it has; `None`: erased meanwhile.
    who: Option<String>,
    bounced: i64,
    /// By reason.
    left_out: BTreeMap<String, i64>,
    failures: Vec<view::Failure>,
    recipients: Vec<Listed>,
}

/// Runs on one page of the list.
const RUNS_PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "console/runs.html")]
struct RunsPage {
    shell: Shell,
    runs: Vec<Line>,
    older: Option<i64>,
    is_first: bool,
}

/// A run in a list.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) created: String,
    pub(crate) people: String,
    pub(crate) accepted: String,
    pub(crate) failed: String,
    pub(crate) left_out: String,
    pub(crate) percent: i64,
    pub(crate) parts: Vec<Part>,
}

impl Line {
    pub(crate) fn of(operator: &Operator, run: &Run) -> Self {
        let counts = &run.counts;
        Self {
            id: run.id.to_string(),
            number: run.number,
            name: run.name.clone(),
            state: run.state.as_str(),
            created: operator.at(run.created_at),
            people: grouped(counts.total),
            accepted: grouped(counts.accepted),
            failed: grouped(counts.refused + counts.unknown),
            left_out: grouped(counts.left_out),
            percent: progress_bar::percent(counts),
            parts: progress_bar::parts(counts),
        }
    }
}

/// GET /console/runs
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let before = match operator.query(&["before"])?.text("before") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::BadRequest("before: expected the number of a run."))?),
    };
    let most = RUNS_PER_PAGE as i64 + 1;
    let asked = operator
        .state()
        .store
        .read(move |tx| Box::pin(async move { run::list(tx, None, before.unwrap_or(i64::MAX), most).await }));
    let mut runs = asked.await.map_err(Failure::from)?;
    let more = runs.len() > RUNS_PER_PAGE;
    runs.truncate(RUNS_PER_PAGE);
    let page = RunsPage {
        shell: operator.shell(Place::Runs),
        older: runs.last().filter(|_| more).map(|run| run.number),
        runs: runs.iter().map(|run| Line::of(&operator, run)).collect(),
        is_first: before.is_none(),
    };
    page::show(StatusCode::OK, &page)
}

/// GET /console/runs/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: RunId = id.parse().map_err(|_| Failure::NotFound)?;
    let query = operator.query(&["state", "after"])?;
    let state = match query.text("state") {
        "" => None,
        text => {
            Some(RecipientState::parse(text).ok_or(Failure::BadRequest("state: there is no such state."))?)
        }
    };
    let after: u32 = match query.text("after") {
        "" => 0,
        text => text.parse().map_err(|_| Failure::BadRequest("after: expected the place of a recipient."))?,
    };
    let mut read = read(&operator.context, id, state, after).await?;
    let more = read.recipients.len() > PER_PAGE;
    read.recipients.truncate(PER_PAGE);
    let next = read.recipients.last().filter(|_| more).map(|last| link_after(id, state, last.position));
    page::show(StatusCode::OK, &run_page(&operator, read, state, next, after == 0))
}

/// GET /console/runs/{id}/progress
pub(crate) async fn progress(context: Context, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: RunId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = context.state.store.read(move |tx| Box::pin(async move { run::get(tx, id).await })).await;
    let run = found.map_err(Failure::from)?;
    let mut response = Json(progress_bar::json(&run)).into_response();
    response.extensions_mut().insert(Kind::Data);
    Ok(response)
}

async fn read(
    context: &Context,
    id: RunId,
    state: Option<RecipientState>,
    after: u32,
) -> Result<Read, Failure> {
    context
        .state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let run = run::get(tx, id).await?;
                Ok::<_, Failure>(Read {
                    who: name_who(tx, &run).await?,
                    bounced: store::bounce::count(tx, run.number).await?,
                    left_out: recipient::count_by_reason(tx, run.number, RecipientState::LeftOut).await?,
                    failures: view::list_failures(tx, run.number).await?,
                    recipients: recipient::list(tx, run.number, state, after, PER_PAGE as i64 + 1).await?,
                    run,
                })
            })
        })
        .await
}

async fn name_who(tx: &mut Tx, run: &Run) -> Result<Option<String>, StoreError> {
    let who = match run.trigger {
        Trigger::Operator => run.started_by,
        Trigger::Schedule | Trigger::Event | Trigger::StartTime => Some(run.owner_id),
    };
    let Some(id) = who else { return Ok(None) };
    Ok(person::find(tx, id).await?.map(|person| person.full_name()))
}

fn run_page(
    operator: &Operator,
    read: Read,
    state: Option<RecipientState>,
    next: Option<String>,
    is_first: bool,
) -> RunPage {
    let run = read.run;
    let at = |at_ms| operator.at(at_ms);
    // Who may see runs may see numbers; names belong to who may see people.
    let named = operator.may(Permission::PeopleView);
    let times = [
        (operator.say("run-created"), Some(run.created_at)),
        (operator.say("run-began"), run.started_at),
        (operator.say("run-ended"), run.finished_at),
    ];
    RunPage {
        shell: operator.shell(Place::Runs),
        state: run.state.as_str(),
        is_over: run.state.is_over(),
        percent: progress_bar::percent(&run.counts),
        parts: progress_bar::parts(&run.counts),
        total: grouped(run.counts.total),
        waiting: grouped(run.counts.waiting()),
        left_out_total: grouped(run.counts.left_out),
        bounced: (read.bounced > 0).then(|| grouped(read.bounced)),
        started_by: started_by(operator, run.trigger, read.who),
        times: times.into_iter().filter_map(|(label, time)| Some((label, at(time?)))).collect(),
        left_out: left_out(operator, read.left_out),
        failures: read.failures.into_iter().map(|one| failure_line(operator, one)).collect(),
        states: states(operator, state),
        recipients: read.recipients.into_iter().map(|one| recipient_line(operator, one, named)).collect(),
        run,
        next,
        is_first,
    }
}

fn started_by(operator: &Operator, trigger: Trigger, who: Option<String>) -> String {
    let who = who.unwrap_or_else(|| operator.say("run-nobody-left"));
    let text = match trigger {
        Trigger::Operator => "run-by-hand",
        Trigger::Schedule => "run-by-schedule",
        Trigger::Event => "run-by-event",
        Trigger::StartTime => "run-by-start-time",
    };
    operator.fill(text, "who", &who)
}

/// Reasons in words with how many people, most people first.
fn left_out(operator: &Operator, by_reason: BTreeMap<String, i64>) -> Vec<(String, String)> {
    let mut reasons: Vec<(String, i64)> = by_reason.into_iter().collect();
    reasons.sort_by_key(|(_, count)| Reverse(*count));
    let words = operator.context.words;
    reasons.into_iter().map(|(reason, count)| (words.reason(&reason), grouped(count))).collect()
}

fn failure_line(operator: &Operator, failure: view::Failure) -> FailureLine {
    let code = failure.code.map(|code| code.to_string());
    let words: Vec<String> = [code, failure.enhanced, failure.reply].into_iter().flatten().collect();
    FailureLine {
        state: failure.state.as_str(),
        label: operator.context.words.state(failure.state.as_str()),
        cause: if words.is_empty() { operator.say("run-no-answer") } else { words.join(" ") },
        count: grouped(failure.count),
    }
}

fn states(operator: &Operator, chosen: Option<RecipientState>) -> Vec<StateChoice> {
    let choice = |state: &RecipientState| StateChoice {
        name: state.as_str(),
        label: operator.context.words.state(state.as_str()),
        is_chosen: chosen == Some(*state),
    };
    RecipientState::ALL.iter().map(choice).collect()
}

fn recipient_line(operator: &Operator, one: Listed, named: bool) -> RecipientLine {
    let explained = one.reason.as_deref().filter(|reason| Reason::parse(reason).is_some());
    let explained = explained.map(|reason| operator.context.words.reason(reason));
    let due = one.due_at.map(|due| operator.fill("run-again", "time", &operator.at(due)));
    let note = explained.or(one.reply).or_else(|| one.reason.clone());
    RecipientLine {
        place: one.position,
        name: match one.name {
            Some(name) if named => name,
            Some(_) => operator.say("run-hidden"),
            None => operator.say("run-erased"),
        },
        address: one.address.filter(|_| named).unwrap_or_default(),
        state: one.state.as_str(),
        label: operator.context.words.state(one.state.as_str()),
        note: [note, due].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        at: one.settled_at.map(|at| operator.at(at)).unwrap_or_default(),
    }
}

fn link_after(id: RunId, state: Option<RecipientState>, after: u32) -> String {
    match state {
        Some(state) => format!("/console/runs/{id}?state={state}&after={after}#recipients"),
        None => format!("/console/runs/{id}?after={after}#recipients"),
    }
}
