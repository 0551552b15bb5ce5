//! Which jobs suit which events.

use super::*;
use crate::automation::{Job, SendNewPassword, Target};

fn to_contact() -> Job {
    Job::SendNewPasswordToContact(SendNewPassword::default())
}

fn to_system_user() -> Job {
    Job::SendNewPasswordToSystemUser(SendNewPassword::default())
}

fn link() -> Job {
    Job::SendResetLink(Box::default())
}

const ANY: Target = Target::EventParameter;

fn chosen() -> Target {
    Target::Person(person(1))
}

/// The code of the only remark without `odd-`, after `!` if it is refused; nothing without a remark.
fn remark(event: &EventType, job: &Job, target: Option<Target>, has_selection: bool) -> String {
    use crate::sentence::Tell;
    let remarks = compatibility(event, job, target, has_selection);
    assert!(remarks.len() <= 1, "{remarks:?}");
    remarks.first().map_or_else(String::new, |Remark { severity, what }| {
        let mark = if *severity == Severity::Refused { "!" } else { "" };
        format!("{mark}{}", what.code().trim_start_matches("odd-"))
    })
}

#[test]
fn the_event_parameter_needs_an_event_that_carries_such_a_person() {
    for (name, contact, system_user, anybody) in [
        ("person.created", "", "", ""),
        ("person.changed", "", "", ""),
        ("group.member_added", "", "!no-system-user", ""),
        ("group.member_removed", "", "!no-system-user", ""),
        ("group.subscribed", "", "!no-system-user", ""),
        ("group.unsubscribed", "", "!no-system-user", ""),
        ("preferences.logged_in", "", "!no-system-user", ""),
        ("system.logged_on", "!no-contact", "!locks-out", "link-at-each-log-on"),
        ("login.failed_repeatedly", "stranger", "stranger", ""),
        ("password.expiring", "", "", ""),
        ("password.changed", "just-chosen", "just-chosen", ""),
        ("link.requested", "stranger", "stranger", ""),
        ("mail.bounced", "", "", ""),
        ("import.finished", "!no-contact", "!no-system-user", "!nobody"),
        ("run.finished", "!no-contact", "!no-system-user", "!nobody"),
        ("automation.finished", "", "", ""),
    ] {
        let kind = event(&format!("passpost.{name}"));
        for (job, expected) in [(to_contact(), contact), (to_system_user(), system_user), (link(), anybody)] {
            assert_eq!(remark(&kind, &job, Some(ANY), false), expected, "{name} with {}", job.name());
        }
    }
    let custom = event("org.example.booked");
    for job in [to_contact(), to_system_user(), link()] {
        assert_eq!(remark(&custom, &job, Some(ANY), true), "");
    }
}

#[test]
fn a_chosen_person_of_the_other_kind_must_be_confirmed() {
    for &one in BuiltIn::ALL {
        let kind = one.into();
        let (contact, system_user) = match one.nature() {
            Nature::Contact => ("", "contact-event"),
            Nature::System => ("system-event", ""),
            Nature::Both => ("", ""),
        };
        for target in [Some(chosen()), None] {
            assert_eq!(remark(&kind, &to_contact(), target, false), contact, "{one}");
            assert_eq!(remark(&kind, &to_system_user(), target, false), system_user, "{one}");
            assert_eq!(remark(&kind, &link(), target, false), "", "{one}");
            // The selection limits the contacts; it adds nothing to say.
            assert_eq!(remark(&kind, &to_contact(), target, true), contact, "{one}");
        }
    }
}

#[test]
fn a_selection_of_causers_needs_an_event_that_a_system_user_can_cause() {
    let expiring = BuiltIn::PasswordExpiring.into();
    assert_eq!(remark(&expiring, &to_system_user(), Some(ANY), true), "nobody-causes");
    assert_eq!(remark(&expiring, &to_system_user(), Some(ANY), false), "");
    assert_eq!(remark(&expiring, &to_contact(), Some(ANY), true), "");
    assert_eq!(remark(&BuiltIn::PersonChanged.into(), &to_system_user(), Some(ANY), true), "");
    // Both are told.
    let both = compatibility(&BuiltIn::PreferencesLoggedIn.into(), &to_system_user(), Some(chosen()), true);
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn a_job_that_no_event_begins_is_refused() {
    let job = Job::SendNewPassword(SendNewPassword::default());
    for target in [Some(ANY), Some(chosen()), None] {
        assert_eq!(remark(&BuiltIn::PersonCreated.into(), &job, target, false), "!not-of-events");
    }
}

#[test]
fn only_jobs_that_events_begin_are_offered_and_each_can_be_saved_somehow() {
    let jobs = [to_contact(), to_system_user(), link()];
    let every = BuiltIn::ALL.iter().map(|&one| EventType::from(one)).chain([event("org.example.booked")]);
    for kind in every {
        let offered = sensible_jobs(&kind);
        assert!(offered.len() >= 2, "{kind}");
        for name in offered {
            let job = jobs.iter().find(|job| job.name() == name).unwrap();
            assert!(job.is_of_events());
            assert_eq!(remark(&kind, job, Some(chosen()), false), "", "{kind} {name}");
        }
    }
    assert_eq!(sensible_jobs(&BuiltIn::Subscribed.into())[0], "send-new-password-to-contact");
    assert_eq!(sensible_jobs(&BuiltIn::LinkRequested.into())[0], "send-reset-link");
    assert_eq!(sensible_jobs(&BuiltIn::ImportFinished.into())[0], "send-new-password-to-system-user");
}
