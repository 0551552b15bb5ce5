//! Header fields as they stand: names with unfolded values, for headers and for the blocks of RFC 3464.

/// The most fields of a block that are looked at.
const MOST_FIELDS: usize = 500;

/// One block of fields: what stands between two empty lines.
#[derive(Debug, Default)]
pub(super) struct Block {
    fields: Vec<(String, String)>,
}

impl Block {
    /// The first field of this name, in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every field of this name, in lower case.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn push(&mut self, line: &str) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if self.fields.len() < MOST_FIELDS
            && let Some((name, value)) = line.split_once(':')
        {
            self.fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
}

/// The fields before the first empty line.
pub(super) fn header(text: &[u8]) -> Block {
    let mut block = Block::default();
    for line in lines(text) {
        if line.trim_ascii().is_empty() {
            break;
        }
        block.push(&String::from_utf8_lossy(line));
    }
    block
}

/// Every block of fields, at most this many.
pub(super) fn blocks(text: &[u8], most: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut block = Block::default();
    for line in lines(text) {
        if !line.trim_ascii().is_empty() {
            block.push(&String::from_utf8_lossy(line));
        } else if !block.fields.is_empty() {
            blocks.push(std::mem::take(&mut block));
            if blocks.len() >= most {
                return blocks;
            }
        }
    }
    if !block.fields.is_empty() {
        blocks.push(block);
    }
    blocks
}

/// Lines without their ends.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// What looks like an address in the value of a field.
pub(super) fn addresses(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c.is_whitespace() || "<>,;:\"()[]".contains(c)).filter(|word| word.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_blocks_kept_apart() {
        let text = b"Reporting-MTA: dns; a\r\n\r\n\r\nAction:\tfailed\r\nDiagnostic-Code: smtp;\r\n  550 no\r\n such user\r\n";
        let found = blocks(text, 9);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].get("action"), Some("failed"));
        assert_eq!(found[1].get("diagnostic-code"), Some("smtp; 550 no such user"));
        assert_eq!(blocks(text, 1).len(), 1);
    }

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        let block = header(b"To: a@b\nTo: <c@d>, \"x\" <e@f>\n\nTo: g@h\n");
        let found: Vec<&str> = block.all("to").flat_map(addresses).collect();
        assert_eq!(found, ["a@b", "c@d", "e@f"]);
    }
}
