//! The command line: what can be typed. Each command's own arguments stand in its file.

use crate::commands;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Mails many people new passwords, in bulk, safely.
#[derive(Debug, Parser)]
#[command(name = "passpost", version, about, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Begin with `passpost demo`: the whole job with generated people, nothing to install.\n\
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with some recipients failed.\n\
    `passpost bounce` ends with 75 when the mail server shall bring the mail again."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The file with the settings [default: passpost.toml, when it is there]
    #[arg(long, global = true, value_name = "FILE", env = "PASSPOST_CONFIG", hide_env = true)]
    pub(crate) config: Option<PathBuf>,
    /// The folder with the database and the keys [default: ./passpost-data]
    #[arg(long, global = true, value_name = "DIR", env = "PASSPOST_DATA", hide_env = true)]
    pub(crate) data: Option<PathBuf>,
    /// Act as this system user, with no more rights than its role has
    #[arg(long = "as", global = true, value_name = "USERNAME")]
    pub(crate) acting: Option<String>,
    /// Print JSON: one document, or one a line for long lists
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results only, no progress and no remarks
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// Everything that can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole job with generated people and a mailbox inside the program
    Demo(commands::demo::Args),
    /// Run the server: pages, API, scheduler and workers
    Serve(commands::serve::Args),
    /// Print the one-time link for the first Owner
    Setup,
    /// Import, export, find and change people
    #[command(subcommand)]
    People(commands::people::Command),
    /// Groups of people
    #[command(subcommand)]
    Group(commands::group::Command),
    /// Custom attributes of people
    #[command(subcommand)]
    Attribute(commands::attribute::Command),
    /// The holiday calendar
    #[command(subcommand)]
    Holiday(commands::holiday::Command),
    /// Saved filters over people
    #[command(subcommand)]
    Selection(commands::selection::Command),
    /// Automations: a job for a selection on a schedule, or for the person of an event
    #[command(subcommand)]
    Automation(commands::automation::Command),
    /// Events: what has happened, and what automations made of it
    #[command(subcommand)]
    Event(commands::event::Command),
    /// Mailings: a mail of your own words, with replacements, recipients and a start time
    #[command(subcommand)]
    Mailing(Box<commands::mailing::Command>),
    /// Runs: who was written to, and how it went
    #[command(subcommand)]
    Run(commands::run::Command),
    /// Read mails that came back: one from the mail server, or a folder of them
    Bounce(commands::bounce::Args),
    /// Mails to operators: what they were told, and what did not reach them
    #[command(subcommand)]
    Notice(commands::notice::Command),
    /// The kill switch: stop all sending at once, and start it again
    #[command(subcommand)]
    Sending(commands::sending::Command),
    /// The words of the mails, in each language
    #[command(subcommand)]
    Template(commands::template::Command),
    /// System users and their roles
    #[command(subcommand)]
    User(commands::user::Command),
    /// The keys programs act with
    #[command(subcommand)]
    Key(commands::key::Command),
    /// Mails about people's own accounts, and those that did not arrive
    #[command(subcommand)]
    AccountMail(commands::account_mail::Command),
    /// Limits on guessing and asking: what is used up, and clearing it
    #[command(subcommand)]
    Limits(commands::limits::Command),
    /// The audit log
    #[command(subcommand)]
    Audit(commands::audit::Command),
    /// Check the installation and say what to fix
    Doctor(commands::doctor::Args),
    /// Bring the database up to this program's schema
    Migrate,
    /// Write a consistent copy of the database, also while the server runs
    Backup(commands::backup::Args),
    /// Print the settings in force, secrets masked
    Config,
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_is_explained() {
        fn explained(command: &clap::Command) {
            for sub in command.get_subcommands() {
                assert!(sub.get_about().is_some(), "{} has no explanation", sub.get_name());
                explained(sub);
            }
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} of {}", argument.get_id(), command.get_name());
            }
        }
        let mut command = Cli::command();
        command.build();
        explained(&command);
    }
}
