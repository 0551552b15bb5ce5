//! The archive: whatever operators save is put out of sight and brought back alike, or removed for good.
//!
//! What that takes differs by kind and stands with it. That there is one at all is looked at here, so that one that is
//! not there is not found, whatever is done to it.

use crate::automation::{self, Automation};
use crate::mailing::{self, Mailing};
use crate::selection::{self, EditError};
use crate::{Acting, ChangeError, Result, StoreError, Tx};
use domain::id::{AutomationId, MailingId, SelectionId};
use domain::selection::Selection;
use std::fmt::Display;
use std::future::Future;
use std::str::FromStr;

/// What operators save, put away and remove.
pub trait Archivable: Sized + Send + 'static {
    /// What names one.
    type Id: Copy + Display + FromStr + Send + Sync + 'static;
    /// Why it stays as it is.
    type Error: From<StoreError> + Send + 'static;

    /// Which one it is.
    fn id(&self) -> Self::Id;

    /// The one with this id.
    ///
    /// # Errors
    /// There is none.
    fn get(tx: &mut Tx, id: Self::Id) -> impl Future<Output = Result<Self>> + Send;

    /// Puts one out of sight, or back. Call [`put_away`].
    ///
    /// # Errors
    /// Its rules forbid it.
    fn archive(
        tx: &mut Tx,
        acting: &Acting,
        id: Self::Id,
        archived: bool,
        now_ms: i64,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Removes one. Call [`remove`].
    ///
    /// # Errors
    /// Its rules forbid it.
    fn remove(
        tx: &mut Tx,
        acting: &Acting,
        id: Self::Id,
        now_ms: i64,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Puts one into the archive, or takes it out.
///
/// # Errors
/// Its rules forbid it, or there is none.
pub async fn put_away<T: Archivable>(
    tx: &mut Tx,
    acting: &Acting,
    id: T::Id,
    archived: bool,
    now_ms: i64,
) -> Result<(), T::Error> {
    T::get(tx, id).await?;
    T::archive(tx, acting, id, archived, now_ms).await
}

/// Removes one for good.
///
/// # Errors
/// Its rules forbid it, or there is none.
pub async fn remove<T: Archivable>(
    tx: &mut Tx,
    acting: &Acting,
    id: T::Id,
    now_ms: i64,
) -> Result<(), T::Error> {
    T::get(tx, id).await?;
    T::remove(tx, acting, id, now_ms).await
}

/// One line a kind: its type, id and error, and the module with its rules.
macro_rules! archivable {
    ($($kind:ty, $id:ty, $error:ty => $rules:ident;)+) => {$(
        impl Archivable for $kind {
            type Id = $id;
            type Error = $error;

            fn id(&self) -> $id {
                self.id
            }

            async fn get(tx: &mut Tx, id: $id) -> Result<Self> {
                $rules::get(tx, id).await
            }

            async fn archive(
                tx: &mut Tx,
                acting: &Acting,
                id: $id,
                archived: bool,
                now_ms: i64,
            ) -> Result<(), $error> {
                $rules::archive(tx, acting, id, archived, now_ms).await
            }

            async fn remove(tx: &mut Tx, acting: &Acting, id: $id, now_ms: i64) -> Result<(), $error> {
                $rules::remove(tx, acting, id, now_ms).await
            }
        }
    )+};
}

archivable! {
    Selection, SelectionId, EditError => selection;
    Automation, AutomationId, StoreError => automation;
    Mailing, MailingId, ChangeError => mailing;
}
