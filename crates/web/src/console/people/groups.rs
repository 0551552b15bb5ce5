//! Groups: their list, and making, renaming and removing one.

use crate::console::filled::Filled;
use crate::console::grouped;
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
use domain::id::GroupId;
use domain::role::Permission;
use store::ChangeError;
use store::group::{self, Listed, Offer};

/// The fields of a group's page.
const FIELDS: [&str; 6] =
    ["name", "description", "subscribable", "public_title", "public_description", "double_opt_in"];

#[derive(Template)]
#[template(path = "console/people/groups.html")]
struct GroupsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    groups: Vec<Line>,
    form: Filled,
    may_edit: bool,
}

struct Line {
    id: String,
    name: String,
    description: String,
    members: String,
    is_offered: bool,
}

#[derive(Template)]
#[template(path = "console/people/group.html")]
struct GroupPage {
    shell: Shell,
    id: String,
    name: String,
    members: String,
    form: Filled,
}

/// GET /console/groups
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    list_page(&operator, Filled::default(), StatusCode::OK).await
}

/// POST /console/groups
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["name", "description"])?;
    let mut form = Filled::sent(&fields);
    let id = GroupId(auth::random::id(operator.now_ms())?);
    let (name, description) = (fields.text("name").to_owned(), fields.text("description").to_owned());
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move { group::insert(tx, &acting, id, &name, &description, now_ms).await })
        })
        .await;
    match made {
        Ok(()) => Ok(page::done("/console/groups", "group-created", None)),
        Err(error) => {
            form.refuse(error, operator.context.words)?;
            list_page(&operator, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// GET /console/groups/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let id: GroupId = id_of(&id)?;
    group_page(&operator, id, None, StatusCode::OK).await
}

/// POST /console/groups/{id}
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: GroupId = id_of(&id)?;
    let fields = operator.form(sent, &FIELDS)?;
    let (name, description) = (fields.text("name").to_owned(), fields.text("description").to_owned());
    let offer = Offer {
        subscribable: !fields.text("subscribable").is_empty(),
        public_title: fields.text("public_title").to_owned(),
        public_description: fields.text("public_description").to_owned(),
        double_opt_in: !fields.text("double_opt_in").is_empty(),
    };
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                group::update(tx, &acting, id, &name, &description, now_ms).await?;
                group::set_offer(tx, &acting, id, &offer, now_ms).await
            })
        })
        .await;
    match made {
        Ok(_) => Ok(page::done("/console/groups", "group-changed", None)),
        Err(error) => {
            let mut form = Filled::sent(&fields);
            form.refuse(error, operator.context.words)?;
            group_page(&operator, id, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST /console/groups/{id}/remove
pub(crate) async fn remove(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: GroupId = id_of(&id)?;
    operator.form(sent, &[])?;
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { group::remove(tx, &acting, id, now_ms).await }))
        .await;
    match made {
        Ok(members) => Ok(page::done("/console/groups", "group-removed", Some(members))),
        Err(ChangeError::Refused(_)) => Err(Failure::Forbidden),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

async fn list_page(operator: &Operator, form: Filled, status: StatusCode) -> Result<Response, Failure> {
    let asked = operator.state().store.read(|tx| Box::pin(async move { group::list(tx).await }));
    let groups = asked.await.map_err(Failure::from)?;
    let line = |one: Listed| Line {
        id: one.group.id.to_string(),
        is_offered: one.group.offer.subscribable,
        name: one.group.name,
        description: one.group.description,
        members: grouped(one.members),
    };
    let page = GroupsPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(operator, "/console/groups"),
        groups: groups.into_iter().map(line).collect(),
        form,
        may_edit: operator.may(Permission::PeopleEdit),
    };
    page::show(status, &page)
}

async fn group_page(
    operator: &Operator,
    id: GroupId,
    form: Option<Filled>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let found = group::get(tx, id).await?;
            let members = group::count_members(tx, id).await?;
            Ok::<_, Failure>((found, members))
        })
    });
    let (found, members) = asked.await?;
    let page = GroupPage {
        shell: operator.shell(Place::People),
        id: id.to_string(),
        name: found.name.clone(),
        members: grouped(members),
        form: form.unwrap_or_else(|| {
            let mut filled = Filled::with([
                ("name", found.name.clone()),
                ("description", found.description),
                ("public_title", found.offer.public_title),
                ("public_description", found.offer.public_description),
            ]);
            for (name, is) in
                [("subscribable", found.offer.subscribable), ("double_opt_in", found.offer.double_opt_in)]
            {
                if is {
                    filled.put(name, "1".into());
                }
            }
            filled
        }),
    };
    page::show(status, &page)
}
