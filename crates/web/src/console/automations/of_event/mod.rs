//! An automation that an event begins: its three steps, its page, and its activation.

pub(super) mod activate;
mod conditions;
pub(crate) mod event;
pub(crate) mod frame;
pub(crate) mod job;
mod pages;
mod remarks;
mod settings;
mod target;
mod told;

pub(in crate::console) use pages::{Shown, event_page};

use crate::console::events::words;
use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::event::EventType;
use store::automation::Automation;

/// The automation a path names, if an event begins it.
async fn get(operator: &Operator, id: &str) -> Result<Automation, Failure> {
    let one = super::get(operator, id).await?;
    if one.is_of_events() { Ok(one) } else { Err(Failure::NotFound) }
}

/// The type of event that begins it.
fn type_of(one: &Automation) -> Result<EventType, Failure> {
    one.event.as_ref().map(|step| step.event.clone()).ok_or(Failure::NotFound)
}

/// What the later steps show of the first one.
struct Known {
    id: String,
    name: String,
    description: String,
    event: String,
    is_active: bool,
}

impl Known {
    fn of(operator: &Operator, one: &Automation) -> Result<Self, Failure> {
        let event = type_of(one)?;
        Ok(Self {
            id: one.id.to_string(),
            name: one.name.clone(),
            description: one.description.clone(),
            event: format!(
                "{} {}",
                words::label(operator.context.words, &event),
                words::letters(event.nature())
            ),
            is_active: one.status.is_active(),
        })
    }
}
