//! What an event would do, asked by programs: found out, and nothing is done.

use super::client::Program;
use super::event_steps::{NOBODY, is_refused_at, listener};
use super::events::{EVENTS, ONE, counts, event, send};
use crate::house::House;
use serde_json::json;
use testkit::databases;

#[tokio::test]
async fn a_simulation_says_what_would_be_done_and_does_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        house.contact("bob").await;
        house
            .execute("UPDATE people SET address = NULL, address_canonical = NULL WHERE username = 'bob'", &[])
            .await;
        let mut program = house.program().await;
        let id = listener(&mut program, json!({ "value": 1, "unit": "days" })).await;
        let simulations = format!("{EVENTS}/simulations");
        let (runs, kept) = ("SELECT count(*) FROM runs", "SELECT count(*) FROM events");
        let would = async |program: &mut Program, id: &str, contact: &str| {
            let mut sent = event(id);
            sent["contact"] = json!(contact);
            let sent = sent.to_string();
            let answer = program.send("POST", &simulations, Some((ONE, sent.as_bytes())), &[]).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()
        };
        let found = would(&mut program, "1", "ada").await;
        let job = &found["jobs"][0];
        assert_eq!(
            (&job["automation_id"], &job["would_mail"], &job["person_id"]),
            (&json!(id), &json!(true), &json!(ada.to_string()))
        );
        assert_eq!((&job["would_be_due_at"], &job["reason"]), (&json!("2026-11-22T09:00:00Z"), &json!(null)));
        assert_eq!(found["event"]["contact_id"], json!(ada.to_string()));
        let without = would(&mut program, "1", "bob").await;
        assert_eq!(
            (&without["jobs"][0]["would_mail"], &without["jobs"][0]["reason"]),
            (&json!(false), &json!("no_address"))
        );
        let stranger = would(&mut program, "1", "nobody").await;
        assert_eq!(
            (&stranger["jobs"][0]["would_mail"], &stranger["jobs"][0]["reason"]),
            (&json!(false), &json!("unknown_person"))
        );
        assert_eq!((house.count(runs).await, house.count(kept).await), (0, 0));
        assert_eq!(counts(&send(&mut program, ONE, &event("1")).await), (1, 0));
        assert_eq!(
            would(&mut program, "1", "ada").await,
            json!({ "event": null, "jobs": [] }),
            "it is known"
        );
    }
}

#[tokio::test]
async fn a_built_in_event_is_simulated_with_what_it_carries_and_nothing_else() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let simulations = format!("{EVENTS}/simulations");
        for (body, place) in [
            (json!({ "built_in": "person.created" }), "/person_id"),
            (json!({ "built_in": "person.created", "person_id": NOBODY }), "/person_id"),
            (json!({ "built_in": "system.logged_on", "person_id": ada.to_string() }), "/person_id"),
            (json!({ "built_in": "import.finished", "person_id": ada.to_string() }), "/person_id"),
            (
                json!({ "built_in": "person.created", "person_id": ada.to_string(), "group_id": NOBODY }),
                "/group_id",
            ),
            (
                json!({ "built_in": "group.subscribed", "person_id": ada.to_string(), "group_id": NOBODY }),
                "/group_id",
            ),
            (json!({ "built_in": "nothing" }), "/built_in"),
            (json!({ "built_in": "import.finished", "data": { "a": "x".repeat(65_536) } }), "/data"),
        ] {
            house.pass(1_100);
            is_refused_at(&program.post(&simulations, body).await, 400, place);
        }
        let body = json!({ "built_in": "passpost.person.created", "person_id": ada.to_string() });
        let found = program.post(&simulations, body).await.json();
        assert_eq!(
            (&found["event"]["type"], &found["jobs"]),
            (&json!("passpost.person.created"), &json!([]))
        );
        assert_eq!(program.send("POST", &simulations, Some(("text/plain", b"x")), &[]).await.status, 415);
        assert_eq!(house.count("SELECT count(*) FROM events").await, 0);
    }
}
