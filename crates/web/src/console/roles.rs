//! Roles: what each allows, who has it, and those of the installation's own.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::permissions::{self, BOXES, Group};
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::RoleId;
use domain::role::{Permission, Rank, Role};
use store::role::{self, RoleDraft};
use store::{ChangeError, StoreError};

#[derive(Template)]
#[template(path = "console/roles.html")]
struct RolesPage {
    shell: Shell,
    roles: Vec<RoleLine>,
}

struct RoleLine {
    id: String,
    name: String,
    rank: i64,
    rank_label: String,
    built_in: bool,
    allows: String,
    holders: i64,
    holders_label: String,
    required: bool,
}

#[derive(Template)]
#[template(path = "console/role.html")]
struct RolePage {
    shell: Shell,
    role: RoleLine,
    groups: Vec<Group>,
    may_change: bool,
    may_require: bool,
    notice: Option<String>,
}

#[derive(Template)]
#[template(path = "console/role_form.html")]
struct RoleFormPage {
    shell: Shell,
    id: Option<String>,
    title: String,
    form: Filled,
    ranks: Vec<Choice>,
    groups: Vec<Group>,
}

const FIELDS: [&str; 4] = ["name", "rank", "second_factor", "may-*"];

/// GET /console/roles
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let asked = operator.state().store.read(|tx| {
        Box::pin(async move { Ok::<_, StoreError>((role::list(tx).await?, role::count_holders(tx).await?)) })
    });
    let (roles, holders) = asked.await?;
    let lines =
        roles.iter().map(|one| line(&operator, one, holders.get(&one.id).copied().unwrap_or_default()));
    let page = RolesPage { roles: lines.collect(), shell: operator.shell(Place::Roles) };
    page::show(StatusCode::OK, &page)
}

/// GET /console/roles/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    page(&operator, id_of(&id)?, StatusCode::OK, None).await
}

/// GET /console/roles/new
pub(crate) async fn show_new(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    form(&operator, None, Filled::with([("rank", "0".to_owned())]), |_| false)
}

/// POST /console/roles
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &FIELDS)?;
    save(&operator, None, &fields).await
}

/// GET /console/roles/{id}/edit
pub(crate) async fn show_edit(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let role = get(&operator, id_of(&id)?).await?.0;
    let mut values = vec![("name", role.name.clone()), ("rank", role.rank.to_string())];
    if role.second_factor_required {
        values.push(("second_factor", "1".into()));
    }
    let filled = Filled::with(values);
    form(&operator, Some(&role), filled, |permission| role.allows(permission))
}

/// POST /console/roles/{id}
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = operator.form(sent, &FIELDS)?;
    let role = get(&operator, id_of(&id)?).await?.0;
    save(&operator, Some(&role), &fields).await
}

/// POST /console/roles/{id}/second-factor
pub(crate) async fn require_second_factor(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["required"])?;
    let id = id_of(&id)?;
    let required = fields.text("required") == "1";
    let (acting, now) = (operator.acting(), operator.now_ms());
    let changed = operator.state().store.write(move |tx| {
        Box::pin(async move { role::require_second_factor(tx, &acting, id, required, now).await })
    });
    match changed.await {
        Ok(_) if required => Ok(page::done(&format!("/console/roles/{id}"), "role-factor-on", None)),
        Ok(_) => Ok(page::done(&format!("/console/roles/{id}"), "role-factor-off", None)),
        Err(error) => refused(&operator, id, error).await,
    }
}

/// POST /console/roles/{id}/remove
pub(crate) async fn remove(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let id = id_of(&id)?;
    let (acting, now) = (operator.acting(), operator.now_ms());
    let removed = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { role::remove(tx, &acting, id, now).await }));
    match removed.await {
        Ok(()) => Ok(page::done("/console/roles", "role-removed", None)),
        Err(error) => refused(&operator, id, error).await,
    }
}

/// Makes a role or changes one, as it was typed.
async fn save(operator: &Operator, before: Option<&Role>, fields: &Pairs) -> Result<Response, Failure> {
    let mut filled = Filled::sent(fields);
    let ticked: Vec<String> = fields.ticked(BOXES).map(str::to_owned).collect();
    let again = ticked.clone();
    let is_ticked = move |permission: Permission| again.iter().any(|name| name == permission.as_str());
    let rank = fields.text("rank").parse::<i64>().ok().and_then(|rank| Rank::new(rank).ok());
    let Some(rank) = rank else {
        filled.wrong("rank", operator.say("role-rank-wrong"));
        return form(operator, before, filled, is_ticked);
    };
    let draft = RoleDraft {
        name: fields.text("name").to_owned(),
        rank,
        permissions: ticked,
        second_factor_required: filled.has("second_factor"),
    };
    let own = operator.signed.viewer.role.clone();
    let fresh = RoleId(auth::random::id(operator.now_ms())?);
    let (acting, now, old) = (operator.acting(), operator.now_ms(), before.map(|role| role.id));
    let saved = operator.state().store.write(move |tx| {
        Box::pin(async move {
            let id = old.unwrap_or(fresh);
            match old {
                Some(_) => role::update(tx, &acting, own.as_ref(), id, &draft, now).await?,
                None => role::insert(tx, &acting, own.as_ref(), id, &draft, now).await?,
            }
            Ok::<_, ChangeError>(id)
        })
    });
    match saved.await {
        Ok(id) => Ok(page::done(&format!("/console/roles/{id}"), "role-saved", None)),
        Err(error) => {
            filled.refuse(error, operator.context.words)?;
            form(operator, before, filled, is_ticked)
        }
    }
}

async fn refused(operator: &Operator, id: RoleId, error: ChangeError) -> Result<Response, Failure> {
    match error {
        ChangeError::Refused(why) => {
            let notice = refusal::say(operator.context.words, &why);
            page(operator, id, StatusCode::UNPROCESSABLE_ENTITY, Some(notice)).await
        }
        ChangeError::Store(error) => Err(error.into()),
    }
}

/// The role and how many have it.
async fn get(operator: &Operator, id: RoleId) -> Result<(Role, i64), Failure> {
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let role = role::get(tx, id).await?;
            let holders = role::count_holders(tx).await?.get(&id).copied().unwrap_or_default();
            Ok::<_, StoreError>((role, holders))
        })
    });
    Ok(asked.await?)
}

async fn page(
    operator: &Operator,
    id: RoleId,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, Failure> {
    let (role, holders) = get(operator, id).await?;
    let acting = operator.acting();
    let outranked = acting.outranks(Some(role.rank));
    let page = RolePage {
        groups: permissions::groups_of(operator, &role),
        may_change: !role.built_in && outranked,
        may_require: if role.built_in { acting.may_give(Rank::HIGHEST) } else { outranked },
        role: line(operator, &role, holders),
        notice,
        shell: operator.shell(Place::Roles),
    };
    page::show(status, &page)
}

fn line(operator: &Operator, role: &Role, holders: i64) -> RoleLine {
    let words = operator.context.words;
    let allows = Permission::ALL.iter().filter(|permission| role.allows(**permission)).count();
    RoleLine {
        id: role.id.to_string(),
        name: role.name.clone(),
        rank: role.rank.number(),
        rank_label: words.say(&format!("role-rank-{}", role.rank)),
        built_in: role.built_in,
        allows: if allows == Permission::ALL.len() {
            words.say("role-allows-all")
        } else {
            words.count("role-allows", "count", allows as i64)
        },
        holders,
        holders_label: words.count("role-holders-count", "count", holders),
        required: role.second_factor_required,
    }
}

fn form(
    operator: &Operator,
    role: Option<&Role>,
    form: Filled,
    is_ticked: impl Fn(Permission) -> bool,
) -> Result<Response, Failure> {
    let own = operator.rank().map_or(0, Rank::number);
    let rank = |rank: i64| {
        let label = operator.say(&format!("role-rank-{rank}"));
        Choice::new(&rank.to_string(), label, form.value("rank"))
    };
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RoleFormPage {
        id: role.map(|role| role.id.to_string()),
        title: role.map_or_else(|| operator.say("role-new-title"), |role| role.name.clone()),
        ranks: (0..=own).map(rank).collect(),
        groups: permissions::groups(operator, is_ticked),
        form,
        shell: operator.shell(Place::Roles),
    };
    page::show(status, &page)
}
