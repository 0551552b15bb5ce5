//! A limit as pages show it: what it is, how far it is used up, when it frees itself.

use crate::console::grouped;
use crate::console::operator::Operator;
use domain::limit::{Fill, Level, LimitKind};

/// A limit in a list.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) count: String,
    /// The class of its mark.
    pub(crate) class: &'static str,
    pub(crate) level: String,
    /// When it frees itself; empty: nothing is to be said.
    pub(crate) frees: String,
}

impl Line {
    pub(crate) fn of(operator: &Operator, fill: &Fill) -> Self {
        let words = operator.context.words;
        let count = [("used", grouped(fill.used)), ("most", grouped(fill.most))];
        let count: Vec<(&str, &str)> = count.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let frees = match (fill.frees_at, fill.level, fill.kind) {
            (Some(at), _, _) if fill.used > 0 => {
                operator.fill("limit-frees", "time", &operator.at_second(at))
            }
            (None, Level::Full, LimitKind::WrongPasswords) => operator.say("limit-spent"),
            _ => String::new(),
        };
        Self {
            what: operator.say(&id("limit", fill.kind.as_str())),
            count: words.say_with("limit-count", &count),
            class: match fill.level {
                Level::Open => "finished",
                Level::Near => "paused",
                Level::Full => "failed",
            },
            level: operator.say(&id("limit-level", fill.level.as_str())),
            frees,
        }
    }
}

fn id(begin: &str, name: &str) -> String {
    format!("{begin}-{}", name.replace('_', "-"))
}
