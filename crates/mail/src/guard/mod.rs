//! The guard: what an operator's template may say, checked when it is saved, with the place of every fault.
//!
//! No template engine is a sandbox by itself, so the guard reads the template before the engine does and lets
//! through only replacements, a few filters and conditions. Limits on time and size in [`crate::render`] are
//! the second line. A style sheet may hide nothing at all, for a class could be that of the password. What the guard
//! cannot see: text in the colour of what is behind it.

mod allowed;
mod fault;
mod hiding;
mod html;
pub(crate) mod scan;

pub use fault::Fault;

use crate::render;
use crate::replacement::{Replacement, Shown};
use crate::template::{MOST_OCTETS, Part, Template, TemplateKind};
use domain::sentence::Sentence;
use scan::{Available, Item};
use std::collections::BTreeSet;
use std::fmt;

/// The most faults told at once; a text that is no template at all would have thousands.
pub(crate) const MOST_PROBLEMS: usize = 50;
/// The most characters of a subject's source.
const MOST_SUBJECT: usize = 500;

/// A place where a template is refused, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The part.
    pub part: Part,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong and what is allowed.
    pub message: Sentence,
}

impl Problem {
    pub(crate) fn at(part: Part, source: &str, offset: usize, fault: Fault) -> Self {
        let (line, column) = Self::place(source, offset);
        Self { part, line, column, message: fault.into() }
    }

    /// The line and the character of an octet, from 1.
    pub(crate) fn place(source: &str, offset: usize) -> (usize, usize) {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} part, line {}, column {}: {}", self.part, self.line, self.column, self.message)
    }
}

/// A template that passed the guard.
#[derive(Debug, Clone)]
pub struct Checked {
    template: Template,
    /// Parts in which a filter or a condition looks at a recipient's value.
    per_recipient: [bool; 3],
    /// The custom attributes it shows or compares, sorted.
    attributes: Vec<String>,
}

impl Checked {
    /// The source, with line ends as `\n`.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The custom attributes it shows or compares, sorted.
    pub(crate) fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Whether a part must be rendered anew for each recipient.
    pub(crate) fn is_per_recipient(&self, part: Part) -> bool {
        self.per_recipient.get(part as usize).copied().unwrap_or(true)
    }
}

/// Checks a template before it is saved.
///
/// # Errors
/// Every fault with its place.
pub fn check(kind: TemplateKind, template: &Template) -> Result<Checked, Vec<Problem>> {
    check_knowing(Available { kind, attributes: None }, template)
}

/// Checks a template against the attributes there are.
pub(crate) fn check_knowing(available: Available<'_>, template: &Template) -> Result<Checked, Vec<Problem>> {
    let kind = available.kind;
    let template = Template {
        subject: unix_lines(template.subject.trim_end()),
        text: unix_lines(&template.text),
        html: unix_lines(&template.html),
    };
    let mut problems = Vec::new();
    let mut per_recipient = [false; 3];
    let mut attributes = BTreeSet::new();
    for part in Part::ALL {
        let source = template.part(part);
        if part == Part::Html && source.trim().is_empty() && kind.is_mailing() {
            continue;
        }
        if let Err(problem) = check_characters(part, source) {
            problems.push(problem);
            continue;
        }
        let items = scan::scan(part, source, available, &mut problems);
        attributes.extend(attributes_in(&items));
        if let Some(place) = per_recipient.get_mut(part as usize) {
            *place = looks_at_recipient(&items);
        }
        check_part(kind, part, source, &items, &mut problems);
    }
    let attributes: Vec<String> = attributes.into_iter().collect();
    if problems.is_empty() {
        problems.extend(render::rehearse(&template, &attributes));
    }
    if problems.is_empty() { Ok(Checked { template, per_recipient, attributes }) } else { Err(problems) }
}

/// The custom attributes a part shows or compares.
pub(crate) fn attributes_in(items: &[Item]) -> impl Iterator<Item = String> {
    let shown = items.iter().flat_map(|item| match item {
        Item::Print { shown, .. } => std::slice::from_ref(shown),
        Item::Statement { conditions, .. } => conditions.as_slice(),
        Item::Text(_) | Item::Note { .. } => &[],
    });
    shown.filter_map(|shown| match shown {
        Shown::Attribute(name) => Some(name.clone()),
        Shown::Known(_) => None,
    })
}

/// Line ends as `\n`.
pub(crate) fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Holds a source against the limit of its size, and finds characters that may not stand in it.
pub(crate) fn check_characters(part: Part, source: &str) -> Result<(), Problem> {
    if source.len() > MOST_OCTETS {
        let fault = Fault::Large { part: part.as_str(), most: MOST_OCTETS / 1024 };
        return Err(Problem::at(part, source, 0, fault));
    }
    let bad = |c: char| (c.is_control() && c != '\n' && c != '\t') || render::is_mark(c);
    if let Some(at) = source.find(bad) {
        return Err(Problem::at(part, source, at, Fault::Control));
    }
    Ok(())
}

fn looks_at_recipient(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Print { shown, filtered, .. } => *filtered && shown.is_per_recipient(),
        Item::Statement { conditions, .. } => conditions.iter().any(Shown::is_per_recipient),
        Item::Text(_) | Item::Note { .. } => false,
    })
}

fn check_part(kind: TemplateKind, part: Part, source: &str, items: &[Item], problems: &mut Vec<Problem>) {
    let visible = match part {
        Part::Subject => return check_subject(source, items, problems),
        Part::Text => check_text(source, items, problems),
        Part::Html => html::walk(source, items, problems),
    };
    for &replacement in kind.needed() {
        if !visible.contains(&replacement) {
            let name = replacement.name();
            let fault = match replacement {
                Replacement::Password | Replacement::LoginUrl => Fault::Needed { name },
                _ => Fault::NeededHere { name },
            };
            problems.push(Problem::at(part, source, source.len(), fault));
        }
    }
}

fn check_subject(source: &str, items: &[Item], problems: &mut Vec<Problem>) {
    if let Some(at) = source.find(['\n', '\t']) {
        problems.push(Problem::at(Part::Subject, source, at, Fault::SubjectLines));
    }
    if source.trim().is_empty() || source.chars().count() > MOST_SUBJECT {
        let fault = Fault::SubjectLength { most: MOST_SUBJECT };
        problems.push(Problem::at(Part::Subject, source, 0, fault));
    }
    for item in items {
        if let Item::Print { at, shown, .. } = item
            && let Some(secret) = shown.secret()
            && problems.len() < MOST_PROBLEMS
        {
            problems.push(Problem::at(Part::Subject, source, at.start, Fault::in_subject(secret)));
        }
    }
}

fn check_text(source: &str, items: &[Item], problems: &mut Vec<Problem>) -> Vec<Replacement> {
    let mut visible = Vec::new();
    for item in items {
        let Item::Print { at, shown: Shown::Known(replacement), depth, .. } = item else { continue };
        let touched = source[..at.start].chars().next_back().is_some_and(|c| !c.is_whitespace())
            || source[at.end..].chars().next().is_some_and(|c| !c.is_whitespace());
        let fault = match replacement {
            Replacement::Password => Some(Fault::Touched),
            Replacement::PersonalLink | Replacement::RequestPasswordLink => {
                Some(Fault::TouchedLink { name: replacement.name() })
            }
            _ => None,
        };
        if let Some(fault) = fault.filter(|_| touched && problems.len() < MOST_PROBLEMS) {
            problems.push(Problem::at(Part::Text, source, at.start, fault));
        }
        if *depth == 0 {
            visible.push(*replacement);
        }
    }
    visible
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
