//! Approval by a second operator: a run that would write to many people begins only when somebody approved it who
//! had no part in it.
//!
//! **Guarantees.** An approval is for exactly what was approved: its digest is held against the plan at every
//! start. The approver is none of those who shaped the run and not the one who starts it, made no API key for any
//! of them, ranks no lower than the run, and must still be allowed to approve when the run begins and at each claim.

use crate::Flow;
use crate::plan::{Plan, plan};
use crate::run::{Refusal, StartError};
use crate::said::{Lacking, NotNow};
use crate::settings::Limits;
use domain::id::{AutomationId, PersonId};
use serde::Serialize;
use store::{Acting, Store, StoreError, Tx, approval, automation, recipient, rights};

/// How the approval of an automation stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// A run that would write to more people than this needs an approval; `None`: none ever does.
    pub above: Option<i64>,
    /// Which setting says so.
    pub setting: Option<&'static str>,
    /// The digest of what a run would be now, as `automation approve --digest` takes it.
    pub digest: String,
    /// Who approved it last, whether that still holds or not.
    pub approved_by: Option<PersonId>,
    /// The user name of that person.
    pub approver: Option<String>,
    /// When, milliseconds since 1970.
    pub approved_at: Option<i64>,
    /// Why there is no approval that holds; `None`: there is one.
    pub lacking: Option<Lacking>,
}

impl Approval {
    /// Reads how the approval of an automation stands now; `actor` is the operator who would start a run.
    ///
    /// # Errors
    /// The automation or its selection cannot be used.
    pub async fn read(
        store: &Store,
        automation: AutomationId,
        actor: Option<PersonId>,
        limits: &Limits,
        now_ms: i64,
    ) -> Result<Self, StartError> {
        let limits = limits.clone();
        store
            .read(move |tx| {
                Box::pin(async move {
                    let plan = plan(tx, automation, actor, now_ms).await?;
                    Ok(standing(tx, &plan, actor, &limits, now_ms).await?)
                })
            })
            .await
    }

    /// Whether a run for so many people needs an approval.
    #[must_use]
    pub fn is_needed_for(&self, would_receive: i64) -> bool {
        self.above.is_some_and(|above| would_receive > above)
    }

    /// The person whose approval lets a run for so many people begin; `None`: it needs none.
    ///
    /// # Errors
    /// It needs one, and none holds.
    pub fn require(&self, would_receive: i64) -> Result<Option<PersonId>, Refusal> {
        if !self.is_needed_for(would_receive) {
            return Ok(None);
        }
        match (&self.lacking, self.approved_by) {
            (None, Some(approver)) => Ok(Some(approver)),
            (lacking, _) => Err(Refusal::Unapproved {
                would_receive,
                above: self.above.unwrap_or_default(),
                setting: self.setting.unwrap_or_default(),
                lacking: lacking.clone().unwrap_or(Lacking::Nobody).into(),
            }),
        }
    }
}

/// How the approval of a planned run stands; `actor` is the operator who would start it.
pub(crate) async fn standing(
    tx: &mut Tx,
    plan: &Plan,
    actor: Option<PersonId>,
    limits: &Limits,
    now_ms: i64,
) -> Result<Approval, StoreError> {
    let own =
        plan.job.password().approve_above.map(|above| (i64::from(above), "approve_above of the automation"));
    let house = (limits.approve_above > 0).then_some((limits.approve_above, "limits.approve_above"));
    let threshold = own.into_iter().chain(house).min_by_key(|(above, _)| *above);
    let stored = approval::find(tx, plan.automation).await?;
    let mut found = Approval {
        above: threshold.map(|(above, _)| above),
        setting: threshold.map(|(_, setting)| setting),
        digest: plan.digest.clone(),
        approved_by: stored.as_ref().map(|one| one.approver_id),
        approver: None,
        approved_at: stored.as_ref().map(|one| one.approved_at),
        lacking: Some(Lacking::Nobody),
    };
    if let Some(stored) = stored {
        let approver = rights::read_approver(tx, stored.approver_id, now_ms).await?;
        found.lacking = if stored.digest == plan.digest {
            unfit(plan, actor, stored.approver_id, &approver)
        } else {
            Some(Lacking::Changed { name: approver.username.clone() })
        };
        found.approver = Some(approver.username);
    }
    Ok(found)
}

/// Why somebody may not approve a planned run.
fn unfit(plan: &Plan, actor: Option<PersonId>, id: PersonId, approver: &rights::Approver) -> Option<Lacking> {
    let name = approver.username.clone();
    if plan.shaped_by.contains(&id) {
        return Some(Lacking::Part { name });
    }
    if plan.key_makers.contains(&id) {
        return Some(Lacking::KeyMaker { name });
    }
    if actor == Some(id) {
        return Some(Lacking::Starter { name });
    }
    unfit_for(plan.rules.rank, approver)
}

pub(crate) fn unfit_for(rank: i64, approver: &rights::Approver) -> Option<Lacking> {
    let name = approver.username.clone();
    match approver.rank {
        None if name == rights::ERASED => Some(Lacking::Erased),
        None => Some(Lacking::NoRole { name }),
        Some(own) if own < rank => Some(Lacking::Rank { name, own, rank }),
        Some(_) => None,
    }
}

/// Why the approval of a run that is under way no longer holds.
pub(crate) async fn lost(
    tx: &mut Tx,
    approver: PersonId,
    rank: i64,
    now_ms: i64,
) -> Result<Option<Lacking>, StoreError> {
    Ok(unfit_for(rank, &rights::read_approver(tx, approver, now_ms).await?))
}

impl Flow {
    /// Lets the person who acts approve an automation as it is now, for all runs until it is changed. With a `digest`, only when it is
    /// still what had this digest.
    ///
    /// # Errors
    /// The approver has a part in it or no right to, or the automation cannot run.
    pub async fn approve(
        &self,
        automation: AutomationId,
        acting: &Acting,
        digest: Option<String>,
    ) -> Result<Approval, StartError> {
        let (now_ms, limits) = (self.clock.now_ms(), self.settings.limits.clone());
        let (approver, acting) = (acting.person()?, acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    automation::lock(tx, automation).await?;
                    let plan = plan(tx, automation, None, now_ms).await?;
                    if digest.is_some_and(|digest| digest != plan.digest) {
                        return Err(Refusal::NotNow(NotNow::Changed.into()).into());
                    }
                    let rights = rights::read_approver(tx, approver, now_ms).await?;
                    if let Some(why) = unfit(&plan, None, approver, &rights) {
                        return Err(Refusal::NotNow(why.into()).into());
                    }
                    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
                    let stored = approval::Approval {
                        digest: plan.digest.clone(),
                        approver_id: approver,
                        would_receive: counts.would_receive,
                        approved_at: now_ms,
                    };
                    approval::replace(tx, &acting, automation, &stored).await?;
                    Ok(standing(tx, &plan, None, &limits, now_ms).await?)
                })
            })
            .await
    }

    /// Takes an approval back. A run that is under way goes on.
    ///
    /// # Errors
    /// Nobody has approved it.
    pub async fn unapprove(&self, automation: AutomationId, acting: &Acting) -> Result<(), StartError> {
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if approval::remove(tx, &acting, automation, now_ms).await? {
                        return Ok(());
                    }
                    Err(Refusal::NotNow(NotNow::NotApproved.into()).into())
                })
            })
            .await
    }
}
