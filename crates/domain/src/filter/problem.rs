//! What is wrong with a filter: the place, what stands there, what may stand there, and a hint.

use super::said::{Fault, Hint};
use crate::sentence::{Piece, Sentence};
use serde::Serialize;
use std::fmt;

/// How many names an error lists before it says how many more there are.
const MOST_LISTED: usize = 12;
/// How many characters of a long line are shown on each side of the place.
const MOST_SHOWN: usize = 60;

/// A part of the filter's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Why a text is no filter, or why it cannot be used now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Problem {
    /// What is wrong, in one sentence.
    pub message: Sentence,
    /// Where, in bytes from the beginning of the text.
    pub offset: usize,
    /// How many bytes of the text are meant; 0 at the end of the text.
    pub length: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub allowed: Vec<Piece>,
    /// What was probably meant.
    pub hint: Option<Sentence>,
    /// The selections that led here, outermost first; empty when the text itself is wrong.
    pub chain: Vec<String>,
    /// The line of the place and carets under it.
    pub excerpt: String,
}

impl Problem {
    pub(super) fn new(text: &str, span: Span, fault: Fault) -> Self {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end.max(span.start)).max(start);
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = text.get(line_start..start).unwrap_or_default();
        let found = text.get(start..end).unwrap_or_default();
        Self {
            message: fault.into(),
            offset: start,
            length: end - start,
            line: text.get(..start).unwrap_or_default().matches('\n').count() + 1,
            column: before.chars().count() + 1,
            found: if found.is_empty() { "the end".into() } else { shortened(found) },
            allowed: Vec::new(),
            hint: None,
            chain: Vec::new(),
            excerpt: excerpt(text.get(line_start..).unwrap_or_default(), before, found),
        }
    }

    pub(super) fn allow<T: Into<Piece>>(mut self, allowed: impl IntoIterator<Item = T>) -> Self {
        self.allowed.extend(allowed.into_iter().map(Into::into));
        self
    }

    pub(super) fn hint(mut self, hint: Hint) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn hint_if(self, hint: Option<Hint>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    pub(super) fn through(mut self, chain: &[String]) -> Self {
        self.chain = chain.to_vec();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)?;
        for line in self.excerpt.lines() {
            write!(f, "\n  {line}")?;
        }
        if !self.allowed.is_empty() {
            let listed = self.allowed.get(..MOST_LISTED).unwrap_or(&self.allowed);
            let listed: Vec<String> = listed.iter().map(Piece::to_string).collect();
            write!(f, "\nallowed: {}", listed.join(", "))?;
            if self.allowed.len() > listed.len() {
                write!(f, " and {} more", self.allowed.len() - listed.len())?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// The one of `names` that is meant by a misspelt `word`, if any is near enough.
pub(super) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(64).collect::<String>().to_ascii_lowercase();
    names
        .into_iter()
        .filter_map(|name| {
            // The start of a name is a likelier slip than any exchange of letters.
            let distance = if word.len() >= 3 && name.starts_with(&word) { 0 } else { distance(&word, name) };
            (distance <= (word.chars().count() / 3).clamp(1, 4)).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((b, replaced), removed) in right.iter().zip(&row).zip(row.iter().skip(1)) {
            let added = next.last().copied().unwrap_or_default() + 1;
            next.push((replaced + usize::from(a != *b)).min(removed + 1).min(added));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|place| text.is_char_boundary(*place)).unwrap_or_default()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The line with the place and the carets; control characters are shown as spaces so that the carets
/// stand where they should.
fn excerpt(line: &str, before: &str, found: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let before: Vec<char> = before.chars().map(shown).collect();
    let cut = before.len().saturating_sub(MOST_SHOWN);
    let lead = if cut > 0 { "…" } else { "" };
    let line = line.lines().next().unwrap_or_default();
    let marked = found.lines().next().unwrap_or_default().chars().count().clamp(1, MOST_SHOWN);
    let rest: Vec<char> = line.chars().skip(before.len()).map(shown).collect();
    let tail = rest.get(..MOST_SHOWN * 2).unwrap_or(&rest);
    let end = if tail.len() < rest.len() { "…" } else { "" };
    let kept: String = before.iter().skip(cut).chain(tail).collect();
    let indent = " ".repeat(before.len() - cut + lead.chars().count());
    format!("{lead}{kept}{end}\n{indent}{}", "^".repeat(marked))
}
