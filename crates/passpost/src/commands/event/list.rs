//! `passpost event list`: the event log.

use super::words;
use crate::commands::automation;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, number};
use crate::table::{self, Column};
use domain::event_job::EventJobState;
use domain::role::Permission;
use store::event::{self, Logged, Wanted};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only from this source
    #[arg(long, value_name = "URI")]
    source: Option<String>,
    /// Only about this person
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// Only those this automation listened to, by number or name
    #[arg(long)]
    automation: Option<String>,
    /// Only those with a job in this state: waiting, executed, not_acted_on, cancelled
    #[arg(long, value_parser = state)]
    state: Option<EventJobState>,
    /// Only those no automation listened to
    #[arg(long, conflicts_with_all = ["automation", "state"])]
    unheard: bool,
    /// Only those with a smaller number, for the next page
    #[arg(long, default_value_t = i64::MAX, hide_default_value = true, value_name = "NUMBER")]
    before: i64,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

fn state(text: &str) -> Result<EventJobState, String> {
    EventJobState::parse(&text.to_ascii_lowercase().replace(['-', ' '], "_")).ok_or_else(|| {
        let all: Vec<&str> = EventJobState::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of {}", all.join(", "))
    })
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    context.acting(Permission::EventsView).await?;
    let person = match &args.person {
        Some(who) => Some(context.person(who).await?.id),
        None => None,
    };
    let of = match &args.automation {
        Some(which) => Some(automation::find(context, which).await?.id),
        None => None,
    };
    let wanted = Wanted {
        event_type: args.event_type,
        source: args.source,
        person,
        automation: of,
        state: args.state,
        unheard: args.unheard,
    };
    let is_all = wanted == Wanted::default();
    let (before, limit) = (args.before, args.limit);
    let found = context
        .store
        .read(move |tx| Box::pin(async move { event::list(tx, &wanted, before, limit).await }))
        .await?;
    if context.out.is_json() {
        context.out.document(&found);
        return Ok(Done::All);
    }
    if found.is_empty() {
        context.out.line(if is_all {
            "There was no event yet, or none that an automation listens to.\n\
             Of Passpost's own events only those are kept. Send one: passpost event send --type TYPE --contact NAME"
        } else {
            "There is no such event."
        });
    }
    print(context, &found).await?;
    if let Some(last) = found.last().filter(|_| i64::try_from(found.len()).is_ok_and(|count| count == limit))
    {
        context.out.note(format!("There may be more: --before {}", last.event.number));
    }
    Ok(Done::All)
}

async fn print(context: &Context, found: &[Logged]) -> Result<(), Failure> {
    let people: Vec<_> = found.iter().map(|one| one.event.contact_id.or(one.event.system_user_id)).collect();
    let names = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut names = Vec::new();
                for id in people {
                    names.push(match id {
                        Some(id) => store::person::find(tx, id).await?.map(|person| person.username),
                        None => None,
                    });
                }
                Ok::<_, store::StoreError>(names)
            })
        })
        .await?;
    let rows: Vec<Vec<String>> =
        found.iter().zip(&names).map(|(one, name)| row(one, name.as_deref())).collect();
    let columns = [
        Column::Right("NO"),
        Column::Whole("ARRIVED"),
        Column::Left("TYPE"),
        Column::Left("ABOUT"),
        Column::Left("AUTOMATIONS"),
    ];
    table::print(&context.out, &columns, &rows);
    Ok(())
}

fn row(one: &Logged, username: Option<&str>) -> Vec<String> {
    let event = &one.event;
    vec![
        event.number.to_string(),
        moment(event.received_at),
        event.event_type.clone(),
        words::about(event, username),
        jobs(one),
    ]
}

/// How its jobs stand: `1 waits, 1 of 3 in a run`.
fn jobs(one: &Logged) -> String {
    if one.event.routed_at.is_none() {
        return "not asked yet".into();
    }
    let idle = one.listened - one.waiting - one.executed;
    let parts = [(one.waiting, "waiting"), (one.executed, "in a run"), (idle, "not acted on")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(count)))
        .collect();
    if parts.is_empty() { "nobody listened".into() } else { parts.join(", ") }
}
