//! Making a system user, and changing role, type and end of one.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::shell::{Choice, Place, Shell};
use crate::console::users::{get, kind_id};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::Address;
use domain::id::{PersonId, RoleId};
use domain::person::{Person, SystemUser};
use domain::role::{Role, UserType};
use jiff::tz::TimeZone;
use store::person::{self, NewPerson, SystemRole};
use store::{Acting, ChangeError, Tx, role};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "console/user_form.html")]
struct UserFormPage {
    shell: Shell,
    /// The user who is changed; `None`: a new one.
    id: Option<String>,
    title: String,
    form: Filled,
    roles: Vec<Choice>,
    kinds: Vec<Choice>,
    /// Who has the typed user name already.
    there: Option<String>,
}

const NEW: [&str; 8] =
    ["username", "address", "given_name", "family_name", "role", "user_type", "last_day", "existing"];
const TYPES: [UserType; 3] = [UserType::Ui, UserType::Hybrid, UserType::Api];

/// GET /console/users/new
pub(crate) async fn show_new(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    form(&operator, None, Filled::with([("user_type", "ui".to_owned())]), None).await
}

/// POST /console/users
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &NEW)?;
    let mut filled = Filled::sent(&fields);
    let system = read_system(&operator, &fields, &mut filled, None);
    let address = match fields.text("address").trim() {
        "" => None,
        text => Address::parse(text)
            .map_err(|wrong| filled.wrong("address", operator.context.words.tell(&wrong)))
            .ok(),
    };
    if fields.text("username").trim().is_empty() && fields.text("address").trim().is_empty() {
        filled.wrong("username", operator.say("user-name-needed"));
    }
    let Some(system) = system.filter(|_| filled.is_right()) else {
        return form(&operator, None, filled, None).await;
    };
    let given = |name: &str| fields.text(name).trim().to_owned();
    let fresh = PersonId(auth::random::id(operator.now_ms())?);
    let new = NewPerson {
        username: Some(given("username")).filter(|name| !name.is_empty()),
        address,
        given_name: given("given_name"),
        family_name: given("family_name"),
        ..NewPerson::new(fresh)
    };
    let wanted = Wanted { new, system, takes_existing: filled.has("existing") };
    let (acting, now) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { make(tx, &acting, wanted, now).await }))
        .await;
    match made {
        Ok(Made::Done(id)) => Ok(page::done(&format!("/console/users/{id}"), "user-created", None)),
        Ok(Made::There(one)) => {
            filled.wrong("username", operator.say("form-taken"));
            let address = one.address.as_ref().map(|address| address.as_given().to_owned());
            let there = [Some(one.full_name()), address].into_iter().flatten().collect::<Vec<_>>().join(", ");
            form(&operator, None, filled, Some(there)).await
        }
        Err(error) => {
            filled.refuse(error, operator.context.words)?;
            form(&operator, None, filled, None).await
        }
    }
}

/// GET /console/users/{id}/edit
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let (user, system) = find(&operator, id_of(&id)?).await?;
    let filled = Filled::with([
        ("role", system.role_id.to_string()),
        ("user_type", system.user_type.as_str().to_owned()),
        ("last_day", last_day(&operator, system.expires_at)),
    ]);
    form(&operator, Some(&user), filled, None).await
}

/// POST /console/users/{id}
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["role", "user_type", "last_day"])?;
    let (user, before) = find(&operator, id_of(&id)?).await?;
    let id = user.id;
    let mut filled = Filled::sent(&fields);
    let system = read_system(&operator, &fields, &mut filled, Some(&before));
    let Some(system) = system.filter(|_| filled.is_right()) else {
        return form(&operator, Some(&user), filled, None).await;
    };
    let same =
        SystemRole { role_id: before.role_id, user_type: before.user_type, expires_at: before.expires_at };
    let (acting, now) = (operator.acting(), operator.now_ms());
    let changed = operator.state().store.write(move |tx| {
        Box::pin(async move {
            get(tx, id).await?;
            // Giving the same again would end the sessions for nothing.
            if system != same {
                person::grant_role(tx, &acting, id, system, now).await?;
            }
            Ok(())
        })
    });
    match changed.await {
        Ok(()) => Ok(page::done(&format!("/console/users/{id}"), "user-changed", None)),
        Err(error) => {
            filled.refuse(rename(error), operator.context.words)?;
            form(&operator, Some(&user), filled, None).await
        }
    }
}

/// Who is to be a system user.
struct Wanted {
    new: NewPerson,
    system: SystemRole,
    /// A contact of this user name gets the role.
    takes_existing: bool,
}

enum Made {
    Done(PersonId),
    /// There is somebody of this user name.
    There(Box<Person>),
}

async fn make(tx: &mut Tx, acting: &Acting, wanted: Wanted, now_ms: i64) -> Result<Made, ChangeError> {
    let Wanted { new, system, takes_existing } = wanted;
    let name = match (&new.username, &new.address) {
        (Some(name), _) => name.clone(),
        (None, Some(address)) => address.canonical().to_owned(),
        (None, None) => String::new(),
    };
    let id = match person::find_by_username(tx, &name).await? {
        Some(there) if takes_existing && there.system.is_none() => there.id,
        Some(there) => return Ok(Made::There(Box::new(there))),
        None => {
            person::insert(tx, acting, &new, now_ms).await?;
            new.id
        }
    };
    person::grant_role(tx, acting, id, system, now_ms).await.map_err(rename)?;
    Ok(Made::Done(id))
}

/// The end is typed as a last day.
fn rename(error: ChangeError) -> ChangeError {
    match error {
        ChangeError::Refused(store::Refusal::Field { field, message }) if field == "expires_at" => {
            store::Refusal::field("last_day", message).into()
        }
        other => other,
    }
}

async fn find(operator: &Operator, id: PersonId) -> Result<(Person, SystemUser), Failure> {
    let found = operator.state().store.read(move |tx| Box::pin(get(tx, id))).await;
    found.map_err(|error| match error {
        ChangeError::Store(error) => error.into(),
        ChangeError::Refused(_) => Failure::Internal,
    })
}

/// Role, type and end as typed; what is wrong is noted at its field.
fn read_system(
    operator: &Operator,
    fields: &Pairs,
    filled: &mut Filled,
    before: Option<&SystemUser>,
) -> Option<SystemRole> {
    let role_id = fields.text("role").parse::<Uuid>().map(RoleId).ok();
    if role_id.is_none() {
        filled.wrong("role", operator.say("user-role-needed"));
    }
    let user_type = UserType::parse(fields.text("user_type"));
    if user_type.is_none() {
        filled.wrong("user_type", operator.say("user-type-needed"));
    }
    let typed = fields.text("last_day").trim();
    let unchanged = before.filter(|before| last_day(operator, before.expires_at) == typed);
    let expires_at = match (unchanged, typed) {
        // A day says less than the moment that is stored.
        (Some(before), _) => before.expires_at,
        (None, "") => None,
        (None, day) => {
            let end = end_of(operator, day);
            if end.is_none() {
                filled.wrong("last_day", operator.say("user-day-wrong"));
            }
            end
        }
    };
    Some(SystemRole { role_id: role_id?, user_type: user_type?, expires_at })
}

fn zone(operator: &Operator) -> TimeZone {
    TimeZone::get(&operator.zone()).unwrap_or(TimeZone::UTC)
}

/// The moment after the last day, in the operator's zone.
fn end_of(operator: &Operator, day: &str) -> Option<i64> {
    let day = day.parse::<jiff::civil::Date>().ok()?;
    let next = day.tomorrow().ok()?.to_zoned(zone(operator)).ok()?;
    Some(next.timestamp().as_millisecond())
}

fn last_day(operator: &Operator, expires_at: Option<i64>) -> String {
    let last = expires_at.and_then(|at| jiff::Timestamp::from_millisecond(at - 1).ok());
    last.map(|last| last.to_zoned(zone(operator)).date().to_string()).unwrap_or_default()
}

async fn form(
    operator: &Operator,
    user: Option<&Person>,
    form: Filled,
    there: Option<String>,
) -> Result<Response, Failure> {
    let roles = operator.state().store.read(|tx| Box::pin(role::list(tx))).await?;
    let acting = operator.acting();
    let offered = roles.into_iter().filter(|role| acting.may_give(role.rank));
    let choice = |role: Role| {
        let label = format!("{} ({})", role.name, role.rank);
        Choice::new(&role.id.to_string(), label, form.value("role"))
    };
    let mut roles: Vec<Choice> = offered.map(choice).collect();
    roles.reverse();
    if user.is_none() {
        roles.insert(0, Choice::new("", operator.say("user-choose-role"), form.value("role")));
    }
    let kind =
        |kind: UserType| Choice::new(kind.as_str(), operator.say(&kind_id(kind)), form.value("user_type"));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = UserFormPage {
        id: user.map(|user| user.id.to_string()),
        title: user.map_or_else(|| operator.say("user-new-title"), Person::full_name),
        roles,
        kinds: TYPES.map(kind).into(),
        form,
        there,
        shell: operator.shell(Place::Users),
    };
    page::show(status, &page)
}
