//! What is to be said about an event with a job: what is refused, and what must be confirmed.

use crate::console::events::words;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use domain::automation::{Job, Target};
use domain::event::{EventType, Odd, Remark, Severity, compatibility};
use domain::sentence::Tell as _;
use store::automation::Automation;

/// A warning to confirm.
pub(super) struct Warning {
    pub(super) field: String,
    pub(super) text: String,
    pub(super) is_ticked: bool,
    pub(super) error: String,
}

/// What is to be confirmed of an event with a job and a target.
pub(super) fn warnings(
    operator: &Operator,
    filled: &Filled,
    event: &EventType,
    remarks: &[Remark],
) -> Vec<Warning> {
    let one = |remark: &Remark| {
        let field = field_of(&remark.what);
        Warning {
            text: words::odd(operator.context.words, event, &remark.what),
            is_ticked: filled.has(&field),
            error: filled.error(&field).to_owned(),
            field,
        }
    };
    remarks.iter().filter(|remark| remark.severity == Severity::NeedsConfirmation).map(one).collect()
}

/// What of another event keeps an automation from going on as it is: refused, or not confirmed.
pub(super) fn unfit(event: &EventType, one: &Automation, has_selection: bool) -> Option<Odd> {
    let remarks = compatibility(event, &one.job, one.target, has_selection);
    let is_unfit = |remark: &Remark| {
        remark.severity == Severity::Refused || !one.confirmed.iter().any(|code| code == remark.what.code())
    };
    remarks.into_iter().find(is_unfit).map(|remark| remark.what)
}

fn field_of(what: &Odd) -> String {
    format!("confirm-{}", what.code())
}

/// Notes what is refused, and what is not confirmed; gives the codes of what is.
pub(super) fn check(
    operator: &Operator,
    filled: &mut Filled,
    event: &EventType,
    job: &Job,
    target: Target,
    has_selection: bool,
) -> Vec<String> {
    let mut confirmed = Vec::new();
    for remark in compatibility(event, job, Some(target), has_selection) {
        match remark.severity {
            Severity::Refused => {
                let field = if matches!(remark.what, Odd::NotOfEvents { .. }) { "job" } else { "target" };
                filled.wrong(field, words::odd(operator.context.words, event, &remark.what));
            }
            Severity::NeedsConfirmation => {
                let field = field_of(&remark.what);
                if filled.has(&field) {
                    confirmed.push(remark.what.code().to_owned());
                } else {
                    filled.wrong(&field, operator.say("event-job-confirm"));
                }
            }
        }
    }
    confirmed
}
