//! Custom attributes: what the installation wants to know of people besides what everybody has.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::person::AttributeKind;
use domain::preference::AttributeUse;
use domain::role::Permission;
use store::attribute;

const KINDS: [AttributeKind; 4] =
    [AttributeKind::String, AttributeKind::Number, AttributeKind::Boolean, AttributeKind::DateTime];

#[derive(Template)]
#[template(path = "console/people/attributes.html")]
struct AttributesPage {
    shell: Shell,
    tabs: Vec<Tab>,
    attributes: Vec<Line>,
    kinds: Vec<Choice>,
    /// What recipients may do with a new one.
    uses: Vec<Choice>,
    form: Filled,
    may_edit: bool,
}

struct Line {
    name: String,
    label: String,
    kind: String,
    recipients: String,
    uses: Vec<Choice>,
}

/// GET /console/attributes
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    list_page(&operator, Filled::default(), StatusCode::OK).await
}

/// POST /console/attributes
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["name", "kind", "label", "recipients"])?;
    let mut form = Filled::sent(&fields);
    let kind = AttributeKind::parse(fields.text("kind"))
        .ok_or(Failure::BadRequest("kind: there is no such kind."))?;
    let recipients = read_use(&fields)?;
    let (name, label) = (fields.text("name").to_owned(), fields.text("label").to_owned());
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                let name = attribute::insert(tx, &acting, &name, kind, &label, now_ms).await?;
                attribute::set_use(tx, &acting, &name, recipients, now_ms).await
            })
        })
        .await;
    match made {
        Ok(_) => Ok(page::done("/console/attributes", "attribute-created", None)),
        Err(error) => {
            form.refuse(error, operator.context.words)?;
            list_page(&operator, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn read_use(fields: &Pairs) -> Result<AttributeUse, Failure> {
    match fields.text("recipients") {
        "" => Ok(AttributeUse::Hidden),
        text => AttributeUse::parse(text).ok_or(Failure::BadRequest("recipients: hidden, see or edit.")),
    }
}

/// POST /console/attributes/{name}: what recipients may do with it.
pub(crate) async fn update(
    operator: Operator,
    Path(name): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let recipients = read_use(&operator.form(sent, &["recipients"])?)?;
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move { attribute::set_use(tx, &acting, &name, recipients, now_ms).await })
        })
        .await;
    match made {
        Ok(_) => Ok(page::done("/console/attributes", "attribute-changed", None)),
        Err(error) => {
            let mut form = Filled::default();
            form.refuse(error, operator.context.words)?;
            list_page(&operator, form, StatusCode::CONFLICT).await
        }
    }
}

/// POST /console/attributes/{name}/remove
pub(crate) async fn remove(
    operator: Operator,
    Path(name): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { attribute::remove(tx, &acting, &name, now_ms).await }))
        .await;
    match made {
        Ok(values) => Ok(page::done("/console/attributes", "attribute-removed", Some(values))),
        Err(error) => {
            let mut form = Filled::default();
            form.refuse(error, operator.context.words)?;
            list_page(&operator, form, StatusCode::CONFLICT).await
        }
    }
}

async fn list_page(operator: &Operator, form: Filled, status: StatusCode) -> Result<Response, Failure> {
    let asked = operator.state().store.read(|tx| Box::pin(async move { attribute::list(tx).await }));
    let attributes = asked.await.map_err(Failure::from)?;
    let said =
        |kind: AttributeKind| operator.say(&format!("attribute-kind-{}", kind.as_str().replace('_', "-")));
    let use_said = |one: AttributeUse| operator.say(&format!("attributes-use-{}", one.as_str()));
    let uses = |chosen: &str| {
        let all = AttributeUse::ALL.iter();
        all.map(|one| Choice::new(one.as_str(), use_said(*one), chosen)).collect::<Vec<_>>()
    };
    let page = AttributesPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(operator, "/console/attributes"),
        attributes: attributes
            .into_iter()
            .map(|one| Line {
                kind: said(one.kind),
                recipients: use_said(one.recipients),
                uses: uses(one.recipients.as_str()),
                name: one.name,
                label: one.label,
            })
            .collect(),
        kinds: KINDS.iter().map(|kind| Choice::new(kind.as_str(), said(*kind), form.value("kind"))).collect(),
        uses: uses(form.value("recipients")),
        form,
        may_edit: operator.may(Permission::SettingsEdit),
    };
    page::show(status, &page)
}
