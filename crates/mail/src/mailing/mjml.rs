//! From MJML to the HTML of a mail. Nothing is loaded: no include, no font, no picture.
//!
//! The converter reads elements in one another by calling itself and repeats default values for every element, so the
//! source is measured with the same tokens before.

use crate::guard::{Fault, Problem};
use crate::template::Part;
use htmlparser::{ElementEnd, Token, Tokenizer};
use mrml::prelude::parser::{Error as ParseError, ParserOptions};
use mrml::prelude::render::RenderOptions;
use std::collections::HashMap;

/// How deep elements may stand in one another.
const MOST_DEPTH: usize = 32;
/// The most elements.
const MOST_ELEMENTS: usize = 3_000;
/// The most octets that default values may come to when every element repeats them.
const MOST_DEFAULTS: usize = 4 << 20;
/// The elements of MJML that load nothing and need no script.
const ELEMENTS: [&str; 20] = [
    "mjml",
    "mj-head",
    "mj-title",
    "mj-preview",
    "mj-breakpoint",
    "mj-attributes",
    "mj-all",
    "mj-class",
    "mj-style",
    "mj-body",
    "mj-wrapper",
    "mj-section",
    "mj-group",
    "mj-column",
    "mj-text",
    "mj-button",
    "mj-table",
    "mj-divider",
    "mj-spacer",
    "mj-raw",
];
/// Elements without content, which need no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// What the converter writes and the guard refuses, with what does the same for mail programs.
const TIDIED: [(&str, &str); 5] = [
    ("<!--[if !mso]><!--><meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\"><!--<![endif]-->", ""),
    ("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">", "<meta charset=\"utf-8\">"),
    // In a comment for Outlook a size of nothing could hide a password.
    ("line-height:0px;font-size:0px;mso-line-height-rule:exactly;", "line-height:1px;font-size:1px;"),
    ("height:0;line-height:0;", "height:1px;line-height:1px;"),
    (" lang=\"und\"", " lang=\"{{ language }}\""),
];

/// Makes HTML of MJML.
pub(super) fn html_of(source: &str) -> Result<String, Vec<Problem>> {
    let refused =
        |at: usize, fault: Fault| vec![Problem::at(Part::Html, source, at.min(source.len()), fault)];
    measure(source).map_err(|(at, fault)| refused(at, fault))?;
    let parsed = mrml::parse_with_options(source, &ParserOptions::default()).map_err(|error| {
        let (at, detail) = said(&error, source);
        refused(at, Fault::Mjml { detail })
    })?;
    let options = RenderOptions { disable_comments: true, social_icon_origin: None, fonts: HashMap::new() };
    let html = parsed
        .element
        .render(&options)
        .map_err(|error| refused(0, Fault::Mjml { detail: error.to_string() }))?;
    Ok(TIDIED.iter().fold(html, |html, (from, to)| html.replace(from, to)))
}

/// Holds a source against the bounds, before anything is made of it.
fn measure(source: &str) -> Result<(), (usize, Fault)> {
    let mut measured = Measured::default();
    for token in Tokenizer::from(source) {
        // What cannot be read is told by the converter.
        let Ok(token) = token else { return Ok(()) };
        measured.take(&token)?;
    }
    if let Some((name, at)) = measured.open.pop() {
        return Err((at, Fault::MjmlOpen { name: name.to_owned() }));
    }
    if measured.defaults.saturating_mul(measured.elements) > MOST_DEFAULTS {
        return Err((0, Fault::Many { most: MOST_DEFAULTS / measured.defaults.max(1) }));
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Measured<'a> {
    /// The elements that are not closed yet, with their places.
    open: Vec<(&'a str, usize)>,
    elements: usize,
    /// Octets of default values.
    defaults: usize,
    in_defaults: bool,
    is_void: bool,
}

impl<'a> Measured<'a> {
    fn take(&mut self, token: &Token<'a>) -> Result<(), (usize, Fault)> {
        match token {
            Token::ElementStart { local, span, .. } => {
                let name = local.as_str();
                if name.eq_ignore_ascii_case("mj-include") {
                    return Err((span.start(), Fault::Include));
                }
                if name.to_ascii_lowercase().starts_with("mj") && !ELEMENTS.contains(&name) {
                    let (name, allowed) = (name.to_owned(), ELEMENTS.join(", "));
                    return Err((span.start(), Fault::MjmlElement { name, allowed }));
                }
                self.open.push((name, span.start()));
                self.elements += 1;
                self.is_void = VOID.contains(&name);
                self.in_defaults |= name == "mj-attributes";
                if self.open.len() > MOST_DEPTH {
                    return Err((span.start(), Fault::Nested { most: MOST_DEPTH }));
                }
                if self.elements > MOST_ELEMENTS {
                    return Err((span.start(), Fault::Many { most: MOST_ELEMENTS }));
                }
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } if !self.is_void => {}
            Token::ElementEnd { end: ElementEnd::Open | ElementEnd::Empty, .. } => {
                self.open.pop();
            }
            Token::ElementEnd { end: ElementEnd::Close(_, local), span } => {
                let name = local.as_str();
                // The converter takes any end for the end of what is open.
                match self.open.pop() {
                    Some((open, _)) if open == name => self.in_defaults &= name != "mj-attributes",
                    other => {
                        let open = other.map_or_else(String::new, |(open, _)| open.to_owned());
                        return Err((span.start(), Fault::MjmlEnd { name: name.to_owned(), open }));
                    }
                }
            }
            Token::Attribute { value, .. } if self.in_defaults => {
                self.defaults += value.as_ref().map_or(0, |value| value.as_str().len());
            }
            _ => {}
        }
        Ok(())
    }
}

/// Where the converter stopped, and why.
fn said(error: &ParseError, source: &str) -> (usize, String) {
    match error {
        ParseError::UnexpectedElement { position, .. } => {
            (position.start, "this element does not fit here".into())
        }
        ParseError::UnexpectedToken { position, .. } => {
            (position.start, "this does not fit here; expected an element or its end".into())
        }
        ParseError::MissingAttribute { name, position, .. } => {
            (position.start, format!("the attribute {name} is missing"))
        }
        ParseError::InvalidAttribute { position, .. } => {
            (position.start, "this attribute has no value it could have".into())
        }
        ParseError::InvalidFormat { position, .. } => (position.start, "this cannot be read".into()),
        ParseError::EndOfStream { .. } => (source.len(), "an element is not closed".into()),
        ParseError::ParserError { source: error, .. } => {
            let place = error.pos();
            let line = usize::try_from(place.row).unwrap_or(1).saturating_sub(1);
            let at: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
            (at, "this line has a tag or a sign that cannot be read".into())
        }
        ParseError::NoRootNode => (0, "expected <mjml> … </mjml>".into()),
        other => (0, other.to_string()),
    }
}
