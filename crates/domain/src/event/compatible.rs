//! Which jobs suit which events: what is refused, what must be confirmed, and what is offered first.

use super::{BuiltIn, EventType, Nature};
use crate::automation::{Job, Only, Target};
use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// How bad a combination is.
    Severity {
        /// It cannot be saved.
        Refused = "refused",
        /// It can, once an operator has confirmed the warning.
        NeedsConfirmation = "needs_confirmation",
    }
}

/// Something to say about an event with a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub what: Odd,
}

crate::sentences! {
    /// What is odd about an event with a job, for people.
    pub enum Odd in "odd" {
        NotOfEvents { job: String } = "not-of-events", "no event begins the job {job}; choose one of the jobs for events";
        NoContact { event: String } = "no-contact", "{event} carries no contact, so the job has nobody to write to; choose a contact instead of the event parameter";
        NoSystemUser { event: String } = "no-system-user", "{event} carries no system user, so the job has nobody to write to; choose a system user instead of the event parameter";
        Nobody { event: String } = "nobody", "{event} carries no person, so the job has nobody to write to; choose a person instead of the event parameter";
        LocksOut = "locks-out", "a new password at each log-on would lock every system user out again and again; choose one system user instead of the event parameter";
        LinkAtEachLogOn = "link-at-each-log-on", "every log-on to the console and every use of the API would mail a link";
        ContactEvent { event: String } = "contact-event", "{event} is about a contact, but the job writes to the chosen system user, whoever the event is about";
        SystemEvent { event: String } = "system-event", "{event} is about the system, but the job writes to the chosen contact each time";
        Stranger { event: String } = "stranger", "anybody can cause {event} for any person and so replace that person's password; a link is safer than a new password";
        JustChosen = "just-chosen", "the person has just chosen a password, and the job would replace it";
        NobodyCauses { event: String } = "nobody-causes", "the selection chooses the system user who caused the event, but no system user causes {event}; the job would never be done";
    }
}

/// What is to be said about these together; empty: nothing. Without a target, only what holds for any.
///
/// With a (C) job the selection limits the contacts; with an (S) job, the system users who cause the event.
#[must_use]
pub fn compatibility(
    event: &EventType,
    job: &Job,
    target: Option<Target>,
    has_selection: bool,
) -> Vec<Remark> {
    let refused = |what| Remark { severity: Severity::Refused, what };
    let confirm = |what| Remark { severity: Severity::NeedsConfirmation, what };
    let name = || event.type_name().into_owned();
    let Some(only) = job.only() else {
        return vec![refused(Odd::NotOfEvents { job: job.name().into() })];
    };
    let mut remarks = Vec::new();
    match target {
        Some(Target::EventParameter) => remarks.extend(of_event_parameter(event, only)),
        Some(Target::Person(_)) | None => match (event.nature(), only) {
            (Nature::Contact, Only::SystemUsers) => {
                remarks.push(confirm(Odd::ContactEvent { event: name() }))
            }
            (Nature::System, Only::Contacts) => remarks.push(confirm(Odd::SystemEvent { event: name() })),
            _ => {}
        },
    }
    let has_no_causer = event.built_in().is_some_and(|event| !event.can_have_causer());
    if has_selection && only == Only::SystemUsers && has_no_causer {
        remarks.push(confirm(Odd::NobodyCauses { event: name() }));
    }
    remarks
}

fn of_event_parameter(event: &EventType, only: Only) -> Option<Remark> {
    let carried = event.carried();
    let name = || event.type_name().into_owned();
    let refused = |what| Some(Remark { severity: Severity::Refused, what });
    let confirm = |what| Some(Remark { severity: Severity::NeedsConfirmation, what });
    match only {
        Only::Contacts if !carried.contact => return refused(Odd::NoContact { event: name() }),
        Only::SystemUsers if !carried.system_user => return refused(Odd::NoSystemUser { event: name() }),
        Only::Anybody if !carried.contact && !carried.system_user => {
            return refused(Odd::Nobody { event: name() });
        }
        _ => {}
    }
    match (event.built_in()?, only) {
        (BuiltIn::LoggedOn, Only::SystemUsers) => refused(Odd::LocksOut),
        (BuiltIn::LoggedOn, Only::Anybody) => confirm(Odd::LinkAtEachLogOn),
        // The only job for anybody mails a link, which replaces nothing.
        (_, Only::Anybody) => None,
        (BuiltIn::LoginFailedRepeatedly | BuiltIn::LinkRequested, _) => {
            confirm(Odd::Stranger { event: name() })
        }
        (BuiltIn::PasswordChanged, _) => confirm(Odd::JustChosen),
        _ => None,
    }
}

const CONTACT: &str = "send-new-password-to-contact";
const SYSTEM_USER: &str = "send-new-password-to-system-user";
const LINK: &str = "send-reset-link";

/// The names of the jobs to offer for an event, the most sensible first. Others are possible with a confirmation.
#[must_use]
pub fn sensible_jobs(event: &EventType) -> Vec<&'static str> {
    match event {
        EventType::BuiltIn(
            BuiltIn::LoginFailedRepeatedly
            | BuiltIn::LinkRequested
            | BuiltIn::PasswordExpiring
            | BuiltIn::PasswordChanged,
        ) => vec![LINK, CONTACT, SYSTEM_USER],
        EventType::BuiltIn(BuiltIn::LoggedOn) => vec![LINK, SYSTEM_USER],
        _ => match event.nature() {
            Nature::Contact => vec![CONTACT, LINK],
            Nature::System => vec![SYSTEM_USER, LINK],
            Nature::Both => vec![CONTACT, SYSTEM_USER, LINK],
        },
    }
}
