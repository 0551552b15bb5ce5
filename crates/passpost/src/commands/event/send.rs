//! `passpost event send`: an event from options, or events from files.

use super::file::Source;
use super::{read_data, simulate};
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::number;
use crate::progress::Progress;
use crate::watch;
use domain::event::cloud::{CloudEvent, Problem, read_structured};
use domain::role::Permission;
use flow::{Flow, Simulation};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use store::Acting;
use store::event::{self, Accepted, Event, Wanted};

/// The source of events of the command line.
const SOURCE: &str = "/command-line";
/// Events kept in one transaction.
const CHUNK: usize = 1_000;
/// The most events a dry run looks at.
const MOST_TRIED: u64 = 1_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// CloudEvents in JSON: one object, a list, or one object a line; - is stdin
    #[arg(conflicts_with = "event_type", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only say what it would do now, automation by automation; change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    one: One,
}

/// One event, attribute by attribute.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "One event from options")]
struct One {
    /// What happened, as in org.example.course.booked
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Where it comes from, a URI [default: /command-line]
    #[arg(long, value_name = "URI", requires = "event_type")]
    source: Option<String>,
    /// Its id, which no other event of its source has [default: a fresh one]
    #[arg(long, requires = "event_type")]
    id: Option<String>,
    /// The contact it is about, by user name or id
    #[arg(long, value_name = "NAME", requires = "event_type")]
    contact: Option<String>,
    /// The system user it is about, by user name or id
    #[arg(long, value_name = "NAME", requires = "event_type")]
    system_user: Option<String>,
    /// The group it is about, by name or id
    #[arg(long, value_name = "NAME", requires = "event_type")]
    group: Option<String>,
    /// What it is about, in the words of its source
    #[arg(long, requires = "event_type")]
    subject: Option<String>,
    /// When it happened, as in 2026-03-02T08:00:00Z; delays count from its arrival
    #[arg(long, requires = "event_type")]
    time: Option<String>,
    /// What else it says, for conditions: JSON, or @FILE
    #[arg(long, value_name = "JSON", requires = "event_type")]
    event_data: Option<String>,
    /// Another attribute; may be given several times
    #[arg(long, value_name = "NAME=VALUE", requires = "event_type", value_parser = pair)]
    extension: Vec<(String, String)>,
}

/// Reads `name=value`.
fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| format!("expected NAME=VALUE, not {text:?}"))
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let needed = if args.dry_run { Permission::EventsView } else { Permission::EventsSend };
    let acting = context.acting(needed).await?;
    let flow = watch::flow(context, None)?;
    if args.one.event_type.is_some() {
        let event = args.one.event()?;
        return match args.dry_run {
            true => {
                let found = flow.simulate_event(Simulation::Custom(Box::new(event)), &acting).await?;
                simulate::print(context, &[found]).await
            }
            false => send_one(context, &flow, event, &acting).await,
        };
    }
    if args.files.is_empty() {
        return Err(Failure::usage("it is not said what happened").hint(
            "passpost event send --type TYPE --contact NAME, or files of CloudEvents, or - for stdin",
        ));
    }
    let source = Source::of(args.files);
    if args.dry_run {
        try_out(context, &flow, &source, &acting).await
    } else {
        send_all(context, &flow, &source, &acting).await
    }
}

impl One {
    /// The event, checked as one that comes by the API.
    fn event(self) -> Result<CloudEvent, Failure> {
        let mut fields = Map::new();
        for (name, value) in self.extension {
            if fields.insert(name.clone(), json!(value)).is_some() {
                return Err(Failure::usage(format!("--extension: {name} is given twice")));
            }
        }
        let id = match self.id {
            Some(id) => id,
            None => domain::id::uuid_v7(now_ms(), randomness()?).to_string(),
        };
        let texts = [
            ("specversion", Some("1.0".to_owned())),
            ("type", self.event_type),
            ("id", Some(id)),
            ("source", Some(self.source.unwrap_or_else(|| SOURCE.to_owned()))),
            ("contact", self.contact),
            ("systemuser", self.system_user),
            ("group", self.group),
            ("subject", self.subject),
            ("time", self.time),
        ];
        for (name, value) in texts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if fields.insert(name.to_owned(), json!(value)).is_some() {
                return Err(Failure::usage(format!(
                    "--extension: {name} is no extension, it has an option of its own"
                )));
            }
        }
        if let Some(text) = &self.event_data {
            fields.insert("data".into(), read_data("--event-data", text)?);
        }
        read_structured(Value::Object(fields).to_string().as_bytes())
            .map_err(|problems| Failure::usage(told(&problems)))
    }
}

/// Every problem with the option it stands in.
fn told(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| {
        let option = match problem.pointer.trim_start_matches('/') {
            "" => return problem.detail.clone(),
            "systemuser" => "--system-user".to_owned(),
            "data" => "--event-data".to_owned(),
            name @ ("type" | "id" | "source" | "contact" | "group" | "subject" | "time") => {
                format!("--{name}")
            }
            name => format!("--extension {name}"),
        };
        format!("{option}: {}", problem.detail)
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn send_one(context: &Context, flow: &Flow, sent: CloudEvent, acting: &Acting) -> Outcome {
    let done = flow.accept_events(vec![sent.clone()], acting).await?;
    let kept = find(context, &sent).await?;
    let number = kept.as_ref().map(|event| event.number);
    let what = number.map_or_else(|| "the event".to_owned(), |number| format!("event {number}"));
    let text = if done.accepted == 1 {
        format!("{what} is accepted: {}, id {}", sent.event_type, sent.id)
    } else {
        format!("{what} is known already by its source and id; nothing is done")
    };
    let document = json!({
        "accepted": done.accepted, "known": done.known, "number": number, "source": sent.source, "id": sent.id
    });
    context.out.done(text, &document);
    if done.accepted == 1 {
        if let Some(event) = &kept {
            remark_names(context, event);
        }
        remark_listeners(context, &BTreeSet::from([sent.event_type])).await?;
        remark_server(context).await?;
    }
    Ok(Done::All)
}

/// The event as it is kept.
async fn find(context: &Context, sent: &CloudEvent) -> Result<Option<Event>, Failure> {
    let wanted = Wanted {
        event_type: Some(sent.event_type.clone()),
        source: Some(sent.source.clone()),
        ..Wanted::default()
    };
    let found = context
        .store
        .read(move |tx| Box::pin(async move { event::list(tx, &wanted, i64::MAX, 1_000).await }))
        .await?;
    Ok(found.into_iter().map(|one| one.event).find(|one| one.event_id.as_ref() == Some(&sent.id)))
}

/// Says whom and what nobody knows.
fn remark_names(context: &Context, event: &Event) {
    let names = [
        (&event.contact, event.contact_id.is_some(), "nobody has the user name or id"),
        (&event.system_user, event.system_user_id.is_some(), "nobody has the user name or id"),
    ];
    for (name, known, text) in names {
        if let Some(name) = name.as_ref().filter(|_| !known) {
            context.out.note(format!("{text} {name:?}: no automation can do anything for that person."));
        }
    }
}

/// Says which types no active automation listens to.
async fn remark_listeners(context: &Context, types: &BTreeSet<String>) -> Result<(), Failure> {
    let all = context.store.read(|tx| Box::pin(store::automation::list_of_events(tx))).await?;
    for one in types {
        let mut listeners = all.iter().filter(|listener| {
            listener.event.as_ref().is_some_and(|step| step.event.type_name() == one.as_str())
        });
        let first = listeners.clone().next();
        match first {
            None => context.out.note(format!("No automation listens to {one}.")),
            Some(_) if listeners.any(|listener| listener.status.is_active()) => {}
            Some(first) => context.out.note(format!(
                "No active automation listens to {one}: passpost automation activate {}",
                first.number
            )),
        }
    }
    Ok(())
}

/// Says that nothing happens until a server runs.
async fn remark_server(context: &Context) -> Result<(), Failure> {
    if !watch::is_served(context).await? {
        context.out.note("No server runs here: what was sent waits until `passpost serve` does.");
    }
    Ok(())
}

/// Sends files: looked at to their end first, then sent; from stdin as far as they can be read.
async fn send_all(context: &Context, flow: &Flow, source: &Source, acting: &Acting) -> Outcome {
    let mut total = 0;
    if !source.is_stdin() {
        let mut progress = Progress::begin(&context.out, "Checking", 0);
        let checked = source.each(async |_| {
            total += 1;
            progress.set(total, 0, "");
            Ok(())
        });
        let checked = checked.await;
        progress.end("");
        checked.map_err(|failure| failure.hint("nothing was sent"))?;
    }
    let mut sending =
        Sending { flow, acting, chunk: Vec::new(), done: Accepted::default(), types: BTreeSet::new() };
    let mut progress = Progress::begin(&context.out, "Sending", total);
    let read = source
        .each(async |event| {
            sending.add(event).await?;
            progress.set(sending.done.accepted + sending.done.known, total, "");
            Ok(())
        })
        .await;
    let last = if read.is_ok() { sending.flush().await } else { Ok(()) };
    progress.end("");
    let done = sending.done;
    let all = done.accepted + done.known;
    read.and(last).map_err(|failure| {
        if all == 0 {
            return failure.hint("nothing was sent");
        }
        failure.hint(format!(
            "{} before it were sent; send all of it again once it is right: what is known is left alone",
            events(all)
        ))
    })?;
    let text =
        format!("{}: {} accepted, {} known already", events(all), whole(done.accepted), whole(done.known));
    context.out.done(text, &done);
    if done.accepted > 0 {
        remark_listeners(context, &sending.types).await?;
        remark_server(context).await?;
    }
    Ok(Done::All)
}

/// Events on their way, a transaction at a time.
struct Sending<'a> {
    flow: &'a Flow,
    acting: &'a Acting,
    chunk: Vec<CloudEvent>,
    done: Accepted,
    types: BTreeSet<String>,
}

/// The most types that are remembered for remarks.
const MOST_TYPES: usize = 20;

impl Sending<'_> {
    async fn add(&mut self, event: CloudEvent) -> Result<(), Failure> {
        if self.types.len() < MOST_TYPES && !self.types.contains(&event.event_type) {
            self.types.insert(event.event_type.clone());
        }
        self.chunk.push(event);
        if self.chunk.len() < CHUNK { Ok(()) } else { self.flush().await }
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let done = self.flow.accept_events(std::mem::take(&mut self.chunk), self.acting).await?;
        self.done.accepted += done.accepted;
        self.done.known += done.known;
        Ok(())
    }
}

/// Tries out files: each event as if it came alone.
async fn try_out(context: &Context, flow: &Flow, source: &Source, acting: &Acting) -> Outcome {
    let mut wanted = Vec::new();
    source
        .each(async |event| {
            wanted.push(event);
            if wanted.len() as u64 > MOST_TRIED {
                return Err(Failure::usage(format!("a dry run looks at {} at most", events(MOST_TRIED))));
            }
            Ok(())
        })
        .await?;
    let mut found = Vec::new();
    for event in wanted {
        found.push(flow.simulate_event(Simulation::Custom(Box::new(event)), acting).await?);
    }
    simulate::print(context, &found).await
}

fn whole(count: u64) -> String {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

fn events(count: u64) -> String {
    if count == 1 { "1 event".into() } else { format!("{} events", whole(count)) }
}
