//! Runs and their recipients, as lists and pages show them.

use super::find;
use crate::clock::now_ms;
use crate::commands::automation;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment_or_dash, number};
use crate::report::{self, explained};
use crate::table::{self, Column};
use domain::recipient::RecipientState;
use domain::role::Permission;
use flow::Report;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::recipient::Listed;

pub(super) async fn list(context: &Context, which: Option<&str>, limit: i64) -> Outcome {
    context.acting(Permission::RunsView).await?;
    let id = match which {
        Some(which) => Some(automation::find(context, which).await?.id),
        None => None,
    };
    let runs = context.store.read(move |tx| Box::pin(store::run::list(tx, id, i64::MAX, limit))).await?;
    context.out.show(&runs, |runs, out| {
        if runs.is_empty() {
            out.line("There was no run yet. Begin one: passpost automation run NAME");
        }
        let rows: Vec<Vec<String>> = runs
            .iter()
            .map(|run| {
                vec![
                    run.number.to_string(),
                    run.name.clone(),
                    moment_or_dash(Some(run.created_at)),
                    number(run.counts.accepted),
                    number(run.counts.refused + run.counts.unknown),
                    number(run.counts.left_out),
                    run.state.to_string(),
                ]
            })
            .collect();
        let columns = [
            Column::Right("NO"),
            Column::Left("NAME"),
            Column::Whole("BEGAN"),
            Column::Right("ACCEPTED"),
            Column::Right("FAILED"),
            Column::Right("LEFT OUT"),
            Column::Whole("STATE"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

pub(super) async fn report(context: &Context, run: i64) -> Outcome {
    context.acting(Permission::RunsView).await?;
    let id = find(context, run).await?.id;
    let report = Report::read(&context.store, id, now_ms()).await?;
    context.out.show(&report, |report, out| report::print(out, report));
    Ok(Done::All)
}

/// Which recipients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which {
    pub(super) run: i64,
    pub(super) state: Option<RecipientState>,
    pub(super) after: u32,
    pub(super) limit: Option<i64>,
}

pub(super) async fn recipients(context: &Context, which: Which, csv: Option<PathBuf>) -> Outcome {
    context.acting(Permission::RunsView).await?;
    find(context, which.run).await?;
    if let Some(file) = csv {
        return write_csv(context, which, &file).await;
    }
    if context.out.is_json() {
        return each(context, which, |one| {
            context.out.json_line(one);
            Ok(())
        })
        .await;
    }
    let which = Which { limit: Some(which.limit.unwrap_or(100)), ..which };
    let mut rows = Vec::new();
    each(context, which, |one| {
        rows.push(row(one));
        Ok(())
    })
    .await?;
    if rows.is_empty() {
        context.out.line("Nobody.");
    }
    let full = rows.len() == usize::try_from(which.limit.unwrap_or(100)).unwrap_or(usize::MAX);
    let last = rows.last().map(|row| row[0].clone());
    let columns = [
        Column::Right("PLACE"),
        Column::Left("USER NAME"),
        Column::Left("ADDRESS"),
        Column::Whole("STATE"),
        Column::Left("WHY"),
    ];
    table::print(&context.out, &columns, &rows);
    if let Some(last) = last.filter(|_| full) {
        context.out.note(format!("There may be more: --after {last}, or --csv FILE for all of them."));
    }
    Ok(Done::All)
}

fn row(one: &Listed) -> Vec<String> {
    let why = match (&one.reply, &one.reason) {
        (Some(reply), _) if one.state != RecipientState::LeftOut && one.state != RecipientState::Accepted => {
            reply.clone()
        }
        (_, Some(reason)) => explained(reason),
        _ => String::new(),
    };
    vec![
        one.position.to_string(),
        one.username.clone().unwrap_or_else(|| "(erased)".into()),
        one.address.clone().unwrap_or_else(|| "–".into()),
        one.state.to_string().replace('_', " "),
        why,
    ]
}

/// Reads recipients a thousand at a time, so that a run of a million fits in memory.
async fn each(
    context: &Context,
    which: Which,
    mut use_one: impl FnMut(&Listed) -> Result<(), Failure>,
) -> Outcome {
    let (run, state, mut after, mut left) =
        (which.run, which.state, which.after, which.limit.unwrap_or(i64::MAX));
    while left > 0 {
        let page = left.min(1_000);
        let found = context
            .store
            .read(move |tx| Box::pin(store::recipient::list(tx, run, state, after, page)))
            .await?;
        found.iter().try_for_each(&mut use_one)?;
        left -= page;
        match found.last() {
            Some(last) if found.len() == usize::try_from(page).unwrap_or(usize::MAX) => after = last.position,
            _ => break,
        }
    }
    Ok(Done::All)
}

async fn write_csv(context: &Context, which: Which, file: &Path) -> Outcome {
    let mut target: Box<dyn Write + Send> = if file == Path::new("-") {
        Box::new(std::io::stdout())
    } else {
        let file = std::fs::File::create_new(file)
            .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        Box::new(std::io::BufWriter::new(file))
    };
    write!(target, "place,username,name,address,state,reason,attempts,settled_at,reply\r\n")?;
    let mut count = 0;
    each(context, which, |one| {
        count += 1;
        let cells = [
            one.position.to_string(),
            one.username.clone().unwrap_or_default(),
            one.name.clone().unwrap_or_default(),
            one.address.clone().unwrap_or_default(),
            one.state.to_string(),
            one.reason.clone().unwrap_or_default(),
            one.attempts.to_string(),
            one.settled_at.map(crate::output::moment).unwrap_or_default(),
            one.reply.clone().unwrap_or_default(),
        ];
        let line = domain::csv::line(cells.iter().map(String::as_str));
        target.write_all(line.as_bytes()).map_err(Failure::from)
    })
    .await?;
    target.flush()?;
    context.out.note(format!("{} recipients written.", number(count)));
    Ok(Done::All)
}
