//! Selections: their list, and what is done to one as a whole; `edit` has the page of one.

mod builder;
mod draft;
pub(crate) mod edit;
mod found;

use crate::console::archive::Listed;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::SelectionId;
use domain::role::Permission;
use domain::selection::Selection;
use store::selection::{self, Draft, EditError, User};

#[derive(Template)]
#[template(path = "console/selections.html")]
struct SelectionsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    is_archive: bool,
    may_edit: bool,
}

/// A selection in the list.
struct Line {
    id: String,
    name: String,
    description: String,
    state: &'static str,
    label: String,
    filter: String,
    used: Vec<Use>,
    updated: String,
}

/// Something that uses a selection, as a link.
pub(super) struct Use {
    pub(super) path: String,
    pub(super) name: String,
}

impl Use {
    fn of(user: &User) -> Self {
        match user {
            User::Automation { id, name, .. } => {
                Self { path: format!("/console/automations/{id}"), name: name.clone() }
            }
            User::Mailing { id, name, .. } => {
                Self { path: format!("/console/mailings/{id}"), name: name.clone() }
            }
            User::Selection { id, name } => {
                Self { path: format!("/console/selections/{id}"), name: name.clone() }
            }
        }
    }
}

/// Where a selection stands.
pub(super) const fn state_of(one: &Selection) -> &'static str {
    match (one.archived, one.published) {
        (true, _) => "archived",
        (false, true) => "published",
        (false, false) => "draft",
    }
}

const HERE: &str = "/console/selections";
const ARCHIVE: &str = "/console/selections?archived=1";

/// The places within Selections.
fn tabs(operator: &Operator, is_archive: bool) -> Vec<Tab> {
    let all = [(HERE, "selections-here", false), (ARCHIVE, "record-archive", true)];
    all.map(|(path, label, archive)| Tab { path, label: operator.say(label), is_here: archive == is_archive })
        .into()
}

/// GET /console/selections
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["archived"])?;
    let is_archive = query.text("archived") == "1";
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let found = selection::list(tx, Some(is_archive)).await?;
            Ok::<_, Failure>((found, selection::list_users(tx).await?))
        })
    });
    let (found, mut users) = read.await?;
    let line = |one: Selection| {
        let state = state_of(&one);
        Line {
            id: one.id.to_string(),
            state,
            label: operator.say(&format!("selection-state-{state}")),
            used: users.remove(&one.id).unwrap_or_default().iter().map(Use::of).collect(),
            updated: operator.at(one.updated_at),
            name: one.name,
            description: one.description,
            filter: one.filter,
        }
    };
    let page = SelectionsPage {
        lines: found.into_iter().map(line).collect(),
        tabs: tabs(&operator, is_archive),
        shell: operator.shell(Place::Selections),
        is_archive,
        may_edit: operator.may(Permission::SelectionsEdit),
    };
    page::show(StatusCode::OK, &page)
}

/// POST /console/selections/{id}/publish
pub(crate) async fn publish(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let id: SelectionId = id_of(&id)?;
    let (acting, now) = (operator.acting(), operator.now_ms());
    let write = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { selection::publish(tx, &acting, id, now).await }));
    match write.await {
        Ok(_) => Ok(page::done(&format!("{HERE}/{id}"), "selection-published", None)),
        Err(error) => Selection::refused(&operator, id, error).await,
    }
}

impl Listed for Selection {
    const LIST: &'static str = HERE;
    const DONE: [&'static str; 3] = ["selection-archived", "selection-restored", "selection-removed"];

    async fn refused(operator: &Operator, id: SelectionId, error: EditError) -> Result<Response, Failure> {
        match error {
            EditError::Store(error) => Err(error.into()),
            error => edit::refused(operator, id, error).await,
        }
    }
}

/// POST /console/selections/{id}/copy
pub(crate) async fn copy(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let id: SelectionId = id_of(&id)?;
    let name = operator.form(form, &["copy"])?.text("copy").trim().to_owned();
    // A copy shows the filter.
    if !operator.may(Permission::SelectionsView) {
        return Err(Failure::NotFound);
    }
    let (acting, now) = (operator.acting(), operator.now_ms());
    let new = SelectionId(auth::random::id(now)?);
    let made = operator
        .state()
        .store
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                let like = selection::get(tx, id).await?;
                let draft = Draft {
                    name,
                    description: like.description,
                    filter: like.filter,
                    size_limit: like.size_limit,
                    time_zone: like.time_zone,
                };
                selection::insert(tx, &acting, new, &draft, now).await
            })
        })
        .await;
    match made {
        Ok(_) => Ok(page::done(&format!("{HERE}/{new}"), "selection-copied", None)),
        Err(error) => Selection::refused(&operator, id, error).await,
    }
}

/// Puts what is wrong with a change to the field it is about, or over the form.
pub(super) fn explain(operator: &Operator, filled: &mut Filled, error: &EditError) {
    match error {
        EditError::Taken => filled.wrong("name", operator.say("form-taken")),
        EditError::Field { field: "name", .. } => filled.wrong("name", operator.say("selection-wrong-name")),
        EditError::Field { field: "time_zone", .. } => {
            filled.wrong("time_zone", operator.say("record-wrong-zone"));
        }
        EditError::Field { field, .. } => filled.wrong(field, operator.say("selection-wrong-limit")),
        EditError::Filter(_) => filled.notice = Some(operator.say("selection-wrong-filter")),
        EditError::Used(used) => {
            filled.notice =
                Some(operator.fill("selection-used", "by", &refusal::used_by(operator.context.words, used)));
        }
        EditError::Store(_) => filled.notice = Some(operator.say("failure-unavailable-text")),
    }
}
