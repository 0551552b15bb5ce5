//! A flood of events: how fast they are taken, and how fast their mails leave, against a password run of as many.

use crate::measure::{Measured, arg, flow, location, peak_kib, runtime};
use crate::orchestra::{Stage, median};
use crate::people::username;
use crate::table::Line;
use domain::automation::{Job, SendNewPassword};
use domain::id::PersonId;
use flow::Stop;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::{Duration, Instant};
use store::{Acting, Store, StoreError};
use testkit::Listening;

/// Events of one request, as many as the API takes.
const BATCH: usize = 1_000;
const BOOKED: &str = "example.course.booked";
const ROUNDS: usize = 3;

/// What the measure prints.
#[derive(Debug, Serialize, Deserialize)]
struct Flood {
    /// Seconds from the first batch to the last one taken.
    taken_seconds: f64,
    /// Mails, from the first batch to the last record.
    mails: Measured,
}

/// Measures a flood for as many people, and one of as many events about one person.
pub(crate) fn play(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let (mut taken, mut ratios, mut rates, mut peaks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let database = stage.sqlite(&format!("events-{round}-password.db"));
        stage.prepare(&database, people);
        let password = stage.run(&database, &[]);
        let found = flood(stage, &format!("events-{round}.db"), people, people);
        let rate = people as f64 / found.taken_seconds;
        eprintln!(
            "events round {round}: {rate:.0} taken a second, {:.0} mails, password run {:.0}; peak {} KiB",
            found.mails.rate(),
            password.rate(),
            found.mails.peak_kib
        );
        taken.push(rate);
        ratios.push(found.mails.rate() / password.rate());
        rates.push(found.mails.rate());
        peaks.push(found.mails.peak_kib as f64);
    }
    let few = flood(stage, "events-few.db", people / 10, people / 10);
    let one = flood(stage, "events-one.db", people, 1);
    assert_eq!(one.mails.count, 1, "one person is mailed once");
    let rate = median(&mut taken);
    lines.push(Line {
        number: "events",
        what: format!("{people} CloudEvents in batches of {BATCH}: read and kept a second, over 10,000"),
        figure: format!("{rate:.0}/s"),
        value: rate / 10_000.0,
        at_least: true,
        target: Some(1.0),
    });
    lines.push(Line {
        number: "events",
        what: format!(
            "Send New Password to Contact after {people} events, over Send New Password to as many"
        ),
        figure: format!("{:.0}/s", median(&mut rates)),
        value: median(&mut ratios),
        at_least: true,
        target: Some(0.5),
    });
    lines.push(Line {
        number: "events",
        what: format!("peak memory with {people} events over peak with {}", people / 10),
        figure: format!("{:.0} MiB", median(&mut peaks) / 1024.0),
        value: median(&mut peaks) / few.mails.peak_kib as f64,
        at_least: false,
        target: Some(1.2),
    });
}

fn flood(stage: &Stage, name: &str, events: usize, people: usize) -> Flood {
    let database = stage.sqlite(name);
    stage.prepare(&database, people);
    let (events, people) = (events.to_string(), people.to_string());
    let args = ["events", "--database", &database, "--events", &events, "--people", &people];
    let output = stage.me(&args).stderr(std::process::Stdio::inherit()).output().expect("runs");
    assert!(output.status.success(), "a measure failed");
    serde_json::from_slice(&output.stdout).expect("a measure prints one line of JSON")
}

/// The measure, in a process of its own: `--database URL --events N --people N`.
pub(crate) fn run(args: &[String]) {
    let number = |name| arg(args, name).and_then(|n| n.parse::<usize>().ok()).expect("a number");
    let (events, people) = (number("--events"), number("--people"));
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let flow = flow(args, store.clone());
        listen(&store, &flow).await;
        let stop = Stop::new();
        let tasks = [
            tokio::spawn({
                let (flow, stop) = (flow.clone(), stop.clone());
                async move { flow.work(stop).await }
            }),
            tokio::spawn({
                let (flow, stop) = (flow.clone(), stop.clone());
                async move { flow.schedule(stop).await }
            }),
        ];
        let began = Instant::now();
        for first in (0..events).step_by(BATCH) {
            let body = batch(first, BATCH.min(events - first), people);
            let read = domain::event::cloud::read_batch(body.as_bytes(), BATCH).expect("events");
            flow.accept_events(read, &Acting::system()).await.expect("kept");
        }
        let taken_seconds = began.elapsed().as_secs_f64();
        let count = settled(&store).await;
        let mails = Measured { count, seconds: began.elapsed().as_secs_f64(), peak_kib: peak_kib() };
        assert_eq!(count, people as i64, "everyone was mailed once");
        stop.request((Instant::now() + Duration::from_secs(10)).into());
        for task in tasks {
            task.await.expect("it ends");
        }
        println!("{}", serde_json::to_string(&Flood { taken_seconds, mails }).expect("JSON"));
    });
}

async fn listen(store: &Store, flow: &flow::Flow) {
    let owner: PersonId = store
        .read(|tx| {
            Box::pin(async move {
                let row = tx.find("SELECT id FROM people WHERE username = 'owner'", &[]).await?;
                row.expect("an owner").take(0)
            })
        })
        .await
        .expect("reads");
    let of =
        Listening { job: Job::SendNewPasswordToContact(SendNewPassword::default()), ..Listening::to(BOOKED) };
    let id = testkit::save_listening(store, of, owner, flow.clock().now_ms()).await;
    let asked = flow::Activation { automation: id, acting: testkit::by(owner), confirmed: None };
    flow.activate(asked).await.expect("it can be active");
}

/// One request as a program sends it.
fn batch(first: usize, count: usize, people: usize) -> String {
    let events: Vec<_> = (first..first + count)
        .map(|n| {
            json!({ "specversion": "1.0", "id": n.to_string(), "source": "https://courses.example", "type": BOOKED,
                "time": "2026-11-26T09:00:00Z", "contact": username(n % people),
                "data": { "course": { "id": n % 50, "title": "Pottery for beginners" }, "seat": n } })
        })
        .collect();
    serde_json::to_string(&events).expect("JSON")
}

/// Waits until every event was acted on and every run is over; gives the mails accepted.
async fn settled(store: &Store) -> i64 {
    loop {
        let (open, accepted): (i64, i64) = store
            .read(|tx| {
                Box::pin(async move {
                    let sql = "SELECT (SELECT count(*) FROM (SELECT 1 FROM events WHERE routed_at IS NULL LIMIT 1) n)
                        + (SELECT count(*) FROM (SELECT 1 FROM event_jobs WHERE due_at IS NOT NULL LIMIT 1) w)
                        + (SELECT count(*) FROM runs WHERE state IN ('preparing', 'running', 'paused')),
                        (SELECT CAST(COALESCE(SUM(accepted), 0) AS BIGINT) FROM runs)";
                    let mut row = tx.find(sql, &[]).await?.expect("a row");
                    Ok::<_, StoreError>((row.take(0)?, row.take(1)?))
                })
            })
            .await
            .expect("reads");
        if open == 0 {
            return accepted;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
