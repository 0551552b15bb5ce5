//! How a command ends badly: which exit code, and what the person at the terminal reads.

use crate::settings::SettingsError;
use std::fmt;
use std::process::ExitCode;
use store::{ChangeError, StoreError};

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Exit code 0.
    All,
    /// Exit code 3: the run is over, but some recipients failed.
    SomeFailed,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        match done {
            Done::All => Self::SUCCESS,
            Done::SomeFailed => Self::from(3),
        }
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
    hint: Option<String>,
}

/// `EX_TEMPFAIL` of sysexits.h: whoever called keeps what it brought and comes again.
pub(crate) const COME_AGAIN: u8 = 75;

/// The result of a command.
pub(crate) type Outcome = Result<Done, Failure>;

impl Failure {
    /// Exit code 1: it was tried and failed.
    pub(crate) fn failed(text: impl fmt::Display) -> Self {
        Self { code: 1, text: text.to_string(), hint: None }
    }

    /// Exit code 2: what was asked for makes no sense.
    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self { code: 2, text: text.to_string(), hint: None }
    }

    /// Exit code 75, see [`COME_AGAIN`].
    pub(crate) fn come_again(mut self) -> Self {
        self.code = COME_AGAIN;
        self
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Something that was named is not there; says what is.
    pub(crate) fn unknown(kind: &str, name: &str, known: &[String]) -> Self {
        let failure = Self::usage(format!("no {kind} named {name:?}"));
        match known {
            [] => failure.hint(format!("there is no {kind} yet")),
            known => {
                let shown = known.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
                let more =
                    if known.len() > 10 { format!(" and {} more", known.len() - 10) } else { String::new() };
                failure.hint(format!("you have: {shown}{more}"))
            }
        }
    }

    /// The text without the hint.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What to do about it.
    pub(crate) fn to_do(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The exit code.
    pub(crate) const fn code(&self) -> u8 {
        self.code
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Exists(what) => Self::usage(match what.as_str() {
                "people.username" => "somebody has this user name already".to_owned(),
                "people.external_id" => "somebody has this external id already".to_owned(),
                "groups.name" => "there is a group of this name already".to_owned(),
                "selections.name" => "there is a selection of this name already".to_owned(),
                "attributes.name" => "there is an attribute of this name already".to_owned(),
                _ => error.to_string(),
            }),
            StoreError::NotFound(_) => Self::usage(error),
            _ => Self::failed(error),
        }
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::usage(refusal),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::usage(error).hint("config.example.toml names every setting with its default")
    }
}

impl From<auth::AuthError> for Failure {
    fn from(error: auth::AuthError) -> Self {
        Self::failed(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}
