//! What moves an automation: switched on and off by people, then from occurrence to occurrence to its end.

use super::{Automation, event_steps, get, note};
use crate::acting::Acting;
use crate::error::{Result, StoreError};
use crate::{Tx, event, holiday, params};
use domain::automation::AutomationStatus;
use domain::event_job::EventJobReason;
use domain::id::AutomationId;
use domain::schedule::{HolidayCalendar, Standing};
use domain::sentence::Sentence;
use jiff::Timestamp;

domain::sentences! {
    /// What is missing before an automation can be active.
    pub enum NotReady in "not-ready" {
        Active = "active", "the automation is active already";
        Archived = "archived", "the automation is archived; take it out of the archive first";
        NoSelection = "no-selection", "the automation has no selection; a password job needs one";
        NoSchedule = "no-schedule", "the automation has no schedule yet; save the second step first";
        Never { why: String } = "never", "{why}";
        Over = "over", "all occurrences of the schedule are over; save a new one first";
        NoTarget = "no-target", "it is not said whom the job is done to; save the second step first";
        NoFrame = "no-frame", "the automation has no time frame yet; save the third step first";
        FrameOver = "frame-over", "the time frame is over; save a new one first";
        Odd { what: Sentence } = "odd", "this does not fit together: {what}";
        Unconfirmed { what: Sentence } = "unconfirmed", "{what}; save the second step again and confirm that this is meant";
        Cycle { names: String } = "cycle", "these automations would begin one another for ever: {names}";
    }
}

/// Why an automation cannot be activated, or cannot be changed in this way.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// Says what is missing.
    #[error("{0}")]
    NotReady(NotReady),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// *inactive* → *active*. Occurrences before this moment are not run.
///
/// # Errors
/// Something is missing, or the schedule would never run.
pub async fn activate(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    now_ms: i64,
) -> std::result::Result<Automation, ActivateError> {
    let automation = get(tx, id).await?;
    let not_ready = |why: NotReady| Err(ActivateError::NotReady(why));
    if automation.status.is_active() {
        return not_ready(NotReady::Active);
    }
    if automation.archived {
        return not_ready(NotReady::Archived);
    }
    if automation.is_of_events() {
        return activate_listener(tx, acting, &automation, now_ms).await;
    }
    if automation.selection_id.is_none() {
        return not_ready(NotReady::NoSelection);
    }
    let Some(schedule) = &automation.schedule else {
        return not_ready(NotReady::NoSchedule);
    };
    let calendar = calendar(tx).await?;
    if let Err(invalid) = schedule.check_calendar(&calendar) {
        return Err(ActivateError::NotReady(NotReady::Never { why: invalid.to_string() }));
    }
    let status = if automation.runs_count > 0 && schedule.next_n(&calendar, time(now_ms), 1).is_empty() {
        return not_ready(NotReady::Over);
    } else if automation.status == AutomationStatus::InactiveDeactivated && automation.runs_count > 0 {
        "active_running"
    } else {
        "active_scheduled"
    };
    tx.execute(
        "UPDATE automations SET status = $2, activated_at = $3, handled_at = $4, updated_at = $3 WHERE id = $1",
        // One millisecond less: an occurrence at this very moment still runs.
        params![id, status, now_ms, now_ms - 1],
    )
    .await?;
    let automation = get(tx, id).await?;
    plan_next(tx, &automation, now_ms).await?;
    note(tx, acting, "automation.activated", id, serde_json::json!({}), now_ms).await?;
    Ok(get(tx, id).await?)
}

/// The same for an automation that an event begins: it listens from now on.
async fn activate_listener(
    tx: &mut Tx,
    acting: &Acting,
    automation: &Automation,
    now_ms: i64,
) -> std::result::Result<Automation, ActivateError> {
    let not_ready = |why: NotReady| Err(ActivateError::NotReady(why));
    if automation.target.is_none() {
        return not_ready(NotReady::NoTarget);
    }
    let Some(frame) = &automation.frame else {
        return not_ready(NotReady::NoFrame);
    };
    let calendar = calendar(tx).await?;
    if let Err(invalid) = frame.check_calendar(&calendar) {
        return not_ready(NotReady::Never { why: invalid.to_string() });
    }
    if let Some(odd) = event_steps::odd(automation) {
        return not_ready(odd);
    }
    if let Some(names) = event_steps::cycle(tx, automation).await? {
        return not_ready(NotReady::Cycle { names });
    }
    let status = match frame.standing(time(now_ms)) {
        Standing::Before => "active_scheduled",
        Standing::Inside => "active_running",
        Standing::Over => return not_ready(NotReady::FrameOver),
    };
    tx.execute(
        "UPDATE automations SET status = $2, activated_at = $3, updated_at = $3 WHERE id = $1",
        params![automation.id, status, now_ms],
    )
    .await?;
    plan_next(tx, automation, now_ms).await?;
    note(tx, acting, "automation.activated", automation.id, serde_json::json!({}), now_ms).await?;
    Ok(get(tx, automation.id).await?)
}

/// *active* → *inactive, deactivated*.
///
/// # Errors
/// There is no such automation.
pub async fn deactivate(tx: &mut Tx, acting: &Acting, id: AutomationId, now_ms: i64) -> Result<Automation> {
    deactivate_counted(tx, acting, id, now_ms).await.map(|(automation, _)| automation)
}

/// The same; says as well how many jobs that waited are cancelled.
///
/// # Errors
/// There is no such automation.
pub async fn deactivate_counted(
    tx: &mut Tx,
    acting: &Acting,
    id: AutomationId,
    now_ms: i64,
) -> Result<(Automation, u64)> {
    tx.execute(
        "UPDATE automations SET status = 'inactive_deactivated', next_at = NULL, updated_at = $2
         WHERE id = $1 AND status IN ('active_scheduled', 'active_running')",
        params![id, now_ms],
    )
    .await?;
    // Nothing that waits may be done any more.
    let cancelled = event::job::cancel(tx, id, EventJobReason::Deactivated, None, i64::MAX, now_ms).await?;
    let detail =
        if cancelled > 0 { serde_json::json!({ "cancelled": cancelled }) } else { serde_json::json!({}) };
    note(tx, acting, "automation.deactivated", id, detail, now_ms).await?;
    Ok((get(tx, id).await?, cancelled))
}

/// Occurrences up to a moment are dealt with; plans the next look, or ends the automation when there is
/// none. Gives the status now.
///
/// # Errors
/// The database is not available.
pub async fn handled(tx: &mut Tx, id: AutomationId, until_ms: i64, now_ms: i64) -> Result<AutomationStatus> {
    tx.execute(
        "UPDATE automations SET handled_at = $2 WHERE id = $1 AND (handled_at IS NULL OR handled_at < $2)",
        params![id, until_ms],
    )
    .await?;
    let automation = get(tx, id).await?;
    plan_next(tx, &automation, now_ms).await?;
    Ok(get(tx, id).await?.status)
}

/// A run of the automation has begun: it has run at least once. One with a single occurrence stays
/// *scheduled*, as *running* is for repeating ones.
///
/// # Errors
/// The database is not available.
pub async fn count_run(tx: &mut Tx, id: AutomationId, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE automations SET runs_count = runs_count + 1, updated_at = $2 WHERE id = $1",
        params![id, now_ms],
    )
    .await?;
    Ok(())
}

/// *active scheduled* → *active running*, after a run its schedule began.
///
/// # Errors
/// The database is not available.
pub async fn ran(tx: &mut Tx, id: AutomationId) -> Result<()> {
    tx.execute(
        "UPDATE automations SET status = 'active_running' WHERE id = $1 AND status = 'active_scheduled'",
        params![id],
    )
    .await?;
    Ok(())
}

/// Counts something that went wrong, with its cause.
///
/// # Errors
/// The database is not available.
pub async fn record_error(tx: &mut Tx, id: AutomationId, cause: &str, now_ms: i64) -> Result<()> {
    tx.execute(
        "UPDATE automations SET errors_count = errors_count + 1, last_error = $2, last_error_at = $3 WHERE id = $1",
        params![id, cause, now_ms],
    )
    .await?;
    Ok(())
}

/// Notes that the reminder was written; false when somebody else has done so, or it is not active any more.
///
/// # Errors
/// The database is not available.
pub async fn reminded(tx: &mut Tx, id: AutomationId, now_ms: i64) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE automations SET reminded_at = $2 WHERE id = $1 AND reminded_at IS NULL
               AND status IN ('active_scheduled', 'active_running')",
            params![id, now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// The time frame of an active automation has begun or is over: its status follows. Over, nothing waits any more.
///
/// # Errors
/// The database is not available.
pub async fn keep_frame(tx: &mut Tx, automation: &Automation, now_ms: i64) -> Result<AutomationStatus> {
    let Some(frame) = automation.frame.as_ref().filter(|_| automation.status.is_active()) else {
        return Ok(automation.status);
    };
    let status = match frame.standing(time(now_ms)) {
        Standing::Before => AutomationStatus::ActiveScheduled,
        Standing::Inside => AutomationStatus::ActiveRunning,
        Standing::Over => AutomationStatus::InactiveDone,
    };
    if status == AutomationStatus::InactiveDone {
        event::job::cancel(tx, automation.id, EventJobReason::FrameOver, None, i64::MAX, now_ms).await?;
    }
    tx.execute("UPDATE automations SET status = $2 WHERE id = $1", params![automation.id, status.as_str()])
        .await?;
    plan_next(tx, automation, now_ms).await?;
    Ok(status)
}

/// The holiday calendar.
///
/// # Errors
/// The database is not available.
pub async fn calendar(tx: &mut Tx) -> Result<HolidayCalendar> {
    HolidayCalendar::new(&holiday::list(tx).await?)
        .map_err(|invalid| StoreError::Corrupt(format!("the holiday calendar: {invalid}")))
}

/// Sets when the scheduler must look again; an automation with nothing left is done.
pub(super) async fn plan_next(tx: &mut Tx, automation: &Automation, now_ms: i64) -> Result<()> {
    if let Some(frame) = &automation.frame {
        let next = match frame.standing(time(now_ms)) {
            Standing::Before => Some(frame.starts_at()),
            Standing::Inside => Some(frame.ends_at()),
            Standing::Over => None,
        };
        let next = next.map(Timestamp::as_millisecond);
        let sql = "UPDATE automations SET next_at = $2 WHERE id = $1";
        return tx.execute(sql, params![automation.id, next]).await.map(|_| ());
    }
    let Some(schedule) = &automation.schedule else { return Ok(()) };
    let calendar = calendar(tx).await?;
    let after = automation.handled_at.unwrap_or(now_ms);
    match schedule.next_after(&calendar, time(after)) {
        Some(next) => {
            tx.execute(
                "UPDATE automations SET next_at = $2 WHERE id = $1",
                params![automation.id, next.at.as_millisecond()],
            )
            .await?;
        }
        None if schedule.is_over(&calendar, time(now_ms)) => {
            tx.execute(
                "UPDATE automations SET next_at = NULL, status = 'inactive_done', updated_at = $2 WHERE id = $1",
                params![automation.id, now_ms],
            )
            .await?;
        }
        // Waits for a holiday that is not entered yet: look again tomorrow.
        None => {
            tx.execute(
                "UPDATE automations SET next_at = $2 WHERE id = $1",
                params![automation.id, now_ms + 24 * 3_600_000],
            )
            .await?;
        }
    }
    Ok(())
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
