//! API keys: which programs may act with whose rights, making one, and revoking it. A token is shown once.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::people::named;
use crate::console::permissions::{self, BOXES, Group};
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use auth::api_key::{KeyDraft, KeyError};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{ApiKeyId, PersonId};
use domain::person::Person;
use domain::role::{Permission, UserType};
use store::api_key::{self, ApiKey, Maker};
use store::{ChangeError, StoreError, person};

const DAY_MS: i64 = 24 * 3_600_000;
/// Lives offered, in days.
const LIVES: [i64; 4] = [30, 90, 180, 366];

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage {
    shell: Shell,
    keys: Vec<KeyLine>,
    notice: Option<String>,
}

struct KeyLine {
    id: String,
    name: String,
    hint: String,
    owner: String,
    owner_id: String,
    scopes: String,
    state: &'static str,
    state_label: String,
    expires: String,
    last_used: String,
    is_live: bool,
}

#[derive(Template)]
#[template(path = "console/key_form.html")]
struct KeyFormPage {
    shell: Shell,
    form: Filled,
    owners: Vec<Choice>,
    lives: Vec<Choice>,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "console/key_made.html")]
struct KeyMadePage {
    shell: Shell,
    name: String,
    token: String,
    expires: String,
}

/// GET /console/keys
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    list_page(&operator, None, StatusCode::OK).await
}

/// GET /console/keys/new
pub(crate) async fn show_blank(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    form_page(&operator, Filled::with([("days", "90".to_owned())]), |_| false, StatusCode::OK).await
}

/// POST /console/keys: makes one and shows its token. Sent twice it makes two: each can be revoked.
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["name", "owner", "days", "may-*"])?;
    let mut form = Filled::sent(&fields);
    let ticked: Vec<Permission> = fields.ticked(BOXES).filter_map(Permission::parse).collect();
    let owner = fields.text("owner").parse::<PersonId>();
    let days = fields.text("days").parse::<i64>().ok().filter(|days| LIVES.contains(days));
    if owner.is_err() {
        form.wrong("owner_id", operator.say("key-owner-needed"));
    }
    if days.is_none() {
        form.wrong("expires_at", operator.say("key-life-needed"));
    }
    let (Ok(owner_id), Some(days)) = (owner, days) else {
        return form_page(&operator, form, |one| ticked.contains(&one), StatusCode::UNPROCESSABLE_ENTITY)
            .await;
    };
    let own: Vec<Permission> = Permission::ALL.iter().copied().filter(|one| operator.may(*one)).collect();
    let draft = KeyDraft {
        name: fields.text("name").to_owned(),
        owner_id,
        scopes: ticked.clone(),
        expires_at: Some(operator.now_ms() + days * DAY_MS),
    };
    let maker = Maker { permissions: Some(&own), key: None };
    match operator.state().auth.create_key(&operator.acting(), maker, draft, operator.now_ms()).await {
        Ok((key, token)) => {
            let page = KeyMadePage {
                shell: operator.shell(Place::Keys),
                name: key.name,
                token: token.expose().to_owned(),
                expires: operator.at(key.expires_at),
            };
            page::show(StatusCode::CREATED, &page)
        }
        Err(KeyError::Change(error)) => {
            form.refuse(error, operator.context.words)?;
            form_page(&operator, form, |one| ticked.contains(&one), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(KeyError::Auth(error)) => Err(error.into()),
    }
}

/// POST /console/keys/{id}/revoke
pub(crate) async fn revoke(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let id: ApiKeyId = id_of(&id)?;
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let revoked = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { api_key::revoke(tx, &acting, id, now_ms).await }))
        .await;
    match revoked {
        Ok(keys) => Ok(page::done("/console/keys", "key-revoked", Some(keys))),
        Err(ChangeError::Refused(refusal)) => {
            let why = refusal::say(operator.context.words, &refusal);
            list_page(&operator, Some(why), StatusCode::CONFLICT).await
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

async fn list_page(
    operator: &Operator,
    notice: Option<String>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let asked = operator.state().store.read(|tx| Box::pin(async move { api_key::list(tx).await }));
    let keys = asked.await.map_err(Failure::from)?;
    let page = KeysPage {
        shell: operator.shell(Place::Keys),
        keys: keys.into_iter().map(|key| line(operator, key)).collect(),
        notice,
    };
    page::show(status, &page)
}

fn line(operator: &Operator, key: ApiKey) -> KeyLine {
    let (state, label) = match (key.revoked_at, key.is_live(operator.now_ms())) {
        (Some(_), _) => ("refused", "key-state-revoked"),
        (None, true) => ("active", "key-state-live"),
        (None, false) => ("", "key-state-over"),
    };
    KeyLine {
        id: key.id.to_string(),
        is_live: key.is_live(operator.now_ms()),
        name: key.name,
        hint: key.hint,
        owner: key.owner,
        owner_id: key.owner_id.to_string(),
        scopes: key.scopes.join(", "),
        state,
        state_label: operator.say(label),
        expires: operator.at(key.expires_at),
        last_used: key.last_used_at.map_or_else(|| operator.say("list-never"), |at| operator.at(at)),
    }
}

async fn form_page(
    operator: &Operator,
    form: Filled,
    is_ticked: impl Fn(Permission) -> bool,
    status: StatusCode,
) -> Result<Response, Failure> {
    let asked =
        operator.state().store.read(|tx| Box::pin(async move { person::list_system_users(tx).await }));
    let users = asked.await.map_err(|error: StoreError| Failure::from(error))?;
    let is_program =
        |person: &Person| person.system.as_ref().is_some_and(|system| system.user_type != UserType::Ui);
    let chosen = form.value("owner").to_owned();
    let mut owners = vec![Choice::new("", operator.say("key-owner-choose"), &chosen)];
    owners.extend(
        users
            .iter()
            .filter(|one| is_program(one))
            .map(|one| Choice::new(&one.id.to_string(), named::called(one), &chosen)),
    );
    let lives = LIVES.map(|days| {
        Choice::new(&days.to_string(), operator.fill("key-days", "n", &days.to_string()), form.value("days"))
    });
    let page = KeyFormPage {
        shell: operator.shell(Place::Keys),
        groups: permissions::groups(operator, is_ticked),
        owners,
        lives: lives.into(),
        form,
    };
    page::show(status, &page)
}
