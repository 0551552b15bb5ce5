//! Stepping through the people of a mailing, one after another, to look at the mail as each of them would see it.

use crate::Flow;
use domain::id::{MailingId, PersonId};
use store::selection::{self, PrepareError};
use store::{StoreError, mailing};

/// Somebody of a mailing, with who comes before and after in the order of ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// Who is looked at; `None`: the mailing has nobody with an address.
    pub at: Option<PersonId>,
    /// Who comes before.
    pub before: Option<PersonId>,
    /// Who comes after.
    pub after: Option<PersonId>,
}

impl Flow {
    /// Where somebody stands among the people a mailing would go to now, left out or not; without a person, the first
    /// of them. A selection that cannot be used finds nobody here.
    ///
    /// # Errors
    /// There is no such mailing.
    pub async fn find_beside(&self, id: MailingId, at: Option<PersonId>) -> Result<Beside, StoreError> {
        let now_ms = self.clock.now_ms();
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let mailing = mailing::get(tx, id).await?;
                    let prepared = match mailing.selection_id {
                        None => None,
                        Some(selection) => match selection::prepare(tx, selection, now_ms).await {
                            Ok(prepared) => Some(prepared),
                            Err(PrepareError::Unusable(_)) => None,
                            Err(PrepareError::Store(error)) => return Err(error),
                        },
                    };
                    let found = prepared.as_ref().map(|prepared| &prepared.audience);
                    let audience = mailing::audience(tx, &mailing, found, false, now_ms).await?;
                    let at = match at {
                        Some(at) => Some(at),
                        None => mailing::find_beside(tx, &audience, None, false).await?,
                    };
                    let Some(here) = at else { return Ok(Beside::default()) };
                    Ok(Beside {
                        at,
                        before: mailing::find_beside(tx, &audience, Some(here), true).await?,
                        after: mailing::find_beside(tx, &audience, Some(here), false).await?,
                    })
                })
            })
            .await
    }
}
