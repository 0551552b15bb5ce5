//! Roles, ranks and permissions: permissions belong to roles, never to people.

use crate::id::RoleId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How high a role stands: 0 to 3, 3 highest; a contact stands below every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Rank(u8);

impl Rank {
    /// The rank of the built-in role Owner.
    pub const HIGHEST: Self = Self(3);

    /// A rank from 0 to 3.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn new(rank: i64) -> Result<Self, String> {
        match u8::try_from(rank) {
            Ok(rank @ 0..=3) => Ok(Self(rank)),
            _ => Err(format!("a rank is a number from 0 to 3, not {rank}")),
        }
    }
    /// The number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0 as i64
    }
}

impl TryFrom<i64> for Rank {
    type Error = String;
    fn try_from(rank: i64) -> Result<Self, Self::Error> {
        Self::new(rank)
    }
}

impl From<Rank> for i64 {
    fn from(rank: Rank) -> Self {
        rank.number()
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a system user may do, and what programs may do with an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserType {
    /// Signs in to the console.
    Ui,
    /// A program: uses API keys, which no password job can touch.
    Api,
    /// Both.
    Hybrid,
}

impl UserType {
    /// As stored and as written in filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ui => "ui",
            Self::Api => "api",
            Self::Hybrid => "hybrid",
        }
    }
    /// The type of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ui, Self::Api, Self::Hybrid].into_iter().find(|t| t.as_str() == text)
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// One thing a role may allow.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        impl Permission {
            /// Every permission, in the order the console shows them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// Its name, as stored with a role.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

permissions! {
    /// See people.
    PeopleView = "people.view",
    /// Change people.
    PeopleEdit = "people.edit",
    /// Import people.
    PeopleImport = "people.import",
    /// Export people.
    PeopleExport = "people.export",
    /// Mail others a new credential.
    CredentialsMail = "credentials.mail",
    /// See automations.
    AutomationsView = "automations.view",
    /// Create and change automations.
    AutomationsEdit = "automations.edit",
    /// Activate and deactivate automations.
    AutomationsActivate = "automations.activate",
    /// Run an automation once.
    AutomationsRun = "automations.run",
    /// See runs and their reports.
    RunsView = "runs.view",
    /// Pause, resume, cancel and retry runs.
    RunsControl = "runs.control",
    /// See selections.
    SelectionsView = "selections.view",
    /// Create, change and publish selections.
    SelectionsEdit = "selections.edit",
    /// See mailings.
    MailingsView = "mailings.view",
    /// Draft mailings.
    MailingsDraft = "mailings.draft",
    /// Send mailings that offer a link.
    MailingsOfferLink = "mailings.offer_link",
    /// Send mailings that force a password.
    MailingsForcePassword = "mailings.force_password",
    /// Approve mailings, and runs that write to many people.
    MailingsApprove = "mailings.approve",
    /// See templates.
    TemplatesView = "templates.view",
    /// Change templates.
    TemplatesEdit = "templates.edit",
    /// See events.
    EventsView = "events.view",
    /// Send events.
    EventsSend = "events.send",
    /// Make and revoke API keys.
    KeysEdit = "keys.edit",
    /// Change settings, and use the kill switch.
    SettingsEdit = "settings.edit",
    /// Read the audit log.
    AuditView = "audit.view",
    /// Create system users, change roles.
    RolesEdit = "roles.edit",
}

impl Permission {
    /// The permission of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
    }
}

/// A role: a rank and what it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its unique name.
    pub name: String,
    /// Its rank.
    pub rank: Rank,
    /// Whether it came with the program.
    pub built_in: bool,
    /// Names of permissions; `*` stands for all.
    pub permissions: Vec<String>,
    /// Who has it signs in to the console with a second factor only.
    pub second_factor_required: bool,
}

impl Role {
    /// Whether the role allows it.
    #[must_use]
    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|name| name == "*" || name == permission.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_between_0_and_3() {
        assert!(Rank::new(3).is_ok() && Rank::new(4).is_err() && Rank::new(-1).is_err());
    }

    #[test]
    fn every_permission_is_found_by_its_name() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        }
    }
}
