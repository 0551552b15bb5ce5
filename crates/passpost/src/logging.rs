//! The log: on stderr, for people or as JSON, at the level the settings say.

use crate::failure::Failure;
use crate::settings::{LogFormat, Settings};
use tracing_subscriber::EnvFilter;

/// Begins to log. What libraries say is only interesting when something is wrong with them.
///
/// # Errors
/// The level cannot be read, or logging has begun already.
pub(crate) fn begin(settings: &Settings) -> Result<(), Failure> {
    let level = &settings.log.level;
    let libraries = "hyper=warn,rustls=warn,tokio_postgres=warn,h2=warn";
    let filter = EnvFilter::builder().parse(format!("{libraries},{level}")).map_err(Failure::failed)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match settings.log.format {
        LogFormat::Json => log.json().flatten_event(true).with_current_span(true).try_init(),
        LogFormat::Text => log.with_ansi(console::user_attended_stderr()).with_target(false).try_init(),
    };
    begun.map_err(|error| Failure::failed(format!("the log cannot begin: {error}")))
}
