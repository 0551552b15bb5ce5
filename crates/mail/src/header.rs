//! Header fields: cleaning, encoded-words (RFC 2047), folding (RFC 5322 §2.2.3). No value can begin a field.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::address::Address;
use std::borrow::Cow;

/// The length a header line should not pass (RFC 5322 §2.1.1).
const LINE: usize = 76;
/// Octets of text in one encoded-word: 45 give 60 characters of base64, with the rest of the word 72.
const WORD: usize = 45;

/// Turns what could break a line, hide text or pose as our own marks into blanks, and trims.
///
/// Besides controls these are the line and paragraph separators and the marks that reverse the direction of
/// text, by which a name could rewrite what stands around it.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            || crate::render::is_mark(c)
    };
    if text.contains(bad) {
        let blanked: String = text.chars().map(|c| if bad(c) { ' ' } else { c }).collect();
        return Cow::Owned(blanked.trim().to_owned());
    }
    Cow::Borrowed(text.trim())
}

/// Appends free text, as in a subject. `column`: where the value begins.
pub(crate) fn append_text(out: &mut Vec<u8>, mut column: usize, text: &str) {
    let text = clean(text);
    let plain = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let longest = text.split(' ').map(str::len).max().unwrap_or(0);
    if !plain || text.contains("=?") || text.contains("  ") || longest > LINE - 10 {
        append_words(out, column, &text);
        return;
    }
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            if column + 1 + word.len() > LINE {
                out.extend_from_slice(b"\r\n ");
                column = 1;
            } else {
                out.push(b' ');
                column += 1;
            }
        }
        out.extend_from_slice(word.as_bytes());
        column += word.len();
    }
}

/// Appends `name <address>`; a name is a quoted string or encoded-words, the address stays as it is.
pub(crate) fn append_mailbox(out: &mut Vec<u8>, column: usize, name: &str, address: &Address) {
    let name = clean(name);
    let start = out.len();
    if !name.is_empty() {
        let quotable = name.len() <= LINE - 12 && name.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if quotable && !name.contains("=?") {
            out.push(b'"');
            for b in name.bytes() {
                if matches!(b, b'"' | b'\\') {
                    out.push(b'\\');
                }
                out.push(b);
            }
            out.push(b'"');
        } else {
            append_words(out, column, &name);
        }
        let fits = column + (out.len() - start) + address.as_given().len() + 3 <= LINE;
        out.extend_from_slice(if fits { b" " } else { b"\r\n " });
    }
    out.push(b'<');
    out.extend_from_slice(address.envelope().as_bytes());
    out.push(b'>');
}

fn append_words(out: &mut Vec<u8>, column: usize, text: &str) {
    // The first word shares its line with the field's name.
    let mut room = LINE.saturating_sub(column + 12) / 4 * 3;
    room = room.clamp(6, WORD);
    let mut rest = text;
    let mut first = true;
    while !rest.is_empty() {
        let mut end = rest.len().min(room);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (word, behind) = rest.split_at(end);
        out.extend_from_slice(if first { b"=?utf-8?B?" } else { b"\r\n =?utf-8?B?" });
        out.extend_from_slice(STANDARD.encode(word).as_bytes());
        out.extend_from_slice(b"?=");
        rest = behind;
        room = WORD;
        first = false;
    }
}

/// A date as in RFC 5322 §3.3, in UTC.
pub(crate) fn date(now_ms: i64) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let now = jiff::tz::Offset::UTC.to_datetime(timestamp);
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        [usize::try_from(now.weekday().to_monday_zero_offset()).unwrap_or(0) % 7];
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [usize::try_from(now.month() - 1).unwrap_or(0) % 12];
    format!(
        "{day}, {} {month} {:04} {:02}:{:02}:{:02} +0000",
        now.day(),
        now.year(),
        now.hour(),
        now.minute(),
        now.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subject(text: &str) -> String {
        let mut out = b"Subject: ".to_vec();
        append_text(&mut out, 9, text);
        String::from_utf8(out).unwrap()
    }

    fn to(name: &str, address: &str) -> String {
        let mut out = b"To: ".to_vec();
        append_mailbox(&mut out, 4, name, &Address::parse(address).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_text_stays_readable() {
        assert_eq!(subject("Your new password"), "Subject: Your new password");
        assert_eq!(
            to("Ada \"the\" Lovelace", "ada@example.org"),
            "To: \"Ada \\\"the\\\" Lovelace\" <ada@example.org>"
        );
        assert_eq!(to("", "ada@example.org"), "To: <ada@example.org>");
    }

    #[test]
    fn a_name_with_accents_is_encoded_and_the_address_never_is() {
        assert_eq!(
            to("Zoë", "Zoe.X@bücher.example"),
            "To: =?utf-8?B?Wm/Dqw==?= <Zoe.X@xn--bcher-kva.example>"
        );
    }

    #[test]
    fn a_line_end_in_a_name_cannot_begin_a_header() {
        let line = to("Eve\r\nBcc: all@example.org\u{2028}\u{0}", "eve@example.org");
        assert_eq!(line, "To: \"Eve  Bcc: all@example.org\" <eve@example.org>");
    }

    #[test]
    fn a_date_is_written_as_mail_wants_it() {
        assert_eq!(date(1_795_251_600_000), "Sat, 21 Nov 2026 09:00:00 +0000");
        assert_eq!(date(0), "Thu, 1 Jan 1970 00:00:00 +0000");
    }

    proptest! {
        #[test]
        fn any_subject_comes_back_and_stays_one_field(text in "\\PC{0,300}") {
            let source = format!("{}\r\n\r\n", subject(&text));
            for line in source.split("\r\n") {
                prop_assert!(line.len() <= 78, "{line}");
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let parsed = mail_parser::MessageParser::default().parse(source.as_bytes()).unwrap();
            prop_assert_eq!(parsed.headers().len(), 1);
            prop_assert_eq!(parsed.subject().unwrap_or_default(), clean(&text));
        }

        #[test]
        fn any_name_comes_back_beside_its_address(name in "(?s).{0,120}") {
            let source = format!("{}\r\n\r\n", to(&name, "ada@example.org"));
            let parsed = mail_parser::MessageParser::default().parse(source.as_bytes()).unwrap();
            prop_assert_eq!(parsed.headers().len(), 1);
            let mailbox = parsed.to().and_then(|to| to.first()).unwrap();
            prop_assert_eq!(mailbox.address(), Some("ada@example.org"));
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(words(mailbox.name().unwrap_or_default()), words(&clean(&name)));
        }
    }
}
