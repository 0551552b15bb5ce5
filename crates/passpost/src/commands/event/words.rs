//! Events and what came of them, in words.

use crate::output::moment;
use domain::automation::Carries;
use domain::event::{BuiltIn, EventType};
use domain::event_job::{EventJobReason, EventJobState};
use domain::recipient::{Reason, RecipientState};
use store::automation::Automation;
use store::event::Event;
use store::event::job::EventJob;

/// What has happened when there is such an event.
pub(super) const fn meaning(event: BuiltIn) -> &'static str {
    match event {
        BuiltIn::PersonCreated => "a person was created",
        BuiltIn::PersonChanged => "attributes of a person changed",
        BuiltIn::MemberAdded => "somebody was added to a group",
        BuiltIn::MemberRemoved => "somebody was removed from a group",
        BuiltIn::Subscribed => "somebody subscribed to a group",
        BuiltIn::Unsubscribed => "somebody unsubscribed from a group",
        BuiltIn::PreferencesLoggedIn => "a contact logged in to the preference center",
        BuiltIn::LoggedOn => "a system user logged on to the console or the API",
        BuiltIn::LoginFailedRepeatedly => "logins with wrong passwords until the account was held back",
        BuiltIn::PasswordExpiring => "a password will soon be no longer valid",
        BuiltIn::PasswordChanged => "a person chose a new password",
        BuiltIn::LinkRequested => "a link was asked for on the public page",
        BuiltIn::MailBounced => "a mail came back",
        BuiltIn::ImportFinished => "an import is done",
        BuiltIn::RunFinished => "a run is done",
        BuiltIn::AutomationFinished => "a run of an automation is done",
    }
}

/// `passpost.group.member_added: somebody was added to a group`.
pub(crate) fn called(event: &EventType) -> String {
    match event.built_in() {
        Some(one) => format!("{event}: {}", meaning(one)),
        None => format!("{event}: sent by another program"),
    }
}

/// Whom and what an event carries: `contact or system user, run`.
pub(super) fn carries(event: &EventType) -> String {
    let carried = event.carried();
    let person = match (carried.contact, carried.system_user) {
        (true, true) => Some("contact or system user"),
        (true, false) => Some("contact"),
        (false, true) => Some("system user"),
        (false, false) => None,
    };
    let things = [(carried.group, "group"), (carried.run, "run"), (carried.automation, "automation")];
    let things = things.into_iter().filter_map(|(carried, what)| carried.then_some(what));
    let parts: Vec<&str> = person.into_iter().chain(things).collect();
    if parts.is_empty() { "no person".into() } else { parts.join(", ") }
}

/// The command that tries out the event an automation waits for.
pub(crate) fn try_out(one: &Automation) -> String {
    let Some(step) = &one.event else { return "passpost event simulate --help".into() };
    let carried = step.event.carried();
    let who = if carried.contact || carried.system_user { " --person NAME" } else { "" };
    match step.event.built_in() {
        Some(event) => {
            let group = if carried.group { " --group NAME" } else { "" };
            format!("passpost event simulate --built-in {event}{who}{group}")
        }
        None => format!("passpost event send --type {} --contact NAME --dry-run", step.event),
    }
}

/// What somebody of a job gets.
pub(super) const fn gift(carries: Carries) -> &'static str {
    match carries {
        Carries::Password => "a new password",
        Carries::Link => "a personal link",
        Carries::Nothing => "a mail",
    }
}

/// Who a job is done to.
pub(super) fn person(job: &EventJob) -> String {
    match (&job.username, job.person_id) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => "somebody who was erased".into(),
        (None, None) => "nobody".into(),
    }
}

/// The automation of a job: `automation 2 "Welcome"`.
pub(super) fn automation(job: &EventJob) -> String {
    match (job.automation_number, &job.automation_name) {
        (Some(number), Some(name)) => format!("automation {number} {name:?}"),
        _ => "an automation that was removed".into(),
    }
}

/// Why nothing was done. What is more exact takes the place of the reason.
pub(super) fn why(job: &EventJob) -> String {
    let reason = job.reason.map_or("nothing is known of it", EventJobReason::explain);
    match (&job.detail, job.reason) {
        (Some(detail), Some(EventJobReason::ConditionNotMet)) => detail.clone(),
        (Some(detail), _) => format!("{reason}: {detail}"),
        (None, _) => reason.into(),
    }
}

/// Why somebody was left out of a run.
pub(super) fn left_out(job: &EventJob) -> Option<String> {
    if job.recipient_state != Some(RecipientState::LeftOut) {
        return None;
    }
    let reason = job.recipient_reason.as_deref().unwrap_or_default();
    Some(Reason::parse(reason).map_or_else(|| reason.to_owned(), |reason| reason.explain().to_owned()))
}

/// What came of an event for one automation, in a sentence.
pub(super) fn outcome(job: &EventJob) -> String {
    let who = person(job);
    let run = job.run_number.map_or_else(|| "a run".to_owned(), |number| format!("run {number}"));
    match job.state {
        EventJobState::Waiting => {
            let due = job.due_at.map_or_else(String::new, |at| format!(", due {}", moment(at)));
            format!("waits, for {who}{due}")
        }
        EventJobState::Executed => match (left_out(job), job.recipient_state) {
            (Some(why), _) => format!("{who} was left out of {run}: {why}"),
            (None, Some(state)) => format!("{who} is in {run}: {}", state.as_str().replace('_', " ")),
            (None, None) => format!("{who} is in {run}"),
        },
        EventJobState::NotActedOn => format!("nothing was done: {}", why(job)),
        EventJobState::Cancelled => format!("was called off, for {who}: {}", why(job)),
    }
}

/// Who an event is about, as its sender said it or as the databank calls them.
pub(super) fn about(event: &Event, username: Option<&str>) -> String {
    let sent = event.contact.as_deref().or(event.system_user.as_deref());
    match (username, sent) {
        (Some(name), _) => name.to_owned(),
        (None, Some(sent)) => format!("{sent} (unknown)"),
        (None, None) if event.contact_id.or(event.system_user_id).is_some() => "(erased)".into(),
        (None, None) => "–".into(),
    }
}
