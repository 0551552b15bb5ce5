//! Quoted-printable (RFC 2045 §6.7), written so that prepared pieces and values can be joined.
//!
//! Besides the standard's rules it never leaves two blanks in a row, a tab, or a blank at a line's end. So
//! the text is its own canonical form for DKIM's relaxed body rules (RFC 6376 §3.4.4) and can be hashed as
//! it is, and no relay that tidies blanks can break the signature.

/// Characters of a line besides the `=` of a soft break (RFC 2045 §6.7 allows 76 in all).
const LINE: usize = 75;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A text encoded from the start of a line, with the column its end stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) bytes: Box<[u8]>,
    pub(crate) column: usize,
}

/// Encodes a literal piece once per run. Line ends are `\n` in and CR LF out; `ends_part`: nothing follows.
pub(crate) fn prepare(text: &str, ends_part: bool) -> Encoded {
    let mut bytes = Vec::with_capacity(text.len() + text.len() / 8);
    let mut column = 0;
    append(&mut bytes, &mut column, text, ends_part);
    Encoded { bytes: bytes.into_boxed_slice(), column }
}

/// Appends a value at a column; it stays on one line if it fits on one at all.
pub(crate) fn append_value(out: &mut Vec<u8>, column: &mut usize, text: &str) {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'=');
    let length = if plain { text.len() } else { text.bytes().map(width).sum() };
    if *column > 0 && length <= LINE && *column + length > LINE {
        soft_break(out, column);
    }
    if plain && *column + length <= LINE && !(*column == 0 && text.starts_with('.')) {
        out.extend_from_slice(text.as_bytes());
        *column += length;
    } else {
        append(out, column, text, true);
    }
}

/// Ends the line without ending the text's line.
pub(crate) fn soft_break(out: &mut Vec<u8>, column: &mut usize) {
    if *column > 0 {
        out.extend_from_slice(b"=\r\n");
        *column = 0;
    }
}

/// Encodes the blank a line would end in, when the value behind it is empty: relays and signatures take it away.
pub(crate) fn keep_blank(out: &mut Vec<u8>, column: &mut usize) {
    if out.last() != Some(&b' ') {
        return;
    }
    out.pop();
    *column = column.saturating_sub(1);
    if *column + 3 > LINE {
        soft_break(out, column);
    }
    out.extend_from_slice(b"=20");
    *column += 3;
}

fn width(byte: u8) -> usize {
    if (byte.is_ascii_graphic() && byte != b'=') || byte == b' ' { 1 } else { 3 }
}

fn append(out: &mut Vec<u8>, column: &mut usize, text: &str, blank_at_end: bool) {
    let bytes = text.as_bytes();
    for (place, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' {
            out.extend_from_slice(b"\r\n");
            *column = 0;
            continue;
        }
        let rest = bytes.get(place + 1..).unwrap_or_default();
        let ends_line = rest.first() == Some(&b'\n') || (rest.is_empty() && blank_at_end);
        let plain = match byte {
            b' ' => !ends_line && out.last() != Some(&b' '),
            b'=' => false,
            // A dot or a "From " at a line's start survives careless relays only encoded.
            b'.' => *column > 0,
            b'F' => *column > 0 || !rest.starts_with(b"rom "),
            other => other.is_ascii_graphic(),
        };
        let needed = if plain { 1 } else { 3 };
        if *column + needed > LINE {
            soft_break(out, column);
        }
        if plain && !(byte == b'.' && *column == 0) {
            out.push(byte);
            *column += 1;
        } else {
            out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            *column += 3;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        String::from_utf8(prepare(text, true).bytes.into_vec()).unwrap()
    }

    /// A decoder of its own, so that the encoder is not judged by its own tables.
    fn decoded(encoded: &[u8]) -> Vec<u8> {
        let text = String::from_utf8(encoded.to_vec()).unwrap().replace("=\r\n", "").replace("\r\n", "\n");
        let mut out = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('=') {
            out.extend_from_slice(before.as_bytes());
            out.push(u8::from_str_radix(&after[..2], 16).unwrap());
            rest = &after[2..];
        }
        out.extend_from_slice(rest.as_bytes());
        out
    }

    #[test]
    fn what_a_relay_could_change_is_encoded() {
        assert_eq!(encoded("a=b"), "a=3Db");
        assert_eq!(encoded("end \nnext"), "end=20\r\nnext");
        assert_eq!(encoded("a  b\tc"), "a =20b=09c");
        assert_eq!(encoded(".\n.x"), "=2E\r\n=2Ex");
        assert_eq!(encoded("From me\nFrom\n"), "=46rom me\r\nFrom\r\n");
        assert_eq!(encoded("é"), "=C3=A9");
    }

    #[test]
    fn a_value_that_fits_on_a_line_is_never_cut() {
        for start in 0..=LINE {
            let mut column = start;
            let mut out = Vec::new();
            append_value(&mut out, &mut column, "Abcdefghijklmnopqrst");
            assert!(String::from_utf8(out).unwrap().contains("Abcdefghijklmnopqrst"));
        }
    }

    proptest! {
        #[test]
        fn joined_pieces_decode_to_exactly_the_text(
            pieces in proptest::collection::vec(("[ -~\n\u{e9}\u{1f600}]{0,120}", "[ -~\t\u{fc}]{0,100}"), 0..6),
        ) {
            let mut out = Vec::new();
            let mut expected = String::new();
            for (literal, value) in &pieces {
                let mut piece = prepare(literal, false);
                out.extend_from_slice(&piece.bytes);
                append_value(&mut out, &mut piece.column, value);
                soft_break(&mut out, &mut piece.column);
                expected.push_str(literal);
                expected.push_str(value);
            }
            prop_assert_eq!(decoded(&out), expected.into_bytes());
            for line in out.split(|&b| b == b'\n') {
                prop_assert!(line.len() <= 77, "76 and the CR");
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                prop_assert!(!line.ends_with(b" ") && !line.windows(2).any(|two| two == b"  "));
            }
        }
    }
}
