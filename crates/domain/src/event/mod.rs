//! What happens and begins an event-based automation: the events there are, the saved first step of the wizard, the
//! match of one event with it, and which jobs suit which events.
//!
//! ```text
//! CloudEvents ──cloud──▶ event ──Matcher──▶ listening automation ──Delay──▶ due ──TimeFrame──▶ run
//! ```
//!
//! An event has a **type** ([`EventType`]): one of the built-in ones ([`BuiltIn`]), whose text begins with
//! `passpost.`, or a custom one, which another system sends as a `CloudEvent`. The type decides what an event
//! carries ([`Carried`]), and so which settings ([`EventStep`]) and which jobs ([`compatibility`]) go with it.

mod built_in;
mod catalogue;
pub mod cloud;
mod compatible;
mod condition;
mod delay;
mod matcher;
mod step;

#[cfg(test)]
mod tests;

pub use crate::schedule::Problem;
pub use built_in::{BuiltIn, EventType, InvalidEventType, LONGEST_TYPE, RESERVED};
pub use catalogue::{Carried, DataField, Nature};
pub use compatible::{Odd, Remark, Severity, compatibility, sensible_jobs};
pub use condition::{Condition, LONGEST_FIELD, LONGEST_VALUE, Operator};
pub use delay::{Delay, DelayUnit};
pub use matcher::{Facts, Matcher, Unmet};
pub use step::{EventStep, MOST_ATTRIBUTES, MOST_CONDITIONS};
