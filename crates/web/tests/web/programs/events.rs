//! Events as programs send them: CloudEvents 1.0 in its three modes, and what is refused, with its place.

use super::client::{Program, text};
use crate::house::{Answer, House};
use serde_json::{Value, json};
use testkit::databases;

pub(super) const EVENTS: &str = "/api/v1/events";
pub(super) const ONE: &str = "application/cloudevents+json";
pub(super) const BATCH: &str = "application/cloudevents-batch+json";
const BOOKED: &str = "org.example.course.booked";

pub(super) fn event(id: &str) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "/courses", "type": BOOKED, "contact": "ada" })
}

pub(super) async fn send(program: &mut Program, kind: &str, body: &Value) -> Answer {
    program.send("POST", EVENTS, Some((kind, body.to_string().as_bytes())), &[]).await
}

/// What was accepted and what was known.
pub(super) fn counts(answer: &Answer) -> (i64, i64) {
    assert_eq!(answer.status, 202, "{}", answer.body);
    let counts = answer.json();
    (counts["accepted"].as_i64().unwrap(), counts["known"].as_i64().unwrap())
}

/// The attributes of an event as headers, encoded as the binding says.
fn headers(event: &Value) -> Vec<(String, String)> {
    let fields =
        event.as_object().unwrap().iter().filter(|(name, value)| *name != "data" && !value.is_null());
    fields
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let encoded = value.bytes().map(|byte| match byte {
                b'!'..=b'~' if byte != b'%' && byte != b'"' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            });
            (format!("ce-{name}"), encoded.collect())
        })
        .collect()
}

async fn send_binary(program: &mut Program, event: &Value, body: Option<(&str, &[u8])>) -> Answer {
    let headers = headers(event);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    program.send("POST", EVENTS, body, &headers).await
}

#[tokio::test]
async fn an_event_is_the_same_in_each_of_the_three_modes() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        let mut program = house.program().await;
        let sent = |id: &str| {
            let mut sent = event(id);
            sent["subject"] = json!("Knots & bends — für Anfänger, 100%");
            sent["time"] = json!("2018-04-05T17:31:00+02:00");
            sent["traceparent"] = json!("00-4bf9");
            sent["attempt"] = json!(3);
            sent["urgent"] = json!(true);
            sent
        };
        let data = json!({ "course": { "id": 7, "title": "Knots" } });
        let mut structured = sent("s");
        structured["data"] = data.clone();
        assert_eq!(counts(&send(&mut program, &format!("{ONE}; charset=UTF-8"), &structured).await), (1, 0));
        let mut batched = sent("b");
        batched["data"] = data.clone();
        assert_eq!(counts(&send(&mut program, BATCH, &json!([batched])).await), (1, 0));
        let body = data.to_string();
        let body = Some(("application/json", body.as_bytes()));
        assert_eq!(counts(&send_binary(&mut program, &sent("h"), body).await), (1, 0));
        let found = program.read(EVENTS).await;
        let mut seen = found["items"].as_array().unwrap().clone();
        assert_eq!(seen.iter().map(|one| text(&one["id"])).collect::<Vec<_>>(), ["h", "b", "s"]);
        for one in &mut seen {
            assert_eq!(
                (&one["data"], text(&one["type"]), &one["source"]),
                (&data, BOOKED, &json!("/courses"))
            );
            assert_eq!(one["contact_id"], json!(ada.to_string()));
            assert_eq!(one["time"], "2018-04-05T15:31:00Z");
            let extensions = json!({ "attempt": "3", "traceparent": "00-4bf9", "urgent": "true" });
            assert_eq!(one["extensions"], extensions);
            assert_eq!(one["actor_id"], json!(program.owner.to_string()));
            for name in ["id", "number"] {
                one[name] = Value::Null;
            }
        }
        assert!(seen[0] == seen[1] && seen[1] == seen[2], "{seen:?}");
    }
}

#[tokio::test]
async fn data_of_any_kind_is_kept_as_what_it_is() {
    let db = testkit::database::sqlite().await;
    let mut program = House::new(&db.store).program().await;
    let mut coded = event("1");
    coded["data_base64"] = json!("AP8=");
    assert_eq!(counts(&send(&mut program, ONE, &coded).await), (1, 0));
    assert_eq!(counts(&send_binary(&mut program, &event("2"), Some(("text/plain", b"hello"))).await), (1, 0));
    assert_eq!(
        counts(&send_binary(&mut program, &event("3"), Some(("image/png", b"\x00\xff"))).await),
        (1, 0)
    );
    assert_eq!(counts(&send_binary(&mut program, &event("4"), None).await), (1, 0));
    let found = program.read(EVENTS).await;
    let data: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|one| &one["data"]).collect();
    let coded = json!({ "base64": "AP8=" });
    assert_eq!(data, [&Value::Null, &coded, &json!("hello"), &coded]);
}

/// An event with one attribute changed; `null`: it is missing.
fn with(name: &str, value: &Value) -> Value {
    let mut wrong = event("wrong");
    wrong.as_object_mut().unwrap().remove(name);
    if !value.is_null() {
        wrong[name] = value.clone();
    }
    wrong
}

fn is_problem_at(answer: &Answer, pointer: &str) {
    assert_eq!(answer.status, 400, "{pointer}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!((&problem["type"], &problem["title"]), (&json!("about:blank"), &json!("Bad Request")));
    assert!(!text(&problem["detail"]).is_empty());
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{pointer}: {}", answer.body);
    assert_eq!(text(&errors[0]["pointer"]), pointer, "{}", answer.body);
    assert!(text(&errors[0]["detail"]).len() > 10, "{}", answer.body);
}

#[tokio::test]
async fn a_wrong_or_missing_attribute_is_named_with_its_place_and_nothing_is_kept() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let long = json!("x".repeat(1_001));
        for (name, value) in [
            ("specversion", Value::Null),
            ("specversion", json!("0.3")),
            ("id", Value::Null),
            ("id", json!("x".repeat(256))),
            ("id", json!("a\u{7}b")),
            ("source", Value::Null),
            ("source", json!("two words")),
            ("source", long.clone()),
            ("type", Value::Null),
            ("type", json!("two words")),
            ("type", json!("passpost.person.created")),
            ("type", json!("PassPost.mine")),
            ("type", json!("x".repeat(201))),
            ("subject", long.clone()),
            ("time", json!("yesterday")),
            ("time", json!("2026-02-30T08:00:00Z")),
            ("dataschema", json!("no-scheme")),
            ("contact", long.clone()),
            ("systemuser", long.clone()),
            ("group", long.clone()),
            ("traceparent", long.clone()),
            ("under_score", json!("x")),
            ("hy-phen", json!("x")),
        ] {
            house.pass(60);
            let wrong = with(name, &value);
            is_problem_at(&send(&mut program, ONE, &wrong).await, &format!("/{name}"));
            let batch = json!([event("good"), wrong, event("better")]);
            is_problem_at(&send(&mut program, BATCH, &batch).await, &format!("/1/{name}"));
            is_problem_at(&send_binary(&mut program, &wrong, None).await, &format!("ce-{name}"));
        }
        // Of another kind than a text, which only JSON can be.
        for (name, value) in [
            ("id", json!(7)),
            ("source", json!(["/courses"])),
            ("contact", json!(true)),
            ("attempt", json!(1.5)),
            ("attempt", json!(3_000_000_000_u32)),
            ("tags", json!(["a"])),
            ("meta", json!({ "a": 1 })),
            ("Urgent", json!("yes")),
            ("datacontenttype", json!("json")),
            ("data_base64", json!("???")),
        ] {
            is_problem_at(&send(&mut program, ONE, &with(name, &value)).await, &format!("/{name}"));
        }
        let mut both = event("both");
        (both["data"], both["data_base64"]) = (json!(1), json!("AP8="));
        is_problem_at(&send(&mut program, ONE, &both).await, "/data_base64");
        assert_eq!(house.count("SELECT count(*) FROM events").await, 0);
    }
}

#[tokio::test]
async fn several_faults_of_a_batch_are_all_told() {
    let db = testkit::database::sqlite().await;
    let mut program = House::new(&db.store).program().await;
    let answer =
        send(&mut program, BATCH, &json!([with("id", &Value::Null), 7, with("time", &json!("x"))])).await;
    let places: Vec<String> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["pointer"]).to_owned())
        .collect();
    assert_eq!(places, ["/0/id", "/1", "/2/time"]);
}

#[tokio::test]
async fn headers_that_cannot_be_read_are_named() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    let all = headers(&event("1"));
    let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let body: (&str, &[u8]) = ("application/json", b"{}");
    for (extra, place) in [
        (("ce-subject", "100%"), "ce-subject"),
        (("ce-subject", "%ff"), "ce-subject"),
        (("ce-subject", "%00"), "ce-subject"),
        (("ce-subject", "\"open"), "ce-subject"),
        (("ce-id", "2"), "ce-id"),
        (("ce-data", "x"), "ce-data"),
        (("ce-datacontenttype", "text/plain"), "ce-datacontenttype"),
    ] {
        let mut sent = all.clone();
        sent.push(extra);
        let answer = program.send("POST", EVENTS, Some(body), &sent).await;
        assert_eq!((answer.status.as_u16(), answer.pointer().as_str()), (400, place), "{}", answer.body);
    }
    let broken = program.send("POST", EVENTS, Some(("application/json", b"{")), &all).await;
    assert_eq!((broken.status.as_u16(), broken.pointer().as_str()), (400, "/data"), "{}", broken.body);
    let large = vec![b'x'; 64 * 1024 + 1];
    let large = program.send("POST", EVENTS, Some(("text/plain", &large)), &all).await;
    assert_eq!((large.status.as_u16(), large.pointer().as_str()), (400, "/data"), "{}", large.body);
    assert_eq!(house.count("SELECT count(*) FROM events").await, 0);
}

#[tokio::test]
async fn a_body_of_another_kind_is_told_what_would_be_right() {
    let db = testkit::database::sqlite().await;
    let mut program = House::new(&db.store).program().await;
    let body = event("1").to_string();
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let answer = program.send("POST", EVENTS, Some((kind, body.as_bytes())), &[]).await;
        assert_eq!(answer.status, 415, "{kind}: {}", answer.body);
        assert!(answer.body.contains(ONE) && answer.body.contains("ce-source"), "{}", answer.body);
    }
    assert_eq!(program.send("POST", EVENTS, None, &[]).await.status, 415);
    for kind in ["application/cloudevents+avro", "application/cloudevents"] {
        let answer = program.send("POST", EVENTS, Some((kind, body.as_bytes())), &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.pointer().as_str()),
            (415, "content-type"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_batch_has_a_thousand_events_at_most_and_may_be_empty() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    assert_eq!(counts(&send(&mut program, BATCH, &json!([])).await), (0, 0));
    let events = |count: usize| Value::from((0..count).map(|n| event(&n.to_string())).collect::<Vec<_>>());
    let many = send(&mut program, BATCH, &events(1_001)).await;
    assert_eq!((many.status.as_u16(), many.pointer().as_str()), (400, ""), "{}", many.body);
    assert_eq!(send(&mut program, BATCH, &event("1")).await.status, 400);
    assert_eq!(send(&mut program, ONE, &json!([event("1")])).await.status, 400);
    assert_eq!(house.count("SELECT count(*) FROM events").await, 0);
    assert_eq!(counts(&send(&mut program, BATCH, &events(1_000)).await), (1_000, 0));
}

#[tokio::test]
async fn events_are_listed_by_what_they_are_and_page_by_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        let mut program = house.program().await;
        let mut other = event("other");
        (other["type"], other["source"], other["contact"]) =
            (json!("org.example.left"), json!("/staff"), json!("nobody"));
        assert_eq!(
            counts(&send(&mut program, BATCH, &json!([event("1"), other, event("2"), event("3")])).await),
            (4, 0)
        );
        let ids = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|one| text(&one["id"]).to_owned()).collect()
        };
        for (filter, found) in [
            ("", vec!["3", "2", "other", "1"]),
            ("type=org.example.left", vec!["other"]),
            ("source=%2Fcourses&type=org.example.left", vec![]),
            ("state=waiting", vec![]),
            (&format!("person_id={ada}"), vec!["3", "2", "1"]),
        ] {
            assert_eq!(ids(&program.read(&format!("{EVENTS}?{filter}")).await), found, "{filter}");
        }
        let first = program.read(&format!("{EVENTS}?type={BOOKED}&limit=2")).await;
        assert_eq!(ids(&first), ["3", "2"]);
        let cursor = text(&first["next_cursor"]);
        let second = program.read(&format!("{EVENTS}?type={BOOKED}&limit=2&cursor={cursor}")).await;
        assert_eq!((ids(&second), &second["next_cursor"]), (vec!["1".to_owned()], &Value::Null));
        for wrong in
            [format!("cursor={cursor}"), "state=done".into(), "person_id=ada".into(), "kind=x".into()]
        {
            assert_eq!(program.get(&format!("{EVENTS}?{wrong}")).await.status, 400, "{wrong}");
        }
        for nothing in ["0", "99", "-1", "x", "9223372036854775808"] {
            assert_eq!(program.get(&format!("{EVENTS}/{nothing}")).await.status, 404, "{nothing}");
        }
        let types = program.read(&format!("{EVENTS}/types")).await;
        let types = types["items"].as_array().unwrap();
        assert_eq!(types.len(), 16 + 2);
        let added = types.iter().find(|one| one["type"] == "passpost.group.member_added").unwrap();
        assert_eq!((&added["built_in"], &added["nature"]), (&json!(true), &json!("contact")));
        assert_eq!(
            (&added["carries"]["group"], &added["carries"]["system_user"]),
            (&json!(true), &json!(false))
        );
        assert_eq!((&added["fields"][0]["name"], &added["last_at"]), (&json!("group"), &Value::Null));
        assert_eq!(added["jobs"][0], "send-new-password-to-contact");
        let own = types.iter().find(|one| one["type"] == BOOKED).unwrap();
        assert_eq!((&own["built_in"], own["last_at"].is_string()), (&json!(false), true));
    }
}
