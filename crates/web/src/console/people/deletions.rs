//! Requests to be erased: who asks, and the two answers. Erasing has a page of its own, where the user name is typed.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::role::Permission;
use store::deletion_request::{self, Listed};
use store::person;

/// Requests on the page; the oldest come first.
const MOST: i64 = 200;

#[derive(Template)]
#[template(path = "console/people/deletions.html")]
struct DeletionsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    requests: Vec<Line>,
    form: Filled,
    may_edit: bool,
}

struct Line {
    id: String,
    name: String,
    username: String,
    asked: String,
    reason: String,
    /// Whose answer was not taken.
    problem: String,
}

/// GET /console/deletions
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    list_page(&operator, None, Filled::default(), StatusCode::OK).await
}

/// POST /console/deletions/{id}/decline
pub(crate) async fn decline(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    let fields = operator.form(sent, &["answer"])?;
    let (acting, now_ms, answer) = (operator.acting(), operator.now_ms(), fields.text("answer").to_owned());
    let declined = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                person::get(tx, id).await?;
                deletion_request::decline(tx, &acting, id, &answer, now_ms).await
            })
        })
        .await;
    match declined {
        Ok(()) => Ok(page::done("/console/deletions", "deletion-declined", None)),
        Err(error) => {
            let mut form = Filled::sent(&fields);
            form.refuse(error, operator.context.words)?;
            list_page(&operator, Some(id), form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn list_page(
    operator: &Operator,
    about: Option<PersonId>,
    form: Filled,
    status: StatusCode,
) -> Result<Response, Failure> {
    let asked = operator
        .state()
        .store
        .read(|tx| Box::pin(async move { deletion_request::list_open(tx, MOST).await }));
    let requests = asked.await.map_err(Failure::from)?;
    let line = |one: Listed| Line {
        problem: if about == Some(one.person_id) { form.error("answer").to_owned() } else { String::new() },
        id: one.person_id.to_string(),
        name: one.name,
        username: one.username,
        asked: operator.at(one.request.requested_at),
        reason: one.request.reason,
    };
    let page = DeletionsPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(operator, "/console/deletions"),
        requests: requests.into_iter().map(line).collect(),
        form,
        may_edit: operator.may(Permission::PeopleEdit),
    };
    page::show(status, &page)
}
