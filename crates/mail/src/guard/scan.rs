//! Reads a template's own syntax: literal text, `{{ … }}`, `{% if %}` and comments, and nothing else.

use super::{Fault, MOST_PROBLEMS, Problem};
use crate::replacement::Replacement;
use crate::template::Part;
use std::ops::Range;

/// How deep conditions may stand in one another.
const MOST_DEPTH: usize = 16;
/// What may follow a `|`.
pub(crate) const FILTERS: [&str; 6] = ["upper", "lower", "capitalize", "title", "trim", "default"];

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// Literal text.
    Text(Range<usize>),
    /// `{{ name | filter }}`.
    Print { at: Range<usize>, replacement: Replacement, filtered: bool, depth: usize },
    /// `{% if … %}` and its kin.
    Statement { at: usize, conditions: Vec<Replacement> },
}

/// Reads a whole part; whatever is not on the list becomes a problem with its place.
pub(crate) fn scan(part: Part, source: &str, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut reader = Reader { part, source, at: 0, depth: 0, else_seen: Vec::new(), problems };
    let mut items = Vec::new();
    while let Some(start) = reader.next_opening() {
        if start > reader.at {
            items.push(Item::Text(reader.at..start));
        }
        reader.at = start;
        if let Some(item) = reader.opening() {
            items.push(item);
        }
    }
    if reader.at < source.len() {
        items.push(Item::Text(reader.at..source.len()));
    }
    if reader.depth > 0 {
        reader.refuse(source.len(), Fault::OpenIf);
    }
    items
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word<'a> {
    Name(&'a str),
    Literal,
    Sign(&'a str),
}

struct Reader<'a, 'p> {
    part: Part,
    source: &'a str,
    at: usize,
    depth: usize,
    else_seen: Vec<bool>,
    problems: &'p mut Vec<Problem>,
}

impl<'a> Reader<'a, '_> {
    fn refuse(&mut self, at: usize, fault: Fault) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::at(self.part, self.source, at, fault));
        }
    }

    fn next_opening(&self) -> Option<usize> {
        let rest = self.source.get(self.at..)?.as_bytes();
        let found = rest.windows(2).position(|two| two[0] == b'{' && matches!(two[1], b'{' | b'%' | b'#'))?;
        Some(self.at + found)
    }

    /// Reads what begins at an opening mark and moves behind its closing mark.
    fn opening(&mut self) -> Option<Item> {
        let start = self.at;
        let rest = self.source.get(start..).unwrap_or_default();
        if rest.starts_with("{#") {
            match rest.find("#}") {
                Some(end) => self.at = start + end + 2,
                None => {
                    self.refuse(start, Fault::OpenComment);
                    self.at = self.source.len();
                }
            }
            return None;
        }
        let close = if rest.starts_with("{{") { "}}" } else { "%}" };
        self.at = start + 2;
        if self.source.get(self.at..).is_some_and(|after| after.starts_with('-')) {
            self.at += 1;
        }
        let words = self.words(start, close)?;
        if close == "}}" { self.print(start, &words) } else { self.statement(start, &words) }
    }

    /// The words up to the closing mark; skips to behind it when one of them is not allowed.
    fn words(&mut self, start: usize, close: &str) -> Option<Vec<(usize, Word<'a>)>> {
        let mut words = Vec::new();
        loop {
            let rest = self.source.get(self.at..).unwrap_or_default();
            let Some(first) = rest.chars().next() else {
                self.refuse(start, Fault::Open { close: close.to_owned() });
                return None;
            };
            let after_dash = rest.strip_prefix('-').unwrap_or(rest);
            if after_dash.starts_with(close) {
                self.at += rest.len() - after_dash.len() + close.len();
                return Some(words);
            }
            let length = match word_length(rest) {
                Ok(length) => length,
                Err(fault) => {
                    self.refuse(self.at, fault);
                    self.at = rest.find(close).map_or(self.source.len(), |end| self.at + end + close.len());
                    return None;
                }
            };
            let text = rest.get(..length).unwrap_or_default();
            match first {
                c if c.is_ascii_whitespace() => {}
                c if c.is_ascii_alphabetic() || c == '_' => words.push((self.at, Word::Name(text))),
                c if c.is_ascii_digit() || c == '"' || c == '\'' => words.push((self.at, Word::Literal)),
                _ => words.push((self.at, Word::Sign(text))),
            }
            self.at += length;
        }
    }

    fn print(&mut self, start: usize, words: &[(usize, Word<'a>)]) -> Option<Item> {
        let mut words = words;
        let Some(replacement) = self.value(start, &mut words)? else {
            self.refuse(start, Fault::NoName);
            return None;
        };
        if let Some((at, _)) = words.first() {
            self.refuse(*at, Fault::NoEnd);
            return None;
        }
        let (replacement, filtered) = replacement;
        Some(Item::Print { at: start..self.at, replacement, filtered, depth: self.depth })
    }

    /// A name or literal with its filters. `None`: refused; `Some(None)`: a literal.
    fn value(
        &mut self,
        start: usize,
        words: &mut &[(usize, Word<'a>)],
    ) -> Option<Option<(Replacement, bool)>> {
        let named = match words.split_first() {
            Some(((at, Word::Name(name)), rest)) => {
                *words = rest;
                let Some(replacement) = Replacement::parse(name) else {
                    let known: Vec<&str> = Replacement::ALL.iter().map(|one| one.name()).collect();
                    let known = known.join(", ");
                    self.refuse(*at, Fault::NoReplacement { name: (*name).to_owned(), known });
                    return None;
                };
                Some((*at, replacement))
            }
            Some(((_, Word::Literal), rest)) => {
                *words = rest;
                None
            }
            _ => {
                self.refuse(start, Fault::NoName);
                return None;
            }
        };
        let filtered = self.filters(words)?;
        if let Some((at, Replacement::Password)) = named
            && filtered
        {
            self.refuse(at, Fault::PasswordFilter);
            return None;
        }
        Some(named.map(|(_, replacement)| (replacement, filtered)))
    }

    fn filters(&mut self, words: &mut &[(usize, Word<'a>)]) -> Option<bool> {
        let mut filtered = false;
        while let [(at, Word::Sign("|")), rest @ ..] = *words {
            filtered = true;
            match rest {
                [(_, Word::Name(name)), rest @ ..] if FILTERS.contains(name) => *words = rest,
                _ => {
                    self.refuse(*at, Fault::Filter { known: FILTERS.join(", ") });
                    return None;
                }
            }
            if let [(at, Word::Sign("(")), rest @ ..] = *words {
                let end = rest.iter().position(|(_, word)| *word == Word::Sign(")"));
                let arguments = end.and_then(|end| rest.get(..end)).unwrap_or_default();
                let right = arguments.iter().enumerate().all(|(place, (_, word))| match word {
                    Word::Literal => place % 2 == 0,
                    Word::Name("true" | "false") => place % 2 == 0,
                    Word::Sign(",") => place % 2 == 1,
                    _ => false,
                });
                let Some(end) = end.filter(|_| right) else {
                    self.refuse(*at, Fault::FilterArguments);
                    return None;
                };
                *words = rest.get(end + 1..).unwrap_or_default();
            }
        }
        Some(filtered)
    }

    fn statement(&mut self, start: usize, words: &[(usize, Word<'a>)]) -> Option<Item> {
        let (keyword, rest) = match words.split_first() {
            Some(((_, Word::Name(name)), rest)) => (*name, rest),
            _ => ("", words),
        };
        let conditions = match keyword {
            "if" => {
                self.depth += 1;
                self.else_seen.push(false);
                if self.depth > MOST_DEPTH {
                    self.refuse(start, Fault::Deep { most: MOST_DEPTH });
                    return None;
                }
                self.condition(start, rest)?
            }
            "elif" if self.else_seen.last() == Some(&false) => self.condition(start, rest)?,
            "else" if rest.is_empty() && self.else_seen.last() == Some(&false) => {
                self.else_seen.pop();
                self.else_seen.push(true);
                Vec::new()
            }
            "endif" if rest.is_empty() && self.depth > 0 => {
                self.depth -= 1;
                self.else_seen.pop();
                Vec::new()
            }
            "elif" | "else" | "endif" => {
                self.refuse(start, Fault::Order { keyword: keyword.to_owned() });
                return None;
            }
            _ => {
                self.refuse(start, Fault::Keyword { keyword: keyword.to_owned() });
                return None;
            }
        };
        Some(Item::Statement { at: start, conditions })
    }

    fn condition(&mut self, start: usize, words: &[(usize, Word<'a>)]) -> Option<Vec<Replacement>> {
        let mut conditions = Vec::new();
        let mut words = words;
        loop {
            while let [(_, Word::Name("not")), rest @ ..] = words {
                words = rest;
            }
            let first = self.value(start, &mut words)?;
            conditions.extend(first.map(|(replacement, _)| replacement));
            if let [(_, Word::Sign("==" | "!=")), rest @ ..] = words {
                words = rest;
                let second = self.value(start, &mut words)?;
                conditions.extend(second.map(|(replacement, _)| replacement));
            }
            match words {
                [] => break,
                [(_, Word::Name("and" | "or")), rest @ ..] => words = rest,
                [(at, _), ..] => {
                    self.refuse(*at, Fault::Condition);
                    return None;
                }
            }
        }
        if conditions.contains(&Replacement::Password) {
            self.refuse(start, Fault::PasswordCondition);
            return None;
        }
        Some(conditions)
    }
}

/// The length of the word a text begins with.
fn word_length(rest: &str) -> Result<usize, Fault> {
    let span = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
    let Some(first) = rest.chars().next() else { return Ok(0) };
    match first {
        c if c.is_ascii_whitespace() => Ok(span(|c| c.is_ascii_whitespace())),
        c if c.is_ascii_alphabetic() || c == '_' => Ok(span(|c| c.is_ascii_alphanumeric() || c == '_')),
        c if c.is_ascii_digit() => Ok(span(|c| c.is_ascii_digit())),
        '"' | '\'' => {
            let text = rest.get(1..).unwrap_or_default();
            match text.find([first, '\\', '\n']) {
                Some(end) if text[end..].starts_with(first) => Ok(end + 2),
                _ => Err(Fault::Quoted),
            }
        }
        '|' | '(' | ')' | ',' => Ok(1),
        '=' | '!' if rest[1..].starts_with('=') => Ok(2),
        c => Err(Fault::Sign { sign: format!("{c:?}") }),
    }
}
