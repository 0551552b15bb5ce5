//! An active automation of the demo that an event begins: whoever joins the staff gets a link.

use super::house::now_at_home;
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::Failure;
use domain::automation::{Job, SendNewPassword, SendResetLink, Target};
use domain::event::{BuiltIn, EventStep, EventType};
use domain::id::AutomationId;
use domain::schedule::{ExecutionDays, HolidayRule, TimeFrame, TimeFrameInput};
use store::automation::{self, Automation, EventJobStep, FrameStep, NewEventStep};
use store::{Acting, group};

/// The group that is joined.
pub(super) const GROUP: &str = "staff";

/// Saves it and activates it.
pub(super) async fn save(context: &Context, acting: &Acting) -> Result<Automation, Failure> {
    let now = now_ms();
    let id = AutomationId::generate(now, randomness()?);
    let joined = context.store.read(|tx| Box::pin(group::find_by_name(tx, GROUP))).await?;
    let event = EventType::BuiltIn(BuiltIn::MemberAdded);
    let first = NewEventStep {
        name: "A link for new staff".into(),
        description: "Whoever is added to the staff can set a password".into(),
        event: EventStep { group: joined.map(|group| group.id), ..EventStep::any(event) },
        selection_id: None,
    };
    // Everybody was mailed a password a moment ago, and that is not to be in the way.
    let limits = SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() };
    let second = EventJobStep {
        job: Job::SendResetLink(Box::new(SendResetLink { limits, ..SendResetLink::default() })),
        target: Target::EventParameter,
        delay: None,
        confirmed: Vec::new(),
    };
    let input = TimeFrameInput {
        zone: "Europe/Berlin".into(),
        start: now_at_home(now)?.strftime("%Y-%m-%dT%H:%M").to_string(),
        end: None,
        days: ExecutionDays::ALL,
        hours: None,
        holidays: HolidayRule::Always,
    };
    let frame = TimeFrame::new(&input).map_err(Failure::failed)?;
    let by = acting.clone();
    let made = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::insert_event(tx, &by, id, &first, &second.job, now).await?;
                automation::update_event_job(tx, &by, id, &second, now).await?;
                automation::update_frame(tx, &by, id, &FrameStep { frame, reminder_to: Vec::new() }, now)
                    .await?;
                automation::activate(tx, &by, id, now).await
            })
        })
        .await
        .map_err(flow::StartError::from)?;
    Ok(made)
}
