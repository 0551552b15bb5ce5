//! A list of addresses or user names, pasted or in a file: what each line means, and taking over those that are found.

use super::take::change;
use super::{CHUNK, Looks, filled_of, has_started, show_page};
use crate::console::grouped;
use crate::console::mailings::get;
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::file_form::FileForm;
use axum::extract::{FromRequest as _, Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::role::Permission;
use store::mailing::{self, Line};

/// Lines told one by one.
const TOLD: usize = 500;
/// Lines looked up at once.
const AT_ONCE: usize = 20_000;

/// What came of a list.
#[derive(Default)]
pub(super) struct Outcome {
    /// As pasted; empty when it came in a file.
    pub(super) typed: String,
    /// Said over the lines; empty: no list was sent.
    pub(super) summary: String,
    pub(super) lines: Vec<Told>,
    /// How many lines are not told.
    pub(super) untold: String,
    pub(super) is_only_checked: bool,
}

/// A line of the list.
pub(super) struct Told {
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) class: &'static str,
    pub(super) means: String,
}

/// POST /console/mailings/{id}/recipients/list: says what each line means; `act=take` takes over who is found.
pub(crate) async fn create(
    operator: Operator,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    // Looked up first: what is sent to a mailing that is none is not read.
    let one = get(&operator, &id).await?;
    let form = FileForm::from_request(request, operator.state()).await?;
    let (pairs, file) = form.of_session(&operator.signed.session, &["lines", "act"])?;
    if !operator.may(Permission::PeopleView) {
        return Err(Failure::Forbidden);
    }
    let mut filled = filled_of(&operator, &one);
    if !one.state.is_editable() {
        filled.notice = Some(has_started(&operator));
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled, Looks::default()).await;
    }
    let typed = pairs.text("lines").replace("\r\n", "\n");
    let in_file = !file.content.is_empty();
    let text = match String::from_utf8(file.content) {
        Ok(text) if in_file => text.trim_start_matches('\u{feff}').replace("\r\n", "\n"),
        Ok(_) => typed.clone(),
        Err(_) => {
            filled.wrong("file", operator.say("mailing-list-not-utf8"));
            let list = Outcome { typed, ..Outcome::default() };
            let looks = Looks { list, ..Looks::default() };
            return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled, looks).await;
        }
    };
    if text.trim().is_empty() {
        filled.wrong("lines", operator.say("mailing-list-empty"));
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled, Looks::default()).await;
    }
    let read = read(&operator, text).await?;
    let people = found_in(&read);
    let take = pairs.text("act") == "take";
    let mut taken = 0;
    if take {
        for chunk in people.chunks(CHUNK as usize) {
            match change(&operator, &one, chunk.to_vec(), true).await? {
                Ok(people) => taken += people,
                Err(refusal) => {
                    filled.notice = Some(crate::console::refusal::say(operator.context.words, &refusal));
                    break;
                }
            }
        }
    }
    let list = told(
        &operator,
        &read,
        people.len(),
        take.then_some(taken),
        if in_file { String::new() } else { typed },
    );
    // What was taken over has made a draft of it.
    let one = get(&operator, &id).await?;
    show_page(&operator, StatusCode::OK, &one, filled, Looks { list, ..Looks::default() }).await
}

async fn read(operator: &Operator, text: String) -> Result<Vec<(String, Line)>, Failure> {
    let read = operator.state().store.read(move |tx| {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Box::pin(async move {
            let mut all = Vec::with_capacity(lines.len());
            for chunk in lines.chunks(AT_ONCE) {
                let texts: Vec<&str> = chunk.iter().map(String::as_str).collect();
                let read = mailing::read_lines(tx, &texts).await?;
                all.extend(chunk.iter().cloned().zip(read));
            }
            Ok::<_, store::StoreError>(all)
        })
    });
    Ok(read.await?)
}

fn found_in(read: &[(String, Line)]) -> Vec<PersonId> {
    read.iter()
        .filter_map(|(_, line)| match line {
            Line::Found { person_id, .. } => Some(*person_id),
            _ => None,
        })
        .collect()
}

fn told(
    operator: &Operator,
    read: &[(String, Line)],
    found: usize,
    taken: Option<u64>,
    typed: String,
) -> Outcome {
    let words = operator.context.words;
    let count = |number: usize| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let filled_in = read.iter().filter(|(_, line)| *line != Line::Empty).count();
    let gaps = [
        ("lines", count(filled_in)),
        ("found", count(found)),
        ("taken", grouped(i64::try_from(taken.unwrap_or_default()).unwrap_or(i64::MAX))),
    ];
    let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
    let numbered = (1..).zip(read).filter(|(_, (_, line))| *line != Line::Empty);
    // In a long list only what needs a look is told line by line.
    let is_told = |line: &Line| filled_in <= TOLD || !matches!(line, Line::Found { .. });
    let lines: Vec<Told> = numbered
        .filter(|(_, (_, line))| is_told(line))
        .take(TOLD)
        .map(|(number, (text, line))| told_line(operator, number, text, line))
        .collect();
    let untold = filled_in - lines.len();
    Outcome {
        typed,
        summary: words
            .say_with(if taken.is_some() { "mailing-list-taken" } else { "mailing-list-checked" }, &gaps),
        untold: if untold > 0 {
            words.fill("mailing-list-untold", "count", &count(untold))
        } else {
            String::new()
        },
        lines,
        is_only_checked: taken.is_none(),
    }
}

fn told_line(operator: &Operator, number: usize, text: &str, line: &Line) -> Told {
    let words = operator.context.words;
    let (class, means) = match line {
        Line::Found { username, .. } => ("accepted", words.fill("mailing-line-found", "username", username)),
        Line::Repeated { username } => ("unknown", words.fill("mailing-line-repeated", "username", username)),
        Line::Several { people } => {
            ("refused", words.fill("mailing-line-several", "count", &grouped(*people)))
        }
        Line::Unknown => ("refused", words.say("mailing-line-unknown")),
        Line::Empty => ("", String::new()),
    };
    Told { number, text: text.trim().chars().take(200).collect(), class, means }
}
