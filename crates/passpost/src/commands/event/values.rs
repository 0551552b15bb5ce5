//! A stream of JSON as single values: one, several one after the other (JSON Lines), or the elements of one list. Never
//! more than one of them is held; what they mean is read elsewhere.

use std::io::BufRead;

/// The largest value, in octets.
pub(super) const LARGEST: usize = 1 << 20;

/// One value, not read yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The line it begins in, from 1.
    pub(super) line: u64,
    /// Its octets.
    pub(super) octets: Vec<u8>,
}

/// What is wrong between the values; nothing after it can be read.
#[derive(Debug)]
pub(super) struct Broken {
    /// The line, from 1.
    pub(super) line: u64,
    /// What is wrong.
    pub(super) what: String,
}

/// Where the stream stands between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing was read yet.
    Begin,
    /// One value after the other.
    Loose,
    /// In a list, before its first element.
    Opened,
    /// In a list, after an element.
    After,
    /// In a list, after a comma.
    Comma,
    /// After the list.
    Closed,
}

/// Reads value after value.
pub(super) struct Values<R> {
    source: R,
    line: u64,
    place: Place,
}

impl<R: BufRead> Values<R> {
    pub(super) const fn of(source: R) -> Self {
        Self { source, line: 1, place: Place::Begin }
    }

    /// The next value; `None`: there is none any more.
    pub(super) fn read(&mut self) -> Result<Option<Value>, Broken> {
        loop {
            let Some(octet) = self.peek()? else { return self.ended() };
            match (octet, self.place) {
                (b'\n', _) => {
                    self.line += 1;
                    self.source.consume(1);
                }
                (b' ' | b'\t' | b'\r', _) => self.source.consume(1),
                // The mark some programs of Windows begin a file with.
                (0xEF | 0xBB | 0xBF, Place::Begin) => self.source.consume(1),
                (b'[', Place::Begin) => self.go(Place::Opened),
                (b']', Place::Opened | Place::After) => self.go(Place::Closed),
                (b',', Place::After) => self.go(Place::Comma),
                (_, Place::After) => {
                    return self.broken("a comma is missing before the next event of the list");
                }
                (_, Place::Closed) => return self.broken("something stands after the end of the list"),
                (b',' | b']', _) => {
                    return self.broken(&format!("expected an event, not “{}”", char::from(octet)));
                }
                (_, place) => {
                    self.place = if matches!(place, Place::Begin | Place::Loose) {
                        Place::Loose
                    } else {
                        Place::After
                    };
                    return self.value().map(Some);
                }
            }
        }
    }

    fn go(&mut self, place: Place) {
        self.place = place;
        self.source.consume(1);
    }

    fn ended(&self) -> Result<Option<Value>, Broken> {
        match self.place {
            Place::Begin | Place::Loose | Place::Closed => Ok(None),
            Place::Opened | Place::After | Place::Comma => {
                self.broken("the list does not end: “]” is missing")
            }
        }
    }

    fn broken<T>(&self, what: &str) -> Result<T, Broken> {
        Err(Broken { line: self.line, what: what.to_owned() })
    }

    fn peek(&mut self) -> Result<Option<u8>, Broken> {
        let line = self.line;
        let buffer = self.source.fill_buf();
        let buffer = buffer.map_err(|error| Broken { line, what: format!("it cannot be read: {error}") })?;
        Ok(buffer.first().copied())
    }

    /// From its first octet to its last: an object or a list to its end, anything else to the next space or comma.
    fn value(&mut self) -> Result<Value, Broken> {
        let mut value = Value { line: self.line, octets: Vec::new() };
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        while let Some(octet) = self.peek()? {
            let ends_before =
                depth == 0 && !in_text && matches!(octet, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
            if ends_before && !value.octets.is_empty() {
                return Ok(value);
            }
            self.source.consume(1);
            value.octets.push(octet);
            if value.octets.len() > LARGEST {
                let what = format!("the event that begins here is larger than {} KiB", LARGEST / 1_024);
                return Err(Broken { line: value.line, what });
            }
            if octet == b'\n' {
                self.line += 1;
            }
            match octet {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(value);
                    }
                }
                _ => {}
            }
        }
        if depth > 0 || in_text {
            return Err(Broken { line: value.line, what: "the event that begins here does not end".into() });
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(u64, String)>, Broken> {
        let mut values = Values::of(text.as_bytes());
        let mut found = Vec::new();
        while let Some(one) = values.read()? {
            found.push((one.line, String::from_utf8(one.octets).unwrap()));
        }
        Ok(found)
    }

    #[test]
    fn one_value_lines_and_a_list_give_their_values_with_their_lines() {
        let one = "{\n \"a\": {\"b\": \"}]\\\"\"}\n}";
        assert_eq!(all(one).unwrap(), [(1, one.to_owned())]);
        assert_eq!(all("\u{feff}{}\n\n{\"a\":1}\n").unwrap(), [(1, "{}".into()), (3, "{\"a\":1}".into())]);
        assert_eq!(all("[\n{},\n{\"a\":[1]}\n]\n").unwrap(), [(2, "{}".into()), (3, "{\"a\":[1]}".into())]);
        assert_eq!(all("[]").unwrap(), []);
        assert_eq!(all(" \n").unwrap(), []);
        assert_eq!(
            all("12 x").unwrap(),
            [(1, "12".into()), (1, "x".into())],
            "what they mean is read elsewhere"
        );
    }

    #[test]
    fn what_is_broken_between_values_is_told_with_its_line() {
        for (text, line, what) in [
            ("[{}\n{}]", 2, "comma"),
            ("[{},\n]", 2, "expected an event"),
            ("[{}", 1, "does not end"),
            ("[{}] {}", 1, "after the end"),
            ("{}\n{\"a\": \"b}\n{}\n", 2, "does not end"),
            (",", 1, "expected an event"),
        ] {
            let broken = all(text).unwrap_err();
            assert_eq!(broken.line, line, "{text}");
            assert!(broken.what.contains(what), "{text}: {}", broken.what);
        }
        let large = format!("{{\"a\": \"{}\"}}", "x".repeat(LARGEST));
        assert!(all(&large).unwrap_err().what.contains("larger than"));
    }
}
