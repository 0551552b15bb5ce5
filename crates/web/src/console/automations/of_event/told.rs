//! An automation that an event begins, in sentences: its event, its target, its delay and its time frame.

use crate::console::automations::words::{days, time_of, wall};
use crate::console::events::words as event_words;
use crate::console::operator::Operator;
use crate::words::Words;
use domain::event::{Condition, Delay, EventStep};
use domain::schedule::{ExecutionDays, HolidayCalendar, HolidayRule, TimeFrame};
use jiff::{Timestamp, ToSpan as _};

/// Moments listed.
const MOMENTS: usize = 5;

/// A time frame in one sentence.
pub(super) fn frame(frame: &TimeFrame, words: &Words) -> String {
    let date_time = |at: jiff::civil::DateTime| format!("{} {}", at.date(), time_of(at));
    let (from, until) = (date_time(frame.start()), date_time(frame.latest()));
    let mut parts = vec![words.say_with("frame-span", &[("from", &from), ("until", &until)])];
    if frame.days() != ExecutionDays::ALL {
        parts.push(days(frame.days(), words));
    }
    if let Some(hours) = frame.hours() {
        let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        let (from, until) = (time(hours.from()), time(hours.until()));
        parts.push(words.say_with("frame-hours", &[("from", &from), ("until", &until)]));
    }
    match frame.holidays() {
        HolidayRule::Always => {}
        HolidayRule::NeverOn => parts.push(words.say("schedule-never-on")),
        HolidayRule::OnlyOn => parts.push(words.say("schedule-only-on")),
    }
    format!("{} ({})", parts.join(", "), frame.zone())
}

/// When a job could be done next, of each day the first moment.
pub(super) fn next(operator: &Operator, frame: &TimeFrame, calendar: &HolidayCalendar) -> Vec<String> {
    let mut from = Timestamp::from_millisecond(operator.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut found = Vec::new();
    while found.len() < MOMENTS {
        let Some(at) = frame.next_allowed(calendar, from) else { break };
        found.push(wall(operator.context.words, frame.zone(), at));
        let wall = frame.time_zone().to_datetime(at);
        let tomorrow = wall.date().checked_add(1.day()).ok().map(|day| day.at(0, 0, 0, 0));
        let Some(next) = tomorrow.and_then(|day| frame.time_zone().to_timestamp(day).ok()) else { break };
        from = next;
    }
    found
}

/// A delay.
pub(super) fn delay(delay: Option<Delay>, words: &Words) -> String {
    match delay {
        None => words.say("delay-none"),
        Some(delay) => {
            words.count(&format!("delay-told-{}", delay.unit().as_str()), "n", i64::from(delay.value()))
        }
    }
}

/// The settings of an event and its conditions, each with what it is called.
pub(super) fn settings(
    operator: &Operator,
    step: &EventStep,
    group: Option<String>,
    automation: Option<String>,
    system_user: Option<String>,
) -> Vec<(String, String)> {
    let gone = || operator.say("event-setting-gone");
    let mut all = Vec::new();
    let mut put = |id: &str, text: String| all.push((operator.say(id), text));
    if let Some(source) = &step.source {
        put("event-source", source.clone());
    }
    if step.group.is_some() {
        put("event-group", group.unwrap_or_else(gone));
    }
    if step.automation.is_some() {
        put("event-automation", automation.unwrap_or_else(gone));
    }
    if step.system_user.is_some() {
        put("event-system-user", system_user.unwrap_or_else(gone));
    }
    if !step.attributes.is_empty() {
        put("event-attributes", step.attributes.join(", "));
    }
    if !step.conditions.is_empty() {
        let told: Vec<String> = step.conditions.iter().map(|one| condition(operator, one)).collect();
        put("event-conditions", told.join(" · "));
    }
    all
}

fn condition(operator: &Operator, one: &Condition) -> String {
    let compared = operator.say(&format!("condition-{}", one.operator.as_str().replace('_', "-")));
    let case = if one.ignore_case { operator.say("condition-case-told") } else { String::new() };
    format!("{} {compared} “{}”{case}", one.field, one.value)
}

/// What the event is called, and whether it is related to a contact or the system.
pub(super) fn event(words: &Words, step: &EventStep) -> String {
    format!("{} {}", event_words::label(words, &step.event), event_words::letters(step.event.nature()))
}
