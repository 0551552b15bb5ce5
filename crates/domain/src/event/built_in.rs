//! The types of events: sixteen built in, and whatever other systems send.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What the types of built-in events begin with; no custom type may, in whatever letters.
pub const RESERVED: &str = "passpost.";
/// The longest type of an event, in characters.
pub const LONGEST_TYPE: usize = 200;

named! {
    /// The events Passpost itself knows of (requirement E2). The name is the type without `passpost.`.
    BuiltIn {
        /// A person was created: in the console, by the API or by an import.
        PersonCreated = "person.created",
        /// Attributes of a person changed.
        PersonChanged = "person.changed",
        /// Somebody was added to a group without being asked.
        MemberAdded = "group.member_added",
        /// Somebody was removed from a group.
        MemberRemoved = "group.member_removed",
        /// Somebody subscribed to a group; with double opt-in, once it was confirmed.
        Subscribed = "group.subscribed",
        /// Somebody unsubscribed from a group.
        Unsubscribed = "group.unsubscribed",
        /// A contact logged in to the preference center.
        PreferencesLoggedIn = "preferences.logged_in",
        /// A system user logged on to the console or by the API.
        LoggedOn = "system.logged_on",
        /// Somebody tried to log in with wrong passwords until the account was held back.
        LoginFailedRepeatedly = "login.failed_repeatedly",
        /// A password will soon be no longer valid.
        PasswordExpiring = "password.expiring",
        /// A person chose a new password.
        PasswordChanged = "password.changed",
        /// A link was asked for on the public page, by whomever.
        LinkRequested = "link.requested",
        /// A mail came back.
        MailBounced = "mail.bounced",
        /// An import is done.
        ImportFinished = "import.finished",
        /// A run is done.
        RunFinished = "run.finished",
        /// A run of an automation is done and did what it should.
        AutomationFinished = "automation.finished",
    }
}

impl BuiltIn {
    /// The whole type: `passpost.person.created`.
    #[must_use]
    pub fn type_name(self) -> String {
        format!("{RESERVED}{self}")
    }

    /// Whether a system user can be the cause of it. Where none can, a selection of causers never holds.
    #[must_use]
    pub const fn can_have_causer(self) -> bool {
        !matches!(
            self,
            Self::PreferencesLoggedIn
                | Self::LoginFailedRepeatedly
                | Self::PasswordExpiring
                | Self::LinkRequested
                | Self::MailBounced
        )
    }
}

/// The type of an event. Its text, also in JSON, is the `CloudEvents` attribute `type`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EventType {
    /// One of Passpost's own.
    BuiltIn(BuiltIn),
    /// One of another system: 1 to 200 characters without spaces or control characters; `org.example.course.booked` is
    /// good style. Make it with [`EventType::parse`], which checks that.
    Custom(String),
}

/// A text that is no type of an event; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidEventType(String);

impl EventType {
    /// Reads the whole text of a type.
    ///
    /// # Errors
    /// Says what is wrong; for an unknown `passpost.…` with the types there are.
    pub fn parse(text: &str) -> Result<Self, InvalidEventType> {
        let length = text.chars().count();
        if length == 0 {
            return Err(InvalidEventType("the type of the event is missing".into()));
        }
        if length > LONGEST_TYPE {
            let message = format!("a type has at most {LONGEST_TYPE} characters, not {length}");
            return Err(InvalidEventType(message));
        }
        if text.chars().any(|one| one.is_whitespace() || one.is_control()) {
            let message =
                "a type has no spaces and no control characters; write it like org.example.course.booked";
            return Err(InvalidEventType(message.into()));
        }
        if !is_reserved(text) {
            return Ok(Self::Custom(text.to_owned()));
        }
        let known = text.strip_prefix(RESERVED).and_then(BuiltIn::parse);
        known.map(Self::BuiltIn).ok_or_else(|| {
            let all: Vec<String> = BuiltIn::ALL.iter().map(|one| one.type_name()).collect();
            InvalidEventType(format!("“{text}” is no event of Passpost; there are {}", all.join(", ")))
        })
    }

    /// The whole text of it.
    #[must_use]
    pub fn type_name(&self) -> Cow<'_, str> {
        match self {
            Self::BuiltIn(event) => Cow::Owned(event.type_name()),
            Self::Custom(text) => Cow::Borrowed(text),
        }
    }

    /// Which of Passpost's own it is, if it is one.
    #[must_use]
    pub const fn built_in(&self) -> Option<BuiltIn> {
        match self {
            Self::BuiltIn(event) => Some(*event),
            Self::Custom(_) => None,
        }
    }
}

/// Whether a type begins with `passpost.`, in whatever letters.
pub(super) fn is_reserved(text: &str) -> bool {
    text.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED))
}

impl From<BuiltIn> for EventType {
    fn from(event: BuiltIn) -> Self {
        Self::BuiltIn(event)
    }
}

impl FromStr for EventType {
    type Err = InvalidEventType;
    fn from_str(text: &str) -> Result<Self, InvalidEventType> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EventType {
    type Error = InvalidEventType;
    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        Self::parse(&text)
    }
}

impl From<EventType> for String {
    fn from(event: EventType) -> Self {
        event.type_name().into_owned()
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.type_name())
    }
}
