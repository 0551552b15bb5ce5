//! SMTP replies, read line by line with bounded memory (RFC 5321 §4.2).

use std::fmt;

/// Octets of a reply line that are looked at (RFC 5321 §4.5.3.1.5); what follows on the line is skipped.
const LINE_USED: usize = 512;
/// Octets one reply may have in all its lines before it is an error.
const REPLY_LIMIT: usize = 64 * 1024;
/// Characters of a reply's text that are kept.
const TEXT_KEPT: usize = 500;
/// Characters kept of the reply to EHLO, whose lines are the relay's capabilities.
const CAPABILITIES_KEPT: usize = 16 * 1024;

/// One reply of the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits, 200–599.
    pub code: u16,
    /// The enhanced status code, if the text begins with one of the same class (RFC 2034).
    pub enhanced: Option<Enhanced>,
    /// The text after the codes, lines joined by a space, at most 500 characters, without control characters.
    /// It is the relay's own text: whoever stores or shows it removes secrets from it first.
    pub text: String,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if self.text.is_empty() { Ok(()) } else { write!(f, " {}", self.text) }
    }
}

/// An enhanced status code such as 5.1.1 (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enhanced {
    /// 2, 4 or 5.
    pub class: u8,
    /// What the status is about, 0–999.
    pub subject: u16,
    /// The precise status, 0–999.
    pub detail: u16,
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Reads the code at the start of a reply text; the rest is the text without it.
fn split_enhanced(text: &str) -> Option<(Enhanced, &str)> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = word.split('.');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let plain = (1..=digits).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<u16>().ok() } else { None }
    };
    let (class, subject, detail) = (number(1)?, number(3)?, number(3)?);
    if parts.next().is_some() {
        return None;
    }
    Some((Enhanced { class: u8::try_from(class).ok()?, subject, detail }, rest))
}

/// Takes the relay's octets as they come and knows when one reply is complete.
#[derive(Debug)]
pub(crate) struct ReplyReader {
    line: Vec<u8>,
    size: usize,
    code: u16,
    text: String,
    keep: usize,
    complete: bool,
}

impl ReplyReader {
    pub(crate) fn new() -> Self {
        Self {
            line: Vec::with_capacity(LINE_USED),
            size: 0,
            code: 0,
            text: String::with_capacity(TEXT_KEPT),
            keep: TEXT_KEPT,
            complete: true,
        }
    }

    /// Lets the next reply keep enough text for a list of capabilities.
    pub(crate) fn expect_capabilities(&mut self) {
        self.keep = CAPABILITIES_KEPT;
    }

    /// Takes octets up to the end of one reply: how many were used, and whether the reply is complete.
    pub(crate) fn feed(&mut self, octets: &[u8]) -> Result<(usize, bool), &'static str> {
        if self.complete {
            (self.complete, self.size, self.code) = (false, 0, 0);
            self.text.clear();
        }
        let mut used = 0;
        while let Some(rest) = octets.get(used..).filter(|rest| !rest.is_empty()) {
            let end = rest.iter().position(|b| *b == b'\n');
            let part = &rest[..end.unwrap_or(rest.len())];
            used += part.len() + usize::from(end.is_some());
            self.size += part.len() + 1;
            if self.size > REPLY_LIMIT {
                return Err("it is longer than 64 KiB");
            }
            let room = LINE_USED.saturating_sub(self.line.len()).min(part.len());
            if end.is_none() {
                self.line.extend_from_slice(&part[..room]);
                continue;
            }
            let last = if self.line.is_empty() {
                self.take_line(&part[..room])?
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&part[..room]);
                let last = self.take_line(&line);
                line.clear();
                self.line = line;
                last?
            };
            if last {
                self.complete = true;
                return Ok((used, true));
            }
        }
        Ok((used, false))
    }

    /// Takes one line without its LF; whether it was the last of the reply.
    fn take_line(&mut self, line: &[u8]) -> Result<bool, &'static str> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (digits, rest) = line.split_at_checked(3).ok_or("a line is shorter than its three digits")?;
        let mut code = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err("a line does not begin with three digits");
            }
            code = code * 10 + u16::from(digit - b'0');
        }
        if !(200..600).contains(&code) {
            return Err("its code is not between 200 and 599");
        }
        if self.code != 0 && self.code != code {
            return Err("its lines have different codes");
        }
        let first = self.code == 0;
        self.code = code;
        let (last, text) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            Some(_) => return Err("its code is not followed by a space or a hyphen"),
        };
        if !first {
            self.push_text("\n");
        }
        match std::str::from_utf8(text) {
            Ok(text) => self.push_text(text),
            Err(_) => self.push_text(&String::from_utf8_lossy(text)),
        }
        Ok(last)
    }

    fn push_text(&mut self, text: &str) {
        let room = self.keep.saturating_sub(self.text.len());
        if text.len() <= room && text.bytes().all(|b| (b' '..0x7f).contains(&b) || b == b'\n') {
            self.text.push_str(text);
            return;
        }
        let mut room = self.keep.saturating_sub(self.text.chars().count());
        for c in text.chars().filter(|c| !c.is_control() || *c == '\n') {
            if room == 0 {
                return;
            }
            self.text.push(c);
            room -= 1;
        }
    }

    /// The code of the reply read last.
    pub(crate) fn code(&self) -> u16 {
        self.code
    }

    /// The lines of the reply read last, without codes, and back to keeping little.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        self.keep = TEXT_KEPT;
        self.text.split('\n').map(str::to_owned).collect()
    }

    /// The reply read last, as a value.
    pub(crate) fn reply(&self) -> Reply {
        let mut enhanced = None;
        let mut text = String::with_capacity(self.text.len().min(TEXT_KEPT));
        for line in self.text.split('\n') {
            let mut line = line;
            if let Some((code, rest)) = split_enhanced(line)
                && u16::from(code.class) == self.code / 100
            {
                enhanced = enhanced.or(Some(code));
                line = rest;
            }
            if !text.is_empty() && !line.is_empty() {
                text.push(' ');
            }
            text.push_str(line);
        }
        if let Some((end, _)) = text.char_indices().nth(TEXT_KEPT) {
            text.truncate(end);
        }
        Reply { code: self.code, enhanced, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(octets: &[u8]) -> Result<Reply, &'static str> {
        let mut reader = ReplyReader::new();
        match reader.feed(octets)? {
            (used, true) if used == octets.len() => Ok(reader.reply()),
            _ => Err("not one complete reply"),
        }
    }

    #[test]
    fn a_reply_of_several_lines_is_one_reply() {
        let reply = read(b"550-5.1.1 No such\r\n550 5.1.1 mailbox here\r\n").unwrap();
        assert_eq!(reply.code, 550);
        assert_eq!(reply.enhanced, Some(Enhanced { class: 5, subject: 1, detail: 1 }));
        assert_eq!(reply.text, "No such mailbox here");
        assert_eq!(reply.to_string(), "550 5.1.1 No such mailbox here");
    }

    #[test]
    fn a_reply_that_comes_octet_by_octet_is_the_same_reply() {
        let mut reader = ReplyReader::new();
        for octet in b"250-first\r\n250 second\r" {
            assert_eq!(reader.feed(&[*octet]), Ok((1, false)));
        }
        assert_eq!(reader.feed(b"\n250 next"), Ok((1, true)));
        assert_eq!(reader.reply().text, "first second");
    }

    #[test]
    fn the_enhanced_code_of_another_class_is_text() {
        let reply = read(b"250 5.1.1 odd\r\n").unwrap();
        assert_eq!((reply.enhanced, reply.text.as_str()), (None, "5.1.1 odd"));
        assert_eq!(read(b"250 2.0.0.1 odd\r\n").unwrap().enhanced, None);
        assert_eq!(read(b"250 2.0. odd\r\n").unwrap().enhanced, None);
    }

    #[test]
    fn a_reply_without_text_is_complete() {
        assert_eq!(read(b"250\r\n").unwrap().text, "");
        assert_eq!(read(b"354\n").unwrap().code, 354);
    }

    #[test]
    fn a_long_line_is_used_up_to_512_octets_and_the_text_is_cut() {
        let long = format!("550 {}\r\n", "ä".repeat(30_000));
        let reply = read(long.as_bytes()).unwrap();
        assert!(reply.text.chars().count() <= 500 && reply.text.starts_with("ää"));
    }

    #[test]
    fn a_reply_over_64_kib_is_refused() {
        let many = "250-x\r\n".repeat(20_000);
        assert_eq!(read(many.as_bytes()), Err("it is longer than 64 KiB"));
        assert_eq!(read("2".repeat(100_000).as_bytes()), Err("it is longer than 64 KiB"));
    }

    #[test]
    fn binary_and_strange_codes_are_refused() {
        for octets in
            [&b"\x00\xff\xfe\n"[..], b"25\n", b"9999 x\n", b"199 x\n", b"250-a\n251 b\n", b"250_x\n"]
        {
            assert!(read(octets).is_err(), "{octets:?}");
        }
    }

    #[test]
    fn control_characters_do_not_stay_in_the_text() {
        assert_eq!(read(b"550 a\x1b[31mb\x07\tc\r\n").unwrap().text, "a[31mbc");
    }

    proptest! {
        #[test]
        fn any_octets_are_read_within_bounds(octets in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let mut reader = ReplyReader::new();
            let mut at = 0;
            while at < octets.len() {
                match reader.feed(&octets[at..]) {
                    Ok((0, _)) | Err(_) => break,
                    Ok((used, _)) => at += used,
                }
            }
            prop_assert!(reader.line.len() <= LINE_USED && reader.reply().text.chars().count() <= TEXT_KEPT);
        }
    }
}
