//! `passpost account-mail`: mails about people's own accounts, and those that did not arrive.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Outcome};
use crate::output::moment;
use crate::table::{self, Column};
use domain::role::Permission;
use store::account_mail_view::{self, Listed, Which};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The newest mails with personal links and of changed passwords, newest first
    List {
        /// Only what was given up, came back or waits for long
        #[arg(long)]
        trouble: bool,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    let Command::List { trouble, limit } = command;
    context.acting(Permission::PeopleView).await?;
    let (which, now) = (if trouble { Which::Trouble } else { Which::All }, now_ms());
    let found = context
        .store
        .read(move |tx| Box::pin(async move { account_mail_view::list(tx, which, None, limit, now).await }))
        .await?;
    context.out.show(&found, |found, out| {
        if found.is_empty() {
            out.line(if trouble {
                "Every mail about an account is on its way."
            } else {
                "There was none yet."
            });
        }
        let columns = [
            Column::Whole("ASKED FOR"),
            Column::Left("TO"),
            Column::Whole("WHAT"),
            Column::Right("TRIES"),
            Column::Whole("STATE"),
            Column::Left("WHY"),
        ];
        let rows: Vec<Vec<String>> = found.iter().map(row).collect();
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

fn row(one: &Listed) -> Vec<String> {
    let state = match (one.bounced_at, one.outcome) {
        (Some(_), _) => "came back".to_owned(),
        (None, Some(outcome)) => outcome.as_str().replace('_', " "),
        (None, None) => "waiting".to_owned(),
    };
    vec![
        moment(one.requested_at),
        one.address.clone().unwrap_or_else(|| "(not looked up yet)".into()),
        one.kind.as_str().replace('_', " "),
        one.attempts.to_string(),
        state,
        one.bounce.clone().or_else(|| one.detail.clone()).unwrap_or_default(),
    ]
}
