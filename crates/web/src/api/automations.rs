//! Automations, for programs: what moves them, and what they would do.

use crate::api::archive::Viewed;
use crate::api::automation_steps::expected;
use crate::api::automation_view::{
    AutomationView, Confirmation, CopyBody, Deactivated, PreviewBody, PreviewView,
};
use crate::api::document::operation::{Operation, of};
use crate::api::event_body::{JobStepBody, NewAutomation};
use crate::api::json::Strict;
use crate::api::paging::{Asked, Page};
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::run_view::RunView;
use crate::api::selections::ARCHIVED;
use axum::Json;
use axum::response::Response;
use domain::automation::check_name;
use domain::id::AutomationId;
use domain::role::Permission;
use domain::sentence::Piece;
use flow::{Refusal, StartError, StartRun};
use store::Tx;
use store::automation::{self, Automation, JobStep, ScheduleStep};

/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000004";
const ONE: &[&str] = &[EXAMPLE];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/automations", "List automations")
        .query(&[ARCHIVED])
        .gives(200, of::<Page<AutomationView>>),
    Operation::post("/api/v1/automations", "Create an automation")
        .text(
            "Inactive. The key's owner is its owner for good. One that an event begins has an `event`, and may have its \
             other steps at once: `job`, `target` and `delay`, then `frame`. Any other has a `job`, and later a schedule.",
        )
        .takes(
            of::<NewAutomation>,
            r#"{"name":"Yearly renewal","job":{"kind":"send-new-password","valid_hours":48},
                "selection_id":"01940000-0000-7000-8000-000000000003"}"#,
        )
        .gives(201, of::<AutomationView>),
    Operation::get("/api/v1/automations/{id}", "Show an automation").at(ONE).gives(200, of::<AutomationView>),
    Operation::put("/api/v1/automations/{id}/job", "Save what it does")
        .text(
            "With a schedule the first step, with its name and selection; with an event the second one, with `target`, \
             `delay` and `confirmed`. Whoever does it bounds the rights of its runs from then on.",
        )
        .at(ONE)
        .takes(
            of::<JobStepBody>,
            r#"{"name":"Yearly renewal","description":"Asked for by the board","job":{"kind":"send-new-password"},
                "selection_id":"01940000-0000-7000-8000-000000000003"}"#,
        )
        .gives(200, of::<AutomationView>)
        .also(&[409]),
    Operation::delete("/api/v1/automations/{id}", "Remove an automation")
        .text("Its runs and their reports stay.")
        .at(ONE)
        .also(&[409]),
    Operation::post("/api/v1/automations/{id}/copy", "Copy an automation")
        .text("The copy is inactive and belongs to the key's owner.")
        .at(ONE)
        .takes(of::<CopyBody>, r#"{"name":"Yearly renewal, second try"}"#)
        .gives(201, of::<AutomationView>),
    Operation::post("/api/v1/automations/{id}/activate", "Let its schedule run, or let it listen")
        .text("Says the place of what is missing. When more people would receive a mail than the installation lets pass without a word, their number must be given.")
        .at(ONE)
        .takes(of::<Confirmation>, r#"{"people":1}"#)
        .gives(200, of::<AutomationView>),
    Operation::post("/api/v1/automations/{id}/deactivate", "Stop its schedule, or let it listen no more")
        .text("What waits is cancelled.")
        .at(ONE)
        .gives(200, of::<Deactivated>),
    Operation::post("/api/v1/automations/{id}/archive", "Put an automation away")
        .text("An active one is deactivated first.")
        .at(ONE)
        .gives(200, of::<AutomationView>),
    Operation::post("/api/v1/automations/{id}/restore", "Take an automation out of the archive")
        .at(ONE)
        .gives(200, of::<AutomationView>),
    Operation::post("/api/v1/automations/{id}/preview", "Dry run: who would receive a mail now, and who would not and why")
        .text("Nothing is changed.")
        .at(ONE)
        .takes(of::<PreviewBody>, r#"{"people":5}"#)
        .gives(200, of::<PreviewView>),
    Operation::post("/api/v1/automations/{id}/runs", "Run an automation once, now")
        .text("Not one that an event begins. Its schedule does not change. When many people would receive a mail, their number must be given.")
        .at(ONE)
        .takes(of::<Confirmation>, r#"{"people":1}"#)
        .gives(201, of::<RunView>),
];

/// GET /api/v1/automations
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<AutomationView>>, Problem> {
    let archived = asked.flag("archived")?;
    let items = caller
        .read(move |tx| {
            Box::pin(async move {
                let mut items = Vec::new();
                for one in automation::list(tx, archived).await? {
                    items.push(AutomationView::of(tx, one).await?);
                }
                Ok(items)
            })
        })
        .await?;
    Ok(Json(Page { items, next_cursor: None }))
}

/// GET /api/v1/automations/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<AutomationId>) -> Result<Json<AutomationView>, Problem> {
    Ok(Json(caller.read(move |tx| Box::pin(Automation::view(tx, id))).await?))
}

/// POST /api/v1/automations/{id}/copy
pub(crate) async fn copy(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<CopyBody>,
) -> Result<Response, Problem> {
    let name = check_name(&body.name)
        .map_err(|text| Problem::field("/name", text.trim_start_matches("name: ")))?
        .to_owned();
    let (acting, fresh, now) = (caller.acting(), AutomationId(caller.fresh_id()?), caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                let original = automation::get(tx, id).await?;
                if original.is_of_events() {
                    automation::copy_event(tx, &acting, fresh, &original, &name, now).await?;
                    return Automation::view(tx, fresh).await;
                }
                let step = JobStep {
                    name,
                    description: original.description,
                    job: original.job,
                    selection_id: original.selection_id,
                };
                automation::insert(tx, &acting, fresh, &step, now).await?;
                if let Some(schedule) = original.schedule {
                    let step = ScheduleStep { schedule, reminder_to: original.reminder_to };
                    automation::update_schedule(tx, &acting, fresh, &step, now).await?;
                }
                Automation::view(tx, fresh).await
            })
        })
        .await?;
    Ok(created(format!("/api/v1/automations/{fresh}"), made))
}

/// POST /api/v1/automations/{id}/activate
pub(crate) async fn activate(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<Confirmation>,
) -> Result<Json<AutomationView>, Problem> {
    let asked = flow::Activation { automation: id, acting: caller.acting(), confirmed: body.people };
    if let Err(error) = caller.flow.activate(asked).await {
        return Err(placed(&caller, id, error).await?);
    }
    Ok(Json(caller.read(move |tx| Box::pin(Automation::view(tx, id))).await?))
}

/// Why an automation is not activated, with the field of it that is missing or wrong.
async fn placed(caller: &Caller, id: AutomationId, error: StartError) -> Result<Problem, Problem> {
    let StartError::Refused(Refusal::NotNow(said)) = &error else { return Ok(error.into()) };
    let inner = said.pieces().iter().find_map(|(_, piece)| match piece {
        Piece::Sentence(inner) => Some(inner),
        _ => None,
    });
    let right = match (said.code(), inner) {
        ("not-ready-unconfirmed", Some(inner)) => expected(inner),
        _ => said.english().to_owned(),
    };
    let of_events = caller
        .read(move |tx| Box::pin(async move { Ok(automation::get(tx, id).await?.is_of_events()) }))
        .await?;
    let place = match said.code() {
        "not-ready-active" => "/status",
        "not-ready-archived" => "/archived",
        "not-ready-no-selection" => "/selection_id",
        "not-ready-never" if of_events => "/frame",
        "not-ready-no-frame" | "not-ready-frame-over" => "/frame",
        "not-ready-never" | "not-ready-no-schedule" | "not-ready-over" => "/schedule",
        "not-ready-no-target" | "not-ready-odd" => "/target",
        "not-ready-unconfirmed" => "/confirmed",
        "not-ready-cycle" => "/event",
        _ => return Ok(error.into()),
    };
    Ok(Problem::from(error).at(place, right))
}

/// POST /api/v1/automations/{id}/deactivate
pub(crate) async fn deactivate(
    caller: Caller,
    Id(id): Id<AutomationId>,
) -> Result<Json<Deactivated>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                let (one, cancelled_jobs) = automation::deactivate_counted(tx, &acting, id, now).await?;
                Ok(Deactivated { automation: AutomationView::of(tx, one).await?, cancelled_jobs })
            })
        })
        .await?;
    Ok(Json(changed))
}

impl Viewed for Automation {
    type View = AutomationView;

    async fn view(tx: &mut Tx, id: AutomationId) -> Result<AutomationView, Problem> {
        let one = automation::get(tx, id).await?;
        Ok(AutomationView::of(tx, one).await?)
    }
}

/// POST /api/v1/automations/{id}/preview
pub(crate) async fn preview(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<PreviewBody>,
) -> Result<Json<PreviewView>, Problem> {
    if !(0..=200).contains(&body.people) {
        return Err(Problem::field("/people", "expected a whole number from 0 to 200"));
    }
    // Names are for those who may see people.
    if body.people > 0 {
        caller.must(Permission::PeopleView)?;
    }
    Ok(Json(caller.flow.preview(id, Some(caller.program.owner_id), body.people).await?.into()))
}

/// POST /api/v1/automations/{id}/runs
pub(crate) async fn create_run(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<Confirmation>,
) -> Result<Response, Problem> {
    caller.may_start().await?;
    let asked = StartRun { automation: id, acting: caller.acting(), confirmed: body.people };
    let begun = caller.flow.start(asked).await?;
    Ok(created(format!("/api/v1/runs/{}", begun.id), RunView::from(begun)))
}
