//! Why something was not done, in the operator's language: everything the store refuses. An exhaustive match says
//! each kind of refusal; the sentences inside them have words by their code (`Words::sentence`).

use crate::console::grouped;
use crate::words::Words;
use domain::filter::Problem;
use domain::sentence::Piece;
use store::Refusal;
use store::import::ImportError;

/// How many names a filter's error lists.
const MOST_ALLOWED: usize = 12;

/// A sentence or two.
pub(crate) fn say(words: &Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rank => words.say("refusal-rank"),
        Refusal::RoleRank => words.say("refusal-role-rank"),
        Refusal::LastOwner => words.say("refusal-last-owner"),
        Refusal::OwnsAutomations(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            words.fill("refusal-owns-automations", "numbers", &numbers.join(", "))
        }
        Refusal::OwnsMailings(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            words.fill("refusal-owns-mailings", "numbers", &numbers.join(", "))
        }
        Refusal::InUse { by, .. } => words.fill("refusal-in-use", "by", &used_by(words, by)),
        Refusal::Field { message: sentence, .. } | Refusal::State(sentence) => words.sentence(sentence),
    }
}

/// What uses something, in a row.
pub(crate) fn used_by(words: &Words, by: &[Piece]) -> String {
    let by: Vec<String> = by.iter().map(|piece| words.piece(piece)).collect();
    by.join(", ")
}

/// What is wrong with a file as a whole. `None`: the database failed, which is no fault of the file.
pub(crate) fn import(words: &Words, error: &ImportError) -> Option<String> {
    let at = |line: &u64| grouped(i64::try_from(*line).unwrap_or(i64::MAX));
    Some(match error {
        ImportError::Header { line, column: None, reason } => {
            words.say_with("import-wrong-line", &[("line", &at(line)), ("why", &words.sentence(reason))])
        }
        ImportError::Header { line, column: Some((place, name)), reason } => words.say_with(
            "import-wrong-column",
            &[
                ("line", &at(line)),
                ("place", &place.to_string()),
                ("name", name),
                ("why", &words.sentence(reason)),
            ],
        ),
        ImportError::Group { name, reason } => {
            words.say_with("import-wrong-group", &[("name", name), ("why", &words.sentence(reason))])
        }
        ImportError::Record { line } => words.fill("import-wrong-record", "line", &at(line)),
        ImportError::Quote { line } => words.fill("import-wrong-quote", "line", &at(line)),
        ImportError::Read { line, .. } => words.fill("import-wrong-read", "line", &at(line)),
        ImportError::Stopped { cause, so_far } => words.say_with(
            "import-wrong-stopped",
            &[
                ("why", &import(words, cause).unwrap_or_else(|| words.say("failure-unavailable-text"))),
                ("created", &at(&so_far.created)),
                ("updated", &at(&so_far.updated)),
            ],
        ),
        ImportError::Store(_) => return None,
    })
}

/// What is wrong with a filter, with its place and what would be right, in lines.
pub(crate) fn filter(words: &Words, problem: &Problem) -> String {
    let told = [("message", words.sentence(&problem.message)), ("place", filter_place(words, problem))];
    let mut lines = vec![words.say_with("filter-told", &told.each_ref().map(|(gap, text)| (*gap, &**text)))];
    lines.extend(problem.excerpt.lines().map(|line| format!("  {line}")));
    let allowed = filter_allowed(words, problem);
    if !allowed.is_empty() {
        lines.push(words.fill("filter-told-allowed", "allowed", &allowed));
    }
    lines.extend(problem.hint.as_ref().map(|hint| words.sentence(hint)));
    lines.join("\n")
}

/// The line and column of what is wrong with a filter.
pub(crate) fn filter_place(words: &Words, problem: &Problem) -> String {
    let (line, column) = (problem.line.to_string(), problem.column.to_string());
    words.say_with("filter-place", &[("line", &line), ("column", &column)])
}

/// What may stand at the place; empty: nothing in particular.
pub(crate) fn filter_allowed(words: &Words, problem: &Problem) -> String {
    let listed: Vec<String> = problem.allowed.iter().take(MOST_ALLOWED).map(|one| words.piece(one)).collect();
    let more = if problem.allowed.len() > listed.len() { ", …" } else { "" };
    if listed.is_empty() { String::new() } else { format!("{}{more}", listed.join(", ")) }
}
