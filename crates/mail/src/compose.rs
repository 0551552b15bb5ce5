//! Composing: everything that is the same for a run is prepared once, then only values are put in.
//!
//! For each language the subject and both parts are rendered and encoded once; what remains per recipient is
//! joining pieces, a header and the signature. A template whose conditions or filters look at a recipient's
//! values is rendered for each one, through the same encoder.

use crate::content::Composed;
use crate::dkim::{DkimError, Signer};
use crate::house::{House, Sender};
use crate::letter::{Head, Letter, MOST_KEY};
use crate::prepared::Prepared;
use crate::render::{self, RenderError};
use crate::template::Templates;
use domain::message::NewPassword;
use std::sync::Arc;

/// The most characters of a name, a user name or another value.
const MOST_VALUE: usize = 1_000;

/// Why a message could not be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The template failed on this recipient's values.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The signature failed.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// A value is too long for a mail.
    #[error("{0} has more than 1,000 characters")]
    TooLong(&'static str),
    /// The password is empty or has blanks or controls, so it could not be copied.
    #[error("the password must be 1 to 1,000 visible characters without blanks")]
    Password,
    /// The message key would not fit into a Message-ID.
    #[error(
        "a message key is 1 to {MOST_KEY} letters, digits, dots, hyphens and underscores, or less with a bounce domain"
    )]
    MessageKey,
    /// The sign-in page's address is none.
    #[error("the sign-in page must begin with https:// or http:// and have no blanks")]
    LoginUrl,
}

/// Composes the messages of a run.
#[derive(Debug)]
pub struct Composer {
    letter: Letter,
    languages: Vec<Prepared>,
}

impl Composer {
    /// Prepares every language of a run.
    ///
    /// # Errors
    /// When the settings or a template cannot make a mail.
    pub fn prepare(
        templates: &Templates,
        sender: Sender,
        house: &House,
        signers: Arc<[Signer]>,
    ) -> Result<Self, ComposeError> {
        let url = &house.login_url;
        let fits = url.starts_with("https://") || url.starts_with("http://");
        if !fits || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ComposeError::LoginUrl);
        }
        let languages = templates
            .by_language()
            .map(|(language, checked)| Prepared::new(language, checked, house))
            .collect::<Result<_, _>>()?;
        Ok(Self { letter: Letter::new(sender, signers), languages })
    }

    /// Composes the mail *your new password* for one recipient.
    ///
    /// # Errors
    /// When this recipient's values cannot stand in a mail; nothing is wrong with the others then.
    pub fn compose(&self, message: &NewPassword, now_ms: i64) -> Result<Composed, ComposeError> {
        self.check(message)?;
        let prepared = self.languages.iter().find(|one| one.language == message.language);
        let Some(prepared) = prepared.or(self.languages.first()) else {
            return Err(ComposeError::MessageKey);
        };
        let head = Head {
            to: &message.to,
            full_name: &message.full_name,
            language: prepared.language,
            message_key: &message.message_key,
        };
        self.letter.write(
            head,
            self.room(prepared, message),
            now_ms,
            |out| Ok(prepared.append_subject(out, message)?),
            |out| Ok(prepared.append_parts(out, message)?),
        )
    }

    fn check(&self, message: &NewPassword) -> Result<(), ComposeError> {
        self.letter.check_key(&message.message_key)?;
        let password = message.password.expose();
        let bad = |c: char| c.is_control() || c.is_whitespace() || render::is_mark(c);
        if password.is_empty() || password.len() > MOST_VALUE || password.contains(bad) {
            return Err(ComposeError::Password);
        }
        for (name, value) in [
            ("the full name", &message.full_name),
            ("the given name", &message.given_name),
            ("the family name", &message.family_name),
            ("the user name", &message.username),
        ] {
            if value.len() > MOST_VALUE {
                return Err(ComposeError::TooLong(name));
            }
        }
        Ok(())
    }

    /// Enough octets that the buffer never moves, which would leave a copy of the password behind.
    fn room(&self, prepared: &Prepared, message: &NewPassword) -> usize {
        let values = message.full_name.len()
            + message.given_name.len()
            + message.family_name.len()
            + message.username.len()
            + message.to.as_given().len()
            + message.password.expose().len()
            + 256;
        // A value's octet becomes at most "&quot;" or three octets, plus soft breaks; names also stand in To.
        self.letter.room() + prepared.room(values * 7)
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
