//! The relays as this process finds them: for pages and checks; nothing is connected to here.

use crate::Flow;
use crate::settings::Outlet;
use serde::Serialize;

/// One relay as this process finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// How it is called in reports.
    pub name: String,
    /// Connections at the same time; 0: it is the mailbox inside the program.
    pub connections: usize,
    /// The most messages a minute; `None`: as many as it takes.
    pub messages_per_minute: Option<u32>,
    /// It rests, because it had trouble with us a moment ago.
    pub is_resting: bool,
    /// What the trouble is, when there is any with the relays.
    pub trouble: Option<String>,
    /// Since when, milliseconds since 1970.
    pub trouble_since: Option<i64>,
}

impl Flow {
    /// The relays in the order they are tried, as this process finds them now. Another process may see them otherwise.
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        let now_ms = self.clock.now_ms();
        let awake = self.gate.awake(now_ms);
        let trouble = self.gate.trouble(now_ms);
        let health = |place: usize, connections, messages_per_minute| {
            // A relay that works clears the trouble; one that rests has it.
            let is_resting = connections > 0 && !awake.contains(&place);
            let trouble = trouble.as_ref().filter(|_| is_resting || awake.is_empty());
            Health {
                name: self.relay_name(place).to_owned(),
                connections,
                messages_per_minute,
                is_resting,
                trouble: trouble.map(|one| one.0.clone()),
                trouble_since: trouble.map(|one| one.1),
            }
        };
        match &self.settings.outlet {
            Outlet::Mailbox(_) => vec![health(0, 0, None)],
            Outlet::Relays(relays) => relays
                .iter()
                .enumerate()
                .map(|(place, relay)| health(place, relay.connections, relay.messages_per_minute))
                .collect(),
        }
    }

    /// Whether the mailbox inside the program takes the mail.
    #[must_use]
    pub fn is_mailbox(&self) -> bool {
        matches!(self.settings.outlet, Outlet::Mailbox(_))
    }
}
