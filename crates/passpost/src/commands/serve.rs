//! `passpost serve`: pages, API, scheduler and worker.

use super::setup;
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::logging;
use crate::output::Output;
use crate::server::{Roles, Server};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What this process does; several nodes share one PostgreSQL database
    #[arg(long, value_enum, value_delimiter = ',', default_value = "web,worker,scheduler")]
    role: Vec<Role>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    /// Pages and API
    Web,
    /// Sends the mails of runs
    Worker,
    /// Begins the runs of due occurrences
    Scheduler,
}

pub(crate) async fn run(args: Args, settings: Settings, out: &Output) -> Outcome {
    logging::begin(&settings)?;
    let has = |role| args.role.contains(&role);
    let roles = Roles { web: has(Role::Web), worker: has(Role::Worker), scheduler: has(Role::Scheduler) };
    if settings.mailbox_is_relay() && roles.web != roles.worker {
        return Err(Failure::usage(
            "no relay is set, and the mailbox inside the program needs pages and worker in one process",
        )
        .hint("set a relay with [[smtp]] in passpost.toml, or leave --role out"));
    }
    let context = Context::open(settings, out, None).await?;
    let server = Server::start(&context, roles).await?;
    welcome(&context, &server, roles).await?;
    server.until_stopped().await
}

async fn welcome(context: &Context, server: &Server, roles: Roles) -> Result<(), Failure> {
    let settings = &context.settings;
    let engine = context.store.engine().name();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = engine, "passpost is running");
    if settings.mailbox_is_relay() {
        tracing::warn!("no relay is set: mails go into the mailbox inside the program and are lost when it stops");
    }
    if !roles.web {
        return Ok(());
    }
    let base = &settings.server.base_url;
    let address = server.address.map_or_else(String::new, |address| address.to_string());
    tracing::info!(listen = address, base_url = %base, "pages are served");
    context.out.note(format!("Console   {base}/console"));
    context.out.note(format!("Sign in   {base}/login"));
    if settings.mailbox_is_relay() {
        context.out.note(format!("Mailbox   {base}/mailbox"));
    }
    if let Some(link) = setup::link(&server.auth, settings, now_ms()).await? {
        context.out.note(format!(
            "\nThere is no Owner yet. Open this link to become the first one; it works once, for an hour:\n\n  {link}\n"
        ));
    }
    Ok(())
}
