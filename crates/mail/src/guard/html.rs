//! Walks through the HTML part and knows where each replacement stands, so that no value can become
//! markup, a style or a foreign address, and nothing is loaded from elsewhere.

use super::allowed::{self, Hiding, compact};
use super::scan::Item;
use super::{Fault, MOST_PROBLEMS, Problem};
use crate::replacement::{Replacement, Shown};
use crate::template::Part;

/// The most elements that stand open; some need no end, so there can be many in a long mail.
const MOST_OPEN: usize = 2_000;

/// Where the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Text,
    Declaration,
    Comment,
    TagName,
    InTag,
    AttributeName,
    AfterName,
    BeforeValue,
    Quoted(char),
    Unquoted,
    /// The content of `style` or `title`.
    Raw(&'static str),
}

struct Walk<'a, 'p> {
    source: &'a str,
    problems: &'p mut Vec<Problem>,
    place: Place,
    /// Where the open tag or comment began.
    began: usize,
    closing: bool,
    tag: String,
    attribute: String,
    value: String,
    hides: Hiding,
    /// The link of the mail that the open tag leads to.
    leads_to: Option<Replacement>,
    raw: String,
    open: Vec<Open>,
    /// How many of the open ones lead to a link and have nothing to click on yet.
    waiting: usize,
    visible: Vec<Replacement>,
}

/// An element that is not closed yet.
#[derive(Debug)]
struct Open {
    tag: String,
    hiding: Hiding,
    /// The link it leads to, until something is seen that one can click on.
    leads_to: Option<Replacement>,
}

/// Checks the HTML part; returns the replacements that are seen whatever the conditions say.
pub(crate) fn walk(source: &str, items: &[Item], problems: &mut Vec<Problem>) -> Vec<Replacement> {
    let mut walk = Walk {
        source,
        problems,
        place: Place::Text,
        began: 0,
        closing: false,
        tag: String::new(),
        attribute: String::new(),
        value: String::new(),
        hides: Hiding::default(),
        leads_to: None,
        raw: String::new(),
        open: Vec::new(),
        waiting: 0,
        visible: Vec::new(),
    };
    for item in items {
        match item {
            Item::Text(range) => {
                for (offset, c) in source[range.clone()].char_indices() {
                    walk.step(range.start + offset, c, range.end);
                }
            }
            Item::Print { at, shown, depth, .. } => walk.print(at.start, at.end, shown, *depth),
            Item::Statement { at, .. } if walk.place != Place::Text => {
                walk.refuse(at.start, Fault::ConditionPlace);
            }
            Item::Statement { .. } | Item::Note { .. } => {}
        }
    }
    if walk.place != Place::Text {
        let began = walk.began;
        walk.refuse(began, Fault::Unclosed);
    }
    walk.visible
}

impl Walk<'_, '_> {
    fn refuse(&mut self, at: usize, fault: Fault) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::at(Part::Html, self.source, at, fault));
        }
    }

    fn refuse_all(&mut self, at: usize, faults: Vec<Fault>) {
        for fault in faults {
            self.refuse(at, fault);
        }
    }

    fn step(&mut self, at: usize, c: char, end: usize) {
        match self.place.clone() {
            Place::Text => {
                let after = self.source.get(at + c.len_utf8()..end).unwrap_or_default();
                if c == '<' {
                    self.open_tag(at, after);
                } else if !c.is_whitespace() {
                    self.seen();
                }
            }
            Place::Declaration if c == '>' => self.place = Place::Text,
            Place::Comment if c == '>' => self.end_comment(at),
            Place::Declaration | Place::Comment => {}
            Place::TagName if c.is_ascii_alphanumeric() || c == '-' || c == ':' => {
                self.tag.push(c.to_ascii_lowercase());
            }
            Place::TagName => {
                self.refuse_all(self.began, allowed::refuse_element(&self.tag));
                self.place = Place::InTag;
                self.in_tag(c);
            }
            Place::InTag => self.in_tag(c),
            Place::AttributeName => match c {
                '=' => self.place = Place::BeforeValue,
                '>' | '/' => self.end_bare_attribute(at, c),
                c if c.is_ascii_whitespace() => self.place = Place::AfterName,
                c => self.attribute.push(c.to_ascii_lowercase()),
            },
            Place::AfterName if c == '=' => self.place = Place::BeforeValue,
            Place::AfterName if c.is_ascii_whitespace() => {}
            Place::AfterName => self.end_bare_attribute(at, c),
            Place::BeforeValue => match c {
                '"' | '\'' => self.place = Place::Quoted(c),
                c if c.is_ascii_whitespace() => {}
                '>' => self.end_bare_attribute(at, c),
                c => {
                    self.value.push(c);
                    self.place = Place::Unquoted;
                }
            },
            Place::Quoted(quote) if c == quote => {
                self.end_attribute(at);
                self.place = Place::InTag;
            }
            Place::Quoted(_) => self.value.push(c),
            Place::Unquoted if c == '>' || c.is_ascii_whitespace() => {
                self.end_attribute(at);
                self.place = Place::InTag;
                self.in_tag(c);
            }
            Place::Unquoted => self.value.push(c),
            Place::Raw(element) => self.raw(at, c, element),
        }
    }

    fn open_tag(&mut self, at: usize, after: &str) {
        self.began = at;
        self.tag.clear();
        self.hides = Hiding::default();
        self.leads_to = None;
        self.closing = after.starts_with('/');
        if after.starts_with("!--") {
            self.place = Place::Comment;
        } else if after.starts_with(['!', '?']) {
            self.place = Place::Declaration;
        } else if self.closing || after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.place = if self.closing { Place::InTag } else { Place::TagName };
        } else {
            self.refuse(at, Fault::LessThan);
        }
    }

    fn in_tag(&mut self, c: char) {
        match c {
            '>' => self.end_tag(),
            '/' if self.closing && self.tag.is_empty() => self.place = Place::TagName,
            '/' => {}
            c if c.is_ascii_whitespace() => {}
            c => {
                self.attribute.clear();
                self.value.clear();
                self.attribute.push(c.to_ascii_lowercase());
                self.place = Place::AttributeName;
            }
        }
    }

    fn end_bare_attribute(&mut self, at: usize, c: char) {
        self.end_attribute(at);
        self.place = Place::InTag;
        self.in_tag(c);
    }

    fn end_attribute(&mut self, at: usize) {
        let name = std::mem::take(&mut self.attribute);
        let value = std::mem::take(&mut self.value);
        let compact = compact(&value);
        self.refuse_all(at, allowed::refuse_attribute(&name, &compact));
        self.hides.add(&name, &compact);
    }

    fn end_tag(&mut self) {
        self.place = Place::Text;
        let tag = std::mem::take(&mut self.tag);
        if self.closing {
            if let Some(place) = self.open.iter().rposition(|open| open.tag == tag) {
                self.open.truncate(place);
                self.waiting = self.open.iter().filter(|open| open.leads_to.is_some()).count();
            }
            return;
        }
        self.place = match tag.as_str() {
            "style" => Place::Raw("style"),
            "title" => Place::Raw("title"),
            _ => Place::Text,
        };
        self.raw.clear();
        if self.place == Place::Text && !allowed::is_void(&tag) {
            self.open(tag);
        }
    }

    fn open(&mut self, tag: String) {
        if self.open.len() >= MOST_OPEN {
            return self.refuse(self.began, Fault::Nested { most: MOST_OPEN });
        }
        // Nothing of a head is seen.
        self.hides.add(if tag == "head" { "hidden" } else { "" }, "");
        let around = self.open.last().map(|open| open.hiding).unwrap_or_default();
        let leads_to = self.leads_to.take();
        self.waiting += usize::from(leads_to.is_some());
        self.open.push(Open { tag, hiding: self.hides.within(around), leads_to });
    }

    /// Something is seen here: a link around it can be clicked on.
    fn seen(&mut self) {
        if self.waiting == 0 || self.is_hidden() {
            return;
        }
        let found = self.open.iter_mut().filter_map(|open| open.leads_to.take());
        self.visible.extend(found);
        self.waiting = 0;
    }

    fn raw(&mut self, at: usize, c: char, element: &'static str) {
        self.raw.push(c.to_ascii_lowercase());
        // Browsers leave the element at this point already, whatever stands before the >.
        if !self.raw.ends_with(element) || !self.raw.trim_end_matches(element).ends_with("</") {
            return;
        }
        if element == "style" {
            let problems = allowed::refuse_sheet(&compact(&self.raw));
            self.refuse_all(at, problems);
        }
        self.closing = true;
        self.tag = element.to_owned();
        self.place = Place::TagName;
    }

    fn end_comment(&mut self, at: usize) {
        let content = self.source.get(self.began + 4..at).unwrap_or_default();
        // Two short forms that browsers take for the end, so that what follows would escape this check.
        if content.is_empty() || content == "-" || content.ends_with("--!") {
            self.refuse(at, Fault::CommentEnd);
            self.place = Place::Text;
        } else if let Some(comment) = content.strip_suffix("--") {
            let problems = allowed::refuse_comment(&compact(comment));
            self.refuse_all(at, problems);
            self.place = Place::Text;
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|open| open.hiding.is_any())
    }

    fn print(&mut self, at: usize, end: usize, shown: &Shown, depth: usize) {
        let known = shown.known();
        let secret = shown.secret();
        let password = known == Some(Replacement::Password);
        let fits = match &self.place {
            Place::Text => true,
            Place::Quoted(quote) => {
                // Within another address a link would only be handed to that one.
                let whole =
                    self.value.trim().is_empty() && self.source[end..].trim_start().starts_with(*quote);
                self.value.push_str("{{");
                self.value.push_str(&shown.to_string());
                self.value.push_str("}}");
                match self.attribute.as_str() {
                    "href" if known.is_some_and(Replacement::is_link) => {
                        whole && (secret.is_none() || self.tag == "a")
                    }
                    "href" => known == Some(Replacement::HelpContact),
                    "style" | "bgcolor" | "color" => known.is_some_and(Replacement::is_colour),
                    _ => secret.is_none(),
                }
            }
            Place::Raw("title") => secret.is_none(),
            Place::Raw(_) | Place::Comment => known.is_some_and(Replacement::is_colour),
            _ => false,
        };
        if !fits {
            let misplaced = secret.map(Fault::misplaced);
            self.refuse(at, misplaced.unwrap_or_else(|| Fault::Place { name: shown.to_string() }));
        }
        if self.place == Place::Text && password && !self.stands_alone(at, end) {
            self.refuse(at, Fault::TouchedHtml);
        }
        if depth > 0 || !fits {
            return;
        }
        if self.place == Place::Text && !self.is_hidden() {
            self.seen();
            self.visible.extend(known);
        }
        if self.tag == "a" && self.attribute == "href" && known.is_some_and(Replacement::is_link) {
            self.leads_to = known;
        }
    }

    fn stands_alone(&self, at: usize, end: usize) -> bool {
        let before = self.source[..at].chars().next_back();
        let after = self.source[end..].chars().next();
        before.is_some_and(|c| c == '>' || c.is_whitespace())
            && after.is_some_and(|c| c == '<' || c.is_whitespace())
    }
}
