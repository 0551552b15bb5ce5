//! The page of one mailing: its steps while it is written, its start once it is armed, and then the funnel, its runs,
//! its reminders and what it came to.

use super::funnel::{self, Aside, Bar};
use super::steps::Steps;
use super::{get, intent_label, names_of, path_of, starts_at, state_class, state_label, wall};
use crate::console::filled::Filled;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::runs;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::mailing::{MailingState, Settled, Stage};
use domain::role::Permission;
use flow::Report;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::mailing::{self, Chosen, Funnel, FunnelStage, Mailing};
use store::run::{self, Run};
use store::selection;

/// Causes of failures shown.
const MOST_CAUSES: usize = 12;

#[derive(Template)]
#[template(path = "console/mailing.html")]
struct MailingPage {
    shell: Shell,
    path: String,
    number: i64,
    title: String,
    folder: String,
    state: &'static str,
    label: String,
    archived: bool,
    intent: String,
    means: String,
    is_danger: bool,
    reminds: Option<(String, String)>,
    subject: String,
    /// Why it failed or waits.
    cause: String,
    notice: Option<String>,
    /// While it is written or armed.
    steps: Option<Steps>,
    armed: Option<Armed>,
    begun: Option<Begun>,
    facts: Vec<(String, String)>,
    remind: Filled,
    stages: Vec<Choice>,
    may: May,
}

/// When it begins, and who said so.
struct Armed {
    at: String,
    by: String,
    settled: String,
}

/// What has come of it.
struct Begun {
    bars: Vec<Bar>,
    asides: Vec<Aside>,
    left: Vec<Aside>,
    runs: Vec<runs::Line>,
    reminders: Vec<ReminderLine>,
    reminded: Vec<String>,
    left_out: Vec<(String, String)>,
    failures: Vec<(String, String)>,
    is_going_on: bool,
    late: String,
}

/// A reminder of it.
struct ReminderLine {
    path: String,
    name: String,
    state: &'static str,
    label: String,
    stage: String,
    people: String,
}

/// What the operator may do to it.
struct May {
    draft: bool,
    send: bool,
    approve: bool,
    export: bool,
    see_runs: bool,
    remind: bool,
}

/// What the page reads.
pub(super) struct Read {
    pub(super) names: BTreeMap<PersonId, String>,
    pub(super) reminds: Option<Mailing>,
    pub(super) selection: Option<String>,
    pub(super) groups: Vec<Chosen>,
    pub(super) named: i64,
    pub(super) runs: Vec<Run>,
    pub(super) reminders: Vec<(Mailing, i64)>,
    pub(super) funnel: Funnel,
    pub(super) left: Vec<(Stage, i64)>,
    pub(super) reminded: Vec<(i64, i64)>,
}

/// GET /console/mailings/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = get(&operator, &id).await?;
    let remind = reminder_filled(&operator, &one);
    show_page(&operator, StatusCode::OK, one, None, remind).await
}

/// What stands in the form for a reminder.
pub(super) fn reminder_filled(operator: &Operator, one: &Mailing) -> Filled {
    let name: String = operator.fill("mailing-remind-name", "name", &one.name).chars().take(100).collect();
    Filled::with([
        ("remind", name),
        ("stage", Stage::NotDone.as_str().to_owned()),
        ("gap_hours", "72".to_owned()),
        ("most", "3".to_owned()),
    ])
}

/// The page, with why something was not done.
pub(super) async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Mailing,
    notice: Option<String>,
    remind: Filled,
) -> Result<Response, Failure> {
    let read = read(operator, &one).await?;
    let named = |id: &PersonId| read.names.get(id).cloned().unwrap_or_else(|| operator.say("run-erased"));
    let begun = match one.started_at {
        Some(_) => Some(begun(operator, &one, &read).await?),
        None => None,
    };
    let steps = if one.state.is_editable() && !one.archived {
        Some(Steps::of(operator, &one, &read).await?)
    } else {
        None
    };
    let armed = (one.state == MailingState::Armed).then(|| Armed {
        at: starts_at(operator, &one).unwrap_or_default(),
        by: one.armed_by.as_ref().map(named).unwrap_or_default(),
        settled: operator.say(&settled_id(&one)),
    });
    let name = one.intent.as_str().replace('_', "-");
    // Whoever had a part in it would be refused.
    let has_part = one.editors.contains(&operator.id()) || one.owner_id == operator.id();
    let may = May {
        draft: operator.may(Permission::MailingsDraft),
        send: operator.may(one.intent.needs()),
        approve: operator.may(Permission::MailingsApprove) && !has_part,
        export: operator.may(Permission::PeopleExport),
        see_runs: operator.may(Permission::RunsView),
        remind: operator.may(Permission::MailingsDraft) && one.started_at.is_some() && one.reminder.is_none(),
    };
    let page = MailingPage {
        shell: operator.shell(Place::Mailings),
        path: path_of(&one),
        number: one.number,
        state: if one.archived { "archived" } else { state_class(one.state) },
        label: state_label(operator, one.state, one.archived),
        archived: one.archived,
        intent: intent_label(operator, one.intent),
        means: operator.say(&format!("intent-{name}-means")),
        is_danger: one.intent == domain::mailing::Intent::ForcePassword,
        reminds: read.reminds.as_ref().map(|of| (path_of(of), of.name.clone())),
        subject: one.words.subject.clone(),
        cause: one.cause.clone().unwrap_or_default(),
        facts: facts(operator, &one, &named),
        stages: super::recipients::stages(operator, remind.value("stage")),
        folder: one.folder,
        title: one.name,
        notice,
        steps,
        armed,
        begun,
        remind,
        may,
    };
    page::show(status, &page)
}

async fn read(operator: &Operator, one: &Mailing) -> Result<Read, Failure> {
    let one = one.clone();
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let mut people = vec![one.owner_id];
            people.extend(one.armed_by.iter().chain(&one.approved_by));
            people.extend(&one.editors);
            let selection = match one.selection_id {
                None => None,
                Some(id) => {
                    selection::list(tx, None).await?.into_iter().find(|one| one.id == id).map(|one| one.name)
                }
            };
            let reminds = match &one.reminder {
                Some(reminder) => Some(mailing::get(tx, reminder.of).await?),
                None => None,
            };
            let mut read = Read {
                names: names_of(tx, &people).await?,
                reminds,
                selection,
                groups: mailing::list_groups(tx, one.id).await?,
                named: mailing::count_people(tx, one.id).await?,
                runs: run::list_of_mailing(tx, one.id).await?,
                reminders: Vec::new(),
                funnel: Funnel::default(),
                left: Vec::new(),
                reminded: Vec::new(),
            };
            if one.started_at.is_some() {
                let root = one.root();
                read.funnel = mailing::funnel(tx, root).await?;
                for stage in Stage::ALL {
                    read.left.push((*stage, mailing::count_at(tx, root, FunnelStage::At(*stage)).await?));
                }
                read.reminded = mailing::count_reminders(tx, root).await?;
                for reminder in mailing::list_reminders(tx, one.id).await? {
                    let accepted = mailing::glance(tx, &reminder).await?.accepted;
                    read.reminders.push((reminder, accepted));
                }
            }
            Ok::<_, store::StoreError>(read)
        })
    });
    Ok(read.await?)
}

fn settled_id(one: &Mailing) -> String {
    match (&one.reminder, one.settled) {
        (Some(_), _) => "settled-reminder-now".to_owned(),
        (None, Settled::WhenArmed) => "settled-when-armed-done".to_owned(),
        (None, Settled::AtStart) => "settled-at-start-now".to_owned(),
    }
}

/// What has come of a mailing that has begun.
async fn begun(operator: &Operator, one: &Mailing, read: &Read) -> Result<Begun, Failure> {
    let words = operator.context.words;
    let mut left_out: BTreeMap<String, i64> = BTreeMap::new();
    let mut failures: BTreeMap<String, i64> = BTreeMap::new();
    for run in &read.runs {
        let report = Report::read(&operator.state().store, run.id, operator.now_ms()).await?;
        for (reason, count) in report.left_out {
            *left_out.entry(words.reason(&reason)).or_default() += count;
        }
        for (reply, count) in report.failures {
            *failures.entry(reply).or_default() += count;
        }
    }
    let sorted = |counts: BTreeMap<String, i64>| {
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts.truncate(MOST_CAUSES);
        counts.into_iter().map(|(what, count)| (what, grouped(count))).collect::<Vec<_>>()
    };
    let reminders = read.reminders.iter().map(|(reminder, accepted)| ReminderLine {
        path: path_of(reminder),
        name: reminder.name.clone(),
        state: state_class(reminder.state),
        label: state_label(operator, reminder.state, reminder.archived),
        stage: reminder
            .reminder
            .as_ref()
            .map(|one| operator.say(&format!("stage-{}", one.stage.as_str().replace('_', "-"))))
            .unwrap_or_default(),
        people: if reminder.started_at.is_some() { grouped(*accepted) } else { "–".to_owned() },
    });
    let late = one.late_until_at.map(|at| {
        let id = if at > operator.now_ms() { "mailing-late-now" } else { "mailing-late-over" };
        operator.fill(id, "time", &wall(operator, &one.time_zone, at))
    });
    Ok(Begun {
        bars: funnel::bars(operator, one, &read.funnel),
        asides: funnel::asides(operator, one, &read.funnel),
        left: funnel::left(operator, one, &read.left),
        runs: read.runs.iter().rev().map(|run| runs::Line::of(operator, run)).collect(),
        reminders: reminders.collect(),
        reminded: read
            .reminded
            .iter()
            .map(|(times, people)| {
                words.say_with(
                    "mailing-reminded",
                    &[("times", &times.to_string()), ("people", &grouped(*people))],
                )
            })
            .collect(),
        left_out: sorted(left_out),
        failures: sorted(failures),
        is_going_on: read.runs.iter().any(|run| !run.state.is_over()),
        late: late.unwrap_or_default(),
    })
}

fn facts(operator: &Operator, one: &Mailing, named: &impl Fn(&PersonId) -> String) -> Vec<(String, String)> {
    let editors: Vec<String> = one.editors.iter().filter(|id| **id != one.owner_id).map(named).collect();
    let sender = format!("{} <{}>", one.words.sender_name, one.words.sender_address);
    let link = one.intent == domain::mailing::Intent::PersonalLink;
    let force = one.intent == domain::mailing::Intent::ForcePassword;
    let hours = |hours: u32| operator.fill("job-hours", "count", &hours.to_string());
    let mode = format!("mode-{}", one.password.mode.as_str().replace('_', "-"));
    let facts = [
        ("automation-owner", Some(named(&one.owner_id))),
        ("mailing-editors", Some(editors.join(", ")).filter(|text| !text.is_empty())),
        ("mailing-sender", Some(sender)),
        ("mailing-reply-to", Some(one.words.reply_to.clone()).filter(|text| !text.is_empty())),
        ("template-language", Some(operator.say(&format!("language-{}", one.words.language.tag())))),
        ("mailing-link-hours", link.then(|| hours(one.link_hours))),
        ("job-fact-mode", force.then(|| operator.say(&mode))),
        ("job-fact-valid", force.then(|| hours(one.password.valid_hours))),
        ("mailing-start", one.starts_at.and_then(|_| starts_at(operator, one))),
        ("mailing-began", one.started_at.map(|at| operator.at(at))),
        ("mailing-approved-by", one.approved_by.as_ref().map(named)),
        ("mailing-keep", one.keep_days.map(|days| operator.fill("mailing-days", "count", &days.to_string()))),
        ("mailing-forgotten", one.forgotten_at.map(|at| operator.at(at))),
        ("run-created", Some(operator.at(one.created_at))),
    ];
    facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect()
}
