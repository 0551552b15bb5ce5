//! What is done to one person from its page: each act is a form of its own, and says afterwards what it did.

use crate::console::automations::refusals;
use crate::console::operator::Operator;
use crate::console::people::person::answer;
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use auth::limit_care::LimitCare;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{GroupId, PersonId};
use flow::StartError;
use store::{Acting, ChangeError, ChangeResult, StoreError, Tx, group, person};

#[derive(Template)]
#[template(path = "console/people/erase.html")]
struct ErasePage {
    shell: Shell,
    id: String,
    name: String,
    username: String,
    problem: String,
}

/// What can be done with one click.
#[derive(Debug, Clone, Copy)]
enum Act {
    Block,
    Unblock,
    EndSessions,
    Revoke,
    ClearLimits,
    Deliverable,
    Join(GroupId),
    Leave(GroupId),
}

impl Act {
    /// Does it; gives the code of what is said afterwards.
    async fn make(
        self,
        tx: &mut Tx,
        care: &LimitCare,
        acting: &Acting,
        id: PersonId,
        now_ms: i64,
    ) -> ChangeResult<&'static str> {
        match self {
            Self::Block => person::block(tx, acting, id, now_ms).await.map(|_| "person-blocked"),
            Self::Unblock => person::unblock(tx, acting, id, now_ms).await.map(|_| "person-unblocked"),
            Self::EndSessions => {
                person::end_sessions(tx, acting, id, now_ms).await.map(|_| "person-sessions-ended")
            }
            Self::Revoke => {
                person::revoke_outstanding(tx, acting, id, now_ms).await.map(|_| "person-revoked")
            }
            Self::ClearLimits => {
                care.clear_person(tx, acting, id, now_ms).await.map(|_| "person-limits-cleared")
            }
            Self::Deliverable => {
                person::mark_deliverable(tx, acting, id, now_ms).await.map(|_| "person-deliverable")
            }
            Self::Join(group) => {
                group::add_members(tx, acting, group, &[id], now_ms).await.map(|_| "person-joined")
            }
            Self::Leave(group) => {
                group::remove_members(tx, acting, group, &[id], now_ms).await.map(|_| "person-left")
            }
        }
    }
}

/// POST /console/people/{id}/act/{act}
pub(crate) async fn create(
    operator: Operator,
    Path((id, act)): Path<(String, String)>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    let fields = operator.form(sent, &["group"])?;
    let group =
        || fields.text("group").parse::<GroupId>().map_err(|_| Failure::BadRequest("group: expected an id."));
    let act = match act.as_str() {
        "block" => Act::Block,
        "unblock" => Act::Unblock,
        "end-sessions" => Act::EndSessions,
        "revoke" => Act::Revoke,
        "clear-limits" => Act::ClearLimits,
        "deliverable" => Act::Deliverable,
        "join" | "leave" if fields.text("group").is_empty() => {
            return answer(
                &operator,
                id,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(operator.say("person-which-group")),
            )
            .await;
        }
        "join" => Act::Join(group()?),
        "leave" => Act::Leave(group()?),
        _ => return Err(Failure::NotFound),
    };
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let care = operator.state().auth.limit_care();
    let made = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                person::get(tx, id).await?;
                act.make(tx, &care, &acting, id, now_ms).await
            })
        })
        .await;
    match made {
        Ok(code) => Ok(page::done(&format!("/console/people/{id}"), code, None)),
        Err(ChangeError::Refused(refusal)) => {
            let why = refusal::say(operator.context.words, &refusal);
            answer(&operator, id, StatusCode::CONFLICT, Some(why)).await
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// POST /console/people/{id}/password: mails a new password.
pub(crate) async fn send_password(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    operator.form(sent, &[])?;
    match operator.state().flow.send_password(id, &operator.acting()).await {
        Ok(_) => Ok(page::done(&format!("/console/people/{id}"), "person-password-sent", None)),
        Err(StartError::Refused(refusal)) => {
            let why = refusals::explain(&operator, &refusal);
            answer(&operator, id, StatusCode::CONFLICT, Some(why)).await
        }
        Err(StartError::Store(error)) => Err(error.into()),
    }
}

/// GET /console/people/{id}/erase
pub(crate) async fn confirm_erase(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    erase_page(&operator, id, StatusCode::OK, String::new()).await
}

/// POST /console/people/{id}/erase: with the user name typed, so that nobody is erased by a slip.
pub(crate) async fn erase(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    let typed = operator.form(sent, &["username"])?.text("username").trim().to_lowercase();
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let erased = operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                if person::get(tx, id).await?.username != typed {
                    return Ok(false);
                }
                person::erase(tx, &acting, id, now_ms).await.map(|()| true)
            })
        })
        .await;
    let problem = match erased {
        Ok(true) => return Ok(page::done("/console/people", "person-erased", None)),
        Ok(false) => operator.say("erase-differs"),
        Err(ChangeError::Refused(refusal)) => refusal::say(operator.context.words, &refusal),
        Err(ChangeError::Store(error)) => return Err(error.into()),
    };
    erase_page(&operator, id, StatusCode::UNPROCESSABLE_ENTITY, problem).await
}

async fn erase_page(
    operator: &Operator,
    id: PersonId,
    status: StatusCode,
    problem: String,
) -> Result<Response, Failure> {
    let asked = operator.state().store.read(move |tx| Box::pin(async move { person::get(tx, id).await }));
    let person = asked.await.map_err(|error: StoreError| Failure::from(error))?;
    let page = ErasePage {
        shell: operator.shell(Place::People),
        id: id.to_string(),
        name: person.full_name(),
        username: person.username,
        problem,
    };
    page::show(status, &page)
}
