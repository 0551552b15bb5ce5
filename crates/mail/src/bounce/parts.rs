//! The parts of a mail that came back: its first two levels and no deeper.
//!
//! A general reader follows every message inside a message; a mail made of thousands of them would exhaust the
//! stack of the program. A bounce has its answer near the top, so deeper levels are never opened. Single
//! parts are decoded by the general reader, which is given nothing that could hold another one.

use super::fields::lines;
use mail_parser::{MessageParser, MimeHeaders as _, PartType};

/// The most parts of one level.
const MOST_PARTS: usize = 20;
/// Levels of multipart that are opened.
const LEVELS: usize = 2;

/// One part, not yet decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    raw: &'a [u8],
}

/// What kind of part it is: `type/subtype` in lower case.
#[derive(Debug)]
struct Kind {
    name: String,
    boundary: Option<String>,
}

/// The leaves of a mail, in their order, each with its kind.
pub(super) fn leaves(mail: &[u8]) -> Vec<(String, Part<'_>)> {
    let mut found = Vec::new();
    open(Part { raw: mail }, LEVELS, &mut found);
    found
}

fn open<'a>(part: Part<'a>, levels: usize, found: &mut Vec<(String, Part<'a>)>) {
    let kind = part.kind();
    let Some(boundary) = kind.boundary.filter(|boundary| levels > 0 && !boundary.is_empty()) else {
        found.push((kind.name, part));
        return;
    };
    for one in split(part.body(), &boundary) {
        open(one, levels - 1, found);
    }
}

/// The parts between the boundaries of a multipart (RFC 2046 §5.1.1); an unfinished last one counts.
fn split<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut began = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let Some(rest) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()))
        else {
            continue;
        };
        let rest = rest.trim_ascii_end();
        if !rest.is_empty() && rest != b"--" {
            continue;
        }
        parts.extend(began.take().map(|from| Part { raw: &body[from..start] }));
        if rest == b"--" || parts.len() >= MOST_PARTS {
            return parts;
        }
        began = Some(at);
    }
    parts.extend(began.map(|from| Part { raw: &body[from..] }));
    parts
}

impl<'a> Part<'a> {
    fn kind(self) -> Kind {
        let plain = || Kind { name: "text/plain".into(), boundary: None };
        let Some(message) = MessageParser::default().parse_headers(self.raw) else { return plain() };
        let Some(found) = message.content_type() else { return plain() };
        let name = format!("{}/{}", found.ctype(), found.subtype().unwrap_or_default()).to_ascii_lowercase();
        let boundary =
            found.attribute("boundary").filter(|_| name.starts_with("multipart/")).map(str::to_owned);
        Kind { name, boundary }
    }

    /// Everything after the header, as it stands.
    pub(super) fn body(self) -> &'a [u8] {
        let mut at = 0;
        for line in self.raw.split_inclusive(|byte| *byte == b'\n') {
            at += line.len();
            if line.trim_ascii().is_empty() {
                break;
            }
        }
        self.raw.get(at..).unwrap_or_default()
    }

    /// The text, decoded; only for parts that are no multipart and no message.
    pub(super) fn text(self, kind: &str) -> String {
        let opaque = kind.starts_with("multipart/") || matches!(kind, "message/rfc822" | "message/global");
        if opaque {
            return String::new();
        }
        let Some(message) = MessageParser::default().parse(self.raw) else { return String::new() };
        match message.parts.into_iter().next().map(|part| part.body) {
            Some(PartType::Text(text)) => text.into_owned(),
            Some(PartType::Html(text)) => without_tags(&text),
            Some(PartType::Binary(bytes) | PartType::InlineBinary(bytes)) => {
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => String::new(),
        }
    }
}

/// The words of HTML, good enough to find a status among them.
fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                out.push('\n');
            }
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// The lines of a text up to the copy of the mail that came back, which is no part of what is said.
pub(super) fn before_the_copy(text: &str) -> String {
    const COPY: [&str; 6] = [
        "copy of the message",
        "copy of your message",
        "original message follows",
        "original message --",
        "original message headers",
        "message header follow",
    ];
    let mut out = String::new();
    for line in lines(text.as_bytes()).take(400) {
        let line = String::from_utf8_lossy(line);
        let low = line.to_ascii_lowercase();
        if COPY.iter().any(|copy| low.contains(copy)) && (low.contains("--") || low.contains("below")) {
            break;
        }
        if low.starts_with("return-path:") || low.starts_with("received:") {
            break;
        }
        out.extend(line.chars().take(2_000));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_levels_are_opened_and_no_third() {
        let mail = "Content-Type: multipart/report; boundary=a\n\npreamble\n--a\n\
            Content-Type: multipart/alternative; boundary=\"b b\"\n\n--b b\nContent-Type: text/plain\n\nwords\n\
            --b b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nhidden\n--c--\n--b b--\n\
            --a\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n--a--\nepilogue\n";
        let found: Vec<String> = leaves(mail.as_bytes()).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(found, ["text/plain", "multipart/mixed", "message/delivery-status"]);
    }

    #[test]
    fn a_part_is_decoded_and_a_cut_one_counts() {
        let mail = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\
            Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nf=FCr\r\n\
            --a\r\nContent-Transfer-Encoding: base64\r\n\r\nNTUwIG5v\r\n";
        let found: Vec<String> =
            leaves(mail.as_bytes()).iter().map(|(kind, part)| part.text(kind).trim().to_owned()).collect();
        assert_eq!(found, ["für", "550 no"]);
    }
}
