//! Limits on guessing and asking: those of a network or a mailbox looked up and cleared, and how far the lane of
//! everybody is filled. Those of one person stand on the person's page.

mod line;

pub(crate) use line::Line;

use crate::console::filled::Filled;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people;
use crate::console::refusal;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::encode;
use askama::Template;
use auth::limit_care::{Lane, read_network};
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::Address;
use domain::limit::Fill;
use domain::role::Permission;
use store::ChangeError;

#[derive(Template)]
#[template(path = "console/limits.html")]
struct LimitsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    filled: Filled,
    found: Option<Found>,
    lane: Vec<Line>,
    waiting: String,
    is_mailing_recent: bool,
    during_mailing: String,
}

/// What was looked up.
struct Found {
    title: String,
    of: String,
    lines: Vec<Line>,
    /// Where the form that clears goes; empty: nothing is counted, or this operator may not.
    clear: &'static str,
}

/// What somebody typed to look for.
#[derive(Debug, Clone)]
enum Sought {
    Network(String),
    Mailbox(Address),
}

impl Sought {
    fn read(typed: &str) -> Option<Self> {
        if let Some(network) = read_network(typed) {
            return Some(Self::Network(network));
        }
        Address::parse(typed).ok().map(Self::Mailbox)
    }
}

/// GET /console/limits
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["of"])?;
    let of = query.text("of").trim().to_owned();
    let filled = Filled::with([("of", of.clone())]);
    answer(&operator, &of, StatusCode::OK, filled).await
}

/// POST /console/limits/mailbox: clears those of a mailbox.
pub(crate) async fn clear_mailbox(operator: Operator, sent: Form) -> Result<Response, Failure> {
    clear(operator, sent).await
}

/// POST /console/limits/network: clears those of a network.
pub(crate) async fn clear_network(operator: Operator, sent: Form) -> Result<Response, Failure> {
    clear(operator, sent).await
}

async fn clear(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["of"])?;
    let of = fields.text("of").trim().to_owned();
    let mut filled = Filled::sent(&fields);
    let Some(sought) = Sought::read(&of) else {
        return answer(&operator, &of, StatusCode::UNPROCESSABLE_ENTITY, filled).await;
    };
    // Each of the two has its own permission.
    let needs = match sought {
        Sought::Network(_) => Permission::SettingsEdit,
        Sought::Mailbox(_) => Permission::PeopleEdit,
    };
    if !operator.may(needs) {
        return Err(Failure::Forbidden);
    }
    let (care, acting, now_ms) = (operator.state().auth.limit_care(), operator.acting(), operator.now_ms());
    let cleared = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                match &sought {
                    Sought::Network(network) => care.clear_network(tx, &acting, network, now_ms).await,
                    Sought::Mailbox(address) => care.clear_mailbox(tx, &acting, address, now_ms).await,
                }
            })
        })
        .await;
    match cleared {
        Ok(changed) => {
            let code = if changed { "limits-cleared" } else { "limits-nothing" };
            Ok(page::done(&format!("/console/limits?of={}", encode(&of)), code, None))
        }
        Err(ChangeError::Refused(why)) => {
            filled.notice = Some(refusal::say(operator.context.words, &why));
            answer(&operator, &of, StatusCode::CONFLICT, filled).await
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// The page. What was typed and means nothing is said at the field.
async fn answer(
    operator: &Operator,
    of: &str,
    status: StatusCode,
    mut filled: Filled,
) -> Result<Response, Failure> {
    let sought = Sought::read(of);
    let mut status = status;
    if sought.is_none() && !of.is_empty() {
        filled.wrong("of", operator.say("limits-of-wrong"));
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let is_mailing_recent = operator.state().auth.is_mailing_recent(operator.now_ms()).await?;
    let (care, now_ms, asked) = (operator.state().auth.limit_care(), operator.now_ms(), sought.clone());
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let fills = match &asked {
                None => Vec::new(),
                Some(Sought::Network(network)) => care.of_network(tx, network, now_ms).await?,
                Some(Sought::Mailbox(address)) => care.of_mailbox(tx, address, now_ms).await?,
            };
            Ok::<_, Failure>((fills, care.of_everybody(tx, now_ms).await?))
        })
    });
    let (fills, lane) = read.await?;
    let most = operator.state().auth.reset_limits().network_during_mailing.most;
    let page = LimitsPage {
        shell: operator.shell(Place::People),
        tabs: people::tabs(operator, "/console/limits"),
        found: sought.map(|sought| found(operator, sought, of, &fills)),
        lane: vec![Line::of(operator, &lane.requests)],
        waiting: waiting(operator, &lane),
        is_mailing_recent,
        during_mailing: operator.fill("limits-during-mailing", "n", &grouped(most)),
        filled,
    };
    page::show(status, &page)
}

fn found(operator: &Operator, sought: Sought, of: &str, fills: &[Fill]) -> Found {
    let (title, clear, needs) = match sought {
        Sought::Network(network) => (network, "/console/limits/network", Permission::SettingsEdit),
        Sought::Mailbox(address) => {
            (address.as_given().to_owned(), "/console/limits/mailbox", Permission::PeopleEdit)
        }
    };
    let is_counted = fills.iter().any(|fill| fill.used > 0);
    Found {
        title: operator.fill("limits-of", "what", &title),
        of: of.to_owned(),
        lines: fills.iter().map(|fill| Line::of(operator, fill)).collect(),
        clear: if is_counted && operator.may(needs) { clear } else { "" },
    }
}

fn waiting(operator: &Operator, lane: &Lane) -> String {
    match lane.oldest_at {
        None => operator.say("limits-lane-empty"),
        Some(at) => operator.context.words.say_with(
            "limits-lane-waiting",
            &[("n", &grouped(lane.waiting)), ("time", &operator.at_second(at))],
        ),
    }
}
