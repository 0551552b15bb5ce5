//! What an event would do now: one of Passpost's own by options, and how any simulation is told.

use super::read_data;
use super::words;
use crate::commands::automation::show::wall_time;
use crate::commands::{automation, group};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::watch;
use domain::event::{BuiltIn, EventType, RESERVED};
use domain::event_job::EventJobState;
use domain::role::Permission;
use flow::{Simulated, SimulatedJob, Simulation};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::automation::Automation;
use store::event::Happened;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which event, as in person.created; `passpost event types` shows them
    #[arg(long, value_name = "EVENT", value_parser = built_in)]
    built_in: BuiltIn,
    /// Who it is about
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// The group it is about
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// The automation it is about
    #[arg(long, value_name = "AUTOMATION")]
    automation: Option<String>,
    /// The system user who causes it
    #[arg(long, value_name = "USERNAME")]
    caused_by: Option<String>,
    /// What else it says: a JSON object, or @FILE
    #[arg(long, value_name = "JSON")]
    event_data: Option<String>,
}

/// Reads `person.created` or `passpost.person.created`.
fn built_in(text: &str) -> Result<BuiltIn, String> {
    BuiltIn::parse(text.strip_prefix(RESERVED).unwrap_or(text)).ok_or_else(|| {
        let all: Vec<&str> = BuiltIn::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of {}; events of your own: passpost event send --dry-run", all.join(", "))
    })
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting(Permission::EventsView).await?;
    let what = args.built_in;
    let about = args.happened(context).await?;
    let flow = watch::flow(context, None)?;
    let found = flow.simulate_event(Simulation::BuiltIn(what, about), &acting).await?;
    print(context, &[found]).await
}

impl Args {
    async fn happened(&self, context: &Context) -> Result<Happened, Failure> {
        let carried = self.built_in.carried();
        let given = [
            ("--person", self.person.is_some(), carried.contact || carried.system_user),
            ("--group", self.group.is_some(), carried.group),
            ("--automation", self.automation.is_some(), carried.automation),
        ];
        if let Some((option, ..)) = given.iter().find(|(_, given, carried)| *given && !carried) {
            let carries = words::carries(&EventType::BuiltIn(self.built_in));
            return Err(Failure::usage(format!(
                "{option}: {} carries {carries}; leave the option out",
                self.built_in
            )));
        }
        let may_lack = self.built_in == BuiltIn::AutomationFinished;
        let lacking =
            given.iter().find(|(option, given, carried)| *carried && !given && *option != "--automation");
        if let Some((option, ..)) = lacking.filter(|_| !may_lack) {
            return Err(Failure::usage(format!(
                "{option} is missing: say whom or what {} is about",
                self.built_in
            )));
        }
        let mut about = Happened { data: json!({}), ..Happened::default() };
        if let Some(who) = &self.person {
            about.people.push(self.checked_person(context, who).await?);
        }
        if let Some(name) = &self.group {
            let group = group::find(context, name).await?;
            about.data = json!({ "group": group.name });
            about.group = Some(group.id);
        }
        if let Some(which) = &self.automation {
            about.automation = Some(automation::find(context, which).await?.id);
        }
        if let Some(name) = &self.caused_by {
            let person = context.person(name).await?;
            if person.system.is_none() {
                return Err(Failure::usage(format!("--caused-by: {name} is no system user")));
            }
            about.actor = Some(person.id);
        }
        if let Some(text) = &self.event_data {
            about.data = match read_data("--event-data", text)? {
                object @ Value::Object(_) => object,
                _ => {
                    return Err(Failure::usage(
                        "--event-data: expected a JSON object such as '{\"origin\": \"api\"}'",
                    ));
                }
            };
        }
        Ok(about)
    }

    async fn checked_person(&self, context: &Context, who: &str) -> Result<domain::id::PersonId, Failure> {
        let carried = self.built_in.carried();
        let person = context.person(who).await?;
        let name = &person.username;
        match person.system.is_some() {
            true if !carried.system_user => Err(Failure::usage(format!(
                "--person: {} is about contacts, and {name} has a system role",
                self.built_in
            ))),
            false if !carried.contact => Err(Failure::usage(format!(
                "--person: {} is about system users, and {name} has no system role",
                self.built_in
            ))),
            _ => Ok(person.id),
        }
    }
}

/// Tells what events would do; for programs one document, or one a line where there are several.
pub(super) async fn print(context: &Context, found: &[Simulated]) -> Outcome {
    if context.out.is_json() {
        match found {
            [one] => context.out.document(one),
            several => several.iter().for_each(|one| context.out.json_line(one)),
        }
        return Ok(Done::All);
    }
    let listeners = context.store.read(|tx| Box::pin(store::automation::list_of_events(tx))).await?;
    let calendar = context.store.read(|tx| Box::pin(store::automation::calendar(tx))).await?;
    for (place, one) in found.iter().enumerate() {
        if place > 0 {
            context.out.line("");
        }
        let Some(event) = &one.event else {
            context.out.line("An event with this source and id is known already: nothing would be done.");
            continue;
        };
        let id = event.event_id.as_ref().map_or_else(String::new, |id| format!(" {id}"));
        context.out.heading(format!("{}{id}: nothing is changed", event.event_type));
        if one.jobs.is_empty() {
            context.out.line("  No automation listens to it, so nothing would be done.");
        }
        for job in &one.jobs {
            let listener = listeners.iter().find(|one| one.id == job.job.automation_id);
            let allowed = job.would_be_due_at.and_then(|due| {
                let due = Timestamp::from_millisecond(due).ok()?;
                listener?.frame.as_ref()?.next_allowed(&calendar, due)
            });
            context.out.line(format!("  {}: {}", words::automation(&job.job), would(job, listener, allowed)));
        }
    }
    Ok(Done::All)
}

/// What one automation would do, in a sentence.
fn would(one: &SimulatedJob, listener: Option<&Automation>, allowed: Option<Timestamp>) -> String {
    let who = words::person(&one.job);
    if let Some(refusal) = &one.refusal {
        return format!("its run could not begin: {refusal}");
    }
    if let Some(why) = words::left_out(&one.job) {
        return format!("{who} would be left out: {why}");
    }
    if one.job.state == EventJobState::NotActedOn || one.job.state == EventJobState::Cancelled {
        return format!("nothing would be done: {}", words::why(&one.job));
    }
    let Some(listener) = listener else { return format!("{who} would be mailed") };
    let gift = words::gift(listener.job.carries());
    let due = one.would_be_due_at.unwrap_or_default();
    let when = match (allowed, listener.delay) {
        (None, _) => return format!("{who} would be mailed {gift}, but its time frame is over before that"),
        (Some(at), _) if at.as_millisecond() > due => {
            let at = wall_time(listener, Some(at.as_millisecond()));
            format!("on {at}, the first moment its days and hours allow")
        }
        (Some(_), Some(delay)) => format!("after {delay}, on {}", wall_time(listener, Some(due))),
        (Some(_), None) => "at once".into(),
    };
    format!("{who} would be mailed {gift} {when}")
}
