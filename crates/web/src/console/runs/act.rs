//! What an operator can do to a run: pause, resume, cancel, try all failed again; each after a page that says in
//! words what will happen.

use super::{get, id_of};
use crate::console::automations::refusals;
use crate::console::filled::Filled;
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
use domain::id::RunId;
use domain::run::RunState;
use flow::{RetryOf, StartError};
use store::run::Run;

/// The most characters of why a run is paused.
const MOST_WHY: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Pause,
    Resume,
    Cancel,
    Retry,
}

impl Act {
    fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "pause" => Ok(Self::Pause),
            "resume" => Ok(Self::Resume),
            "cancel" => Ok(Self::Cancel),
            "retry" => Ok(Self::Retry),
            _ => Err(Failure::NotFound),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Retry => "retry",
        }
    }

    /// Whether it can be done to a run as it stands.
    const fn fits(self, state: RunState) -> bool {
        match self {
            Self::Pause => matches!(state, RunState::Running),
            Self::Resume => matches!(state, RunState::Paused),
            Self::Cancel => matches!(state, RunState::Running | RunState::Paused | RunState::Preparing),
            Self::Retry => matches!(state, RunState::Running | RunState::Paused | RunState::Finished),
        }
    }

    /// How many people it is about.
    const fn people(self, run: &Run) -> i64 {
        match self {
            Self::Retry => run.counts.refused + run.counts.unknown,
            Self::Pause | Self::Resume | Self::Cancel => run.counts.waiting() + run.counts.deferred,
        }
    }
}

#[derive(Template)]
#[template(path = "console/run_act.html")]
struct ActPage {
    shell: Shell,
    run: Run,
    name: &'static str,
    title: String,
    lead: String,
    what: Vec<String>,
    button: String,
    is_danger: bool,
    asks_why: bool,
    fits: bool,
    filled: Filled,
}

/// GET /console/runs/{id}/{act}
pub(crate) async fn show(
    operator: Operator,
    Path((id, act)): Path<(String, String)>,
) -> Result<Response, Failure> {
    operator.query(&[])?;
    let act = Act::parse(&act)?;
    let run = get(&operator, id_of(&id)?).await?;
    page::show(StatusCode::OK, &act_page(&operator, act, run, Filled::default()))
}

/// POST /console/runs/{id}/{act}
pub(crate) async fn create(
    operator: Operator,
    Path((id, act)): Path<(String, String)>,
    sent: Form,
) -> Result<Response, Failure> {
    let (id, act) = (id_of(&id)?, Act::parse(&act)?);
    let fields = operator.form(sent, if act == Act::Pause { &["why"] } else { &[] })?;
    let mut filled = Filled::sent(&fields);
    let why = fields.text("why").trim();
    if why.chars().count() > MOST_WHY {
        filled.wrong("why", operator.fill("form-too-long", "n", &MOST_WHY.to_string()));
    } else {
        match change(&operator, id, act, why).await {
            Ok(_) => {
                return Ok(page::done(&format!("/console/runs/{id}"), &format!("run-{}", act.name()), None));
            }
            Err(StartError::Refused(refusal)) => filled.notice = Some(refusals::explain(&operator, &refusal)),
            Err(StartError::Store(error)) => return Err(error.into()),
        }
    }
    let run = get(&operator, id).await?;
    page::show(StatusCode::UNPROCESSABLE_ENTITY, &act_page(&operator, act, run, filled))
}

async fn change(operator: &Operator, id: RunId, act: Act, why: &str) -> Result<Run, StartError> {
    let (flow, acting) = (&operator.state().flow, &operator.acting());
    match act {
        Act::Pause => {
            let name = &operator.signed.viewer.name;
            let cause = match why {
                "" => operator.fill("run-paused-by", "who", name),
                why => operator.context.words.say_with("run-paused-by-why", &[("who", name), ("why", why)]),
            };
            flow.pause(id, acting, &cause).await
        }
        Act::Resume => flow.resume(id, acting).await,
        Act::Cancel => flow.cancel(id, acting).await,
        Act::Retry => flow.retry(id, RetryOf::Failed, acting).await,
    }
}

fn act_page(operator: &Operator, act: Act, run: Run, filled: Filled) -> ActPage {
    let name = act.name();
    let people = grouped(act.people(&run));
    let told = |part: &str| operator.fill(&format!("run-{name}-{part}"), "n", &people);
    ActPage {
        shell: operator.shell(Place::Runs),
        title: operator.fill(&format!("run-{name}-title"), "run", &run.number.to_string()),
        lead: told("lead"),
        what: vec![told("what-1"), told("what-2")],
        button: told("button"),
        is_danger: act == Act::Cancel,
        asks_why: act == Act::Pause,
        fits: act.fits(run.state),
        name,
        run,
        filled,
    }
}
