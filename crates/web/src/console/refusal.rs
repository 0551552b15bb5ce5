//! Why a change was not made, in the operator's language.

use crate::words::Words;
use store::Refusal;

/// A sentence or two. What is said about a field or a state stays as the rule itself says it.
pub(crate) fn say(words: &Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rank => words.say("refusal-rank"),
        Refusal::RoleRank => words.say("refusal-role-rank"),
        Refusal::LastOwner => words.say("refusal-last-owner"),
        Refusal::OwnsAutomations(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            words.fill("refusal-owns-automations", "numbers", &numbers.join(", "))
        }
        Refusal::InUse { by, .. } => words.fill("refusal-in-use", "by", &by.join(", ")),
        Refusal::Field { .. } | Refusal::State(_) => refusal.to_string(),
    }
}
