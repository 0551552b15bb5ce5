//! Letting an automation listen: what it will do from then on, and one button.

use super::pages::{About, Around, about, explained, missing};
use crate::console::automations::path_of;
use crate::console::operator::Operator;
use crate::console::people::named::names_of;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use flow::{Activation, StartError};
use store::StoreError;
use store::automation::Automation;

#[derive(Template)]
#[template(path = "console/events/activate.html")]
struct ActivatePage {
    shell: Shell,
    path: String,
    title: String,
    about: About,
    /// What must be saved first, with where to.
    missing: Option<(String, String)>,
    is_active: bool,
    notice: String,
}

/// The page before it is done, with why it was not.
pub(in crate::console::automations) async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: Automation,
    notice: String,
) -> Result<Response, Failure> {
    let (wanted, people) = (one.clone(), one.job.password().hybrid_users.clone());
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let names = names_of(tx, &people).await?;
            Ok::<_, StoreError>((Around::read(tx, &wanted).await?, names))
        })
    });
    let (around, names) = read.await.map_err(Failure::from)?;
    let named = |id: &PersonId| names.get(id).cloned().unwrap_or_else(|| operator.say("run-erased"));
    let page = ActivatePage {
        shell: operator.shell(Place::Automations),
        path: path_of(&one),
        title: one.name.clone(),
        about: about(operator, &one, &around, &named)?,
        missing: missing(operator, &one),
        is_active: one.status.is_active(),
        notice,
    };
    page::show(status, &page)
}

/// Does it.
pub(in crate::console::automations) async fn activate(
    operator: &Operator,
    one: Automation,
) -> Result<Response, Failure> {
    let asked = Activation { automation: one.id, acting: operator.acting(), confirmed: None };
    match operator.state().flow.activate(asked).await {
        Ok(_) => Ok(page::done(&path_of(&one), "automation-listens", None)),
        Err(StartError::Store(error)) => Err(error.into()),
        Err(StartError::Refused(refusal)) => {
            let why = explained(operator, &refusal);
            show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, why).await
        }
    }
}
