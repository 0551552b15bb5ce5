//! What an operator does for one person, for programs. Each step on a system user takes a strictly higher rank.

use crate::api::document::operation::{Operation, of};
use crate::api::people::{EXAMPLE, created};
use crate::api::person_view::PersonView;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::run_view::RunView;
use axum::Json;
use axum::response::Response;
use domain::id::PersonId;
use store::{Acting, ChangeResult, Tx, Work, person};

const ONE: &[&str] = &[EXAMPLE];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/people/{id}/block", "Block a person")
        .text("No sign-in and no credential any more; all sessions end.")
        .at(ONE)
        .gives(200, of::<PersonView>),
    Operation::post("/api/v1/people/{id}/unblock", "Let a blocked person in again")
        .at(ONE)
        .gives(200, of::<PersonView>),
    Operation::post(
        "/api/v1/people/{id}/deliverable",
        "Let mail go to an address again although it came back",
    )
    .at(ONE)
    .gives(200, of::<PersonView>),
    Operation::post("/api/v1/people/{id}/sign-out", "Sign a person out everywhere")
        .at(ONE)
        .gives(200, of::<PersonView>),
    Operation::post(
        "/api/v1/people/{id}/revoke-credentials",
        "Take back mailed passwords that could still be used",
    )
    .text("The chosen one stays.")
    .at(ONE)
    .gives(200, of::<PersonView>),
    Operation::post("/api/v1/people/{id}/clear-limits", "Clear what holds a person back")
        .text("Wrong passwords and codes are forgotten, and the mails with links counted for the mailbox.")
        .at(ONE)
        .gives(200, of::<PersonView>),
    Operation::post("/api/v1/people/{id}/new-password", "Mail one person a new password")
        .text("A run of its own, with the rights of the key's owner.")
        .at(ONE)
        .gives(201, of::<RunView>),
];

/// One step in a transaction, and the person after it.
async fn take(
    caller: Caller,
    id: PersonId,
    step: impl for<'t> FnOnce(&'t mut Tx, Acting, i64) -> Work<'t, (), Problem> + Send + 'static,
) -> Result<Json<PersonView>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let after = caller
        .write(move |tx| {
            Box::pin(async move {
                step(&mut *tx, acting, now).await?;
                Ok(person::get(tx, id).await?)
            })
        })
        .await?;
    Ok(Json(after.into()))
}

/// What a step changed plays no part: the person is shown as it is then.
fn done<T>(changed: ChangeResult<T>) -> Result<(), Problem> {
    changed.map(drop).map_err(Problem::from)
}

/// POST /api/v1/people/{id}/block
pub(crate) async fn block(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<PersonView>, Problem> {
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(person::block(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/unblock
pub(crate) async fn unblock(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<PersonView>, Problem> {
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(person::unblock(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/deliverable
pub(crate) async fn mark_deliverable(
    caller: Caller,
    Id(id): Id<PersonId>,
) -> Result<Json<PersonView>, Problem> {
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(person::mark_deliverable(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/sign-out
pub(crate) async fn end_sessions(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<PersonView>, Problem> {
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(person::end_sessions(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/revoke-credentials
pub(crate) async fn revoke_outstanding(
    caller: Caller,
    Id(id): Id<PersonId>,
) -> Result<Json<PersonView>, Problem> {
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(person::revoke_outstanding(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/clear-limits
pub(crate) async fn clear_limits(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<PersonView>, Problem> {
    let care = caller.state.auth.limit_care();
    take(caller, id, move |tx, acting, now| {
        Box::pin(async move { done(care.clear_person(tx, &acting, id, now).await) })
    })
    .await
}

/// POST /api/v1/people/{id}/new-password
pub(crate) async fn send_password(caller: Caller, Id(id): Id<PersonId>) -> Result<Response, Problem> {
    caller.may_start().await?;
    let begun = caller.flow.send_password(id, &caller.acting()).await?;
    Ok(created(format!("/api/v1/runs/{}", begun.id), RunView::from(begun)))
}
