//! Activating an automation: what a start by hand asks (limits, the confirmed number, the approval), its activation
//! asks as well, for nobody stands beside the runs of a schedule.

use crate::Flow;
use crate::approval;
use crate::plan::plan;
use crate::run::{Refusal, StartError, check_run};
use domain::id::AutomationId;
use store::automation::{self, ActivateError, Automation};
use store::{Acting, recipient};

/// Activates an automation.
#[derive(Debug, Clone)]
pub struct Activation {
    /// Which automation.
    pub automation: AutomationId,
    /// Who activates it.
    pub acting: Acting,
    /// The number of people the operator confirmed; `None`: not confirmed.
    pub confirmed: Option<i64>,
}

impl From<ActivateError> for StartError {
    fn from(error: ActivateError) -> Self {
        match error {
            ActivateError::NotReady(why) => Self::Refused(Refusal::NotNow(why.into())),
            ActivateError::Store(error) => Self::Store(error),
        }
    }
}

impl Flow {
    /// Lets the schedule of an automation run. The number of people who would receive a mail now is held against
    /// the limits of a run, against the number confirmed and against the approval; a refusal changes nothing.
    ///
    /// # Errors
    /// Something is missing, a rule forbids it, or the database failed.
    pub async fn activate(&self, asked: Activation) -> Result<Automation, StartError> {
        let (now_ms, limits) = (self.clock.now_ms(), self.settings.limits.clone());
        let Activation { automation: id, acting, confirmed } = asked;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    automation::lock(tx, id).await?;
                    let active = automation::activate(tx, &acting, id, now_ms).await?;
                    // As the schedule will: nobody starts its runs by hand.
                    let plan = plan(tx, id, None, now_ms).await?;
                    let found = recipient::preview(tx, &plan.audience, &plan.rules).await?.would_receive;
                    // How many events will come nobody knows; each of its runs is held against the limits.
                    if active.is_of_events() {
                        return Ok(active);
                    }
                    check_run(found, &plan.job, &limits)?;
                    approval::standing(tx, &plan, None, &limits, now_ms).await?.require(found)?;
                    // A number that is given must be right, needed or not.
                    if confirmed.map_or(found > limits.confirm_above, |typed| typed != found) {
                        return Err(Refusal::Unconfirmed { would_receive: found }.into());
                    }
                    Ok(active)
                })
            })
            .await
    }
}
