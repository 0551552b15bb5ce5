//! `passpost event show`: one event, and what each automation made of it.

use super::words;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use domain::event::EventType;
use domain::role::Permission;
use serde_json::json;
use store::event::{self, Event, job};
use store::{StoreError, Tx};

/// What the ids of an event are called.
#[derive(Debug, Default)]
struct Names {
    person: Option<String>,
    actor: Option<String>,
    group: Option<String>,
    run: Option<String>,
    automation: Option<String>,
    chain: Vec<String>,
}

pub(super) async fn run(context: &Context, number: i64) -> Outcome {
    context.acting(Permission::EventsView).await?;
    let read = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let event = event::get(tx, number).await?;
                let jobs = job::list_of_event(tx, number).await?;
                let names = Names::read(tx, &event).await?;
                Ok((event, jobs, names))
            })
        })
        .await;
    let (event, jobs, names) = read.map_err(|error| match error {
        StoreError::NotFound(_) => Failure::usage(format!("there is no event {number}")).hint(
            "`passpost event list` shows which there are; old ones are forgotten (limits.keep_events_days)",
        ),
        other => other.into(),
    })?;
    if context.out.is_json() {
        context.out.document(&json!({ "event": event, "jobs": jobs }));
        return Ok(Done::All);
    }
    context.out.heading(format!("Event {}: {}", event.number, event.event_type));
    context.out.facts(&facts(&event, &names));
    if !event.data.is_null() {
        context.out.line("  Data");
        for line in serde_json::to_string_pretty(&event.data).unwrap_or_default().lines() {
            context.out.line(format!("    {line}"));
        }
    }
    context.out.line("");
    match (jobs.is_empty(), event.routed_at) {
        (true, None) => context.out.line("No automation was asked yet; the server does that within seconds."),
        (true, Some(_)) => context.out.line("No automation listened to it."),
        (false, _) => {}
    }
    for one in &jobs {
        context.out.line(format!("{}: {}", words::automation(one), words::outcome(one)));
    }
    Ok(Done::All)
}

impl Names {
    async fn read(tx: &mut Tx, event: &Event) -> Result<Self, StoreError> {
        let all = store::automation::list(tx, false).await?;
        let named = |id| {
            all.iter().find(|one| one.id == id).map_or_else(
                || "an automation that is gone or archived".to_owned(),
                |one| format!("{} {:?}", one.number, one.name),
            )
        };
        Ok(Self {
            person: match event.contact_id.or(event.system_user_id) {
                Some(id) => store::person::find(tx, id).await?.map(|person| person.username),
                None => None,
            },
            actor: match event.actor_id {
                Some(id) => store::person::find(tx, id).await?.map(|person| person.username),
                None => None,
            },
            group: match event.group_id {
                Some(id) => store::group::find(tx, id).await?.map(|group| group.name),
                None => None,
            },
            run: match event.run_id {
                Some(id) => {
                    Some(store::run::get(tx, id).await?).map(|run| format!("{} {:?}", run.number, run.name))
                }
                None => None,
            },
            automation: event.automation_id.map(named),
            chain: event.chain.iter().copied().map(named).collect(),
        })
    }
}

fn facts(event: &Event, names: &Names) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Ok(known) = EventType::parse(&event.event_type)
        && let Some(built_in) = known.built_in()
    {
        facts.push(("What", words::meaning(built_in).to_owned()));
    }
    facts.push(("Source", event.source.clone()));
    let texts = [("Id", &event.event_id), ("Subject", &event.subject)];
    facts.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))));
    facts.push(("Arrived", moment(event.received_at)));
    facts.extend(event.claimed_at.map(|at| ("Happened", format!("{}, as its sender says", moment(at)))));
    let is_system_user = event.system_user_id.is_some() || event.system_user.is_some();
    let about = words::about(event, names.person.as_deref());
    facts.push((if is_system_user { "System user" } else { "Contact" }, about));
    let found = [
        ("Caused by", &names.actor),
        ("Group", &names.group),
        ("Run", &names.run),
        ("Automation", &names.automation),
    ];
    facts.extend(found.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))));
    if !names.chain.is_empty() {
        facts.push(("Led here by", names.chain.join(" → ")));
    }
    for (name, value) in &event.extensions {
        facts.push(("Extension", format!("{name} = {value}")));
    }
    facts
}
