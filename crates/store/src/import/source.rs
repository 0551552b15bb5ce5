//! The bytes of a file as records: delimiter, byte order mark, physical lines, and a limit on each record.

use super::{Fault, ImportError};
use csv::ByteRecord;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// The longest header, in bytes.
const MOST_HEADER: usize = 65_536;
/// The longest record, in bytes: an unclosed quote must not gather the whole file.
const MOST_RECORD: usize = 1_048_576;
/// Comes after the last byte of a file. A quote that was never closed swallows it, which tells.
const END: &[u8] = b"\0end of file\0";

/// What the reader below the CSV parser knows.
#[derive(Debug, Default)]
struct Flow {
    bytes: Cell<u64>,
    since_record: Cell<usize>,
    too_long: Cell<bool>,
}

/// The file, with [`END`] behind it.
#[derive(Debug)]
struct Input<R> {
    inner: R,
    /// What was read ahead and, in the end, what is added.
    pending: io::Cursor<Vec<u8>>,
    ended: bool,
    last: u8,
    flow: Rc<Flow>,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.flow.since_record.get() > MOST_RECORD {
            self.flow.too_long.set(true);
            return Err(io::Error::other("too long"));
        }
        let mut count = self.pending.read(out)?;
        if count == 0 && !self.ended {
            count = read_some(&mut self.inner, out)?;
            self.flow.bytes.set(self.flow.bytes.get() + count as u64);
            if count == 0 {
                self.ended = true;
                let mut tail = if self.last == b'\n' { Vec::new() } else { vec![b'\n'] };
                tail.extend_from_slice(END);
                tail.push(b'\n');
                self.pending = io::Cursor::new(tail);
                count = self.pending.read(out)?;
            }
        }
        if let Some(last) = count.checked_sub(1).and_then(|place| out.get(place)) {
            self.last = *last;
        }
        self.flow.since_record.set(self.flow.since_record.get() + count);
        Ok(count)
    }
}

fn read_some(inner: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match inner.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The records of a file, each with the physical line it begins on.
#[derive(Debug)]
pub(super) struct Records<R: Read> {
    reader: csv::Reader<Input<R>>,
    record: ByteRecord,
    flow: Rc<Flow>,
}

impl<R: Read> Records<R> {
    /// Reads as far as needed to tell how cells are separated.
    pub(super) fn open(mut inner: R) -> Result<Self, ImportError> {
        let head = head(&mut inner)?;
        let flow = Rc::new(Flow::default());
        flow.bytes.set(head.len() as u64);
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        refuse_other_formats(text)?;
        let delimiter = delimiter(text);
        let input = Input {
            inner,
            pending: io::Cursor::new(text.to_vec()),
            ended: false,
            last: b'\n',
            flow: Rc::clone(&flow),
        };
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            // Only LF, the CR before it is taken away here: so that lines are counted as they are.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(65_536)
            .from_reader(input);
        Ok(Self { reader, record: ByteRecord::new(), flow })
    }

    /// The next record that is not blank, and its line. `None`: the file is over.
    pub(super) fn next(&mut self) -> Result<Option<u64>, ImportError> {
        loop {
            let line = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(_) if self.flow.too_long.get() => return Err(ImportError::Record { line }),
                Err(error) => return Err(ImportError::Read { line, reason: error.to_string() }),
            }
            self.flow.since_record.set(0);
            // Blank lines before the record are counted with it, line breaks in its cells too.
            let after = self.reader.position().line();
            let inside = if after <= line + 1 { 0 } else { breaks(&self.record) };
            let line = after.saturating_sub(1 + inside);
            let last = self.record.iter().next_back().unwrap_or_default();
            if last == END {
                return Ok(None);
            }
            if last.ends_with(b"\0\n") && last.windows(END.len()).any(|part| part == END) {
                return Err(ImportError::Quote { line: after.saturating_sub(breaks(&self.record)) });
            }
            if !(0..self.len()).all(|place| self.cell(place).trim_ascii().is_empty()) {
                return Ok(Some(line));
            }
        }
    }

    /// How many cells the record has.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// A cell, without the CR of the line's end.
    pub(super) fn cell(&self, place: usize) -> &[u8] {
        let cell = self.record.get(place).unwrap_or_default();
        if place + 1 == self.record.len() { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell }
    }

    /// How many bytes of the file have been read.
    pub(super) fn bytes(&self) -> u64 {
        self.flow.bytes.get()
    }
}

fn breaks(record: &ByteRecord) -> u64 {
    record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Reads until the first line that is not blank is complete.
fn head(inner: &mut impl Read) -> Result<Vec<u8>, ImportError> {
    let mut head = Vec::with_capacity(8_192);
    let mut part = [0_u8; 8_192];
    while first_line(&head).is_none() {
        if head.len() > MOST_HEADER {
            return Err(ImportError::header(1, None, Fault::LongHeader));
        }
        let count = read_some(inner, &mut part)
            .map_err(|error| ImportError::Read { line: 1, reason: error.to_string() })?;
        if count == 0 {
            break;
        }
        head.extend_from_slice(part.get(..count).unwrap_or_default());
    }
    Ok(head)
}

/// The first line that is not blank, if it is complete; a line break inside quotes does not end it.
fn first_line(head: &[u8]) -> Option<&[u8]> {
    let mut quoted = false;
    let mut start = 0;
    for (place, byte) in head.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                let line = head.get(start..place)?;
                if !line.trim_ascii().is_empty() {
                    return Some(line);
                }
                start = place + 1;
            }
            _ => {}
        }
    }
    None
}

fn refuse_other_formats(head: &[u8]) -> Result<(), ImportError> {
    let fault = if head.trim_ascii().is_empty() {
        Fault::NoHeader
    } else if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        Fault::Utf16
    } else if head.starts_with(b"PK\x03\x04") {
        Fault::Spreadsheet
    } else {
        return Ok(());
    };
    Err(ImportError::header(1, None, fault))
}

/// The separator the header uses most, outside quotes; comma when there is none.
fn delimiter(head: &[u8]) -> u8 {
    let line = first_line(head).unwrap_or(head);
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some(found) = counts.iter_mut().find(|(delimiter, _)| !quoted && delimiter == byte) {
            found.1 += 1;
        }
    }
    // The first of equals wins, therefore backwards.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::open(io::Cursor::new(text.as_bytes().to_vec())).unwrap();
        let mut found = Vec::new();
        while let Some(line) = records.next().unwrap() {
            let cells =
                (0..records.len()).map(|n| String::from_utf8_lossy(records.cell(n)).into_owned()).collect();
            found.push((line, cells));
        }
        found
    }

    #[test]
    fn lines_are_physical_with_either_line_end_blank_lines_and_breaks_in_cells() {
        for end in ["\n", "\r\n"] {
            let text = ["\u{feff}a,b", "", "1,\"x", "y\"", "", "", "2,z", "3,\"q\""].join(end);
            for text in [text.clone(), format!("{text}{end}")] {
                let found = lines(&text);
                assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 7, 8], "{text:?}");
                assert_eq!(found[1].1, ["1".to_owned(), format!("x{end}y")]);
                assert_eq!(found[3].1, ["3", "q"]);
            }
        }
    }

    #[test]
    fn the_delimiter_is_told_from_the_header() {
        assert_eq!(lines("\"a,1\";b\nx;y")[1].1, ["x", "y"]);
        assert_eq!(lines("a\tb\nx\ty,z")[1].1, ["x", "y,z"]);
        assert_eq!(lines("a\nx")[1].1, ["x"]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_an_error_with_its_line() {
        let mut records = Records::open(io::Cursor::new(b"a,b\n1,2\n3,\"4\n5,6\n".to_vec())).unwrap();
        assert_eq!((records.next().unwrap(), records.next().unwrap()), (Some(1), Some(2)));
        assert!(matches!(records.next(), Err(ImportError::Quote { line: 3 })));
        let long = io::Cursor::new(b"a,b\n3,\"4".to_vec()).chain(io::repeat(b'x'));
        let mut records = Records::open(long).unwrap();
        assert_eq!(records.next().unwrap(), Some(1));
        assert!(matches!(records.next(), Err(ImportError::Record { line: 2 })));
    }

    #[test]
    fn what_is_no_csv_is_told() {
        for bytes in [&b""[..], b"\xef\xbb\xbf", b"\xff\xfea\0", b"PK\x03\x04xx"] {
            assert!(Records::open(bytes).is_err());
        }
    }
}
