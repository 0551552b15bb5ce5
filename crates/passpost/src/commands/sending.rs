//! `passpost sending`: the kill switch.

use crate::context::Context;
use crate::failure::{Done, Outcome};
use crate::output::moment;
use crate::watch;
use domain::role::Permission;
use serde_json::json;
use store::setting;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Stop all sending, of every run and every node, at once
    Stop {
        /// Why, for everybody who finds it stopped
        #[arg(long, default_value = "stopped at the command line")]
        why: String,
    },
    /// Start sending again; runs that were running go on
    Start,
    /// Whether sending is stopped
    Status,
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Status => status(context).await,
        Command::Stop { why } => {
            let acting = context.acting(Permission::SettingsEdit).await?;
            watch::flow(context, None)?.stop_sending(&acting, &why).await?;
            let text = "all sending is stopped; `passpost sending start` starts it again";
            context.out.done(text, &json!({ "stopped": true, "why": why }));
            Ok(Done::All)
        }
        Command::Start => {
            let acting = context.acting(Permission::SettingsEdit).await?;
            watch::flow(context, None)?.start_sending(&acting).await?;
            context.out.done("sending is allowed; running runs go on", &json!({ "stopped": false }));
            Ok(Done::All)
        }
    }
}

async fn status(context: &Context) -> Outcome {
    let stopped = context.store.read(|tx| Box::pin(setting::find(tx, setting::SENDING_STOPPED))).await?;
    if context.out.is_json() {
        context.out.document(&json!({ "stopped": stopped.is_some(), "detail": stopped }));
        return Ok(Done::All);
    }
    match stopped {
        None => context.out.line("Sending is allowed."),
        Some(detail) => {
            let since = detail["at"].as_i64().map_or_else(String::new, |at| format!(" since {}", moment(at)));
            let why = detail["why"].as_str().unwrap_or_default();
            context.out.line(format!("All sending is stopped{since}: {why}"));
        }
    }
    Ok(Done::All)
}
