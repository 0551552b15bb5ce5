//! The settings of an event: which of its kind counts. What there is to set depends on the event.

use crate::console::automations::schedule::Tick;
use crate::console::events::words::{self, CUSTOM};
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::people::named::called;
use crate::console::shell::Choice;
use crate::failure::Failure;
use crate::query::Pairs;
use domain::event::{BuiltIn, EventStep, EventType};
use domain::id::AutomationId;
use store::{StoreError, attribute, automation, event, group, person};

/// Groups offered.
const MOST_GROUPS: i64 = 500;
/// What every person has, by the names an event tells them with.
const OWN: [&str; 8] = [
    "username",
    "address",
    "given_name",
    "family_name",
    "display_name",
    "language",
    "time_zone",
    "external_id",
];

/// Records to choose from.
pub(super) struct Offered {
    groups: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
    automations: Vec<(String, String)>,
    users: Vec<(String, String)>,
    types: Vec<String>,
}

/// What the chosen event asks for.
#[derive(Default)]
pub(super) struct Settings {
    /// What is chosen: its meaning and what it carries; empty: nothing yet.
    pub(super) about: String,
    pub(super) carries: String,
    pub(super) is_custom: bool,
    pub(super) types: Vec<String>,
    pub(super) groups: Vec<Choice>,
    pub(super) attributes: Vec<Tick>,
    pub(super) automations: Vec<Choice>,
    pub(super) users: Vec<Choice>,
    /// What a condition can ask about.
    pub(super) fields: Vec<(String, String)>,
}

/// Reads what can be chosen; an automation does not wait for itself.
pub(super) async fn offered(operator: &Operator, own: Option<AutomationId>) -> Result<Offered, Failure> {
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let automations =
                automation::list(tx, false).await?.into_iter().filter(|one| Some(one.id) != own);
            let types = event::list_types(tx).await?.into_iter().map(|(name, _)| name);
            Ok::<_, StoreError>(Offered {
                groups: group::list_names(tx, MOST_GROUPS)
                    .await?
                    .into_iter()
                    .map(|one| (one.id.to_string(), one.name))
                    .collect(),
                attributes: attribute::list(tx).await?.into_iter().map(|one| (one.name, one.label)).collect(),
                automations: automations.map(|one| (one.id.to_string(), one.name)).collect(),
                users: person::list_system_users(tx)
                    .await?
                    .iter()
                    .map(|one| (one.id.to_string(), called(one)))
                    .collect(),
                types: types
                    .filter(|name| matches!(EventType::parse(name), Ok(EventType::Custom(_))))
                    .collect(),
            })
        })
    });
    Ok(read.await?)
}

/// The type as chosen; what is wrong is noted at its field.
pub(super) fn read_type(operator: &Operator, filled: &mut Filled) -> Option<EventType> {
    match filled.value("event") {
        CUSTOM => match EventType::parse(filled.value("custom_type").trim()) {
            Ok(EventType::Custom(name)) => Some(EventType::Custom(name)),
            Ok(EventType::BuiltIn(_)) => {
                filled.wrong("custom_type", operator.say("event-wrong-reserved"));
                None
            }
            Err(_) => {
                filled.wrong("custom_type", operator.say("event-wrong-type"));
                None
            }
        },
        text => {
            let found = EventType::parse(text).ok().filter(|event| event.built_in().is_some());
            if found.is_none() {
                filled.wrong("event", operator.say("event-wrong-event"));
            }
            found
        }
    }
}

/// The event with those settings that belong to it; what another event was set to is let go of.
pub(super) fn read_step(filled: &Filled, pairs: &Pairs, event: EventType) -> EventStep {
    let (carried, built_in) = (event.carried(), event.built_in());
    let mut step = EventStep::any(event);
    match built_in {
        None => {
            let source = filled.value("source").trim();
            step.source = Some(source.to_owned()).filter(|source| !source.is_empty());
        }
        Some(BuiltIn::PersonChanged) => {
            step.attributes = pairs.ticked("attribute-").map(str::to_owned).collect();
        }
        Some(BuiltIn::LoggedOn) => step.system_user = filled.value("system_user").parse().ok(),
        Some(_) => {}
    }
    if carried.group {
        step.group = filled.value("group").parse().ok();
    }
    if carried.automation {
        step.automation = filled.value("automation").parse().ok();
    }
    step
}

/// A saved step as fields.
pub(super) fn fields(step: &EventStep) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut put = |name: &str, value: String| all.push((name.to_owned(), value));
    match &step.event {
        EventType::BuiltIn(event) => put("event", event.type_name()),
        EventType::Custom(name) => {
            put("event", CUSTOM.to_owned());
            put("custom_type", name.clone());
        }
    }
    put("source", step.source.clone().unwrap_or_default());
    put("group", step.group.map(|id| id.to_string()).unwrap_or_default());
    put("automation", step.automation.map(|id| id.to_string()).unwrap_or_default());
    put("system_user", step.system_user.map(|id| id.to_string()).unwrap_or_default());
    for name in &step.attributes {
        put(&format!("attribute-{name}"), "1".to_owned());
    }
    all
}

impl Settings {
    /// What the event of a form asks for.
    pub(super) fn of(operator: &Operator, filled: &Filled, offered: &Offered) -> Self {
        let event = match filled.value("event") {
            "" => return Self::default(),
            CUSTOM => EventType::Custom(CUSTOM.to_owned()),
            text => match EventType::parse(text) {
                Ok(event) => event,
                Err(_) => return Self::default(),
            },
        };
        let (words, carried) = (operator.context.words, event.carried());
        let choices = |is_asked: bool, field: &str, all: &[(String, String)]| {
            if !is_asked {
                return Vec::new();
            }
            let chosen = filled.value(field);
            let mut choices = vec![Choice::new("", operator.say("event-setting-any"), chosen)];
            choices.extend(all.iter().map(|(id, name)| Choice::new(id, name.clone(), chosen)));
            // One that is gone: it stays until somebody chooses another.
            if !choices.iter().any(|choice| choice.is_chosen) {
                choices.push(Choice::new(chosen, operator.say("event-setting-gone"), chosen));
            }
            choices
        };
        let is = |one: BuiltIn| event.built_in() == Some(one);
        let carries = words::carries(words, carried);
        let fields = event.data_fields().iter();
        Self {
            about: words::about(words, &event),
            carries: if carries.is_empty() {
                operator.say("event-carries-nothing")
            } else {
                operator.fill("event-carries", "what", &carries)
            },
            is_custom: event.built_in().is_none(),
            types: offered.types.clone(),
            groups: choices(carried.group && event.built_in().is_some(), "group", &offered.groups),
            automations: choices(carried.automation, "automation", &offered.automations),
            users: choices(is(BuiltIn::LoggedOn), "system_user", &offered.users),
            attributes: if is(BuiltIn::PersonChanged) {
                attributes(operator, filled, offered)
            } else {
                Vec::new()
            },
            fields: fields.map(|field| (field.name.to_owned(), words::meaning(words, field.name))).collect(),
        }
    }
}

fn attributes(operator: &Operator, filled: &Filled, offered: &Offered) -> Vec<Tick> {
    let tick = |name: &str, label: String| {
        let field = format!("attribute-{name}");
        Tick { is_ticked: filled.has(&field), field, label, note: String::new() }
    };
    let own = OWN.iter().map(|name| {
        let id = format!("event-attribute-{}", name.replace('_', "-"));
        tick(name, operator.say(&id))
    });
    own.chain(offered.attributes.iter().map(|(name, label)| tick(name, label.clone()))).collect()
}
