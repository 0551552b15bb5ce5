//! Jobs that wait for their time: which there are, and that nobody calls them off without knowing.

use super::show::jobs;
use super::title;
use crate::commands::automation::find;
use crate::commands::automation::show::wall_time;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::number;
use crate::table::{self, Column};
use domain::role::Permission;
use std::io::Write as _;
use store::automation::Automation;
use store::event::job::{self, EventJob};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its number or name
    automation: String,
    /// How many, the first due first
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

/// `automation waiting NAME`.
pub(in crate::commands::automation) async fn list(context: &Context, args: Args) -> Outcome {
    context.acting(Permission::EventsView).await?;
    let one = find(context, &args.automation).await?;
    must_be_of_events(&one)?;
    let (id, limit) = (one.id, args.limit);
    let (found, count) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let found = job::list_waiting(tx, id, None, limit).await?;
                Ok::<_, store::StoreError>((found, job::count_waiting(tx, id).await?.0))
            })
        })
        .await?;
    context.out.show(&found, |found, out| {
        if found.is_empty() {
            out.line(format!("Nothing of {} waits.", title(&one)));
        }
        let rows: Vec<Vec<String>> = found.iter().map(|job| row(&one, job)).collect();
        table::print(out, &[Column::Right("EVENT"), Column::Left("PERSON"), Column::Whole("DUE")], &rows);
    });
    if count > limit && !context.out.is_json() {
        context.out.note(format!(
            "{} of {} {}: --limit shows more.",
            number(limit),
            number(count),
            jobs(count)
        ));
    }
    Ok(Done::All)
}

fn row(one: &Automation, job: &EventJob) -> Vec<String> {
    vec![
        job.event.to_string(),
        job.username.clone().unwrap_or_else(|| "(erased)".into()),
        wall_time(one, job.due_at),
    ]
}

fn must_be_of_events(one: &Automation) -> Result<(), Failure> {
    if one.is_of_events() {
        return Ok(());
    }
    Err(Failure::usage(format!("a schedule begins {}, so nothing of it waits for an event", title(one)))
        .hint(format!("its next runs: passpost automation show {}", one.number)))
}

/// How many jobs of it would be called off, asked about where there are some. `what`: what is about to be done to it.
///
/// # Errors
/// Somebody said no, or nobody is there to ask; nothing was changed.
pub(in crate::commands::automation) async fn sure(
    context: &Context,
    one: &Automation,
    what: &str,
    yes: bool,
) -> Result<i64, Failure> {
    let id = one.id;
    let (count, _) =
        context.store.read(move |tx| Box::pin(async move { job::count_waiting(tx, id).await })).await?;
    if count == 0 || yes {
        return Ok(count);
    }
    let text =
        format!("{} {} of {} would be called off for good", number(count), waiting_jobs(count), title(one));
    if !console::user_attended() || context.out.is_json() || context.out.is_quiet() {
        return Err(Failure::usage(text).hint(format!(
            "add --yes to {what} it all the same; passpost automation waiting {} shows them",
            one.number
        )));
    }
    let mut stdout = std::io::stdout();
    write!(stdout, "{text}. Type yes to {what} it: ")?;
    stdout.flush()?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    if typed.trim().eq_ignore_ascii_case("yes") {
        return Ok(count);
    }
    Err(Failure::usage("not confirmed; nothing was changed"))
}

const fn waiting_jobs(count: i64) -> &'static str {
    if count == 1 { "waiting job" } else { "waiting jobs" }
}

/// `; 3 waiting jobs are called off`, or nothing.
pub(in crate::commands::automation) fn called_off(count: i64) -> String {
    match count {
        0 => String::new(),
        1 => "; 1 waiting job is called off".to_owned(),
        several => format!("; {} waiting jobs are called off", number(several)),
    }
}
