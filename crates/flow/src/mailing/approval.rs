//! Approval of a mailing by a second operator, for exactly what it is at that moment.

use super::MailingError;
use super::plan::{Plan, plan};
use crate::Flow;
use crate::approval::unfit_for;
use crate::run::Refusal;
use crate::said::{Lacking, NotNow};
use crate::settings::Limits;
use domain::id::{MailingId, PersonId};
use domain::mailing::Round;
use serde::Serialize;
use store::{Acting, StoreError, Tx, mailing, rights};

/// How the approval of a mailing stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailingApproval {
    /// A mailing to more people than this needs one; `None`: none ever does.
    pub above: Option<i64>,
    /// The digest of what it is now.
    pub digest: String,
    /// Who approved it last, whether that still holds or not.
    pub approved_by: Option<PersonId>,
    /// The user name of that person.
    pub approver: Option<String>,
    /// Why there is none that holds; `None`: there is one.
    pub lacking: Option<Lacking>,
}

impl MailingApproval {
    /// The person whose approval lets it go to so many people; `None`: it needs none.
    ///
    /// # Errors
    /// It needs one, and none holds.
    pub fn require(&self, would_receive: i64) -> Result<Option<PersonId>, Refusal> {
        let Some(above) = self.above.filter(|above| would_receive > *above) else { return Ok(None) };
        match (&self.lacking, self.approved_by) {
            (None, Some(approver)) => Ok(Some(approver)),
            (lacking, _) => Err(Refusal::Unapproved {
                would_receive,
                above,
                setting: "limits.approve_above",
                lacking: lacking.clone().unwrap_or(Lacking::Nobody).into(),
            }),
        }
    }
}

/// How the approval of a planned mailing stands.
pub(super) async fn standing(
    tx: &mut Tx,
    plan: &Plan,
    limits: &Limits,
    now_ms: i64,
) -> Result<MailingApproval, StoreError> {
    let own = plan.job.password().approve_above.map(i64::from);
    let house = (limits.approve_above > 0).then_some(limits.approve_above);
    let mut found = MailingApproval {
        above: own.into_iter().chain(house).min(),
        digest: plan.digest.clone(),
        approved_by: plan.mailing.approved_by,
        approver: None,
        lacking: Some(Lacking::Nobody),
    };
    if let Some(id) = plan.mailing.approved_by {
        let approver = rights::read_approver(tx, id, now_ms).await?;
        found.lacking = if plan.mailing.approved_digest.as_deref() == Some(&plan.digest) {
            unfit(plan, id, &approver)
        } else {
            Some(Lacking::Changed { name: approver.username.clone() })
        };
        found.approver = Some(approver.username);
    }
    Ok(found)
}

fn unfit(plan: &Plan, id: PersonId, approver: &rights::Approver) -> Option<Lacking> {
    let name = approver.username.clone();
    if plan.shaped_by.contains(&id) {
        return Some(Lacking::Part { name });
    }
    if plan.key_makers.contains(&id) {
        return Some(Lacking::KeyMaker { name });
    }
    unfit_for(plan.rules.rank, approver)
}

impl Flow {
    /// Lets the person who acts approve a mailing as it is now. With a `digest`, only when it is still what had it.
    ///
    /// # Errors
    /// The approver has a part in it or no right to, or the mailing cannot run.
    pub async fn approve_mailing(
        &self,
        id: MailingId,
        digest: Option<String>,
        acting: &Acting,
    ) -> Result<MailingApproval, MailingError> {
        let (now_ms, limits) = (self.clock.now_ms(), self.settings.limits.clone());
        let (approver, acting) = (acting.person()?, acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let locked = mailing::lock(tx, id).await?;
                    let sender = locked.armed_by.unwrap_or(locked.owner_id);
                    let plan = plan(tx, locked, sender, Round::First, now_ms).await?;
                    if digest.is_some_and(|digest| digest != plan.digest) {
                        return Err(Refusal::NotNow(NotNow::Changed.into()).into());
                    }
                    let rights = rights::read_approver(tx, approver, now_ms).await?;
                    if let Some(why) = unfit(&plan, approver, &rights) {
                        return Err(Refusal::NotNow(why.into()).into());
                    }
                    mailing::approve(tx, &acting, id, &plan.digest, approver, now_ms).await?;
                    let mut approved = plan;
                    approved.mailing = mailing::get(tx, id).await?;
                    Ok(standing(tx, &approved, &limits, now_ms).await?)
                })
            })
            .await
    }
}
