//! A mail of a mailing as its readers would see it, in a frame that can do nothing; one reader after the other.

use super::{get, path_of, refusals};
use crate::console::faults;
use crate::console::operator::Operator;
use crate::console::people::named;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page::{self, framed};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::mailing::Words;
use domain::role::Permission;
use flow::{MailingError, ShownTo};
use store::mailing::Mailing;
use store::person;

/// Which part is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    Html,
    Text,
}

impl Shows {
    pub(super) fn of(name: &str) -> Result<Self, Failure> {
        match name {
            "html" => Ok(Self::Html),
            "text" => Ok(Self::Text),
            _ => Err(Failure::NotFound),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
        }
    }
}

/// Around a text, or in place of a mail that cannot be composed.
#[derive(Template)]
#[template(path = "console/mailing_frame.html")]
struct FramePage<'a> {
    language: &'a str,
    reader: String,
    subject: &'a str,
    text: &'a str,
    empty: String,
    problems: Vec<String>,
    problems_title: String,
}

#[derive(Template)]
#[template(path = "console/mailing_preview.html")]
struct PreviewPage {
    shell: Shell,
    path: String,
    title: String,
    is_editable: bool,
    reader: String,
    subject: String,
    /// What is empty for this reader.
    empty: Vec<String>,
    problems: Vec<String>,
    frame: String,
    parts: Vec<(String, String, bool)>,
    before: Option<String>,
    after: Option<String>,
}

/// GET /console/mailings/{id}/preview: the saved words as one of its people would read them.
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = operator.query(&["person", "part"])?;
    let one = get(&operator, &id).await?;
    let part = Shows::of(if query.text("part").is_empty() { "html" } else { query.text("part") })?;
    let asked = match query.text("person") {
        "" => None,
        text => Some(
            text.parse::<PersonId>()
                .map_err(|_| Failure::BadRequest("person: expected the id of a person."))?,
        ),
    };
    let may_name = operator.may(Permission::PeopleView);
    if asked.is_some() && !may_name {
        return Err(Failure::Forbidden);
    }
    // Names belong to who may see people; everybody else sees the mail of an invented reader.
    let beside = if may_name {
        operator.state().flow.find_beside(one.id, asked).await?
    } else {
        flow::Beside::default()
    };
    let reader = match beside.at {
        None => operator.say("mailing-reader-invented"),
        Some(at) => name_of(&operator, at).await?,
    };
    let shown = operator.state().flow.show_mailing(&one, &one.words, beside.at).await;
    let (shown, problems) = settle(&operator, shown)?;
    let path = path_of(&one);
    let link = |person: PersonId, part: Shows| format!("{path}/preview?person={person}&part={}", part.name());
    let here = |part: Shows| match beside.at {
        Some(at) => link(at, part),
        None => format!("{path}/preview?part={}", part.name()),
    };
    let frame = match beside.at {
        Some(at) => format!("{path}/preview/{}?person={at}", part.name()),
        None => format!("{path}/preview/{}", part.name()),
    };
    let parts = [Shows::Html, Shows::Text]
        .map(|one| (operator.say(&format!("template-preview-{}", one.name())), here(one), one == part));
    let page = PreviewPage {
        shell: operator.shell(Place::Mailings),
        title: one.name.clone(),
        is_editable: one.state.is_editable() && operator.may(Permission::MailingsDraft),
        reader,
        subject: shown.as_ref().map(|shown| shown.subject.clone()).unwrap_or_default(),
        empty: shown.map(|shown| shown.empty).unwrap_or_default(),
        problems,
        frame,
        parts: parts.into(),
        before: beside.before.map(|person| link(person, part)),
        after: beside.after.map(|person| link(person, part)),
        path,
    };
    page::show(StatusCode::OK, &page)
}

/// GET /console/mailings/{id}/preview/{part}: what stands in the frame of that page.
pub(crate) async fn show_part(
    operator: Operator,
    Path((id, part)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let part = Shows::of(&part)?;
    let query = operator.query(&["person"])?;
    let one = get(&operator, &id).await?;
    let words = one.words.clone();
    let reader = match query.text("person") {
        "" => None,
        _ if !operator.may(Permission::PeopleView) => return Err(Failure::Forbidden),
        text => Some(
            text.parse::<PersonId>()
                .map_err(|_| Failure::BadRequest("person: expected the id of a person."))?,
        ),
    };
    let name = match reader {
        None => operator.say("mailing-reader-invented"),
        Some(id) => name_of(&operator, id).await?,
    };
    let shown = operator.state().flow.show_mailing(&one, &words, reader).await;
    answer(&operator, &words, shown, name, part)
}

/// The words as they stand in a form, read by somebody found by a few typed words, or by an invented person.
pub(super) async fn frame(
    operator: &Operator,
    one: &Mailing,
    words: &Words,
    asked: &str,
    part: Shows,
) -> Result<Response, Failure> {
    let asked = asked.trim();
    let reader = if asked.is_empty() {
        None
    } else {
        match named::find(operator, asked).await? {
            Some(person) => Some(person),
            None => {
                let why = operator.fill("template-preview-nobody", "words", asked);
                return problem_page(operator, vec![why]);
            }
        }
    };
    let name = reader.as_ref().map_or_else(|| operator.say("mailing-reader-invented"), named::called);
    let shown = operator.state().flow.show_mailing(one, words, reader.map(|person| person.id)).await;
    answer(operator, words, shown, name, part)
}

fn answer(
    operator: &Operator,
    words: &Words,
    shown: Result<ShownTo, MailingError>,
    reader: String,
    part: Shows,
) -> Result<Response, Failure> {
    let (shown, problems) = settle(operator, shown)?;
    let Some(shown) = shown else { return problem_page(operator, problems) };
    let empty = if shown.empty.is_empty() {
        String::new()
    } else {
        operator.fill("mailing-empty", "names", &shown.empty.join(", "))
    };
    if part == Shows::Html && !shown.html.is_empty() {
        return Ok(framed(if empty.is_empty() { shown.html } else { marked(&shown.html, &empty) }));
    }
    let no_html = operator.say("mailing-no-html");
    render(&FramePage {
        language: words.language.tag(),
        reader: operator.fill("template-preview-reader", "who", &reader),
        subject: &shown.subject,
        text: if part == Shows::Html { &no_html } else { &shown.text },
        empty,
        problems: Vec::new(),
        problems_title: String::new(),
    })
}

/// The mail with a line above it that says what is empty. The line is ours and has no markup of anybody else's.
fn marked(html: &str, empty: &str) -> String {
    const BEGIN: &str =
        "<p style=\"margin:0;padding:8px 14px;font:13px/1.5 sans-serif;color:#7a4d00;background:#fdf3df\">";
    let escaped = empty.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let line = format!("{BEGIN}{escaped}</p>");
    let lower = html.to_ascii_lowercase();
    let body = lower.find("<body").and_then(|from| lower[from..].find('>').map(|end| from + end + 1));
    let (before, after) = html.split_at(body.unwrap_or(0));
    format!("{before}{line}{after}")
}

/// What is shown, or what keeps it from being shown, in sentences.
fn settle(
    operator: &Operator,
    shown: Result<ShownTo, MailingError>,
) -> Result<(Option<ShownTo>, Vec<String>), Failure> {
    match shown {
        Ok(shown) => Ok((Some(shown), Vec::new())),
        Err(MailingError::Words(problems)) => {
            Ok((None, problems.iter().map(|one| faults::say(operator.context.words, one)).collect()))
        }
        Err(error) => Ok((None, vec![refusals::say(operator, error)?])),
    }
}

fn problem_page(operator: &Operator, problems: Vec<String>) -> Result<Response, Failure> {
    render(&FramePage {
        language: operator.context.words.language.tag(),
        reader: String::new(),
        subject: "",
        text: "",
        empty: String::new(),
        problems,
        problems_title: operator.say("template-preview-not"),
    })
}

fn render(page: &FramePage<'_>) -> Result<Response, Failure> {
    page.render().map(framed).map_err(|error| {
        tracing::error!(%error, "a preview could not be made");
        Failure::Internal
    })
}

async fn name_of(operator: &Operator, id: PersonId) -> Result<String, Failure> {
    let read = operator.state().store.read(move |tx| Box::pin(async move { person::get(tx, id).await }));
    Ok(named::called(&read.await?))
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_is_empty_is_told_inside_the_body_of_the_mail() {
        let mail = "<!doctype html><html><BODY style=\"x\">Hello</BODY></html>";
        let told = marked(mail, "a <b> & c");
        assert!(told.starts_with("<!doctype html><html><BODY style=\"x\"><p "), "{told}");
        assert!(told.contains("a &lt;b&gt; &amp; c</p>Hello"), "{told}");
        assert!(marked("Hello", "x").ends_with("x</p>Hello"));
    }
}
