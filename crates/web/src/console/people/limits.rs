//! What holds one person back, on its page: limits, why no link can be mailed, and why a request brought none.

use crate::console::limits::Line;
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::words::Words;
use domain::account_mail::NoLink;
use domain::id::PersonId;
use domain::limit::Level;
use store::timeline::Done;
use store::{person, reset_link};

/// What holds one person back.
pub(super) struct Held {
    pub(super) lines: Vec<Line>,
    /// Whether clearing would change something.
    pub(super) is_counted: bool,
    /// Why the person gets no personal link; empty: it may have one.
    pub(super) no_link: String,
}

/// Reads it: every limit that has counted something, the fullest first.
pub(super) async fn read(operator: &Operator, id: PersonId) -> Result<Held, Failure> {
    let (care, now_ms) = (operator.state().auth.limit_care(), operator.now_ms());
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let person = person::get(tx, id).await?;
            let fills = care.of_person(tx, &person, now_ms).await?;
            Ok::<_, Failure>((fills, reset_link::find(tx, id, now_ms).await?))
        })
    });
    let (mut fills, meant) = asked.await?;
    fills.retain(|fill| fill.used > 0);
    fills.sort_by_key(|fill| match fill.level {
        Level::Full => 0,
        Level::Near => 1,
        Level::Open => 2,
    });
    let clears = |kind| kind != domain::limit::LimitKind::LiveLinks;
    let why = meant.and_then(|one| one.address.err());
    Ok(Held {
        is_counted: fills.iter().any(|fill| clears(fill.kind)),
        lines: fills.iter().map(|fill| Line::of(operator, fill)).collect(),
        no_link: why.map(|why| operator.say(&no_link_id(why.as_str()))).unwrap_or_default(),
    })
}

fn no_link_id(why: &str) -> String {
    format!("no-link-{}", why.replace('_', "-"))
}

/// Why a request brought no link, or a mail about the account did not arrive; `None`: it did, or it is none.
pub(super) fn explained(words: &Words, done: &Done) -> Option<String> {
    let text = |name: &str| done.detail[name].as_str();
    match done.action.as_str() {
        "reset.left_out" => {
            let why = words.say(&no_link_id(NoLink::parse(text("reason")?)?.as_str()));
            // Elsewhere it follows a colon.
            let mut letters = why.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect())
        }
        "reset.absorbed" => words.find(&format!("absorbed-{}", text("reason")?.replace('_', "-"))),
        "reset.link_failed" | "password.notice_failed" => text("reply").map(str::to_owned),
        "reset.bounced" | "password.notice_bounced" => {
            let class = text("reason").and_then(|reason| words.cause(reason));
            let parts = [class, text("reply").map(str::to_owned)];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
        }
        _ => None,
    }
}
