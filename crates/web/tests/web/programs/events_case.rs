//! Events that come again, at once, out of order, or to do harm.

use super::client::{Program, text};
use super::event_steps::{listener, settle};
use super::events::{BATCH, EVENTS, ONE, counts, event, send};
use crate::house::House;
use serde_json::{Value, json};
use store::Store;
use testkit::databases;

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn an_event_counts_once_within_a_batch_and_however_often_it_is_sent() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let twice = json!([event("1"), event("2"), event("1")]);
        assert_eq!(counts(&send(&mut program, BATCH, &twice).await), (2, 1));
        assert_eq!(counts(&send(&mut program, BATCH, &twice).await), (0, 3));
        house.pass(71 * HOUR);
        assert_eq!(counts(&send(&mut program, ONE, &event("2")).await), (0, 1));
        let mut elsewhere = event("2");
        elsewhere["source"] = json!("/staff");
        assert_eq!(
            counts(&send(&mut program, ONE, &elsewhere).await),
            (1, 0),
            "of another source it is another"
        );
        assert_eq!(house.count("SELECT count(*) FROM events").await, 3);
    }
}

#[tokio::test]
async fn case_112_the_same_event_on_two_nodes_at_once_is_one_mail() {
    for db in databases().await {
        let (house, other) = (House::new(&db.store), House::new(&Store::open(&db.location).await.unwrap()));
        house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let id = listener(&mut program, json!(null)).await;
        let mut second = other.program_of(program.owner, domain::role::Permission::ALL).await;
        let same = event("1");
        let (one, two) = tokio::join!(send(&mut program, ONE, &same), send(&mut second, ONE, &same));
        let (one, two) = (counts(&one), counts(&two));
        assert_eq!((one.0 + two.0, one.1 + two.1), (1, 1));
        let (left, right) = tokio::join!(house.state.flow.schedule_once(), other.state.flow.schedule_once());
        assert!(left.is_ok() && right.is_ok());
        settle(&house).await;
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 1);
        assert_eq!(house.count("SELECT count(*) FROM recipients WHERE state = 'accepted'").await, 1);
        let counted = program.read(&format!("/api/v1/automations/{id}/counts")).await;
        assert_eq!(counted["items"], json!([{ "state": "executed", "reason": null, "count": 1 }]));
    }
}

#[tokio::test]
async fn case_112_times_out_of_order_far_past_or_future_delay_nothing_and_make_no_burst() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let id = listener(&mut program, json!({ "value": 1, "unit": "hours" })).await;
        let times =
            ["0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z", "2027-01-01T00:00:00Z", "1970-01-01T00:00:00Z"];
        let sent: Vec<Value> = times
            .iter()
            .enumerate()
            .map(|(n, time)| {
                let mut one = event(&n.to_string());
                one["time"] = json!(time);
                one
            })
            .collect();
        assert_eq!(counts(&send(&mut program, BATCH, &sent.into()).await), (4, 0));
        house.state.flow.schedule_once().await.unwrap();
        let waiting = program.read(&format!("/api/v1/automations/{id}/waiting")).await;
        let due: Vec<&str> =
            waiting["items"].as_array().unwrap().iter().map(|one| text(&one["due_at"])).collect();
        let arrived = testkit::TEST_NOW + HOUR;
        let arrived = jiff::Timestamp::from_millisecond(arrived).unwrap().to_string();
        assert_eq!(due, [arrived.as_str(); 4], "delays count from the server's clock");
        house.pass(HOUR - 1);
        house.state.flow.schedule_once().await.unwrap();
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 0);
        house.pass(1);
        house.state.flow.schedule_once().await.unwrap();
        settle(&house).await;
        assert_eq!(
            house.count("SELECT count(*) FROM recipients WHERE state = 'accepted'").await,
            1,
            "no burst"
        );
        let mails = house.state.mailbox.as_ref().unwrap();
        assert!(mails.newest_to("ada@example.org").is_some());
    }
}

async fn refused(program: &mut Program, kind: &str, body: &[u8]) -> u16 {
    let answer = program.send("POST", EVENTS, Some((kind, body)), &[]).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.body.len() < 20_000, "{}", answer.body.len());
    answer.status.as_u16()
}

fn in_event(data: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"1","source":"/x","type":"a.b","data":{data}}}"#)
}

#[tokio::test]
async fn case_113_bombs_floods_and_broken_bytes_are_no_events() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let deep = in_event(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
        let deep_object = in_event(&format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40)));
        let flood = in_event(&format!("[{}0]", r#"{"":0},"#.repeat(500_000)));
        let many = format!("[{}1]", "1,".repeat(60_000));
        let large = in_event(&format!("\"{}\"", "x".repeat(64 * 1024)));
        let digits = in_event(&"9".repeat(400));
        for (name, body) in [
            ("a depth bomb", deep.as_bytes()),
            ("a deep object", deep_object.as_bytes()),
            ("a flood of objects", flood.as_bytes()),
            ("more than 64 KiB of data", large.as_bytes()),
            ("a huge integer", digits.as_bytes()),
            ("1e999", in_event("1e999").as_bytes()),
            ("NaN", in_event("NaN").as_bytes()),
            (
                "invalid UTF-8",
                b"{\"specversion\":\"1.0\",\"id\":\"\xff\xfe\",\"source\":\"/x\",\"type\":\"a\"}",
            ),
            ("half a surrogate", in_event(r#""\ud800""#).as_bytes()),
            ("a byte order mark", b"\xef\xbb\xbf{}"),
            ("an attribute twice", br#"{"specversion":"1.0","id":"1","id":"2","source":"/x","type":"a"}"#),
            (
                "the same, escaped",
                br#"{"specversion":"1.0","id":"1","\u0069d":"2","source":"/x","type":"a"}"#,
            ),
            ("a name twice in the data", in_event(r#"{"a":1,"a":2}"#).as_bytes()),
            ("NUL", br#"{"specversion":"1.0","id":"a\u0000","source":"/x","type":"a"}"#),
            ("something after the end", b"{} {}"),
            ("half of it", br#"{"specversion":"1.0""#),
            ("nothing", b""),
        ] {
            assert_eq!(refused(&mut program, ONE, body).await, 400, "{name}");
            let batch = [b"[", body, b"]"].concat();
            assert_eq!(refused(&mut program, BATCH, &batch).await, 400, "{name} in a batch");
        }
        assert_eq!(refused(&mut program, BATCH, many.as_bytes()).await, 400);
        let ten_megabytes = in_event(&format!("\"{}\"", "x".repeat(10_000_000)));
        for kind in [ONE, BATCH] {
            assert_eq!(refused(&mut program, kind, ten_megabytes.as_bytes()).await, 413, "{kind}");
        }
        assert_eq!(house.count("SELECT count(*) FROM events").await, 0);
        // NUL within data is a text like others.
        let nul = in_event(r#"{"a":"\u0000"}"#);
        let kept = program.send("POST", EVENTS, Some((ONE, nul.as_bytes())), &[]).await;
        assert_eq!(counts(&kept), (1, 0));
        assert_eq!(program.read(&format!("{EVENTS}/1")).await["data"]["a"], "\u{0}");
    }
}

#[tokio::test]
async fn an_idempotency_key_is_good_for_one_event_also_where_its_attributes_are_headers() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let headers = |id: &'static str| {
            [
                ("idempotency-key", "k1"),
                ("ce-specversion", "1.0"),
                ("ce-id", id),
                ("ce-source", "/courses"),
                ("ce-type", "a.b"),
            ]
        };
        let body: (&str, &[u8]) = ("application/json", b"{}");
        let first = program.send("POST", EVENTS, Some(body), &headers("1")).await;
        assert_eq!(counts(&first), (1, 0));
        let again = program.send("POST", EVENTS, Some(body), &headers("1")).await;
        assert_eq!((counts(&again), again.header("idempotent-replayed")), ((1, 0), "true"));
        assert_eq!(program.send("POST", EVENTS, Some(body), &headers("2")).await.status, 422);
        // A batch with a key may be as large as one without.
        let padding = "x".repeat(60_000);
        let large: Vec<Value> = (0..30)
            .map(|n| {
                let mut one = event(&n.to_string());
                one["data"] = json!(padding);
                one
            })
            .collect();
        let large = Value::from(large).to_string();
        let sent =
            program.send("POST", EVENTS, Some((BATCH, large.as_bytes())), &[("idempotency-key", "k2")]).await;
        assert_eq!(counts(&sent), (30, 0));
    }
}

#[tokio::test]
async fn events_do_not_use_up_what_a_key_may_change() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    for n in 0..70 {
        assert_eq!(counts(&send(&mut program, ONE, &event(&n.to_string())).await), (1, 0), "{n}");
    }
    let changed = program.post("/api/v1/selections/count", json!({ "filter": "username pr" })).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}
