//! Reads a template's own syntax: literal text, `{{ … }}`, `{% if %}` and comments, and nothing else.

use super::{Fault, MOST_PROBLEMS, Problem};
use crate::replacement::{ATTRIBUTE, Replacement, Shown, nearest};
use crate::template::{Part, TemplateKind};
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
    Print { at: Range<usize>, shown: Shown, filtered: bool, depth: usize },
    /// `{% if … %}` and its kin.
    Statement { at: Range<usize>, conditions: Vec<Shown> },
    /// `{# … #}`.
    Note { at: Range<usize> },
}

/// What can be shown: the replacements of a kind of mail, and custom attributes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Available<'a> {
    pub(crate) kind: TemplateKind,
    /// The attributes there are; `None`: not known here, and any name will do.
    pub(crate) attributes: Option<&'a [String]>,
}

/// Reads a whole part; whatever is not on the list becomes a problem with its place.
pub(crate) fn scan(
    part: Part,
    source: &str,
    available: Available<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Item> {
    let mut reader = Reader { part, source, available, at: 0, depth: 0, else_seen: Vec::new(), problems };
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
    available: Available<'p>,
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
            let Some(end) = rest.find("#}") else {
                self.refuse(start, Fault::OpenComment);
                self.at = self.source.len();
                return None;
            };
            self.at = start + end + 2;
            return Some(Item::Note { at: start..self.at });
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
        let Some((shown, filtered)) = self.value(start, &mut words)? else {
            self.refuse(start, Fault::NoName);
            return None;
        };
        if let Some((at, _)) = words.first() {
            self.refuse(*at, Fault::NoEnd);
            return None;
        }
        Some(Item::Print { at: start..self.at, shown, filtered, depth: self.depth })
    }

    /// A name or literal with its filters. `None`: refused; `Some(None)`: a literal.
    fn value(&mut self, start: usize, words: &mut &[(usize, Word<'a>)]) -> Option<Option<(Shown, bool)>> {
        let named = match words.split_first() {
            Some(((at, Word::Name(name)), rest)) => {
                *words = rest;
                Some((*at, self.named(*at, name)?))
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
        if let Some((at, shown)) = &named
            && let Some(secret) = shown.secret()
            && filtered
        {
            self.refuse(*at, Fault::filtered(secret));
            return None;
        }
        Some(named.map(|(_, shown)| (shown, filtered)))
    }

    /// What a name stands for; refuses what this mail has not, with what was meant.
    fn named(&mut self, at: usize, name: &str) -> Option<Shown> {
        let Available { kind, attributes } = self.available;
        let known = || kind.replacements().map(Replacement::name);
        let fault = match (name.split_once('.'), Replacement::parse(name)) {
            (_, Some(replacement)) if kind.has(replacement) => return Some(Shown::Known(replacement)),
            (_, Some(_)) => Fault::NotOfKind { name: name.to_owned(), known: listed(known()) },
            (Some((_, attribute)), None) if kind.is_mailing() => {
                let Some(there) = attributes.filter(|there| !there.iter().any(|one| one == attribute)) else {
                    return Some(Shown::Attribute(attribute.to_owned()));
                };
                let near = nearest(attribute, there.iter().map(String::as_str));
                let known = listed(near.into_iter().chain(there.iter().map(String::as_str)));
                Fault::NoAttribute { name: attribute.to_owned(), known }
            }
            (None, None) => match nearest(name, known()) {
                Some(near) => {
                    Fault::Near { name: name.to_owned(), near: near.to_owned(), known: listed(known()) }
                }
                None => Fault::NoReplacement { name: name.to_owned(), known: listed(known()) },
            },
            (Some(_), None) => Fault::NoReplacement { name: name.to_owned(), known: listed(known()) },
        };
        self.refuse(at, fault);
        None
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
        Some(Item::Statement { at: start..self.at, conditions })
    }

    fn condition(&mut self, start: usize, words: &[(usize, Word<'a>)]) -> Option<Vec<Shown>> {
        let mut conditions = Vec::new();
        let mut words = words;
        loop {
            while let [(_, Word::Name("not")), rest @ ..] = words {
                words = rest;
            }
            let first = self.value(start, &mut words)?;
            conditions.extend(first.map(|(shown, _)| shown));
            if let [(_, Word::Sign("==" | "!=")), rest @ ..] = words {
                words = rest;
                let second = self.value(start, &mut words)?;
                conditions.extend(second.map(|(shown, _)| shown));
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
        if let Some(secret) = conditions.iter().find_map(Shown::secret) {
            self.refuse(start, Fault::compared(secret));
            return None;
        }
        Some(conditions)
    }
}

/// Names for a sentence, each once.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut listed: Vec<&str> = Vec::new();
    for name in names {
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    if listed.is_empty() { "—".to_owned() } else { listed.join(", ") }
}

/// The length of a name; that of an attribute has a dot in it.
fn name_length(rest: &str) -> usize {
    let span = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let length = span(rest);
    let attribute = rest.get(length..).and_then(|after| after.strip_prefix('.')).map(span);
    match attribute.filter(|name| *name > 0 && rest.get(..length) == Some(ATTRIBUTE)) {
        Some(name) => length + 1 + name,
        None => length,
    }
}

/// The length of the word a text begins with.
fn word_length(rest: &str) -> Result<usize, Fault> {
    let span = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
    let Some(first) = rest.chars().next() else { return Ok(0) };
    match first {
        c if c.is_ascii_whitespace() => Ok(span(|c| c.is_ascii_whitespace())),
        c if c.is_ascii_alphabetic() || c == '_' => Ok(name_length(rest)),
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
