//! Whether one event is of those an automation listens to: compiled once, asked for each event.

use super::condition::Compiled;
use super::{Condition, EventStep, MOST_CONDITIONS, Operator, Problem};
use crate::id::{AutomationId, GroupId, PersonId};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is known of one event.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The whole type.
    pub event_type: &'a str,
    /// Where it comes from.
    pub source: &'a str,
    /// What it is about, in the words of its source.
    pub subject: Option<&'a str>,
    /// Other attributes by name, without `$`.
    pub extensions: &'a BTreeMap<String, String>,
    /// The data; `null` where there is none.
    pub data: &'a Value,
    /// The group it carries.
    pub group: Option<GroupId>,
    /// The automation it carries.
    pub automation: Option<AutomationId>,
    /// The system user it carries.
    pub system_user: Option<PersonId>,
}

crate::sentences! {
    /// Why an event is not one of those an automation listens to, for people.
    pub enum Unmet in "unmet" {
        EventType = "type", "the event is of another type";
        Source { found: String } = "source", "the event comes from another source, “{found}”";
        Group = "group", "the event is about another group";
        Attributes = "attributes", "none of the chosen attributes changed";
        Automation = "automation", "the event is about another automation";
        SystemUser = "system-user", "the event is about another system user";
        Condition { field: String, operator: Operator, value: String } = "condition", "the condition “{field} {operator} {value}” does not hold";
    }
}

impl From<&Operator> for crate::sentence::Piece {
    fn from(operator: &Operator) -> Self {
        Self::Text(operator.as_str().to_owned())
    }
}

/// An [`EventStep`] that was checked and is quick to ask.
#[derive(Debug, Clone)]
pub struct Matcher {
    event_type: String,
    step: EventStep,
    conditions: Vec<Compiled>,
}

impl Matcher {
    /// Checks and compiles the first step.
    ///
    /// # Errors
    /// Everything that is wrong; fields as in JSON, `conditions[2].value`.
    pub fn new(step: &EventStep) -> Result<Self, Vec<Problem>> {
        let mut problems = step.setting_problems();
        let compiled = step.conditions.iter().take(MOST_CONDITIONS).enumerate();
        let conditions = compiled
            .filter_map(|(index, one)| Compiled::new(one, &format!("conditions[{index}]"), &mut problems))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self { event_type: step.event.type_name().into_owned(), step: step.clone(), conditions })
    }

    /// Whether the event is one of those listened to.
    ///
    /// # Errors
    /// The first thing that is not met.
    pub fn check(&self, facts: &Facts<'_>) -> Result<(), Unmet> {
        let step = &self.step;
        if facts.event_type != self.event_type {
            return Err(Unmet::EventType);
        }
        if step.source.as_deref().is_some_and(|source| source != facts.source) {
            return Err(Unmet::Source { found: facts.source.to_owned() });
        }
        if step.group.is_some() && step.group != facts.group {
            return Err(Unmet::Group);
        }
        if !step.attributes.is_empty() && !is_any_changed(&step.attributes, facts.data) {
            return Err(Unmet::Attributes);
        }
        if step.automation.is_some() && step.automation != facts.automation {
            return Err(Unmet::Automation);
        }
        if step.system_user.is_some() && step.system_user != facts.system_user {
            return Err(Unmet::SystemUser);
        }
        match self.conditions.iter().zip(&step.conditions).find(|(compiled, _)| !compiled.holds(facts)) {
            None => Ok(()),
            Some((_, Condition { field, operator, value, .. })) => {
                Err(Unmet::Condition { field: field.clone(), operator: *operator, value: value.clone() })
            }
        }
    }
}

/// Whether the list `attributes` in the data of *person changed* names one of these.
fn is_any_changed(attributes: &[String], data: &Value) -> bool {
    let changed = data.get("attributes").and_then(Value::as_array);
    changed.is_some_and(|changed| {
        changed.iter().filter_map(Value::as_str).any(|name| attributes.iter().any(|one| one == name))
    })
}
