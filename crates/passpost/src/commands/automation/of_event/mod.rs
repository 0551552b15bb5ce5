//! Automations that an event begins: the event, the job and the time frame, typed together or one after the other.

mod deed;
mod frame;
mod settings;
pub(super) mod show;
pub(super) mod waiting;

pub(super) use deed::DeedArgs;
pub(super) use frame::{Args as Frame, FrameArgs, run as save_frame};
pub(super) use settings::EventArgs;

use super::job::JobArgs;
use super::title;
use crate::clock::{now_ms, randomness};
use crate::commands::event::words;
use crate::commands::selection;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::automation::{Job, check_name};
use domain::event::{BuiltIn, EventType, sensible_jobs};
use domain::id::{AutomationId, SelectionId};
use domain::role::Permission;
use store::automation::{self, Automation, EventJobStep, NewEventStep};

/// What `edit` takes away again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Without {
    /// Whom it is limited to, or who must have caused the event
    Selection,
    /// The source events must come from
    Source,
    /// The group the event must be about
    Group,
    /// The attributes of which one must have changed
    Attributes,
    /// The automation that must have finished
    AfterAutomation,
    /// The system user who must have logged on
    SystemUser,
    /// All conditions
    Conditions,
    /// The delay: the job is done at once
    Delay,
}

/// What was typed of the first and the second step.
pub(super) struct Typed<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) selection: Option<&'a str>,
    pub(super) event: Option<&'a str>,
    pub(super) settings: &'a EventArgs,
    pub(super) job: &'a JobArgs,
    pub(super) deed: &'a DeedArgs,
    pub(super) without: &'a [Without],
}

impl Typed<'_> {
    /// An option that only an automation that an event begins has.
    pub(super) fn only_of_events(&self) -> Option<&'static str> {
        let without = (!self.without.is_empty()).then_some("--without");
        let event = self.event.map(|_| "--event");
        event.or_else(|| self.settings.given()).or_else(|| self.deed.given()).or(without)
    }

    async fn first(&self, context: &Context, before: Option<&Automation>) -> Result<NewEventStep, Failure> {
        let was = before.and_then(|one| one.event.clone());
        let event = self.settings.over(context, self.event, was, self.without).await?;
        let selection_id = match self.selection {
            Some(name) => Some(selection::find(context, name).await?.id),
            None if self.without.contains(&Without::Selection) => None,
            None => before.and_then(|one| one.selection_id),
        };
        let name = self.name.or(before.map(|one| one.name.as_str())).unwrap_or_default();
        let description = self.job.description().or_else(|| before.map(|one| one.description.clone()));
        Ok(NewEventStep {
            name: check_name(name).map_err(Failure::usage)?.to_owned(),
            description: description.unwrap_or_default(),
            event,
            selection_id,
        })
    }
}

/// `automation create NAME --event TYPE`.
pub(super) async fn create(context: &Context, typed: Typed<'_>, frame: &FrameArgs) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let first = typed.first(context, None).await?;
    let second = deed::over(context, &typed, None, &first).await?;
    let third = match frame.given() {
        None => None,
        Some(option) if second.is_none() => {
            return Err(Failure::usage(format!(
                "{option} is of the third step, and the second is not given"
            ))
            .hint(no_job(&first.event.event)));
        }
        Some(_) => Some(frame.over(context, None, &[]).await?),
    };
    let job = second
        .as_ref()
        .map_or_else(|| usual_job(context, &first.event.event), |step| Ok(step.job.clone()))?;
    let (now, id) = (now_ms(), AutomationId::generate(now_ms(), randomness()?));
    let made = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::insert_event(tx, &acting, id, &first, &job, now).await?;
                if let Some(step) = &second {
                    automation::update_event_job(tx, &acting, id, step, now).await?;
                }
                if let Some(step) = &third {
                    automation::update_frame(tx, &acting, id, step, now).await?;
                }
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} is saved, not active yet", title(&made)), &made);
    remark_type(context, &made);
    next_step(context, &made);
    Ok(Done::All)
}

/// `automation edit` of one that an event begins.
pub(super) async fn edit(context: &Context, before: &Automation, typed: Typed<'_>) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let first = typed.first(context, Some(before)).await?;
    let second = deed::over(context, &typed, Some(before), &first).await?;
    let changed =
        [is_other_first(before, &first), second.as_ref().is_some_and(|step| is_other_second(before, step))];
    if changed == [false, false] {
        context.out.done(format!("{} stays as it is", title(before)), before);
        return Ok(Done::All);
    }
    let (id, now) = (before.id, now_ms());
    let saved = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                if changed[0] {
                    automation::update_event(tx, &acting, id, &first, now).await?;
                }
                if let Some(step) = second.as_ref().filter(|_| changed[1]) {
                    automation::update_event_job(tx, &acting, id, step, now).await?;
                }
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} is saved", title(&saved)), &saved);
    remark_type(context, &saved);
    next_step(context, &saved);
    Ok(Done::All)
}

fn is_other_first(before: &Automation, step: &NewEventStep) -> bool {
    before.name != step.name
        || before.description != step.description
        || before.event.as_ref() != Some(&step.event)
        || before.selection_id != step.selection_id
}

fn is_other_second(before: &Automation, step: &EventJobStep) -> bool {
    before.job != step.job
        || before.target != Some(step.target)
        || before.delay != step.delay
        || before.confirmed != step.confirmed
}

/// What the second step begins with until it is saved.
fn usual_job(context: &Context, event: &EventType) -> Result<Job, Failure> {
    let name = sensible_jobs(event).first().copied().unwrap_or("send-reset-link");
    deed::job_of(name, deed::usual(context), None)
}

/// What to add for the second step.
fn no_job(event: &EventType) -> String {
    format!(
        "add --job and --use-event-parameter or --target PERSON; for this event: {}",
        sensible_jobs(event).join(", ")
    )
}

/// Says that a type of one's own looks like one of Passpost's.
fn remark_type(context: &Context, one: &Automation) {
    if let Some(EventType::Custom(text)) = one.event.as_ref().map(|step| &step.event)
        && let Some(built_in) = BuiltIn::parse(text)
    {
        context.out.note(format!(
            "{text} is a type that another program must send; Passpost's own is {}.",
            built_in.type_name()
        ));
    }
}

/// Says what is still to do before it acts.
fn next_step(context: &Context, one: &Automation) {
    let number = one.number;
    if one.target.is_none() {
        let event = one.event.as_ref().map(|step| &step.event);
        let job = event.and_then(|event| sensible_jobs(event).first().copied()).unwrap_or("send-reset-link");
        context.out.note(format!(
            "Next, the job: passpost automation edit {number} --job {job} --use-event-parameter [--delay \"2 days\"]"
        ));
    } else if one.frame.is_none() {
        context.out.note(format!(
            "Next, the time frame: passpost automation frame {number} [--days mon-fri --hours 08:00-18:00 --end …]\n\
             Without options it is from now on, at all times."
        ));
    } else if !one.status.is_active() {
        context.out.note(format!(
            "Next: passpost automation activate {number}\nWhat an event would do then, without sending one: {}",
            words::try_out(one)
        ));
    }
}

/// The name of a selection, or a dash.
async fn selection_name(context: &Context, id: Option<SelectionId>) -> Result<Option<String>, Failure> {
    let Some(id) = id else { return Ok(None) };
    let found = context.store.read(move |tx| Box::pin(store::selection::get(tx, id))).await?;
    Ok(Some(found.name))
}
