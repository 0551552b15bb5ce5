//! `passpost people import`: the same code looks and applies.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{Output, number};
use crate::progress::Progress;
use crate::table::{self, Column};
use domain::role::Permission;
use std::path::PathBuf;
use store::import::{self, Fate, ImportError, Options};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file, UTF-8 with a header line; - is stdin
    file: PathBuf,
    /// Only say what would happen
    #[arg(long)]
    preview: bool,
    /// Add everybody in the file to this group; may be given several times
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,
    /// How many wrong rows to show
    #[arg(long, default_value_t = 20)]
    problems: usize,
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting(Permission::PeopleImport).await?;
    let file = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (apply, groups_for_all) = (!args.preview, args.group.clone());
    let options = Options { apply, groups_for_all, file, acting, now_ms: now_ms() };
    let (source, octets): (Box<dyn std::io::Read + Send>, u64) = if args.file.as_os_str() == "-" {
        (Box::new(std::io::stdin()), 0)
    } else {
        let file = std::fs::File::open(&args.file)
            .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", args.file.display())))?;
        let octets = file.metadata().map_or(0, |metadata| metadata.len());
        (Box::new(std::io::BufReader::new(file)), octets)
    };
    let label = if args.preview { "Reading" } else { "Importing" };
    let mut progress = Progress::begin(&context.out, label, 0);
    let mut random = |bytes: &mut [u8]| {
        // Ids only have to differ: without randomness the database refuses the second one.
        let _ = getrandom::fill(bytes);
    };
    let imported = import::import(&context.store, source, options, &mut random, |now| {
        // How many rows there are is known only at the end: the part of the file read so far says about.
        let about = (octets.max(now.bytes) / (now.bytes / now.rows.max(1)).max(1)).max(now.rows);
        progress.set(now.rows, about, "rows");
    })
    .await;
    progress.end("");
    let outcome = imported?;
    context.out.show(&outcome, |outcome, out| print(out, outcome, &args));
    if outcome.refused > 0 && !args.preview { Ok(Done::SomeFailed) } else { Ok(Done::All) }
}

fn number_of(count: u64) -> String {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

fn print(out: &Output, outcome: &import::Outcome, args: &Args) {
    let file = args.file.display();
    out.heading(if args.preview { format!("{file}: nothing is changed yet") } else { format!("{file}") });
    let words = if args.preview {
        ["would be created", "would be changed", "are as in the file already", "would be refused"]
    } else {
        ["created", "changed", "were as in the file already", "refused"]
    };
    let counts = [outcome.created, outcome.updated, outcome.unchanged, outcome.refused];
    for (count, word) in
        counts.into_iter().zip(words).filter(|(count, word)| *count > 0 || word.contains("created"))
    {
        out.line(format!("{:>11}  {word}", number_of(count)));
    }
    out.line(format!("{:>11}  rows in all", number_of(outcome.rows)));
    if !outcome.new_groups.is_empty() {
        out.line(format!("\n  New groups: {}", outcome.new_groups.join(", ")));
    }
    if args.preview {
        sample(out, outcome);
    }
    problems(out, outcome, args);
    if args.preview && outcome.created + outcome.updated > 0 {
        let groups: String = args.group.iter().map(|group| format!(" --group {group:?}")).collect();
        out.line(format!("\n  To apply it: passpost people import {file}{groups}"));
    }
}

fn sample(out: &Output, outcome: &import::Outcome) {
    let rows: Vec<Vec<String>> = outcome
        .sample
        .iter()
        .take(8)
        .map(|one| {
            let fate = match one.fate {
                Fate::Created => "new",
                Fate::Updated => "changed",
                Fate::Unchanged => "as it is",
            };
            vec![
                one.line.to_string(),
                fate.into(),
                one.username.clone(),
                one.name.clone(),
                one.groups.join(", "),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.line("");
    }
    let columns = [
        Column::Right("LINE"),
        Column::Left("WHAT"),
        Column::Left("USER NAME"),
        Column::Left("NAME"),
        Column::Left("GROUPS"),
    ];
    table::print(out, &columns, &rows);
}

fn problems(out: &Output, outcome: &import::Outcome, args: &Args) {
    let rows: Vec<Vec<String>> = outcome
        .problems
        .iter()
        .take(args.problems)
        .map(|one| vec![one.line.to_string(), one.column.clone().unwrap_or_default(), one.reason.to_string()])
        .collect();
    if rows.is_empty() {
        return;
    }
    out.line("");
    table::print(out, &[Column::Right("LINE"), Column::Left("COLUMN"), Column::Left("WHY REFUSED")], &rows);
    let more = outcome.refused.saturating_sub(rows.len() as u64);
    if more > 0 {
        out.line(format!("  … and {} more; --problems shows more of them", number_of(more)));
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Stopped { .. } => Self::failed(error)
                .hint("importing the same file again completes it; what is done already stays as it is"),
            other => Self::usage(other),
        }
    }
}
