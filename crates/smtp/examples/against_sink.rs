//! Measures this client against Postfix's `smtp-source`, both toward Postfix's `smtp-sink` on loopback.
//!
//! `cargo run --release -p smtp --example against_sink -- [messages] [octets]`; prints messages per second and the
//! ratio to `smtp-source -s 16`. Only the ratio travels from one machine to another.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement prints, and stops when it cannot measure"
)]

use smtp::{Answer, Answered, Connection, Outgoing, Relay, Roots, Stop, Tls, feed};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const PORT: u16 = 42_525;
const SINK: &str = "/usr/sbin/smtp-sink";
const SOURCE: &str = "/usr/sbin/smtp-source";
/// Messages per group in the feed.
const GROUP: usize = 32;

struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let (count, octets) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(4096));
    if !std::path::Path::new(SINK).exists() {
        println!("{SINK} is not installed; it comes with Postfix");
        return;
    }
    let address = format!("127.0.0.1:{PORT}");
    // A sink started by root must be told whom to become; anybody else cannot become another.
    let user = Command::new("id").arg("-u").output().expect("id runs");
    let become_nobody: &[&str] = if user.stdout == b"0\n" { &["-u", "nobody"] } else { &[] };
    let sink = Command::new(SINK).args(become_nobody).args([&address, "1000"]).stdout(Stdio::null()).spawn();
    let _sink = Sink(sink.expect("the sink starts"));
    tokio::time::sleep(Duration::from_millis(300)).await;

    let reference = source(count, octets, &address);
    println!("smtp-source, 16 sessions        {reference:>9.0}/s");
    for connections in [1, 4, 8, 16] {
        let rate = ours(count, octets, connections).await;
        println!("this client, {connections:>2} connections     {rate:>9.0}/s  {:>5.2}", rate / reference);
    }
}

fn source(count: usize, octets: usize, address: &str) -> f64 {
    let began = Instant::now();
    let (count_text, octets) = (count.to_string(), octets.to_string());
    let arguments = ["-d", "-s", "16", "-m", &count_text, "-l", &octets, "-t", "x@y.example", address];
    let status = Command::new(SOURCE).args(arguments).status().expect("smtp-source starts");
    assert!(status.success(), "smtp-source failed");
    count as f64 / began.elapsed().as_secs_f64()
}

async fn ours(count: usize, octets: usize, connections: usize) -> f64 {
    let relay = Relay::new("127.0.0.1", PORT, Tls::None, Roots::none());
    let relay = Relay { messages_per_connection: u32::MAX, ..relay };
    let (groups, feed) = feed(4 * connections);
    let (answers, mut answered) = mpsc::channel::<Vec<Answered<usize>>>(4 * connections);
    let stop = Stop::new();
    let began = Instant::now();
    for _ in 0..connections {
        let (relay, answers, stop, mut feed) = (relay.clone(), answers.clone(), stop.clone(), feed.clone());
        tokio::spawn(async move {
            let connection = Connection::open(&relay).await.expect("the sink listens");
            connection.run(&mut feed, &answers, &stop, |_| true).await
        });
    }
    drop((feed, answers));
    tokio::spawn(async move {
        let line = format!("{}\r\n", "x".repeat(70));
        let body = line.repeat(octets / line.len());
        let sender: Arc<str> = "bounce@ours.example".into();
        for start in (0..count).step_by(GROUP) {
            let group = (start..count.min(start + GROUP)).map(|n| Outgoing {
                tag: n,
                mail_from: Arc::clone(&sender),
                rcpt_to: format!("person{n}@theirs.example"),
                content: format!("Subject: number {n}\r\n\r\n{body}").into_bytes(),
                smtputf8: false,
            });
            groups.send(group.collect()).await.expect("connections are open");
        }
    });
    let mut accepted = 0;
    while let Some(group) = answered.recv().await {
        accepted += group.iter().filter(|one| matches!(one.answer, Answer::Accepted(_))).count();
    }
    assert_eq!(accepted, count, "the sink takes all");
    count as f64 / began.elapsed().as_secs_f64()
}
