//! `passpost migrate`: the schema of this program.

use crate::clock::now_ms;
use crate::context::{make_data_folder, open_store};
use crate::failure::{Done, Outcome};
use crate::output::Output;
use crate::settings::Settings;
use serde_json::json;

pub(crate) async fn run(settings: &Settings, out: &Output) -> Outcome {
    make_data_folder(&settings.server.data_dir)?;
    let store = open_store(&settings.database).await?;
    let applied = store.migrate(now_ms()).await?;
    let text = if applied.from == applied.to {
        format!("the {} database is up to date (schema version {})", store.engine().name(), applied.to)
    } else {
        format!("the {} database went from schema version {} to {}", store.engine().name(), applied.from, applied.to)
    };
    out.done(text, &json!({ "engine": store.engine().name(), "from": applied.from, "to": applied.to }));
    Ok(Done::All)
}
