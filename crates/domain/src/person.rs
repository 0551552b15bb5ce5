//! A person: one record of the databank, a contact or, with a system role, a system user.

use crate::address::Address;
use crate::id::{PersonId, RoleId};
use crate::role::{Rank, UserType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of a custom attribute, typed as the installation defined it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A point in time, in milliseconds since 1970 UTC; written as RFC 3339 outside.
    DateTime(jiff::Timestamp),
    /// A text.
    String(String),
}

/// The kind of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A point in time.
    DateTime,
}

impl AttributeKind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::DateTime => "date_time",
        }
    }
    /// The kind of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::String, Self::Number, Self::Boolean, Self::DateTime].into_iter().find(|k| k.as_str() == text)
    }
    /// Reads a value of this kind from a text, as an import has it.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn read(self, text: &str) -> Result<AttributeValue, ValueError> {
        match self {
            Self::String if text.chars().count() <= 2_000 => Ok(AttributeValue::String(text.to_owned())),
            Self::String => Err(ValueError::Text),
            Self::Number => text
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(AttributeValue::Number)
                .ok_or_else(|| ValueError::Number { given: shown(text) }),
            Self::Boolean => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Ok(AttributeValue::Boolean(true)),
                "false" | "no" | "0" => Ok(AttributeValue::Boolean(false)),
                _ => Err(ValueError::Flag { given: shown(text) }),
            },
            Self::DateTime => text
                .trim()
                .parse::<jiff::Timestamp>()
                .or_else(|_| {
                    text.trim()
                        .parse::<jiff::civil::Date>()
                        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC))
                        .map(|zoned| zoned.timestamp())
                })
                .map(AttributeValue::DateTime)
                .map_err(|_| ValueError::Time { given: shown(text) }),
        }
    }
}

impl AttributeValue {
    /// As a mail shows it: a date without its time, a number without an exponent.
    #[must_use]
    pub fn in_a_mail(&self) -> String {
        match self {
            Self::String(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(flag) => flag.to_string(),
            Self::DateTime(at) => at.strftime("%Y-%m-%d").to_string(),
        }
    }
}

/// What was given, as far as an error shows it.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

crate::sentences! {
    /// Why a text is no value of an attribute.
    pub enum ValueError in "value" {
        Text = "text", "a text of at most 2,000 characters was expected";
        Number { given: String } = "number", "a number such as 12.5 was expected, not {given:?}";
        Flag { given: String } = "flag", "true or false was expected, not {given:?}";
        Time { given: String } = "time",
            "a date such as 2026-11-21 or a time such as 2026-11-21T09:00:00Z was expected, not {given:?}";
    }
}

/// The system role of a system user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemUser {
    /// The role.
    pub role_id: RoleId,
    /// Its name.
    pub role: String,
    /// Its rank.
    pub rank: Rank,
    /// Person, program or both.
    pub user_type: UserType,
    /// From then on the account is as if it had no role, milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// How the current password came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordSet {
    /// The person chose it.
    Chosen,
    /// It was mailed.
    Mailed,
}

/// What is known of a person's credential; all of it can be selected on, none of it is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CredentialFacts {
    /// Whether a chosen password is valid.
    pub has_password: bool,
    /// How the password was last set.
    pub set: Option<PasswordSet>,
    /// When it last changed.
    pub changed_at: Option<i64>,
    /// Whether only the set-a-new-password page opens.
    pub must_change: bool,
    /// When the relay last accepted a mailed password.
    pub mailed_at: Option<i64>,
    /// The last sign-in.
    pub last_login_at: Option<i64>,
    /// Wrong passwords in a row.
    pub failed_logins: i64,
    /// How the last run ended for this person.
    pub last_run_outcome: Option<String>,
}

/// One record of the databank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// Unique, in canonical form.
    pub username: String,
    /// Where mail goes; several people may share a mailbox.
    pub address: Option<Address>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// As the person wants to be called; empty: given and family name.
    pub display_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// The id in another system, unique when set.
    pub external_id: Option<String>,
    /// Whether the person may sign in and receive credentials.
    pub blocked: bool,
    /// Whether the address was confirmed.
    pub verified: bool,
    /// Why mail does not arrive; `None`: it does.
    pub undeliverable: Option<String>,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// Last changed, milliseconds since 1970.
    pub updated_at: i64,
    /// The system role, when the person is a system user.
    pub system: Option<SystemUser>,
    /// What is known of the credential.
    pub credential: CredentialFacts,
    /// Names of the groups the person is in, sorted.
    pub groups: Vec<String>,
    /// Custom attributes by name.
    pub attributes: BTreeMap<String, AttributeValue>,
}

impl Person {
    /// What to call the person: display name, else both names, else the user name.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(&self.display_name, &self.given_name, &self.family_name, &self.username)
    }

    /// The rank that counts at a moment: none for contacts and for expired system users.
    #[must_use]
    pub fn rank_at(&self, now_ms: i64) -> Option<Rank> {
        self.system
            .as_ref()
            .filter(|system| system.expires_at.is_none_or(|at| at > now_ms))
            .map(|system| system.rank)
    }
}

/// What to call a person, from the columns that say so.
#[must_use]
pub fn full_name(display_name: &str, given_name: &str, family_name: &str, username: &str) -> String {
    if !display_name.trim().is_empty() {
        return display_name.trim().to_owned();
    }
    match (given_name.trim(), family_name.trim()) {
        ("", "") => username.to_owned(),
        ("", one) | (one, "") => one.to_owned(),
        (given, family) => format!("{given} {family}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_by_the_best_name_there_is() {
        assert_eq!(full_name("Countess", "Ada", "Lovelace", "ada"), "Countess");
        assert_eq!(full_name(" ", "Ada", "Lovelace", "ada"), "Ada Lovelace");
        assert_eq!(full_name("", "", "Lovelace", "ada"), "Lovelace");
        assert_eq!(full_name("", "", "", "ada"), "ada");
    }

    #[test]
    fn an_attribute_reads_only_its_own_kind() {
        assert_eq!(AttributeKind::Number.read("12.5"), Ok(AttributeValue::Number(12.5)));
        assert!(AttributeKind::Number.read("NaN").is_err());
        assert_eq!(AttributeKind::Boolean.read("Yes"), Ok(AttributeValue::Boolean(true)));
        assert!(AttributeKind::Boolean.read("maybe").is_err());
        assert!(AttributeKind::DateTime.read("2026-11-21").is_ok());
        assert!(AttributeKind::DateTime.read("21.11.2026").is_err());
    }
}
