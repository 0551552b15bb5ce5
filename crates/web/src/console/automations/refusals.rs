//! Why nothing begins, in the operator's language.

use crate::console::grouped;
use crate::console::operator::Operator;
use flow::Refusal;

/// A refusal in a sentence.
pub(in crate::console) fn explain(operator: &Operator, refusal: &Refusal) -> String {
    let words = operator.context.words;
    match refusal {
        Refusal::NoSelection => words.say("refusal-no-selection"),
        Refusal::Selection(why) => words.fill("refusal-selection", "why", &words.sentence(why)),
        Refusal::NoRights(who) if who == store::rights::ERASED => words.say("refusal-erased"),
        Refusal::NoRights(who) => words.fill("refusal-no-rights", "who", who),
        Refusal::AlreadyRunning => words.say("refusal-already-running"),
        Refusal::TooMany { would_receive, limit, .. } => words.say_with(
            "refusal-too-many",
            &[("people", &grouped(*would_receive)), ("limit", &grouped(*limit))],
        ),
        Refusal::TooManyToday { would_receive, used, limit } => words.say_with(
            "refusal-too-many-today",
            &[("people", &grouped(*would_receive)), ("used", &grouped(*used)), ("limit", &grouped(*limit))],
        ),
        Refusal::Unapproved { would_receive, above, lacking, .. } => words.say_with(
            "refusal-unapproved",
            &[
                ("people", &grouped(*would_receive)),
                ("above", &grouped(*above)),
                ("lacking", &words.sentence(lacking)),
            ],
        ),
        Refusal::Unconfirmed { would_receive } => {
            words.fill("refusal-unconfirmed", "people", &grouped(*would_receive))
        }
        Refusal::NotNow(why) => words.sentence(why),
        Refusal::LeftOut(reason) => words.reason(reason),
        Refusal::SendingStopped => words.say("refusal-sending-stopped"),
    }
}

/// The number somebody typed, without the signs that part thousands.
pub(in crate::console) fn number(typed: &str) -> Option<i64> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\'' | '’' | '\u{202f}'))
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_its_thousands_are_parted() {
        for typed in ["12345", "12,345", "12.345", "12 345", "12\u{202f}345", "12’345", " 12345 "] {
            assert_eq!(number(typed), Some(12_345), "{typed}");
        }
        for typed in ["", "x", "12e3", "0x12"] {
            assert_eq!(number(typed), None, "{typed}");
        }
    }
}
