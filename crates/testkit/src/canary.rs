//! The canary scan: whether a secret is anywhere among the bytes that were written, in whatever shape.

use std::collections::HashMap;
use std::path::Path;
use store::{Store, StoreError};

/// The ways a secret could be written down.
#[must_use]
pub fn shapes(secret: &str) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> Vec<u8> {
        secret
            .bytes()
            .flat_map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }.into_bytes())
            .collect()
    };
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let reversed: Vec<u8> = secret.bytes().rev().collect();
    // Debug prints a byte string as numbers.
    let numbers = secret.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ").into_bytes();
    let mut all = vec![secret.as_bytes().to_vec(), hex(false), hex(true), utf16, reversed, numbers];
    // Base64 at each of the three places it may begin within other text, without the symbols at the edges.
    for shift in 0..3 {
        let text = [vec![b'x'; shift], secret.as_bytes().to_vec()].concat();
        let coded = base64(&text);
        all.push(coded[shift + 2..coded.len() - 4].to_vec());
    }
    all
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for part in bytes.chunks(3) {
        let bits =
            part.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for place in 0..4 {
            out.push(if place > part.len() {
                b'='
            } else {
                SYMBOLS[(bits >> (18 - 6 * place)) as usize & 63]
            });
        }
    }
    out
}

/// How many octets tell shapes apart at first sight; every shape is longer.
const HEAD: usize = 8;

/// Many secrets in all their shapes, looked for in one pass.
#[derive(Debug)]
pub struct Canaries {
    by_head: HashMap<[u8; HEAD], Vec<Vec<u8>>>,
    /// Whether a shape begins with three octets of this sum: keeps most places away from the map.
    begins: Vec<bool>,
}

fn sum(octets: &[u8]) -> usize {
    usize::from(octets[0]) << 16 | usize::from(octets[1]) << 8 | usize::from(octets[2])
}

impl Canaries {
    /// Prepares the search for these secrets.
    #[must_use]
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a String>) -> Self {
        let mut all = Self { by_head: HashMap::new(), begins: vec![false; 1 << 24] };
        for shape in secrets.into_iter().flat_map(|secret| shapes(secret)) {
            all.begins[sum(&shape)] = true;
            let head = shape[..HEAD].try_into().expect("shapes are longer");
            all.by_head.entry(head).or_default().push(shape);
        }
        all
    }

    /// The first shape of a secret in these bytes.
    #[must_use]
    pub fn find(&self, hay: &[u8]) -> Option<&[u8]> {
        hay.windows(HEAD).enumerate().find_map(|(at, head)| {
            if !self.begins[sum(head)] {
                return None;
            }
            let shapes = self.by_head.get(head)?;
            shapes.iter().find(|shape| hay[at..].starts_with(shape)).map(Vec::as_slice)
        })
    }
}

/// Every byte of every file below a folder, but for the server keys: they are secrets by trade.
#[must_use]
pub fn read_folder(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(read_folder(&path));
        } else if path.file_name().is_some_and(|name| name != "keys") {
            all.extend(std::fs::read(path).expect("a file of ours"));
        }
    }
    all
}

/// Every column of every row of every table of a PostgreSQL schema, as text.
///
/// # Panics
/// When it cannot be read, or hardly anything is there.
pub async fn dump(store: &Store) -> Vec<u8> {
    let rows = store
        .read(|tx| {
            Box::pin(async move {
                let tables = tx
                    .query(
                        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()",
                        &[],
                    )
                    .await?;
                let mut rows = Vec::new();
                for mut table in tables {
                    let name: String = table.take(0)?;
                    for mut row in tx.query(&format!("SELECT CAST(t AS TEXT) FROM \"{name}\" t"), &[]).await? {
                        rows.push(row.take::<String>(0)?);
                    }
                }
                Ok::<_, StoreError>(rows)
            })
        })
        .await
        .expect("the tables are read");
    assert!(rows.len() > 50, "the dump is empty");
    rows.concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_finds_every_shape_at_every_place() {
        let secret = "abcdefghijkmnpqrstuv".to_owned();
        let canaries = Canaries::of([&"ZZZZZZZZZZZZZZZZZZZZ".to_owned(), &secret]);
        let texts = [
            format!("x {secret} y").into_bytes(),
            secret.clone().into_bytes(),
            base64(format!("{{\"password\":\"{secret}\"}}").as_bytes()),
            base64(format!("{{\"password\": \"{secret}\"}}").as_bytes()),
            base64(format!("{{\"passwords\": \"{secret}\"}}").as_bytes()),
            format!("{:?}", secret.as_bytes()).into_bytes(),
            secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            secret.chars().rev().collect::<String>().into_bytes(),
        ];
        for text in texts {
            assert!(canaries.find(&text).is_some(), "{}", String::from_utf8_lossy(&text));
        }
        assert_eq!(canaries.find(b"abcdefghijkmnpqrstuw and nothing else"), None);
        assert_eq!(canaries.find(b""), None);
    }
}
