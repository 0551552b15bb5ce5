//! Mails about people's own accounts: what did not arrive, what waits, and all of them.

use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use crate::query::encode;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::AccountMailId;
use store::account_mail_view::{self, Listed, Which};

/// Mails on one page of the list.
const PER_PAGE: usize = 50;
/// The filters: name in the address, and what it asks for. The first is the usual one.
const SHOWN: [(&str, Which); 3] =
    [("trouble", Which::Trouble), ("waiting", Which::Waiting), ("all", Which::All)];

#[derive(Template)]
#[template(path = "console/people/account_mails.html")]
struct AccountMailsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    shown: Vec<Choice>,
    lines: Vec<Line>,
    is_trouble: bool,
    older: Option<String>,
    newest: Option<String>,
}

/// A mail in the list.
struct Line {
    asked: String,
    kind: String,
    /// Where it goes, or that nobody has looked yet.
    address: String,
    /// Who has it; empty: nobody is known.
    path: String,
    tries: i64,
    class: &'static str,
    state: String,
    why: String,
    next: String,
}

/// GET /console/account-mails
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["show", "before"])?;
    let (name, which) = match query.text("show") {
        "" => SHOWN[0],
        text => *SHOWN
            .iter()
            .find(|(name, _)| *name == text)
            .ok_or(Failure::BadRequest("show: there is no such choice."))?,
    };
    let before: Option<AccountMailId> = match query.text("before") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::BadRequest("before: expected the id of a mail."))?),
    };
    let now_ms = operator.now_ms();
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move { account_mail_view::list(tx, which, before, PER_PAGE as i64 + 1, now_ms).await })
    });
    let mut mails = read.await.map_err(Failure::from)?;
    let has_older = mails.len() > PER_PAGE;
    mails.truncate(PER_PAGE);
    let last = mails.last().filter(|_| has_older);
    let page = AccountMailsPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(&operator, "/console/account-mails"),
        shown: SHOWN
            .iter()
            .map(|(one, _)| Choice::new(one, operator.say(&format!("account-mails-show-{one}")), name))
            .collect(),
        is_trouble: which == Which::Trouble,
        older: last.map(|last| format!("/console/account-mails?show={name}&before={}", last.id)),
        newest: before.map(|_| format!("/console/account-mails?show={name}")),
        lines: mails.iter().map(|one| line(&operator, one)).collect(),
    };
    page::show(StatusCode::OK, &page)
}

fn line(operator: &Operator, one: &Listed) -> Line {
    let (class, state) = state(one);
    let (address, path) = match (&one.address, one.person_id) {
        (Some(address), Some(id)) => (address.clone(), format!("/console/people/{id}")),
        (Some(address), None) => (address.clone(), format!("/console/people?q={}", encode(address))),
        (None, _) if one.outcome.is_none() => (operator.say("account-mails-nobody-yet"), String::new()),
        (None, _) => ("–".to_owned(), String::new()),
    };
    let why = one.bounce.clone().or_else(|| one.detail.as_deref().map(|text| in_words(operator, text)));
    Line {
        asked: operator.at_second(one.requested_at),
        kind: operator.say(&format!("account-mail-{}", one.kind.as_str().replace('_', "-"))),
        path,
        address,
        tries: one.attempts,
        class,
        state: operator.say(&format!("account-mail-state-{state}")),
        why: why.unwrap_or_default(),
        next: one.due_at.map(|at| operator.at_second(at)).unwrap_or_default(),
    }
}

/// How a mail stands: the class of its mark and the end of its Fluent id.
fn state(one: &Listed) -> (&'static str, &'static str) {
    use domain::account_mail::AccountMailOutcome::{Absorbed, Accepted, GivenUp, LeftOut};
    match (one.outcome, one.bounced_at) {
        (_, Some(_)) => ("bounced", "bounced"),
        (Some(Accepted), None) => ("accepted", "accepted"),
        (Some(GivenUp), None) => ("refused", "given-up"),
        (Some(Absorbed), None) => ("", "absorbed"),
        (Some(LeftOut), None) => ("", "left-out"),
        (None, None) if one.due_at.is_none() => ("sending", "sending"),
        (None, None) => ("deferred", "waiting"),
    }
}

/// What the lane writes down itself, with the Fluent id of its words; all else is what a relay said.
const OWN_WORDS: [(&str, &str); 8] = [
    ("enough mails went to this mailbox lately", "account-mail-why-enough"),
    ("nobody with this name may have a link", "account-mail-why-nobody"),
    ("nobody with this address may have a link any more", "account-mail-why-nobody-more"),
    ("the account is gone", "account-mail-why-gone"),
    ("whoever got it did not ask for it", "account-mail-why-not-me"),
    ("it arrived: its link was used", "account-mail-why-arrived"),
    ("all sending is stopped", "account-mail-why-stopped"),
    ("no relay can be reached", "account-mail-why-no-relay"),
];

/// What the lane wrote down itself, in the operator's language; what a relay said as it is.
pub(crate) fn in_words(operator: &Operator, detail: &str) -> String {
    let own = OWN_WORDS.iter().find(|(text, _)| *text == detail);
    own.map_or_else(|| detail.to_owned(), |(_, id)| operator.say(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use domain::language::Language;

    #[test]
    fn what_the_lane_writes_down_has_words_and_is_still_written_so() {
        let sources = [
            include_str!("../../../../flow/src/account_letter.rs"),
            include_str!("../../../../flow/src/single.rs"),
            include_str!("../../../../store/src/account_mail/fate.rs"),
        ];
        for (text, id) in OWN_WORDS {
            assert!(sources.iter().any(|source| source.contains(text)), "{text}");
            for language in Language::ALL {
                assert!(Words::of(language).find(id).is_some(), "{id} in {language}");
            }
        }
    }
}
