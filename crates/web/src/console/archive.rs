//! What is done alike to a selection, an automation and a mailing as a whole: put away, brought back, removed.

use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use axum::extract::Path;
use axum::response::Response;
use std::future::Future;
use store::archive::{self, Archivable};

/// What has a list with an archive in the console.
pub(crate) trait Listed: Archivable {
    /// The path of the list; the page of one is below it.
    const LIST: &'static str;
    /// What is said when one was put away, brought back, removed.
    const DONE: [&'static str; 3];

    /// The answer when one stays as it is.
    fn refused(
        operator: &Operator,
        id: Self::Id,
        error: Self::Error,
    ) -> impl Future<Output = Result<Response, Failure>> + Send;
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Archive,
    Restore,
    Remove,
}

/// POST /console/…/{id}/archive
pub(crate) async fn archive<T: Listed>(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    act::<T>(operator, &id, form, Act::Archive).await
}

/// POST /console/…/{id}/restore
pub(crate) async fn restore<T: Listed>(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    act::<T>(operator, &id, form, Act::Restore).await
}

/// POST /console/…/{id}/remove
pub(crate) async fn remove<T: Listed>(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    act::<T>(operator, &id, form, Act::Remove).await
}

async fn act<T: Listed>(operator: Operator, id: &str, form: Form, act: Act) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let id: T::Id = id_of(id)?;
    let (acting, now) = (operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        Box::pin(async move {
            match act {
                Act::Archive => archive::put_away::<T>(tx, &acting, id, true, now).await,
                Act::Restore => archive::put_away::<T>(tx, &acting, id, false, now).await,
                Act::Remove => archive::remove::<T>(tx, &acting, id, now).await,
            }
        })
    });
    if let Err(error) = write.await {
        return T::refused(&operator, id, error).await;
    }
    let [put_away, restored, removed] = T::DONE;
    Ok(match act {
        Act::Archive => page::done(T::LIST, put_away, None),
        Act::Restore => page::done(&format!("{}/{id}", T::LIST), restored, None),
        Act::Remove => page::done(T::LIST, removed, None),
    })
}
