//! `passpost holiday`: the calendar that *never on holidays* and *only on holidays* go by.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::table::{self, Column};
use domain::role::Permission;
use domain::schedule::{HolidayCalendar, HolidayInput};
use serde_json::json;
use store::{StoreError, holiday};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// All holidays
    List,
    /// Add a holiday, or rename the one of that day
    Add {
        /// The day, as in 2026-12-25
        day: String,
        /// Its name
        name: String,
        /// The same day every year
        #[arg(long)]
        yearly: bool,
    },
    /// Remove the holiday of a day
    Remove {
        /// The day, as in 2026-12-25
        day: String,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List => list(context).await,
        Command::Add { day, name, yearly } => add(context, HolidayInput { date: day, name, yearly }).await,
        Command::Remove { day } => remove(context, day).await,
    }
}

async fn list(context: &Context) -> Outcome {
    let holidays = context.store.read(|tx| Box::pin(holiday::list(tx))).await?;
    context.out.show(&holidays, |holidays, out| {
        if holidays.is_empty() {
            out.line(
                "There are no holidays yet. Add one: passpost holiday add 2026-12-25 Christmas --yearly",
            );
        }
        let rows: Vec<Vec<String>> = holidays
            .iter()
            .map(|one| {
                let repeats = if one.yearly { "every year" } else { "once" };
                vec![one.date.clone(), one.name.clone(), repeats.to_owned()]
            })
            .collect();
        table::print(out, &[Column::Left("DAY"), Column::Left("NAME"), Column::Left("REPEATS")], &rows);
    });
    Ok(Done::All)
}

async fn add(context: &Context, one: HolidayInput) -> Outcome {
    HolidayCalendar::new(std::slice::from_ref(&one)).map_err(Failure::usage)?;
    let acting = context.acting(Permission::SettingsEdit).await?;
    let input = one.clone();
    context
        .store
        .write(move |tx| Box::pin(async move { holiday::insert(tx, &acting, &input, now_ms()).await }))
        .await
        .map_err(|error: StoreError| Failure::from(error))?;
    context.out.done(format!("{} is {}", one.date, one.name), &one);
    Ok(Done::All)
}

async fn remove(context: &Context, day: String) -> Outcome {
    let acting = context.acting(Permission::SettingsEdit).await?;
    let wanted = day.clone();
    let removed = context
        .store
        .write(move |tx| Box::pin(async move { holiday::remove(tx, &acting, &wanted, now_ms()).await }))
        .await?;
    if !removed {
        let known = context.store.read(|tx| Box::pin(holiday::list(tx))).await?;
        let days: Vec<String> = known.into_iter().map(|one| one.date).collect();
        return Err(Failure::unknown("holiday", &day, &days));
    }
    context.out.done(format!("{day} is no holiday any more"), &json!({ "removed": day }));
    Ok(Done::All)
}
