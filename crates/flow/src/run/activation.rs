//! Activating an automation: from then on its schedule mails people without anybody looking, so the number is
//! confirmed as for a run by hand.

use super::{Refusal, StartError};
use crate::Flow;
use crate::plan::plan;
use domain::id::{AutomationId, PersonId};
use store::automation::{self, ActivateError, Automation};
use store::recipient;

impl Flow {
    /// *inactive* → *active*. `confirmed` is the number of people who would receive a mail now, as the operator
    /// typed it; it is needed above the limit of the installation.
    ///
    /// # Errors
    /// Something is missing, the schedule would never run, the selection cannot be used, or the number is not
    /// confirmed.
    pub async fn activate(
        &self,
        id: AutomationId,
        actor: PersonId,
        confirmed: Option<i64>,
    ) -> Result<Automation, StartError> {
        let (now_ms, above) = (self.clock.now_ms(), self.settings.limits.confirm_above);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    // The row is held, so that what was counted is what becomes active.
                    automation::lock(tx, id).await?;
                    let active =
                        automation::activate(tx, id, actor, now_ms).await.map_err(|error| match error {
                            ActivateError::NotReady(why) => StartError::Refused(Refusal::NotNow(why)),
                            ActivateError::Store(error) => StartError::Store(error),
                        })?;
                    let plan = plan(tx, id, Some(actor), now_ms).await?;
                    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
                    let would_receive = counts.would_receive;
                    if confirmed.map_or(would_receive > above, |typed| typed != would_receive) {
                        return Err(Refusal::Unconfirmed { would_receive }.into());
                    }
                    Ok(active)
                })
            })
            .await
    }
}
