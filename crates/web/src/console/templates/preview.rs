//! The preview: the mail as a reader would see it, in a frame that can do nothing.

use super::{FIELDS, Which, parts};
use crate::console::faults;
use crate::console::operator::Operator;
use crate::console::people::named;
use crate::failure::Failure;
use crate::form::LargeForm;
use crate::page::framed;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::automation::SendNewPassword;
use domain::person::Person;
use flow::template::{self, Example, Previewed, Reader, SaveError, Template as Written};
use store::person;

/// Around a text, or in place of a mail that cannot be composed.
#[derive(Template)]
#[template(path = "console/template_preview.html")]
struct PreviewPage<'a> {
    language: &'a str,
    reader: String,
    subject: &'a str,
    text: &'a str,
    problems: Vec<String>,
    problems_title: String,
}

/// POST /console/templates/{kind}/{language}/preview/{part}: `html` or `text`, of the words as they stand in the form.
pub(crate) async fn show(
    operator: Operator,
    Path((kind, language, part)): Path<(String, String, String)>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    if part != "html" && part != "text" {
        return Err(Failure::NotFound);
    }
    let fields = operator.form(sent, &FIELDS)?;
    let (sent, asked) = (parts(&fields), fields.text("person").trim().to_owned());
    match template::check(&operator.state().store, which.kind, which.language, &sent).await {
        Err(SaveError::Refused(problems)) => {
            return problem_page(
                &operator,
                problems.iter().map(|one| faults::say(operator.context.words, one)).collect(),
            );
        }
        Err(SaveError::Store(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    let (reader, name) = match Sample::named(&operator, &asked).await? {
        Ok(sample) => (sample.reader, sample.name),
        Err(why) => return problem_page(&operator, vec![why]),
    };
    let written = Written {
        subject: sent.subject.unwrap_or_default(),
        text: sent.text.unwrap_or_default(),
        html: sent.html.unwrap_or_default(),
    };
    let example = Example {
        kind: which.kind,
        language: which.language,
        template: &written,
        reader: &reader,
        valid_hours: SendNewPassword::default().valid_hours,
    };
    match operator.state().flow.preview_template(example) {
        Ok(seen) if part == "html" => Ok(framed(seen.html)),
        Ok(seen) => text_page(&operator, which, &seen, name),
        Err(why) => problem_page(&operator, vec![operator.context.words.sentence(&why)]),
    }
}

fn text_page(operator: &Operator, which: Which, seen: &Previewed, name: String) -> Result<Response, Failure> {
    let page = PreviewPage {
        language: which.language.tag(),
        reader: operator.fill("template-preview-reader", "who", &name),
        subject: &seen.subject,
        text: &seen.text,
        problems: Vec::new(),
        problems_title: String::new(),
    };
    render(&page)
}

fn problem_page(operator: &Operator, problems: Vec<String>) -> Result<Response, Failure> {
    let page = PreviewPage {
        language: operator.context.words.language.tag(),
        reader: String::new(),
        subject: "",
        text: "",
        problems,
        problems_title: operator.say("template-preview-not"),
    };
    render(&page)
}

fn render(page: &PreviewPage<'_>) -> Result<Response, Failure> {
    page.render().map(framed).map_err(|error| {
        tracing::error!(%error, "a preview could not be made");
        Failure::Internal
    })
}

/// Who reads a preview.
pub(super) struct Sample {
    reader: Reader,
    name: String,
}

impl Sample {
    /// Somebody found by a few typed words, or an invented person; the inner error says what would be right.
    async fn named(operator: &Operator, words: &str) -> Result<Result<Self, String>, Failure> {
        if words.is_empty() {
            let invented = Reader::invented().map(|reader| Self { reader, name: "Ada Lovelace".into() });
            return Ok(invented.map_err(|why| operator.context.words.sentence(&why)));
        }
        match named::find(operator, words).await? {
            Some(person) => Ok(Self::of(operator, &person)),
            None => Ok(Err(operator.fill("template-preview-nobody", "words", words))),
        }
    }

    fn of(operator: &Operator, person: &Person) -> Result<Self, String> {
        let reader = Reader::of(person).map_err(|why| operator.context.words.sentence(&why))?;
        Ok(Self { reader, name: named::called(person) })
    }

    /// Whoever asks.
    pub(super) async fn oneself(operator: &Operator) -> Result<Result<Reader, String>, Failure> {
        let id = operator.id();
        let found = operator.state().store.read(move |tx| Box::pin(async move { person::get(tx, id).await }));
        let reader = Reader::of(&found.await.map_err(Failure::from)?);
        Ok(reader.map_err(|why| operator.context.words.sentence(&why)))
    }
}
