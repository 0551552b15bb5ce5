//! `passpost event`: what has happened, sent, tried out, and what automations made of it.

mod file;
mod list;
mod send;
mod show;
mod simulate;
mod types;
mod values;
pub(crate) mod words;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use serde_json::Value;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Send an event, or files of CloudEvents; one that is known already does nothing
    Send(Box<send::Args>),
    /// What has happened, newest first
    List(list::Args),
    /// One event, and what each automation made of it
    Show {
        /// Its number
        event: i64,
    },
    /// The types of events: what each carries, and those of your own that were seen
    Types {
        /// Only this type, with the fields of its data and the jobs that suit it
        event_type: Option<String>,
    },
    /// What one of Passpost's own events would do now; nothing is changed
    Simulate(simulate::Args),
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Send(args) => Box::pin(send::run(context, *args)).await,
        Command::List(args) => list::run(context, args).await,
        Command::Show { event } => show::run(context, event).await,
        Command::Types { event_type } => types::run(context, event_type.as_deref()).await,
        Command::Simulate(args) => Box::pin(simulate::run(context, args)).await,
    }
}

/// Reads JSON from an option: the text itself, or `@FILE`.
fn read_data(option: &str, text: &str) -> Result<Value, Failure> {
    let (place, text) = match text.strip_prefix('@') {
        None => (option.to_owned(), text.to_owned()),
        Some(path) => {
            let read = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("{option}: {path} cannot be read: {error}")))?;
            (format!("{option}, {path}"), read)
        }
    };
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{place} cannot be read as JSON: {error}"))
            .hint(r#"write it like '{"course": {"id": 42}}', or @FILE; a mere text stands in quotation marks: '"text"'"#)
    })
}
