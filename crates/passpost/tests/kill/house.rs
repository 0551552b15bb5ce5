//! The installation that is killed: 1,000 imported people, half of them with a password of their own, and a data folder
//! that holds the log as well.

use auth::hashing::{Costs, Hasher, LoginRealm};
use auth::keys::Keys;
use auth::limits::LoginLimits;
use auth::login::{Attempt, Verified};
use auth::password_rules::PasswordRules;
use auth::typed::TypedPassword;
use auth::{Auth, Origin};
use domain::id::PersonId;
use domain::secret::Secret;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::{Location, Store};
use testkit::inspection::{self, Inspected};
use testkit::program::{Program, Serving};
use testkit::relay::ScriptedRelay;

/// What half of the people sign in with before the run.
pub(crate) const OLD: &str = "the old password of everyone";

/// Beside *members*, everybody is in one of these.
pub(crate) const GROUPS: [&str; 3] = ["first", "second", "third"];

/// The installation.
pub(crate) struct House {
    pub(crate) program: Program,
    pub(crate) keys: Keys,
    pub(crate) old_hash: String,
    location: Location,
    port: u16,
    with_old: usize,
}

/// The name of the person in this line of the file.
pub(crate) fn username(place: usize) -> String {
    format!("p{place:04}")
}

/// Where that person's mail goes.
pub(crate) fn address(place: usize) -> String {
    format!("p{place:04}@members.example")
}

impl House {
    /// With people, an Owner, a published selection and an automation.
    pub(crate) async fn furnished(url: Option<String>, relay: u16, people: usize) -> Self {
        let mut program = Program::new(env!("CARGO_BIN_EXE_passpost"));
        let port = program.choose_port();
        std::fs::create_dir(program.data()).unwrap();
        std::fs::write(program.path().join("passpost.toml"), settings(url.as_deref(), relay)).unwrap();
        let languages = ["en", "de", "fr"];
        let mut file = String::from("username,address,given_name,family_name,language,groups,tier\n");
        for place in 1..=people {
            let (name, address, language) = (username(place), address(place), languages[place % 3]);
            let third = GROUPS[place % 3];
            file.push_str(&format!("{name},{address},Zoë,Nº {place},{language},members|{third},gold\n"));
        }
        std::fs::write(program.path().join("people.csv"), file).unwrap();
        program.run("attribute create tier string").ok();
        program.run("people import people.csv").ok();
        program.run("user create boss --role Owner --address boss@portal.example").ok();
        program
            .args(&["selection", "create", "Members", "--filter", "groups.name eq \"members\"", "--publish"])
            .ok();
        program.args(&["automation", "create", "Renewal", "--selection", "Members"]).ok();
        let location =
            Location::parse(url.as_deref().unwrap_or("sqlite:passpost.db"), &program.data()).unwrap();
        let keys = Keys::read_or_create(&program.data().join("keys")).unwrap();
        let hasher = Hasher::new(keys.clone(), Costs::default(), 1).unwrap();
        let typed = TypedPassword::new(&Secret::new(OLD.into())).expect("fits");
        let old_hash = hasher.hash(&typed, LoginRealm::Contacts).await.unwrap();
        let house = Self { program, keys, old_hash, location, port, with_old: people / 2 };
        let store = Store::open(&house.location).await.unwrap();
        inspection::give_old_password(&store, house.old_hash.clone(), username(people / 2 + 1)).await;
        house
    }

    /// Starts it; all it says is added to a log inside the data folder.
    pub(crate) fn serve(&self) -> Serving {
        self.program.serve(self.port, Some(&self.program.data().join("passpost.log")))
    }

    /// Whether somebody had a password before the run.
    pub(crate) fn had_old_password(&self, name: &str) -> bool {
        name[1..].parse::<usize>().unwrap() <= self.with_old
    }

    /// Some who had one.
    pub(crate) fn sample_of_old(&self) -> impl Iterator<Item = (String, &'static str)> {
        (1..=self.with_old).step_by(self.with_old / 4).map(|place| (username(place), OLD))
    }

    /// Where everybody of the run with this number stands.
    pub(crate) async fn inspect(&self, run: i64) -> Vec<Inspected> {
        let store = Store::open(&self.location).await.unwrap();
        inspection::inspect(&store, run).await
    }

    /// Who is in the hands of a process, by address, and for which time: read while it is dead, whose answer is lost.
    pub(crate) async fn in_hand_by_address(&self) -> Vec<(String, i64)> {
        let store = Store::open(&self.location).await.unwrap();
        let found = store
            .read(|tx| {
                Box::pin(async move {
                    let sql =
                        "SELECT p.address, q.attempts FROM recipients q JOIN people p ON p.id = q.person_id
                               WHERE q.state = 'sending'";
                    let rows = tx.query(sql, &[]).await?;
                    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
                })
            })
            .await;
        found.unwrap_or_else(|error: store::StoreError| panic!("{error}"))
    }

    /// How many people are in the hands of a process: read while it is dead, those it had when it died.
    pub(crate) async fn in_hand(&self) -> usize {
        let found = self.count("SELECT count(*) FROM recipients WHERE state = 'sending'").await;
        usize::try_from(found).unwrap()
    }

    /// What a statement counts.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let store = self.store().await;
        let found = store.read(move |tx| {
            Box::pin(async move { tx.find(sql, &[]).await?.map_or(Ok(0), |mut row| row.take::<i64>(0)) })
        });
        found.await.unwrap_or_else(|error: store::StoreError| panic!("{error}"))
    }

    /// The database, beside the program.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.location).await.unwrap()
    }

    /// The id of the person with this user name.
    pub(crate) async fn id_of(&self, username: &'static str) -> PersonId {
        let store = self.store().await;
        let found = store.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM people WHERE username = $1";
                tx.find(sql, store::params![username]).await?.map(|mut row| row.take(0)).transpose()
            })
        });
        found.await.unwrap_or_else(|error: store::StoreError| panic!("{error}")).expect("the person")
    }

    /// Whether a password is right; nothing is used up.
    pub(crate) async fn verifies(&self, username: &str, password: &str) -> bool {
        let store = Store::open(&self.location).await.unwrap();
        let hasher = Hasher::new(self.keys.clone(), Costs::default(), 1).unwrap();
        let auth =
            Auth::new(store, self.keys.clone(), hasher, PasswordRules::default(), LoginLimits::default());
        let attempt = Attempt {
            realm: LoginRealm::Contacts,
            username,
            password: &Secret::new(password.into()),
            origin: &Origin { network: format!("of {username}"), ..Origin::default() },
            presented: &[],
        };
        !matches!(auth.verify(&attempt, inspection::now_ms()).await.unwrap(), Verified::Refused)
    }

    /// The passwords in all mails the relay stored, by address, oldest first.
    pub(crate) fn passwords_by_address(&self, relay: &ScriptedRelay) -> HashMap<String, Vec<String>> {
        let addresses = relay.reached().into_keys();
        addresses.map(|address| (address.clone(), testkit::passwords(relay, &address))).collect()
    }

    /// The paths of the links in all mails the relay stored for somebody, oldest first.
    pub(crate) fn links(&self, relay: &ScriptedRelay, address: &str, path: &str) -> Vec<String> {
        testkit::links(relay, address, &format!("http://127.0.0.1:{}", self.port), path)
    }

    /// Waits until the run with this number is finished.
    pub(crate) async fn wait_until_over(&self, run: i64, most: Duration) {
        let began = Instant::now();
        loop {
            let run = self.program.run(&format!("run show {run} --json")).ok().json();
            if run["run"]["state"] == "finished" {
                return;
            }
            assert_eq!(run["run"]["state"], "running", "{run}");
            assert!(began.elapsed() < most, "it does not end: {run}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Every byte below the data folder, and every column of every table.
    pub(crate) async fn everything_written(&self) -> Vec<u8> {
        let mut all = testkit::canary::read_folder(&self.program.data());
        if matches!(self.location, Location::Postgres(_)) {
            let store = Store::open(&self.location).await.unwrap();
            all.extend(testkit::canary::dump(&store).await);
        }
        all
    }
}

fn settings(url: Option<&str>, relay: u16) -> String {
    let database = url.map_or_else(String::new, |url| format!("[database]\nurl = \"{url}\"\n"));
    format!(
        "{database}[[smtp]]\nurl = \"smtp://127.0.0.1:{relay}\"\ntls = \"none\"\nconnections = 2\n\
         [mail]\nfrom = \"passwords@portal.example\"\n[log]\nlevel = \"trace\"\n"
    )
}
