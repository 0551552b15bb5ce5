//! System users: who they are, and what can be done to one of them.

use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::person::{Person, SystemUser};
use domain::role::{Permission, UserType};
use store::second_factor::{self, SecondFactor};
use store::{Acting, ChangeError, ChangeResult, Tx, Work, person, role, session};

#[derive(Template)]
#[template(path = "console/users.html")]
struct UsersPage {
    shell: Shell,
    may_edit: bool,
    users: Vec<UserLine>,
}

struct UserLine {
    id: String,
    name: String,
    username: String,
    role: String,
    rank: i64,
    kind: String,
    state: &'static str,
    state_label: String,
    has_factor: bool,
    signed_in: String,
}

#[derive(Template)]
#[template(path = "console/user.html")]
struct UserPage {
    shell: Shell,
    id: String,
    user: UserLine,
    address: String,
    ends: String,
    may_change: bool,
    is_self: bool,
    is_blocked: bool,
    is_program: bool,
    is_required: bool,
    factor_since: Option<String>,
    has_sessions: bool,
    sessions_label: String,
    /// There is no password yet.
    waits: bool,
    may_mail: bool,
    notice: Option<String>,
}

/// GET /console/users
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let asked = operator.state().store.read(|tx| {
        Box::pin(async move {
            let users = person::list_system_users(tx).await?;
            Ok::<_, Failure>((users, second_factor::list_enrolled(tx).await?))
        })
    });
    let (users, enrolled) = asked.await?;
    let lines = users.iter().filter_map(|user| {
        let system = user.system.as_ref()?;
        Some(line(&operator, user, system, enrolled.contains(&user.id)))
    });
    let page = UsersPage {
        users: lines.collect(),
        may_edit: operator.may(Permission::RolesEdit),
        shell: operator.shell(Place::Users),
    };
    page::show(StatusCode::OK, &page)
}

/// GET /console/users/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    page(&operator, id_of(&id)?, StatusCode::OK, None).await
}

/// POST /console/users/{id}/block
pub(crate) async fn block(operator: Operator, path: Path<String>, sent: Form) -> Result<Response, Failure> {
    change(operator, path, sent, "user-blocked", |tx, acting, id, now| {
        Box::pin(async move { person::block(tx, &acting, id, now).await.map(|_| None) })
    })
    .await
}

/// POST /console/users/{id}/unblock
pub(crate) async fn unblock(operator: Operator, path: Path<String>, sent: Form) -> Result<Response, Failure> {
    change(operator, path, sent, "user-unblocked", |tx, acting, id, now| {
        Box::pin(async move { person::unblock(tx, &acting, id, now).await.map(|_| None) })
    })
    .await
}

/// POST /console/users/{id}/sessions/end
pub(crate) async fn end_sessions(
    operator: Operator,
    path: Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    change(operator, path, sent, "user-sessions-ended", |tx, acting, id, now| {
        Box::pin(async move { person::end_sessions(tx, &acting, id, now).await.map(Some) })
    })
    .await
}

/// POST /console/users/{id}/second-factor/reset
pub(crate) async fn reset_second_factor(
    operator: Operator,
    path: Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    change(operator, path, sent, "user-second-factor-reset", |tx, acting, id, now| {
        Box::pin(async move { second_factor::reset(tx, &acting, id, now).await.map(|_| None) })
    })
    .await
}

/// POST /console/users/{id}/remove: the person stays, as a contact.
pub(crate) async fn remove(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let id = id_of(&id)?;
    let (acting, now) = (operator.acting(), operator.now_ms());
    let revoked = operator.state().store.write(move |tx| {
        Box::pin(async move {
            get(tx, id).await?;
            person::revoke_role(tx, &acting, id, now).await
        })
    });
    match revoked.await {
        Ok(_) => Ok(page::done("/console/users", "user-removed", None)),
        Err(error) => refused(&operator, id, error).await,
    }
}

/// A change of one system user, and the page again with what was done or why not.
async fn change<F>(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
    done: &'static str,
    work: F,
) -> Result<Response, Failure>
where
    F: for<'t> FnOnce(&'t mut Tx, Acting, PersonId, i64) -> Work<'t, Option<u64>, ChangeError>
        + Send
        + 'static,
{
    operator.form(sent, &[])?;
    let id = id_of(&id)?;
    let (acting, now) = (operator.acting(), operator.now_ms());
    let changed = operator.state().store.write(move |tx| {
        Box::pin(async move {
            get(tx, id).await?;
            work(tx, acting, id, now).await
        })
    });
    match changed.await {
        Ok(number) => Ok(page::done(&format!("/console/users/{id}"), done, number)),
        Err(error) => refused(&operator, id, error).await,
    }
}

async fn refused(operator: &Operator, id: PersonId, error: ChangeError) -> Result<Response, Failure> {
    match error {
        ChangeError::Refused(why) => {
            let notice = refusal::say(operator.context.words, &why);
            page(operator, id, StatusCode::UNPROCESSABLE_ENTITY, Some(notice)).await
        }
        ChangeError::Store(error) => Err(error.into()),
    }
}

/// A system user; a contact is as unknown here as nobody at all.
pub(super) async fn get(tx: &mut Tx, id: PersonId) -> ChangeResult<(Person, SystemUser)> {
    let user = person::get(tx, id).await?;
    match user.system.clone() {
        Some(system) => Ok((user, system)),
        None => Err(store::StoreError::NotFound(format!("the system user {id}")).into()),
    }
}

/// Everything the page of one user reads.
struct Read {
    user: Person,
    system: SystemUser,
    factor: Option<SecondFactor>,
    is_required: bool,
    sessions: i64,
}

async fn read(tx: &mut Tx, id: PersonId, now_ms: i64) -> ChangeResult<Read> {
    let (user, system) = get(tx, id).await?;
    Ok(Read {
        is_required: role::get(tx, system.role_id).await?.second_factor_required,
        factor: second_factor::find(tx, id).await?,
        sessions: session::list_of_person(tx, id, now_ms).await?.len() as i64,
        user,
        system,
    })
}

async fn page(
    operator: &Operator,
    id: PersonId,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, Failure> {
    let now = operator.now_ms();
    let asked = operator.state().store.read(move |tx| Box::pin(read(tx, id, now))).await;
    let Read { user, system, factor, is_required, sessions } = match asked {
        Ok(found) => found,
        Err(ChangeError::Store(error)) => return Err(error.into()),
        Err(ChangeError::Refused(_)) => return Err(Failure::Internal),
    };
    let may_change = operator.may(Permission::RolesEdit) && operator.acting().outranks(Some(system.rank));
    let waits = !user.credential.has_password && system.user_type != UserType::Api;
    let page = UserPage {
        id: id.to_string(),
        address: user.address.as_ref().map(|one| one.as_given().to_owned()).unwrap_or_default(),
        ends: system.expires_at.map(|at| operator.at(at)).unwrap_or_else(|| operator.say("user-no-end")),
        may_change,
        is_self: id == operator.id(),
        is_blocked: user.blocked,
        is_program: system.user_type == UserType::Api,
        is_required,
        factor_since: factor.as_ref().map(|one| operator.at(one.enrolled_at)),
        has_sessions: sessions > 0,
        sessions_label: operator.context.words.count("user-sessions", "count", sessions),
        waits,
        may_mail: operator.may(Permission::CredentialsMail) && user.address.is_some(),
        user: line(operator, &user, &system, factor.is_some()),
        notice,
        shell: operator.shell(Place::Users),
    };
    page::show(status, &page)
}

fn line(operator: &Operator, user: &Person, system: &SystemUser, has_factor: bool) -> UserLine {
    let state = match system.expires_at {
        _ if user.blocked => "blocked",
        Some(at) if at <= operator.now_ms() => "expired",
        _ => "active",
    };
    UserLine {
        id: user.id.to_string(),
        name: user.full_name(),
        username: user.username.clone(),
        role: system.role.clone(),
        rank: system.rank.number(),
        kind: operator.say(&kind_id(system.user_type)),
        state,
        state_label: operator.say(&format!("user-state-{state}")),
        has_factor,
        signed_in: match user.credential.last_login_at {
            Some(at) => operator.at(at),
            None => operator.say("list-never"),
        },
    }
}

pub(super) fn kind_id(user_type: UserType) -> String {
    format!("user-type-{}", user_type.as_str())
}
