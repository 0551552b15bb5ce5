//! The page of a run: how far it is, who was left out, what failed and why, and everyone in it.

use super::recipients::{self, Asked, RecipientLine};
use super::{get, id_of};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::progress::{Part, Progress};
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::live::{Lists, Seen, read_seen};
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::recipient::RecipientState;
use domain::role::Permission;
use domain::run::RunState;
use domain::trigger::Trigger;
use std::sync::Arc;
use store::recipient::Listed;
use store::run::Run;
use store::{StoreError, Tx, person, view};

#[derive(Template)]
#[template(path = "console/run.html")]
struct RunPage {
    shell: Shell,
    run: Run,
    state: &'static str,
    is_over: bool,
    acts: Vec<ActLink>,
    percent: i64,
    parts: Vec<Part>,
    progress: Progress,
    facts: Facts,
    tally: Tally,
    recipients: Recipients,
    is_watched: bool,
}

/// What an operator can do to the run as it stands.
struct ActLink {
    path: String,
    label: String,
    is_danger: bool,
}

/// What stays as it is while the run goes on, or nearly so.
pub(super) struct Facts {
    pub(super) started_by: String,
    pub(super) automation: Option<String>,
    pub(super) times: Vec<(String, String)>,
}

/// Who was left out and what failed.
pub(super) struct Tally {
    pub(super) left_out: Vec<TallyLine>,
    pub(super) failures: Vec<FailureLine>,
    /// How many of the accepted came back; `None`: nobody.
    pub(super) bounced: Option<String>,
}

pub(super) struct TallyLine {
    pub(super) words: String,
    pub(super) count: String,
    /// Where the people are listed.
    pub(super) path: String,
}

pub(super) struct FailureLine {
    pub(super) state: &'static str,
    pub(super) label: String,
    /// What it means.
    pub(super) words: String,
    /// What the relay said.
    pub(super) reply: String,
    pub(super) count: String,
    pub(super) path: String,
}

struct Recipients {
    lines: Vec<RecipientLine>,
    states: Vec<Choice>,
    reasons: Vec<Choice>,
    text: String,
    may_search: bool,
    is_filtered: bool,
    previous: Option<String>,
    next: Option<String>,
    /// The same people as CSV.
    csv: String,
}

/// GET /console/runs/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let asked = Asked::of(&operator, id)?;
    let run = get(&operator, id).await?;
    let lists = operator.state().live.lists(&operator.state().store, &run).await?;
    let (seen, who, found) = read(&operator, &run, &asked).await?;
    let page = run_page(&operator, run, seen, who, &lists, found, asked);
    page::show(StatusCode::OK, &page)
}

async fn read(
    operator: &Operator,
    run: &Run,
    asked: &Asked,
) -> Result<(Seen, Option<String>, Vec<Listed>), Failure> {
    let (run, asked) = (run.clone(), asked.clone());
    let (live, id) = (operator.state().live.clone(), run.id);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let seen = read_seen(tx, &run).await?;
            let who = name_who(tx, &run).await?;
            Ok::<_, StoreError>((seen, who, asked.find(tx, &run).await?))
        })
    });
    let (mut seen, who, found) = read.await?;
    // Who watches knows how fast it is just now.
    seen.rate = live.seen(id).and_then(|seen| seen.rate);
    Ok((seen, who, found))
}

pub(super) async fn name_who(tx: &mut Tx, run: &Run) -> Result<Option<String>, StoreError> {
    let who = match run.trigger {
        Trigger::Operator => run.started_by,
        Trigger::Schedule | Trigger::Event | Trigger::StartTime => Some(run.owner_id),
    };
    let Some(id) = who else { return Ok(None) };
    Ok(person::find(tx, id).await?.map(|person| person.full_name()))
}

fn run_page(
    operator: &Operator,
    run: Run,
    seen: Seen,
    who: Option<String>,
    lists: &Arc<Lists>,
    found: Vec<Listed>,
    asked: Asked,
) -> RunPage {
    let progress = Progress::of(operator, &seen);
    RunPage {
        shell: operator.shell(Place::Runs),
        state: run.state.as_str(),
        is_over: run.state.is_over(),
        acts: acts(operator, &run),
        percent: progress.percent,
        parts: progress.parts.clone(),
        facts: facts(operator, &run, who),
        tally: tally(operator, &run, lists),
        recipients: list(operator, &run, lists, found, asked),
        is_watched: !run.state.is_over(),
        progress,
        run,
    }
}

fn acts(operator: &Operator, run: &Run) -> Vec<ActLink> {
    if !operator.may(Permission::RunsControl) {
        return Vec::new();
    }
    let failed = run.counts.refused + run.counts.unknown > 0;
    let mut possible: Vec<(&str, &str, bool)> = Vec::new();
    match run.state {
        RunState::Running => possible.extend([("pause", "run-pause", false), ("cancel", "run-cancel", true)]),
        RunState::Paused => {
            possible.extend([("resume", "run-resume", false), ("cancel", "run-cancel", true)])
        }
        RunState::Preparing | RunState::Finished | RunState::Cancelled | RunState::Failed => {}
    }
    if failed && matches!(run.state, RunState::Running | RunState::Paused | RunState::Finished) {
        possible.insert(possible.len().min(1), ("retry", "run-retry", false));
    }
    let link = |(way, label, is_danger)| ActLink {
        path: format!("/console/runs/{}/{way}", run.id),
        label: operator.say(label),
        is_danger,
    };
    possible.into_iter().map(link).collect()
}

pub(super) fn facts(operator: &Operator, run: &Run, who: Option<String>) -> Facts {
    let times = [
        (operator.say("run-created"), Some(run.created_at)),
        (operator.say("run-began"), run.started_at),
        (operator.say("run-ended"), run.finished_at),
    ];
    let who = who.unwrap_or_else(|| operator.say("run-nobody-left"));
    let text = match run.trigger {
        Trigger::Operator => "run-by-hand",
        Trigger::Schedule => "run-by-schedule",
        Trigger::Event => "run-by-event",
        Trigger::StartTime => "run-by-start-time",
    };
    let automation = run.automation_id.filter(|_| operator.may(Permission::AutomationsView));
    Facts {
        started_by: operator.fill(text, "who", &who),
        automation: automation.map(|id| format!("/console/automations/{id}")),
        times: times.into_iter().filter_map(|(label, time)| Some((label, operator.at(time?)))).collect(),
    }
}

pub(super) fn tally(operator: &Operator, run: &Run, lists: &Lists) -> Tally {
    let path = |state: RecipientState, reason: &str| recipients::path(run.id, Some(state), reason);
    let left_out = lists.by_reason.iter().filter(|(state, ..)| *state == RecipientState::LeftOut);
    let bounced: i64 = lists
        .by_reason
        .iter()
        .filter(|(state, ..)| *state == RecipientState::Bounced)
        .map(|(_, _, count)| count)
        .sum();
    Tally {
        left_out: left_out
            .map(|(state, reason, count)| TallyLine {
                words: operator.context.words.reason(reason),
                count: grouped(*count),
                path: path(*state, reason),
            })
            .collect(),
        failures: lists.failures.iter().map(|one| failure_line(operator, one, &path)).collect(),
        bounced: (bounced > 0).then(|| grouped(bounced)),
    }
}

fn failure_line(
    operator: &Operator,
    failure: &view::Failure,
    path: &impl Fn(RecipientState, &str) -> String,
) -> FailureLine {
    let code = failure.code.map(|code| code.to_string());
    let said: Vec<&str> = [code.as_deref(), failure.enhanced.as_deref(), failure.reply.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let reason = failure.reason.as_deref().unwrap_or_default();
    FailureLine {
        state: failure.state.as_str(),
        label: operator.context.words.state(failure.state.as_str()),
        words: operator.context.words.cause(reason).unwrap_or_default(),
        reply: if said.is_empty() { operator.say("run-no-answer") } else { said.join(" ") },
        count: grouped(failure.count),
        path: path(failure.state, reason),
    }
}

fn list(operator: &Operator, run: &Run, lists: &Lists, found: Vec<Listed>, asked: Asked) -> Recipients {
    let (found, previous, next) = asked.pages(run, found);
    let words = operator.context.words;
    let states = RecipientState::ALL.iter().map(|state| Choice {
        value: state.as_str().into(),
        label: words.state(state.as_str()),
        is_chosen: asked.wanted.state == Some(*state),
    });
    let mut reasons: Vec<Choice> = Vec::new();
    for (_, reason, _) in lists.by_reason.iter().filter(|(_, reason, _)| !reason.is_empty()) {
        if !reasons.iter().any(|other| other.value == *reason) {
            reasons.push(Choice {
                value: reason.clone(),
                label: words.cause(reason).unwrap_or_else(|| words.reason(reason)),
                is_chosen: asked.wanted.reason.as_deref() == Some(reason),
            });
        }
    }
    Recipients {
        lines: found.into_iter().map(|one| RecipientLine::of(operator, run.id, one)).collect(),
        states: states.collect(),
        reasons,
        text: asked.wanted.text.clone().unwrap_or_default(),
        may_search: asked.may_search,
        is_filtered: asked.is_filtered(),
        previous,
        next,
        csv: asked.csv(run.id),
    }
}
