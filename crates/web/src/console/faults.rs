//! What is wrong with the words of a mail, by its part and place: the words of a template and of a mailing alike.

use crate::words::Words;
use flow::template::{Part, Problem};
use std::collections::BTreeMap;

/// The faults of each part, to stand at its field.
pub(crate) fn by_part(words: &Words, problems: &[Problem]) -> BTreeMap<&'static str, Vec<String>> {
    let mut faults: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for problem in problems {
        let fault = match problem.part {
            // It has one line only.
            Part::Subject => words.sentence(&problem.message),
            Part::Text | Part::Html => placed(words, problem),
        };
        faults.entry(problem.part.as_str()).or_default().push(fault);
    }
    faults
}

/// A fault with its part and its place.
pub(crate) fn say(words: &Words, problem: &Problem) -> String {
    let part = words.say(&format!("template-{}", problem.part.as_str()));
    format!("{part} · {}", placed(words, problem))
}

fn placed(words: &Words, problem: &Problem) -> String {
    let (line, column) = (problem.line.to_string(), problem.column.to_string());
    let place = words.say_with("template-place", &[("line", &line), ("column", &column)]);
    format!("{place} {}", words.sentence(&problem.message))
}
