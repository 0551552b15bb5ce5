//! The proof after whatever happened to a run: what each person can sign in with, and what the report says.

use crate::House;
use crate::database::TEST_NOW;
use crate::house::password_in;
use crate::relay::ScriptedRelay;
use auth::hashing::LoginRealm;
use auth::login::SignIn;
use auth::typed::TypedPassword;
use domain::credential::CredentialState;
use domain::id::{PersonId, RunId};
use domain::recipient::RecipientState;
use domain::run::RunState;
use domain::secret::Secret;
use flow::{Flow, RelaySettings, Stop};
use mail::mailbox::Mailbox;
use smtp::{Relay, Roots, Timeouts, Tls};
use std::time::{Duration, Instant};
use store::recipient::Listed;
use store::run::Run;
use store::{Store, StoreError, params};

/// What everybody of [`House::add_with_old_password`] signs in with before a run.
pub const OLD: &str = "the old password of everyone";

/// Where one person of a run stands, as seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What the person signs in with.
    pub username: String,
    /// The word of the report.
    pub state: RecipientState,
    /// The old password opens.
    pub old_opens: bool,
    /// The password of the newest mail the relay stored opens; `None`: it stored none.
    pub newest_opens: Option<bool>,
}

impl Standing {
    /// Holds the promise: nobody is locked out, and the report's word is the right one.
    ///
    /// # Panics
    /// When it is not kept.
    pub fn check(&self) {
        let (old, newest) = (self.old_opens, self.newest_opens);
        assert!(old || newest == Some(true), "locked out: {self:?}");
        match self.state {
            RecipientState::Accepted => assert_eq!((old, newest), (false, Some(true)), "{self:?}"),
            RecipientState::Refused | RecipientState::Planned | RecipientState::LeftOut => {
                assert!(old && newest != Some(true), "{self:?}");
            }
            RecipientState::Unknown => assert!(old && newest != Some(false), "{self:?}"),
            RecipientState::Deferred | RecipientState::Cancelled | RecipientState::Sending => {
                assert!(old, "{self:?}");
            }
            RecipientState::Bounced => {}
        }
    }
}

/// How the flow reaches a scripted relay: one connection, and patience for a busy machine only.
#[must_use]
pub fn reach(relay: &ScriptedRelay, tls: Tls) -> RelaySettings {
    let roots = match relay.ca_pem() {
        "" => Roots::none(),
        pem => Roots::only(pem.as_bytes()).expect("the relay's own authority"),
    };
    let mut reached = Relay::new(relay.host(), relay.port(), tls, roots);
    reached.timeouts = Timeouts { quit: Duration::from_millis(300), ..waiting(Duration::from_secs(10)) };
    RelaySettings { name: "relay".into(), relay: reached, connections: 1, messages_per_minute: None }
}

/// The same patience at every step.
#[must_use]
pub fn waiting(patience: Duration) -> Timeouts {
    Timeouts {
        connect: patience,
        greeting: patience,
        command: patience,
        mail: patience,
        rcpt: patience,
        data: patience,
        block: patience,
        end: patience,
        quit: patience,
        idle: Duration::from_secs(60),
    }
}

/// The password in the newest mail a relay stored for an address.
#[must_use]
pub fn newest_password(relay: &ScriptedRelay, address: &str) -> Option<String> {
    passwords(relay, address).pop()
}

/// The passwords of all mails a relay stored for an address, oldest first.
#[must_use]
pub fn passwords(relay: &ScriptedRelay, address: &str) -> Vec<String> {
    texts(relay, address).iter().filter_map(|text| password_in(text)).collect()
}

/// The paths of the links in all mails a relay stored for somebody, oldest first: what stands on lines of its own behind
/// the address of the pages and begins with `path`.
#[must_use]
pub fn links(relay: &ScriptedRelay, address: &str, base_url: &str, path: &str) -> Vec<String> {
    let of = |text: String| {
        let behind = text.lines().filter_map(|line| line.trim().strip_prefix(base_url));
        behind.filter(|link| link.starts_with(path)).map(str::to_owned).collect::<Vec<_>>()
    };
    texts(relay, address).into_iter().flat_map(of).collect()
}

/// The text parts of all mails a relay stored for an address, as a reader sees them, oldest first.
#[must_use]
pub fn texts(relay: &ScriptedRelay, address: &str) -> Vec<String> {
    let read = |content: Vec<u8>| {
        let mailbox = Mailbox::new(1, 1 << 20);
        let id = mailbox.deliver("", address, content, 0);
        mailbox.get(id)?.text
    };
    relay.messages_for(address).into_iter().filter_map(|mail| read(mail.content)).collect()
}

impl House {
    /// Adds contacts `p0001`, … with addresses at example.org who sign in with [`OLD`].
    pub async fn add_with_old_password(&self, count: usize) -> Vec<PersonId> {
        let people = self.add_contacts(count).await;
        let typed = TypedPassword::new(&Secret::new(OLD.into())).expect("fits");
        let hash = self.auth.hasher().hash(&typed, LoginRealm::Contacts).await.expect("hashes");
        self.change(
            "UPDATE people SET password_hash = $1, password_set = 'chosen' WHERE username LIKE 'p0%'",
            vec![hash.as_str().into()],
        )
        .await;
        people
    }

    /// Changes the database behind everybody's back.
    pub async fn change(&self, sql: &'static str, values: Vec<store::Value>) {
        self.db
            .store
            .write(move |tx| Box::pin(async move { tx.execute(sql, &values).await.map(|_| ()) }))
            .await
            .expect("a statement that is right");
    }

    /// Everyone of a run, as the report lists them.
    pub async fn listed(&self, id: RunId) -> Vec<Listed> {
        self.db
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let number = store::run::get(tx, id).await?.number;
                    store::recipient::list(tx, number, None, 0, 10_000).await
                })
            })
            .await
            .expect("the run")
    }

    /// Tries the old and the newest mailed password of everyone in a run. This uses the mailed ones up.
    pub async fn standings(&self, id: RunId, relay: &ScriptedRelay) -> Vec<Standing> {
        let mut all = Vec::new();
        for listed in self.listed(id).await {
            let username = listed.username.expect("nobody was erased");
            let address = listed.address.expect("everybody has an address");
            let old_opens = self.opens(&username, OLD).await;
            let newest_opens = match newest_password(relay, &address) {
                Some(password) => Some(self.opens(&username, &password).await),
                None => None,
            };
            all.push(Standing { username, state: listed.state, old_opens, newest_opens });
        }
        all
    }

    /// The same, held against the promise; gives the states in the order of the audience.
    pub async fn prove(&self, id: RunId, relay: &ScriptedRelay) -> Vec<RecipientState> {
        let standings = self.standings(id, relay).await;
        standings.iter().for_each(Standing::check);
        standings.into_iter().map(|standing| standing.state).collect()
    }

    /// Whether a password opens anything.
    pub async fn opens(&self, username: &str, password: &str) -> bool {
        !matches!(self.sign_in(username, password).await, SignIn::Refused)
    }

    /// The states of all credentials ever minted for a person, oldest first.
    pub async fn credentials(&self, username: &'static str) -> Vec<CredentialState> {
        self.db
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let rows = tx
                        .query(
                            "SELECT c.state FROM credentials c JOIN people p ON p.id = c.person_id
                             WHERE p.username = $1 ORDER BY c.minted_at, c.id",
                            params![username],
                        )
                        .await?;
                    rows.into_iter()
                        .map(|mut row| row.take::<String>(0))
                        .collect::<Result<Vec<_>, StoreError>>()
                })
            })
            .await
            .expect("reads")
            .iter()
            .map(|state| CredentialState::parse(state).expect("a known state"))
            .collect()
    }

    /// When the next attempt of a run is due.
    pub async fn next_due(&self, id: RunId) -> Option<i64> {
        self.listed(id).await.into_iter().filter_map(|listed| listed.due_at).min()
    }

    /// Milliseconds since the test began.
    #[must_use]
    pub fn since_start(&self) -> i64 {
        self.clock.now_ms() - TEST_NOW
    }

    /// Works until a run is as the test wants it, then stops softly.
    pub async fn work_until(&self, id: RunId, done: impl Fn(&Run) -> bool) -> Run {
        let worker = Working::begin(&self.flow);
        self.wait_until(id, done).await;
        worker.end().await;
        self.run(id).await
    }

    /// Waits until a run is as the test wants it; somebody else works.
    pub async fn wait_until(&self, id: RunId, done: impl Fn(&Run) -> bool) {
        let began = Instant::now();
        while !done(&self.run(id).await) {
            let run = self.run(id).await;
            assert!(began.elapsed() < Duration::from_secs(60), "it does not come to that: {run:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Works, and moves the clock to the next attempt whenever nothing else is left, until the run does not
    /// go on or the time is up.
    pub async fn work_through(&self, id: RunId, most_ms: i64) -> Run {
        loop {
            let run = self.work(id).await;
            let now = self.clock.now_ms();
            let next = self.next_due(id).await.filter(|_| run.state == RunState::Running);
            // What is due already waits for the relay, which rests for a while.
            match next.map(|due| if due > now { due } else { now + 5_000 }) {
                Some(due) if due <= TEST_NOW + most_ms => self.clock.set(due),
                _ => return run,
            }
        }
    }

    /// Another node over the same database, with the same clock, keys and outlet.
    pub async fn another_node(&self) -> Flow {
        let store = Store::open(&self.db.location).await.expect("the database opens a second time");
        self.node_over(store)
    }
}

/// A worker in the background.
#[derive(Debug)]
pub struct Working {
    stop: Stop,
    task: tokio::task::JoinHandle<()>,
}

impl Working {
    /// Begins to work.
    #[must_use]
    pub fn begin(flow: &Flow) -> Self {
        let stop = Stop::new();
        let task = tokio::spawn({
            let (flow, stop) = (flow.clone(), stop.clone());
            async move { flow.work(stop).await }
        });
        Self { stop, task }
    }

    /// Stops softly.
    pub async fn end(self) {
        self.stop.request((Instant::now() + Duration::from_secs(20)).into());
        self.task.await.expect("the worker ends");
    }
}
