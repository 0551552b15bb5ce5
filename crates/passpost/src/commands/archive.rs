//! What is done alike to a selection, an automation and a mailing as a whole: put away, brought back, removed.

use super::named::{Named, find, title};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::role::Permission;
use serde_json::{Value, json};
use store::archive::{self, Archivable};

/// What commands put away.
pub(crate) trait Kept: Named + Archivable<Error: Into<Failure>> {
    /// What it takes.
    const NEEDS: Permission;
    /// What is said when one is gone.
    const REMOVED: &'static str = "is removed";
}

/// Puts one into the archive, or takes it out.
pub(crate) async fn put_away<T: Kept>(context: &Context, which: &str, archived: bool) -> Outcome {
    let acting = context.acting_person(T::NEEDS).await?;
    let (one, now) = (find::<T>(context, which).await?, now_ms());
    let id = one.id();
    let write = context.store.write(move |tx| {
        Box::pin(async move { archive::put_away::<T>(tx, &acting, id, archived, now).await })
    });
    write.await.map_err(Into::into)?;
    let text = if archived { "is in the archive" } else { "is out of the archive" };
    let (field, value) = called(&one);
    context.out.done(format!("{} {text}", title(&one)), &json!({ field: value, "archived": archived }));
    Ok(Done::All)
}

/// Removes one for good.
pub(crate) async fn remove<T: Kept>(context: &Context, which: &str) -> Outcome {
    let acting = context.acting_person(T::NEEDS).await?;
    let (one, now) = (find::<T>(context, which).await?, now_ms());
    let id = one.id();
    let write = context
        .store
        .write(move |tx| Box::pin(async move { archive::remove::<T>(tx, &acting, id, now).await }));
    write.await.map_err(Into::into)?;
    context.out.done(format!("{} {}", title(&one), T::REMOVED), &json!({ "removed": called(&one).1 }));
    Ok(Done::All)
}

/// What it is told by, and the field of that.
fn called<T: Named>(one: &T) -> (&'static str, Value) {
    match one.number() {
        Some(number) => ("number", json!(number)),
        None => ("name", json!(one.name())),
    }
}
