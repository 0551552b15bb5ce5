//! A schedule in words, in the operator's language; the command line has its own in English.

use crate::console::operator::Operator;
use crate::words::Words;
use domain::schedule::{ExecutionDays, HolidayCalendar, HolidayRule, Repetition, Schedule, Unit};
use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use store::automation::Automation;

/// The seven days as forms and words name them.
pub(super) const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

/// A schedule in one sentence.
pub(super) fn describe(schedule: &Schedule, words: &Words) -> String {
    let (start, time) = (schedule.start(), time_of(schedule.start()));
    let date = start.date().to_string();
    let first = match schedule.repetition() {
        None => words.say_with("schedule-once", &[("date", &date), ("time", &time)]),
        Some(repetition) => {
            let id = if repetition.unit == Unit::Hours { "schedule-from" } else { "schedule-at" };
            words.say_with(id, &[("every", &every(repetition, words)), ("time", &time)])
        }
    };
    let mut parts = vec![first];
    if schedule.days() != ExecutionDays::ALL {
        parts.push(days(schedule.days(), words));
    }
    match schedule.holidays() {
        HolidayRule::Always => {}
        HolidayRule::NeverOn => parts.push(words.say("schedule-never-on")),
        HolidayRule::OnlyOn => parts.push(words.say("schedule-only-on")),
    }
    let latest = schedule.latest();
    let until = if latest.time() == start.time() {
        latest.date().to_string()
    } else {
        format!("{} {}", latest.date(), time_of(latest))
    };
    if schedule.repetition().is_some() {
        parts.push(words.say_with("schedule-span", &[("from", &date), ("until", &until)]));
    } else if schedule.end().is_some() {
        parts.push(words.fill("schedule-until", "until", &until));
    }
    if schedule.delete_after_last() {
        parts.push(words.say("schedule-deleted"));
    }
    format!("{} ({})", parts.join(", "), schedule.zone())
}

fn every(repetition: Repetition, words: &Words) -> String {
    let unit = unit_name(repetition.unit);
    match repetition.every.get() {
        1 => words.say(&format!("every-{unit}-one")),
        count => words.fill(&format!("every-{unit}"), "count", &count.to_string()),
    }
}

/// As forms name it.
pub(super) const fn unit_name(unit: Unit) -> &'static str {
    unit.plural()
}

/// `Monday to Friday`, `Monday, Wednesday`.
pub(super) fn days(days: ExecutionDays, words: &Words) -> String {
    let ticked: Vec<usize> = (0..7).filter(|index| days.contains(WEEK[*index].0)).collect();
    let name = |index: usize| words.say(&format!("day-{}", WEEK[index].1));
    match ticked.as_slice() {
        [first, .., last] if last - first + 1 == ticked.len() && ticked.len() > 2 => {
            words.say_with("days-range", &[("first", &name(*first)), ("last", &name(*last))])
        }
        ticked => ticked.iter().map(|index| name(*index)).collect::<Vec<_>>().join(", "),
    }
}

pub(super) fn time_of(at: DateTime) -> String {
    at.strftime(if at.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}

/// A moment as wall time in the automation's own zone.
pub(super) fn moment(operator: &Operator, one: &Automation, at_ms: i64) -> String {
    match (&one.schedule, Timestamp::from_millisecond(at_ms)) {
        (Some(schedule), Ok(at)) => wall(operator.context.words, schedule.zone(), at),
        _ => operator.at(at_ms),
    }
}

/// `Mon 2027-01-04 09:00 CET`.
pub(super) fn wall(words: &Words, zone: &str, at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC));
    let day = WEEK.iter().find(|(day, _)| *day == at.weekday()).map_or("monday", |(_, name)| *name);
    format!("{} {}", words.say(&format!("day-short-{day}")), at.strftime("%Y-%m-%d %H:%M %Z"))
}

/// One of the next runs.
pub(super) struct Next {
    pub(super) at: String,
    pub(super) is_shifted: bool,
}

/// The next runs of a schedule, at most five.
pub(super) fn next(schedule: &Schedule, calendar: &HolidayCalendar, now_ms: i64, words: &Words) -> Vec<Next> {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let found = schedule.next_n(calendar, now, 5);
    let next = found
        .into_iter()
        .map(|one| Next { at: wall(words, schedule.zone(), one.at), is_shifted: one.is_shifted() });
    next.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::automation::AutomationStatus;
    use domain::credential::Mode;
    use domain::language::Language;
    use domain::schedule::{RepetitionInput, ScheduleInput};

    fn schedule(repetition: Option<(i64, Unit)>, days: ExecutionDays, holidays: HolidayRule) -> Schedule {
        let repetition = repetition.map(|(every, unit)| RepetitionInput { every, unit });
        Schedule::new(&ScheduleInput {
            zone: "Europe/Berlin".into(),
            start: "2027-01-04T09:00".into(),
            repetition,
            end: None,
            delete_after_last: false,
            days,
            holidays,
        })
        .unwrap()
    }

    #[test]
    fn a_schedule_reads_like_a_sentence() {
        let words = Words::of(Language::En);
        let weekdays = ExecutionDays::WEEKDAYS;
        let twice = schedule(Some((2, Unit::Weeks)), weekdays, HolidayRule::NeverOn);
        assert_eq!(
            describe(&twice, words),
            "Every 2 weeks at 09:00, Monday to Friday, never on holidays, from 2027-01-04 until 2032-01-04 (Europe/Berlin)"
        );
        let once = schedule(None, ExecutionDays::ALL, HolidayRule::Always);
        assert_eq!(describe(&once, words), "Once, on 2027-01-04 at 09:00 (Europe/Berlin)");
        let next = next(&twice, &HolidayCalendar::default(), 1_798_761_600_000, words);
        assert_eq!(next.len(), 5);
        assert_eq!(next[0].at, "Mon 2027-01-04 09:00 CET");
    }

    #[test]
    fn every_state_day_unit_and_mode_has_words_in_every_language() {
        for language in [Language::En, Language::De, Language::Fr] {
            let words = Words::of(language);
            let mut ids: Vec<String> =
                AutomationStatus::ALL.iter().map(|one| super::super::status_id(*one)).collect();
            for (_, day) in WEEK {
                ids.extend([format!("day-{day}"), format!("day-short-{day}")]);
            }
            for unit in Unit::ALL.map(unit_name) {
                ids.extend([format!("every-{unit}"), format!("every-{unit}-one"), format!("repeat-{unit}")]);
            }
            for mode in [Mode::AfterAcceptance, Mode::RevokeNow, Mode::KeepUntilUsed] {
                let name = mode.as_str().replace('_', "-");
                ids.extend([format!("mode-{name}"), format!("mode-{name}-hint")]);
            }
            ids.extend(["run", "missed", "skipped", "failed"].map(|one| format!("occurrence-{one}")));
            ids.extend(["always", "never-on", "only-on"].map(|one| format!("holidays-{one}")));
            ids.extend(
                ["", "-to-contact", "-to-system-user"].map(|one| format!("job-send-new-password{one}")),
            );
            ids.push("job-send-reset-link".into());
            for id in ids {
                assert_ne!(words.say(&id), id, "{language:?}");
            }
        }
    }
}
