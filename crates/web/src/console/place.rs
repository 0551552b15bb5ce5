//! Ids in paths. One that is malformed, unknown or of another kind is the same: nothing is there.

use crate::console::operator::Operator;
use crate::failure::Failure;
use std::str::FromStr;
use store::archive::Archivable;

/// The id, or number, a part of a path is.
pub(crate) fn id_of<T: FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::NotFound)
}

/// The selection, automation or mailing a path names.
pub(crate) async fn get<T: Archivable>(operator: &Operator, id: &str) -> Result<T, Failure> {
    let id: T::Id = id_of(id)?;
    let read = operator.state().store.read(move |tx| Box::pin(async move { T::get(tx, id).await }));
    Ok(read.await?)
}
