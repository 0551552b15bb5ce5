//! S-10 and S-11: the recipients' pages for a forgotten password, of the real program.

use crate::measure::runtime;
use crate::orchestra::{Stage, median};
use crate::table::Line;
use crate::visiting::Console;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::{Location, Store, StoreError, params};

/// Links are asked for so far apart: everybody together may ask twenty times a second.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// The most links asked for.
const MOST_ASKS: usize = 100;
/// Fewer than this in the middle of the run say nothing.
const FEWEST: usize = 5;
/// Connections that ask for the page without a pause, and for how long in each round.
const CONNECTIONS: usize = 8;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

/// Single links asked for while a run for everybody is under way, until the relay has taken the mail.
pub(crate) fn lane(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let postgres = runtime().block_on(testkit::database::postgres_url());
    for (name, database) in [("SQLite", None), ("PostgreSQL", postgres.clone())] {
        if name == "PostgreSQL" && postgres.is_none() {
            continue;
        }
        let console = Console::open_over(stage, people, database);
        let begun = console.program.run("automation run 1 --yes --detach --json --as owner").ok().json();
        let (id, number) = (begun["id"].as_str().expect("a run").to_owned(), begun["number"].to_string());
        let store = runtime().block_on(open(&console.database));
        for ask in 0..MOST_ASKS {
            if !is_running(&store, &id) {
                break;
            }
            let began = Instant::now();
            // Everybody from a network of its own, and people the run has not reached and such it has.
            let username = format!("b{:07}", ask * people / MOST_ASKS + 1);
            let mut visitor =
                console.serving.visitor().from_address(&format!("10.0.{}.{}", ask / 256, ask % 256));
            let token = visitor.get("/reset").token();
            let page = visitor.post("/reset", &[("csrf", &token), ("username", &username)]);
            assert_eq!(page.status, 200, "{}", page.body);
            std::thread::sleep(ASK_EVERY.saturating_sub(began.elapsed()));
        }
        console.wait(&number);
        let mut seconds = handed_over(&store, &id);
        seconds.sort_by(f64::total_cmp);
        let worst = seconds.last().copied().unwrap_or(f64::MAX);
        eprintln!("S-10 {name}: {} links in the middle of the run: {seconds:.2?} s", seconds.len());
        assert!(seconds.len() >= FEWEST, "the run was too short: take more people");
        let mut line = |what: String, value, target| {
            let figure = format!("{} mails", seconds.len());
            lines.push(Line { number: "S-10", what, figure, value, at_least: false, target });
        };
        let what =
            format!("reset mail asked for in a run of {people} people, {name}, until the relay took it, s");
        line(format!("{what}: median"), median(&mut seconds.clone()), None);
        line(format!("{what}: worst"), worst, Some(1.0));
    }
}

async fn open(database: &str) -> Store {
    Store::open(&Location::parse(database, Path::new("/")).expect("a database")).await.expect("opens")
}

fn is_running(store: &Store, run: &str) -> bool {
    let id: domain::id::RunId = run.parse().expect("an id");
    let read = store.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move { Ok(store::run::get(tx, id).await?.finished_at.is_none()) })
    });
    runtime().block_on(read).expect("reads")
}

/// Seconds from the request to the record of the relay's yes, of all that were asked for before the run was over.
fn handed_over(store: &Store, run: &str) -> Vec<f64> {
    let id: domain::id::RunId = run.parse().expect("an id");
    let read = store.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move {
            let sql = "SELECT m.settled_at - m.requested_at, m.outcome FROM account_mails m, runs r
                       WHERE r.id = $1 AND m.kind = 'reset_link' AND m.requested_at < r.finished_at";
            let rows = tx.query(sql, params![id]).await?;
            rows.into_iter()
                .map(|mut row| {
                    let (took, outcome): (Option<i64>, Option<String>) = (row.take(0)?, row.take(1)?);
                    assert_eq!(outcome.as_deref(), Some("accepted"), "every link was mailed");
                    Ok(took.expect("it is settled") as f64 / 1_000.0)
                })
                .collect()
        })
    });
    runtime().block_on(read).expect("reads")
}

/// `GET /reset` of the program against a page of axum that does nothing, in turns.
pub(crate) fn page(stage: &Stage, lines: &mut Vec<Line>) {
    let console = Console::open_over(stage, 10, None);
    let bare = Bare::start();
    let port = console.serving.port();
    // Once for nothing, so that both are warm.
    rate(port);
    rate(bare.port);
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (ours, theirs) = if round % 2 == 0 {
            let ours = rate(port);
            (ours, rate(bare.port))
        } else {
            let theirs = rate(bare.port);
            (rate(port), theirs)
        };
        eprintln!("S-11 round {round}: GET /reset {ours:.0}, a bare page {theirs:.0} a second");
        ratios.push(ours / theirs);
        rates.push(ours);
    }
    lines.push(Line {
        number: "S-11",
        what: "GET /reset on loopback over an axum page that does nothing".into(),
        figure: format!("{:.0}/s", median(&mut rates)),
        value: median(&mut ratios),
        at_least: true,
        target: Some(0.5),
    });
}

/// Requests a second, over connections that are kept.
fn rate(port: u16) -> f64 {
    let began = Instant::now();
    let count: usize = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(move || ask_on(port, began + ROUND))).collect();
        all.into_iter().map(|one| one.join().expect("it asked")).sum()
    });
    count as f64 / began.elapsed().as_secs_f64()
}

fn ask_on(port: u16, until: Instant) -> usize {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_nodelay(true).expect("an option");
    let mut reader = BufReader::new(stream.try_clone().expect("the same connection"));
    let request = format!("GET /reset HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    let (mut count, mut line, mut body) = (0, String::new(), Vec::new());
    while Instant::now() < until {
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line).expect("it answers");
            if count == 0 && line.starts_with("HTTP/") {
                assert!(line.contains(" 200 "), "{line}");
            }
            let (name, value) = line.trim_end().split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim_end().is_empty() {
                break;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).expect("a body");
        count += 1;
    }
    count
}

/// The page that does nothing, in a process of its own as ours is.
struct Bare {
    child: Child,
    port: u16,
}

impl Bare {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg("page")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a port");
        Self { child, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves the page that does nothing until its input closes; prints the port.
pub(crate) fn serve() {
    runtime().block_on(async {
        let app = axum::Router::new().route("/reset", axum::routing::get(async || ""));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address").port());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        let mut line = String::new();
        tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line)).await.expect("reads").ok();
        serving.abort();
    });
}
