//! Which names a file has used so far, and on which line: sixteen bytes or less for each.

use std::hash::{BuildHasher, RandomState};

/// Enough parts that each stays small: inserting moves only what is behind in its own part.
const PARTS: usize = 4096;

/// A name that can occur only once in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    /// An external id.
    ExternalId(&'a str),
    /// A user name, canonical.
    Username(&'a str),
    /// An address, canonical; looked up only by rows that have nothing better.
    Address(&'a str),
}

/// Hashes of the names with their lines, sorted within parts.
///
/// Two names with one hash would refuse a row that is right; at 64 bits, with a secret key, that
/// happens once in tens of millions of files with a million rows.
#[derive(Debug)]
pub(super) struct Seen {
    hasher: RandomState,
    parts: Vec<Vec<Mark>>,
}

/// The upper and lower half of the hash, and the line: halves, so that a mark has twelve bytes.
type Mark = (u32, u32, u32);

impl Seen {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), parts: vec![Vec::new(); PARTS] }
    }

    /// The hash a name is kept by.
    pub(super) fn hash(&self, key: Key<'_>) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The line a name was first used on.
    pub(super) fn line(&self, hash: u64) -> Option<u64> {
        let (part, upper, lower) = place(hash);
        let part = self.parts.get(part)?;
        let found = part.binary_search_by_key(&(upper, lower), |mark| (mark.0, mark.1)).ok()?;
        part.get(found).map(|mark| mark.2.into())
    }

    /// Remembers a name, unless it is there already.
    pub(super) fn insert(&mut self, hash: u64, line: u64) {
        let (part, upper, lower) = place(hash);
        let Some(part) = self.parts.get_mut(part) else { return };
        if let Err(free) = part.binary_search_by_key(&(upper, lower), |mark| (mark.0, mark.1)) {
            if part.len() == part.capacity() {
                // Doubling, as vectors do, would waste what this type is there to save.
                part.reserve_exact(part.len() / 8 + 16);
            }
            part.insert(free, (upper, lower, u32::try_from(line).unwrap_or(u32::MAX)));
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of a hash are what is wanted")]
const fn place(hash: u64) -> (usize, u32, u32) {
    ((hash >> 52) as usize % PARTS, (hash >> 32) as u32, hash as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_first_line_and_kind() {
        let mut seen = Seen::new();
        for n in 0..20_000_u64 {
            let hash = seen.hash(Key::Username(&n.to_string()));
            assert_eq!(seen.line(hash), None);
            seen.insert(hash, n + 2);
            seen.insert(hash, 1);
        }
        assert_eq!(seen.line(seen.hash(Key::Username("17"))), Some(19));
        assert_eq!(seen.line(seen.hash(Key::ExternalId("17"))), None);
    }
}
