//! The first step: which event begins it, and what of it counts.

use super::Without;
use crate::commands::{automation, group};
use crate::context::Context;
use crate::failure::Failure;
use domain::event::{Condition, EventStep, EventType, Operator, Problem};

/// What of an event counts.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Begun by an event, first step: what of it counts")]
pub(crate) struct EventArgs {
    /// Only events of your own from this source
    #[arg(long, value_name = "URI")]
    source: Option<String>,
    /// Only events about this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// passpost.person.changed: only when this attribute changed; may be given several times
    #[arg(long, value_name = "NAME")]
    attribute: Vec<String>,
    /// passpost.run.finished and passpost.automation.finished: only of this automation
    #[arg(long, value_name = "AUTOMATION")]
    after_automation: Option<String>,
    /// passpost.system.logged_on: only this system user
    #[arg(long, value_name = "USERNAME")]
    system_user: Option<String>,
    /// What the event must say, as in "course.id equals 42" or "$subject starts_with Intro"; may be given several times
    #[arg(long, value_name = "FIELD OPERATOR VALUE", value_parser = condition)]
    condition: Vec<Condition>,
    /// Conditions: capital and small letters are alike
    #[arg(long, requires = "condition")]
    ignore_case: bool,
}

impl EventArgs {
    /// The first of these options that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--source", self.source.is_some()),
            ("--group", self.group.is_some()),
            ("--attribute", !self.attribute.is_empty()),
            ("--after-automation", self.after_automation.is_some()),
            ("--system-user", self.system_user.is_some()),
            ("--condition", !self.condition.is_empty()),
        ];
        options.into_iter().find_map(|(option, given)| given.then_some(option))
    }

    /// What was typed, over what was there.
    pub(super) async fn over(
        &self,
        context: &Context,
        event: Option<&str>,
        before: Option<EventStep>,
        without: &[Without],
    ) -> Result<EventStep, Failure> {
        let event = match (event, &before) {
            (Some(text), _) => EventType::parse(text).map_err(|error| {
                Failure::usage(format!("--event: {error}"))
                    .hint("`passpost event types` shows what each carries")
            })?,
            (None, Some(before)) => before.event.clone(),
            (None, None) => return Err(Failure::usage("--event TYPE is missing")),
        };
        let mut step = before.unwrap_or_else(|| EventStep::any(event.clone()));
        step.event = event;
        take_away(&mut step, without);
        if let Some(source) = &self.source {
            step.source = Some(source.clone());
        }
        if let Some(name) = &self.group {
            step.group = Some(group::find(context, name).await?.id);
        }
        if !self.attribute.is_empty() {
            step.attributes.clone_from(&self.attribute);
        }
        if let Some(which) = &self.after_automation {
            step.automation = Some(automation::find(context, which).await?.id);
        }
        if let Some(name) = &self.system_user {
            let person = context.person(name).await?;
            if person.system.is_none() {
                return Err(Failure::usage(format!("--system-user: {name} is no system user")));
            }
            step.system_user = Some(person.id);
        }
        if !self.condition.is_empty() {
            step.conditions.clone_from(&self.condition);
            step.conditions.iter_mut().for_each(|one| one.ignore_case = self.ignore_case);
        }
        step.validate().map_err(|problems| Failure::usage(told(&problems)))?;
        Ok(step)
    }
}

fn take_away(step: &mut EventStep, without: &[Without]) {
    for one in without {
        match one {
            Without::Source => step.source = None,
            Without::Group => step.group = None,
            Without::Attributes => step.attributes.clear(),
            Without::AfterAutomation => step.automation = None,
            Without::SystemUser => step.system_user = None,
            Without::Conditions => step.conditions.clear(),
            Without::Selection | Without::Delay => {}
        }
    }
}

/// Every problem with the option it stands in.
fn told(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| {
        let right = |text: &str| {
            text.replace("leave it empty", "leave it out").replace("leave them empty", "leave it out")
        };
        let message = right(&problem.message).replace("leave the source empty", "leave it out");
        format!("{}: {message}", option(&problem.field))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The option a field of the JSON is typed with.
fn option(field: &str) -> String {
    match field {
        "attributes" => "--attribute".into(),
        "automation" => "--after-automation".into(),
        "system_user" => "--system-user".into(),
        "conditions" => "--condition".into(),
        other => match other.strip_prefix("conditions[").and_then(|rest| rest.split_once("].")) {
            Some((index, part)) => {
                let place =
                    index.parse::<usize>().map_or_else(|_| index.to_owned(), |index| (index + 1).to_string());
                format!("--condition, the {part} of number {place}")
            }
            None => format!("--{other}"),
        },
    }
}

/// Reads `course.id equals 42`.
fn condition(text: &str) -> Result<Condition, String> {
    let right = || {
        let all: Vec<&str> = Operator::ALL.iter().map(|one| one.as_str()).collect();
        format!(
            "expected a field, an operator and a value, as in \"course.id equals 42\"; operators are {}",
            all.join(", ")
        )
    };
    let (field, rest) = text.trim_start().split_once(char::is_whitespace).ok_or_else(right)?;
    let rest = rest.trim_start();
    let (word, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let operator = Operator::parse(&word.to_ascii_lowercase().replace('-', "_")).ok_or_else(right)?;
    Ok(Condition { field: field.to_owned(), operator, value: value.to_owned(), ignore_case: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_field_an_operator_and_the_rest() {
        let read = condition("course.name starts-with Intro to  Rust").unwrap();
        assert_eq!((read.field.as_str(), read.operator), ("course.name", Operator::StartsWith));
        assert_eq!(read.value, "Intro to  Rust", "spaces within a value stay");
        assert_eq!(condition("seat equals").unwrap().value, "");
        for bad in ["", "course.id", "course.id is 42", "course.id = 42"] {
            assert!(condition(bad).unwrap_err().contains("not_equals"), "{bad}");
        }
    }

    #[test]
    fn a_problem_names_the_option_it_was_typed_with() {
        assert_eq!(option("conditions[1].value"), "--condition, the value of number 2");
        assert_eq!(option("automation"), "--after-automation");
        assert_eq!(option("group"), "--group");
    }
}
