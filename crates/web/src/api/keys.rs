//! API keys, for programs: a key can make others, never stronger or longer-lived ones.

use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::paging::Page;
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::repeat::ShownOnce;
use crate::api::time::{Time, of as time};
use auth::api_key::KeyDraft;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{ApiKeyId, PersonId};
use domain::role::Permission;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use store::api_key::{self, ApiKey};
use uuid::Uuid;

/// Ids as in the examples.
const EXAMPLE: &str = "01940000-0000-7000-8000-000000000006";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/keys", "List keys")
        .text("Newest first, revoked and expired ones as well.")
        .gives(200, of::<Page<KeyView>>),
    Operation::post("/api/v1/keys", "Make a key")
        .text(
            "The answer shows the token, this once; it is kept nowhere, so a repeated request is told 409 instead. The \
             scopes must be the owner's, and this key's. The new key ends no later than this one, and is revoked with it.",
        )
        .takes(
            of::<NewKey>,
            r#"{"name":"Nightly export","owner_id":"01940000-0000-7000-8000-000000000007","scopes":["people.view"]}"#,
        )
        .gives(201, of::<MadeKey>),
    Operation::delete("/api/v1/keys/{id}", "Revoke a key")
        .text("And every key that was made with it; the next request is refused.")
        .at(&[EXAMPLE]),
    Operation::get("/api/v1/keys/current", "Show what this key may do now").gives(200, of::<CurrentKey>),
];

/// A key; its token is nowhere.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Key")]
pub(crate) struct KeyView {
    id: Uuid,
    /// The first characters of the token.
    hint: String,
    name: String,
    owner_id: Uuid,
    owner: String,
    /// Permissions; what counts is the part of them that the owner's role allows.
    scopes: Vec<String>,
    /// Null: the command line.
    created_by: Option<Uuid>,
    /// The key it was made with.
    made_with: Option<Uuid>,
    created_at: Time,
    expires_at: Time,
    /// To about a minute.
    last_used_at: Option<Time>,
    revoked_at: Option<Time>,
}

/// A key to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// What it is for: 1 to 200 characters.
    name: String,
    /// A system user of the type `api` or `hybrid`.
    owner_id: Uuid,
    #[schemars(schema_with = "scopes")]
    scopes: Vec<String>,
    /// At most a year away; without one, in 90 days.
    expires_at: Option<Time>,
}

fn scopes(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Permission::ALL.iter().map(|one| one.as_str()).collect();
    json_schema!({ "type": "array", "items": { "enum": names }, "minItems": 1, "uniqueItems": true })
}

/// A key just made; it cannot be printed by accident.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MadeKey {
    key: KeyView,
    /// Shown this once.
    token: String,
}

/// What a key may do now.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CurrentKey {
    id: Uuid,
    name: String,
    owner_id: Uuid,
    /// 0 to 3, 3 highest: the owner's.
    rank: i64,
    /// The scopes of the key that the owner's role allows.
    permissions: Vec<String>,
    expires_at: Time,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.0,
            hint: key.hint,
            name: key.name,
            owner_id: key.owner_id.0,
            owner: key.owner,
            scopes: key.scopes,
            created_by: key.created_by.map(|id| id.0),
            made_with: key.made_with.map(|id| id.0),
            created_at: Time(key.created_at),
            expires_at: Time(key.expires_at),
            last_used_at: time(key.last_used_at),
            revoked_at: time(key.revoked_at),
        }
    }
}

/// GET /api/v1/keys
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<KeyView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(api_key::list(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(KeyView::from).collect(), next_cursor: None }))
}

/// POST /api/v1/keys
pub(crate) async fn create(caller: Caller, Strict(new): Strict<NewKey>) -> Result<Response, Problem> {
    let mut scopes = Vec::new();
    for (place, name) in new.scopes.iter().enumerate() {
        let scope = Permission::parse(name);
        scopes.push(scope.ok_or_else(|| {
            let known: Vec<&str> = Permission::ALL.iter().map(|one| one.as_str()).collect();
            Problem::field(format!("/scopes/{place}"), format!("expected one of {}", known.join(", ")))
        })?);
    }
    let draft = KeyDraft {
        name: new.name,
        owner_id: PersonId(new.owner_id),
        scopes,
        expires_at: new.expires_at.map(|at| at.0),
    };
    let (auth, program) = (&caller.state.auth, &caller.program);
    let made =
        auth.create_key_in(&caller.store, &caller.acting(), program.maker(), draft, caller.now_ms).await?;
    let (key, token) = made;
    let place = format!("/api/v1/keys/{}", key.id);
    let made = MadeKey { key: key.into(), token: token.expose().to_owned() };
    let mut response = created(place, made);
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

/// DELETE /api/v1/keys/{id}
pub(crate) async fn remove(caller: Caller, Id(id): Id<ApiKeyId>) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller.write(move |tx| Box::pin(async move { Ok(api_key::revoke(tx, &acting, id, now).await?) })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// GET /api/v1/keys/current
pub(crate) async fn show(caller: Caller) -> Json<CurrentKey> {
    let program = caller.program;
    Json(CurrentKey {
        id: program.key_id.0,
        name: program.name,
        owner_id: program.owner_id.0,
        rank: program.rank.number(),
        permissions: program.permissions.iter().map(|one| one.as_str().to_owned()).collect(),
        expires_at: Time(program.expires_at),
    })
}
