//! `passpost notice`: mails to operators, and those that did not reach anybody.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use crate::table::{self, Column};
use domain::id::NoticeId;
use domain::notice::{Notice, NoticeOutcome};
use domain::role::Permission;
use serde_json::json;
use store::notice::{Listed, Which};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The newest notices, newest first
    List {
        /// Only those no relay has taken: waiting, given up, or without anybody who may have them
        #[arg(long)]
        undelivered: bool,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// Mail notices that were given up once more: all of them, or one
    Retry {
        /// Its id, as `notice list --json` shows it
        notice: Option<NoticeId>,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List { undelivered, limit } => list(context, undelivered, limit).await,
        Command::Retry { notice } => retry(context, notice).await,
    }
}

async fn list(context: &Context, undelivered: bool, limit: i64) -> Outcome {
    context.acting(Permission::RunsView).await?;
    let which = if undelivered { Which::Undelivered } else { Which::All };
    let found = context
        .store
        .read(move |tx| Box::pin(async move { store::notice::list(tx, which, limit).await }))
        .await?;
    context.out.show(&found, |found, out| {
        if found.is_empty() {
            out.line(if undelivered { "Every notice was delivered." } else { "There was no notice yet." });
        }
        let rows: Vec<Vec<String>> = found.iter().map(row).collect();
        let columns = [
            Column::Whole("WHEN"),
            Column::Left("TO"),
            Column::Whole("WHAT"),
            Column::Left("OF"),
            Column::Whole("STATE"),
            Column::Left("WHY"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

fn row(one: &Listed) -> Vec<String> {
    let why = match one.outcome {
        Some(NoticeOutcome::Accepted) => String::new(),
        _ => one.detail.clone().unwrap_or_default(),
    };
    vec![
        moment(one.created_at),
        one.username.clone().unwrap_or_else(|| "(erased)".into()),
        one.kind.as_str().replace('_', " "),
        subject(&one.about.notice),
        state(one),
        why,
    ]
}

/// What a notice is about, in a few words.
fn subject(notice: &Notice) -> String {
    match (notice.automation(), notice.run()) {
        (Some(automation), _) => format!("{} {}", automation.number, automation.name),
        (None, Some(run)) => format!("run {} {}", run.number, run.name),
        (None, None) => "sending".into(),
    }
}

/// How a notice stands.
pub(crate) fn state(one: &Listed) -> String {
    match (one.outcome, one.attempts) {
        (Some(outcome), _) => outcome.as_str().replace('_', " "),
        (None, 0) => "waiting".into(),
        (None, tries) => format!("tried {tries} ×"),
    }
}

async fn retry(context: &Context, notice: Option<NoticeId>) -> Outcome {
    context.acting(Permission::RunsControl).await?;
    let now = now_ms();
    let count = context
        .store
        .write(move |tx| Box::pin(async move { store::notice::retry(tx, notice, now).await }))
        .await?;
    if count == 0 && notice.is_some() {
        return Err(Failure::usage("there is no such notice that was given up")
            .hint("`passpost notice list --undelivered` shows which there are"));
    }
    let text = match count {
        0 => "no notice was given up".to_owned(),
        1 => "1 notice is due again; the server mails it".to_owned(),
        several => format!("{several} notices are due again; the server mails them"),
    };
    context.out.done(text, &json!({ "due_again": count }));
    Ok(Done::All)
}
