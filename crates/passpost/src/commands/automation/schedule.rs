//! The second step of an automation: when it runs.

use super::{find, show, title};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::automation::MOST_REMINDED;
use domain::id::PersonId;
use domain::role::Permission;
use domain::schedule::{ExecutionDays, HolidayRule, RepetitionInput, Schedule, ScheduleInput, Unit};
use store::automation::{self, ScheduleStep};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its number or name
    automation: String,
    /// The first run, wall time in the zone, as in 2027-01-04T09:00
    #[arg(long)]
    start: String,
    /// The time zone, as in Europe/Berlin [default: mail.time_zone]
    #[arg(long)]
    zone: Option<String>,
    /// Repeat it, as in "2 weeks", "1 month", "12 hours"; without this it runs once
    #[arg(long, value_name = "INTERVAL", value_parser = interval)]
    every: Option<RepetitionInput>,
    /// Not after this wall time; at most five years after the start
    #[arg(long)]
    end: Option<String>,
    /// The days it may run on, as in mon-fri or mon,wed,fri; a run on another day moves to the next allowed one
    #[arg(long, value_name = "DAYS", value_parser = days, default_value = "mon-sun")]
    days: ExecutionDays,
    /// Whether it runs on holidays: always, never, only
    #[arg(long, value_enum, default_value_t = HolidayArg::Always)]
    holidays: HolidayArg,
    /// Remove the automation after its last run
    #[arg(long)]
    delete_after_last: bool,
    /// A system user who is reminded 30 days before the end; up to ten
    #[arg(long, value_name = "USERNAME")]
    remind: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum HolidayArg {
    Always,
    Never,
    Only,
}

impl From<HolidayArg> for HolidayRule {
    fn from(rule: HolidayArg) -> Self {
        match rule {
            HolidayArg::Always => Self::Always,
            HolidayArg::Never => Self::NeverOn,
            HolidayArg::Only => Self::OnlyOn,
        }
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let before = find(context, &args.automation).await?;
    if before.is_of_events() {
        return Err(Failure::usage(format!("an event begins {}, no schedule", title(&before)))
            .hint(format!("its days and hours: passpost automation frame {}", before.number)));
    }
    let reminder_to = reminded(context, &args.remind).await?;
    let input = ScheduleInput {
        zone: args.zone.unwrap_or_else(|| context.settings.mail.time_zone.clone()),
        start: args.start,
        repetition: args.every,
        end: args.end,
        delete_after_last: args.delete_after_last,
        days: args.days,
        holidays: args.holidays.into(),
    };
    let step = ScheduleStep { schedule: Schedule::new(&input).map_err(Failure::usage)?, reminder_to };
    let words = step.schedule.to_string();
    let (id, now) = (before.id, now_ms());
    let saved = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::update_schedule(tx, &acting, id, &step, now).await?;
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} runs {words}", title(&saved)), &saved);
    if !context.out.is_json() {
        show::next(context, &saved, 3).await?;
    }
    if !saved.status.is_active() {
        context.out.note(format!("It is not active yet: passpost automation activate {}", saved.number));
    }
    Ok(Done::All)
}

/// The system users of these names, who are reminded of the end.
pub(super) async fn reminded(context: &Context, names: &[String]) -> Result<Vec<PersonId>, Failure> {
    if names.len() > MOST_REMINDED {
        return Err(Failure::usage("at most ten system users can be reminded"));
    }
    let mut people = Vec::new();
    for name in names {
        let person = context.person(name).await?;
        if person.system.is_none() {
            return Err(Failure::usage(format!("{name} is no system user; only those are reminded")));
        }
        people.push(person.id);
    }
    Ok(people)
}

/// Reads `2 weeks`, `every month`, `12 hours`.
fn interval(text: &str) -> Result<RepetitionInput, String> {
    let example = "expected an interval such as \"2 weeks\", \"1 month\", \"12 hours\" or \"day\"";
    let words: Vec<&str> = text.split_whitespace().collect();
    let (every, unit) = match words.as_slice() {
        [unit] => ("1", *unit),
        [every, unit] => (*every, *unit),
        _ => return Err(example.into()),
    };
    let every = every.parse::<i64>().map_err(|_| example.to_owned())?;
    let unit = Unit::ALL
        .into_iter()
        .find(|one| unit.eq_ignore_ascii_case(one.singular()) || unit.eq_ignore_ascii_case(one.plural()))
        .ok_or(example)?;
    Ok(RepetitionInput { every, unit })
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads `mon-fri`, `mon,wed,fri`, `sat-sun`.
pub(super) fn days(text: &str) -> Result<ExecutionDays, String> {
    let wrong =
        || format!("expected days such as mon-fri or mon,wed,fri (of {}), not {text:?}", DAYS.join(", "));
    let place = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        DAYS.iter().position(|day| name.len() >= 3 && name.starts_with(day)).ok_or_else(wrong)
    };
    let mut ticked = [false; 7];
    for part in text.split(',') {
        let (from, until) = match part.split_once('-') {
            Some((from, until)) => (place(from)?, place(until)?),
            None => (place(part)?, place(part)?),
        };
        let mut day = from;
        loop {
            ticked[day] = true;
            if day == until {
                break;
            }
            day = (day + 1) % 7;
        }
    }
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = ticked;
    Ok(ExecutionDays { monday, tuesday, wednesday, thursday, friday, saturday, sunday })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_number_and_a_unit() {
        assert_eq!(interval("2 weeks"), Ok(RepetitionInput { every: 2, unit: Unit::Weeks }));
        assert_eq!(interval("month"), Ok(RepetitionInput { every: 1, unit: Unit::Months }));
        for bad in ["", "2", "weeks 2", "2 fortnights", "a b c"] {
            assert!(interval(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_are_a_list_or_a_range_that_may_pass_the_weekend() {
        assert_eq!(days("mon-fri"), Ok(ExecutionDays::WEEKDAYS));
        assert_eq!(days("mon-sun"), Ok(ExecutionDays::ALL));
        let weekend = days("sat-mon").unwrap();
        assert!(weekend.saturday && weekend.sunday && weekend.monday && !weekend.tuesday);
        assert!(days("Monday,wed").unwrap().wednesday);
        for bad in ["", "mo", "mon-", "funday"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }
}
