//! Fills a template in: the engine with its limits, and the marks that show where values go.
//!
//! A run renders each template once with a mark in the place of every recipient's value; composing then only
//! puts values between the literal pieces. A secret is always such a mark, so it never enters the engine.

use crate::guard::{Checked, Fault, Problem};
use crate::replacement::{ATTRIBUTE, Replacement};
use crate::template::{MOST_OCTETS, Part, Template};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

/// Instructions one rendering may take; a template of the largest size needs less than half.
const FUEL: u64 = 400_000;
/// Two code points Unicode reserves for a program's inner use, around the letter of a replacement or the number of an
/// attribute.
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';

/// A value for every replacement, and for every attribute a template knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    known: [String; Replacement::ALL.len()],
    attributes: BTreeMap<String, String>,
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Known(Replacement),
    /// The number of the attribute among those of the template.
    Attribute(usize),
}

/// A piece of a rendered part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Literal(&'a str),
    Slot(Slot),
}

/// Why a part could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("the {part} part could not be filled in: {detail}")]
pub struct RenderError {
    /// The part.
    pub part: Part,
    /// The line, when the engine names one.
    pub line: Option<usize>,
    /// What is wrong.
    pub detail: String,
}

/// The engine with the templates of one language.
#[derive(Debug)]
pub(crate) struct Engine {
    environment: Environment<'static>,
}

pub(crate) fn is_mark(c: char) -> bool {
    c == OPEN || c == CLOSE
}

impl Values {
    pub(crate) fn get(&self, replacement: Replacement) -> &str {
        self.known.get(replacement.index()).map_or("", String::as_str)
    }

    pub(crate) fn set(&mut self, replacement: Replacement, value: String) {
        if let Some(place) = self.known.get_mut(replacement.index()) {
            *place = value;
        }
    }

    pub(crate) fn set_attribute(&mut self, name: &str, value: String) {
        self.attributes.insert(name.to_owned(), value);
    }

    /// As the engine looks for them.
    fn named(&self) -> BTreeMap<&str, Value> {
        let known = Replacement::ALL.iter().map(|one| (one.name(), Value::from(self.get(*one))));
        let attributes: BTreeMap<&str, Value> = self
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
            .collect();
        known.chain([(ATTRIBUTE, Value::from(attributes))]).collect()
    }
}

/// The mark that stands for a value until it is known.
pub(crate) fn mark(slot: Slot) -> String {
    match slot {
        Slot::Known(replacement) => {
            let letter = u8::try_from(replacement.index()).map_or('a', |index| char::from(b'a' + index));
            format!("{OPEN}{letter}{CLOSE}")
        }
        Slot::Attribute(number) => format!("{OPEN}{number}{CLOSE}"),
    }
}

/// What stands between the two code points of a mark.
fn slot(inside: &str) -> Option<Slot> {
    let first = inside.bytes().next()?;
    if first.is_ascii_digit() {
        return inside.parse().ok().map(Slot::Attribute);
    }
    let index = usize::from(first.wrapping_sub(b'a'));
    Replacement::ALL.get(index).map(|one| Slot::Known(*one))
}

/// Puts a number in the place of a piece of text, to find it again with [`numbered`].
pub(crate) fn number(place: usize) -> String {
    mark(Slot::Attribute(place))
}

/// Cuts a text at the numbers [`number`] put in.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = Result<&str, usize>> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Literal(text) => Some(Ok(text)),
        Piece::Slot(Slot::Attribute(place)) => Some(Err(place)),
        Piece::Slot(Slot::Known(_)) => None,
    })
}

/// Cuts a rendered part at its marks.
pub(crate) fn pieces(rendered: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = rendered;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((inside, behind)) = after.split_once(CLOSE) else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before));
        }
        pieces.extend(slot(inside).map(Piece::Slot));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// Makes a value safe inside HTML text and quoted attributes.
pub(crate) fn escape_html(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| matches!(b, b'<' | b'>' | b'&' | b'"' | b'\'')) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// An engine without filters and functions that escapes what stands in an HTML part: with our own escaping, so that
/// the prepared way of composing escapes alike, byte for byte.
pub(crate) fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|name| {
        if name == Part::Html.as_str() { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.set_formatter(|out, state, value| {
        let text = value.to_str().map_or_else(|| value.to_string(), |text| text.to_string());
        let text = match state.auto_escape() {
            AutoEscape::None => Cow::Borrowed(text.as_str()),
            _ => escape_html(&text),
        };
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    environment
}

impl Engine {
    /// An engine that knows nothing but these three parts and the filters of the guard.
    pub(crate) fn new(template: &Template) -> Result<Self, RenderError> {
        let mut environment = environment();
        environment.add_filter("upper", minijinja::filters::upper);
        environment.add_filter("lower", minijinja::filters::lower);
        environment.add_filter("capitalize", minijinja::filters::capitalize);
        environment.add_filter("title", minijinja::filters::title);
        environment.add_filter("trim", minijinja::filters::trim);
        environment.add_filter("default", minijinja::filters::default);
        for part in Part::ALL {
            environment
                .add_template_owned(part.as_str(), template.part(part).to_owned())
                .map_err(|error| failure(part, &error))?;
        }
        Ok(Self { environment })
    }

    /// Renders one part; secrets must be marks.
    pub(crate) fn render(&self, part: Part, values: &Values) -> Result<String, RenderError> {
        let mut out = Bounded(Vec::new());
        self.environment
            .get_template(part.as_str())
            .and_then(|template| template.render_captured_to(Value::from(values.named()), &mut out).map(drop))
            .map_err(|error| failure(part, &error))?;
        String::from_utf8(out.0).map_err(|_| RenderError {
            part,
            line: None,
            detail: "the engine gave no text".into(),
        })
    }
}

/// Renders a checked template's part with a mark for each recipient's value, or for secrets only.
pub(crate) fn render_marked(
    engine: &Engine,
    checked: &Checked,
    part: Part,
    values: &Values,
) -> Result<String, RenderError> {
    let mut values = values.clone();
    let all = !checked.is_per_recipient(part);
    for replacement in Replacement::ALL {
        if (all && replacement.is_per_recipient()) || replacement.is_secret() {
            values.set(*replacement, mark(Slot::Known(*replacement)));
        }
    }
    for (number, name) in checked.attributes().iter().enumerate().filter(|_| all) {
        values.set_attribute(name, mark(Slot::Attribute(number)));
    }
    engine.render(part, &values)
}

/// Renders a template with samples, to find what only the engine can find.
pub(crate) fn rehearse(template: &Template, attributes: &[String]) -> Vec<Problem> {
    let at_line = |error: &RenderError| {
        let line = error.line.unwrap_or(1).max(1);
        let message = Fault::Engine { detail: error.detail.clone() }.into();
        Problem { part: error.part, line, column: 1, message }
    };
    let engine = match Engine::new(template) {
        Ok(engine) => engine,
        Err(error) => return vec![at_line(&error)],
    };
    let (mut full, mut empty) = (Values::default(), Values::default());
    for replacement in Replacement::ALL {
        full.set(*replacement, format!("sample {}", replacement.name()));
    }
    for name in attributes {
        full.set_attribute(name, format!("sample {name}"));
        empty.set_attribute(name, String::new());
    }
    [full, empty]
        .iter()
        .flat_map(|values| Part::ALL.map(|part| engine.render(part, values)))
        .filter_map(Result::err)
        .map(|error| at_line(&error))
        .take(1)
        .collect()
}

fn failure(part: Part, error: &minijinja::Error) -> RenderError {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    RenderError { part, line: error.line(), detail }
}

/// Takes no more than a part may have.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_OCTETS {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it grows over 256 KiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_text_falls_into_its_pieces() {
        let [password, last, attribute] =
            [Slot::Known(Replacement::Password), Slot::Known(Replacement::OnAccent), Slot::Attribute(12)];
        let text = format!("a{}b{}{}", mark(password), mark(last), mark(attribute));
        let expected = [
            Piece::Literal("a"),
            Piece::Slot(password),
            Piece::Literal("b"),
            Piece::Slot(last),
            Piece::Slot(attribute),
        ];
        assert_eq!(pieces(&text), expected);
        // Every replacement has a letter of its own.
        assert!(Replacement::ALL.len() <= 26);
        assert_eq!(pieces("plain"), [Piece::Literal("plain")]);
    }

    #[test]
    fn markup_in_a_value_is_only_text() {
        assert_eq!(escape_html("<b a='x'>&\""), "&lt;b a=&#39;x&#39;&gt;&amp;&quot;");
        assert!(matches!(escape_html("Zoë"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_mail_that_grows_too_large_is_refused() {
        let filler = "{{ organisation }}".repeat(100);
        let template = Template { subject: "s".into(), text: filler, html: String::new() };
        let engine = Engine::new(&template).unwrap();
        let mut values = Values::default();
        values.set(Replacement::Organisation, "x".repeat(10_000));
        assert!(engine.render(Part::Text, &values).is_err());
    }
}
