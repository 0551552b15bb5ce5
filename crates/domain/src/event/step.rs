//! The saved first step of the wizard: which event, and which of its kind.

use super::{BuiltIn, Condition, EventType, Matcher, Problem};
use crate::id::{AutomationId, GroupId, PersonId};
use serde::{Deserialize, Serialize};

/// The most conditions on an event; all of them must hold.
pub const MOST_CONDITIONS: usize = 20;
/// The most attributes whose change is waited for.
pub const MOST_ATTRIBUTES: usize = 100;

/// Which events an automation listens to. Whatever is left out restricts nothing.
///
/// Its JSON: `{"event": "passpost.person.changed", "attributes": ["mail"], "conditions": [{"field": "$subject",
/// "operator": "equals", "value": "x"}]}`; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventStep {
    /// The type of the event.
    pub event: EventType,
    /// Custom events only: the `CloudEvents` attribute `source` it must have.
    #[serde(default)]
    pub source: Option<String>,
    /// Events that carry a group: this one only.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// Person changed only: one of these attributes must be among those that changed.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// Events that carry an automation: this one only.
    #[serde(default)]
    pub automation: Option<AutomationId>,
    /// Logged on to system only: this system user only.
    #[serde(default)]
    pub system_user: Option<PersonId>,
    /// What the event must say besides; at most 20.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

impl EventStep {
    /// Every event of this type.
    #[must_use]
    pub const fn any(event: EventType) -> Self {
        Self {
            event,
            source: None,
            group: None,
            attributes: Vec::new(),
            automation: None,
            system_user: None,
            conditions: Vec::new(),
        }
    }

    /// Checks that each setting belongs to the event and each condition can be asked.
    ///
    /// # Errors
    /// Everything that is wrong; fields as in JSON, `conditions[2].value`.
    pub fn validate(&self) -> Result<(), Vec<Problem>> {
        Matcher::new(self).map(drop)
    }

    /// What is wrong with the settings; the conditions are looked at by [`Matcher::new`].
    pub(super) fn setting_problems(&self) -> Vec<Problem> {
        let carried = self.event.carried();
        let name = self.event.type_name();
        let is = |event: BuiltIn| self.event.built_in() == Some(event);
        let mut problems = Vec::new();
        let mut refuse = |field: &str, message: String| problems.push(Problem::new(field, message));
        if let Some(source) = &self.source {
            if self.event.built_in().is_some() {
                refuse("source", format!("{name} comes from Passpost itself; leave the source empty"));
            } else if let Err(message) = super::cloud::check_source(source) {
                refuse("source", message);
            }
        }
        if self.group.is_some() && !carried.group {
            refuse("group", format!("{name} is about no group; leave it empty"));
        }
        if !self.attributes.is_empty() && !is(BuiltIn::PersonChanged) {
            refuse("attributes", format!("{name} is not about attributes; leave them empty"));
        }
        if self.attributes.len() > MOST_ATTRIBUTES {
            refuse("attributes", format!("at most {MOST_ATTRIBUTES}, not {}", self.attributes.len()));
        }
        if self.attributes.iter().any(|one| one.trim().is_empty() || one.chars().count() > 100) {
            refuse("attributes", "the name of an attribute has 1 to 100 characters".into());
        }
        if self.automation.is_some() && !carried.automation {
            refuse("automation", format!("{name} is about no automation; leave it empty"));
        }
        if self.system_user.is_some() && !is(BuiltIn::LoggedOn) {
            let right = BuiltIn::LoggedOn.type_name();
            refuse("system_user", format!("only {right} is limited to one system user; leave it empty"));
        }
        if self.conditions.len() > MOST_CONDITIONS {
            refuse("conditions", format!("at most {MOST_CONDITIONS}, not {}", self.conditions.len()));
        }
        problems
    }
}
