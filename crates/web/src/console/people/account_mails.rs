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
    /// Where it goes; empty: nobody has looked yet.
    address: String,
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
    let address = one.address.clone().unwrap_or_default();
    let path = match one.person_id {
        Some(id) => format!("/console/people/{id}"),
        None => format!("/console/people?q={}", encode(&address)),
    };
    Line {
        asked: operator.at_second(one.requested_at),
        kind: operator.say(&format!("account-mail-{}", one.kind.as_str().replace('_', "-"))),
        path,
        address,
        tries: one.attempts,
        class,
        state: operator.say(&format!("account-mail-state-{state}")),
        why: one.bounce.clone().or_else(|| one.detail.clone()).unwrap_or_default(),
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
