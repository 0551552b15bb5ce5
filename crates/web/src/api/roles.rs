//! Roles and system users, for programs.

use crate::api::document::operation::{Operation, of};
use crate::api::paging::Page;
use crate::api::person_view::PersonView;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use domain::role::Role;
use schemars::JsonSchema;
use serde::Serialize;
use store::{person, role};
use uuid::Uuid;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/roles", "List roles").gives(200, of::<Page<RoleView>>),
    Operation::get("/api/v1/system-users", "List system users")
        .text("Everyone with a role, by user name.")
        .gives(200, of::<Page<PersonView>>),
];

/// A role.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Role")]
pub(crate) struct RoleView {
    id: Uuid,
    name: String,
    /// 0 to 3, 3 highest.
    rank: i64,
    built_in: bool,
    /// What it allows; `*` stands for all.
    permissions: Vec<String>,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            id: role.id.0,
            name: role.name,
            rank: role.rank.number(),
            built_in: role.built_in,
            permissions: role.permissions,
        }
    }
}

/// GET /api/v1/roles
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<RoleView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(role::list(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(RoleView::from).collect(), next_cursor: None }))
}

/// GET /api/v1/system-users
pub(crate) async fn list_users(caller: Caller) -> Result<Json<Page<PersonView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(person::list_system_users(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(PersonView::from).collect(), next_cursor: None }))
}
