//! A small installation and browsers that visit it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use auth::Auth;
use auth::hashing::{Costs, Hasher, LoginRealm, mailed_hash};
use auth::keys::{Keys, Purpose};
use auth::limits::LoginLimits;
use auth::password_hash::Cost;
use auth::password_rules::PasswordRules;
use auth::typed::TypedPassword;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::id::PersonId;
use domain::secret::Secret;
use flow::mailbox::Mailbox;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use store::{Store, Value, params};
use testkit::TEST_NOW;
use tower::ServiceExt as _;
use uuid::Uuid;
use web::{Installation, Origin, Settings, Shown, State, VerifyApi};

/// A password that keeps the rules.
pub(crate) const CHOSEN: &str = "oyster lantern gravel plum";
/// Another one.
pub(crate) const FRESH: &str = "nine turnips under a violet awning";
/// A password such as runs mail them.
pub(crate) const MAILED: &str = "hK7mQ2vXw9RzT4bNcJ6p";
/// The built-in role Owner.
pub(crate) const OWNER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003);
/// The built-in role Helper.
pub(crate) const HELPER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000);

/// The installation.
pub(crate) struct House {
    pub(crate) state: State,
    pub(crate) now: Arc<AtomicI64>,
    app: Router,
}

impl House {
    /// With the built-in mailbox and a made-up host.
    pub(crate) fn new(store: &Store) -> Self {
        Self::with(store, |_| {})
    }

    pub(crate) fn with(store: &Store, change: impl FnOnce(&mut State)) -> Self {
        let keys = Keys::parse("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let costs = Costs { contacts: Cost::CONTACTS, operators: Cost { passes: 3, ..Cost::CONTACTS } };
        let hasher = Hasher::new(keys.clone(), costs, 2).unwrap();
        let auth =
            Auth::new(store.clone(), keys.clone(), hasher, PasswordRules::default(), LoginLimits::default());
        let settings = Settings::new(
            "https://pass.example",
            "Harbour School",
            "#245bb0",
            "help@harbour.example",
            "Europe/Berlin",
        );
        let now = Arc::new(AtomicI64::new(TEST_NOW));
        let clock = now.clone();
        let mailbox = Arc::new(Mailbox::new(1_000, 10_000_000));
        let flow = testkit::flow_over(store, keys, &mailbox, flow::Clock::showing(now.clone()));
        let mut state = State {
            store: store.clone(),
            auth,
            flow,
            mailbox: Some(mailbox),
            settings: Arc::new(settings.unwrap()),
            installation: Arc::new(installation()),
            live: web::Live::default(),
            verifier: web::Verifier::default(),
            refusals: web::Refusals::default(),
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        };
        change(&mut state);
        Self { app: web::router(state.clone()), state, now }
    }

    /// Lets time pass, in milliseconds.
    pub(crate) fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) fn browser(&self) -> Browser {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Browser {
            app: self.app.clone(),
            cookies: BTreeMap::new(),
            peer: SocketAddr::from(([198, 51, (n / 256) as u8, (n % 256) as u8], 40_000)),
            language: "en",
        }
    }

    pub(crate) async fn execute(&self, sql: &'static str, values: &[Value]) -> u64 {
        let values = values.to_vec();
        self.state
            .store
            .write(move |tx| Box::pin(async move { tx.execute(sql, &values).await }))
            .await
            .unwrap()
    }

    /// The one number a query gives.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let found = self.state.store.read(move |tx| Box::pin(async move { tx.find(sql, &[]).await })).await;
        found.unwrap().unwrap().take(0).unwrap()
    }

    /// A contact with the password [`CHOSEN`].
    pub(crate) async fn contact(&self, username: &str) -> PersonId {
        self.person(username, LoginRealm::Contacts, None).await
    }

    /// A system user of a role with the password [`CHOSEN`].
    pub(crate) async fn operator(&self, username: &str, role: Uuid) -> PersonId {
        self.person(username, LoginRealm::Operators, Some(role)).await
    }

    async fn person(&self, username: &str, realm: LoginRealm, role: Option<Uuid>) -> PersonId {
        let typed = TypedPassword::new(&Secret::new(CHOSEN.into())).unwrap();
        let hash = self.state.auth.hasher().hash(&typed, realm).await.unwrap();
        let id = PersonId(auth::random::id(TEST_NOW).unwrap());
        self.execute(
            "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                                 blocked, verified, created_at, updated_at, role_id, user_type, password_hash,
                                 password_set, password_changed_at, must_change, failed_logins)
             VALUES ($1, $2, $3, $3, 'Ada', 'Lovelace', '', FALSE, TRUE, 0, 0, $4, $5, $6, 'chosen', 0, FALSE, 0)",
            params![id, username, format!("{username}@example.org"), role, role.map(|_| "ui"), hash],
        )
        .await;
        self.execute("INSERT INTO person_word_queue (person_id, changes) VALUES ($1, 1)", params![id]).await;
        id
    }

    /// A mailed password that was accepted by the relay.
    pub(crate) async fn mail_password(&self, person_id: PersonId, password: &str) {
        let id = auth::random::id(TEST_NOW).unwrap();
        let key = self.state.auth.keys().current(Purpose::MailedPassword);
        self.execute(
            "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
             VALUES ($1, $2, 1, 'mailed_password', 'hmac-sha256', $3, $4, 'active', $5, $6)",
            params![person_id, id, key.id(), mailed_hash(&key, id, password), TEST_NOW, TEST_NOW + 86_400_000],
        )
        .await;
    }
}

/// What the settings page shows.
fn installation() -> Installation {
    let shown = |name: &str, value: &str, origin| Shown { name: name.into(), value: value.into(), origin };
    Installation {
        file: Some("/etc/passpost/passpost.toml".into()),
        version: "0.0.1",
        keys_file: "/var/lib/passpost/keys".into(),
        settings: vec![
            shown("base_url", "https://pass.example", Origin::File),
            shown(
                "database.url",
                "postgres://pp:********@db/pp",
                Origin::Variable("PASSPOST_DATABASE__URL".into()),
            ),
            shown("limits.confirm_above", "100", Origin::Default),
        ],
    }
}

/// Settings as the house has them, changed.
pub(crate) fn settings(change: impl FnOnce(&mut Settings)) -> Arc<Settings> {
    let mut settings = Settings::new(
        "https://pass.example",
        "Harbour School",
        "#245bb0",
        "help@harbour.example",
        "Europe/Berlin",
    )
    .unwrap();
    change(&mut settings);
    Arc::new(settings)
}

/// Opens the API to everybody.
pub(crate) fn open_api(state: &mut State) {
    state.settings = settings(|settings| settings.verify = VerifyApi::Everyone);
}

/// A browser with its cookies, without a network.
pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) peer: SocketAddr,
    pub(crate) language: &'static str,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The token of the page's form.
    pub(crate) fn token(&self) -> String {
        let (_, rest) =
            self.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("a form: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    /// A request as it is, with the cookies, the host and the peer of this browser.
    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.raw(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        self.keep(&answer);
        answer
    }

    /// The answer as it comes, for one that goes on for long.
    pub(crate) async fn raw(&self, mut request: Request<Body>) -> axum::response::Response {
        let headers = request.headers_mut();
        if !headers.contains_key("host") {
            headers.insert("host", "pass.example".parse().unwrap());
        }
        headers.entry("accept-language").or_insert(self.language.parse().unwrap());
        if !self.cookies.is_empty() && !headers.contains_key("cookie") {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert("cookie", pairs.join("; ").parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.app.clone().oneshot(request).await.unwrap()
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if !answer.header("clear-site-data").is_empty() {
            self.cookies.clear();
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as the page itself would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.post_raw(path, &pairs.join("&")).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://pass.example")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn post_json(&mut self, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// Opens the sign-in page and signs in.
    pub(crate) async fn sign_in(&mut self, page: &str, username: &str, password: &str) -> Answer {
        let token = self.get(page).await.token();
        self.post(page, &[("csrf", &token), ("username", username), ("password", password)]).await
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
