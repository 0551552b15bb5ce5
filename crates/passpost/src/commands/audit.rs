//! `passpost audit`: who did what, and whether the log is whole.

use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, number};
use crate::table::{self, Column};
use domain::role::Permission;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The newest entries, newest first
    List {
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
        /// Only entries before this number
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
    },
    /// Check that no entry was changed, taken out or put in
    Verify,
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    context.acting(Permission::AuditView).await?;
    match command {
        Command::List { limit, before } => list(context, before.unwrap_or(i64::MAX), limit).await,
        Command::Verify => verify(context).await,
    }
}

async fn list(context: &Context, before: i64, limit: i64) -> Outcome {
    let entries = context.store.read(move |tx| Box::pin(store::audit::list(tx, before, limit))).await?;
    if context.out.is_json() {
        entries.iter().for_each(|entry| context.out.json_line(entry));
        return Ok(Done::All);
    }
    if entries.is_empty() {
        context.out.line("The audit log is empty: nothing was done yet.");
    }
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let mut who = entry.actor.clone();
            if let Some(id) = entry.actor_id {
                who.push_str(&format!(" {id}"));
            }
            if let Some(key) = entry.detail.get("key").and_then(|key| key.as_str()) {
                who.push_str(&format!(", key {key}"));
            }
            let subject = format!("{} {}", entry.subject_kind, entry.subject_id);
            vec![
                entry.number.to_string(),
                moment(entry.at),
                entry.action.clone(),
                subject,
                entry.network.clone(),
                who,
            ]
        })
        .collect();
    let columns = [
        Column::Right("NO"),
        Column::Whole("WHEN"),
        Column::Whole("WHAT"),
        Column::Left("OF"),
        Column::Whole("FROM"),
        Column::Left("BY"),
    ];
    table::print(&context.out, &columns, &rows);
    Ok(Done::All)
}

async fn verify(context: &Context) -> Outcome {
    let found = context.store.read(|tx| Box::pin(store::audit::verify(tx))).await?;
    if let Some(broken) = found.broken_at {
        if context.out.is_json() {
            context.out.document(&found);
        }
        return Err(Failure::failed(format!(
            "the audit log is broken at entry {}: it was changed, taken out or put in from elsewhere",
            number(broken)
        ))
        .hint("compare with a backup; entries before it are in order"));
    }
    context.out.done(
        format!(
            "{} entries are in order; the last one has the hash\n  {}",
            number(found.entries),
            found.head
        ),
        &found,
    );
    context.out.note(
        "Keep the hash elsewhere: an older one lets you prove later that nothing before it was changed.",
    );
    Ok(Done::All)
}
