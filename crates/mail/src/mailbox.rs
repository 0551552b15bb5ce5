//! The relay inside the program: a mailbox in memory, for trying Passpost out before a relay is set.
//!
//! Nothing of it reaches a disk. It holds passwords, so old mails are wiped when they make room for new ones.

use mail_parser::{Addr, HeaderValue, MessageParser, MimeHeaders};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// A bounded mailbox shared by all connections.
pub struct Mailbox {
    most_messages: usize,
    most_bytes: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    stored: VecDeque<Arc<Stored>>,
    bytes: usize,
    delivered: u64,
    dropped: u64,
}

struct Stored {
    id: u64,
    at_ms: i64,
    envelope_from: String,
    envelope_to: String,
    raw: Zeroizing<Vec<u8>>,
}

/// How full the mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Mails ever delivered.
    pub delivered: u64,
    /// Mails that made room for newer ones or were too large.
    pub dropped: u64,
    /// Mails kept.
    pub kept: usize,
    /// Octets kept.
    pub bytes: usize,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its number, counted from 1.
    pub id: u64,
    /// When it was delivered, milliseconds since 1970.
    pub at_ms: i64,
    /// The return path.
    pub envelope_from: String,
    /// The recipient.
    pub envelope_to: String,
    /// The subject.
    pub subject: String,
    /// Octets.
    pub bytes: usize,
}

/// One mail, read.
pub struct Mail {
    /// The line of the list.
    pub summary: Summary,
    /// Every header field, as mail programs show it: on one line, names and subject decoded.
    pub headers: Vec<(String, String)>,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part, as it came: show it in a sandbox only.
    pub html: Option<String>,
    /// The whole source.
    pub source: String,
}

impl Mailbox {
    /// An empty mailbox that keeps no more than this.
    #[must_use]
    pub fn new(most_messages: usize, most_bytes: usize) -> Self {
        Self { most_messages, most_bytes, inside: Mutex::default() }
    }

    /// Takes a mail in and returns its number; the oldest make room.
    pub fn deliver(&self, envelope_from: &str, envelope_to: &str, raw: Vec<u8>, now_ms: i64) -> u64 {
        let raw = Zeroizing::new(raw);
        let (envelope_from, envelope_to) = (envelope_from.to_owned(), envelope_to.to_owned());
        let mut leaving = Vec::new();
        let mut inside = self.lock();
        inside.delivered += 1;
        let id = inside.delivered;
        if raw.len() > self.most_bytes || self.most_messages == 0 {
            inside.dropped += 1;
            return id;
        }
        while inside.stored.len() >= self.most_messages || inside.bytes + raw.len() > self.most_bytes {
            let Some(oldest) = inside.stored.pop_front() else { break };
            inside.bytes -= oldest.raw.len();
            inside.dropped += 1;
            leaving.push(oldest);
        }
        inside.bytes += raw.len();
        inside.stored.push_back(Arc::new(Stored { id, at_ms: now_ms, envelope_from, envelope_to, raw }));
        drop(inside);
        // Wiped here, when nobody waits for the lock.
        drop(leaving);
        id
    }

    /// A page of the list, newest first; pages count from 0.
    #[must_use]
    pub fn list(&self, page: usize, per_page: usize) -> Vec<Summary> {
        let page: Vec<Arc<Stored>> = {
            let inside = self.lock();
            inside.stored.iter().rev().skip(page.saturating_mul(per_page)).take(per_page).cloned().collect()
        };
        page.iter().map(|stored| stored.summary()).collect()
    }

    /// One mail, if it is still there.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Mail> {
        let stored = {
            let inside = self.lock();
            // Numbers in the queue have no gaps but where a mail was too large.
            let place = inside.stored.binary_search_by_key(&id, |stored| stored.id).ok()?;
            inside.stored.get(place).cloned()?
        };
        Some(stored.read())
    }

    /// The newest mail to an address, as given in the envelope.
    #[must_use]
    pub fn newest_to(&self, envelope_to: &str) -> Option<Mail> {
        let stored = {
            let inside = self.lock();
            inside.stored.iter().rev().find(|stored| stored.envelope_to == envelope_to).cloned()?
        };
        Some(stored.read())
    }

    /// Empties it.
    pub fn clear(&self) {
        let mut inside = self.lock();
        let leaving = std::mem::take(&mut inside.stored);
        inside.bytes = 0;
        drop(inside);
        drop(leaving);
    }

    /// How full it is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let inside = self.lock();
        Counts {
            delivered: inside.delivered,
            dropped: inside.dropped,
            kept: inside.stored.len(),
            bytes: inside.bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn summary(&self) -> Summary {
        let headers = MessageParser::default().parse_headers(self.raw.as_slice());
        let subject = headers.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned();
        Summary {
            id: self.id,
            at_ms: self.at_ms,
            envelope_from: self.envelope_from.clone(),
            envelope_to: self.envelope_to.clone(),
            subject,
            bytes: self.raw.len(),
        }
    }

    fn read(&self) -> Mail {
        let parsed = MessageParser::default().parse(self.raw.as_slice());
        let headers = parsed.as_ref().map(|message| {
            let raw = message.headers_raw().zip(message.headers());
            raw.map(|((name, value), header)| (name.to_owned(), readable(&header.value, value))).collect()
        });
        let part = |html: bool| {
            let message = parsed.as_ref()?;
            // The parser would invent the one part from the other; only what was sent is shown.
            let wanted = if html { "html" } else { "plain" };
            let exists = message.parts.iter().any(|part| match part.content_type() {
                Some(kind) => kind.subtype() == Some(wanted),
                None => {
                    !html
                        && matches!(
                            part.headers.first().map(|one| &one.value),
                            None | Some(HeaderValue::Empty)
                        )
                }
            });
            let text = if html { message.body_html(0) } else { message.body_text(0) };
            text.filter(|_| exists || (!html && message.parts.len() == 1)).map(|text| text.into_owned())
        };
        Mail {
            summary: self.summary(),
            headers: headers.unwrap_or_default(),
            text: part(false),
            html: part(true),
            source: String::from_utf8_lossy(&self.raw).into_owned(),
        }
    }
}

/// A header field for people: what is encoded is decoded, everything else only loses its line ends.
fn readable(parsed: &HeaderValue<'_>, raw: &str) -> String {
    let person = |one: &Addr<'_>| match (one.name(), one.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => address.or(name).unwrap_or_default().to_owned(),
    };
    match parsed {
        HeaderValue::Text(text) => text.clone().into_owned(),
        HeaderValue::Address(people) => people.iter().map(person).collect::<Vec<_>>().join(", "),
        _ => raw.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Mail {
    /// Never the content: it holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.summary.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: =?utf-8?B?w6k=?=\r\n\r\nHello\r\n";

    #[test]
    fn a_mail_can_be_listed_and_read() {
        let mailbox = Mailbox::new(10, 10_000);
        let id = mailbox.deliver("a@b.example", "c@d.example", RAW.to_vec(), 5);
        assert_eq!(mailbox.list(0, 50).first().map(|line| (line.id, line.subject.as_str())), Some((id, "é")));
        let mail = mailbox.get(id).unwrap();
        assert_eq!(mail.text.as_deref(), Some("Hello\r\n"));
        assert_eq!(mail.html, None);
        assert_eq!(mail.headers[1], ("To".to_owned(), "c@d.example".to_owned()));
        assert!(mailbox.newest_to("c@d.example").is_some());
        assert!(mailbox.newest_to("x@d.example").is_none());
    }

    #[test]
    fn headers_are_shown_as_mail_programs_show_them() {
        let raw = b"From: \"A, B\" <a@b.example>\r\nTo: =?utf-8?B?w6k=?=\r\n <c@d.example>\r\n\
            Subject: =?utf-8?B?w6k=?=\r\nDate: Thu, 26 Nov 2026\r\n 11:03:57 +0000\r\n\r\nHello\r\n";
        let mailbox = Mailbox::new(10, 10_000);
        let id = mailbox.deliver("a@b.example", "c@d.example", raw.to_vec(), 5);
        let headers = mailbox.get(id).unwrap().headers;
        let shown: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(shown, ["A, B <a@b.example>", "é <c@d.example>", "é", "Thu, 26 Nov 2026 11:03:57 +0000"]);
    }

    #[test]
    fn old_mails_make_room_and_are_counted() {
        let mailbox = Mailbox::new(3, 10 * RAW.len());
        for _ in 0..5 {
            mailbox.deliver("", "c@d.example", RAW.to_vec(), 0);
        }
        let counts = mailbox.counts();
        assert_eq!((counts.delivered, counts.dropped, counts.kept), (5, 2, 3));
        assert_eq!(mailbox.list(0, 2).iter().map(|line| line.id).collect::<Vec<_>>(), [5, 4]);
        assert_eq!(mailbox.list(1, 2).iter().map(|line| line.id).collect::<Vec<_>>(), [3]);
        assert!(mailbox.get(2).is_none() && mailbox.get(3).is_some());
        let small = Mailbox::new(100, 2 * RAW.len());
        for _ in 0..5 {
            small.deliver("", "c@d.example", RAW.to_vec(), 0);
        }
        small.deliver("", "c@d.example", vec![b'x'; 3 * RAW.len()], 0);
        assert_eq!(
            (small.counts().kept, small.counts().bytes, small.counts().dropped),
            (2, 2 * RAW.len(), 4)
        );
        small.clear();
        assert_eq!((small.counts().kept, small.counts().bytes), (0, 0));
    }
}
