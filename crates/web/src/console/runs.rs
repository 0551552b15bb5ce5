//! The page of one run, to look at: how far it is, who was left out, what failed and why.

use crate::admit::Signed;
use crate::console::progress_bar::{self, Part, grouped};
use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::page::{self, Frame};
use crate::query::Pairs;
use askama::Template;
use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::{RecipientId, RunId};
use domain::recipient::{Reason, RecipientState};
use domain::role::Permission;
use domain::trigger::Trigger;
use store::view::{self, RecipientView, RunView};

/// Recipients on one page.
const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "console/run.html")]
struct RunPage {
    frame: Frame,
    token: String,
    name: String,
    role: String,
    run: RunView,
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
    times: Vec<(&'static str, String)>,
    left_out: Vec<(&'static str, String)>,
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
    run: RunView,
    bounced: i64,
    left_out: Vec<(Reason, i64)>,
    failures: Vec<view::Failure>,
    recipients: Vec<RecipientView>,
}

/// GET /console/runs/{id}
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let id: RunId = id.parse().map_err(|_| Failure::NotFound)?;
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["state", "after"])?;
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
    let mut read = read(&context, id, state, after).await?;
    let more = read.recipients.len() > PER_PAGE;
    read.recipients.truncate(PER_PAGE);
    let next = read.recipients.last().filter(|_| more).map(|last| link_after(id, state, last.id.position()));
    page::show(StatusCode::OK, &run_page(&context, &signed, read, state, next, after == 0))
}

/// GET /console/runs/{id}/progress
pub(crate) async fn progress(context: Context, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: RunId = id.parse().map_err(|_| Failure::NotFound)?;
    let found =
        context.state.store.read(move |tx| Box::pin(async move { view::find_run(tx, id).await })).await;
    let run = found.map_err(Failure::from)?.ok_or(Failure::NotFound)?;
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
                let run = view::find_run(tx, id).await?.ok_or(Failure::NotFound)?;
                let after = RecipientId::new(run.number, after);
                Ok(Read {
                    bounced: store::bounce::count(tx, run.number).await?,
                    left_out: view::count_left_out(tx, run.number).await?,
                    failures: view::list_failures(tx, run.number).await?,
                    recipients: view::list_recipients(tx, run.number, state, after, PER_PAGE as i64 + 1)
                        .await?,
                    run,
                })
            })
        })
        .await
}

fn run_page(
    context: &Context,
    signed: &Signed,
    read: Read,
    state: Option<RecipientState>,
    next: Option<String>,
    is_first: bool,
) -> RunPage {
    let run = read.run;
    let at = |at_ms| context.clock_time(at_ms, signed.viewer.time_zone.as_deref());
    // Who may see runs may see numbers; names belong to who may see people.
    let named = signed.viewer.may(Permission::PeopleView);
    let times = [("Created", Some(run.created_at)), ("Started", run.started_at), ("Ended", run.finished_at)];
    RunPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        name: signed.viewer.name.clone(),
        role: signed.viewer.role.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
        state: run.state.as_str(),
        is_over: run.state.is_over(),
        percent: progress_bar::percent(&run.counts),
        parts: progress_bar::parts(&run.counts),
        total: grouped(run.counts.total),
        waiting: grouped(run.counts.waiting()),
        left_out_total: grouped(run.counts.left_out),
        bounced: (read.bounced > 0).then(|| grouped(read.bounced)),
        started_by: started_by(&run),
        times: times.into_iter().filter_map(|(label, time)| Some((label, at(time?)))).collect(),
        left_out: read
            .left_out
            .into_iter()
            .map(|(reason, count)| (reason.explain(), grouped(count)))
            .collect(),
        failures: read.failures.into_iter().map(failure_line).collect(),
        states: states(state),
        recipients: read.recipients.into_iter().map(|one| recipient_line(one, named, &at)).collect(),
        run,
        next,
        is_first,
    }
}

fn started_by(run: &RunView) -> String {
    let who = |name: &Option<String>| name.clone().unwrap_or_else(|| "somebody no longer here".into());
    match run.trigger {
        Trigger::Operator => format!("{}, by hand", who(&run.started_by)),
        Trigger::Schedule => format!("Schedule, with the rights of {}", who(&run.owner)),
        Trigger::Event => format!("Event, with the rights of {}", who(&run.owner)),
        Trigger::StartTime => format!("Start time, with the rights of {}", who(&run.owner)),
    }
}

fn failure_line(failure: view::Failure) -> FailureLine {
    let code = failure.code.map(|code| code.to_string());
    let words: Vec<String> = [code, failure.enhanced, failure.reply].into_iter().flatten().collect();
    FailureLine {
        state: failure.state.as_str(),
        label: label(failure.state),
        cause: if words.is_empty() { "no answer from the relay".into() } else { words.join(" ") },
        count: grouped(failure.count),
    }
}

fn states(chosen: Option<RecipientState>) -> Vec<StateChoice> {
    let choice = |state: &RecipientState| StateChoice {
        name: state.as_str(),
        label: label(*state),
        is_chosen: chosen == Some(*state),
    };
    RecipientState::ALL.iter().map(choice).collect()
}

fn recipient_line(one: RecipientView, named: bool, at: &impl Fn(i64) -> String) -> RecipientLine {
    let reason = one.reason.as_deref();
    let explained = reason.and_then(Reason::parse).map(|reason| reason.explain().to_owned());
    let due = one.due_at.map(|due| format!("again at {}", at(due)));
    let note = explained.or(one.reply).or_else(|| one.reason.clone());
    RecipientLine {
        place: one.id.position(),
        name: match one.name {
            Some(name) if named => name,
            Some(_) => "hidden".into(),
            None => "erased".into(),
        },
        address: one.address.filter(|_| named).unwrap_or_default(),
        state: one.state.as_str(),
        label: label(one.state),
        note: [note, due].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        at: one.settled_at.map(at).unwrap_or_default(),
    }
}

fn label(state: RecipientState) -> String {
    let text = state.as_str().replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn link_after(id: RunId, state: Option<RecipientState>, after: u32) -> String {
    match state {
        Some(state) => format!("/console/runs/{id}?state={state}&after={after}#recipients"),
        None => format!("/console/runs/{id}?after={after}#recipients"),
    }
}
