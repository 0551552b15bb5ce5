//! The letter around every mail: who it comes from, its header fields, the frame of its two parts, the signature.

use crate::bounce;
use crate::compose::ComposeError;
use crate::content::{Composed, Content};
use crate::dkim::{self, DkimError, Signer};
use crate::header;
use crate::house::Sender;
use domain::address::Address;
use domain::language::Language;
use std::ops::Range;
use std::sync::Arc;

/// The most characters of a message key: the boundary made of it may have 70 (RFC 2046 §5.1.1).
pub(crate) const MOST_KEY: usize = 64;

const CHARSET: &str = "; charset=utf-8\r\n";
const ENCODING: &str = "Content-Transfer-Encoding: quoted-printable\r\n";

/// Whom one mail goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub to: &'a Address,
    pub full_name: &'a str,
    pub language: Language,
    pub message_key: &'a str,
    /// Whether it has an HTML part beside its text.
    pub has_html: bool,
}

/// What is the same for every mail of a sender.
#[derive(Debug)]
pub(crate) struct Letter {
    sender: Sender,
    signers: Arc<[Signer]>,
    envelope_from: Arc<str>,
    from: Vec<u8>,
    reply_to: Vec<u8>,
}

/// `=_` cannot occur in quoted-printable text, so no content can contain the boundary (RFC 2045 §6.7).
fn append_boundary(out: &mut Vec<u8>, message_key: &str) {
    out.extend_from_slice(b"=_");
    out.extend_from_slice(message_key.as_bytes());
}

/// Begins the text part (`plain`) or the HTML part (`html`), whose text is quoted-printable.
pub(crate) fn begin_part(out: &mut Vec<u8>, message_key: &str, subtype: &str) {
    out.extend_from_slice(b"--");
    append_boundary(out, message_key);
    for piece in ["\r\nContent-Type: text/", subtype, CHARSET, ENCODING, "\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Ends the last part.
pub(crate) fn end_parts(out: &mut Vec<u8>, message_key: &str) {
    out.extend_from_slice(b"--");
    append_boundary(out, message_key);
    out.extend_from_slice(b"--\r\n");
}

/// Ends a mail that is its text alone. Empty lines at its end are no part of what is signed (RFC 6376 §3.4.4), so there
/// are none.
pub(crate) fn end_text(out: &mut Vec<u8>) {
    while out.ends_with(b"\r\n\r\n") {
        out.truncate(out.len() - 2);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
}

impl Letter {
    pub(crate) fn new(sender: Sender, signers: Arc<[Signer]>) -> Self {
        let mut from = b"From: ".to_vec();
        header::append_mailbox(&mut from, 6, &sender.name, &sender.address);
        from.extend_from_slice(b"\r\n");
        let mut reply_to = Vec::new();
        if let Some(address) = &sender.reply_to {
            reply_to.extend_from_slice(b"Reply-To: ");
            header::append_mailbox(&mut reply_to, 10, "", address);
            reply_to.extend_from_slice(b"\r\n");
        }
        Self { envelope_from: sender.address.envelope().into(), sender, signers, from, reply_to }
    }

    /// Whether a message key can stand in a Message-ID, a boundary and a return path.
    pub(crate) fn check_key(&self, key: &str) -> Result<(), ComposeError> {
        let most = if self.sender.bounce.is_some() { bounce::MOST_KEY } else { MOST_KEY };
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let dots = key.starts_with('.') || key.ends_with('.') || key.contains("..");
        if key.is_empty() || key.len() > most || dots || !key.bytes().all(fits) {
            return Err(ComposeError::MessageKey);
        }
        Ok(())
    }

    /// Octets the header and the signatures may take besides what depends on the reader.
    pub(crate) fn room(&self) -> usize {
        self.signatures() + 2_048 + self.from.len() + self.reply_to.len()
    }

    fn signatures(&self) -> usize {
        self.signers.iter().map(Signer::header_length).sum()
    }

    /// Writes a whole mail. `room`: enough octets that the buffer never moves, which would leave a copy of a secret
    /// behind. `subject` appends the subject field, `parts` both parts, and says where secrets stand.
    pub(crate) fn write(
        &self,
        head: Head<'_>,
        room: usize,
        now_ms: i64,
        subject: impl FnOnce(&mut Vec<u8>) -> Result<(), ComposeError>,
        parts: impl FnOnce(&mut Vec<u8>) -> Result<Vec<Range<usize>>, ComposeError>,
    ) -> Result<Composed, ComposeError> {
        self.check_key(head.message_key)?;
        let message_id = format!("{}@{}", head.message_key, self.sender.address.domain());
        let mut out = Vec::with_capacity(room);
        out.resize(self.signatures(), b' ');
        let fields = self.append_header(&mut out, head, &message_id, now_ms, subject)?;
        let body = out.len();
        let secrets = parts(&mut out)?;
        self.sign(&mut out, &fields, body, now_ms)?;

        let envelope_from = match &self.sender.bounce {
            Some(bounce) => bounce.return_path(head.message_key, head.to).into(),
            None => Arc::clone(&self.envelope_from),
        };
        Ok(Composed {
            content: Content::new(out, secrets),
            envelope_from,
            envelope_to: head.to.envelope(),
            smtputf8: head.to.needs_smtputf8()
                || self.sender.address.needs_smtputf8()
                || self.sender.reply_to.as_ref().is_some_and(Address::needs_smtputf8),
            message_id,
        })
    }

    fn append_header(
        &self,
        out: &mut Vec<u8>,
        head: Head<'_>,
        message_id: &str,
        now_ms: i64,
        subject: impl FnOnce(&mut Vec<u8>) -> Result<(), ComposeError>,
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
        let name = if head.full_name.contains('@') { "" } else { head.full_name };
        header::append_mailbox(out, 4, name, head.to);
        out.extend_from_slice(b"\r\n");
        note(1, out);
        subject(out)?;
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
        if head.has_html {
            out.extend_from_slice(b"Content-Type: multipart/alternative;\r\n boundary=\"");
            append_boundary(out, head.message_key);
            out.extend_from_slice(b"\"\r\n");
        } else {
            out.extend_from_slice(b"Content-Type: text/plain");
            out.extend_from_slice(CHARSET.as_bytes());
        }
        note(6, out);
        out.extend_from_slice(&self.reply_to);
        note(7, out);
        if !head.has_html {
            out.extend_from_slice(ENCODING.as_bytes());
        }
        // RFC 3834 §5, and what Exchange obeys instead.
        for part in [
            "Content-Language: ",
            head.language.tag(),
            "\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply, DR, RN, NRN\r\n\r\n",
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
