//! `passpost config`: the settings in force, secrets masked.

use crate::failure::{Done, Failure, Outcome};
use crate::output::Output;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, out: &Output) -> Outcome {
    if out.is_json() {
        out.document(&settings.raw);
        return Ok(Done::All);
    }
    let text = toml::to_string(&settings.raw).map_err(Failure::failed)?;
    let origin = settings.file.as_ref().map_or_else(
        || "# No settings file: defaults, variables and --data.".to_owned(),
        |file| format!("# From {}, variables and --data; the rest are defaults.", file.display()),
    );
    out.line(origin);
    if settings.mailbox_is_relay() {
        out.line("# No relay is set: the mailbox inside the program takes the mail.");
    }
    out.line(text.trim_end());
    Ok(Done::All)
}
