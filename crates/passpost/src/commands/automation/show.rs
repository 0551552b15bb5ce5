//! Automations as lists and pages show them.

use super::reminder::Reminder;
use super::{approve, find, of_event};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, number};
use crate::table::{self, Column};
use domain::role::Permission;
use jiff::Timestamp;
use serde_json::json;
use store::automation::{self, Automation};
use store::occurrence;

/// Columns for the event that begins an automation, in the list.
const MOST_OF_TYPE: usize = 26;

pub(super) async fn list(context: &Context, archived: bool) -> Outcome {
    context.acting(Permission::AutomationsView).await?;
    let found = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for one in automation::list(tx, archived).await? {
                    let owner = store::person::find(tx, one.owner_id).await?;
                    rows.push((one, owner.map_or_else(|| "–".to_owned(), |owner| owner.username)));
                }
                Ok::<_, store::StoreError>(rows)
            })
        })
        .await?;
    if context.out.is_json() {
        let automations: Vec<&Automation> = found.iter().map(|(one, _)| one).collect();
        context.out.document(&automations);
        return Ok(Done::All);
    }
    if found.is_empty() && !archived {
        context.out.line("There is no automation yet. Save one:");
        context.out.line("  passpost automation create \"Yearly renewal\" --selection Members");
        context.out.line(
            "or let an event begin it: passpost automation create Welcome --event passpost.person.created",
        );
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|(one, owner)| {
            vec![
                one.number.to_string(),
                one.name.clone(),
                owner.clone(),
                begins(one),
                number(one.errors_count),
                status(one),
            ]
        })
        .collect();
    let columns = [
        Column::Right("NO"),
        Column::Left("NAME"),
        Column::Left("OWNER"),
        Column::Whole("NEXT RUN"),
        Column::Right("ERRORS"),
        Column::Whole("STATUS"),
    ];
    table::print(&context.out, &columns, &rows);
    Ok(Done::All)
}

/// When the next run begins, or the event that begins one.
fn begins(one: &Automation) -> String {
    match &one.event {
        None => wall_time(one, one.next_at),
        Some(step) => {
            let text = step.event.type_name();
            let text = text.strip_prefix(domain::event::RESERVED).unwrap_or(&text);
            console::truncate_str(&format!("on {text}"), MOST_OF_TYPE, "…").into_owned()
        }
    }
}

pub(super) async fn one(context: &Context, which: &str, upcoming: usize) -> Outcome {
    context.acting(Permission::AutomationsView).await?;
    let one = find(context, which).await?;
    if one.is_of_events() {
        return of_event::show::one(context, &one).await;
    }
    let (id, owner_id, selection_id) = (one.id, one.owner_id, one.selection_id);
    let reminder_to = one.reminder_to.clone();
    let (past, owner, selection, reminder) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let past = occurrence::list(tx, id, 5).await?;
                let owner = store::person::find(tx, owner_id).await?;
                let selection = match selection_id {
                    Some(id) => Some(store::selection::get(tx, id).await?),
                    None => None,
                };
                let reminder = Reminder::read(tx, id, reminder_to).await?;
                Ok::<_, store::StoreError>((past, owner, selection, reminder))
            })
        })
        .await?;
    let approval = approve::standing(context, id).await?;
    if context.out.is_json() {
        let next = upcoming_times(context, &one, upcoming).await?;
        let next: Vec<String> = next.iter().map(|(at, _)| at.to_string()).collect();
        let reminder = reminder.document(&one);
        let document = json!({ "automation": one, "next": next, "past": past, "approval": approval, "reminder": reminder });
        context.out.document(&document);
        return Ok(Done::All);
    }
    context.out.heading(format!("{} {}", one.number, one.name));
    let owner = owner.map_or_else(|| "–".into(), |owner| owner.username);
    let selection = selection.map_or_else(|| "–".into(), |selection| selection.name);
    let approval = approve::words(approval.as_ref());
    context.out.facts(&facts(&one, owner, selection, approval, &reminder));
    next(context, &one, upcoming).await?;
    print_past(context, &past);
    Ok(Done::All)
}

/// Prints the last occurrences and what became of them.
fn print_past(context: &Context, past: &[occurrence::Listed]) {
    let rows: Vec<Vec<String>> = past
        .iter()
        .map(|one| vec![moment(one.planned_at), one.outcome.clone(), one.detail.clone()])
        .collect();
    if !rows.is_empty() {
        context.out.line("");
    }
    table::print(
        &context.out,
        &[Column::Whole("PLANNED"), Column::Whole("OUTCOME"), Column::Left("DETAIL")],
        &rows,
    );
}

fn facts(
    one: &Automation,
    owner: String,
    selection: String,
    approval: String,
    reminder: &Reminder,
) -> Vec<(&'static str, String)> {
    let job = one.job.password();
    let mut facts = vec![
        ("Status", status(one)),
        ("Owner", owner),
        ("Job", format!("{}, {}", one.job.name(), job.mode.as_str().replace('_', " "))),
        ("Selection", selection),
        ("Valid for", format!("{} hours", job.valid_hours)),
        ("Not again", format!("within {} hours", job.remail_after_hours)),
        ("Approval", approval),
        ("Schedule", one.schedule.as_ref().map_or_else(|| "none yet".into(), ToString::to_string)),
        ("Runs", number(one.runs_count)),
    ];
    if !one.reminder_to.is_empty() {
        facts.push(("Reminder", reminder.words(one)));
    }
    if let Some(error) = &one.last_error {
        let when = one.last_error_at.map(moment).unwrap_or_default();
        facts.push(("Last error", format!("{error} ({when}; {} in all)", number(one.errors_count))));
    }
    if !one.description.is_empty() {
        facts.insert(0, ("What for", one.description.clone()));
    }
    facts
}

/// Prints the next occurrences.
pub(super) async fn next(context: &Context, one: &Automation, count: usize) -> Result<(), Failure> {
    let times = upcoming_times(context, one, count).await?;
    if times.is_empty() {
        return Ok(());
    }
    context.out.line(if one.status.is_active() { "  Next:" } else { "  Would run:" });
    for (at, shifted) in times {
        let note = if shifted { "  (moved to an allowed day)" } else { "" };
        context.out.line(format!("    {}{note}", wall_time(one, Some(at.as_millisecond()))));
    }
    Ok(())
}

async fn upcoming_times(
    context: &Context,
    one: &Automation,
    count: usize,
) -> Result<Vec<(Timestamp, bool)>, Failure> {
    let Some(schedule) = &one.schedule else { return Ok(Vec::new()) };
    let calendar = context.store.read(|tx| Box::pin(automation::calendar(tx))).await?;
    let now = Timestamp::from_millisecond(now_ms()).map_err(Failure::failed)?;
    let found = schedule.next_n(&calendar, now, count);
    Ok(found.into_iter().map(|occurrence| (occurrence.at, occurrence.is_shifted())).collect())
}

/// A moment as wall time in the automation's own zone.
pub(crate) fn wall_time(one: &Automation, at_ms: Option<i64>) -> String {
    let Some(at) = at_ms.and_then(|at| Timestamp::from_millisecond(at).ok()) else { return "–".into() };
    let zone = one.schedule.as_ref().map(domain::schedule::Schedule::zone);
    let zone = zone.or_else(|| one.frame.as_ref().map(domain::schedule::TimeFrame::zone));
    match zone.and_then(|zone| jiff::tz::TimeZone::get(zone).ok()) {
        Some(zone) => at.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
        None => at.to_string(),
    }
}

pub(super) fn status(one: &Automation) -> String {
    if one.archived { "archived".into() } else { one.status.as_str().replace('_', " ") }
}
