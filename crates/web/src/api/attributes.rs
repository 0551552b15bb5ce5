//! Custom attributes of people, for programs.

use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::paging::Page;
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::Time;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use domain::person::AttributeKind;
use domain::preference::AttributeUse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Tx, attribute};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/attributes", "List custom attributes").gives(200, of::<Page<AttributeView>>),
    Operation::post("/api/v1/attributes", "Define a custom attribute")
        .text("Its name and kind never change.")
        .takes(of::<NewAttribute>, r#"{"name":"member_since","kind":"date_time","label":"Member since"}"#)
        .gives(201, of::<AttributeView>),
    Operation::patch("/api/v1/attributes/{name}", "Change an attribute's label and what recipients may do")
        .at(&["department"])
        .takes(of::<AttributeChange>, r#"{"label":"Department or team","recipients":"see"}"#)
        .gives(200, of::<AttributeView>),
    Operation::delete("/api/v1/attributes/{name}", "Remove a custom attribute with everybody's values")
        .at(&["department"])
        .also(&[409]),
];

/// A custom attribute.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attribute")]
pub(crate) struct AttributeView {
    /// As written in filters after `attributes.`
    name: String,
    kind: Kind,
    label: String,
    created_at: Time,
    recipients: Recipients,
}

/// What recipients may do with their own value.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AttributeUse")]
pub(crate) enum Recipients {
    #[default]
    Hidden,
    See,
    Edit,
}

impl From<AttributeUse> for Recipients {
    fn from(one: AttributeUse) -> Self {
        match one {
            AttributeUse::Hidden => Self::Hidden,
            AttributeUse::See => Self::See,
            AttributeUse::Edit => Self::Edit,
        }
    }
}

impl From<Recipients> for AttributeUse {
    fn from(one: Recipients) -> Self {
        match one {
            Recipients::Hidden => Self::Hidden,
            Recipients::See => Self::See,
            Recipients::Edit => Self::Edit,
        }
    }
}

/// The kind of the values.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AttributeKind")]
pub(crate) enum Kind {
    String,
    Number,
    Boolean,
    DateTime,
}

impl From<AttributeKind> for Kind {
    fn from(kind: AttributeKind) -> Self {
        match kind {
            AttributeKind::String => Self::String,
            AttributeKind::Number => Self::Number,
            AttributeKind::Boolean => Self::Boolean,
            AttributeKind::DateTime => Self::DateTime,
        }
    }
}

impl From<Kind> for AttributeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::String => Self::String,
            Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::DateTime => Self::DateTime,
        }
    }
}

/// An attribute to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAttribute {
    /// At most 50 letters, digits and underscores, beginning with a letter.
    name: String,
    kind: Kind,
    #[serde(default)]
    label: String,
    #[serde(default)]
    recipients: Recipients,
}

/// What to change; what is missing stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeChange {
    label: Option<String>,
    recipients: Option<Recipients>,
}

fn view(one: attribute::Attribute) -> AttributeView {
    AttributeView {
        name: one.name,
        kind: one.kind.into(),
        label: one.label,
        created_at: Time(one.created_at),
        recipients: one.recipients.into(),
    }
}

async fn read(tx: &mut Tx, name: &str) -> Result<AttributeView, Problem> {
    attribute::find(tx, name).await?.map(view).ok_or_else(Problem::not_found)
}

/// GET /api/v1/attributes
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<AttributeView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(attribute::list(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next_cursor: None }))
}

/// POST /api/v1/attributes
pub(crate) async fn create(caller: Caller, Strict(new): Strict<NewAttribute>) -> Result<Response, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let made = caller
        .write(move |tx| {
            Box::pin(async move {
                let name =
                    attribute::insert(tx, &acting, &new.name, new.kind.into(), &new.label, now).await?;
                attribute::set_use(tx, &acting, &name, new.recipients.into(), now).await?;
                read(tx, &name).await
            })
        })
        .await?;
    Ok(created(format!("/api/v1/attributes/{}", made.name), made))
}

/// PATCH /api/v1/attributes/{name}
pub(crate) async fn update(
    caller: Caller,
    Id(name): Id<String>,
    Strict(change): Strict<AttributeChange>,
) -> Result<Json<AttributeView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller
        .write(move |tx| {
            Box::pin(async move {
                let name = read(tx, &name).await?.name;
                if let Some(label) = &change.label {
                    attribute::set_label(tx, &acting, &name, label, now).await?;
                }
                if let Some(recipients) = change.recipients {
                    attribute::set_use(tx, &acting, &name, recipients.into(), now).await?;
                }
                read(tx, &name).await
            })
        })
        .await?;
    Ok(Json(changed))
}

/// DELETE /api/v1/attributes/{name}
pub(crate) async fn remove(caller: Caller, Id(name): Id<String>) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller
        .write(move |tx| {
            Box::pin(async move {
                let name = read(tx, &name).await?.name;
                Ok(attribute::remove(tx, &acting, &name, now).await?)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
