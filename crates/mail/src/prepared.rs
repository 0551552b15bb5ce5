//! One language of a run, prepared: its pieces, its constant values, and how a recipient's values get in.

use crate::clock::Clock;
use crate::guard::Checked;
use crate::header::{self, clean};
use crate::house::House;
use crate::letter;
use crate::quoted_printable::{self, Encoded};
use crate::render::{self, Engine, Piece, RenderError, Values};
use crate::replacement::Replacement;
use crate::template::Part;
use crate::words::Words;
use domain::language::Language;
use domain::message::NewPassword;
use std::borrow::Cow;
use std::ops::Range;

/// One language, prepared.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) language: Language,
    pub(crate) engine: Engine,
    checked: Checked,
    /// The values that are the same for the whole run.
    values: Values,
    /// The greeting before and after the name, and the one for nobody by name.
    greeting: (String, String),
    greeting_nobody: String,
    clock: Clock,
    subject: Subject,
    text: Body,
    html: Body,
}

#[derive(Debug)]
enum Subject {
    Fixed(Vec<u8>),
    Pieces(Vec<Segment<String>>),
    PerRecipient,
}

#[derive(Debug)]
enum Body {
    Pieces(Vec<Segment<Encoded>>),
    PerRecipient,
}

#[derive(Debug, Clone)]
enum Segment<L> {
    Literal(L),
    Slot(Replacement),
}

impl Prepared {
    pub(crate) fn new(language: Language, checked: &Checked, house: &House) -> Result<Self, RenderError> {
        let mut values = Values::default();
        for (replacement, value) in [
            (Replacement::Organisation, house.organisation.clone()),
            (Replacement::HelpContact, house.help_contact.clone()),
            (Replacement::LoginUrl, house.login_url.clone()),
            (Replacement::Language, language.tag().to_owned()),
            (Replacement::Accent, house.accent.to_string()),
            (Replacement::OnAccent, house.accent.ink().to_owned()),
        ] {
            values[replacement.index()] = clean(&value).into_owned();
        }
        let words = Words::of(language);
        let name = render::mark(Replacement::FullName);
        let greeting = words.say_with("salutation", &[("name", &name)]);
        let (before, after) = greeting.split_once(&name).unwrap_or((&greeting, ""));
        let mut prepared = Self {
            language,
            engine: Engine::new(checked.template())?,
            checked: checked.clone(),
            values,
            greeting: (before.to_owned(), after.to_owned()),
            greeting_nobody: words.say("salutation-nobody"),
            clock: Clock::new(language, &house.time_zone),
            subject: Subject::PerRecipient,
            text: Body::PerRecipient,
            html: Body::PerRecipient,
        };
        prepared.subject = prepared.prepare_subject()?;
        prepared.text = prepared.prepare_body(Part::Text)?;
        prepared.html = prepared.prepare_body(Part::Html)?;
        Ok(prepared)
    }

    fn prepare_subject(&self) -> Result<Subject, RenderError> {
        if self.checked.is_per_recipient(Part::Subject) {
            return Ok(Subject::PerRecipient);
        }
        let rendered = render::render_marked(&self.engine, &self.checked, Part::Subject, &self.values)?;
        let pieces: Vec<Segment<String>> = render::pieces(&rendered)
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Segment::Literal(text.to_owned()),
                Piece::Slot(replacement) => Segment::Slot(replacement),
            })
            .collect();
        Ok(match pieces.as_slice() {
            [Segment::Literal(text)] => Subject::Fixed(subject_field(text)),
            _ => Subject::Pieces(pieces),
        })
    }

    fn prepare_body(&self, part: Part) -> Result<Body, RenderError> {
        if self.checked.is_per_recipient(part) {
            return Ok(Body::PerRecipient);
        }
        let rendered = render::render_marked(&self.engine, &self.checked, part, &self.values)?;
        Ok(Body::Pieces(encode(&rendered)))
    }

    /// The octets both parts may take when each slot takes `value`.
    pub(crate) fn room(&self, value: usize) -> usize {
        let body = |body: &Body| match body {
            Body::Pieces(segments) => length(segments, value),
            Body::PerRecipient => 0,
        };
        body(&self.text) + body(&self.html)
    }

    pub(crate) fn value<'a>(&'a self, replacement: Replacement, message: &'a NewPassword) -> Cow<'a, str> {
        match replacement {
            Replacement::Salutation => self.salutation(message),
            Replacement::FullName => clean(&message.full_name),
            Replacement::GivenName => clean(&message.given_name),
            Replacement::FamilyName => clean(&message.family_name),
            Replacement::Username => clean(&message.username),
            Replacement::Address => Cow::Borrowed(message.to.as_given()),
            Replacement::Password => Cow::Borrowed(message.password.expose()),
            Replacement::ValidUntil => {
                Cow::Owned(self.clock.write(message.valid_until, message.time_zone.as_deref()).to_string())
            }
            run => Cow::Borrowed(self.values.get(run.index()).map_or("", String::as_str)),
        }
    }

    fn salutation(&self, message: &NewPassword) -> Cow<'_, str> {
        let name = clean(&message.full_name);
        if name.is_empty() || reads_like_a_link(&name) {
            return Cow::Borrowed(&self.greeting_nobody);
        }
        Cow::Owned([&self.greeting.0, &*name, &self.greeting.1].concat())
    }

    pub(crate) fn append_subject(&self, out: &mut Vec<u8>, message: &NewPassword) -> Result<(), RenderError> {
        match &self.subject {
            Subject::Fixed(field) => out.extend_from_slice(field),
            Subject::Pieces(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Segment::Literal(literal) => text.push_str(literal),
                        Segment::Slot(replacement) => text.push_str(&self.value(*replacement, message)),
                    }
                }
                out.extend_from_slice(&subject_field(&text));
            }
            Subject::PerRecipient => {
                let text = self.render(Part::Subject, message)?;
                out.extend_from_slice(&subject_field(&text));
            }
        }
        Ok(())
    }

    /// Appends both parts with their headers; returns where the password stands.
    pub(crate) fn append_parts(
        &self,
        out: &mut Vec<u8>,
        message: &NewPassword,
    ) -> Result<Vec<Range<usize>>, RenderError> {
        let text = self.segments(Part::Text, &self.text, message)?;
        let html = self.segments(Part::Html, &self.html, message)?;
        // What was rendered for this recipient is longer than `room` knew; the buffer must not move later.
        let rendered = [&text, &html].into_iter().filter(|one| matches!(one, Cow::Owned(_)));
        out.reserve(
            rendered.map(|one| length(one, message.password.expose().len() * 7)).sum::<usize>() + 1_024,
        );

        let mut secrets = Vec::with_capacity(4);
        for (part, segments, subtype) in [(Part::Text, &text, "plain"), (Part::Html, &html, "html")] {
            letter::begin_part(out, &message.message_key, subtype);
            self.append_segments(out, segments, part, message, &mut secrets);
            out.extend_from_slice(b"\r\n");
        }
        letter::end_parts(out, &message.message_key);
        Ok(secrets)
    }

    /// The pieces of a part: the prepared ones, or rendered for this recipient alone with the password as mark.
    fn segments<'a>(
        &'a self,
        part: Part,
        body: &'a Body,
        message: &NewPassword,
    ) -> Result<Cow<'a, [Segment<Encoded>]>, RenderError> {
        Ok(match body {
            Body::Pieces(segments) => Cow::Borrowed(segments),
            Body::PerRecipient => Cow::Owned(encode(&self.render(part, message)?)),
        })
    }

    fn append_segments(
        &self,
        out: &mut Vec<u8>,
        segments: &[Segment<Encoded>],
        part: Part,
        message: &NewPassword,
        secrets: &mut Vec<Range<usize>>,
    ) {
        let mut column = 0;
        for segment in segments {
            match segment {
                Segment::Literal(encoded) => {
                    if !encoded.bytes.starts_with(b"\r\n") {
                        quoted_printable::soft_break(out, &mut column);
                    }
                    out.extend_from_slice(&encoded.bytes);
                    column = encoded.column;
                }
                Segment::Slot(replacement) => {
                    let value = self.value(*replacement, message);
                    let value = if part == Part::Html { render::escape_html(&value) } else { value };
                    let start = out.len();
                    quoted_printable::append_value(out, &mut column, &value);
                    if *replacement == Replacement::Password {
                        secrets.push(start..out.len());
                    }
                }
            }
        }
    }

    fn render(&self, part: Part, message: &NewPassword) -> Result<String, RenderError> {
        let mut values = self.values.clone();
        for (replacement, value) in Replacement::ALL.iter().zip(values.iter_mut()) {
            if replacement.is_per_recipient() && *replacement != Replacement::Password {
                *value = self.value(*replacement, message).into_owned();
            }
        }
        render::render_marked(&self.engine, &self.checked, part, &values)
    }
}

fn encode(rendered: &str) -> Vec<Segment<Encoded>> {
    let pieces = render::pieces(rendered);
    let count = pieces.len();
    pieces
        .into_iter()
        .enumerate()
        .map(|(place, piece)| match piece {
            Piece::Literal(text) => Segment::Literal(quoted_printable::prepare(text, place + 1 == count)),
            Piece::Slot(replacement) => Segment::Slot(replacement),
        })
        .collect()
}

/// The octets of pieces when each slot takes `value`.
fn length(segments: &[Segment<Encoded>], value: usize) -> usize {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(encoded) => encoded.bytes.len(),
            Segment::Slot(_) => value,
        })
        .sum()
}

pub(crate) fn subject_field(text: &str) -> Vec<u8> {
    let mut field = b"Subject: ".to_vec();
    header::append_text(&mut field, 9, text);
    field.extend_from_slice(b"\r\n");
    field
}

/// Whether mail programs would turn a name into a link: somebody else may have chosen it.
pub(crate) fn reads_like_a_link(name: &str) -> bool {
    let is_domain = |word: &str| {
        word.split_once('.').is_some_and(|(label, rest)| {
            label.chars().filter(|c| c.is_alphanumeric()).count() > 1
                && rest.chars().filter(|c| c.is_alphanumeric()).count() > 1
        })
    };
    name.contains(['@', '/', '\\'])
        || name.to_lowercase().contains("www.")
        || name.split_whitespace().any(is_domain)
}
