//! Plays the measures one after the other and prints the table.

use crate::measure::Measured;
use crate::table::{self, Line};
use crate::{csv_file, events, far, mailings, reset_page, seeking, visiting};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Octets of a mail with a new password, both parts and the header.
const OUR_MAIL: usize = 10 * 1_024;
/// PostgreSQL as its own manual asks for when a database fits into memory: a page costs the same in whatever order pages are
/// read. As it is shipped it expects 128 MB of memory and a disk that turns.
const POSTGRES: &str = "-c shared_buffers=1GB -c effective_cache_size=4GB -c random_page_cost=1.0";
/// Where programs of Postfix are.
const PLACES: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

pub(crate) struct Stage {
    folder: tempfile::TempDir,
    sink: Child,
    pub(crate) relay: String,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.sink.kill();
        let _ = self.sink.wait();
    }
}

fn program(name: &str) -> PathBuf {
    PLACES
        .iter()
        .map(|place| Path::new(place).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is missing: install Postfix (Debian: apt-get install postfix)"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let relay = format!("127.0.0.1:{}", free_port());
        let mut sink = Command::new(program("smtp-sink"));
        // As root it must be told whom to become; it stores nothing.
        sink.args(["-u", "nobody", &relay, "1024"]).stdout(Stdio::null()).stderr(Stdio::null());
        let sink = sink.spawn().expect("smtp-sink starts");
        std::thread::sleep(Duration::from_millis(300));
        Self { folder, sink, relay }
    }

    /// The same stage with another relay.
    pub(crate) fn beside<'a>(&'a self, relay: &'a str) -> Beside<'a> {
        Beside { stage: self, relay }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Messages a second of smtp-source: 16 sessions, connections reused, 4 KiB.
    fn reference(&self, count: usize) -> f64 {
        self.beside(&self.relay).reference(count)
    }

    pub(crate) fn sqlite(&self, name: &str) -> String {
        format!("sqlite:{}", self.folder.path().join(name).display())
    }

    fn keys(&self) -> String {
        self.folder.path().join("keys").display().to_string()
    }

    pub(crate) fn me(&self, args: &[&str]) -> Command {
        self.beside(&self.relay).me(args)
    }

    pub(crate) fn prepare(&self, database: &str, people: usize) {
        self.prepare_with(database, people, &[]);
    }

    pub(crate) fn prepare_with(&self, database: &str, people: usize, more: &[&str]) {
        let status = self
            .me(&["prepare", "--database", database, "--people", &people.to_string()])
            .args(more)
            .status()
            .expect("runs");
        assert!(status.success());
    }

    pub(crate) fn run(&self, database: &str, more: &[&str]) -> Measured {
        self.beside(&self.relay).run(database, more)
    }

    /// A measure on a database, in a process of its own.
    pub(crate) fn play_one(&self, measure: &str, database: &str, more: &[&str]) -> Measured {
        let mut args = vec![measure, "--database", database];
        args.extend(more);
        measured(self.me(&args))
    }

    /// A DKIM key in a file.
    fn key(&self, kind: &str) -> String {
        let path = self.folder.path().join(format!("{kind}.pem"));
        if !path.exists() {
            std::fs::write(&path, testkit::dkim_key(kind)).expect("writes");
        }
        path.display().to_string()
    }
}

/// A stage with a relay of its own.
pub(crate) struct Beside<'a> {
    stage: &'a Stage,
    relay: &'a str,
}

impl Beside<'_> {
    /// Messages a second of smtp-source: 16 sessions, connections reused, 4 KiB.
    pub(crate) fn reference(&self, count: usize) -> f64 {
        self.source(count, 4_096)
    }

    /// The same with messages of so many octets.
    fn source(&self, count: usize, octets: usize) -> f64 {
        let began = Instant::now();
        let status = Command::new(program("smtp-source"))
            .args(["-s", "16", "-l", &octets.to_string(), "-d", "-m", &count.to_string()])
            .args(["-f", "a@bench.example", "-t", "b@bench.example", self.relay])
            .status()
            .expect("smtp-source runs");
        assert!(status.success(), "smtp-source failed");
        count as f64 / began.elapsed().as_secs_f64()
    }

    fn me(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(args).args(["--relay", self.relay, "--keys", &self.stage.keys()]);
        command
    }

    /// The main job, in a process of its own.
    pub(crate) fn run(&self, database: &str, more: &[&str]) -> Measured {
        let mut args = vec!["run", "--database", database];
        args.extend(more);
        measured(self.me(&args))
    }
}

pub(crate) fn measured(mut command: Command) -> Measured {
    let output = command.stderr(Stdio::inherit()).output().expect("runs");
    assert!(output.status.success(), "a measure failed");
    serde_json::from_slice(&output.stdout).expect("a measure prints one line of JSON")
}

/// Runs every measure with so many people (S-4, S-5 and S-9 with ten times as many, S-6 with a fifth), or those named.
pub fn play(people: usize, only: &[String]) {
    let wanted = |number: &str| only.is_empty() || only.iter().any(|one| one == number);
    testkit::database::postgres_options(POSTGRES);
    let stage = Stage::new();
    let mut lines = Vec::new();
    if wanted("S-1") || wanted("S-2") {
        main_job(&stage, people, &mut lines);
    }
    if wanted("S-3") {
        postgres(&stage, people, &mut lines);
    }
    if wanted("S-4") || wanted("S-5") {
        growth(&stage, people, &mut lines);
    }
    if wanted("S-6") {
        far::play(&stage, people / 5, &mut lines);
    }
    if wanted("S-7") || wanted("S-8") {
        seeking::play(&stage, people * 10, &mut lines);
    }
    if wanted("S-9") {
        csv_file::play(&stage, people * 10, &mut lines);
    }
    if wanted("S-10") {
        reset_page::lane(&stage, people, &mut lines);
    }
    if wanted("S-11") {
        reset_page::page(&stage, &mut lines);
    }
    if wanted("mailing") {
        mailings::play(&stage, people, &mut lines);
    }
    if wanted("events") {
        events::play(&stage, people, &mut lines);
    }
    if wanted("watch") {
        visiting::watch(&stage, people, &mut lines);
    }
    if wanted("pages") {
        visiting::pages(&stage, people * 10, &mut lines);
    }
    table::print(&lines);
}

fn main_job(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let (mut ratios, mut as_large, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..3 {
        let before = stage.reference(people);
        let database = stage.sqlite(&format!("s1-{round}.db"));
        stage.prepare(&database, people);
        let ours = stage.run(&database, &[]).rate();
        let after = stage.reference(people);
        eprintln!("S-1 round {round}: smtp-source {before:.0} and {after:.0}, Passpost {ours:.0} a second");
        ratios.push(ours / f64::midpoint(before, after));
        as_large.push(ours / stage.beside(&stage.relay).source(people, OUR_MAIL));
        rates.push(ours);
    }
    let unsigned = median(&mut rates);
    lines.push(Line {
        number: "S-1",
        what: format!("Send New Password to {people} people, SQLite, over smtp-source"),
        figure: format!("{unsigned:.0}/s"),
        value: median(&mut ratios),
        at_least: true,
        target: Some(1.0),
    });
    lines.push(Line {
        number: "S-1",
        what: "the same over smtp-source with messages as large as ours (10 KiB)".into(),
        figure: format!("{unsigned:.0}/s"),
        value: median(&mut as_large),
        at_least: true,
        target: None,
    });
    for (kind, target, count) in [("ed25519", 0.9, people), ("rsa", 0.8, people / 5)] {
        let key = stage.key(kind);
        let alone = measured(stage.me(&["sign", "--sign", &key, "--people", &count.to_string()])).rate();
        let database = stage.sqlite(&format!("s2-{kind}.db"));
        stage.prepare(&database, count);
        let ours = stage.run(&database, &["--sign", &key]).rate();
        eprintln!("S-2 {kind}: signing alone {alone:.0}, Passpost {ours:.0} a second");
        lines.push(Line {
            number: "S-2",
            what: format!("the same, signed with {kind}, over the two-core signing rate alone"),
            figure: format!("{ours:.0}/s"),
            value: ours / alone,
            at_least: true,
            target: Some(target),
        });
        lines.push(Line {
            number: "S-2",
            what: format!("the same, signed with {kind}, over unsigned"),
            figure: format!("{ours:.0}/s"),
            value: ours / unsigned,
            at_least: true,
            target: None,
        });
    }
}

fn postgres(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let reference = stage.reference(people);
    let mut rates = Vec::new();
    for nodes in [1, 2] {
        let Some(database) = runtime.block_on(testkit::database::postgres_url()) else { return };
        stage.prepare(&database, people);
        let mut second = (nodes == 2).then(|| {
            stage
                .me(&["work", "--database", &database, "--shared", "yes"])
                .stdin(Stdio::piped())
                .spawn()
                .expect("a second node")
        });
        let shared: &[&str] = if nodes == 2 { &["--shared", "yes"] } else { &[] };
        rates.push(stage.run(&database, shared).rate());
        if let Some(second) = &mut second {
            drop(second.stdin.take());
            let _ = second.wait();
        }
    }
    eprintln!("S-3: smtp-source {reference:.0}, one node {:.0}, two {:.0} a second", rates[0], rates[1]);
    lines.push(Line {
        number: "S-3",
        what: format!("Send New Password to {people} people, PostgreSQL, one process, over smtp-source"),
        figure: format!("{:.0}/s", rates[0]),
        value: rates[0] / reference,
        at_least: true,
        target: Some(0.8),
    });
    lines.push(Line {
        number: "S-3",
        what: "two processes over one".into(),
        figure: format!("{:.0}/s", rates[1]),
        value: rates[1] / rates[0],
        at_least: true,
        target: Some(1.0),
    });
}

fn growth(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let (few, many) = (people / 10, people * 10);
    let mut found = Vec::new();
    for count in [few, many] {
        let database = stage.sqlite(&format!("s4-{count}.db"));
        stage.prepare(&database, count);
        found.push(stage.run(&database, &[]));
        eprintln!(
            "S-4 {count}: {:.0} a second, peak {} KiB",
            found[found.len() - 1].rate(),
            found[found.len() - 1].peak_kib
        );
    }
    lines.push(Line {
        number: "S-4",
        what: format!("rate at {many} people over rate at {few}"),
        figure: format!("{:.0}/s", found[1].rate()),
        value: found[1].rate() / found[0].rate(),
        at_least: true,
        target: Some(0.9),
    });
    lines.push(Line {
        number: "S-5",
        what: format!("peak memory at {many} people over peak at {few}"),
        figure: format!("{:.0} MiB", found[1].peak_kib as f64 / 1024.0),
        value: found[1].peak_kib as f64 / found[0].peak_kib as f64,
        at_least: false,
        target: Some(1.2),
    });
    lines.push(Line {
        number: "S-5",
        what: format!("peak memory at {many} people, MiB"),
        figure: String::new(),
        value: found[1].peak_kib as f64 / 1024.0,
        at_least: false,
        target: Some(120.0),
    });
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
