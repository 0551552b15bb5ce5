//! The third step: when it listens, and at which hours of which days its job may be done.

use super::{Known, told};
use crate::console::automations::path_of;
use crate::console::automations::schedule::{
    RULES, Tick, day_boxes, holiday_choices, people_boxes, read_days, read_holidays, read_reminded,
    system_users, typed,
};
use crate::console::automations::words::WEEK;
use crate::console::choice::zones;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use domain::schedule::{HolidayCalendar, HoursInput, InvalidSchedule, TimeFrame, TimeFrameInput};
use jiff::Timestamp;
use jiff::civil::Time;
use store::automation::{self, Automation, FrameStep};

const FIELDS: &[&str] =
    &["zone", "start", "end", "day-*", "hours_from", "hours_until", "holidays", "remind-*", "act"];

#[derive(Template)]
#[template(path = "console/events/step_frame.html")]
struct FramePage {
    shell: Shell,
    known: Known,
    may_activate: bool,
    has_job: bool,
    filled: Filled,
    days: Vec<Tick>,
    holidays: Vec<Choice>,
    people: Vec<Tick>,
    zones: Vec<String>,
    coming: Coming,
}

/// What the frame as typed would allow.
struct Coming {
    words: String,
    next: Vec<String>,
    /// Why there is nothing to show.
    why: String,
}

/// GET /console/automations/{id}/frame
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = super::get(&operator, &id).await?;
    let filled = filled_of(&operator, &one);
    show_page(&operator, StatusCode::OK, &one, filled).await
}

/// POST /console/automations/{id}/frame: shows what was typed, or saves it.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let one = super::get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    let read = TimeFrame::new(&input(&filled));
    if let Err(invalid) = &read {
        note(&operator, &mut filled, invalid);
    }
    if pairs.text("act") == "look" {
        return show_page(&operator, StatusCode::OK, &one, filled).await;
    }
    let people = system_users(&operator).await?;
    let reminder_to = read_reminded(&operator, &pairs, &mut filled, &people);
    let Some(frame) = read.ok().filter(|_| filled.is_right()) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    let step = FrameStep { frame, reminder_to };
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        let step = step.clone();
        Box::pin(async move { automation::update_frame(tx, &acting, id, &step, now).await })
    });
    write.await.map_err(Failure::from)?;
    let path = path_of(&one);
    Ok(match pairs.text("act") {
        "activate" if operator.may(Permission::AutomationsActivate) => {
            page::done(&format!("{path}/activate"), "automation-saved", None)
        }
        "back" => page::done(&format!("{path}/event-job"), "automation-saved", None),
        _ => page::done(&path, "automation-saved", None),
    })
}

/// The frame as typed.
fn input(filled: &Filled) -> TimeFrameInput {
    let text = |name: &str| filled.value(name).trim().to_owned();
    let (from, until) = (text("hours_from"), text("hours_until"));
    TimeFrameInput {
        zone: text("zone"),
        start: text("start"),
        end: Some(text("end")).filter(|end| !end.is_empty()),
        days: read_days(filled),
        hours: (!from.is_empty() || !until.is_empty()).then_some(HoursInput { from, until }),
        holidays: read_holidays(filled),
    }
}

/// Puts each thing that is wrong to its field, with what would be right.
fn note(operator: &Operator, filled: &mut Filled, invalid: &InvalidSchedule) {
    for problem in invalid.problems() {
        let (field, id) = match problem.field.as_str() {
            "zone" => ("zone", "record-wrong-zone"),
            "start" => ("start", "schedule-wrong-start"),
            "end" => ("end", "schedule-wrong-end"),
            "days" => ("days", "schedule-wrong-days"),
            "hours.from" => ("hours_from", "frame-wrong-hours"),
            _ => ("hours_until", "frame-wrong-hours"),
        };
        if filled.error(field).is_empty() {
            filled.wrong(field, operator.say(id));
        }
    }
}

fn filled_of(operator: &Operator, one: &Automation) -> Filled {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| fields.push((name.to_owned(), value));
    let tick = || "1".to_owned();
    match &one.frame {
        None => {
            // From now on, at all times: the usual frame.
            let now = Timestamp::from_millisecond(operator.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
            let zone = operator.zone();
            let here = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
            put("zone", zone);
            put("start", here.to_datetime(now).strftime("%Y-%m-%dT%H:%M").to_string());
            put("holidays", "always".to_owned());
            for (_, day) in WEEK {
                put(&format!("day-{day}"), tick());
            }
        }
        Some(frame) => {
            put("zone", frame.zone().to_owned());
            put("start", typed(frame.start()));
            put("end", frame.end().map(typed).unwrap_or_default());
            let time = |time: Time| time.strftime("%H:%M").to_string();
            put("hours_from", frame.hours().map(|hours| time(hours.from())).unwrap_or_default());
            put("hours_until", frame.hours().map(|hours| time(hours.until())).unwrap_or_default());
            let rule = RULES.into_iter().find(|(rule, _)| *rule == frame.holidays());
            put("holidays", rule.map_or("always", |(_, name)| name).to_owned());
            for (_, name) in WEEK.into_iter().filter(|(day, _)| frame.days().contains(*day)) {
                put(&format!("day-{name}"), tick());
            }
        }
    }
    for id in &one.reminder_to {
        put(&format!("remind-{id}"), tick());
    }
    Filled::with(fields.iter().map(|(name, value)| (name.as_str(), value.clone())))
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
    let page = FramePage {
        shell: operator.shell(Place::Automations),
        known: Known::of(operator, one)?,
        may_activate: operator.may(Permission::AutomationsActivate),
        has_job: one.target.is_some(),
        days: day_boxes(operator, &filled),
        holidays: holiday_choices(operator, filled.value("holidays")),
        people: people_boxes(people, &filled),
        zones: zones(),
        coming: coming(operator, &filled, &calendar),
        filled,
    };
    page::show(status, &page)
}

fn coming(operator: &Operator, filled: &Filled, calendar: &HolidayCalendar) -> Coming {
    let none = |id: &str| Coming { words: String::new(), next: Vec::new(), why: operator.say(id) };
    if filled.value("start").trim().is_empty() {
        return none("frame-coming-start");
    }
    let Ok(frame) = TimeFrame::new(&input(filled)) else { return none("frame-coming-wrong") };
    let next = told::next(operator, &frame, calendar);
    let why = if next.is_empty() { operator.say("frame-coming-never") } else { String::new() };
    Coming { words: told::frame(&frame, operator.context.words), next, why }
}
