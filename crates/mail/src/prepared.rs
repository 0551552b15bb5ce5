//! One language of a run, prepared: its pieces, its constant values, and how a recipient's values get in.

use crate::clock::Clock;
use crate::guard::Checked;
use crate::header::{self, clean};
use crate::house::House;
use crate::letter;
use crate::quoted_printable::{self, Encoded};
use crate::render::{self, Engine, Piece, RenderError, Slot, Values};
use crate::replacement::Replacement;
use crate::template::Part;
use crate::words::Words;
use domain::language::Language;
use domain::message::RunMessage;
use std::borrow::Cow;
use std::ops::Range;

mod values;

pub(crate) use values::reads_like_a_link;

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
    /// Where the recipients' pages are, without a slash at its end.
    base_url: String,
    clock: Clock,
    subject: Subject,
    text: Body,
    /// `None`: the mail is its text alone.
    html: Option<Body>,
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
    Slot(Slot),
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
            values.set(replacement, clean(&value).into_owned());
        }
        let words = Words::of(language);
        let name = render::mark(Slot::Known(Replacement::FullName));
        let greeting = words.say_with("salutation", &[("name", &name)]);
        let (before, after) = greeting.split_once(&name).unwrap_or((&greeting, ""));
        let mut prepared = Self {
            language,
            engine: Engine::new(checked.template())?,
            checked: checked.clone(),
            values,
            greeting: (before.to_owned(), after.to_owned()),
            greeting_nobody: words.say("salutation-nobody"),
            base_url: house.base_url.trim_end_matches('/').to_owned(),
            clock: Clock::new(language, &house.time_zone),
            subject: Subject::PerRecipient,
            text: Body::PerRecipient,
            html: None,
        };
        prepared.subject = prepared.prepare_subject()?;
        prepared.text = prepared.prepare_body(Part::Text)?;
        if !checked.template().html.trim().is_empty() {
            prepared.html = Some(prepared.prepare_body(Part::Html)?);
        }
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
                Piece::Slot(slot) => Segment::Slot(slot),
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

    /// Whether the mail has an HTML part.
    pub(crate) const fn has_html(&self) -> bool {
        self.html.is_some()
    }

    /// The octets the subject and both parts may take with this recipient's values.
    pub(crate) fn room(&self, message: &RunMessage) -> usize {
        let body = |body: &Body| match body {
            Body::Pieces(segments) => self.length(segments, message),
            Body::PerRecipient => 0,
        };
        let subject = match &self.subject {
            Subject::Fixed(field) => field.len(),
            Subject::PerRecipient => 0,
            Subject::Pieces(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Segment::Literal(text) => text.len() * 2 + 64,
                    Segment::Slot(slot) => self.most(*slot, message) * 2 + 64,
                })
                .sum(),
        };
        subject + body(&self.text) + self.html.as_ref().map_or(0, body)
    }

    /// The octets of pieces with this recipient's values in them.
    fn length(&self, segments: &[Segment<Encoded>], message: &RunMessage) -> usize {
        segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(encoded) => encoded.bytes.len() + 3,
                // A value's octet becomes at most "&quot;" or three octets, plus soft breaks.
                Segment::Slot(slot) => self.most(*slot, message) * 7 + 16,
            })
            .sum()
    }

    pub(crate) fn append_subject(&self, out: &mut Vec<u8>, message: &RunMessage) -> Result<(), RenderError> {
        match &self.subject {
            Subject::Fixed(field) => out.extend_from_slice(field),
            Subject::Pieces(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Segment::Literal(literal) => text.push_str(literal),
                        Segment::Slot(slot) => text.push_str(&self.filled(*slot, message)),
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

    /// Appends both parts with their headers, or the text alone; returns where secrets stand.
    pub(crate) fn append_parts(
        &self,
        out: &mut Vec<u8>,
        message: &RunMessage,
    ) -> Result<Vec<Range<usize>>, RenderError> {
        let text = self.segments(Part::Text, &self.text, message)?;
        let html = self.html.as_ref().map(|html| self.segments(Part::Html, html, message)).transpose()?;
        // What was rendered for this recipient is longer than `room` knew; the buffer must not move later.
        let parts = || [Some(&text), html.as_ref()].into_iter().flatten();
        let rendered = parts().any(|one| matches!(one, Cow::Owned(_)));
        if rendered || matches!(self.subject, Subject::PerRecipient) {
            out.reserve(parts().map(|one| self.length(one, message)).sum::<usize>() + 1_024);
        }

        let mut secrets = Vec::with_capacity(4);
        let Some(html) = html else {
            self.append_segments(out, &text, Part::Text, message, &mut secrets);
            letter::end_text(out);
            return Ok(secrets);
        };
        for (part, segments, subtype) in [(Part::Text, &text, "plain"), (Part::Html, &html, "html")] {
            letter::begin_part(out, &message.message_key, subtype);
            self.append_segments(out, segments, part, message, &mut secrets);
            out.extend_from_slice(b"\r\n");
        }
        letter::end_parts(out, &message.message_key);
        Ok(secrets)
    }

    /// The pieces of a part: the prepared ones, or rendered for this recipient alone with secrets as marks.
    fn segments<'a>(
        &'a self,
        part: Part,
        body: &'a Body,
        message: &RunMessage,
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
        message: &RunMessage,
        secrets: &mut Vec<Range<usize>>,
    ) {
        let mut column = 0;
        for segment in segments {
            match segment {
                Segment::Literal(encoded) => {
                    if encoded.bytes.starts_with(b"\r\n") {
                        quoted_printable::keep_blank(out, &mut column);
                    } else {
                        quoted_printable::soft_break(out, &mut column);
                    }
                    out.extend_from_slice(&encoded.bytes);
                    column = encoded.column;
                }
                Segment::Slot(Slot::Known(secret)) if secret.is_secret() => {
                    let start = out.len();
                    self.append_secret(out, &mut column, *secret, part, message);
                    secrets.push(start..out.len());
                }
                Segment::Slot(slot) => {
                    let value = self.filled(*slot, message);
                    let value = if part == Part::Html { render::escape_html(&value) } else { value };
                    quoted_printable::append_value(out, &mut column, &value);
                }
            }
        }
        quoted_printable::keep_blank(out, &mut column);
    }

    fn render(&self, part: Part, message: &RunMessage) -> Result<String, RenderError> {
        let mut values = self.values.clone();
        for replacement in Replacement::ALL {
            if replacement.is_per_recipient() && !replacement.is_secret() {
                values.set(*replacement, self.value(*replacement, message).into_owned());
            }
        }
        for (number, name) in self.checked.attributes().iter().enumerate() {
            values.set_attribute(name, self.attribute(number, message).into_owned());
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
            Piece::Slot(slot) => Segment::Slot(slot),
        })
        .collect()
}

pub(crate) fn subject_field(text: &str) -> Vec<u8> {
    let mut field = b"Subject: ".to_vec();
    header::append_text(&mut field, 9, text);
    field.extend_from_slice(b"\r\n");
    field
}
