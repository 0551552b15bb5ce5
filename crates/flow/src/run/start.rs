//! Starting a run: looked at in a dry run, or begun with its audience frozen and the limits held against it.

use super::{Refusal, StartError, StartRun};
use crate::Flow;
use crate::approval::{self, Approval};
use crate::notice;
use crate::plan::plan;
use crate::said::NotNow;
use domain::automation::Job;
use domain::id::{AutomationId, PersonId, RunId};
use domain::trigger::Trigger;
use serde_json::json;
use std::sync::Arc;
use store::recipient::Previewed;
use store::run::{NewRun, Run};
use store::{Tx, audit, automation, recipient, run, setting};

/// What a dry run finds.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Preview {
    /// Counts, by reason.
    pub counts: domain::run::Preview,
    /// The first people who would receive a mail.
    pub would_receive: Vec<Previewed>,
    /// The first people who would be left out.
    pub left_out: Vec<Previewed>,
    /// Why a run would not start, if it would not.
    pub refusal: Option<String>,
    /// How its approval by a second operator stands.
    pub approval: Approval,
}

/// Begins a run inside a transaction, so that what triggers it can be committed with it. A limit that
/// is passed or a number that is not confirmed refuses it, and nothing is changed.
pub(crate) async fn begin(
    tx: &mut Tx,
    asked: &StartRun,
    trigger: Trigger,
    settings: &crate::Settings,
    id: RunId,
    now_ms: i64,
) -> Result<Run, StartError> {
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Err(Refusal::SendingStopped.into());
    }
    // Locked, so that of two who start it at the same moment the second sees the first one's run.
    if automation::lock(tx, asked.automation).await?.is_of_events() {
        return Err(Refusal::NotNow(NotNow::OfEvents.into()).into());
    }
    if run::has_open(tx, asked.automation).await? {
        return Err(Refusal::AlreadyRunning.into());
    }
    let actor = asked.acting.person_id;
    let plan = plan(tx, asked.automation, actor, now_ms).await?;
    let approval = approval::standing(tx, &plan, actor, &settings.limits, now_ms).await?;
    let new = plan.new_run(tx, id, trigger, actor, now_ms).await?;
    let number = run::insert(tx, &new, now_ms).await?;
    // The audience is frozen first and the limits are held against what was frozen: counting before
    // would judge another moment. A refusal rolls all of it back.
    let (total, left_out) = recipient::freeze(tx, number, &plan.audience, &plan.rules).await?;
    let would_receive = total - left_out;
    check(tx, would_receive, &new, &settings.limits, now_ms).await?;
    let approved_by = approval.require(would_receive)?;
    if let Some(approver) = approved_by {
        run::approve(tx, id, approver).await?;
    }
    let must_confirm = trigger == Trigger::Operator && would_receive > settings.limits.confirm_above;
    if must_confirm && asked.confirmed != Some(would_receive) {
        return Err(Refusal::Unconfirmed { would_receive }.into());
    }
    run::begin(tx, id, number, total, left_out, now_ms).await?;
    automation::count_run(tx, asked.automation, now_ms).await?;
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": trigger.as_str(),
        "approved_by": approved_by });
    audit::append(tx, asked.acting.entry("run.started", "run", id, detail, now_ms)).await?;
    let begun = run::get(tx, id).await?;
    // With nobody to write to it is over already.
    notice::run_finished(tx, &begun, settings.notices.closing_report, now_ms).await?;
    Ok(begun)
}

async fn check(
    tx: &mut Tx,
    would_receive: i64,
    new: &NewRun,
    limits: &crate::Limits,
    now_ms: i64,
) -> Result<(), StartError> {
    check_run(would_receive, &new.job, limits)?;
    let used = run::accepted_since(tx, now_ms - 24 * 3_600_000).await?;
    if would_receive + used > limits.people_per_day {
        return Err(Refusal::TooManyToday { would_receive, used, limit: limits.people_per_day }.into());
    }
    Ok(())
}

/// Holds a number of people against the limits of a single run.
pub(crate) fn check_run(would_receive: i64, job: &Job, limits: &crate::Limits) -> Result<(), Refusal> {
    let own = job.password().most_people.map(i64::from);
    for (limit, setting) in
        [(own, "most_people of the automation"), (Some(limits.people_per_run), "limits.people_per_run")]
    {
        if let Some(limit) = limit.filter(|limit| would_receive > *limit) {
            return Err(Refusal::TooMany { would_receive, limit, setting });
        }
    }
    Ok(())
}

impl Flow {
    /// Dry run: who would receive a mail if a run began now, and who would not and why. Changes nothing.
    ///
    /// # Errors
    /// The automation or its selection cannot be used.
    pub async fn preview(
        &self,
        automation: AutomationId,
        actor: Option<PersonId>,
        people: i64,
    ) -> Result<Preview, StartError> {
        let now_ms = self.clock.now_ms();
        let limits = self.settings.limits.clone();
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let plan = plan(tx, automation, actor, now_ms).await?;
                    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
                    let would_receive =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, false, people).await?;
                    let left_out =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, true, people).await?;
                    let limit = limits.people_per_run;
                    let own = plan.job.password().most_people.map_or(limit, i64::from).min(limit);
                    let approval = approval::standing(tx, &plan, actor, &limits, now_ms).await?;
                    let refusal = if counts.would_receive > own {
                        Some(format!(
                            "{} people would receive a mail, {own} are allowed",
                            counts.would_receive
                        ))
                    } else {
                        approval.require(counts.would_receive).err().map(|refusal| refusal.to_string())
                    };
                    Ok(Preview { counts, would_receive, left_out, refusal, approval })
                })
            })
            .await
    }

    /// Runs an automation once, now; its schedule and status do not change.
    ///
    /// # Errors
    /// A rule forbids it, or the database failed.
    pub async fn start(&self, asked: StartRun) -> Result<Run, StartError> {
        let now_ms = self.clock.now_ms();
        let settings = Arc::clone(&self.settings);
        let id = self.run_id(now_ms);
        let run = self
            .store
            .write(move |tx| {
                Box::pin(async move { begin(tx, &asked, Trigger::Operator, &settings, id, now_ms).await })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    pub(crate) fn run_id(&self, now_ms: i64) -> RunId {
        use domain::password::Randomness as _;
        let mut bytes = [0; 10];
        crate::credential::OsRandomness::new().fill(&mut bytes);
        RunId::generate(now_ms, bytes)
    }
}
