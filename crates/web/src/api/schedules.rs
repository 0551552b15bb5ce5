//! The second step of an automation, for programs: when it runs.

use crate::api::archive::Viewed as _;
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
use store::automation::{self, Automation, ScheduleStep};
use store::{Tx, person};
use uuid::Uuid;

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
    let (acting, now) = (caller.acting(), caller.now_ms);
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                if automation::lock(tx, id).await?.is_of_events() {
                    let text = "An event begins this automation: it has a time frame and no schedule.";
                    return Err(Problem::conflict(text).at("/kind", "expected time"));
                }
                let step = ScheduleStep { schedule, reminder_to: reminded(tx, &body.reminder_to).await? };
                automation::update_schedule(tx, &acting, id, &step, now).await?;
                Automation::view(tx, id).await
            })
        })
        .await?;
    Ok(Json(saved))
}

/// Who is reminded of the end: at most ten, and only system users.
pub(crate) async fn reminded(tx: &mut Tx, asked: &[Uuid]) -> Result<Vec<PersonId>, Problem> {
    if asked.len() > MOST_REMINDED {
        return Err(Problem::field("/reminder_to", "at most ten system users can be reminded"));
    }
    let reminded: Vec<PersonId> = asked.iter().copied().map(PersonId).collect();
    for (place, id) in reminded.iter().enumerate() {
        if person::find(tx, *id).await?.is_none_or(|person| person.system.is_none()) {
            let right = "expected a system user; only those are reminded";
            return Err(Problem::field(format!("/reminder_to/{place}"), right));
        }
    }
    Ok(reminded)
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
