//! The editor: three parts, the list of what can stand in them, the faults with their places, and the way back.

use super::preview::Sample;
use super::{FIELDS, Which, parts};
use crate::console::faults;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::LargeForm;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::language::Language;
use domain::role::Permission;
use flow::TestError;
use flow::template::{self, Example, InForce, Parts, Problem, SaveError, replacement};
use std::collections::BTreeMap;
use store::digest;

#[derive(Template)]
#[template(path = "console/template.html")]
struct TemplatePage {
    shell: Shell,
    path: String,
    name: String,
    languages: Vec<LanguageTab>,
    is_own: bool,
    may_edit: bool,
    may_name: bool,
    seen: String,
    filled: Filled,
    faults: BTreeMap<&'static str, Vec<String>>,
    replacements: Vec<replacement::Described>,
    text_rows: usize,
    html_rows: usize,
}

struct LanguageTab {
    name: String,
    path: String,
    is_here: bool,
}

impl TemplatePage {
    /// What is wrong with a part, each with its place.
    fn faults(&self, part: &str) -> &[String] {
        self.faults.get(part).map_or(&[], Vec::as_slice)
    }
}

/// GET /console/templates/{kind}/{language}
pub(crate) async fn show(
    operator: Operator,
    Path((kind, language)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    operator.query(&[])?;
    let found = InForce::read(&operator.state().store, which.kind, which.language).await?;
    let words = &found.template;
    let filled = Filled::with([
        ("subject", words.subject.clone()),
        ("text", words.text.clone()),
        ("html", words.html.clone()),
    ]);
    page::show(StatusCode::OK, &form(&operator, which, &found, filled, &[]))
}

/// POST /console/templates/{kind}/{language}
pub(crate) async fn update(
    operator: Operator,
    Path((kind, language)): Path<(String, String)>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    let fields = operator.form(sent, &FIELDS)?;
    let store = &operator.state().store;
    let found = InForce::read(store, which.kind, which.language).await?;
    let mut filled = Filled::sent(&fields);
    if fields.text("seen") != seen(&found) {
        // The words of somebody else must not be lost unseen; those typed here stay on the page.
        filled.notice = Some(operator.say("template-changed-meanwhile"));
        return page::show(StatusCode::CONFLICT, &form(&operator, which, &found, filled, &[]));
    }
    let changed = changed(parts(&fields), &found);
    if changed == Parts::default() {
        return Ok(page::done(&which.path(), "template-same", None));
    }
    match template::save(store, &operator.acting(), which.kind, which.language, changed, operator.now_ms())
        .await
    {
        Ok(_) => Ok(page::done(&which.path(), "template-saved", None)),
        Err(SaveError::Refused(problems)) => {
            filled.notice = Some(operator.say("form-stays"));
            let page = form(&operator, which, &found, filled, &problems);
            page::show(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// Only what is not the same: the words of whoever wrote the rest stay theirs.
fn changed(sent: Parts, found: &InForce) -> Parts {
    let other = |text: Option<String>, before: &str| {
        text.filter(|text| text.trim_end() != before.replace("\r\n", "\n").trim_end())
    };
    let words = &found.template;
    Parts {
        subject: other(sent.subject, &words.subject),
        text: other(sent.text, &words.text),
        html: other(sent.html, &words.html),
    }
}

/// GET /console/templates/{kind}/{language}/reset
pub(crate) async fn ask_reset(
    operator: Operator,
    Path((kind, language)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    operator.query(&[])?;
    let page = ResetPage {
        shell: operator.shell(Place::Templates),
        name: which.name(&operator),
        language: which.language_name(&operator),
        path: which.path(),
    };
    page::show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "console/template_reset.html")]
struct ResetPage {
    shell: Shell,
    name: String,
    language: String,
    path: String,
}

/// POST /console/templates/{kind}/{language}/reset
pub(crate) async fn reset(
    operator: Operator,
    Path((kind, language)): Path<(String, String)>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    operator.form(sent, &[])?;
    let store = &operator.state().store;
    template::reset(store, &operator.acting(), which.kind, which.language, operator.now_ms()).await?;
    Ok(page::done(&which.path(), "template-reset", None))
}

/// POST /console/templates/{kind}/{language}/test: the words as they stand in the form, mailed to whoever asks.
pub(crate) async fn test(
    operator: Operator,
    Path((kind, language)): Path<(String, String)>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let which = Which::of(&kind, &language)?;
    let fields = operator.form(sent, &FIELDS)?;
    let store = &operator.state().store;
    let found = InForce::read(store, which.kind, which.language).await?;
    let mut filled = Filled::sent(&fields);
    let sent = parts(&fields);
    let refused = |filled, problems: &[Problem]| {
        let page = form(&operator, which, &found, filled, problems);
        page::show(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    match template::check(store, which.kind, which.language, &sent).await {
        Err(SaveError::Refused(problems)) => {
            filled.notice = Some(operator.say("template-test-refused"));
            return refused(filled, &problems);
        }
        Err(SaveError::Store(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    let template = template::Template {
        subject: sent.subject.unwrap_or_default(),
        text: sent.text.unwrap_or_default(),
        html: sent.html.unwrap_or_default(),
    };
    let reader = match Sample::oneself(&operator).await? {
        Ok(reader) => reader,
        Err(why) => {
            filled.notice = Some(why);
            return refused(filled, &[]);
        }
    };
    let valid_hours = domain::automation::SendNewPassword::default().valid_hours;
    let (kind, language) = (which.kind, which.language);
    let example = Example { kind, language, template: &template, reader: &reader, valid_hours };
    let (status, notice) = match operator.state().flow.test_template_here(example, &operator.acting()).await {
        Ok(tested) if tested.accepted => {
            filled.good = Some(operator.fill("template-test-sent", "relay", &tested.relay));
            (StatusCode::OK, None)
        }
        Ok(tested) => {
            (StatusCode::OK, Some(operator.fill("template-test-not-accepted", "answer", &tested.answer)))
        }
        Err(TestError::Refused(why)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Some(operator.context.words.sentence(&why)))
        }
        Err(TestError::Store(error)) => return Err(error.into()),
    };
    filled.notice = notice;
    page::show(status, &form(&operator, which, &found, filled, &[]))
}

/// Tells whether the words in force are still those the editor began with.
fn seen(found: &InForce) -> String {
    let words = &found.template;
    digest::of([words.subject.as_str(), words.text.as_str(), words.html.as_str()])
}

fn form(
    operator: &Operator,
    which: Which,
    found: &InForce,
    filled: Filled,
    problems: &[Problem],
) -> TemplatePage {
    let faults = faults::by_part(operator.context.words, problems);
    let languages = Language::ALL.into_iter().map(|language| {
        let other = Which { language, ..which };
        LanguageTab {
            name: other.language_name(operator),
            path: other.path(),
            is_here: language == which.language,
        }
    });
    TemplatePage {
        shell: operator.shell(Place::Templates),
        path: which.path(),
        name: which.name(operator),
        languages: languages.collect(),
        is_own: found.own.is_some(),
        may_edit: operator.may(Permission::TemplatesEdit),
        may_name: operator.may(Permission::PeopleView),
        seen: seen(found),
        text_rows: filled.value("text").lines().count().clamp(12, 40),
        html_rows: filled.value("html").lines().count().clamp(12, 30),
        faults,
        replacements: replacement::list(operator.context.words.language),
        filled,
    }
}
