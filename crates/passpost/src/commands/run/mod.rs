//! `passpost run`: runs, their recipients, and what can be done with them.

mod change;
mod show;

use super::named::{self, Named};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use domain::recipient::RecipientState;
use std::path::PathBuf;
use store::run::{self, Run};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The newest runs, newest first
    List {
        /// Only those of one automation, by number or name
        #[arg(long)]
        automation: Option<String>,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// How a run stands
    Show {
        /// Its number
        run: i64,
    },
    /// Watch a run until it is over; sends it when no server does
    Watch {
        /// Its number
        run: i64,
    },
    /// The closing report; while it runs, as far as it has come
    Report {
        /// Its number
        run: i64,
    },
    /// Who is in a run, with state and reason
    Recipients {
        /// Its number
        run: i64,
        /// Only those in this state
        #[arg(long, value_parser = state)]
        state: Option<RecipientState>,
        /// Only those after this place
        #[arg(long, default_value_t = 0, value_name = "PLACE")]
        after: u32,
        /// How many; all of them with --csv or --json
        #[arg(long, value_name = "PEOPLE")]
        limit: Option<i64>,
        /// Write all of them as CSV to this file; - is stdout
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// Stop a run for now: what is on its way is finished, nothing new leaves
    Pause {
        /// Its number
        run: i64,
        /// Why, for everybody who finds it paused
        #[arg(long, default_value = "paused at the command line")]
        why: String,
    },
    /// Go on with exactly those left
    Resume {
        /// Its number
        run: i64,
        /// Do not wait for the end
        #[arg(long)]
        detach: bool,
    },
    /// End a run: whoever was not written to keeps the old password
    Cancel {
        /// Its number
        run: i64,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Try the failed ones again, all or one
    Retry {
        /// Its number
        run: i64,
        /// Only the recipient at this place
        #[arg(long, value_name = "PLACE")]
        recipient: Option<u32>,
        /// Do not wait for the end
        #[arg(long)]
        detach: bool,
    },
    /// Correct somebody's address and mail only that person again
    Correct {
        /// Its number
        run: i64,
        /// The recipient's place in the run; `run recipients` shows it
        place: u32,
        /// The right address
        address: String,
        /// Do not wait for the end
        #[arg(long)]
        detach: bool,
    },
}

fn state(text: &str) -> Result<RecipientState, String> {
    RecipientState::parse(&text.replace('-', "_")).ok_or_else(|| {
        let names: Vec<&str> = RecipientState::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List { automation, limit } => show::list(context, automation.as_deref(), limit).await,
        Command::Show { run } | Command::Report { run } => show::report(context, run).await,
        Command::Watch { run } => change::watch_only(context, run).await,
        Command::Recipients { run, state, after, limit, csv } => {
            let which = show::Which { run, state, after, limit };
            show::recipients(context, which, csv).await
        }
        Command::Pause { run, why } => change::pause(context, run, &why).await,
        Command::Resume { run, detach } => Box::pin(change::resume(context, run, detach)).await,
        Command::Cancel { run, yes } => change::cancel(context, run, yes).await,
        Command::Retry { run, recipient, detach } => {
            Box::pin(change::retry(context, run, recipient, detach)).await
        }
        Command::Correct { run, place, address, detach } => {
            Box::pin(change::correct(context, run, place, &address, detach)).await
        }
    }
}

impl Named for Run {
    const KIND: &'static str = "run";

    fn name(&self) -> String {
        self.number.to_string()
    }

    async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Self>, StoreError> {
        run::find_by_number(tx, number).await
    }

    /// Runs have no names.
    async fn by_name(_: &mut Tx, _: &str) -> Result<Vec<Self>, StoreError> {
        Ok(Vec::new())
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        run::list(tx, None, i64::MAX, 10).await
    }
}

/// The run of this number, or which there are.
async fn find(context: &Context, number: i64) -> Result<Run, Failure> {
    named::find(context, &number.to_string()).await
}
