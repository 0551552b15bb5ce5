//! The second step of an automation: when it runs, with the next runs while one edits.

use super::words::{self, Next, WEEK};
use super::{get, path_of};
use crate::console::choice::zones;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::MOST_REMINDED;
use domain::id::PersonId;
use domain::person::Person;
use domain::role::{Permission, UserType};
use domain::schedule::{
    ExecutionDays, HolidayCalendar, HolidayRule, InvalidSchedule, RepetitionInput, Schedule, ScheduleInput,
    Unit,
};
use jiff::civil::DateTime;
use store::automation::{self, Automation, ScheduleStep};
use store::person;

const FIELDS: &[&str] =
    &["zone", "start", "unit", "every", "end", "day-*", "holidays", "delete_after_last", "remind-*", "act"];

#[derive(Template)]
#[template(path = "console/automation_schedule.html")]
struct SchedulePage {
    shell: Shell,
    id: String,
    title: String,
    is_active: bool,
    may_activate: bool,
    filled: Filled,
    units: Vec<Choice>,
    days: Vec<Tick>,
    holidays: Vec<Choice>,
    people: Vec<Tick>,
    zones: Vec<String>,
    coming: Coming,
}

/// A box of a list.
pub(super) struct Tick {
    pub(super) field: String,
    pub(super) label: String,
    pub(super) note: String,
    pub(super) is_ticked: bool,
}

/// What the schedule as typed would do.
struct Coming {
    words: String,
    next: Vec<Next>,
    last: String,
    /// Why there is nothing to show.
    why: String,
}

/// GET /console/automations/{id}/schedule
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return Ok(page::go(&format!("{}/frame", path_of(&one))));
    }
    let filled = filled_of(&operator, &one);
    show_page(&operator, StatusCode::OK, &one, filled).await
}

/// POST /console/automations/{id}/schedule: shows what was typed, or saves it.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let one = get(&operator, &id).await?;
    if one.is_of_events() {
        return Err(Failure::NotFound);
    }
    let mut filled = Filled::sent(&pairs);
    if pairs.text("act") == "look" {
        let wrong = Schedule::new(&input(&filled)).err();
        note(&operator, &mut filled, wrong);
        return show_page(&operator, StatusCode::OK, &one, filled).await;
    }
    let people = system_users(&operator).await?;
    let Some(step) = read_step(&operator, &pairs, &mut filled, &people) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        let step = step.clone();
        Box::pin(async move { automation::update_schedule(tx, &acting, id, &step, now).await })
    });
    write.await.map_err(Failure::from)?;
    let path = path_of(&one);
    Ok(if pairs.text("act") == "activate" && operator.may(Permission::AutomationsActivate) {
        page::done(&format!("{path}/activate"), "automation-saved", None)
    } else {
        page::done(&path, "automation-saved", None)
    })
}

fn read_step(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    people: &[Person],
) -> Option<ScheduleStep> {
    let schedule = match Schedule::new(&input(filled)) {
        Ok(schedule) => Some(schedule),
        Err(invalid) => {
            note(operator, filled, Some(invalid));
            None
        }
    };
    let reminder_to = read_reminded(operator, pairs, filled, people);
    let schedule = schedule.filter(|_| filled.is_right())?;
    Some(ScheduleStep { schedule, reminder_to })
}

/// Who is ticked to be reminded.
pub(super) fn read_reminded(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    people: &[Person],
) -> Vec<PersonId> {
    let ticked: Vec<&str> = pairs.ticked("remind-").collect();
    let reminded: Vec<PersonId> =
        people.iter().map(|one| one.id).filter(|id| ticked.contains(&id.to_string().as_str())).collect();
    if reminded.len() > MOST_REMINDED {
        filled.wrong("remind", operator.say("schedule-wrong-remind"));
    }
    reminded
}

/// The days as ticked.
pub(super) fn read_days(filled: &Filled) -> ExecutionDays {
    let day = |name: &str| filled.has(&format!("day-{name}"));
    ExecutionDays {
        monday: day("monday"),
        tuesday: day("tuesday"),
        wednesday: day("wednesday"),
        thursday: day("thursday"),
        friday: day("friday"),
        saturday: day("saturday"),
        sunday: day("sunday"),
    }
}

/// What holidays mean, as chosen.
pub(super) fn read_holidays(filled: &Filled) -> HolidayRule {
    RULES
        .into_iter()
        .find(|(_, name)| *name == filled.value("holidays"))
        .map_or(HolidayRule::Always, |(rule, _)| rule)
}

/// The schedule as typed.
fn input(filled: &Filled) -> ScheduleInput {
    let text = |name: &str| filled.value(name).trim().to_owned();
    let unit = Unit::ALL.into_iter().find(|unit| words::unit_name(*unit) == filled.value("unit"));
    // What is no number is none that is allowed either.
    let every = text("every").parse().unwrap_or_default();
    ScheduleInput {
        zone: text("zone"),
        start: text("start"),
        repetition: unit.map(|unit| RepetitionInput { every, unit }),
        end: Some(text("end")).filter(|end| !end.is_empty()),
        delete_after_last: filled.has("delete_after_last"),
        days: read_days(filled),
        holidays: read_holidays(filled),
    }
}

/// What holidays can mean.
pub(super) const RULES: [(HolidayRule, &str); 3] =
    [(HolidayRule::Always, "always"), (HolidayRule::NeverOn, "never-on"), (HolidayRule::OnlyOn, "only-on")];

/// Puts each thing that is wrong to its field, with what would be right.
fn note(operator: &Operator, filled: &mut Filled, invalid: Option<InvalidSchedule>) {
    let Some(invalid) = invalid else { return };
    for problem in invalid.problems() {
        let (field, id) = match problem.field.as_str() {
            "zone" => ("zone", "record-wrong-zone"),
            "start" => ("start", "schedule-wrong-start"),
            "repetition.every" => ("every", "schedule-wrong-every"),
            "end" => ("end", "schedule-wrong-end"),
            "days" => ("days", "schedule-wrong-days"),
            _ => ("holidays", "schedule-wrong-never"),
        };
        if filled.error(field).is_empty() {
            filled.wrong(field, operator.say(id));
        }
    }
}

/// As browsers fill a field for a day and a time.
pub(super) fn typed(at: DateTime) -> String {
    at.strftime(if at.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" }).to_string()
}

fn filled_of(operator: &Operator, one: &Automation) -> Filled {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| fields.push((name.to_owned(), value));
    let tick = || "1".to_owned();
    match &one.schedule {
        None => {
            put("zone", operator.zone());
            put("every", tick());
            put("unit", "months".to_owned());
            put("holidays", "always".to_owned());
            for (_, day) in WEEK {
                put(&format!("day-{day}"), tick());
            }
        }
        Some(schedule) => {
            put("zone", schedule.zone().to_owned());
            put("start", typed(schedule.start()));
            put("end", schedule.end().map(typed).unwrap_or_default());
            let repetition = schedule.repetition();
            put("unit", repetition.map(|one| words::unit_name(one.unit).to_owned()).unwrap_or_default());
            put("every", repetition.map_or_else(tick, |one| one.every.to_string()));
            let rule = RULES.into_iter().find(|(rule, _)| *rule == schedule.holidays());
            put("holidays", rule.map_or("always", |(_, name)| name).to_owned());
            for (_, name) in WEEK.into_iter().filter(|(day, _)| schedule.days().contains(*day)) {
                put(&format!("day-{name}"), tick());
            }
            if schedule.delete_after_last() {
                put("delete_after_last", tick());
            }
        }
    }
    for id in &one.reminder_to {
        put(&format!("remind-{id}"), tick());
    }
    Filled::with(fields.iter().map(|(name, value)| (name.as_str(), value.clone())))
}

/// System users who read mail: programs are not reminded.
pub(super) async fn system_users(operator: &Operator) -> Result<Vec<Person>, Failure> {
    let read = operator.state().store.read(|tx| Box::pin(async move { person::list_system_users(tx).await }));
    let people = read.await.map_err(Failure::from)?;
    let reads =
        |person: &Person| person.system.as_ref().is_some_and(|system| system.user_type != UserType::Api);
    Ok(people.into_iter().filter(reads).collect())
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: &Automation,
    filled: Filled,
) -> Result<Response, Failure> {
    let people = system_users(operator).await?;
    let read = operator.state().store.read(|tx| Box::pin(async move { automation::calendar(tx).await }));
    let calendar = read.await.map_err(Failure::from)?;
    let unit = filled.value("unit").to_owned();
    let mut units = vec![Choice::new("", operator.say("repeat-never"), &unit)];
    units.extend(
        Unit::ALL
            .map(words::unit_name)
            .map(|one| Choice::new(one, operator.say(&format!("repeat-{one}")), &unit)),
    );
    let page = SchedulePage {
        shell: operator.shell(Place::Automations),
        id: one.id.to_string(),
        title: one.name.clone(),
        is_active: one.status.is_active(),
        may_activate: operator.may(Permission::AutomationsActivate),
        units,
        days: day_boxes(operator, &filled),
        holidays: holiday_choices(operator, filled.value("holidays")),
        people: people_boxes(people, &filled),
        zones: zones(),
        coming: coming(operator, &filled, &calendar),
        filled,
    };
    page::show(status, &page)
}

/// The days of the week as boxes.
pub(super) fn day_boxes(operator: &Operator, filled: &Filled) -> Vec<Tick> {
    let one = |day: &str| {
        let field = format!("day-{day}");
        Tick {
            is_ticked: filled.has(&field),
            label: operator.say(&format!("day-short-{day}")),
            note: operator.say(&field),
            field,
        }
    };
    WEEK.into_iter().map(|(_, day)| one(day)).collect()
}

/// What holidays can mean, to choose from.
pub(super) fn holiday_choices(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |name: &str| Choice::new(name, operator.say(&format!("holidays-{name}")), chosen);
    RULES.into_iter().map(|(_, name)| one(name)).collect()
}

/// Who can be reminded, as boxes.
pub(super) fn people_boxes(people: Vec<Person>, filled: &Filled) -> Vec<Tick> {
    let one = |person: Person| {
        let field = format!("remind-{}", person.id);
        let note = person.username.clone();
        Tick { is_ticked: filled.has(&field), label: person.full_name(), note, field }
    };
    people.into_iter().map(one).collect()
}

fn coming(operator: &Operator, filled: &Filled, calendar: &HolidayCalendar) -> Coming {
    let words = operator.context.words;
    let none = |id: &str| Coming {
        words: String::new(),
        next: Vec::new(),
        last: String::new(),
        why: operator.say(id),
    };
    if filled.value("start").trim().is_empty() {
        return none("schedule-coming-start");
    }
    let Ok(schedule) = Schedule::new(&input(filled)) else { return none("schedule-coming-wrong") };
    if schedule.check_calendar(calendar).is_err() {
        return Coming { words: words::describe(&schedule, words), ..none("schedule-wrong-never") };
    }
    let next = words::next(&schedule, calendar, operator.now_ms(), words);
    Coming {
        words: words::describe(&schedule, words),
        why: if next.is_empty() { operator.say("schedule-coming-over") } else { String::new() },
        last: schedule.repetition().map(|_| schedule.latest().date().to_string()).unwrap_or_default(),
        next,
    }
}
