//! The wire form of a message's content: checked for line ends, dots doubled (RFC 5321 §4.5.2).

use crate::answer::Unsendable;

/// What one look at the content found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// A line begins with a dot.
    dots: bool,
    /// It ends with CR LF; an empty content counts as ended.
    ended: bool,
    /// It has octets above 127.
    pub(crate) eight_bit: bool,
}

/// Looks at the whole content once.
///
/// # Errors
/// A bare CR, a bare LF or a NUL: relays disagree about where such a message ends (CVE-2023-51764 and others).
pub(crate) fn scan(content: &[u8]) -> Result<Scan, Unsendable> {
    let (mut unpaired, mut nul, mut dots, mut high) = (0u8, 0u8, 0u8, 0u8);
    // Only or-ing keeps the whole loop in vector registers.
    for (here, next) in content.iter().zip(content.get(1..).unwrap_or_default()) {
        unpaired |= u8::from(*here == b'\r') ^ u8::from(*next == b'\n');
        nul |= u8::from(*here == 0);
        dots |= u8::from(*here == b'\n') & u8::from(*next == b'.');
        high |= *here;
    }
    let (first, last) = (content.first().copied(), content.last().copied());
    if unpaired | nul != 0 || first == Some(b'\n') || matches!(last, Some(b'\r' | 0)) {
        return Err(first_problem(content));
    }
    Ok(Scan {
        dots: dots != 0 || first == Some(b'.'),
        ended: content.is_empty() || content.ends_with(b"\r\n"),
        eight_bit: !(high | last.unwrap_or(0)).is_ascii(),
    })
}

/// Finds the place of the problem that was seen.
fn first_problem(content: &[u8]) -> Unsendable {
    let mut before = 0;
    for (position, octet) in content.iter().enumerate() {
        let after = content.get(position + 1);
        match octet {
            0 => return Unsendable::Nul { position },
            b'\r' if after != Some(&b'\n') => return Unsendable::BareLineEnd { position },
            b'\n' if before != b'\r' => return Unsendable::BareLineEnd { position },
            _ => before = *octet,
        }
    }
    Unsendable::BareLineEnd { position: content.len() }
}

impl Scan {
    /// Octets of the message as counted by SIZE and BDAT: with the last CR LF, without doubled dots.
    pub(crate) fn size(self, content: &[u8]) -> usize {
        content.len() + if self.ended { 0 } else { 2 }
    }

    /// Appends the content for DATA, ready for the final dot's line.
    pub(crate) fn append_stuffed(self, content: &[u8], out: &mut Vec<u8>) {
        if self.dots {
            for line in content.split_inclusive(|b| *b == b'\n') {
                if line.first() == Some(&b'.') {
                    out.push(b'.');
                }
                out.extend_from_slice(line);
            }
        } else {
            out.extend_from_slice(content);
        }
        self.end_line(out);
    }

    /// Appends the content for BDAT, where nothing is doubled (RFC 3030 §2).
    pub(crate) fn append_plain(self, content: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(content);
        self.end_line(out);
    }

    fn end_line(self, out: &mut Vec<u8>) {
        if !self.ended {
            out.extend_from_slice(b"\r\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuffed(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        scan(content).unwrap().append_stuffed(content, &mut out);
        out
    }

    #[test]
    fn a_dot_at_the_start_of_a_line_is_doubled() {
        assert_eq!(stuffed(b".\r\n"), b"..\r\n");
        assert_eq!(stuffed(b"a\r\n.b\r\n\r\n..c\r\n.d.\r\n"), b"a\r\n..b\r\n\r\n...c\r\n..d.\r\n");
        assert_eq!(stuffed(b"a.\r\nb.c"), b"a.\r\nb.c\r\n");
    }

    #[test]
    fn a_dot_is_seen_at_every_place_of_the_scanned_pieces() {
        for length in 0..300 {
            let mut content = vec![b'x'; length];
            content.extend_from_slice(b"\r\n.end\r\n");
            let mut expected = vec![b'x'; length];
            expected.extend_from_slice(b"\r\n..end\r\n");
            assert_eq!(stuffed(&content), expected, "after {length} octets");
        }
    }

    #[test]
    fn a_bare_line_end_is_found_at_every_place() {
        for length in 0..300 {
            for bad in [&b"\n"[..], b"\r", b"\n.\r\n", b"\r\r\n", b"\n\r"] {
                let mut content = vec![b'x'; length];
                content.extend_from_slice(bad);
                content.extend_from_slice(b"y\r\n");
                let problem = scan(&content).unwrap_err();
                assert!(
                    matches!(problem, Unsendable::BareLineEnd { position } if position <= length + 2),
                    "{problem}"
                );
            }
        }
        assert_eq!(scan(b"ab\0c\r\n"), Err(Unsendable::Nul { position: 2 }));
        assert_eq!(scan(b"ab\r"), Err(Unsendable::BareLineEnd { position: 2 }));
    }

    /// What a relay does to DATA content: take lines until the lone dot, drop one leading dot.
    fn unstuffed(wire: &[u8]) -> Vec<u8> {
        let lines = wire.split_inclusive(|b| *b == b'\n');
        lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect()
    }

    proptest! {
        #[test]
        fn stuffing_is_undone_by_the_relay(pieces in proptest::collection::vec("(\\.|\r\n|[a-zé]{0,9})", 0..80)) {
            let content = pieces.concat().into_bytes();
            let wire = stuffed(&content);
            let mut expected = content.clone();
            if !(content.is_empty() || content.ends_with(b"\r\n")) { expected.extend_from_slice(b"\r\n"); }
            prop_assert!(!wire.starts_with(b".\r\n") && !wire.windows(5).any(|w| w == b"\r\n.\r\n"));
            prop_assert_eq!(unstuffed(&wire), expected);
        }

        #[test]
        fn only_crlf_is_ever_let_through(content in "[\r\n\\.ab\0]{0,200}") {
            let bare = content.replace("\r\n", "").contains(['\r', '\n', '\0']);
            prop_assert_eq!(scan(content.as_bytes()).is_err(), bare);
        }
    }
}
