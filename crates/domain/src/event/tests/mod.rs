//! The rules of events, told as tables and stories.

mod compatible;
mod conditions;
mod delay;
mod steps;
mod types;

use super::*;
use crate::id::{AutomationId, GroupId, PersonId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn group(number: u128) -> GroupId {
    GroupId(Uuid::from_u128(number))
}

fn automation(number: u128) -> AutomationId {
    AutomationId(Uuid::from_u128(number))
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn event(text: &str) -> EventType {
    EventType::parse(text).unwrap()
}

/// An event as a test tells it; asked with [`Sample::meets`].
struct Sample {
    event_type: String,
    data: Value,
    extensions: BTreeMap<String, String>,
    group: Option<GroupId>,
    automation: Option<AutomationId>,
    system_user: Option<PersonId>,
    subject: Option<&'static str>,
}

impl Sample {
    fn new(event_type: &str, data: Value) -> Self {
        Self {
            event_type: event_type.into(),
            data,
            extensions: BTreeMap::new(),
            group: None,
            automation: None,
            system_user: None,
            subject: None,
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            event_type: &self.event_type,
            source: "/courses",
            subject: self.subject,
            extensions: &self.extensions,
            data: &self.data,
            group: self.group,
            automation: self.automation,
            system_user: self.system_user,
        }
    }

    fn meets(&self, step: &EventStep) -> Result<(), Unmet> {
        Matcher::new(step).unwrap().check(&self.facts())
    }
}

fn condition(field: &str, operator: Operator, value: &str) -> Condition {
    Condition { field: field.into(), operator, value: value.into(), ignore_case: false }
}

fn told(problems: &[Problem]) -> Vec<(&str, &str)> {
    problems.iter().map(|problem| (problem.field.as_str(), problem.message.as_str())).collect()
}
