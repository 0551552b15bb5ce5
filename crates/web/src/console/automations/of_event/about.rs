//! What an automation that an event begins does, in words: for its page, and before it is activated.

use super::told;
use crate::console::automations::show::{Linked, job_facts, linked};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people::named::called;
use crate::failure::Failure;
use domain::automation::{Carries, Job, Only, Target};
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use domain::schedule::HolidayCalendar;
use domain::selection::Selection;
use store::automation::{self, Automation};
use store::{StoreError, Tx, group, person, selection};

/// What it does, in words.
pub(super) struct About {
    pub(super) event: String,
    pub(super) settings: Vec<(String, String)>,
    pub(super) selection: Option<Linked>,
    /// Whom the selection is about.
    pub(super) selection_label: String,
    pub(super) job: String,
    pub(super) target: String,
    pub(super) target_path: Option<String>,
    pub(super) delay: String,
    pub(super) job_facts: Vec<(String, String)>,
    pub(super) frame: String,
    pub(super) next: Vec<String>,
}

/// Records its settings name.
pub(super) struct Around {
    selection: Option<Selection>,
    group: Option<String>,
    automation: Option<String>,
    system_user: Option<Person>,
    target: Option<Person>,
    calendar: HolidayCalendar,
}

impl Around {
    pub(super) async fn read(tx: &mut Tx, one: &Automation) -> Result<Self, StoreError> {
        let step = one.event.as_ref();
        let selection = match one.selection_id {
            None => None,
            Some(id) => selection::list(tx, None).await?.into_iter().find(|one| one.id == id),
        };
        let group = match step.and_then(|step| step.group) {
            None => None,
            Some(id) => group::find(tx, id).await?.map(|one| one.name),
        };
        let automation = match step.and_then(|step| step.automation) {
            None => None,
            Some(id) => match automation::get(tx, id).await {
                Ok(found) => Some(found.name),
                Err(StoreError::NotFound(_)) => None,
                Err(error) => return Err(error),
            },
        };
        let system_user = match step.and_then(|step| step.system_user) {
            None => None,
            Some(id) => person::find(tx, id).await?,
        };
        let target = match one.target {
            Some(Target::Person(id)) => person::find(tx, id).await?,
            _ => None,
        };
        Ok(Self {
            selection,
            group,
            automation,
            system_user,
            target,
            calendar: automation::calendar(tx).await?,
        })
    }
}

/// What it does, in words.
pub(super) fn about(
    operator: &Operator,
    one: &Automation,
    around: &Around,
    named: &impl Fn(&PersonId) -> String,
) -> Result<About, Failure> {
    let step = one.event.as_ref().ok_or(Failure::NotFound)?;
    let words = operator.context.words;
    let may_name = operator.may(Permission::PeopleView);
    let hidden = || operator.say("run-hidden");
    let user = around.system_user.as_ref().map(|one| if may_name { called(one) } else { hidden() });
    let (target, target_path) = match (one.target, &around.target) {
        (None, _) => (operator.say("target-unset"), None),
        (Some(Target::EventParameter), _) => (operator.say("target-told-event"), None),
        (Some(Target::Person(id)), Some(person)) if may_name => {
            (called(person), Some(format!("/console/people/{id}")))
        }
        (Some(Target::Person(_)), Some(_)) => (hidden(), None),
        (Some(Target::Person(_)), None) => (operator.say("run-erased"), None),
    };
    let of_causer = one.job.only() == Some(Only::SystemUsers);
    let frame = one.frame.as_ref();
    Ok(About {
        event: told::event(words, step),
        settings: told::settings(operator, step, around.group.clone(), around.automation.clone(), user),
        selection: around.selection.as_ref().map(|selection| linked(operator, selection)),
        selection_label: operator.say(if of_causer {
            "event-selection-causer"
        } else {
            "automation-selection"
        }),
        job: operator.say(&format!("job-{}", one.job.name())),
        target,
        target_path,
        delay: told::delay(one.delay, words),
        job_facts: event_job_facts(operator, one, named),
        frame: frame.map(|frame| told::frame(frame, words)).unwrap_or_default(),
        next: frame.map(|frame| told::next(operator, frame, &around.calendar)).unwrap_or_default(),
    })
}

fn event_job_facts(
    operator: &Operator,
    one: &Automation,
    named: &impl Fn(&PersonId) -> String,
) -> Vec<(String, String)> {
    if one.job.carries() == Carries::Password {
        return job_facts(operator, one, named);
    }
    // Of the settings of a password a link has only the limits.
    let hours = match &one.job {
        Job::SendResetLink(settings) => settings.link_hours,
        _ => one.job.valid_hours(),
    };
    let limits = one.job.password();
    let people = |number: Option<u32>| number.map(|number| grouped(i64::from(number)));
    let facts = [
        ("event-link-hours", Some(operator.fill("job-hours", "count", &hours.to_string()))),
        (
            "job-fact-remail",
            Some(match limits.remail_after_hours {
                0 => operator.say("job-remail-nobody"),
                hours => operator.fill("job-hours", "count", &hours.to_string()),
            }),
        ),
        ("event-job-most", people(limits.most_people)),
        ("job-fact-approve", people(limits.approve_above)),
    ];
    facts.into_iter().filter_map(|(id, text)| Some((operator.say(id), text?))).collect()
}
