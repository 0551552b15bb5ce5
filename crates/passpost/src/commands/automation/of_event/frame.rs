//! The third step: when events count, and when the job may be done.

use super::title;
use crate::clock::now_ms;
use crate::commands::automation::find;
use crate::commands::automation::schedule::{HolidayArg, days, reminded};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::role::Permission;
use domain::schedule::{ExecutionDays, HolidayRule, HoursInput, TimeFrame, TimeFrameInput};
use store::automation::{self, Automation, FrameStep};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its number or name
    automation: String,
    #[command(flatten)]
    frame: FrameArgs,
    /// Take something away again; may be given several times
    #[arg(long, value_enum, value_name = "WHAT")]
    without: Vec<Without>,
}

/// What is taken away again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Without {
    /// The end: five years after the start
    End,
    /// The hours: all of them
    Hours,
    /// Whoever is reminded
    Remind,
}

/// When it listens and acts.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Begun by an event, third step: its time frame")]
pub(crate) struct FrameArgs {
    /// Events before this wall time are not acted on, as in 2027-01-04T09:00 [default: now]
    #[arg(long)]
    start: Option<String>,
    /// The time zone, as in Europe/Berlin [default: mail.time_zone]
    #[arg(long)]
    zone: Option<String>,
    /// Nothing is done after this wall time; at most five years after the start
    #[arg(long)]
    end: Option<String>,
    /// The days on which it acts, as in mon-fri or mon,wed,fri; a job on another day waits for the next of them
    #[arg(long, value_name = "DAYS", value_parser = days)]
    days: Option<ExecutionDays>,
    /// The hours in which it acts, as in 08:00-18:00; a job at another hour waits
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    hours: Option<Hours>,
    /// Whether it acts on holidays: always, never, only
    #[arg(long, value_enum)]
    holidays: Option<HolidayArg>,
    /// A system user who is reminded 30 days before the end; up to ten
    #[arg(long, value_name = "USERNAME", alias = "reminder-to")]
    remind: Vec<String>,
}

/// Hours as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hours {
    from: String,
    until: String,
}

impl FrameArgs {
    /// The first of these options that was given.
    pub(in crate::commands::automation) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--start", self.start.is_some()),
            ("--zone", self.zone.is_some()),
            ("--end", self.end.is_some()),
            ("--days", self.days.is_some()),
            ("--hours", self.hours.is_some()),
            ("--holidays", self.holidays.is_some()),
            ("--remind", !self.remind.is_empty()),
        ];
        options.into_iter().find_map(|(option, given)| given.then_some(option))
    }

    /// What was typed, over what was there.
    pub(super) async fn over(
        &self,
        context: &Context,
        before: Option<&Automation>,
        without: &[Without],
    ) -> Result<FrameStep, Failure> {
        let mut input = match before.and_then(|one| one.frame.clone()) {
            Some(frame) => TimeFrameInput::from(frame),
            None => self.usual(context)?,
        };
        if let Some(zone) = &self.zone {
            input.zone.clone_from(zone);
        }
        if let Some(start) = &self.start {
            input.start.clone_from(start);
        }
        if self.end.is_some() || without.contains(&Without::End) {
            input.end.clone_from(&self.end);
        }
        if let Some(days) = self.days {
            input.days = days;
        }
        if self.hours.is_some() || without.contains(&Without::Hours) {
            input.hours = self.hours.clone().map(|hours| HoursInput { from: hours.from, until: hours.until });
        }
        if let Some(holidays) = self.holidays {
            input.holidays = holidays.into();
        }
        let reminder_to = match before {
            Some(before) if self.remind.is_empty() && !without.contains(&Without::Remind) => {
                before.reminder_to.clone()
            }
            _ => reminded(context, &self.remind).await?,
        };
        Ok(FrameStep { frame: TimeFrame::new(&input).map_err(Failure::usage)?, reminder_to })
    }

    /// From this minute on, at all times.
    fn usual(&self, context: &Context) -> Result<TimeFrameInput, Failure> {
        let zone = self.zone.clone().unwrap_or_else(|| context.settings.mail.time_zone.clone());
        let now = jiff::Timestamp::from_millisecond(now_ms()).map_err(Failure::failed)?;
        // A zone there is not is refused with the other fields.
        let here = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
        Ok(TimeFrameInput {
            start: now.to_zoned(here).strftime("%Y-%m-%dT%H:%M").to_string(),
            zone,
            end: None,
            days: ExecutionDays::ALL,
            hours: None,
            holidays: HolidayRule::Always,
        })
    }
}

/// `automation frame NAME`.
pub(in crate::commands::automation) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let before = find(context, &args.automation).await?;
    if !before.is_of_events() {
        return Err(Failure::usage(format!("a schedule begins {}, no event", title(&before)))
            .hint(format!("passpost automation schedule {} --start …", before.number)));
    }
    let step = args.frame.over(context, Some(&before), &args.without).await?;
    let said = step.frame.to_string();
    let (id, now) = (before.id, now_ms());
    let saved = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::update_frame(tx, &acting, id, &step, now).await?;
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} acts {said}", title(&saved)), &saved);
    super::next_step(context, &saved);
    if saved.status.is_active() && !context.out.is_json() {
        context.out.line(format!("  {}", super::show::may_act(context, &saved).await?));
    }
    Ok(Done::All)
}

/// Reads `08:00-18:00`; what stands on both sides is checked with the other fields.
fn hours(text: &str) -> Result<Hours, String> {
    let (from, until) = text
        .split_once(['-', '–'])
        .ok_or_else(|| format!("expected hours such as 08:00-18:00, not {text:?}"))?;
    Ok(Hours { from: from.trim().to_owned(), until: until.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_two_times_of_day() {
        let read = hours("22:00 - 06:00").unwrap();
        assert_eq!((read.from.as_str(), read.until.as_str()), ("22:00", "06:00"));
        assert!(hours("all").is_err());
    }
}
