//! The commands, one a file, and which of them needs what.

pub(crate) mod account_mail;
mod archive;
pub(crate) mod attribute;
pub(crate) mod audit;
pub(crate) mod automation;
pub(crate) mod backup;
pub(crate) mod bounce;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod event;
pub(crate) mod group;
pub(crate) mod holiday;
pub(crate) mod key;
pub(crate) mod limits;
pub(crate) mod mailing;
pub(crate) mod migrate;
mod named;
pub(crate) mod notice;
pub(crate) mod people;
pub(crate) mod run;
mod second_factor;
pub(crate) mod selection;
pub(crate) mod sending;
pub(crate) mod serve;
pub(crate) mod setup;
pub(crate) mod template;
pub(crate) mod user;

use crate::cli::{Cli, Command};
use crate::context::Context;
use crate::failure::Outcome;
use crate::output::Output;
use crate::settings::{self, Sources};

/// Reads the settings and does what was asked.
pub(crate) async fn run(cli: Cli, sources: &Sources, out: &Output) -> Outcome {
    let command = match cli.command {
        Command::Doctor(args) => return Box::pin(doctor::run(args, sources, out)).await,
        Command::Demo(args) => return Box::pin(demo::run(args, sources, out)).await,
        Command::Bounce(args) => return Box::pin(bounce::run(args, sources, out)).await,
        other => other,
    };
    let settings = settings::load(sources)?;
    match command {
        Command::Config => return config::run(&settings, out),
        Command::Migrate => return migrate::run(&settings, out).await,
        Command::Backup(args) => return backup::run(args, &settings, out).await,
        Command::Serve(args) => return Box::pin(serve::run(args, settings, out)).await,
        _ => {}
    }
    let context = Context::open(settings, out, cli.global.acting).await?;
    in_database(command, &context).await
}

/// The commands that work on the open database.
async fn in_database(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Setup => setup::run(context).await,
        Command::People(command) => Box::pin(people::run(command, context)).await,
        Command::Group(command) => group::run(command, context).await,
        Command::Attribute(command) => attribute::run(command, context).await,
        Command::Holiday(command) => holiday::run(command, context).await,
        Command::Selection(command) => Box::pin(selection::run(command, context)).await,
        Command::Automation(command) => Box::pin(automation::run(command, context)).await,
        Command::Mailing(command) => Box::pin(mailing::run(*command, context)).await,
        Command::Event(command) => Box::pin(event::run(command, context)).await,
        Command::Run(command) => Box::pin(run::run(command, context)).await,
        Command::Notice(command) => notice::run(command, context).await,
        Command::Sending(command) => sending::run(command, context).await,
        Command::Template(command) => Box::pin(template::run(command, context)).await,
        Command::User(command) => Box::pin(user::run(command, context)).await,
        Command::Key(command) => Box::pin(key::run(command, context)).await,
        Command::AccountMail(command) => account_mail::run(command, context).await,
        Command::Limits(command) => Box::pin(limits::run(command, context)).await,
        Command::Audit(command) => audit::run(command, context).await,
        Command::Demo(_)
        | Command::Serve(_)
        | Command::Doctor(_)
        | Command::Bounce(_)
        | Command::Migrate
        | Command::Backup(_)
        | Command::Config
        | Command::Completions(_) => Ok(crate::failure::Done::All),
    }
}
