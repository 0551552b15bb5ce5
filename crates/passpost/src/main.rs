//! The program: settings, wiring, commands and shutdown. Start with `cli`, then `commands`.

mod cli;
mod clock;
mod commands;
mod confirm;
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let out = Output::new(cli.global.json, cli.global.quiet);
    let outcome = match &cli.command {
        Command::Bounce(args) if args.is_handed_over() => kept_unless_done(|| run(cli, &out)),
        _ => run(cli, &out),
    };
    match outcome {
        Ok(done) => done.into(),
        Err(failure) => {
            out.problem(&failure);
            ExitCode::from(failure.code())
        }
    }
}

/// Says what is wrong with the command line, or the help that was asked for.
fn not_understood(error: &clap::Error) -> ExitCode {
    // There is nobody left to tell when the terminal is gone.
    let _ = error.print();
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ if commands::bounce::meant_to_hand_over(std::env::args_os()) => ExitCode::from(failure::COME_AGAIN),
        code => ExitCode::from(u8::try_from(code).unwrap_or(2)),
    }
}

/// A mail server takes every code it does not know as final, that of a panic too, and the mail would be lost.
fn kept_unless_done(work: impl FnOnce() -> Outcome) -> Outcome {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(Failure::come_again),
        Err(_) => Err(Failure::failed("this is a defect of the program").come_again()),
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

#[cfg(test)]
#[expect(clippy::panic, reason = "the panic is what is tested")]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_was_handed_over_is_kept_whatever_goes_wrong() {
        let code = |work: fn() -> Outcome| kept_unless_done(work).err().map(|failure| failure.code());
        assert_eq!(code(|| Ok(failure::Done::All)), None);
        assert_eq!(code(|| Err(Failure::failed("no runtime"))), Some(75));
        assert_eq!(code(|| Err(Failure::usage("wrong"))), Some(75));
        assert_eq!(code(|| panic!("a defect")), Some(75));
    }
}
