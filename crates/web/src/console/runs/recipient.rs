//! One recipient: everything that happened, which password counts now, and what an operator can do about it.

use super::recipients::why;
use super::timeline::{self, Entry};
use super::{get, id_of};
use crate::console::automations::refusals;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::Address;
use domain::id::RecipientId;
use domain::person::Person;
use domain::recipient::RecipientState;
use domain::role::Permission;
use domain::run::RunState;
use flow::{CorrectError, RetryOf, StartError};
use store::recipient::Listed;
use store::run::Run;
use store::view::{self, Mailed};
use store::{StoreError, delivery, person, recipient};

#[derive(Template)]
#[template(path = "console/recipient.html")]
struct RecipientPage {
    shell: Shell,
    run: Run,
    one: Listed,
    state: &'static str,
    name: String,
    address: String,
    why: String,
    /// What to do about it; empty: nothing.
    advice: String,
    counts_now: String,
    person: Option<String>,
    entries: Vec<Entry>,
    may_retry: bool,
    may_correct: bool,
    filled: Filled,
}

/// Everything the page reads.
pub(super) struct Read {
    pub(super) one: Listed,
    pub(super) deliveries: Vec<delivery::Listed>,
    pub(super) mailed: Vec<Mailed>,
    /// `None`: erased.
    pub(super) person: Option<Person>,
}

/// GET /console/runs/{id}/recipients/{place}
pub(crate) async fn show(
    operator: Operator,
    Path((id, place)): Path<(String, String)>,
) -> Result<Response, Failure> {
    operator.query(&[])?;
    let run = get(&operator, id_of(&id)?).await?;
    let read = read(&operator, &run, id_of(&place)?).await?;
    page::show(StatusCode::OK, &recipient_page(&operator, run, read, None))
}

/// POST /console/runs/{id}/recipients/{place}/retry
pub(crate) async fn retry(
    operator: Operator,
    Path((id, place)): Path<(String, String)>,
    sent: Form,
) -> Result<Response, Failure> {
    let (id, place) = (id_of(&id)?, id_of(&place)?);
    operator.form(sent, &[])?;
    match operator.state().flow.retry(id, RetryOf::One(place), &operator.acting()).await {
        Ok(_) => Ok(page::done(&format!("/console/runs/{id}/recipients/{place}"), "recipient-retry", None)),
        Err(StartError::Store(error)) => Err(error.into()),
        Err(StartError::Refused(refusal)) => {
            again(&operator, id, place, Filled::refused(refusals::explain(&operator, &refusal))).await
        }
    }
}

/// POST /console/runs/{id}/recipients/{place}/correct
pub(crate) async fn correct(
    operator: Operator,
    Path((id, place)): Path<(String, String)>,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["address"])?;
    // To correct an address is to change the person as well; asked before anything is looked up.
    if !operator.may(Permission::PeopleEdit) {
        return Err(Failure::Forbidden);
    }
    let (id, place) = (id_of(&id)?, id_of(&place)?);
    let mut filled = Filled::sent(&fields);
    match Address::parse(fields.text("address")) {
        Err(error) => filled.wrong("address", operator.context.words.tell(&error)),
        Ok(address) => match operator.state().flow.correct(id, place, address, &operator.acting()).await {
            Ok(_) => {
                return Ok(page::done(
                    &format!("/console/runs/{id}/recipients/{place}"),
                    "recipient-correct",
                    None,
                ));
            }
            Err(CorrectError::Person(error)) => filled.refuse(error, operator.context.words)?,
            Err(CorrectError::Run(StartError::Refused(refusal))) => {
                filled.notice = Some(refusals::explain(&operator, &refusal))
            }
            Err(CorrectError::Run(StartError::Store(error))) => return Err(error.into()),
        },
    }
    again(&operator, id, place, filled).await
}

async fn again(
    operator: &Operator,
    id: domain::id::RunId,
    place: u32,
    filled: Filled,
) -> Result<Response, Failure> {
    let run = get(operator, id).await?;
    let read = read(operator, &run, place).await?;
    page::show(StatusCode::UNPROCESSABLE_ENTITY, &recipient_page(operator, run, read, Some(filled)))
}

async fn read(operator: &Operator, run: &Run, place: u32) -> Result<Read, Failure> {
    let id = RecipientId::new(run.number, place);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let found = recipient::find(tx, id).await?;
            let one = found.ok_or_else(|| StoreError::NotFound("the recipient".into()))?;
            Ok::<_, StoreError>(Read {
                deliveries: delivery::list(tx, id).await?,
                mailed: view::list_mailed(tx, one.person_id, id).await?,
                person: person::find(tx, one.person_id).await?,
                one,
            })
        })
    });
    read.await.map_err(Failure::from)
}

fn recipient_page(operator: &Operator, run: Run, read: Read, filled: Option<Filled>) -> RecipientPage {
    let named = operator.may(Permission::PeopleView);
    let one = &read.one;
    let failed =
        matches!(one.state, RecipientState::Refused | RecipientState::Unknown | RecipientState::Bounced);
    let may_retry = failed
        && read.person.is_some()
        && operator.may(Permission::RunsControl)
        && matches!(run.state, RunState::Running | RunState::Paused | RunState::Finished);
    let address = one.address.clone().filter(|_| named).unwrap_or_default();
    RecipientPage {
        shell: operator.shell(Place::Runs),
        state: one.state.as_str(),
        name: match (&one.name, named) {
            (Some(name), true) => name.clone(),
            (Some(_), false) => operator.say("run-hidden"),
            (None, _) => operator.say("run-erased"),
        },
        why: why(operator, one).unwrap_or_default(),
        advice: advice(operator, one),
        counts_now: timeline::counts_now(operator, &read),
        person: (named && read.person.is_some()).then(|| format!("/console/people/{}", one.person_id)),
        entries: timeline::of(operator, &run, &read),
        may_retry,
        may_correct: may_retry && named && operator.may(Permission::PeopleEdit),
        filled: filled.unwrap_or_else(|| Filled::with([("address", address.clone())])),
        address,
        run,
        one: read.one,
    }
}

/// What to do about a recipient that was left out.
fn advice(operator: &Operator, one: &Listed) -> String {
    use domain::recipient::Reason;
    if one.state != RecipientState::LeftOut {
        return String::new();
    }
    let Some(reason) = one.reason.as_deref().and_then(Reason::parse) else { return String::new() };
    let text = match reason {
        Reason::NoAddress | Reason::Undeliverable => "recipient-advice-address",
        Reason::Blocked | Reason::Expired => "recipient-advice-blocked",
        Reason::RecentlyMailed => "recipient-advice-recent",
        Reason::HigherRank => "recipient-advice-rank",
        Reason::HybridUser => "recipient-advice-hybrid",
        Reason::SystemUser | Reason::Contact => "recipient-advice-other-job",
        Reason::ApiUser | Reason::ActingOperator | Reason::LastAdministrator => "recipient-advice-guard",
        Reason::Duplicate | Reason::Gone | Reason::AlreadyDone => return String::new(),
    };
    operator.say(text)
}
