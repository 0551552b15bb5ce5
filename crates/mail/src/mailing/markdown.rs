//! From Markdown (CommonMark) to the HTML of a mail.
//!
//! What stands in `{{ … }}`, `{% … %}` and `{# … #}` is taken out first, so that Markdown cannot change it, and put back
//! where it was. HTML in Markdown is only text. A link alone in its paragraph becomes a button, a password alone in its
//! paragraph a box.

use super::style;
use crate::guard::scan::Item;
use crate::guard::{Fault, MOST_PROBLEMS, Problem};
use crate::render::{escape_html, is_mark, number, numbered};
use crate::replacement::{Replacement, Shown};
use crate::template::Part;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// How deep elements may stand in one another; CommonMark itself has no bound.
const MOST_DEPTH: usize = 24;
/// What an address of a link may begin with.
const SCHEMES: [&str; 4] = ["https://", "mailto:", "tel:", "#"];

/// Makes HTML of Markdown; `items`: its replacements.
pub(super) fn html_of(source: &str, items: &[Item]) -> Result<String, Vec<Problem>> {
    let marked = Marked::new(source, items);
    let mut events = Vec::new();
    let mut depth = 0_usize;
    for (event, at) in Parser::new_ext(&marked.text, Options::empty()).into_offset_iter() {
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            let fault = Fault::Nested { most: MOST_DEPTH };
            return Err(vec![marked.problem(at.start, fault)]);
        }
        events.push((event, at));
    }
    let mut writer = Writer { marked: &marked, out: String::new(), problems: Vec::new(), in_link: false };
    writer.blocks(&events);
    if writer.problems.is_empty() { Ok(writer.out) } else { Err(writer.problems) }
}

/// A source whose replacements are numbers.
struct Marked<'a> {
    source: &'a str,
    text: String,
    spots: Vec<Spot<'a>>,
}

/// What was taken out at a place.
struct Spot<'a> {
    item: &'a Item,
    at: Range<usize>,
    /// Where its number ends in the marked text.
    marked_end: usize,
}

impl<'a> Marked<'a> {
    fn new(source: &'a str, items: &'a [Item]) -> Self {
        let mut marked = Self { source, text: String::with_capacity(source.len()), spots: Vec::new() };
        for item in items {
            let at = match item {
                Item::Text(at) => {
                    marked.text.push_str(source.get(at.clone()).unwrap_or_default());
                    continue;
                }
                Item::Print { at, .. } | Item::Statement { at, .. } | Item::Note { at } => at.clone(),
            };
            marked.text.push_str(&number(marked.spots.len()));
            marked.spots.push(Spot { item, at, marked_end: marked.text.len() });
        }
        marked
    }

    fn problem(&self, at: usize, fault: Fault) -> Problem {
        let before = self.spots.iter().take_while(|spot| spot.marked_end <= at).last();
        let place = before.map_or(at, |spot| spot.at.end + (at - spot.marked_end));
        Problem::at(Part::Html, self.source, place.min(self.source.len()), fault)
    }

    fn written(&self, spot: &Spot<'a>) -> &'a str {
        self.source.get(spot.at.clone()).unwrap_or_default()
    }

    /// The replacement a text is, if it is one and nothing else.
    fn alone(&self, text: &str) -> Option<Replacement> {
        let mut found = None;
        for piece in numbered(text) {
            match piece {
                Ok(text) if text.trim().is_empty() => {}
                Err(place) if found.is_none() => found = Some(self.plain(place)?),
                _ => return None,
            }
        }
        found
    }

    /// The replacement a number stands for, without a filter.
    fn plain(&self, place: usize) -> Option<Replacement> {
        match self.spots.get(place)?.item {
            Item::Print { shown: Shown::Known(replacement), filtered: false, .. } => Some(*replacement),
            _ => None,
        }
    }
}

struct Writer<'a, 'm> {
    marked: &'m Marked<'a>,
    out: String,
    problems: Vec<Problem>,
    in_link: bool,
}

type Events<'e> = [(Event<'e>, Range<usize>)];

impl Writer<'_, '_> {
    fn refuse(&mut self, at: usize, fault: Fault) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(self.marked.problem(at, fault));
        }
    }

    fn blocks(&mut self, events: &Events<'_>) {
        let mut place = 0;
        while let Some((event, at)) = events.get(place) {
            place += 1;
            match event {
                Event::Start(Tag::Paragraph) => {
                    let rest = events.get(place..).unwrap_or_default();
                    let end =
                        |(event, _): &(Event<'_>, Range<usize>)| *event == Event::End(TagEnd::Paragraph);
                    let length = rest.iter().position(end).unwrap_or(rest.len());
                    self.paragraph(rest.get(..length).unwrap_or_default());
                    place += length + 1;
                }
                Event::Start(tag) => self.start(tag, at.start),
                Event::End(tag) => self.end(*tag),
                Event::Rule => self.out.push_str(style::RULE),
                inline => self.inline(inline),
            }
        }
    }

    fn paragraph(&mut self, inside: &Events<'_>) {
        if self.is_only_statements(inside) {
            for (event, _) in inside {
                self.inline(event);
            }
            self.out.push('\n');
            return;
        }
        if let [(Event::Text(text), _)] = inside
            && self.marked.alone(text) == Some(Replacement::Password)
        {
            self.out.push_str(style::PASSWORD.0);
            self.text(text, false);
            self.out.push_str(style::PASSWORD.1);
            return;
        }
        if let [(Event::Start(Tag::Link { dest_url, .. }), at), words @ .., (Event::End(TagEnd::Link), _)] =
            inside
            && self.is_words(words)
        {
            let (before, between, after) = style::BUTTON;
            self.out.push_str(before);
            self.address(dest_url, at.start);
            self.out.push_str(between);
            self.in_link = true;
            words.iter().for_each(|(event, _)| self.inline(event));
            self.in_link = false;
            self.out.push_str(after);
            return;
        }
        self.out.push_str(style::PARAGRAPH);
        for (event, at) in inside {
            match event {
                Event::Start(tag) => self.start(tag, at.start),
                Event::End(tag) => self.end(*tag),
                inline => self.inline(inline),
            }
        }
        self.out.push_str("</p>\n");
    }

    /// Whether nothing but conditions and notes stands here, which are no paragraph.
    fn is_only_statements(&self, inside: &Events<'_>) -> bool {
        inside.iter().all(|(event, _)| match event {
            Event::SoftBreak => true,
            Event::Text(text) => numbered(text).all(|piece| match piece {
                Ok(text) => text.trim().is_empty(),
                Err(place) => self
                    .marked
                    .spots
                    .get(place)
                    .is_some_and(|spot| matches!(spot.item, Item::Statement { .. } | Item::Note { .. })),
            }),
            _ => false,
        })
    }

    /// Whether a link's text is words, which fit on a button; an address or another link does not.
    fn is_words(&self, inside: &Events<'_>) -> bool {
        let is_link = |place: usize| self.marked.plain(place).is_some_and(Replacement::is_link);
        let fits = |event: &Event<'_>| match event {
            Event::Text(text) => !numbered(text).any(|piece| piece.is_err_and(is_link)),
            Event::Code(_) | Event::SoftBreak => true,
            // A button is bold as it is.
            Event::Start(tag) => matches!(tag, Tag::Strong | Tag::Emphasis),
            Event::End(tag) => matches!(tag, TagEnd::Strong | TagEnd::Emphasis),
            _ => false,
        };
        !inside.is_empty() && inside.iter().all(|(event, _)| fits(event))
    }

    fn start(&mut self, tag: &Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.out.push_str(style::PARAGRAPH),
            Tag::Heading { level, .. } => self.out.push_str(style::heading(level_of(*level)).0),
            Tag::BlockQuote(_) => self.out.push_str(style::QUOTE),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.out.push_str(style::CODE_BLOCK);
                // Within code an address is not made a link.
                self.in_link = true;
            }
            Tag::List(first) => {
                match first {
                    None => self.out.push_str("<ul"),
                    Some(1) => self.out.push_str("<ol"),
                    Some(first) => self.out.push_str(&format!("<ol start=\"{first}\"")),
                }
                self.out.push_str(style::LIST);
            }
            Tag::Item => self.out.push_str(style::ITEM),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Link { dest_url, .. } => {
                self.out.push_str(style::LINK.0);
                self.address(dest_url, at);
                self.out.push_str(style::LINK.1);
                self.in_link = true;
            }
            Tag::Image { .. } => self.refuse(at, Fault::Image),
            // Of extensions, which are off.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.out.push_str(match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => "</p>\n",
            TagEnd::Heading(level) => style::heading(level_of(level)).1,
            TagEnd::BlockQuote(_) => "</blockquote>\n",
            TagEnd::CodeBlock => "</pre>\n",
            TagEnd::List(true) => "</ol>\n",
            TagEnd::List(false) => "</ul>\n",
            TagEnd::Item => "</li>\n",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Link => "</a>",
            _ => "",
        });
        if matches!(tag, TagEnd::Link | TagEnd::CodeBlock) {
            self.in_link = false;
        }
    }

    fn inline(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) => self.text(text, true),
            Event::Html(text) | Event::InlineHtml(text) => self.text(text, true),
            Event::Code(text) => {
                self.out.push_str(style::CODE);
                self.text(text, false);
                self.out.push_str("</code>");
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            _ => {}
        }
    }

    /// Text with its replacements; those that are links can be clicked on. `dress`: no box or code is around it already.
    fn text(&mut self, text: &str, dress: bool) {
        for piece in numbered(text) {
            let place = match piece {
                Ok(text) => {
                    self.out.push_str(&literal(text));
                    continue;
                }
                Err(place) => place,
            };
            let Some(spot) = self.marked.spots.get(place) else { continue };
            let written = self.marked.written(spot);
            match self.marked.plain(place) {
                Some(link) if link.is_link() && dress && !self.in_link => {
                    let name = link.name();
                    let (before, after) = style::ADDRESS;
                    self.out.push_str(&format!("{before}{{{{ {name} }}}}{after}{written}</a>"));
                }
                Some(Replacement::Password) if dress => {
                    let (before, after) = style::PASSWORD_INLINE;
                    self.out.push_str(&format!("{before}{written}{after}"));
                }
                _ => self.out.push_str(written),
            }
        }
    }

    /// The address a link leads to: one of the mail's links as a whole, or one of a few kinds.
    fn address(&mut self, address: &str, at: usize) {
        if let Some(link) = self.marked.alone(address).filter(|one| one.is_link()) {
            self.out.push_str(&format!("{{{{ {} }}}}", link.name()));
            return;
        }
        let mut written = String::new();
        for piece in numbered(address) {
            match piece {
                Ok(text) => written.push_str(&literal(text).replace("&#123;", "%7B")),
                Err(place) => match self.marked.plain(place) {
                    Some(Replacement::HelpContact) => written.push_str("{{ help_contact }}"),
                    known => return self.refuse_in_address(at, known),
                },
            }
        }
        if !SCHEMES.iter().any(|scheme| written.to_lowercase().starts_with(scheme)) {
            return self.refuse(at, Fault::Link);
        }
        self.out.push_str(&written);
    }

    fn refuse_in_address(&mut self, at: usize, known: Option<Replacement>) {
        let fault = match known {
            Some(secret) if secret.is_secret() => Fault::misplaced(secret),
            Some(other) => Fault::Place { name: other.name().to_owned() },
            None => Fault::Link,
        };
        self.refuse(at, fault);
    }
}

/// Text that is neither markup nor a replacement, whatever stands in it: a reference such as `&#123;` can spell any sign.
fn literal(text: &str) -> String {
    escape_html(text).replace('{', "&#123;").replace(is_mark, "\u{FFFD}")
}

const fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        _ => 3,
    }
}
