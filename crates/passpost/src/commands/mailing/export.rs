//! The people behind a number of the funnel, and what they did, as tables and files.

use super::find;
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, moment_or_dash, number};
use crate::report::explained;
use crate::table::{self, Column};
use domain::id::MailingId;
use domain::mailing::Step;
use domain::role::Permission;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::mailing::{self, Done as Came, FunnelStage, Mailing, Told};
use store::{StoreError, audit};

/// How many are read at once.
const PAGE: i64 = 1_000;

/// Where to write.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Target {
    /// Write all of them as CSV to this file; -: stdout
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write all of them as JSON Lines to this file; -: stdout
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct People {
    /// Its number or name
    mailing: String,
    /// A number of the funnel, such as accepted, opened or password_set, or who is left: not_done, not_opened,
    /// not_requested, not_set
    #[arg(long, default_value = "total", value_parser = stage)]
    stage: FunnelStage,
    /// How many are shown at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Events {
    /// Its number or name
    mailing: String,
    /// How many are shown at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    target: Target,
}

fn stage(text: &str) -> Result<FunnelStage, String> {
    FunnelStage::parse(&text.replace('-', "_")).ok_or_else(|| {
        let names: Vec<&str> = FunnelStage::all().into_iter().map(FunnelStage::as_str).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// What a file is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Lines,
}

/// A file that is being written.
struct Sink {
    form: Form,
    target: Box<dyn Write + Send>,
}

impl Target {
    /// Whether all of them are written somewhere.
    fn is_file(&self, context: &Context) -> bool {
        self.csv.is_some() || self.jsonl.is_some() || context.out.is_json()
    }

    /// A file of all of them, when one is wanted.
    fn open(&self, context: &Context) -> Result<Option<Sink>, Failure> {
        let (form, path) = match (&self.csv, &self.jsonl) {
            (Some(path), _) => (Form::Csv, path.as_path()),
            (None, Some(path)) => (Form::Lines, path.as_path()),
            (None, None) if context.out.is_json() => (Form::Lines, Path::new("-")),
            (None, None) => return Ok(None),
        };
        if path == Path::new("-") {
            return Ok(Some(Sink { form, target: Box::new(std::io::stdout()) }));
        }
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        // It names people: only its owner may read it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file =
            options.open(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        Ok(Some(Sink { form, target: Box::new(std::io::BufWriter::new(file)) }))
    }
}

fn line(form: Form, names: &[&str], values: &[Value]) -> String {
    match form {
        Form::Csv => {
            let cells: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                })
                .collect();
            domain::csv::line(cells.iter().map(String::as_str))
        }
        Form::Lines => {
            let object: serde_json::Map<String, Value> =
                names.iter().map(|name| (*name).to_owned()).zip(values.iter().cloned()).collect();
            format!("{}\n", Value::Object(object))
        }
    }
}

/// Who took the data out stands in the log before the first of it leaves.
async fn note(context: &Context, one: &Mailing, what: &'static str) -> Result<(), Failure> {
    let acting = context.acting(Permission::PeopleExport).await?;
    let detail = json!({ "number": one.number, "what": what, "with_people": true });
    let entry = acting.entry("mailing.exported", "mailing", one.id, detail, now_ms());
    context
        .store
        .write::<_, StoreError, _>(move |tx| Box::pin(async move { audit::append(tx, entry).await }))
        .await?;
    Ok(())
}

fn time(at_ms: Option<i64>) -> Value {
    at_ms.map_or(Value::Null, |at| moment(at).into())
}

const PERSON: [&str; 14] = [
    "person_id",
    "username",
    "name",
    "address",
    "state",
    "reason",
    "settled_at",
    "reminded",
    "opened_at",
    "opened_by_machine_at",
    "requested_at",
    "link_sent_at",
    "password_set_at",
    "logged_in_at",
];

fn person(one: &Came) -> Vec<Value> {
    let mut values = vec![
        json!(one.person_id),
        json!(one.username),
        json!(one.name),
        json!(one.address),
        json!(one.state),
        json!(one.reason),
        time(one.settled_at),
        json!(one.reminded),
    ];
    values.extend(one.steps.iter().map(|at| time(*at)));
    values
}

pub(super) async fn people(context: &Context, args: People) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, &args.mailing).await?;
    let root = one.root();
    if args.target.is_file(context) {
        note(context, &one, "people").await?;
    }
    let Some(Sink { form, mut target }) = args.target.open(context)? else {
        return print_people(context, root, args.stage, args.limit).await;
    };
    if form == Form::Csv {
        target.write_all(domain::csv::line(PERSON).as_bytes())?;
    }
    let (mut after, mut count) = (None, 0);
    loop {
        let stage = args.stage;
        let found = context
            .store
            .read(move |tx| Box::pin(async move { mailing::list_people(tx, root, stage, after, PAGE).await }))
            .await?;
        for one in &found {
            target.write_all(line(form, &PERSON, &person(one)).as_bytes())?;
            count += 1;
        }
        match found.last() {
            Some(last) if i64::try_from(found.len()).is_ok_and(|len| len == PAGE) => {
                after = Some(last.recipient);
            }
            _ => break,
        }
    }
    target.flush()?;
    context.out.note(format!("{} written.", crate::output::people(count)));
    Ok(Done::All)
}

async fn print_people(context: &Context, root: MailingId, stage: FunnelStage, limit: i64) -> Outcome {
    let found = context
        .store
        .read(move |tx| Box::pin(async move { mailing::list_people(tx, root, stage, None, limit + 1).await }))
        .await?;
    if found.is_empty() {
        context.out.line("Nobody.");
    }
    let shown = usize::try_from(limit).unwrap_or(0);
    let rows: Vec<Vec<String>> = found.iter().take(shown).map(row).collect();
    let columns = [
        Column::Left("USER NAME"),
        Column::Left("ADDRESS"),
        Column::Whole("MAIL"),
        Column::Whole("CAME TO"),
        Column::Whole("AT"),
        Column::Right("REMINDED"),
    ];
    table::print(&context.out, &columns, &rows);
    if found.len() > shown {
        context.out.note("There are more: --csv FILE or --jsonl FILE for all of them.");
    }
    Ok(Done::All)
}

fn row(one: &Came) -> Vec<String> {
    let state = match &one.reason {
        Some(reason) if one.state == "left_out" => explained(reason),
        _ => one.state.replace('_', " "),
    };
    // The furthest step; what a program did says nothing of the person.
    let furthest = Step::ALL
        .iter()
        .zip(one.steps)
        .rev()
        .find_map(|(step, at)| at.filter(|_| *step != Step::OpenedByMachine).map(|at| (*step, at)));
    vec![
        one.username.clone().unwrap_or_else(|| "(erased)".into()),
        one.address.clone().unwrap_or_else(|| "–".into()),
        state,
        furthest.map_or_else(|| "–".into(), |(step, _)| step.as_str().replace('_', " ")),
        moment_or_dash(furthest.map(|(_, at)| at)),
        number(one.reminded),
    ]
}

const EVENT: [&str; 4] = ["at", "step", "person_id", "run"];

fn event(one: &Told) -> Vec<Value> {
    vec![moment(one.at).into(), json!(one.step), json!(one.person_id), json!(one.recipient.run_number())]
}

pub(super) async fn events(context: &Context, args: Events) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, &args.mailing).await?;
    let root = one.root();
    if args.target.is_file(context) {
        note(context, &one, "events").await?;
    }
    let Some(Sink { form, mut target }) = args.target.open(context)? else {
        return print_events(context, root, args.limit).await;
    };
    if form == Form::Csv {
        target.write_all(domain::csv::line(EVENT).as_bytes())?;
    }
    let mut skip = 0;
    loop {
        let found = read_events(context, root, skip, PAGE).await?;
        for one in &found {
            target.write_all(line(form, &EVENT, &event(one)).as_bytes())?;
        }
        let len = i64::try_from(found.len()).unwrap_or(0);
        skip += len;
        if len < PAGE {
            break;
        }
    }
    target.flush()?;
    context.out.note(format!("{} events written.", number(skip)));
    Ok(Done::All)
}

async fn read_events(
    context: &Context,
    root: MailingId,
    skip: i64,
    limit: i64,
) -> Result<Vec<Told>, Failure> {
    let read = context
        .store
        .read(move |tx| Box::pin(async move { mailing::list_events(tx, root, skip, limit).await }));
    Ok(read.await?)
}

async fn print_events(context: &Context, root: MailingId, limit: i64) -> Outcome {
    let found = read_events(context, root, 0, limit + 1).await?;
    if found.is_empty() {
        context.out.line("Nothing has happened yet.");
    }
    let shown = usize::try_from(limit).unwrap_or(0);
    let rows: Vec<Vec<String>> = found
        .iter()
        .take(shown)
        .map(|one| {
            let step = one.step.as_str().replace('_', " ");
            vec![moment(one.at), step, one.person_id.to_string(), one.recipient.run_number().to_string()]
        })
        .collect();
    let columns = [Column::Whole("AT"), Column::Whole("STEP"), Column::Left("PERSON"), Column::Right("RUN")];
    table::print(&context.out, &columns, &rows);
    if found.len() > shown {
        context.out.note("There are more: --csv FILE or --jsonl FILE for all of them.");
    }
    Ok(Done::All)
}
