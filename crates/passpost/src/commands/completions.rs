//! `passpost completions SHELL`: a completion script on stdout.

use crate::cli::Cli;
use crate::failure::{Done, Outcome};
use clap::CommandFactory as _;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell the script is for
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Outcome {
    clap_complete::generate(args.shell, &mut Cli::command(), "passpost", &mut std::io::stdout().lock());
    Ok(Done::All)
}
