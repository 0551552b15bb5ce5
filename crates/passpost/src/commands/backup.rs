//! `passpost backup FILE`: a consistent copy of the database, also while the server runs.

use crate::context::open_store;
use crate::failure::{Done, Failure, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::settings::Settings;
use serde_json::json;
use std::path::{Path, PathBuf};
use store::Location;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

pub(crate) async fn run(args: Args, settings: &Settings, out: &Output) -> Outcome {
    match &settings.database {
        Location::Sqlite(database) => {
            if !database.exists() {
                return Err(Failure::usage(format!("there is no database at {}", database.display()))
                    .hint("name the data folder with --data DIR"));
            }
            sqlite(&args.file, settings, out).await
        }
        Location::Postgres(_) => Err(Failure::usage("this database is PostgreSQL, which brings its own tool").hint(
            format!(
                "pg_dump --format=custom --file={} --dbname=\"<database.url>\"",
                args.file.display()
            ),
        )),
    }
}

async fn sqlite(file: &Path, settings: &Settings, out: &Output) -> Outcome {
    let store = open_store(&settings.database).await?;
    let mut progress = Progress::begin(out, "Copying pages", 0);
    let (sender, mut receiver) = tokio::sync::watch::channel((0_u64, 0_u64));
    let copy = store.backup(file, move |done, total| {
        let _ = sender.send((done, total));
    });
    let mut copy = std::pin::pin!(copy);
    let copied = loop {
        tokio::select! {
            copied = &mut copy => break copied,
            Ok(()) = receiver.changed() => {
                let (done, total) = *receiver.borrow_and_update();
                progress.set(done, total, "");
            }
        }
    };
    progress.end("");
    let octets = copied?;
    out.done(
        format!("{} holds the whole database ({:.1} MB)", file.display(), octets as f64 / 1e6),
        &json!({ "file": file, "octets": octets }),
    );
    out.note(format!(
        "The server keys are not in it. Keep a copy of {} in another place: without it no password can be checked.",
        settings.keys_file.display()
    ));
    Ok(Done::All)
}
