//! `passpost demo`: the main job from beginning to end, with invented people and nothing to install.

mod folder;
mod house;
mod listener;
mod people;
mod show;

use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::logging;
use crate::output::{Output, number};
use crate::server::{Roles, Server};
use crate::settings::{self, Settings, Sources};
use crate::watch;
use flow::{Report, StartRun};
use folder::Folder;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Instant;
use store::Acting;
use store::automation::Automation;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many people to invent
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=5_000_000))]
    people: u64,
    /// Send through this relay instead of the mailbox inside the program, as in smtp://127.0.0.1:1025
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// The port of the pages; 0: any free one [default: 8080, or any free one]
    #[arg(long)]
    port: Option<u16>,
    /// End after the report instead of serving pages
    #[arg(long)]
    exit: bool,
}

pub(crate) async fn run(args: Args, sources: &Sources, out: &Output) -> Outcome {
    let folder = Folder::make(sources.data.as_deref())?;
    let settings = settings_for(&args, &folder, sources)?;
    logging::begin(&settings)?;
    show::title(out, &args, &settings);
    show::done(out, "Data folder", &folder.describe());
    let context = Context::open(settings, out, None).await?;
    let server = Server::start(&context, Roles::ALL).await?;
    let password = house::owner(&server.auth).await?;
    let manager = furnish(&context, &args).await?;
    let automation = house::automation(&context, &manager).await?;
    show::automation(out, &automation);
    let listening = listener::save(&context, &manager).await?;
    let how = format!("{:?}, active: add somebody to the group {}", listening.name, listener::GROUP);
    show::done(out, "After events", &how);
    let report = send(&context, &server, &automation, manager).await?;
    show::report(out, &report, server.mailbox.as_deref());
    let done = crate::report::done(&report);
    if args.exit {
        let ended = server.end().await;
        folder.remove()?;
        ended?;
        return done;
    }
    show::where_to_look(out, &context.settings, &password);
    let ended = server.until_stopped().await;
    folder.remove()?;
    show::farewell(out);
    ended.map(|_| Done::All)
}

/// The settings of the demo: nothing of this machine's own settings counts.
fn settings_for(args: &Args, folder: &Folder, sources: &Sources) -> Result<Settings, Failure> {
    let port = free_port(args.port)?;
    let most = (args.people + 10_000).max(250_000).to_string();
    let mut variables = vec![
        ("LISTEN", format!("127.0.0.1:{port}")),
        ("BASE_URL", format!("http://127.0.0.1:{port}")),
        ("DATA_DIR", folder.path().display().to_string()),
        ("MAIL__ORGANISATION", "Example Portal".into()),
        ("MAIL__FROM", "passwords@portal.example".into()),
        ("MAIL__FROM_NAME", "Example Portal".into()),
        ("MAIL__HELP_CONTACT", "help@portal.example".into()),
        ("MAIL__TIME_ZONE", "Europe/Berlin".into()),
        ("LIMITS__PEOPLE_PER_RUN", most.clone()),
        ("LIMITS__PEOPLE_PER_DAY", most),
        ("MAILBOX__KEEP_MESSAGES", (args.people + 1_000).clamp(1, 100_000).to_string()),
        ("LOG__LEVEL", "warn".into()),
    ];
    if let Some(url) = &args.smtp {
        // A relay on this machine is tried as it is, another one only with TLS.
        let authority = url.split("://").nth(1).unwrap_or_default().rsplit('@').next().unwrap_or_default();
        let is_here = ["localhost", "127.", "[::1]"].iter().any(|name| authority.starts_with(name));
        let tls = if is_here && url.starts_with("smtp://") { "opportunistic" } else { "required" };
        variables.push(("SMTP__0__URL", url.clone()));
        variables.push(("SMTP__0__TLS", tls.into()));
    }
    let password = sources.variables.iter().filter(|(name, _)| name == "PASSPOST_SMTP__0__PASSWORD").cloned();
    let variables = variables
        .into_iter()
        .map(|(name, value)| (format!("PASSPOST_{name}"), value))
        .chain(password)
        .collect();
    Ok(settings::load(&Sources { config: None, data: None, without_file: true, variables })?)
}

/// The port asked for; else the usual one; else any that is free.
fn free_port(asked: Option<u16>) -> Result<u16, Failure> {
    let try_port = |port: u16| {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        listener.local_addr().map(|address| address.port())
    };
    match asked {
        Some(port) => try_port(port),
        None => try_port(8080).or_else(|_| try_port(0)),
    }
    .map_err(|error| Failure::failed(format!("no port to listen on: {error}")).hint("choose one with --port"))
}

/// Invents everybody; gives the Manager.
async fn furnish(context: &Context, args: &Args) -> Result<Acting, Failure> {
    let began = Instant::now();
    let imported = house::import(context, args.people).await?;
    house::offers(context).await?;
    let took = began.elapsed();
    show::imported(&context.out, &imported, took);
    house::exceptions(context, args.people).await?;
    let manager = house::system_users(context).await?;
    show::done(&context.out, "System users", "one of each rank, an API user, a hybrid, an expired one");
    show::done(&context.out, "Selection", house::FILTER);
    Ok(manager)
}

async fn send(
    context: &Context,
    server: &Server,
    automation: &Automation,
    manager: Acting,
) -> Result<Report, Failure> {
    let found = server.flow.preview(automation.id, manager.person_id, 0).await?;
    let receive = found.counts.would_receive;
    let text = format!(
        "{} would receive a mail, {} would be left out",
        number(receive),
        number(found.counts.total - receive)
    );
    show::done(&context.out, "Dry run", &text);
    context.out.note("");
    let asked = StartRun { automation: automation.id, acting: manager, confirmed: Some(receive) };
    let begun = server.flow.start(asked).await?;
    watch::watch(context, begun.id, "Sending", None).await?;
    Ok(Report::read(&context.store, begun.id, crate::clock::now_ms()).await?)
}
