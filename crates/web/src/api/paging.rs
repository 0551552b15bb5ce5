//! Pages of long lists: `limit`, and a `cursor` that only this server can have written.

use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::query::Pairs;
use crate::state::State;
use auth::keys::{Keys, Purpose};
use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;
use std::str::FromStr;

/// The most entries on a page.
pub(crate) const MOST: i64 = 200;
/// How many when nobody says.
pub(crate) const USUAL: i64 = 50;
const TAG: usize = 16;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub(crate) struct Page<T> {
    /// The entries.
    pub(crate) items: Vec<T>,
    /// Where the next page begins, for the parameter `cursor`; null: this is the last.
    pub(crate) next_cursor: Option<String>,
}

/// What stands behind the question mark of an address; which names may, is checked before.
#[derive(Debug)]
pub(crate) struct Asked {
    pairs: Pairs,
    path: String,
}

impl FromRequestParts<State> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
        // What an id in the path names decides the list as well.
        let path = format!("{path} {}", parts.uri.path());
        Ok(Self { pairs: Pairs::parse(parts.uri.query().unwrap_or_default())?, path })
    }
}

impl Asked {
    /// The value of a parameter; `None`: it is missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        Some(self.pairs.text(name)).filter(|text| !text.is_empty())
    }

    /// A parameter with a form of its own.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str, right: &str) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| text.parse().map_err(|_| Problem::parameter(name, right))).transpose()
    }

    /// `true` or `false`; missing is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.parsed(name, "expected true or false")?.unwrap_or(false))
    }

    /// How many entries a page shall have.
    pub(crate) fn limit(&self) -> Result<i64, Problem> {
        let right = "expected a whole number from 1 to 200";
        let limit = self.parsed("limit", right)?.unwrap_or(USUAL);
        if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Problem::parameter("limit", right)) }
    }

    /// Where the page begins: the position a cursor holds. `None`: at the beginning.
    pub(crate) fn position<const N: usize>(&self, caller: &Caller) -> Result<Option<[u8; N]>, Problem> {
        let Some(cursor) = self.text("cursor") else { return Ok(None) };
        let wrong =
            || Problem::parameter("cursor", "expected a next_cursor of this list, with the same parameters");
        let bytes = decode(cursor).filter(|bytes| bytes.len() == N + TAG).ok_or_else(wrong)?;
        let (position, tag) = bytes.split_at(N);
        let keys = caller.state.auth.keys();
        let fits = keys.all(Purpose::Cursor).any(|key| same(&self.tag(&key, position), tag));
        let position = position.try_into().map_err(|_| wrong())?;
        if fits { Ok(Some(position)) } else { Err(wrong()) }
    }

    /// A page that ends before a position.
    pub(crate) fn page<T, const N: usize>(
        &self,
        caller: &Caller,
        items: Vec<T>,
        next: Option<[u8; N]>,
    ) -> Page<T> {
        let next_cursor = next.map(|position| self.cursor(caller.state.auth.keys(), &position));
        Page { items, next_cursor }
    }

    fn cursor(&self, keys: &Keys, position: &[u8]) -> String {
        let tag = self.tag(&keys.current(Purpose::Cursor), position);
        encode(&[position, tag.get(..TAG).unwrap_or_default()].concat())
    }

    /// Binds a position to the list and to everything that decides what is in it.
    fn tag(&self, key: &auth::keys::PurposeKey, position: &[u8]) -> [u8; 32] {
        let mut named: Vec<(&str, &str)> =
            self.pairs.all().filter(|(name, _)| !["cursor", "limit"].contains(name)).collect();
        named.sort_unstable();
        let mut parts: Vec<&[u8]> = vec![self.path.as_bytes(), position];
        for (name, value) in &named {
            parts.extend([name.as_bytes(), value.as_bytes()]);
        }
        key.tag(&parts)
    }
}

fn same(one: &[u8; 32], tag: &[u8]) -> bool {
    tag.len() == TAG && one.iter().zip(tag).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn encode(bytes: &[u8]) -> String {
    let digit = |half: u8| DIGITS.get(usize::from(half)).map_or('0', |byte| char::from(*byte));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let place =
        |byte: u8| DIGITS.iter().position(|digit| *digit == byte).and_then(|at| u8::try_from(at).ok());
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks(2).map(|pair| Some(place(*pair.first()?)? << 4 | place(*pair.get(1)?)?)).collect()
}
