//! An automation that an event begins, as pages show it.

use super::{selection_name, title};
use crate::clock::now_ms;
use crate::commands::automation::approve;
use crate::commands::automation::reminder::Reminder;
use crate::commands::automation::show::{status, wall_time};
use crate::commands::event::words;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, number};
use crate::table::{self, Column};
use domain::automation::{Only, Target};
use domain::event_job::{EventJobReason, EventJobState};
use domain::id::{GroupId, PersonId};
use domain::schedule::Standing;
use flow::Approval;
use jiff::Timestamp;
use serde_json::json;
use store::automation::{self, Automation};
use store::event::job;

/// What stands beside the automation itself.
struct Beside {
    owner: String,
    selection: Option<String>,
    group: Option<String>,
    after: Option<String>,
    system_user: Option<String>,
    target: Option<String>,
    waiting: (i64, Option<i64>),
    counts: Vec<(EventJobState, Option<EventJobReason>, i64)>,
    reminder: Reminder,
    approval: Option<Approval>,
}

/// `automation show NAME`.
pub(in crate::commands::automation) async fn one(context: &Context, one: &Automation) -> Outcome {
    let beside = Beside::read(context, one).await?;
    let allowed = next_allowed(context, one).await?;
    if context.out.is_json() {
        let counts: Vec<_> = beside
            .counts
            .iter()
            .map(|(state, reason, count)| json!({ "state": state, "reason": reason, "count": count }))
            .collect();
        context.out.document(&json!({
            "automation": one,
            "next_allowed_at": allowed.map(Timestamp::as_millisecond),
            "waiting": { "count": beside.waiting.0, "first_due_at": beside.waiting.1 },
            "counts": counts,
            "approval": beside.approval,
            "reminder": beside.reminder.document(one),
        }));
        return Ok(Done::All);
    }
    context.out.heading(format!("{} {}", one.number, one.name));
    context.out.facts(&facts(one, &beside, may_act(context, one).await?));
    print_counts(context, &beside.counts);
    Ok(Done::All)
}

impl Beside {
    async fn read(context: &Context, one: &Automation) -> Result<Self, Failure> {
        let (id, reminder_to) = (one.id, one.reminder_to.clone());
        let step = one.event.clone();
        let target = match one.target {
            Some(Target::Person(person)) => Some(person),
            Some(Target::EventParameter) | None => None,
        };
        let people = [Some(one.owner_id), step.as_ref().and_then(|step| step.system_user), target];
        let (group, after) =
            (step.as_ref().and_then(|step| step.group), step.as_ref().and_then(|step| step.automation));
        let (names, group, after, waiting, counts, reminder) = context
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let mut names = Vec::new();
                    for person in people {
                        names.push(named(tx, person).await?);
                    }
                    let after = match after {
                        None => None,
                        Some(id) => Some(
                            automation::list(tx, false)
                                .await?
                                .into_iter()
                                .find(|one| one.id == id)
                                .map_or_else(
                                    || "an automation that is gone or archived".to_owned(),
                                    |found| title(&found),
                                ),
                        ),
                    };
                    Ok::<_, store::StoreError>((
                        names,
                        grouped(tx, group).await?,
                        after,
                        job::count_waiting(tx, id).await?,
                        job::count_by_state(tx, id).await?,
                        Reminder::read(tx, id, reminder_to).await?,
                    ))
                })
            })
            .await?;
        let [owner, system_user, target] = <[Option<String>; 3]>::try_from(names).unwrap_or_default();
        Ok(Self {
            owner: owner.unwrap_or_else(|| "–".into()),
            selection: selection_name(context, one.selection_id).await?,
            group,
            after,
            system_user,
            target,
            waiting,
            counts,
            reminder,
            approval: approve::standing(context, one.id).await?,
        })
    }
}

async fn named(tx: &mut store::Tx, person: Option<PersonId>) -> Result<Option<String>, store::StoreError> {
    let Some(id) = person else { return Ok(None) };
    let found = store::person::find(tx, id).await?;
    Ok(Some(found.map_or_else(|| "(erased)".to_owned(), |found| found.username)))
}

async fn grouped(tx: &mut store::Tx, group: Option<GroupId>) -> Result<Option<String>, store::StoreError> {
    let Some(id) = group else { return Ok(None) };
    let found = store::group::find(tx, id).await?;
    Ok(Some(found.map_or_else(|| "a group that is gone".to_owned(), |found| format!("{:?}", found.name))))
}

fn facts(one: &Automation, beside: &Beside, may_act: String) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Status", status(one)), ("Owner", beside.owner.clone())];
    if !one.description.is_empty() {
        facts.insert(0, ("What for", one.description.clone()));
    }
    facts.extend(event_facts(one, beside));
    facts.extend(job_facts(one, beside));
    facts.push(("Approval", approve::words(beside.approval.as_ref())));
    facts.push(("Time frame", one.frame.as_ref().map_or_else(|| "none yet".into(), ToString::to_string)));
    if one.frame.is_some() {
        facts.push(("Acts", may_act));
    }
    facts.push(("Waiting", waiting(one, beside.waiting)));
    facts.push(("Runs", number(one.runs_count)));
    if !one.reminder_to.is_empty() {
        facts.push(("Reminder", beside.reminder.words(one)));
    }
    if let Some(error) = &one.last_error {
        let when = one.last_error_at.map(moment).unwrap_or_default();
        facts.push(("Last error", format!("{error} ({when}; {} in all)", number(one.errors_count))));
    }
    facts
}

fn event_facts(one: &Automation, beside: &Beside) -> Vec<(&'static str, String)> {
    let Some(step) = &one.event else { return Vec::new() };
    let mut facts = vec![("Event", words::called(&step.event))];
    facts.extend(beside.group.clone().map(|group| ("Group", group)));
    facts.extend(step.source.clone().map(|source| ("From", source)));
    facts.extend(beside.after.clone().map(|name| ("After", name)));
    facts.extend(beside.system_user.clone().map(|name| ("Of", name)));
    if !step.attributes.is_empty() {
        facts.push(("Changed", format!("one of {}", step.attributes.join(", "))));
    }
    for condition in &step.conditions {
        let alike = if condition.ignore_case { ", capital and small letters alike" } else { "" };
        let text = format!("{} {} {:?}{alike}", condition.field, condition.operator, condition.value);
        facts.push(("Condition", text));
    }
    facts
}

fn job_facts(one: &Automation, beside: &Beside) -> Vec<(&'static str, String)> {
    if one.target.is_none() {
        return vec![("Job", "none yet".into())];
    }
    let settings = one.job.password();
    let is_link = one.job.only() == Some(Only::Anybody);
    let mode = settings.mode.as_str().replace('_', " ");
    let job = if is_link { one.job.name().to_owned() } else { format!("{}, {mode}", one.job.name()) };
    let selection = match (&beside.selection, one.job.only()) {
        (None, _) => "none: anybody".to_owned(),
        (Some(name), Some(Only::SystemUsers)) => format!("{name}: who must have caused the event"),
        (Some(name), _) => format!("{name}: whom it is limited to"),
    };
    vec![
        ("Job", job),
        ("Target", beside.target.clone().unwrap_or_else(|| "the person of the event".into())),
        ("Selection", selection),
        ("Delay", one.delay.map_or_else(|| "none".into(), |delay| delay.to_string())),
        ("Valid for", format!("{} hours", one.job.valid_hours())),
        ("Not again", format!("within {} hours", settings.remail_after_hours)),
    ]
}

fn waiting(one: &Automation, (count, first): (i64, Option<i64>)) -> String {
    match first {
        None => "nothing".into(),
        Some(_) => format!("{} {}, the first is due {}", number(count), jobs(count), wall_time(one, first)),
    }
}

/// `job` or `jobs`.
pub(in crate::commands::automation) const fn jobs(count: i64) -> &'static str {
    if count == 1 { "job" } else { "jobs" }
}

fn print_counts(context: &Context, counts: &[(EventJobState, Option<EventJobReason>, i64)]) {
    let rows: Vec<Vec<String>> = counts
        .iter()
        .map(|(state, reason, count)| {
            let why = reason.map_or_else(String::new, |reason| reason.explain().to_owned());
            vec![number(*count), state.as_str().replace('_', " "), why]
        })
        .collect();
    if !rows.is_empty() {
        context.out.line("");
    }
    let columns = [Column::Right("EVENTS"), Column::Whole("JOB"), Column::Left("WHY")];
    table::print(&context.out, &columns, &rows);
}

/// The next moment its time frame lets a job be done, whether it is active or not.
async fn next_allowed(context: &Context, one: &Automation) -> Result<Option<Timestamp>, Failure> {
    let Some(frame) = &one.frame else { return Ok(None) };
    let calendar = context.store.read(|tx| Box::pin(automation::calendar(tx))).await?;
    let now = Timestamp::from_millisecond(now_ms()).map_err(Failure::failed)?;
    Ok(frame.next_allowed(&calendar, now))
}

/// When it may act, in one line.
pub(super) async fn may_act(context: &Context, one: &Automation) -> Result<String, Failure> {
    let Some(frame) = &one.frame else { return Ok("not before its time frame is saved".into()) };
    let now = Timestamp::from_millisecond(now_ms()).map_err(Failure::failed)?;
    let idle = if one.status.is_active() { "" } else { "; not while it is inactive" };
    let text = match (frame.standing(now), next_allowed(context, one).await?) {
        (Standing::Over, _) => "never again: its time frame is over".to_owned(),
        (_, None) => "never: no allowed day has these hours before the end".to_owned(),
        (_, Some(at)) if at <= now => "now".to_owned(),
        (_, Some(at)) => format!("not before {}", wall_time(one, Some(at.as_millisecond()))),
    };
    Ok(format!("{text}{idle}"))
}
