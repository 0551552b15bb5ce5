//! The program: settings, wiring, commands and shutdown. Start with `cli`, then `commands`.

mod cli;
mod clock;
mod commands;
mod context;
mod failure;
mod logging;
mod maildir;
mod node;
mod output;
mod progress;
mod report;
mod server;
mod settings;
mod table;
mod watch;
mod wiring;

use clap::Parser as _;
use cli::{Cli, Command};
use failure::{Failure, Outcome};
use output::Output;
use settings::Sources;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Output::new(cli.global.json, cli.global.quiet);
    match run(cli, &out) {
        Ok(done) => done.into(),
        Err(failure) => {
            out.problem(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn run(cli: Cli, out: &Output) -> Outcome {
    let sources = Sources {
        config: cli.global.config.clone(),
        data: cli.global.data.clone(),
        without_file: false,
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    if let Command::Completions(args) = &cli.command {
        return commands::completions::run(args);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime cannot start: {error}")))?;
    let outcome = runtime.block_on(Box::pin(commands::run(cli, &sources, out)));
    // A reading thread that hangs on a slow disk must not keep the program from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}
