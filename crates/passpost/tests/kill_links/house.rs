//! An installation whose people ask for links, killed and started again.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use store::{Location, Store, StoreError};
use testkit::program::{Program, Serving};
use testkit::relay::ScriptedRelay;
use testkit::visitor::{Page, Visitor};

/// What everybody chooses.
pub(crate) const FRESH: &str = "seven purple trains whistle";

/// The installation.
pub(crate) struct House {
    pub(crate) program: Program,
    /// What the moments follow from; set the variable `LINKS_SEED` to draw them again.
    pub(crate) seed: u64,
    state: u64,
    location: Location,
    port: u16,
    serving: Option<Serving>,
}

pub(crate) fn username(person: usize) -> String {
    format!("p{person:04}")
}

pub(crate) fn address(person: usize) -> String {
    format!("p{person:04}@members.example")
}

impl House {
    pub(crate) async fn furnished(url: Option<String>, relay: u16, people: usize) -> Self {
        let mut program = Program::new(env!("CARGO_BIN_EXE_passpost"));
        let port = program.choose_port();
        std::fs::create_dir(program.data()).unwrap();
        let database = url.as_ref().map_or_else(String::new, |url| format!("[database]\nurl = \"{url}\"\n"));
        let settings = format!(
            "{database}[[smtp]]\nurl = \"smtp://127.0.0.1:{relay}\"\ntls = \"none\"\n\
             [mail]\nfrom = \"passwords@portal.example\"\n[bounces]\ndomain = \"bounces.portal.example\"\n"
        );
        std::fs::write(program.path().join("passpost.toml"), settings).unwrap();
        let mut file = String::from("username,address\n");
        for person in 1..=people {
            file.push_str(&format!("{},{}\n", username(person), address(person)));
        }
        std::fs::write(program.path().join("people.csv"), file).unwrap();
        program.run("people import people.csv").ok();
        let location =
            Location::parse(url.as_deref().unwrap_or("sqlite:passpost.db"), &program.data()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test is told its seed like this, not by a setting")]
        let given = std::env::var("LINKS_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| testkit::inspection::now_ms().unsigned_abs());
        Self { program, seed, state: seed, location, port, serving: None }
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(&mut self) {
        if self.serving.is_none() {
            let mut serving = self.program.serve(self.port, Some(&self.program.data().join("passpost.log")));
            serving.wait_ready();
            self.serving = Some(serving);
        }
    }

    pub(crate) fn kill(&mut self) {
        self.serving.take().expect("it runs").kill();
    }

    pub(crate) fn stop(&mut self) {
        self.serving.take().expect("it runs").stop();
    }

    /// Sleeps for a random time below so many milliseconds.
    pub(crate) fn pause(&mut self, below_ms: u64) {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        std::thread::sleep(Duration::from_millis((mixed ^ (mixed >> 31)) % below_ms));
    }

    /// Somebody asks at the page. All come from one network, so its limit is cleared first.
    pub(crate) fn ask(&self, person: usize) {
        self.program.run("limits clear --network 127.0.0.1").ok();
        let mut visitor = Visitor::of(self.port);
        let token = visitor.get("/reset").token();
        let page = visitor.post("/reset", &[("csrf", &token), ("username", &username(person))]);
        assert_eq!(page.status, 200, "{page:?}");
    }

    async fn open_store(&self) -> Store {
        Store::open(&self.location).await.unwrap()
    }

    /// The number a statement gives.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.count_in(&self.open_store().await, sql).await
    }

    async fn count_in(&self, store: &Store, sql: &'static str) -> i64 {
        let found = store.read(move |tx| {
            Box::pin(async move { tx.find(sql, &[]).await?.map_or(Ok(0), |mut row| row.take::<i64>(0)) })
        });
        found.await.unwrap_or_else(|error: StoreError| panic!("{error}"))
    }

    /// Waits until the newest mail is in the hands of the process.
    pub(crate) async fn wait_until_claimed(&self) {
        let began = Instant::now();
        let sql = "SELECT count(*) FROM account_mails
                   WHERE id = (SELECT id FROM account_mails ORDER BY id DESC LIMIT 1) AND node IS NOT NULL";
        // Opened once: opening takes longer than a look, and the mail is in hand for a second only.
        let store = self.open_store().await;
        while self.count_in(&store, sql).await == 0 {
            assert!(began.elapsed() < Duration::from_secs(20), "nobody claims it: seed {}", self.seed);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until every mail was accepted.
    pub(crate) async fn wait_until_settled(&self, most: Duration) {
        let began = Instant::now();
        while self.count("SELECT count(*) FROM account_mails WHERE due_at IS NOT NULL").await > 0 {
            assert!(began.elapsed() < most, "mails are left: seed {}", self.seed);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let sql = "SELECT count(*) FROM account_mails WHERE outcome <> 'accepted'";
        assert_eq!(self.count(sql).await, 0, "seed {}", self.seed);
    }

    /// The paths of the links in all mails the relay stored for a person, oldest first.
    pub(crate) fn links(&self, relay: &ScriptedRelay, person: usize) -> Vec<String> {
        testkit::links(relay, &address(person), &format!("http://127.0.0.1:{}", self.port), "/reset/link/")
    }

    /// Follows a link; `None`: it does not work.
    pub(crate) fn open(&self, link: &str) -> Option<(Visitor, Page)> {
        let mut visitor = Visitor::of(self.port);
        let page = visitor.open_link(link)?;
        Some((visitor, page))
    }

    /// Sets the password behind a link; gives the status, or `None` when the link does not work.
    pub(crate) fn choose(&self, link: &str, person: usize) -> Option<u16> {
        self.open(link).map(|(visitor, page)| send(visitor, &page, person).status)
    }

    /// The same beside whatever happens meanwhile, the form already open.
    pub(crate) fn choose_apart(&self, link: &str, person: usize) -> JoinHandle<Page> {
        let (visitor, page) = self.open(link).expect("it works");
        std::thread::spawn(move || send(visitor, &page, person))
    }

    /// Whether the new password opens the account.
    pub(crate) fn signs_in(&self, person: usize) -> bool {
        let page = Visitor::of(self.port).sign_in(&username(person), FRESH);
        assert!([303, 403].contains(&page.status), "{page:?}");
        page.status == 303
    }
}

fn send(mut visitor: Visitor, page: &Page, person: usize) -> Page {
    let (token, name) = (page.token(), username(person));
    let fields = [("csrf", &*token), ("username", &*name), ("password", FRESH), ("confirmation", FRESH)];
    visitor.post("/reset/new", &fields)
}
