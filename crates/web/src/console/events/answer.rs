//! What an event would do now, in sentences: one for each automation that listens.

use super::outcome::reason_label;
use super::words;
use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::event_job::{EventJobReason, EventJobState};
use domain::recipient::RecipientState;
use domain::role::Permission;
use domain::schedule::HolidayCalendar;
use flow::{Simulated, SimulatedJob};
use jiff::Timestamp;
use store::StoreError;
use store::automation::{self, Automation};

/// What would happen, in sentences.
pub(super) struct Answer {
    pub(super) lead: String,
    pub(super) lines: Vec<Would>,
}

/// What one automation would do.
pub(super) struct Would {
    pub(super) tone: &'static str,
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) text: String,
    /// More, in English.
    pub(super) detail: String,
}

/// Records a simulation names.
struct Around {
    automations: Vec<Automation>,
    calendar: HolidayCalendar,
}

/// What a simulation found, in sentences.
pub(super) async fn answer(operator: &Operator, found: &Simulated) -> Result<Answer, Failure> {
    let words = operator.context.words;
    let Some(event) = &found.event else {
        return Ok(Answer { lead: words.say("try-known"), lines: Vec::new() });
    };
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            Ok::<_, StoreError>(Around {
                automations: automation::list_of_events(tx).await?,
                calendar: automation::calendar(tx).await?,
            })
        })
    });
    let around = read.await.map_err(Failure::from)?;
    let label = words::label_of(words, &event.event_type);
    let lead = if found.jobs.is_empty() {
        words.fill("try-unheard", "event", &label)
    } else {
        words.fill("try-lead", "event", &label)
    };
    Ok(Answer { lead, lines: found.jobs.iter().map(|job| would(operator, job, &around)).collect() })
}

/// What one automation would do, in a sentence.
fn would(operator: &Operator, one: &SimulatedJob, around: &Around) -> Would {
    let words = operator.context.words;
    let job = &one.job;
    let automation = around.automations.iter().find(|other| other.id == job.automation_id);
    let who = match &job.username {
        Some(name) if operator.may(Permission::PeopleView) => name.clone(),
        _ => operator.say("try-the-person"),
    };
    let (mut tone, mut detail) = ("", job.detail.clone().unwrap_or_default());
    let text = match (job.state, job.recipient_state, &one.refusal) {
        (_, _, Some(refusal)) => {
            tone = "bad";
            detail.clone_from(refusal);
            words.say("try-refused")
        }
        (EventJobState::Executed, Some(RecipientState::LeftOut), _) => {
            let why = job.recipient_reason.as_deref().map(|reason| words.reason(reason)).unwrap_or_default();
            words.say_with("try-left-out", &[("who", &who), ("why", &why)])
        }
        (EventJobState::Executed | EventJobState::Waiting, ..) => {
            tone = "good";
            let what =
                automation.map(|one| operator.say(&format!("try-{}", one.job.name()))).unwrap_or_default();
            let when = when(operator, one.would_be_due_at, automation, &around.calendar);
            words.say_with("try-would", &[("who", &who), ("what", &what), ("when", &when)])
        }
        (EventJobState::NotActedOn | EventJobState::Cancelled, ..) => {
            let why = job.reason.unwrap_or(EventJobReason::ConditionNotMet);
            words.fill("try-nothing", "why", &reason_label(operator, why))
        }
    };
    let name = job.automation_name.clone().unwrap_or_default();
    Would {
        tone,
        path: operator
            .may(Permission::AutomationsView)
            .then(|| format!("/console/automations/{}", job.automation_id)),
        name,
        text,
        detail,
    }
}

/// When: at once, after the delay, and at an allowed day and hour.
fn when(
    operator: &Operator,
    due: Option<i64>,
    automation: Option<&Automation>,
    calendar: &HolidayCalendar,
) -> String {
    let now = operator.now_ms();
    let due = due.unwrap_or(now);
    let frame = automation.and_then(|one| one.frame.as_ref());
    let at = Timestamp::from_millisecond(due).unwrap_or(Timestamp::UNIX_EPOCH);
    match frame.map(|frame| frame.next_allowed(calendar, at).map(Timestamp::as_millisecond)) {
        Some(None) => operator.say("try-never"),
        Some(Some(allowed)) if allowed > due => operator.fill("try-postponed", "time", &operator.at(allowed)),
        _ if due <= now => operator.say("try-at-once"),
        _ => operator.fill("try-at", "time", &operator.at(due)),
    }
}
