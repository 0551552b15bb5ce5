//! Composing: everything that is the same for a run is prepared once, then only values are put in.
//!
//! For each language the subject and both parts are rendered and encoded once; what remains per recipient is
//! joining pieces, a header and the signature. A template whose conditions or filters look at a recipient's
//! values is rendered for each one, through the same encoder.

use crate::bounce;
use crate::content::{Composed, Content};
use crate::dkim::{self, DkimError, Signer};
use crate::header;
use crate::house::{House, Sender};
use crate::prepared::{Prepared, append_boundary};
use crate::render::{self, RenderError};
use crate::template::Templates;
use domain::address::Address;
use domain::message::NewPassword;
use std::ops::Range;
use std::sync::Arc;

/// The most characters of a name, a user name or another value.
const MOST_VALUE: usize = 1_000;
/// The most characters of a message key: the boundary made of it may have 70 (RFC 2046 §5.1.1).
const MOST_KEY: usize = 64;

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
    sender: Sender,
    signers: Arc<[Signer]>,
    envelope_from: Arc<str>,
    from: Vec<u8>,
    reply_to: Vec<u8>,
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
        let mut from = b"From: ".to_vec();
        header::append_mailbox(&mut from, 6, &sender.name, &sender.address);
        from.extend_from_slice(b"\r\n");
        let mut reply_to = Vec::new();
        if let Some(address) = &sender.reply_to {
            reply_to.extend_from_slice(b"Reply-To: ");
            header::append_mailbox(&mut reply_to, 10, "", address);
            reply_to.extend_from_slice(b"\r\n");
        }
        let languages = templates
            .by_language()
            .map(|(language, checked)| Prepared::new(language, checked, house))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            envelope_from: sender.address.envelope().into(),
            sender,
            signers,
            from,
            reply_to,
            languages,
        })
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
        let to = &message.to;
        let message_id = format!("{}@{}", message.message_key, self.sender.address.domain());
        let mut out = Vec::with_capacity(self.room(prepared, message));
        let signatures: usize = self.signers.iter().map(Signer::header_length).sum();
        out.resize(signatures, b' ');

        let fields = self.append_header(&mut out, prepared, message, &message_id, now_ms)?;
        let body = out.len();
        let secrets = prepared.append_parts(&mut out, message)?;
        self.sign(&mut out, &fields, body, now_ms)?;

        let envelope_from = match &self.sender.bounce {
            Some(bounce) => bounce.return_path(&message.message_key, to).into(),
            None => Arc::clone(&self.envelope_from),
        };
        Ok(Composed {
            content: Content::new(out, secrets),
            envelope_from,
            envelope_to: to.envelope(),
            smtputf8: to.needs_smtputf8()
                || self.sender.address.needs_smtputf8()
                || self.sender.reply_to.as_ref().is_some_and(Address::needs_smtputf8),
            message_id,
        })
    }

    fn check(&self, message: &NewPassword) -> Result<(), ComposeError> {
        let key = &message.message_key;
        let most = if self.sender.bounce.is_some() { bounce::MOST_KEY } else { MOST_KEY };
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let dots = key.starts_with('.') || key.ends_with('.') || key.contains("..");
        if key.is_empty() || key.len() > most || dots || !key.bytes().all(fits) {
            return Err(ComposeError::MessageKey);
        }
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
        let signatures: usize = self.signers.iter().map(Signer::header_length).sum();
        // A value's octet becomes at most "&quot;" or three octets, plus soft breaks; names also stand in To.
        signatures + 2_048 + self.from.len() + self.reply_to.len() + prepared.room(values * 7)
    }

    fn append_header(
        &self,
        out: &mut Vec<u8>,
        prepared: &Prepared,
        message: &NewPassword,
        message_id: &str,
        now_ms: i64,
    ) -> Result<[Range<usize>; 8], ComposeError> {
        let mut fields: [Range<usize>; 8] = Default::default();
        let mut end = out.len();
        let mut note = |place: usize, out: &Vec<u8>| {
            if let Some(field) = fields.get_mut(place) {
                *field = end..out.len();
            }
            end = out.len();
        };
        out.extend_from_slice(&self.from);
        note(0, out);
        out.extend_from_slice(b"To: ");
        let name = if message.full_name.contains('@') { "" } else { &message.full_name };
        header::append_mailbox(out, 4, name, &message.to);
        out.extend_from_slice(b"\r\n");
        note(1, out);
        prepared.append_subject(out, message)?;
        note(2, out);
        for part in ["Date: ", &header::date(now_ms), "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        note(3, out);
        for part in ["Message-ID: <", message_id, ">\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        note(4, out);
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        note(5, out);
        out.extend_from_slice(b"Content-Type: multipart/alternative;\r\n boundary=\"");
        append_boundary(out, &message.message_key);
        out.extend_from_slice(b"\"\r\n");
        note(6, out);
        out.extend_from_slice(&self.reply_to);
        note(7, out);
        // RFC 3834 §5, and what Exchange obeys instead.
        for part in [
            "Content-Language: ",
            prepared.language.tag(),
            "\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n",
        ] {
            out.extend_from_slice(part.as_bytes());
        }
        Ok(fields)
    }

    /// Fills the room kept at the front with the signatures.
    fn sign(
        &self,
        out: &mut [u8],
        fields: &[Range<usize>; 8],
        body: usize,
        now_ms: i64,
    ) -> Result<(), ComposeError> {
        if self.signers.is_empty() {
            return Ok(());
        }
        let body_hash = dkim::body_hash(out.get(body..).unwrap_or_default());
        let mut signed = Vec::with_capacity(1_024);
        // The second From and an absent Reply-To count as empty: nothing is hashed for them.
        for field in fields.iter().filter(|field| !field.is_empty()) {
            dkim::append_relaxed(&mut signed, out.get(field.clone()).unwrap_or_default());
            signed.extend_from_slice(b"\r\n");
        }
        let mut at = 0;
        for signer in &*self.signers {
            let header = signer.header(&signed, &body_hash, now_ms)?;
            let place = out.get_mut(at..at + header.len()).filter(|_| header.len() == signer.header_length());
            place.ok_or(DkimError::Signing)?.copy_from_slice(&header);
            at += header.len();
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
