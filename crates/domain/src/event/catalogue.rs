//! What each type of event carries: people and things, and the data its conditions can ask about.

use super::{BuiltIn, EventType};
use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What events of a type can carry; a single event may lack some of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Carried {
    /// The contact it is about.
    pub contact: bool,
    /// The system user it is about.
    pub system_user: bool,
    /// The group it is about.
    pub group: bool,
    /// A run.
    pub run: bool,
    /// An automation.
    pub automation: bool,
}

named! {
    /// What a type of event is related to (requirement E3); decides which jobs suit it without a warning.
    Nature {
        /// Related to a contact: (C).
        Contact = "contact",
        /// Related to the system or its users: (S).
        System = "system",
        /// Either: (S/C).
        Both = "both",
    }
}

/// One field of an event's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DataField {
    /// As a condition names it.
    pub name: &'static str,
    /// What it says, in English.
    pub meaning: &'static str,
}

const fn field(name: &'static str, meaning: &'static str) -> DataField {
    DataField { name, meaning }
}

const NOTHING: Carried =
    Carried { contact: false, system_user: false, group: false, run: false, automation: false };
const PERSON: Carried = Carried { contact: true, system_user: true, ..NOTHING };

impl BuiltIn {
    /// What it can carry. Of contact and system user an event carries the one the person is.
    #[must_use]
    pub const fn carried(self) -> Carried {
        match self {
            Self::PersonCreated
            | Self::PersonChanged
            | Self::LoginFailedRepeatedly
            | Self::PasswordExpiring
            | Self::PasswordChanged
            | Self::LinkRequested => PERSON,
            Self::MemberAdded | Self::MemberRemoved | Self::Subscribed | Self::Unsubscribed => {
                Carried { contact: true, group: true, ..NOTHING }
            }
            Self::PreferencesLoggedIn => Carried { contact: true, ..NOTHING },
            Self::LoggedOn => Carried { system_user: true, ..NOTHING },
            Self::MailBounced => Carried { run: true, ..PERSON },
            Self::ImportFinished => NOTHING,
            Self::RunFinished => Carried { run: true, automation: true, ..NOTHING },
            Self::AutomationFinished => Carried { run: true, automation: true, ..PERSON },
        }
    }

    /// What it is related to.
    #[must_use]
    pub const fn nature(self) -> Nature {
        match self {
            Self::MemberAdded
            | Self::MemberRemoved
            | Self::Subscribed
            | Self::Unsubscribed
            | Self::PreferencesLoggedIn => Nature::Contact,
            Self::LoggedOn | Self::ImportFinished | Self::RunFinished => Nature::System,
            Self::PersonCreated
            | Self::PersonChanged
            | Self::LoginFailedRepeatedly
            | Self::PasswordExpiring
            | Self::PasswordChanged
            | Self::LinkRequested
            | Self::MailBounced
            | Self::AutomationFinished => Nature::Both,
        }
    }

    /// The fields of its data. Moments are texts such as `2026-03-02T08:00:00Z`.
    #[must_use]
    pub const fn data_fields(self) -> &'static [DataField] {
        const GROUP: &[DataField] = &[field("group", "The name of the group.")];
        match self {
            Self::PersonCreated => {
                const { &[field("origin", "How the person came in: console, api, command_line, import or setup.")] }
            }
            Self::PersonChanged => {
                const { &[field("attributes", "A list: the names of the attributes that changed.")] }
            }
            Self::MemberAdded | Self::MemberRemoved | Self::Subscribed | Self::Unsubscribed => GROUP,
            Self::PreferencesLoggedIn | Self::LinkRequested => &[],
            Self::LoggedOn => const { &[field("by", "Where the system user logged on: console or api.")] },
            Self::LoginFailedRepeatedly => {
                const { &[field("failed_logins", "How many attempts in a row failed.")] }
            }
            Self::PasswordExpiring => {
                const { &[field("expires_at", "When the password is no longer valid.")] }
            }
            Self::PasswordChanged => {
                const { &[field("how", "How it was set: login, link, preferences or console.")] }
            }
            Self::MailBounced => {
                const {
                    &[
                        field("cause", "Why the mail came back, in the words of the other server."),
                        field("status", "The code of the other server, such as 5.1.1."),
                    ]
                }
            }
            Self::ImportFinished => IMPORT,
            Self::RunFinished | Self::AutomationFinished => RUN,
        }
    }
}

const IMPORT: &[DataField] = &[
    field("file", "The name of the file."),
    field("created", "How many people were created."),
    field("updated", "How many people were changed."),
    field("unchanged", "How many people were so already."),
    field("failed", "How many lines could not be taken."),
];

const RUN: &[DataField] = &[
    field("run", "The id of the run."),
    field("number", "The number of the run."),
    field("name", "What the run is called."),
    field("state", "How it ended, such as finished or cancelled."),
    field("total", "How many people were in its audience."),
    field("left_out", "How many people were left out."),
    field("accepted", "How many mails the relay took."),
    field("refused", "How many mails the relay refused."),
    field("unknown", "Of how many mails nobody knows whether the relay took them."),
    field("cancelled", "How many people were not written to because it was cancelled."),
];

impl EventType {
    /// What events of the type can carry. A custom event carries whom and what it names.
    #[must_use]
    pub const fn carried(&self) -> Carried {
        match self {
            Self::BuiltIn(event) => event.carried(),
            Self::Custom(_) => Carried { group: true, ..PERSON },
        }
    }

    /// What it is related to.
    #[must_use]
    pub const fn nature(&self) -> Nature {
        match self {
            Self::BuiltIn(event) => event.nature(),
            Self::Custom(_) => Nature::Both,
        }
    }

    /// The fields of its data; none where another system decides.
    #[must_use]
    pub const fn data_fields(&self) -> &'static [DataField] {
        match self {
            Self::BuiltIn(event) => event.data_fields(),
            Self::Custom(_) => &[],
        }
    }
}
