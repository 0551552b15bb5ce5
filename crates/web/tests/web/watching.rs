//! Watching a run while it runs: one look a second, however many look on.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Browser, House, OWNER};
use crate::scene::{operator, run};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_core::Stream as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use store::params;
use testkit::databases;

/// The events of a stream, one after the other.
struct Events {
    stream: BodyDataStream,
    waiting: String,
}

impl Events {
    async fn open(browser: &Browser, path: &str) -> Self {
        let response = browser.raw(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { stream: response.into_body().into_data_stream(), waiting: String::new() }
    }

    /// The data of the next event; `None`: the stream is over.
    async fn next(&mut self) -> Option<serde_json::Value> {
        loop {
            while let Some((event, rest)) = self.waiting.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let value = data.map(|data| serde_json::from_str(data).unwrap());
                self.waiting = rest.to_owned();
                if value.is_some() {
                    return value;
                }
            }
            let piece = poll_fn(|cx| Pin::new(&mut self.stream).poll_next(cx));
            let piece = tokio::time::timeout(Duration::from_secs(20), piece).await.unwrap()?;
            self.waiting.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn twenty_who_watch_cost_one_look_a_second_and_nobody_costs_none() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, browser) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "running", &[("accepted", None), ("planned", None)]).await;
        let path = format!("/console/runs/{id}/events");
        let mut watching = Vec::new();
        for _ in 0..20 {
            let mut events = Events::open(&browser, &path).await;
            assert_eq!(events.next().await.unwrap()["texts"]["percent"], "50");
            watching.push(events);
        }
        let before = house.state.live.looks();
        tokio::time::sleep(Duration::from_millis(3_200)).await;
        let looks = house.state.live.looks() - before;
        assert!((1..=4).contains(&looks), "{looks} looks in three seconds");
        house.execute("UPDATE runs SET accepted = 2 WHERE number = 1", &[]).await;
        for events in &mut watching {
            // The pace was news as well, a second or two after they came.
            let mut heard = events.next().await.unwrap();
            for _ in 0..3 {
                if heard["texts"]["percent"] != "100" {
                    heard = events.next().await.unwrap();
                }
            }
            assert_eq!(heard["texts"]["percent"], "100", "all of them hear of it");
        }
        drop(watching);
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let after = house.state.live.looks();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(house.state.live.looks(), after, "nobody watches, nothing is read");
    }
}

#[tokio::test]
async fn a_watching_page_hears_what_changes_and_the_end_of_the_run() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, browser) = operator(&house, "olga", OWNER).await;
        let id =
            run(&house, olga, 1, "running", &[("accepted", None), ("planned", None), ("left_out", None)])
                .await;
        let mut events = Events::open(&browser, &format!("/console/runs/{id}/events")).await;
        let first = events.next().await.unwrap();
        assert_eq!((&first["state"], &first["lists"]), (&"running".into(), &serde_json::json!([1, 0, 0, 0])));
        house
            .execute("UPDATE runs SET left_out = 2, cause = 'waiting for the relay' WHERE number = 1", &[])
            .await;
        let changed = events.next().await.unwrap();
        assert_eq!(
            changed["lists"],
            serde_json::json!([2, 0, 0, 0]),
            "the page knows that its lists are old"
        );
        assert_eq!(changed["texts"]["waits"], "waiting for the relay");
        house
            .execute(
                "INSERT INTO settings (name, value, updated_at) VALUES ('sending.stopped', '{}', 0)",
                &[],
            )
            .await;
        let stopped = events.next().await.unwrap();
        assert!(
            stopped["texts"]["waits"].as_str().unwrap().starts_with("All sending is stopped."),
            "{stopped}"
        );
        house
            .execute("UPDATE runs SET state = 'finished', cause = NULL WHERE number = $1", params![1_i64])
            .await;
        assert_eq!(events.next().await.unwrap()["state"], "finished");
        assert_eq!(events.next().await, None, "the stream ends with the run");
        let mut late = Events::open(&browser, &format!("/console/runs/{id}/events")).await;
        assert_eq!(late.next().await.unwrap()["state"], "finished");
        assert_eq!(late.next().await, None);
    }
}
