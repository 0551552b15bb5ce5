//! Doing what is due: the jobs of one automation that are due at the same moment become one run.

use crate::approval;
use crate::plan::{Plan, plan};
use crate::run::{Refusal, StartError};
use domain::automation::Only;
use domain::event_job::EventJobReason;
use domain::id::{AutomationId, PersonId, RunId};
use domain::trigger::Trigger;
use jiff::Timestamp;
use serde_json::json;
use store::automation::{self, Automation};
use store::event::{self, job};
use store::{Acting, StoreError, Tx, audit, recipient, run, setting};

/// The most jobs of one run.
const MOST: i64 = 5_000;
/// With fewer jobs due than this a run waits for the one before to be so old, in milliseconds: a drizzle of events
/// is no run each.
const FEW: i64 = 500;
const APART_MS: i64 = 5_000;
/// With so many people of its runs still to be tried an automation begins no more: the rest is asked about when its turn
/// comes, and a flood holds no more in running runs than the relays can take soon.
const UNTRIED: i64 = 20_000;
const DAY_MS: i64 = 86_400_000;

/// The automations with something due, by number.
pub(super) async fn list_due(tx: &mut Tx, now_ms: i64) -> Result<Vec<AutomationId>, StoreError> {
    let mut due = Vec::new();
    for one in automation::list_of_events(tx).await? {
        if job::count_due(tx, one.id, now_ms, 1).await? > 0 {
            due.push(one.id);
        }
    }
    Ok(due)
}

/// Does what is due of an automation, in one transaction; says whether a run began.
pub(super) async fn execute(
    tx: &mut Tx,
    id: AutomationId,
    run_id: RunId,
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<bool, StartError> {
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Ok(false);
    }
    // Locked, so that of two nodes the second finds nothing due any more.
    let automation = automation::lock(tx, id).await?;
    let due = job::count_due(tx, id, now_ms, FEW).await?;
    if due == 0 || !may_run_now(tx, &automation, now_ms).await? {
        return Ok(false);
    }
    if run::count_untried(tx, id).await? >= UNTRIED {
        return Ok(false);
    }
    let last = job::last_run_at(tx, id).await?;
    if due < FEW && last.is_some_and(|at| now_ms - at < APART_MS) {
        return Ok(false);
    }
    let room = room(tx, &automation, settings, now_ms).await?;
    job::take(tx, id, run_id, None, room, now_ms).await?;
    begin(tx, &automation, run_id, settings, now_ms).await
}

/// Whether jobs of an automation may be done at this moment. If not, those that are due are called off or wait for
/// the next moment that is allowed.
async fn may_run_now(tx: &mut Tx, automation: &Automation, now_ms: i64) -> Result<bool, StoreError> {
    let id = automation.id;
    let frame = automation.frame.as_ref().filter(|_| automation.status.is_active() && !automation.archived);
    let Some(frame) = frame else {
        job::cancel(tx, id, EventJobReason::Deactivated, None, now_ms, now_ms).await?;
        return Ok(false);
    };
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let next = frame.next_allowed(&automation::calendar(tx).await?, now);
    match next.map(Timestamp::as_millisecond) {
        Some(at) if at <= now_ms => return Ok(true),
        Some(at) => job::postpone(tx, id, at, now_ms).await?,
        None => job::cancel(tx, id, EventJobReason::FrameOver, None, now_ms, now_ms).await?,
    };
    Ok(false)
}

/// How many jobs one run may have: never more than the limits leave, so that a flood stops at the limit and not
/// before it. The automation's own limit is for a day: a run of events is only as large as what was due at once.
async fn room(
    tx: &mut Tx,
    automation: &Automation,
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<i64, StartError> {
    let most = settings.limits.people_per_run.min(MOST);
    let Some(own) = automation.job.password().most_people.map(i64::from) else { return Ok(most) };
    let reached = job::count_reached(tx, automation.id, now_ms - DAY_MS).await?;
    if reached >= own {
        let setting = "most_people of the automation, within 24 hours";
        return Err(Refusal::TooMany { would_receive: reached + 1, limit: own, setting }.into());
    }
    Ok(most.min(own - reached))
}

/// Begins the run of jobs that were taken for it; false: nobody of them is left to be mailed.
pub(super) async fn begin(
    tx: &mut Tx,
    automation: &Automation,
    run_id: RunId,
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<bool, StartError> {
    let plan = plan(tx, automation.id, None, now_ms).await?;
    job::cancel_older(tx, run_id, automation.activated_at.unwrap_or(i64::MAX)).await?;
    let by_causer = automation.job.only() == Some(Only::SystemUsers);
    job::leave_out(tx, run_id, plan.among.as_ref(), by_causer).await?;
    if job::count_executed(tx, run_id).await? == 0 {
        return Ok(false);
    }
    let new = plan.new_run(tx, run_id, Trigger::Event, None, now_ms).await?;
    let number = run::insert(tx, &new, now_ms).await?;
    let (total, left_out) = recipient::freeze(tx, number, &job::audience(run_id), &plan.rules).await?;
    let apart = event::keep_apart(tx, number, plan.rules.mailed_since, now_ms).await?;
    let left_out = left_out + i64::try_from(apart).unwrap_or(i64::MAX);
    let approved_by = within_limits(tx, &plan, total - left_out, &settings.limits, now_ms).await?;
    if let Some(approver) = approved_by {
        run::approve(tx, run_id, approver).await?;
    }
    run::begin(tx, run_id, number, total, left_out, now_ms).await?;
    automation::count_run(tx, automation.id, now_ms).await?;
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": "event",
        "approved_by": approved_by });
    audit::append(tx, Acting::system().entry("run.started", "run", run_id, detail, now_ms)).await?;
    Ok(total > left_out)
}

/// Holds a run against the limits of a day. For the approval all that an automation's events reach within a day counts
/// together. Gives whose approval lets it begin.
async fn within_limits(
    tx: &mut Tx,
    plan: &Plan,
    would_receive: i64,
    limits: &crate::Limits,
    now_ms: i64,
) -> Result<Option<PersonId>, StartError> {
    let used = run::accepted_since(tx, now_ms - DAY_MS).await?;
    if would_receive + used > limits.people_per_day {
        return Err(Refusal::TooManyToday { would_receive, used, limit: limits.people_per_day }.into());
    }
    let reached = job::count_reached(tx, plan.automation, now_ms - DAY_MS).await?;
    let approval = approval::standing(tx, plan, None, limits, now_ms).await?;
    Ok(approval.require(would_receive + reached)?)
}
