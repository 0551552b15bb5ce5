//! Automations, for programs: the first step, what moves them, and what they would do.

use crate::api::archive::Viewed;
use crate::api::automation_view::{
    AutomationView, Confirmation, CopyBody, JobBody, PreviewBody, PreviewView,
};
use crate::api::document::operation::{Operation, of};
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
use domain::id::{AutomationId, SelectionId};
use domain::role::Permission;
use flow::StartRun;
use store::automation::{self, Automation, JobStep, ScheduleStep};
use store::{Tx, selection};

/// An id as in the examples.
pub(crate) const EXAMPLE: &str = "01940000-0000-7000-8000-000000000004";
const ONE: &[&str] = &[EXAMPLE];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/automations", "List automations")
        .query(&[ARCHIVED])
        .gives(200, of::<Page<AutomationView>>),
    Operation::post("/api/v1/automations", "Create an automation (first step)")
        .text("Inactive and without a schedule. The key's owner is its owner for good.")
        .takes(
            of::<JobBody>,
            r#"{"name":"Yearly renewal","job":{"kind":"send-new-password","valid_hours":48},
                "selection_id":"01940000-0000-7000-8000-000000000003"}"#,
        )
        .gives(201, of::<AutomationView>),
    Operation::get("/api/v1/automations/{id}", "Show an automation").at(ONE).gives(200, of::<AutomationView>),
    Operation::put("/api/v1/automations/{id}/job", "Save the first step again")
        .text("Whoever does it bounds the rights of its runs from then on.")
        .at(ONE)
        .takes(
            of::<JobBody>,
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
    Operation::post("/api/v1/automations/{id}/activate", "Let its schedule run")
        .text("When more people would receive a mail than the installation lets pass without a word, their number must be given.")
        .at(ONE)
        .takes(of::<Confirmation>, r#"{"people":1}"#)
        .gives(200, of::<AutomationView>),
    Operation::post("/api/v1/automations/{id}/deactivate", "Stop its schedule")
        .at(ONE)
        .gives(200, of::<AutomationView>),
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
        .text("Its schedule does not change. When many people would receive a mail, their number must be given.")
        .at(ONE)
        .takes(of::<Confirmation>, r#"{"people":1}"#)
        .gives(201, of::<RunView>),
];

/// GET /api/v1/automations
pub(crate) async fn list(caller: Caller, asked: Asked) -> Result<Json<Page<AutomationView>>, Problem> {
    let archived = asked.flag("archived")?;
    let found =
        caller.read(move |tx| Box::pin(async move { Ok(automation::list(tx, archived).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(AutomationView::from).collect(), next_cursor: None }))
}

/// The first step, checked; a selection must be there.
async fn step(tx: &mut Tx, body: JobBody) -> Result<JobStep, Problem> {
    let named = |text: String| {
        let (field, right) = text.split_once(": ").unwrap_or(("", &text));
        (format!("/{field}"), right.to_owned())
    };
    let name = check_name(&body.name).map_err(|text| {
        let (place, right) = named(text);
        Problem::field(place, right)
    })?;
    if body.job.mailing().is_some() {
        return Err(Problem::field(
            "/job/kind",
            "expected send-new-password; a mailing is sent by /api/v1/mailings",
        ));
    }
    body.job.password().validate().map_err(|text| {
        let (place, right) = named(text);
        Problem::field(format!("/job{place}"), right)
    })?;
    if body.description.chars().count() > 2_000 {
        return Err(Problem::field("/description", "at most 2,000 characters are allowed"));
    }
    let selection_id = body.selection_id.map(SelectionId);
    if let Some(id) = selection_id {
        selection::get(tx, id)
            .await
            .map_err(|_| Problem::field("/selection_id", "there is no such selection"))?;
    }
    Ok(JobStep { name: name.to_owned(), description: body.description, job: body.job, selection_id })
}

/// POST /api/v1/automations
pub(crate) async fn create(caller: Caller, Strict(body): Strict<JobBody>) -> Result<Response, Problem> {
    let (acting, id, now) = (caller.acting(), AutomationId(caller.fresh_id()?), caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                let step = step(tx, body).await?;
                automation::insert(tx, &acting, id, &step, now).await?;
                Ok(automation::get(tx, id).await?)
            })
        })
        .await?;
    Ok(created(format!("/api/v1/automations/{id}"), AutomationView::from(made)))
}

/// GET /api/v1/automations/{id}
pub(crate) async fn show(caller: Caller, Id(id): Id<AutomationId>) -> Result<Json<AutomationView>, Problem> {
    let found = caller.read(move |tx| Box::pin(async move { Ok(automation::get(tx, id).await?) })).await?;
    Ok(Json(found.into()))
}

/// PUT /api/v1/automations/{id}/job
pub(crate) async fn update_job(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<JobBody>,
) -> Result<Json<AutomationView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let saved = caller
        .write(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                let step = step(tx, body).await?;
                automation::update_job(tx, &acting, id, &step, now).await?;
                Ok(automation::get(tx, id).await?)
            })
        })
        .await?;
    Ok(Json(saved.into()))
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
                Ok(automation::get(tx, fresh).await?)
            })
        })
        .await?;
    Ok(created(format!("/api/v1/automations/{fresh}"), AutomationView::from(made)))
}

/// POST /api/v1/automations/{id}/activate
pub(crate) async fn activate(
    caller: Caller,
    Id(id): Id<AutomationId>,
    Strict(body): Strict<Confirmation>,
) -> Result<Json<AutomationView>, Problem> {
    let active = caller
        .flow
        .activate(flow::Activation { automation: id, acting: caller.acting(), confirmed: body.people })
        .await?;
    Ok(Json(active.into()))
}

/// POST /api/v1/automations/{id}/deactivate
pub(crate) async fn deactivate(
    caller: Caller,
    Id(id): Id<AutomationId>,
) -> Result<Json<AutomationView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                automation::get(tx, id).await?;
                Ok(automation::deactivate(tx, &acting, id, now).await?)
            })
        })
        .await?;
    Ok(Json(changed.into()))
}

impl Viewed for Automation {
    type View = AutomationView;

    async fn view(tx: &mut Tx, id: AutomationId) -> Result<AutomationView, Problem> {
        Ok(automation::get(tx, id).await?.into())
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
