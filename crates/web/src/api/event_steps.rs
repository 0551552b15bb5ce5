//! What only an automation has that an event begins, for programs: its first and third step, and what waits.

use crate::api::archive::Viewed as _;
use crate::api::automation_steps::{Words, check_fit, first_step};
use crate::api::automation_view::AutomationView;
use crate::api::document::operation::{CURSOR, LIMIT, Operation, of};
use crate::api::event_body::{EventStepBody, FrameBody, read_frame};
use crate::api::events::EventJobView;
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::schedules::reminded;
use axum::Json;
use domain::id::AutomationId;
use schemars::JsonSchema;
use serde::Serialize;
use store::Tx;
use store::automation::{self, Automation, FrameStep};
use store::event::job;

/// An id as in the examples, of an automation that an event begins.
const EXAMPLE: &str = "01940000-0000-7000-8000-000000000009";
const ONE: &[&str] = &[EXAMPLE];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::put("/api/v1/automations/{id}/event", "Save the event (first step)")
        .text("What waits already goes on waiting. Whoever does it bounds the rights of its runs from then on.")
        .at(ONE)
        .takes(
            of::<EventStepBody>,
            r#"{"name":"Bookings","event":{"event":"org.example.course.booked","source":"/courses",
                "conditions":[{"field":"course.id","operator":"equals","value":"7"}]}}"#,
        )
        .gives(200, of::<AutomationView>)
        .also(&[409]),
    Operation::put("/api/v1/automations/{id}/frame", "Save the time frame (third step)")
        .text(
            "Events outside of it are not acted on. Days, hours and holidays postpone a job to the next allowed moment. An \
             active automation goes by it from then on.",
        )
        .at(ONE)
        .takes(
            of::<FrameBody>,
            r#"{"frame":{"zone":"Europe/Berlin","start":"2027-01-04T09:00","end":"2027-12-31T18:00",
                "hours":{"from":"08:00","until":"18:00"},"holidays":"never_on"}}"#,
        )
        .gives(200, of::<AutomationView>)
        .also(&[409]),
    Operation::get("/api/v1/automations/{id}/waiting", "List the jobs that wait, the first due first")
        .at(ONE)
        .query(&[LIMIT, CURSOR])
        .gives(200, of::<Page<EventJobView>>),
    Operation::get("/api/v1/automations/{id}/counts", "How its jobs stand, by state and reason")
        .text("Events that came outside the time frame or while it was inactive are among those not acted on.")
        .at(ONE)
        .gives(200, of::<Page<CountView>>),
];

/// How many jobs stand alike.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventJobCount")]
pub(crate) struct CountView {
    /// `waiting`, `executed`, `not_acted_on` or `cancelled`.
    state: String,
    reason: Option<String>,
    count: i64,
}

/// An automation must be there, and an event must begin it.
async fn must_listen(tx: &mut Tx, id: AutomationId) -> Result<(), Problem> {
    if automation::lock(tx, id).await?.is_of_events() {
        return Ok(());
    }
    let text = "A schedule begins this automation: it has no event and no time frame.";
    Err(Problem::conflict(text).at("/kind", "expected event"))
}

/// PUT /api/v1/automations/{id}/event
pub(crate) async fn update(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<EventStepBody>,
) -> Result<Json<AutomationView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                must_listen(tx, id).await?;
                let words = Words { name: &body.name, description: body.description };
                let step = first_step(tx, words, body.event.step()?, body.selection_id).await?;
                automation::update_event(tx, &acting, id, &step, now).await?;
                check_fit(tx, id).await?;
                Automation::view(tx, id).await
            })
        })
        .await?;
    Ok(Json(saved))
}

/// PUT /api/v1/automations/{id}/frame
pub(crate) async fn update_frame(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<FrameBody>,
) -> Result<Json<AutomationView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                must_listen(tx, id).await?;
                let frame = read_frame(&body.frame)?;
                let step = FrameStep { frame, reminder_to: reminded(tx, &body.reminder_to).await? };
                automation::update_frame(tx, &acting, id, &step, now).await?;
                Automation::view(tx, id).await
            })
        })
        .await?;
    Ok(Json(saved))
}

/// GET /api/v1/automations/{id}/waiting
pub(crate) async fn list_waiting(
    caller: Caller,
    Id(id): Id<AutomationId>,
    asked: Asked,
) -> Result<Json<Page<EventJobView>>, Problem> {
    let limit = asked.limit()?;
    let after = asked.position::<16>(&caller)?.map(u128::from_be_bytes).map(places);
    let mut found = caller
        .read(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                Ok(job::list_waiting(tx, id, after, limit + 1).await?)
            })
        })
        .await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| more).and_then(|last| Some((last.due_at?, last.event)));
    let next = last.map(|(due, event)| position(due, event).to_be_bytes());
    Ok(Json(asked.page(&caller, found.into_iter().map(EventJobView::from).collect(), next)))
}

/// When a job is due and the number of its event, as one number; see [`places`].
fn position(due: i64, event: i64) -> u128 {
    (u128::from(due.cast_unsigned()) << 64) | u128::from(event.cast_unsigned())
}

fn places(position: u128) -> (i64, i64) {
    let half = |bits: u128| (bits & u128::from(u64::MAX)).try_into().map_or(0, u64::cast_signed);
    (half(position >> 64), half(position))
}

/// GET /api/v1/automations/{id}/counts
pub(crate) async fn list_counts(
    caller: Caller,
    Id(id): Id<AutomationId>,
) -> Result<Json<Page<CountView>>, Problem> {
    let found = caller
        .read(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                Ok(job::count_by_state(tx, id).await?)
            })
        })
        .await?;
    let items = found.into_iter().map(|(state, reason, count)| CountView {
        state: state.as_str().to_owned(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        count,
    });
    Ok(Json(Page { items: items.collect(), next_cursor: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_as_it_was() {
        for (due, event) in [(0, 0), (1_772_000_000_000, 7), (i64::MAX, i64::MAX), (-1, i64::MIN)] {
            assert_eq!(places(position(due, event)), (due, event));
        }
    }
}
