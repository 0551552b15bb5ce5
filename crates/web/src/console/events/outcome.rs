//! What an event meant for one automation, in words.

use super::person_path;
use crate::console::operator::Operator;
use domain::event_job::{EventJobReason, EventJobState};
use domain::role::Permission;
use store::event::job::EventJob;

/// A job of an event as a line.
pub(in crate::console) struct Outcome {
    /// The automation, with its path.
    pub(in crate::console) automation: String,
    pub(in crate::console) automation_path: Option<String>,
    /// The class of the state, and its word.
    pub(in crate::console) state: &'static str,
    pub(in crate::console) label: String,
    /// Why nothing was done, in the operator's language.
    pub(in crate::console) why: String,
    /// More of it, in English.
    pub(in crate::console) detail: String,
    pub(in crate::console) when: String,
    pub(in crate::console) person: String,
    pub(in crate::console) person_path: Option<String>,
    /// What to open for more: the recipient or the run, and what it is called.
    pub(in crate::console) run: Option<(String, String)>,
}

impl Outcome {
    /// The line of a job.
    pub(in crate::console) fn of(operator: &Operator, job: &EventJob) -> Self {
        let words = operator.context.words;
        let none = || "–".to_owned();
        // What became of the person is said by the run.
        let (state, label, why) = match (job.state, job.recipient_state) {
            (EventJobState::Executed, Some(state)) => {
                let why = job.recipient_reason.as_deref().map(|reason| words.reason(reason));
                (state.as_str(), words.state(state.as_str()), why.unwrap_or_default())
            }
            (state, _) => (state.as_str(), state_label(operator, state), String::new()),
        };
        let why = job.reason.map_or(why, |reason| reason_label(operator, reason));
        let at = job.due_at.or(job.settled_at);
        let name = job.automation_name.clone();
        Self {
            automation_path: name
                .as_ref()
                .filter(|_| operator.may(Permission::AutomationsView))
                .map(|_| format!("/console/automations/{}", job.automation_id)),
            automation: name.unwrap_or_else(|| operator.say("event-automation-gone")),
            state,
            label,
            why,
            detail: job.detail.clone().unwrap_or_default(),
            when: at.map_or_else(none, |at| operator.at_second(at)),
            person_path: job
                .person_id
                .filter(|_| job.username.is_some())
                .and_then(|id| person_path(operator, id)),
            person: person(operator, job),
            run: run(operator, job),
        }
    }
}

fn person(operator: &Operator, job: &EventJob) -> String {
    match (&job.username, job.person_id) {
        (Some(name), _) if operator.may(Permission::PeopleView) => name.clone(),
        (Some(_), _) => operator.say("run-hidden"),
        (None, Some(_)) => operator.say("run-erased"),
        (None, None) => "–".to_owned(),
    }
}

fn run(operator: &Operator, job: &EventJob) -> Option<(String, String)> {
    let (id, number) = (job.run_id?, job.run_number?);
    let label = operator.fill("event-run", "number", &number.to_string());
    let path = match job.position {
        Some(place) => format!("/console/runs/{id}/recipients/{place}"),
        None => format!("/console/runs/{id}"),
    };
    operator.may(Permission::RunsView).then_some((path, label))
}

/// The word for where a job stands.
pub(in crate::console) fn state_label(operator: &Operator, state: EventJobState) -> String {
    operator.say(&format!("event-job-{}", state.as_str().replace('_', "-")))
}

/// Why nothing is done.
pub(in crate::console) fn reason_label(operator: &Operator, reason: EventJobReason) -> String {
    operator.say(&format!("event-reason-{}", reason.as_str().replace('_', "-")))
}
