//! The first step of a mailing: who sends it and what it says, with the faults at their parts and what can stand in them.

use super::{get, get_editable, new, path_of, preview, refusals, typed};
use crate::console::automations::modes;
use crate::console::faults;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::LargeForm;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::automation::SendNewPassword;
use domain::credential::Mode;
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Words};
use domain::role::Permission;
use flow::mailing::available;
use flow::template::replacement;
use std::collections::BTreeMap;
use store::attribute;
use store::mailing::{self, Draft, Mailing};

/// The fields of the step.
pub(super) const FIELDS: [&str; 19] = [
    "seen",
    "folder",
    "name",
    "intent",
    "language",
    "sender_name",
    "sender_address",
    "reply_to",
    "subject",
    "text",
    "html_format",
    "html",
    "link_hours",
    "mode",
    "valid_hours",
    "remail_after_hours",
    "approve_above",
    "person",
    "act",
];

#[derive(Template)]
#[template(path = "console/mailing_mail.html")]
struct MailPage {
    shell: Shell,
    path: String,
    title: String,
    is_armed: bool,
    may_name: bool,
    seen: i64,
    filled: Filled,
    faults: BTreeMap<&'static str, Vec<String>>,
    intents: Vec<Choice>,
    intent: &'static str,
    means: String,
    languages: Vec<Choice>,
    formats: Vec<Choice>,
    modes: Vec<Choice>,
    folders: Vec<String>,
    replacements: Vec<(String, String)>,
    text_rows: usize,
    html_rows: usize,
}

impl MailPage {
    /// What is wrong with a part, each with its place.
    fn faults(&self, part: &str) -> &[String] {
        self.faults.get(part).map_or(&[], Vec::as_slice)
    }

    /// Whether anything keeps the words from being mailed.
    fn has_faults(&self) -> bool {
        !self.faults.is_empty() || !self.filled.first_error().is_empty()
    }
}

/// GET /console/mailings/{id}/mail
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = match get_editable(&operator, &id).await? {
        Ok(one) => one,
        Err(page) => return Ok(page),
    };
    let filled = filled_of(&one);
    show_page(&operator, StatusCode::OK, &one, filled).await
}

/// POST /console/mailings/{id}/mail
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let pairs = operator.form(sent, &FIELDS)?;
    let one = get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    if pairs.text("seen") != one.updated_at.to_string() {
        // The words of somebody else must not be lost unseen; those typed here stay on the page.
        filled.notice = Some(operator.say("mailing-changed-meanwhile"));
        return show_page(&operator, StatusCode::CONFLICT, &one, filled).await;
    }
    let Some(mut draft) = read_step(&operator, &pairs, &mut filled, &one) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    let began_anew = begin_anew(&one, &mut draft);
    match operator.state().flow.update_mailing(one.id, draft, &operator.acting()).await {
        Err(error) => {
            refusals::refuse(&operator, &mut filled, error, &FIELDS)?;
            show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await
        }
        Ok(saved) => saved_step(&operator, &pairs, &saved, began_anew).await,
    }
}

/// Where the operator goes after saving: on, back, or nowhere while something is still to be put right.
async fn saved_step(
    operator: &Operator,
    pairs: &Pairs,
    saved: &Mailing,
    began_anew: bool,
) -> Result<Response, Failure> {
    let path = path_of(saved);
    if began_anew {
        return Ok(page::done(&format!("{path}/mail"), "mailing-words-anew", None));
    }
    match pairs.text("act") {
        "close" => Ok(page::done(&path, "mailing-saved", None)),
        "next" => {
            let read = operator.state().flow.read_mailing_words(saved.intent, &saved.words).await?;
            if read.problems.is_empty() && saved.words.check().is_ok() {
                let next = if saved.reminder.is_some() {
                    "mailing-mail-saved-reminder"
                } else {
                    "mailing-mail-saved"
                };
                return Ok(page::done(&format!("{path}/recipients"), next, None));
            }
            let mut filled = filled_of(saved);
            filled.put("person", pairs.text("person").to_owned());
            filled.good = Some(operator.say("mailing-saved-but"));
            show_page(operator, StatusCode::OK, saved, filled).await
        }
        _ => Ok(page::done(&format!("{path}/mail"), "mailing-saved", None)),
    }
}

/// Words nobody has touched follow the intent and the language.
fn begin_anew(before: &Mailing, draft: &mut Draft) -> bool {
    if draft.intent == before.intent && draft.words.language == before.words.language {
        return false;
    }
    let old = new::starting(before.intent, before.words.language);
    let same = |one: &str, other: &str| typed::unix(one).trim_end() == typed::unix(other).trim_end();
    let words = &draft.words;
    let untouched = same(&words.subject, &old.subject)
        && same(&words.text, &old.text)
        && (words.html_format == HtmlFormat::None || same(&words.html_source, &old.html_source));
    if untouched {
        let fresh = new::starting(draft.intent, draft.words.language);
        draft.words.subject = fresh.subject;
        draft.words.text = fresh.text;
        if draft.words.html_format != HtmlFormat::None {
            draft.words.html_format = fresh.html_format;
            draft.words.html_source = fresh.html_source;
        }
    }
    untouched
}

/// The step as typed; `None`: something is wrong, which then stands at its field.
fn read_step(operator: &Operator, pairs: &Pairs, filled: &mut Filled, before: &Mailing) -> Option<Draft> {
    let (intent, words) = words_of(pairs, before);
    let read = |filled: &mut Filled, field: &str, wrong: &str, kept: u32| {
        if pairs.all().any(|(name, _)| name == field) {
            typed::number(operator, filled, field, wrong).map(|number| number.unwrap_or(kept))
        } else {
            Some(kept)
        }
    };
    let link_hours = read(filled, "link_hours", "job-wrong-valid", before.link_hours);
    let old = &before.password;
    let valid_hours = read(filled, "valid_hours", "job-wrong-valid", old.valid_hours);
    let remail = read(filled, "remail_after_hours", "job-wrong-remail", old.remail_after_hours);
    let approve_above = if pairs.all().any(|(name, _)| name == "approve_above") {
        typed::number(operator, filled, "approve_above", "job-wrong-people")?
    } else {
        old.approve_above
    };
    if valid_hours.is_some_and(|hours| !(1..=336).contains(&hours)) {
        filled.wrong("valid_hours", operator.say("job-wrong-valid"));
    }
    let mode = modes::named(pairs.text("mode")).unwrap_or(old.mode);
    if !filled.is_right() {
        return None;
    }
    Some(Draft {
        folder: pairs.text("folder").trim().to_owned(),
        name: pairs.text("name").trim().to_owned(),
        intent,
        words,
        link_hours: link_hours?,
        password: SendNewPassword {
            mode,
            valid_hours: valid_hours?,
            remail_after_hours: remail?,
            approve_above,
            ..old.clone()
        },
        ..Draft::of(before)
    })
}

/// Intent and words as they stand in the form.
pub(super) fn words_of(pairs: &Pairs, before: &Mailing) -> (Intent, Words) {
    let line = |name: &str| pairs.text(name).trim().to_owned();
    let words = Words {
        language: Language::for_tag(pairs.text("language")).unwrap_or(before.words.language),
        sender_name: line("sender_name"),
        sender_address: line("sender_address"),
        reply_to: line("reply_to"),
        subject: line("subject"),
        text: typed::unix(pairs.text("text")),
        html_format: HtmlFormat::parse(pairs.text("html_format")).unwrap_or(before.words.html_format),
        html_source: typed::unix(pairs.text("html")),
    };
    (Intent::parse(pairs.text("intent")).unwrap_or(before.intent), words)
}

fn filled_of(one: &Mailing) -> Filled {
    let words = &one.words;
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    Filled::with([
        ("folder", one.folder.clone()),
        ("name", one.name.clone()),
        ("intent", one.intent.as_str().to_owned()),
        ("language", words.language.tag().to_owned()),
        ("sender_name", words.sender_name.clone()),
        ("sender_address", words.sender_address.clone()),
        ("reply_to", words.reply_to.clone()),
        ("subject", words.subject.clone()),
        ("text", words.text.clone()),
        ("html_format", words.html_format.as_str().to_owned()),
        ("html", words.html_source.clone()),
        ("link_hours", one.link_hours.to_string()),
        ("mode", one.password.mode.as_str().to_owned()),
        ("valid_hours", one.password.valid_hours.to_string()),
        ("remail_after_hours", one.password.remail_after_hours.to_string()),
        ("approve_above", number(one.password.approve_above)),
    ])
}

/// POST /console/mailings/{id}/mail/{part}: `html` or `text`, of the words as they stand in the form.
pub(crate) async fn look(
    operator: Operator,
    Path((id, part)): Path<(String, String)>,
    LargeForm(sent): LargeForm,
) -> Result<Response, Failure> {
    let part = preview::Shows::of(&part)?;
    let one = get(&operator, &id).await?;
    let pairs = operator.form(sent, &FIELDS)?;
    let (intent, words) = words_of(&pairs, &one);
    let read = typed_hours(&pairs, one.link_hours);
    let written = Mailing { intent, link_hours: read, ..one };
    preview::frame(&operator, &written, &words, pairs.text("person"), part).await
}

fn typed_hours(pairs: &Pairs, kept: u32) -> u32 {
    let typed = pairs.text("link_hours").trim().parse();
    typed.ok().filter(|hours| domain::mailing::check_link_hours(*hours).is_ok()).unwrap_or(kept)
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: &Mailing,
    mut filled: Filled,
) -> Result<Response, Failure> {
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            let attributes = attribute::list(tx).await?;
            Ok::<_, store::StoreError>((mailing::list_folders(tx).await?, attributes))
        })
    });
    let (folders, attributes) = read.await?;
    // What is typed is looked at, or what is stored while nothing is typed.
    let pairs = Pairs::of(
        [
            "language",
            "sender_name",
            "sender_address",
            "reply_to",
            "subject",
            "text",
            "html_format",
            "html",
            "intent",
        ]
        .map(|name| (name.to_owned(), filled.value(name).to_owned()))
        .into(),
    )?;
    let (intent, words) = words_of(&pairs, one);
    let problems = operator.state().flow.read_mailing_words(intent, &words).await?.problems;
    for unfit in words.check().err().unwrap_or_default() {
        refusals::note(operator, &mut filled, &unfit);
    }
    let mut replacements: Vec<(String, String)> = available(intent, operator.context.words.language)
        .into_iter()
        .map(|one| (one.written, one.meaning))
        .collect();
    replacements
        .extend(attributes.into_iter().map(|one| (replacement::written_attribute(&one.name), one.label)));
    let chosen = |name: &str| filled.value(name).to_owned();
    let page = MailPage {
        shell: operator.shell(Place::Mailings),
        path: path_of(one),
        title: one.name.clone(),
        is_armed: one.state == domain::mailing::MailingState::Armed,
        may_name: operator.may(Permission::PeopleView),
        seen: one.updated_at,
        faults: faults::by_part(operator.context.words, &problems),
        intents: intents(operator, &chosen("intent")),
        intent: intent.as_str(),
        means: operator.say(&format!("intent-{}-means", intent.as_str().replace('_', "-"))),
        languages: new::languages(operator, &chosen("language")),
        formats: formats(operator, &chosen("html_format")),
        modes: password_modes(operator, &chosen("mode")),
        folders: folders.into_iter().map(|(name, _)| name).filter(|name| !name.is_empty()).collect(),
        replacements,
        text_rows: filled.value("text").lines().count().clamp(12, 40),
        html_rows: filled.value("html").lines().count().clamp(8, 30),
        filled,
    };
    page::show(status, &page)
}

fn intents(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |intent: &Intent| Choice::new(intent.as_str(), super::intent_label(operator, *intent), chosen);
    Intent::ALL.iter().map(one).collect()
}

fn formats(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |format: &HtmlFormat| {
        Choice::new(format.as_str(), operator.say(&format!("mailing-format-{format}")), chosen)
    };
    HtmlFormat::ALL.iter().map(one).collect()
}

fn password_modes(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |mode: Mode| {
        let id = format!("mode-{}", mode.as_str().replace('_', "-"));
        Choice::new(mode.as_str(), operator.say(&id), chosen)
    };
    modes::MODES.into_iter().map(one).collect()
}
