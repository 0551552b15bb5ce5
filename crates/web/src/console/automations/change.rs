//! What is done to an automation as a whole: deactivate, copy, approve; `console::archive` puts it away.

use super::{get, path_of, refusals, show};
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::check_name;
use domain::id::AutomationId;
use domain::role::Permission;
use flow::StartError;
use store::automation::{self, Automation, JobStep, ScheduleStep};

/// POST /console/automations/{id}/deactivate
pub(crate) async fn deactivate(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let one = get(&operator, &id).await?;
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    let write = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { automation::deactivate(tx, &acting, id, now).await }));
    write.await.map_err(Failure::from)?;
    Ok(page::done(&path_of(&one), "automation-deactivated", None))
}

/// POST /console/automations/{id}/copy
pub(crate) async fn copy(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["copy"])?;
    let like = get(&operator, &id).await?;
    let Ok(name) = check_name(pairs.text("copy")).map(str::to_owned) else {
        return refuse(&operator, like, operator.say("job-wrong-name")).await;
    };
    let (acting, now) = (operator.acting(), operator.now_ms());
    let new = AutomationId(auth::random::id(now)?);
    let write = operator.state().store.write(move |tx| {
        let (name, like) = (name.clone(), like.clone());
        Box::pin(async move {
            if like.is_of_events() {
                return automation::copy_event(tx, &acting, new, &like, &name, now).await.map(|_| ());
            }
            let step = JobStep {
                name,
                description: like.description,
                job: like.job,
                selection_id: like.selection_id,
            };
            automation::insert(tx, &acting, new, &step, now).await?;
            if let Some(schedule) = like.schedule {
                let step = ScheduleStep { schedule, reminder_to: like.reminder_to };
                automation::update_schedule(tx, &acting, new, &step, now).await?;
            }
            Ok::<_, store::StoreError>(())
        })
    });
    write.await.map_err(Failure::from)?;
    Ok(page::done(&format!("/console/automations/{new}"), "automation-copied", None))
}

/// POST /console/automations/{id}/approve
pub(crate) async fn approve(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let digest = operator.form(form, &["digest"])?.text("digest").to_owned();
    let one = get(&operator, &id).await?;
    // Only what was on the page is approved, not what somebody made of it since.
    let done = operator.state().flow.approve(one.id, &operator.acting(), Some(digest)).await;
    settle(&operator, one, done.map(|_| "automation-approved")).await
}

/// POST /console/automations/{id}/unapprove
pub(crate) async fn unapprove(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let one = get(&operator, &id).await?;
    let done = operator.state().flow.unapprove(one.id, &operator.acting()).await;
    settle(&operator, one, done.map(|()| "automation-unapproved")).await
}

async fn settle(
    operator: &Operator,
    one: Automation,
    done: Result<&'static str, StartError>,
) -> Result<Response, Failure> {
    match done {
        Ok(code) => Ok(page::done(&path_of(&one), code, None)),
        Err(StartError::Store(error)) => Err(error.into()),
        Err(StartError::Refused(refusal)) => {
            refuse(operator, one, refusals::explain(operator, &refusal)).await
        }
    }
}

async fn refuse(operator: &Operator, one: Automation, why: String) -> Result<Response, Failure> {
    if !operator.may(Permission::AutomationsView) {
        return Err(Failure::NotFound);
    }
    show::show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, Some(why)).await
}
