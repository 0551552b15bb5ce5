//! An automation: a trigger with a job, owned by who created it.

use crate::credential::Mode;
use crate::id::PersonId;
use crate::mailing::{Intent, SendMailing};
use crate::recipient::named;
use crate::role::Permission;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// How an automation begins.
    AutomationKind {
        /// By a schedule.
        Time = "time",
        /// By an event.
        Event = "event",
    }
}

named! {
    /// Where an automation stands (requirement A4).
    AutomationStatus {
        /// Saved, never activated.
        Inactive = "inactive",
        /// Active, has not run yet.
        ActiveScheduled = "active_scheduled",
        /// Active, has run at least once.
        ActiveRunning = "active_running",
        /// Deactivated by hand before all runs were done.
        InactiveDeactivated = "inactive_deactivated",
        /// All runs are done.
        InactiveDone = "inactive_done",
    }
}

impl AutomationStatus {
    /// Whether the scheduler looks at it.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::ActiveScheduled | Self::ActiveRunning)
    }
}

/// What a run does, with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Job {
    /// Mail a fresh password to everyone in the selection (S1).
    SendNewPassword(SendNewPassword),
    /// Mail a fresh password to the contact of an event, or to one chosen contact (S2, C).
    SendNewPasswordToContact(SendNewPassword),
    /// Mail a fresh password to the system user of an event, or to one chosen system user (S2, S).
    SendNewPasswordToSystemUser(SendNewPassword),
    /// Mail a personal link to the person of an event, or to one chosen person (S2).
    SendResetLink(Box<SendResetLink>),
    /// Mail what an operator wrote to the recipients of a mailing (S3). No automation has it.
    SendMailing(Box<SendMailing>),
}

named! {
    /// What a mail of a run carries for its recipient alone.
    Carries {
        /// A new password.
        Password = "password",
        /// A personal link.
        Link = "link",
        /// Nothing secret.
        Nothing = "nothing",
    }
}

impl Job {
    /// The name in reports and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SendNewPassword(_) => "send-new-password",
            Self::SendNewPasswordToContact(_) => "send-new-password-to-contact",
            Self::SendNewPasswordToSystemUser(_) => "send-new-password-to-system-user",
            Self::SendResetLink(_) => "send-reset-link",
            Self::SendMailing(_) => "send-mailing",
        }
    }
    /// The settings of the password; they say nothing where none is mailed, see [`Job::carries`].
    #[must_use]
    pub const fn password(&self) -> &SendNewPassword {
        match self {
            Self::SendNewPassword(settings)
            | Self::SendNewPasswordToContact(settings)
            | Self::SendNewPasswordToSystemUser(settings) => settings,
            Self::SendResetLink(settings) => &settings.limits,
            Self::SendMailing(settings) => &settings.password,
        }
    }
    /// What its mails carry.
    #[must_use]
    pub const fn carries(&self) -> Carries {
        match self {
            Self::SendNewPassword(_)
            | Self::SendNewPasswordToContact(_)
            | Self::SendNewPasswordToSystemUser(_) => Carries::Password,
            Self::SendResetLink(_) => Carries::Link,
            Self::SendMailing(settings) => match settings.intent {
                Intent::OfferLink => Carries::Nothing,
                Intent::PersonalLink => Carries::Link,
                Intent::ForcePassword => Carries::Password,
            },
        }
    }
    /// How long what its mails carry is good for, in hours.
    #[must_use]
    pub const fn valid_hours(&self) -> u32 {
        match self {
            Self::SendResetLink(settings) => settings.link_hours,
            Self::SendMailing(settings) if matches!(settings.intent, Intent::PersonalLink) => {
                settings.link_hours
            }
            _ => self.password().valid_hours,
        }
    }
    /// What the role of its owner must allow.
    #[must_use]
    pub const fn needs(&self) -> Permission {
        match self {
            Self::SendNewPassword(_)
            | Self::SendNewPasswordToContact(_)
            | Self::SendNewPasswordToSystemUser(_)
            | Self::SendResetLink(_) => Permission::CredentialsMail,
            Self::SendMailing(settings) => settings.intent.needs(),
        }
    }
    /// The mailing it belongs to, if it is one's.
    #[must_use]
    pub const fn mailing(&self) -> Option<&SendMailing> {
        match self {
            Self::SendMailing(settings) => Some(settings),
            _ => None,
        }
    }
    /// Whether an event begins it; what it does then, it does to one person.
    #[must_use]
    pub const fn is_of_events(&self) -> bool {
        self.only().is_some()
    }
    /// Whom it may reach, if it is one of the jobs events begin.
    #[must_use]
    pub const fn only(&self) -> Option<Only> {
        match self {
            Self::SendNewPasswordToContact(_) => Some(Only::Contacts),
            Self::SendNewPasswordToSystemUser(_) => Some(Only::SystemUsers),
            Self::SendResetLink(_) => Some(Only::Anybody),
            Self::SendNewPassword(_) | Self::SendMailing(_) => None,
        }
    }
}

named! {
    /// Whom a job that an event begins may reach (requirement E4).
    Only {
        /// People without a system role.
        Contacts = "contacts",
        /// People with a system role.
        SystemUsers = "system_users",
        /// Both.
        Anybody = "anybody",
    }
}

/// The person a job that an event begins is done to: exactly one of two (requirement E4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The person the event is about: *use event parameter*.
    EventParameter,
    /// This person, whoever the event is about.
    Person(PersonId),
}

/// The settings of the job Send reset link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendResetLink {
    /// How long the link is good for, in hours: 1 to 336 (14 days).
    pub link_hours: u32,
    /// The limits of its runs; of the password only `remail_after_hours`, `most_people` and `approve_above` count.
    pub limits: SendNewPassword,
}

impl Default for SendResetLink {
    fn default() -> Self {
        Self { link_hours: crate::mailing::LINK_HOURS, limits: SendNewPassword::default() }
    }
}

impl SendResetLink {
    /// Checks the bounds.
    ///
    /// # Errors
    /// Names the setting and what would be right.
    pub fn validate(&self) -> Result<(), String> {
        let most = crate::mailing::MOST_LINK_HOURS;
        if !(1..=most).contains(&self.link_hours) {
            return Err(format!("link_hours: expected 1 to {most} (14 days), not {}", self.link_hours));
        }
        self.limits.validate()
    }
}

/// The settings of the job Send New Password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendNewPassword {
    /// What happens to the old password, and when.
    pub mode: Mode,
    /// How long the mailed password is good for, in hours: 1 to 336 (14 days).
    pub valid_hours: u32,
    /// Leave out who was mailed a password within so many hours; 0: nobody.
    pub remail_after_hours: u32,
    /// Hybrid users who are included, each named by an operator.
    pub hybrid_users: Vec<PersonId>,
    /// The most people one run may write to; `None`: only the installation's limit counts.
    pub most_people: Option<u32>,
    /// Above so many people a run needs the approval of a second operator; `None`: only the installation's limit
    /// counts.
    pub approve_above: Option<u32>,
}

impl Default for SendNewPassword {
    fn default() -> Self {
        Self {
            mode: Mode::AfterAcceptance,
            valid_hours: 24,
            remail_after_hours: 24,
            hybrid_users: Vec::new(),
            most_people: None,
            approve_above: None,
        }
    }
}

impl SendNewPassword {
    /// Checks the bounds.
    ///
    /// # Errors
    /// Names the setting and what would be right.
    pub fn validate(&self) -> Result<(), String> {
        if !(1..=336).contains(&self.valid_hours) {
            return Err(format!("valid_hours: expected 1 to 336 (14 days), not {}", self.valid_hours));
        }
        if self.remail_after_hours > 8_760 {
            return Err(format!(
                "remail_after_hours: expected 0 to 8760 (a year), not {}",
                self.remail_after_hours
            ));
        }
        if self.most_people == Some(0) {
            return Err("most_people: expected at least 1, or nothing for no limit".into());
        }
        if self.approve_above == Some(0) {
            return Err("approve_above: expected at least 1, or nothing for no rule of its own".into());
        }
        Ok(())
    }
}

/// The most system users who can be reminded of the end of an automation (requirement A3).
pub const MOST_REMINDED: usize = 10;

/// Checks a name of an automation: 1 to 100 characters.
///
/// # Errors
/// Says what would be right.
pub fn check_name(name: &str) -> Result<&str, String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("name: an automation needs a name".into()),
        1..=100 if !name.chars().any(char::is_control) => Ok(name),
        1..=100 => Err("name: control characters are not allowed".into()),
        long => Err(format!("name: at most 100 characters are allowed, not {long}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_reads_back_as_written_and_refuses_what_it_does_not_know() {
        let job = Job::SendNewPassword(SendNewPassword { valid_hours: 48, ..Default::default() });
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
        assert!(serde_json::from_str::<Job>(r#"{"kind":"send-new-password","valid":1}"#).is_err());
        assert!(serde_json::from_str::<Job>(r#"{"kind":"send-new-password"}"#).is_ok());
    }

    #[test]
    fn a_name_has_1_to_100_characters() {
        assert!(check_name("").is_err() && check_name(&"x".repeat(101)).is_err());
        assert_eq!(check_name(" Weekly "), Ok("Weekly"));
    }
}
