//! Names and values in the URL-encoded form, read strictly: UTF-8, each name once.

use crate::failure::Failure;
use crate::refused::Meddled;
use domain::secret::Secret;

/// Values of a query or a form. They stay secret until a handler says what they are.
#[derive(Debug, Default)]
pub(crate) struct Pairs(Vec<(String, Secret)>);

impl Pairs {
    /// Names and values that are decoded already; a second value of one name is an error.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut pairs: Vec<(String, Secret)> = Vec::new();
        for (name, value) in fields {
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(TWICE);
            }
            pairs.push((name, Secret::new(value)));
        }
        Ok(Self(pairs))
    }

    /// Reads `a=1&b=2`. Which of two values of one name counts differs from program to program, so a
    /// second one is an error (3-safety 9).
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut pairs: Vec<(String, Secret)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or(NOT_ENCODED)?;
            let value = decode(value).ok_or(NOT_ENCODED)?;
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(TWICE);
            }
            pairs.push((name, Secret::new(value)));
        }
        Ok(Self(pairs))
    }

    /// Refuses fields nobody asked for, so that a misspelt or smuggled one is not silently ignored. A known name
    /// that ends in `*` stands for all that begin so: rows of a table, boxes of a list.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Failure> {
        let is_known = |name: &str| {
            known.iter().any(|known| match known.strip_suffix('*') {
                Some(begin) => name.starts_with(begin),
                None => *known == name,
            })
        };
        let unknown = || self.0.iter().map(|(name, _)| name).filter(|name| !is_known(name));
        match unknown().find_map(|name| Meddled::of(name)) {
            Some(meddled) => Err(Failure::Meddled(meddled)),
            None if unknown().next().is_some() => {
                Err(Failure::BadRequest("A field was sent that this page does not know."))
            }
            None => Ok(self),
        }
    }

    /// All but the fields whose names are not wanted.
    pub(crate) fn without(self, is_unwanted: impl Fn(&str) -> bool) -> Self {
        Self(self.0.into_iter().filter(|(name, _)| !is_unwanted(name)).collect())
    }

    /// Names and values in the order sent.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose()))
    }

    /// What follows a beginning in the names of fields that were sent: the ticked rows of a table.
    pub(crate) fn ticked<'a>(&'a self, begin: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(move |(name, _)| name.strip_prefix(begin))
    }

    /// A value that must not be seen; empty when the field is missing.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map_or_else(|| Secret::new(String::new()), |(_, value)| value.clone())
    }

    /// A value as text; empty when the field is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.expose())
    }
}

const TWICE: Failure = Failure::BadRequest("A field was sent twice; each may be sent once.");
const NOT_ENCODED: Failure = Failure::BadRequest("A field is not URL-encoded UTF-8.");

/// `None`: a `%` without two hexadecimal digits, or bytes that are not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(digits[0])? * 16 + digit(digits[1])?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Encodes a value for a query.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_spaces_kept() {
        let pairs = Pairs::parse("a=1+2%20%C3%A9&b=&c").unwrap();
        assert_eq!((pairs.text("a"), pairs.text("b"), pairs.text("d")), ("1 2 é", "", ""));
        assert_eq!(decode(&encode("é &=+%")).as_deref(), Some("é &=+%"));
    }

    #[test]
    fn a_second_value_an_unknown_name_and_broken_bytes_are_refused() {
        for bad in ["a=1&a=2", "a=1&%61=2", "a=%ff", "a=%4", "a=%zz"] {
            assert!(Pairs::parse(bad).is_err(), "{bad}");
        }
        assert!(Pairs::parse("email[]=x").unwrap().only(&["email"]).is_err());
    }

    #[test]
    fn rows_of_a_table_are_named_by_their_beginning() {
        let pairs = Pairs::parse("tick-a=1&tick-b=1&x=2").unwrap().only(&["tick-*", "x"]).unwrap();
        assert_eq!(pairs.ticked("tick-").collect::<Vec<_>>(), ["a", "b"]);
        assert!(Pairs::parse("other=1").unwrap().only(&["tick-*"]).is_err());
    }
}
