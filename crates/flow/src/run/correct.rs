//! Correcting the address of one recipient and mailing only that person again, in one transaction.

use super::transition::retry;
use super::{Refusal, RetryOf, StartError};
use crate::Flow;
use crate::said::NotNow;
use domain::address::Address;
use domain::id::{RecipientId, RunId};
use serde_json::json;
use store::audit;
use store::person::{self, PersonChange};
use store::run::{self, Run};
use store::{Acting, ChangeError, StoreError, recipient};

/// Why an address is not corrected.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// The person may not be changed by whoever asks.
    #[error(transparent)]
    Person(#[from] ChangeError),
    /// The recipient cannot be tried again.
    #[error(transparent)]
    Run(#[from] StartError),
}

impl From<StoreError> for CorrectError {
    fn from(error: StoreError) -> Self {
        Self::Run(error.into())
    }
}

impl Flow {
    /// Gives the person at a place of a run another address and tries only that recipient again. What was mailed to
    /// the old address opens nothing any more.
    ///
    /// # Errors
    /// There is no such recipient or it did not fail, or the person ranks too high; nothing is changed then.
    pub async fn correct(
        &self,
        id: RunId,
        place: u32,
        address: Address,
        acting: &Acting,
    ) -> Result<Run, CorrectError> {
        self.gate.forgive();
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        let run = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let number = run::lock(tx, id).await?.number;
                    let found = recipient::find(tx, RecipientId::new(number, place)).await?;
                    let person = found.ok_or_else(|| StoreError::NotFound("the recipient".into()))?.person_id;
                    let change = PersonChange { address: Some(Some(address)), ..PersonChange::default() };
                    person::update(tx, &acting, person, &change, now_ms).await?;
                    if !retry(tx, id, number, RetryOf::One(place), now_ms).await? {
                        return Err(StartError::from(Refusal::NotNow(NotNow::DidNotFail.into())).into());
                    }
                    let detail = json!({ "number": number, "place": place, "corrected": true });
                    audit::append(tx, acting.entry("run.retried", "run", id, detail, now_ms)).await?;
                    Ok::<_, CorrectError>(run::get(tx, id).await?)
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }
}
