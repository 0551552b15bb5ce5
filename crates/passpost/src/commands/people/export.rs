//! `passpost people export`: CSV and JSON Lines, page by page.

use crate::clock::now_ms;
use crate::commands::selection::read_filter;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{number, people};
use crate::progress::Progress;
use domain::role::Permission;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use store::export::{ExportError, Format, Pages};
use store::person_search::{self, Search};
use store::{StoreError, audit};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write, which must not be there yet; without it: stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// csv, or jsonl with what is known of the credential [default: csv, jsonl with --json]
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// Only those a filter finds
    #[arg(long)]
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FormatArg {
    Csv,
    Jsonl,
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting(Permission::PeopleExport).await?;
    let format = match args.format {
        Some(FormatArg::Csv) => Format::Csv,
        Some(FormatArg::Jsonl) => Format::JsonLines,
        None if context.out.is_json() => Format::JsonLines,
        None => Format::Csv,
    };
    let audience = match args.filter {
        Some(filter) => Some(read_filter(context, filter, context.settings.mail.time_zone.clone()).await?),
        None => None,
    };
    let search = Search { audience: audience.clone(), ..Search::default() };
    let total = context
        .store
        .read(move |tx| Box::pin(async move { person_search::count(tx, &search).await }))
        .await?;
    let mut target: Box<dyn Write + Send> = match &args.output {
        None => Box::new(std::io::stdout()),
        Some(path) => {
            let file =
                private_file(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            Box::new(std::io::BufWriter::new(file))
        }
    };
    let condition = audience.map(|audience| (audience.condition, audience.values));
    let mut pages = Pages::new(&context.store, format, condition).await?;
    let mut progress = Progress::begin(&context.out, "Exporting", u64::try_from(total).unwrap_or(0));
    while let Some(page) = pages.next().await? {
        target.write_all(&page)?;
        progress.set(pages.people, u64::try_from(total).unwrap_or(0), "");
    }
    target.flush()?;
    progress.end("");
    let count = i64::try_from(pages.people).unwrap_or(i64::MAX);
    let entry = acting.entry("people.exported", "people", "", json!({ "people": count }), now_ms());
    context
        .store
        .write::<_, StoreError, _>(move |tx| Box::pin(async move { audit::append(tx, entry).await }))
        .await?;
    if let Some(path) = &args.output {
        context.out.note(format!("{} written to {}.", people(count), path.display()));
    } else {
        context.out.note(format!("{} people.", number(count)));
    }
    Ok(Done::All)
}

/// An export holds everybody's addresses: only its owner may read it.
fn private_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Write(_) => Self::failed(error),
        }
    }
}
