//! The second step of an automation, for programs: when it runs.

use crate::api::automation_view::{AutomationView, ScheduleBody};
use crate::api::automations::EXAMPLE;
use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::Time;
use axum::Json;
use axum::http::StatusCode;
use domain::automation::MOST_REMINDED;
use domain::id::{AutomationId, PersonId};
use domain::schedule::Schedule;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::automation::{self, ScheduleStep};
use store::person;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::put("/api/v1/automations/{id}/schedule", "Save the schedule (second step)")
        .text("An active automation goes by it from then on.")
        .at(&[EXAMPLE])
        .takes(
            of::<ScheduleBody>,
            r#"{"schedule":{"zone":"Europe/Berlin","start":"2027-01-04T09:00","repetition":{"every":1,"unit":"months"}}}"#,
        )
        .gives(200, of::<AutomationView>)
        .also(&[409]),
    Operation::get("/api/v1/automations/{id}/occurrences", "The next times it would run")
        .text("At most ten, by its schedule and the holiday calendar as they are.")
        .at(&[EXAMPLE])
        .gives(200, of::<Upcoming>),
];

/// The next times.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Upcoming {
    next: Vec<Next>,
}

/// One of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Next {
    at: Time,
    /// Whether it was moved to an allowed day.
    shifted: bool,
}

/// PUT /api/v1/automations/{id}/schedule
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<ScheduleBody>,
) -> Result<Json<AutomationView>, Problem> {
    let schedule = Schedule::new(&body.schedule).map_err(|invalid| {
        let whole = Problem::new(StatusCode::BAD_REQUEST, "The schedule is not right.");
        invalid.problems().iter().fold(whole, |all, one| {
            all.at(format!("/schedule/{}", one.field.replace('.', "/")), one.message.clone())
        })
    })?;
    if body.reminder_to.len() > MOST_REMINDED {
        return Err(Problem::field("/reminder_to", "at most ten system users can be reminded"));
    }
    let (acting, now) = (caller.acting(), caller.now_ms);
    let reminder_to: Vec<PersonId> = body.reminder_to.into_iter().map(PersonId).collect();
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                for (place, person) in reminder_to.iter().enumerate() {
                    if person::find(tx, *person).await?.is_none_or(|person| person.system.is_none()) {
                        let right = "expected a system user; only those are reminded";
                        return Err(Problem::field(format!("/reminder_to/{place}"), right));
                    }
                }
                let step = ScheduleStep { schedule, reminder_to };
                automation::update_schedule(tx, &acting, id, &step, now).await?;
                Ok(automation::get(tx, id).await?)
            })
        })
        .await?;
    Ok(Json(saved.into()))
}

/// GET /api/v1/automations/{id}/occurrences
pub(crate) async fn list(caller: Caller, Id(id): Id<AutomationId>) -> Result<Json<Upcoming>, Problem> {
    let now = Timestamp::from_millisecond(caller.now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let next = caller
        .read(move |tx| {
            Box::pin(async move {
                let one = automation::get(tx, id).await?;
                let Some(schedule) = one.schedule else { return Ok(Vec::new()) };
                let calendar = automation::calendar(tx).await?;
                let found = schedule.next_n(&calendar, now, 10);
                let shown = |one: &domain::schedule::Occurrence| Next {
                    at: Time(one.at.as_millisecond()),
                    shifted: one.is_shifted(),
                };
                Ok(found.iter().map(shown).collect())
            })
        })
        .await?;
    Ok(Json(Upcoming { next }))
}
