//! The words around a new password: what is wrong with it, and how strong it is.

use crate::words::Words;
use auth::password_rules::{Judged, Problem};

/// Every problem in the reader's language, each a sentence or two.
pub(crate) fn say_problems(words: &Words, problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| say_problem(words, problem)).collect()
}

fn say_problem(words: &Words, problem: &Problem) -> String {
    let id = format!("problem-{}", problem.code().replace('_', "-"));
    match problem {
        Problem::TooShort { length, least } => {
            words.say_with(&id, &[("length", &length.to_string()), ("least", &least.to_string())])
        }
        Problem::EasyToGuess { hints } => {
            let hints =
                hints.iter().map(|hint| words.say(&format!("hint-{}", hint.code().replace('_', "-"))));
            std::iter::once(words.say(&id)).chain(hints).collect::<Vec<_>>().join(" ")
        }
        _ => words.say(&id),
    }
}

/// The line beneath the meter.
pub(crate) fn say_strength(words: &Words, judged: &Judged) -> String {
    match judged.problems.first() {
        Some(problem) => say_problem(words, problem),
        None if judged.strength >= 4 => words.say("strength-very-good"),
        None => words.say("strength-good"),
    }
}
