//! The console of the real program: a run that people watch, and its pages over a large databank.

use crate::measure::runtime;
use crate::orchestra::{Stage, median};
use crate::table::Line;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{Location, Store};
use testkit::program::{Program, Serving};
use testkit::visitor::{Page, Visitor};

/// Run pages open at the same time.
const WATCHERS: usize = 20;
/// Runs with and without watchers, in turns; the median counts.
const ROUNDS: usize = 5;
/// How often a page asks for its lists anew, as `assets/run.js` does.
const PATIENCE: Duration = Duration::from_secs(4);
/// Times each page is asked for; the median counts.
const ASKED: usize = 5;
/// What a page may weigh and take.
const MOST_KB: f64 = 300.0;
const MOST_MS: f64 = 1_000.0;

const PASSWORD: &str = "oyster lantern gravel plum";

/// A program that serves, with an Owner who has signed in and generated people.
pub(crate) struct Console {
    pub(crate) program: Program,
    pub(crate) database: String,
    pub(crate) serving: Serving,
    owner: Visitor,
}

impl Console {
    fn open(stage: &Stage, people: usize) -> Self {
        Self::open_over(stage, people, None)
    }

    /// Over this database, or an SQLite file of its own.
    pub(crate) fn open_over(stage: &Stage, people: usize, database: Option<String>) -> Self {
        let me = std::env::current_exe().expect("this program");
        let binary = me.with_file_name("passpost");
        assert!(binary.exists(), "{} is missing: cargo build --release -p passpost", binary.display());
        let mut program = Program::new(&binary.display().to_string());
        let own = format!("sqlite:{}", program.path().join("bench.db").display());
        let database = database.unwrap_or(own);
        program.set("PASSPOST_DATABASE__URL", &database);
        program.set("PASSPOST_SMTP__0__URL", format!("smtp://{}", stage.relay));
        program.set("PASSPOST_SMTP__0__TLS", "none");
        program.set("PASSPOST_SMTP__0__CONNECTIONS", "16");
        program.set("PASSPOST_MAIL__FROM", "passwords@bench.example");
        program.set("PASSPOST_LIMITS__PEOPLE_PER_RUN", "100000000");
        program.set("PASSPOST_LIMITS__PEOPLE_PER_DAY", "100000000");
        program.set("PASSPOST_TRUSTED_PROXIES", "[\"127.0.0.1\"]");
        program.set("PASSPOST_LOG__LEVEL", "error");
        let port = program.choose_port();
        let link = program.run("setup --json").ok().json();
        let mut serving = program.serve(port, None);
        serving.wait_ready();
        let mut owner = serving.visitor();
        become_owner(&mut owner, link["link"].as_str().expect("a link"));
        stage.prepare(&database, people);
        Self { program, database, serving, owner }
    }

    /// Runs the automation once; gives the seconds it took by its own record.
    fn run(&mut self, watchers: usize) -> f64 {
        let begun = self.program.run("automation run 1 --yes --detach --json --as owner").ok().json();
        let (id, number) = (begun["id"].as_str().expect("a run"), begun["number"].to_string());
        let (path, news) = (format!("/console/runs/{id}"), AtomicUsize::new(0));
        let mut seconds = 0.0;
        std::thread::scope(|scope| {
            for _ in 0..watchers {
                let (path, news, visitor) = (path.as_str(), &news, self.owner.clone());
                scope.spawn(move || follow(visitor, path, news));
            }
            seconds = self.wait(&number);
        });
        assert!(news.into_inner() >= watchers * 2, "every page was told something");
        seconds
    }

    /// Waits until a run is over, asking seldom: asking is a process of its own.
    pub(crate) fn wait(&self, number: &str) -> f64 {
        let until = Instant::now() + Duration::from_secs(600);
        loop {
            assert!(Instant::now() < until, "the run does not end");
            std::thread::sleep(Duration::from_millis(500));
            let shown = self.program.args(&["run", "show", number, "--json"]).ok().json();
            let run = &shown["run"];
            match run["state"].as_str() {
                Some("running" | "preparing") => {}
                Some("finished") => {
                    let at = |name: &str| run[name].as_i64().expect("a time");
                    return (at("finished_at") - at("created_at")) as f64 / 1_000.0;
                }
                other => panic!("the run is {other:?}: {shown}"),
            }
        }
    }
}

fn become_owner(owner: &mut Visitor, link: &str) {
    let path = link.find("/console/").map(|place| &link[place..]).expect("a link of ours");
    owner.get(path);
    let token = owner.get("/console/setup").token();
    let fields = [
        ("csrf", token.as_str()),
        ("given_name", "Olga"),
        ("family_name", "Owner"),
        ("address", "olga@bench.example"),
        ("username", "olga"),
        ("password", PASSWORD),
        ("confirmation", PASSWORD),
    ];
    let set = owner.post("/console/setup", &fields);
    assert_eq!(set.status, 303, "{}", set.body);
    let token = owner.get("/console/login").token();
    let fields = [("csrf", token.as_str()), ("username", "olga"), ("password", PASSWORD)];
    assert_eq!(owner.post("/console/login", &fields).location(), "/console");
}

/// A page that is open: follows the events, and takes fresh copies of itself when its lists change.
fn follow(mut visitor: Visitor, path: &str, news: &AtomicUsize) {
    assert_eq!(visitor.get(path).status, 200);
    let stream = visitor.open(&format!("{path}/events")).expect("the server listens");
    let (mut lists, mut fetched) = (String::new(), Instant::now());
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let Some(data) = line.strip_prefix("data: ") else { continue };
        news.fetch_add(1, Ordering::Relaxed);
        let now: serde_json::Value = serde_json::from_str(data).expect("JSON");
        let is = format!("{} {} {}", now["state"], now["lists"], now["cause"]);
        if is != lists && fetched.elapsed() >= PATIENCE {
            assert_eq!(visitor.get(path).status, 200);
            (lists, fetched) = (is, Instant::now());
        }
    }
}

/// A run watched by many open pages, over the same run watched by nobody.
pub(crate) fn watch(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let mut console = Console::open(stage, people);
    console.run(0);
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who goes first changes, so that what grows with each run weighs on both.
        let (alone, watched) = if round % 2 == 0 {
            let alone = console.run(0);
            (alone, console.run(WATCHERS))
        } else {
            let watched = console.run(WATCHERS);
            (console.run(0), watched)
        };
        eprintln!("watch round {round}: alone {alone:.2} s, watched {watched:.2} s");
        ratios.push(alone / watched);
        rates.push(people as f64 / watched);
    }
    lines.push(Line {
        number: "W",
        what: format!("run of {people} people with {WATCHERS} open run pages, over one nobody watches"),
        figure: format!("{:.0}/s", median(&mut rates)),
        value: median(&mut ratios),
        at_least: true,
        target: Some(0.95),
    });
}

/// Has the server write the words of everybody's name, as after an import, and waits for it.
async fn write_words(database: &str) {
    let store =
        Store::open(&Location::parse(database, Path::new("/")).expect("a database")).await.expect("opens");
    let all = "INSERT INTO person_word_queue (person_id, changes) SELECT id, 1 FROM people WHERE TRUE
               ON CONFLICT (person_id) DO NOTHING";
    store.write(move |tx| Box::pin(async move { tx.execute(all, &[]).await })).await.expect("queued");
    let began = Instant::now();
    let left = "SELECT 1 FROM person_word_queue LIMIT 1";
    while store
        .read(move |tx| Box::pin(async move { tx.find(left, &[]).await }))
        .await
        .expect("reads")
        .is_some()
    {
        assert!(began.elapsed() < Duration::from_secs(900), "the words are not written");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The slowest and the heaviest page over so many people and a finished run of all of them.
pub(crate) fn pages(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let mut console = Console::open(stage, people);
    console.run(0);
    runtime().block_on(write_words(&console.database));
    let (mut slowest, mut heaviest) = ((0.0, String::new()), (0.0, String::new()));
    for path in addresses(&mut console) {
        let mut times = Vec::new();
        let mut page = ask(&mut console.owner, &path, &mut times);
        for _ in 1..ASKED {
            page = ask(&mut console.owner, &path, &mut times);
        }
        let (ms, kb) = (median(&mut times), page.body.len() as f64 / 1_000.0);
        eprintln!("page {path}: {ms:.0} ms, {kb:.0} kB");
        if ms > slowest.0 {
            slowest = (ms, path.clone());
        }
        if kb > heaviest.0 {
            heaviest = (kb, path);
        }
    }
    let mut line = |what: String, figure, value, target| {
        lines.push(Line { number: "P", what, figure, value, at_least: false, target: Some(target) });
    };
    line(format!("slowest page of the console with {people} people, ms"), slowest.1, slowest.0, MOST_MS);
    line("heaviest page, kB".into(), heaviest.1, heaviest.0, MOST_KB);
}

fn ask(visitor: &mut Visitor, path: &str, times: &mut Vec<f64>) -> Page {
    let began = Instant::now();
    let page = visitor.get(path);
    times.push(began.elapsed().as_secs_f64() * 1_000.0);
    assert_eq!(page.status, 200, "{path}: {} {}", page.location(), page.body);
    page
}

/// The pages that show many people, or numbers of them.
fn addresses(console: &mut Console) -> Vec<String> {
    let link = |page: &Page, begin: &str| {
        let place = page.body.find(begin).unwrap_or_else(|| panic!("{begin}: {}", page.body));
        page.body[place..].split(['"', '?']).next().unwrap_or_default().to_owned()
    };
    let list = console.owner.get("/console/people?q=b0500");
    let after_import = console.owner.get("/console/people");
    let person = link(&list, "/console/people/0");
    let next = after_import.body.split("href=\"").find(|rest| rest.starts_with("/console/people?after="));
    let next = next.and_then(|rest| rest.split('"').next()).expect("a next page").replace("&#38;", "&");
    let run = link(&console.owner.get("/console/runs"), "/console/runs/0");
    let selection = link(&console.owner.get("/console/selections"), "/console/selections/0");
    let automation = link(&console.owner.get("/console/automations"), "/console/automations/0");
    let mut paths: Vec<String> = ["", "/people", "/people?q=lovelace", "/people?q=lo", "/people?q=maria+de"]
        .iter()
        .chain(&["/people?q=b0500000", "/people?q=zzzz", "/people?filter=language+eq+%22de%22", "/groups"])
        .chain(&["/selections", "/automations", "/runs", "/audit", "/settings", "/templates", "/users"])
        .map(|path| format!("/console{path}"))
        .collect();
    paths.extend([person, next, format!("{run}/report"), format!("{run}?state=accepted"), run]);
    paths.extend([selection, format!("{automation}/preview"), format!("{automation}/run"), automation]);
    paths
}
