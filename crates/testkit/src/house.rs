//! The whole flow for tests: a database, keys, a clock that stands still, a relay of the test's choice.

use crate::by;
use crate::database::{Database, TEST_NOW};
use auth::hashing::{Costs, Hasher};
use auth::keys::{Keys, Purpose};
use auth::limits::LoginLimits;
use auth::login::{Attempt, SignIn};
use auth::password_rules::PasswordRules;
use auth::{Auth, Origin};
use domain::address::{Address, canonical_username};
use domain::automation::{Job, SendNewPassword};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::password::Generator;
use domain::secret::Secret;
use flow::{Clock, ClosingReport, Flow, Limits, NoticeSettings, Outlet, RelaySettings, Settings};
use mail::bounce::Bounce;
use mail::mailbox::Mailbox;
use mail::{Colour, House as Letterhead, Sender};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::run::Run;
use store::{StoreError, automation, params, run, selection};

/// Counts ids in tests, so that each is different and they sort by creation.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Ten bytes that were not used before.
#[must_use]
pub fn fresh_bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    // The last of them: a UUID puts its version and variant over bits of the first.
    bytes[6..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// Everything one node needs.
#[derive(Debug)]
pub struct House {
    /// The database.
    pub db: Database,
    /// The flow.
    pub flow: Flow,
    /// Signing in.
    pub auth: Auth,
    /// Its clock stands still until it is set.
    pub clock: Clock,
    /// The mailbox, when that is the relay.
    pub mailbox: Arc<Mailbox>,
    /// The first Owner.
    pub owner: PersonId,
}

/// A person to be put into the databank.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    /// What the person signs in with.
    pub username: String,
    /// Where mail goes; empty: nowhere.
    pub address: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Language.
    pub language: String,
    /// Name of a built-in role; empty: a contact.
    pub role: &'static str,
    /// `ui`, `api` or `hybrid`.
    pub user_type: &'static str,
    /// Blocked.
    pub blocked: bool,
    /// Why mail does not arrive; empty: it does.
    pub undeliverable: &'static str,
    /// When the account ends.
    pub expires_at: Option<i64>,
    /// A chosen password; empty: none.
    pub password: &'static str,
}

impl NewPerson {
    /// A contact with an address at example.org.
    #[must_use]
    pub fn contact(name: &str) -> Self {
        Self { username: name.into(), address: format!("{name}@example.org"), ..Self::default() }
    }
    /// A system user with a built-in role.
    #[must_use]
    pub fn system(name: &str, role: &'static str) -> Self {
        Self { role, user_type: "ui", ..Self::contact(name) }
    }
}

/// The relay of a test.
#[derive(Debug, Clone)]
pub enum Through {
    /// The mailbox inside the program.
    Mailbox,
    /// Relays of the test's own.
    Relays(Vec<RelaySettings>),
}

impl House {
    /// A house over a fresh database, with one Owner named `owner`.
    pub async fn over(db: Database, through: Through) -> Self {
        Self::with_limits(db, through, Limits::default()).await
    }

    /// The same with other limits.
    pub async fn with_limits(db: Database, through: Through, limits: Limits) -> Self {
        Self::furnished(db, through, limits, false).await
    }

    /// The same with a return path of its own for each mail, at bounces.portal.example.
    pub async fn with_bounces(db: Database, through: Through) -> Self {
        Self::furnished(db, through, Limits::default(), true).await
    }

    async fn furnished(db: Database, through: Through, limits: Limits, bounces: bool) -> Self {
        let clock = Clock::fixed(TEST_NOW);
        let mailbox = Arc::new(Mailbox::new(100_000, 1 << 30));
        let outlet = match through {
            Through::Mailbox => Outlet::Mailbox(Arc::clone(&mailbox)),
            Through::Relays(relays) => Outlet::Relays(relays),
        };
        let keys = Keys::read_or_create(&db.folder.path().join("keys")).expect("a key file");
        let hasher = Hasher::new(keys.clone(), Costs::default(), 2).expect("the default costs are allowed");
        let auth = Auth::new(
            db.store.clone(),
            keys.clone(),
            hasher,
            PasswordRules::default(),
            LoginLimits::default(),
        );
        let settings = settings(&keys, limits, bounces, outlet);
        let flow = Flow::new(db.store.clone(), keys, settings, clock.clone());
        let mut house = Self { db, flow, auth, clock, mailbox, owner: PersonId(uuid::Uuid::nil()) };
        house.owner = house.add(NewPerson::system("owner", "Owner")).await;
        house
    }

    /// A node over a store of its own, with the same clock, keys and outlet; not the only worker.
    #[must_use]
    pub fn node_over(&self, store: store::Store) -> Flow {
        let keys = Keys::read_or_create(&self.db.folder.path().join("keys")).expect("the key file");
        let settings = Settings {
            node: format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            sole_worker: false,
            ..self.flow.settings().clone()
        };
        Flow::new(store, keys, settings, self.clock.clone())
    }

    /// Puts a person into the databank.
    pub async fn add(&self, person: NewPerson) -> PersonId {
        let id = PersonId::generate(TEST_NOW - 1_000_000, fresh_bytes());
        let password_hash = if person.password.is_empty() {
            None
        } else {
            let typed = auth::typed::TypedPassword::new(&Secret::new(person.password.into())).expect("fits");
            Some(self.auth.hasher().hash(&typed, realm_of(person.role)).await.expect("hashes"))
        };
        self.db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let address = Address::parse(&person.address).ok();
                    let role: Option<uuid::Uuid> = tx
                        .find("SELECT id FROM roles WHERE name = $1", params![person.role])
                        .await?
                        .map(|mut row| row.take(0))
                        .transpose()?;
                    let set = password_hash.as_ref().map(|_| "chosen");
                    tx.execute(
                        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name,
                            display_name, language, blocked, verified, undeliverable, created_at, updated_at, role_id,
                            user_type, expires_at, password_hash, password_set, password_changed_at, must_change,
                            failed_logins)
                         VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, TRUE, $9, $10, $10, $11, $12, $13, $14, $15, $16,
                            FALSE, 0)",
                        params![
                            id,
                            canonical_username(&person.username),
                            (!person.address.is_empty()).then_some(person.address.as_str()),
                            address.as_ref().map(Address::canonical),
                            person.given_name.as_str(),
                            person.family_name.as_str(),
                            (!person.language.is_empty()).then_some(person.language.as_str()),
                            person.blocked,
                            (!person.undeliverable.is_empty()).then_some(person.undeliverable),
                            TEST_NOW - 1_000_000,
                            role,
                            (!person.user_type.is_empty()).then_some(person.user_type),
                            person.expires_at,
                            password_hash.as_deref(),
                            set,
                            set.map(|_| TEST_NOW - 1_000_000)
                        ],
                    )
                    .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("the person is new");
        id
    }

    /// Adds contacts `p0001`, `p0002`, … with addresses at example.org.
    pub async fn add_contacts(&self, count: usize) -> Vec<PersonId> {
        let people: Vec<PersonId> =
            (0..count).map(|_| PersonId::generate(TEST_NOW - 1_000_000, fresh_bytes())).collect();
        let ids = people.clone();
        self.db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let mut rows = store::Rows::new(&[("id", store::Kind::Uuid), ("name", store::Kind::Text)]);
                    for (place, id) in ids.iter().enumerate() {
                        rows.push([(*id).into(), format!("p{:04}", place + 1).into()]);
                    }
                    tx.execute_rows(
                        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name,
                            display_name, language, blocked, verified, created_at, updated_at, must_change, failed_logins)
                         SELECT r.id, r.name, r.name || '@example.org', r.name || '@example.org', 'Ada', r.name, '', 'en',
                            FALSE, TRUE, 0, 0, FALSE, 0 FROM {rows}",
                        &[],
                        &rows,
                    )
                    .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("new people");
        people
    }

    /// A published selection with this filter, made by a person.
    pub async fn selection(&self, name: &str, filter: &str, author: PersonId) -> SelectionId {
        let id = SelectionId::generate(TEST_NOW, fresh_bytes());
        let draft = selection::Draft {
            name: name.into(),
            description: String::new(),
            filter: filter.into(),
            size_limit: None,
            time_zone: "UTC".into(),
        };
        self.db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    selection::insert(tx, &by(author), id, &draft, TEST_NOW).await.expect("a draft");
                    selection::publish(tx, &by(author), id, TEST_NOW).await.expect("a filter that is right");
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("a new selection");
        id
    }

    /// An automation with the job Send New Password, owned by a person.
    pub async fn automation(
        &self,
        name: &str,
        selection: SelectionId,
        owner: PersonId,
        job: SendNewPassword,
    ) -> AutomationId {
        let id = AutomationId::generate(TEST_NOW, fresh_bytes());
        let step = automation::JobStep {
            name: name.into(),
            description: String::new(),
            job: Job::SendNewPassword(job),
            selection_id: Some(selection),
        };
        self.db
            .store
            .write(move |tx| {
                Box::pin(
                    async move { automation::insert(tx, &by(owner), id, &step, TEST_NOW).await.map(|_| ()) },
                )
            })
            .await
            .expect("a new automation");
        id
    }

    /// The usual: an automation of the Owner for everyone the filter finds.
    pub async fn usual(&self, filter: &str, job: SendNewPassword) -> AutomationId {
        let name = format!("the usual {}", NEXT.fetch_add(1, Ordering::Relaxed));
        let selection = self.selection(&name, filter, self.owner).await;
        self.automation(&name, selection, self.owner, job).await
    }

    /// A run as it stands.
    pub async fn run(&self, id: domain::id::RunId) -> Run {
        self.db.store.read(move |tx| Box::pin(run::get(tx, id))).await.expect("the run")
    }

    /// Starts a run by hand, with the number confirmed.
    pub async fn start(&self, automation: AutomationId) -> Run {
        let preview = self.flow.preview(automation, None, 0).await.expect("a preview");
        let asked =
            flow::StartRun { automation, acting: by(None), confirmed: Some(preview.counts.would_receive) };
        self.flow.start(asked).await.expect("the run begins")
    }

    /// Tries to sign in as a contact or system user.
    pub async fn sign_in(&self, username: &str, password: &str) -> SignIn {
        self.auth
            .sign_in(
                &Attempt {
                    realm: auth::hashing::LoginRealm::Contacts,
                    username,
                    password: &Secret::new(password.into()),
                    // From a network of its own, so that a long test is not taken for a guesser.
                    origin: &Origin {
                        network: format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
                        ..Origin::default()
                    },
                    presented: &[],
                },
                self.clock.now_ms(),
            )
            .await
            .expect("an answer")
    }

    /// The password in the newest mail to an address in the mailbox.
    #[must_use]
    pub fn mailed_to(&self, address: &str) -> Option<String> {
        let mail = self.mailbox.newest_to(address)?;
        password_in(&mail.text?)
    }
}

fn realm_of(role: &str) -> auth::hashing::LoginRealm {
    if role.is_empty() { auth::hashing::LoginRealm::Contacts } else { auth::hashing::LoginRealm::Operators }
}

/// The generated password in the text part of a mail: a line of twenty symbols of the alphabet.
#[must_use]
pub fn password_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .find(|word| {
            word.len() == domain::password::LENGTH
                && word.bytes().all(|byte| domain::password::ALPHABET.contains(&byte))
        })
        .map(str::to_owned)
}

/// The flow of a node with the mailbox as relay, for tests that have a house of their own.
#[must_use]
pub fn flow_over(store: &store::Store, keys: Keys, mailbox: &Arc<Mailbox>, clock: Clock) -> Flow {
    let settings = settings(&keys, Limits::default(), false, Outlet::Mailbox(Arc::clone(mailbox)));
    Flow::new(store.clone(), keys, settings, clock)
}

fn settings(keys: &Keys, limits: Limits, bounces: bool, outlet: Outlet) -> Settings {
    let return_path = keys.current(Purpose::ReturnPath).derived();
    Settings {
        node: format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        sole_worker: true,
        sender: Sender {
            address: Address::parse("passwords@portal.example").expect("an address"),
            name: "Example Portal".into(),
            reply_to: None,
            bounce: bounces.then(|| Bounce::new("bounces.portal.example", &return_path)),
        },
        house: Letterhead {
            organisation: "Example Portal".into(),
            help_contact: "help@portal.example".into(),
            login_url: "https://portal.example/login".into(),
            base_url: "https://portal.example".into(),
            accent: Colour::default(),
            time_zone: "Europe/Berlin".into(),
        },
        language: domain::language::Language::En,
        signers: Arc::new([]),
        generator: Generator::Symbols,
        limits,
        names_of_unverified: domain::unverified::NamesOfUnverified::default(),
        resets: flow::ResetSettings::new("https://portal.example"),
        notices: NoticeSettings {
            console_url: "https://portal.example/console".into(),
            closing_report: ClosingReport::Always,
        },
        outlet,
    }
}
