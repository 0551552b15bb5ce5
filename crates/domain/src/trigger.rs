//! A trigger: why a run starts.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// Why a run starts.
    Trigger {
        /// An occurrence of a schedule.
        Schedule = "schedule",
        /// An operator, by hand.
        Operator = "operator",
        /// An event.
        Event = "event",
        /// The start time of a mailing.
        StartTime = "start_time",
    }
}
