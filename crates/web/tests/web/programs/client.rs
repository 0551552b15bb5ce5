//! A program with a key.

use crate::house::{Answer, Browser, House, OWNER};
use auth::api_key::KeyDraft;
use axum::body::Body;
use axum::http::Request;
use domain::id::{ApiKeyId, PersonId};
use domain::role::Permission;
use domain::secret::Secret;
use serde_json::Value;
use store::Acting;
use store::api_key::Maker;
use store::params;
use uuid::Uuid;

/// The built-in role Administrator.
pub(crate) const ADMINISTRATOR: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);

/// A program.
pub(crate) struct Program {
    pub(crate) browser: Browser,
    pub(crate) token: String,
    pub(crate) key: ApiKeyId,
    pub(crate) owner: PersonId,
}

impl House {
    /// An API user with this role, who has no password that opens anything.
    pub(crate) async fn api_user(&self, username: &str, role: Uuid) -> PersonId {
        let id = PersonId(auth::random::id(testkit::TEST_NOW).unwrap());
        self.execute(
            "INSERT INTO people (id, username, given_name, family_name, display_name, blocked, verified, created_at,
                                 updated_at, role_id, user_type, must_change, failed_logins)
             VALUES ($1, $2, '', '', '', FALSE, FALSE, 0, 0, $3, 'api', FALSE, 0)",
            params![id, username, role],
        )
        .await;
        id
    }

    /// A program of an Owner, with a key that may do everything.
    pub(crate) async fn program(&self) -> Program {
        let name = auth::random::id(0).unwrap().simple().to_string();
        let owner = self.api_user(&format!("robot-{name}"), OWNER).await;
        self.program_of(owner, Permission::ALL).await
    }

    /// A program of this system user, with a key with these scopes.
    pub(crate) async fn program_of(&self, owner: PersonId, scopes: &[Permission]) -> Program {
        let draft =
            KeyDraft { name: "A test".into(), owner_id: owner, scopes: scopes.to_vec(), expires_at: None };
        let maker = Maker { permissions: None, key: None };
        let now = (self.state.clock)();
        let made = self.state.auth.create_key(&Acting::command_line(), maker, draft, now).await;
        let (key, token): (_, Secret) = made.unwrap();
        Program { browser: self.browser(), token: token.expose().to_owned(), key: key.id, owner }
    }
}

impl Program {
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &[u8])>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some((kind, body)) => {
                request = request.header("content-type", kind);
                Body::from(body.to_vec())
            }
            None => Body::empty(),
        };
        self.browser.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }

    /// What a GET that succeeds gives.
    pub(crate) async fn read(&mut self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    pub(crate) async fn json(&mut self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, Some(("application/json", body.to_string().as_bytes())), &[]).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.json("POST", path, body).await
    }

    /// A POST without a body.
    pub(crate) async fn act(&mut self, path: &str) -> Answer {
        self.send("POST", path, None, &[]).await
    }

    /// A POST with an Idempotency-Key.
    pub(crate) async fn repeat(&mut self, key: &str, path: &str, body: &str) -> Answer {
        let body = Some(("application/json", body.as_bytes()));
        self.send("POST", path, body, &[("idempotency-key", key)]).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }

    /// The first place a problem names.
    pub(crate) fn pointer(&self) -> String {
        self.json()["errors"][0]["pointer"].as_str().unwrap_or("none").to_owned()
    }
}

/// A text of a JSON value.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}
