//! What is done alike to a selection, an automation and a mailing as a whole: put away, brought back, removed.

use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use std::future::Future;
use store::Tx;
use store::archive::{self, Archivable};

/// What programs see, and may put away.
pub(crate) trait Viewed: Archivable<Error: Into<Problem>> {
    /// How they see one.
    type View: Serialize + Send + 'static;

    /// One of them, as they see it.
    fn view(tx: &mut Tx, id: Self::Id) -> impl Future<Output = Result<Self::View, Problem>> + Send;
}

/// POST /api/v1/…/{id}/archive
pub(crate) async fn archive<T: Viewed>(caller: Caller, Id(id): Id<T::Id>) -> Result<Json<T::View>, Problem> {
    put_away::<T>(caller, id, true).await
}

/// POST /api/v1/…/{id}/restore
pub(crate) async fn restore<T: Viewed>(caller: Caller, Id(id): Id<T::Id>) -> Result<Json<T::View>, Problem> {
    put_away::<T>(caller, id, false).await
}

async fn put_away<T: Viewed>(caller: Caller, id: T::Id, archived: bool) -> Result<Json<T::View>, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let changed = caller.write(move |tx| {
        Box::pin(async move {
            archive::put_away::<T>(tx, &acting, id, archived, now).await.map_err(Into::into)?;
            T::view(tx, id).await
        })
    });
    Ok(Json(changed.await?))
}

/// DELETE /api/v1/…/{id}
pub(crate) async fn remove<T: Viewed>(caller: Caller, Id(id): Id<T::Id>) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    let removed = caller.write(move |tx| {
        Box::pin(async move { archive::remove::<T>(tx, &acting, id, now).await.map_err(Into::into) })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
