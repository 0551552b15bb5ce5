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
    frame: Frame,
    token: String,
    name: String,
    role: String,
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
    times: Vec<(&'static str, String)>,
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
    let next = read.recipients.last().filter(|_| more).map(|last| link_after(id, state, last.position));
    page::show(StatusCode::OK, &run_page(&context, &signed, read, state, next, after == 0))
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
        started_by: started_by(run.trigger, read.who),
        times: times.into_iter().filter_map(|(label, time)| Some((label, at(time?)))).collect(),
        left_out: left_out(read.left_out),
        failures: read.failures.into_iter().map(failure_line).collect(),
        states: states(state),
        recipients: read.recipients.into_iter().map(|one| recipient_line(one, named, &at)).collect(),
        run,
        next,
        is_first,
    }
}

fn started_by(trigger: Trigger, who: Option<String>) -> String {
    let who = who.unwrap_or_else(|| "somebody no longer here".into());
    match trigger {
        Trigger::Operator => format!("{who}, by hand"),
        Trigger::Schedule => format!("Schedule, with the rights of {who}"),
        Trigger::Event => format!("Event, with the rights of {who}"),
        Trigger::StartTime => format!("Start time, with the rights of {who}"),
    }
}

/// Reasons in words with how many people, most people first.
fn left_out(by_reason: BTreeMap<String, i64>) -> Vec<(String, String)> {
    let mut reasons: Vec<(String, i64)> = by_reason.into_iter().collect();
    reasons.sort_by_key(|(_, count)| Reverse(*count));
    let explained = |(reason, count): (String, i64)| {
        (Reason::parse(&reason).map_or(reason, |known| known.explain().to_owned()), grouped(count))
    };
    reasons.into_iter().map(explained).collect()
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

fn recipient_line(one: Listed, named: bool, at: &impl Fn(i64) -> String) -> RecipientLine {
    let reason = one.reason.as_deref();
    let explained = reason.and_then(Reason::parse).map(|reason| reason.explain().to_owned());
    let due = one.due_at.map(|due| format!("again at {}", at(due)));
    let note = explained.or(one.reply).or_else(|| one.reason.clone());
    RecipientLine {
        place: one.position,
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
