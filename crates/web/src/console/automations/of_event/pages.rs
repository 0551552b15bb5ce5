//! The page of an automation that an event begins: what it is, how its events went, what waits, and its runs by day.

use super::told;
use crate::console::automations::refusals;
use crate::console::automations::show::{Linked, May};
use crate::console::automations::show::{Standing, job_facts, linked, standing};
use crate::console::automations::state_label;
use crate::console::events::outcome::{Outcome, reason_label, state_label as job_label};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people::named::{called, names_of};
use crate::console::runs;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::{Carries, Job, Target};
use domain::event_job::{EventJobReason, EventJobState};
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use domain::schedule::HolidayCalendar;
use domain::selection::Selection;
use std::collections::BTreeMap;
use store::automation::{self, Automation};
use store::event::job::{self, EventJob};
use store::run::{self, Run};
use store::{StoreError, group, person, selection};

/// Jobs that wait, on one page.
const WAITING: i64 = 20;
/// Runs looked at; they are shown by day.
const RUNS: i64 = 100;

/// What the page is asked for besides.
#[derive(Debug, Default)]
pub(in crate::console) struct Shown {
    /// The job after which the list of those that wait goes on: when it is due, and its event.
    pub(in crate::console) after: Option<(i64, i64)>,
    /// Why something was not done.
    pub(in crate::console) notice: Option<String>,
}

impl Shown {
    /// The list of those that wait goes on after `due.event`.
    pub(in crate::console) fn after(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let parts =
            text.split_once('.').and_then(|(due, event)| Some((due.parse().ok()?, event.parse().ok()?)));
        let after = parts.ok_or(Failure::BadRequest("after: expected where the list goes on."))?;
        Ok(Self { after: Some(after), notice: None })
    }
}

#[derive(Template)]
#[template(path = "console/events/automation.html")]
struct AutomationPage {
    shell: Shell,
    path: String,
    one: Automation,
    state: &'static str,
    label: String,
    about: About,
    approval: Standing,
    facts: Vec<(String, String)>,
    error: Option<(String, String)>,
    tallies: Vec<Tally>,
    waiting: Waiting,
    days: Vec<Day>,
    may: May,
    may_see_events: bool,
    may_approve: bool,
    is_approved: bool,
    digest: String,
    notice: Option<String>,
    is_active: bool,
    /// The steps that are not saved yet, with where to; empty: it is complete.
    missing: Option<(String, String)>,
    log: String,
    attempt: String,
}

/// What it does, in words.
pub(super) struct About {
    pub(super) event: String,
    pub(super) settings: Vec<(String, String)>,
    pub(super) selection: Option<Linked>,
    /// Whom the selection is about.
    pub(super) selection_label: String,
    pub(super) job: String,
    pub(super) target: String,
    pub(super) target_path: Option<String>,
    pub(super) delay: String,
    pub(super) job_facts: Vec<(String, String)>,
    pub(super) frame: String,
    pub(super) next: Vec<String>,
}

/// How many of its events went one way.
struct Tally {
    label: String,
    count: String,
    path: String,
    is_out: bool,
}

/// The jobs that wait.
struct Waiting {
    count: i64,
    shown: String,
    first_due: String,
    jobs: Vec<WaitingJob>,
    next: Option<String>,
    first: Option<String>,
    /// What is said before they are called off; empty: none waits.
    warning: String,
}

struct WaitingJob {
    event: i64,
    outcome: Outcome,
}

/// The runs of a day.
struct Day {
    label: String,
    runs: Vec<runs::Line>,
    is_open: bool,
}

/// What the page reads.
struct Read {
    names: BTreeMap<PersonId, String>,
    around: Around,
    counted: Vec<(EventJobState, Option<EventJobReason>, i64)>,
    waiting: (i64, Option<i64>),
    jobs: Vec<EventJob>,
    runs: Vec<Run>,
}

/// Records its settings name.
pub(super) struct Around {
    selection: Option<Selection>,
    group: Option<String>,
    automation: Option<String>,
    system_user: Option<Person>,
    target: Option<Person>,
    calendar: HolidayCalendar,
}

/// The page, with why something was not done.
pub(in crate::console) async fn event_page(
    operator: &Operator,
    status: StatusCode,
    one: Automation,
    shown: Shown,
) -> Result<Response, Failure> {
    let read = read(operator, &one, shown.after).await?;
    let approval = standing(operator, &one).await?;
    let limits = &operator.state().flow.settings().limits;
    let stored =
        flow::Approval::read(&operator.state().store, one.id, None, limits, operator.now_ms()).await.ok();
    let named = |id: &PersonId| read.names.get(id).cloned().unwrap_or_else(|| operator.say("run-erased"));
    let words = operator.context.words;
    let error = one.last_error.clone().map(|cause| {
        let at = one.last_error_at.map(|at| operator.at(at)).unwrap_or_default();
        let count = grouped(one.errors_count);
        (cause, words.say_with("automation-error-at", &[("time", &at), ("count", &count)]))
    });
    let part = [one.owner_id, one.editor_id].contains(&operator.id());
    let page = AutomationPage {
        shell: operator.shell(Place::Automations),
        path: crate::console::automations::path_of(&one),
        state: if one.archived { "archived" } else { one.status.as_str() },
        label: state_label(operator, &one),
        about: about(operator, &one, &read.around, &named)?,
        approval,
        facts: facts(operator, &one, &named),
        error,
        tallies: tallies(operator, &one, &read.counted),
        waiting: waiting(operator, &one, &read, shown.after.is_some()),
        days: by_day(operator, &read.runs),
        may: May::of(operator),
        may_see_events: operator.may(Permission::EventsView),
        may_approve: operator.may(Permission::MailingsApprove) && !part,
        is_approved: stored.as_ref().is_some_and(|one| one.approved_by.is_some()),
        digest: stored.map(|one| one.digest).unwrap_or_default(),
        notice: shown.notice,
        is_active: one.status.is_active(),
        missing: missing(operator, &one),
        log: format!("/console/events?automation={}", one.id),
        attempt: attempt(&one),
        one,
    };
    page::show(status, &page)
}

/// The step that is not saved yet.
pub(super) fn missing(operator: &Operator, one: &Automation) -> Option<(String, String)> {
    let path = crate::console::automations::path_of(one);
    match (one.target, &one.frame) {
        (None, _) => Some((operator.say("event-missing-job"), format!("{path}/event-job"))),
        (_, None) => Some((operator.say("event-missing-frame"), format!("{path}/frame"))),
        _ => None,
    }
}

/// Where the event can be tried out.
fn attempt(one: &Automation) -> String {
    let event = one.event.as_ref().map(|step| step.event.to_string()).unwrap_or_default();
    format!("/console/events/try?event={}", crate::query::encode(&event))
}

async fn read(operator: &Operator, one: &Automation, after: Option<(i64, i64)>) -> Result<Read, Failure> {
    let one = one.clone();
    let runs_too = operator.may(Permission::RunsView);
    let mut people = vec![one.owner_id, one.editor_id];
    people.extend(&one.reminder_to);
    people.extend(&one.job.password().hybrid_users);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            Ok::<_, StoreError>(Read {
                names: names_of(tx, &people).await?,
                counted: job::count_by_state(tx, one.id).await?,
                waiting: job::count_waiting(tx, one.id).await?,
                jobs: job::list_waiting(tx, one.id, after, WAITING + 1).await?,
                runs: if runs_too { run::list(tx, Some(one.id), i64::MAX, RUNS).await? } else { Vec::new() },
                around: Around::read(tx, &one).await?,
            })
        })
    });
    Ok(read.await?)
}

impl Around {
    pub(super) async fn read(tx: &mut store::Tx, one: &Automation) -> Result<Self, StoreError> {
        let step = one.event.as_ref();
        let selection = match one.selection_id {
            None => None,
            Some(id) => selection::list(tx, None).await?.into_iter().find(|one| one.id == id),
        };
        let group = match step.and_then(|step| step.group) {
            None => None,
            Some(id) => group::find(tx, id).await?.map(|one| one.name),
        };
        let automation = match step.and_then(|step| step.automation) {
            None => None,
            Some(id) => match automation::get(tx, id).await {
                Ok(found) => Some(found.name),
                Err(StoreError::NotFound(_)) => None,
                Err(error) => return Err(error),
            },
        };
        let system_user = match step.and_then(|step| step.system_user) {
            None => None,
            Some(id) => person::find(tx, id).await?,
        };
        let target = match one.target {
            Some(Target::Person(id)) => person::find(tx, id).await?,
            _ => None,
        };
        Ok(Self {
            selection,
            group,
            automation,
            system_user,
            target,
            calendar: automation::calendar(tx).await?,
        })
    }
}

/// What it does, in words.
pub(super) fn about(
    operator: &Operator,
    one: &Automation,
    around: &Around,
    named: &impl Fn(&PersonId) -> String,
) -> Result<About, Failure> {
    let step = one.event.as_ref().ok_or(Failure::NotFound)?;
    let words = operator.context.words;
    let may_name = operator.may(Permission::PeopleView);
    let hidden = || operator.say("run-hidden");
    let user = around.system_user.as_ref().map(|one| if may_name { called(one) } else { hidden() });
    let (target, target_path) = match (one.target, &around.target) {
        (None, _) => (operator.say("target-unset"), None),
        (Some(Target::EventParameter), _) => (operator.say("target-told-event"), None),
        (Some(Target::Person(id)), Some(person)) if may_name => {
            (called(person), Some(format!("/console/people/{id}")))
        }
        (Some(Target::Person(_)), Some(_)) => (hidden(), None),
        (Some(Target::Person(_)), None) => (operator.say("run-erased"), None),
    };
    let of_causer = one.job.only() == Some(domain::automation::Only::SystemUsers);
    let frame = one.frame.as_ref();
    Ok(About {
        event: told::event(words, step),
        settings: told::settings(operator, step, around.group.clone(), around.automation.clone(), user),
        selection: around.selection.as_ref().map(|selection| linked(operator, selection)),
        selection_label: operator.say(if of_causer {
            "event-selection-causer"
        } else {
            "automation-selection"
        }),
        job: operator.say(&format!("job-{}", one.job.name())),
        target,
        target_path,
        delay: told::delay(one.delay, words),
        job_facts: event_job_facts(operator, one, named),
        frame: frame.map(|frame| told::frame(frame, words)).unwrap_or_default(),
        next: frame.map(|frame| told::next(operator, frame, &around.calendar)).unwrap_or_default(),
    })
}

fn event_job_facts(
    operator: &Operator,
    one: &Automation,
    named: &impl Fn(&PersonId) -> String,
) -> Vec<(String, String)> {
    if one.job.carries() == Carries::Password {
        return job_facts(operator, one, named);
    }
    // Of the settings of a password a link has only the limits.
    let hours = match &one.job {
        Job::SendResetLink(settings) => settings.link_hours,
        _ => one.job.valid_hours(),
    };
    let limits = one.job.password();
    let people = |number: Option<u32>| number.map(|number| grouped(i64::from(number)));
    let facts = [
        ("event-link-hours", Some(operator.fill("job-hours", "count", &hours.to_string()))),
        (
            "job-fact-remail",
            Some(match limits.remail_after_hours {
                0 => operator.say("job-remail-nobody"),
                hours => operator.fill("job-hours", "count", &hours.to_string()),
            }),
        ),
        ("event-job-most", people(limits.most_people)),
        ("job-fact-approve", people(limits.approve_above)),
    ];
    facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect()
}

fn facts(
    operator: &Operator,
    one: &Automation,
    named: &impl Fn(&PersonId) -> String,
) -> Vec<(String, String)> {
    let reminded: Vec<String> = one.reminder_to.iter().map(named).collect();
    let facts = [
        ("automation-owner", Some(named(&one.owner_id))),
        ("automation-editor", Some(named(&one.editor_id)).filter(|_| one.editor_id != one.owner_id)),
        ("automation-runs-count", Some(grouped(one.runs_count))),
        ("automation-reminder", Some(reminded.join(", ")).filter(|text| !text.is_empty())),
        ("run-created", Some(operator.at(one.created_at))),
        ("record-updated", Some(operator.at(one.updated_at))),
    ];
    facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect()
}

fn tallies(
    operator: &Operator,
    one: &Automation,
    counted: &[(EventJobState, Option<EventJobReason>, i64)],
) -> Vec<Tally> {
    let log = format!("/console/events?automation={}", one.id);
    let mut all = Vec::new();
    for state in EventJobState::ALL {
        let of_state: Vec<_> = counted.iter().filter(|(other, ..)| other == state).collect();
        let total: i64 = of_state.iter().map(|(.., count)| count).sum();
        if total == 0 {
            continue;
        }
        all.push(Tally {
            label: job_label(operator, *state),
            count: grouped(total),
            path: format!("{log}&state={state}"),
            is_out: false,
        });
        let reasons = of_state.iter().filter_map(|(_, reason, count)| Some(((*reason)?, count)));
        all.extend(reasons.map(|(reason, count)| Tally {
            label: reason_label(operator, reason),
            count: grouped(*count),
            path: format!("{log}&state={state}&reason={reason}"),
            is_out: true,
        }));
    }
    all
}

fn waiting(operator: &Operator, one: &Automation, read: &Read, is_later: bool) -> Waiting {
    let (count, first_due) = read.waiting;
    let path = crate::console::automations::path_of(one);
    let has_more = read.jobs.len() as i64 > WAITING;
    let listed = usize::try_from(WAITING).unwrap_or(usize::MAX);
    let last = read.jobs.iter().take(listed).next_back().filter(|_| has_more);
    Waiting {
        count,
        shown: grouped(count),
        first_due: first_due.map(|at| operator.at(at)).unwrap_or_default(),
        jobs: read
            .jobs
            .iter()
            .take(listed)
            .map(|job| WaitingJob { event: job.event, outcome: Outcome::of(operator, job) })
            .collect(),
        next: last.and_then(|job| Some(format!("{path}?after={}.{}#waiting", job.due_at?, job.event))),
        first: is_later.then(|| format!("{path}#waiting")),
        warning: if count > 0 {
            operator.context.words.count("event-calls-off", "n", count)
        } else {
            String::new()
        },
    }
}

/// The runs by day, the newest day first and open.
fn by_day(operator: &Operator, all: &[Run]) -> Vec<Day> {
    let mut days: Vec<(String, Vec<&Run>)> = Vec::new();
    for run in all {
        let day = operator.at(run.created_at).chars().take(10).collect::<String>();
        match days.last_mut() {
            Some((last, runs)) if *last == day => runs.push(run),
            _ => days.push((day, vec![run])),
        }
    }
    let day = |(index, (day, runs)): (usize, (String, Vec<&Run>))| {
        let accepted: i64 = runs.iter().map(|run| run.counts.accepted).sum();
        let count = i64::try_from(runs.len()).unwrap_or(i64::MAX);
        let told = operator.context.words.say_with(
            "event-day",
            &[("day", &day), ("runs", &grouped(count)), ("accepted", &grouped(accepted))],
        );
        Day {
            label: told,
            runs: runs.into_iter().map(|run| runs::Line::of(operator, run)).collect(),
            is_open: index == 0,
        }
    };
    days.into_iter().enumerate().map(day).collect()
}

/// Why it stays as it is, in the operator's language.
pub(super) fn explained(operator: &Operator, refusal: &flow::Refusal) -> String {
    refusals::explain(operator, refusal)
}
