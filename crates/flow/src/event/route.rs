//! Routing: what an event means for each automation that listens to its type.

use domain::automation::{Only, Target};
use domain::event::{Facts, Matcher};
use domain::event_job::{EventJobReason, LONGEST_CHAIN};
use domain::id::PersonId;
use domain::schedule::Standing;
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::automation::{self, Automation};
use store::event::job::{self, Fate, NewJob};
use store::event::{self, Event};
use store::{StoreError, Tx};

/// An automation that listens, ready to be asked.
pub(super) struct Listener {
    automation: Automation,
    /// `None`: its settings cannot be read any more.
    matcher: Option<Matcher>,
}

/// By the type of event.
pub(super) type Listeners = BTreeMap<String, Vec<Listener>>;

/// Routes the oldest events that nobody was asked about, at most `limit`; gives how many.
pub(super) async fn route(tx: &mut Tx, limit: i64, now_ms: i64) -> Result<i64, StoreError> {
    // Locked before the events, which nobody is waited for: of two that wait for each other one would fail.
    let listeners = listeners(tx).await?;
    let events = event::list_new(tx, limit).await?;
    if events.is_empty() {
        return Ok(0);
    }
    route_these(tx, &listeners, &events, now_ms).await?;
    Ok(i64::try_from(events.len()).unwrap_or(i64::MAX))
}

/// Writes what events mean for each of the automations that [`listeners`] gave.
pub(super) async fn route_these(
    tx: &mut Tx,
    listeners: &Listeners,
    events: &[Event],
    now_ms: i64,
) -> Result<(), StoreError> {
    let mut jobs = Vec::new();
    for one in events {
        let asked = listeners.get(&one.event_type).map(Vec::as_slice).unwrap_or_default();
        jobs.extend(asked.iter().map(|listener| {
            let (person, fate) = fate(listener, one);
            NewJob { event: one.number, automation: listener.automation.id, person, fate }
        }));
    }
    job::insert(tx, &jobs, now_ms).await?;
    event::routed(tx, events, now_ms).await
}

/// The automations that listen. Locked: one that is deactivated meanwhile would keep jobs that wait.
pub(super) async fn listeners(tx: &mut Tx) -> Result<Listeners, StoreError> {
    let mut found = Listeners::new();
    for automation in automation::lock_of_events(tx).await? {
        let Some(step) = &automation.event else { continue };
        let matcher = Matcher::new(step).ok();
        found.entry(step.event.to_string()).or_default().push(Listener { automation, matcher });
    }
    Ok(found)
}

/// Whom a job is done to and when; or why there is none.
fn fate(listener: &Listener, event: &Event) -> (Option<PersonId>, Fate) {
    let automation = &listener.automation;
    let person = person(automation, event);
    let not = |why| (person, Fate::Not(why, None));
    let Some(matcher) = &listener.matcher else { return not(EventJobReason::ConditionNotMet) };
    let facts = Facts {
        event_type: &event.event_type,
        source: &event.source,
        subject: event.subject.as_deref(),
        extensions: &event.extensions,
        data: &event.data,
        group: event.group_id,
        automation: event.automation_id,
        system_user: event.system_user_id,
    };
    if let Err(unmet) = matcher.check(&facts) {
        return (person, Fate::Not(EventJobReason::ConditionNotMet, Some(unmet.to_string())));
    }
    // What arrived before the automation was activated did so while it was inactive, whenever it is routed.
    let since = automation.activated_at.filter(|_| automation.status.is_active());
    if since.is_none_or(|at| event.received_at < at) {
        return not(EventJobReason::Inactive);
    }
    let received = Timestamp::from_millisecond(event.received_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let Some(frame) = &automation.frame else { return not(EventJobReason::Inactive) };
    if frame.standing(received) != Standing::Inside {
        return not(EventJobReason::OutsideFrame);
    }
    if event.chain.contains(&automation.id) {
        return not(EventJobReason::Cycle);
    }
    if event.chain.len() >= LONGEST_CHAIN {
        return not(EventJobReason::ChainTooLong);
    }
    if person.is_none() {
        let named = event.contact.is_some() || event.system_user.is_some();
        return not(if named { EventJobReason::UnknownPerson } else { EventJobReason::Nobody });
    }
    let due = automation.delay.as_ref().map_or(received, |delay| delay.due(received, frame.time_zone()));
    (person, Fate::Waits(due.as_millisecond()))
}

/// Whom the job of an automation is done to after this event.
fn person(automation: &Automation, event: &Event) -> Option<PersonId> {
    match automation.target? {
        Target::Person(person) => Some(person),
        Target::EventParameter => match automation.job.only()? {
            Only::Contacts => event.contact_id,
            Only::SystemUsers => event.system_user_id,
            Only::Anybody => event.contact_id.or(event.system_user_id),
        },
    }
}
