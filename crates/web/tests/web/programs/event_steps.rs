//! Automations that an event begins, by API alone: made step by step, held against what fits, and what waits for them.

use super::client::{Program, text};
use super::events::{BATCH, EVENTS, ONE, counts, event, send};
use crate::house::House;
use domain::id::PersonId;
use flow::Stop;
use serde_json::{Value, json};
use std::time::Duration;
use store::params;
use testkit::databases;

const AUTOMATIONS: &str = "/api/v1/automations";
const BOOKED: &str = "org.example.course.booked";
/// An id that nothing has.
const NOBODY: &str = "01940000-0000-7000-8000-0000000000ff";

impl House {
    /// A contact who can be mailed.
    pub(crate) async fn contact_with_address(&self, username: &str) -> PersonId {
        let id = self.contact(username).await;
        let address = format!("{username}@example.org");
        self.execute(
            "UPDATE people SET address = $2, address_canonical = $2 WHERE id = $1",
            params![id, address],
        )
        .await;
        id
    }
}

/// Lets workers do what runs have planned.
pub(super) async fn settle(house: &House) {
    let stop = Stop::new();
    let worker = tokio::spawn({
        let (flow, stop) = (house.state.flow.clone(), stop.clone());
        async move { flow.work(stop).await }
    });
    for _ in 0..500 {
        if house.count("SELECT count(*) FROM runs WHERE state IN ('preparing', 'running')").await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.request(tokio::time::Instant::now() + Duration::from_secs(10));
    worker.await.unwrap();
}

fn frame() -> Value {
    json!({ "zone": "UTC", "start": "2026-01-01T00:00" })
}

/// An active automation that mails the contact of a booking a new password; `delay`: how long after it.
pub(super) async fn listener(program: &mut Program, delay: Value) -> String {
    let made = program
        .post(
            AUTOMATIONS,
            json!({
                "name": "Bookings", "event": { "event": BOOKED },
                "job": { "kind": "send-new-password-to-contact" }, "target": "event_parameter",
                "delay": delay, "frame": frame(),
            }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = text(&made.json()["id"]).to_owned();
    let active = program.post(&format!("{AUTOMATIONS}/{id}/activate"), json!({})).await;
    assert_eq!(
        (active.status.as_u16(), &active.json()["status"]),
        (200, &json!("active_running")),
        "{}",
        active.body
    );
    id
}

fn is_refused_at(answer: &crate::house::Answer, status: u16, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.pointer().as_str()), (status, place), "{}", answer.body);
}

#[tokio::test]
async fn a_program_makes_one_step_by_step_and_is_told_which_step_is_missing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let made =
            program.post(AUTOMATIONS, json!({ "name": "Bookings", "event": { "event": BOOKED } })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert_eq!(
            (&made["kind"], &made["target"], &made["frame"]),
            (&json!("event"), &json!(null), &json!(null))
        );
        let place = format!("{AUTOMATIONS}/{}", text(&made["id"]));
        let activate = format!("{place}/activate");
        is_refused_at(&program.post(&activate, json!({})).await, 409, "/target");
        let job = json!({
            "job": { "kind": "send-new-password-to-contact", "valid_hours": 48 }, "target": "event_parameter",
            "delay": { "value": 2, "unit": "hours" },
        });
        let saved = program.json("PUT", &format!("{place}/job"), job).await;
        assert_eq!(
            (saved.status.as_u16(), &saved.json()["delay"]),
            (200, &json!({ "value": 2, "unit": "hours" }))
        );
        is_refused_at(&program.post(&activate, json!({})).await, 409, "/frame");
        let third = json!({ "frame": frame(), "reminder_to": [program.owner.to_string()] });
        let saved = program.json("PUT", &format!("{place}/frame"), third).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let first = json!({ "name": "Bookings 7", "event": {
            "event": BOOKED, "conditions": [{ "field": "course.id", "operator": "equals", "value": "7" }] } });
        assert_eq!(program.json("PUT", &format!("{place}/event"), first).await.json()["name"], "Bookings 7");
        assert_eq!(program.post(&activate, json!({})).await.json()["status"], "active_running");
        is_refused_at(&program.post(&activate, json!({})).await, 409, "/status");
    }
}

/// Listens to the bookings of course 7, and waits for two hours after them.
async fn listener_to_seven(program: &mut Program) -> String {
    let id = listener(program, json!({ "value": 2, "unit": "hours" })).await;
    let place = format!("{AUTOMATIONS}/{id}");
    let condition = json!({ "field": "course.id", "operator": "equals", "value": "7" });
    let first = json!({ "name": "Course 7", "event": { "event": BOOKED, "conditions": [condition] } });
    assert_eq!(program.json("PUT", &format!("{place}/event"), first).await.status, 200);
    place
}

fn booking(id: &str, course: i64) -> Value {
    let mut sent = event(id);
    sent["data"] = json!({ "course": { "id": course } });
    sent
}

#[tokio::test]
async fn what_waits_is_listed_counted_and_called_off() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let place = listener_to_seven(&mut program).await;
        let batch = json!([booking("1", 7), booking("2", 8), booking("3", 7)]);
        assert_eq!(counts(&send(&mut program, BATCH, &batch).await), (3, 0));
        house.state.flow.schedule_once().await.unwrap();
        let seen = program.read(&place).await;
        assert_eq!(
            (&seen["waiting_count"], &seen["next_due_at"]),
            (&json!(2), &json!("2026-11-21T11:00:00Z"))
        );
        let page = program.read(&format!("{place}/waiting?limit=1")).await;
        let cursor = text(&page["next_cursor"]);
        let next = program.read(&format!("{place}/waiting?limit=1&cursor={cursor}")).await;
        assert_eq!(next["next_cursor"], json!(null));
        let events = [&page["items"][0]["event"], &next["items"][0]["event"]];
        assert_eq!(events, [&json!(1), &json!(3)]);
        assert_eq!(
            (&page["items"][0]["person_id"], &page["items"][0]["username"]),
            (&json!(ada.to_string()), &json!("ada"))
        );
        let other = program.read(&format!("{EVENTS}/2")).await;
        assert_eq!(
            (&other["jobs"][0]["state"], &other["jobs"][0]["reason"]),
            (&json!("not_acted_on"), &json!("condition_not_met"))
        );
        assert!(text(&other["jobs"][0]["detail"]).contains("course.id"), "{other}");

        let stopped = program.act(&format!("{place}/deactivate")).await.json();
        assert_eq!((&stopped["cancelled_jobs"], &stopped["waiting_count"]), (&json!(2), &json!(0)));
        let mut counted = program.read(&format!("{place}/counts")).await["items"].as_array().unwrap().clone();
        counted.sort_by_key(|one| one["count"].as_i64());
        assert_eq!(
            counted,
            [
                json!({ "state": "not_acted_on", "reason": "condition_not_met", "count": 1 }),
                json!({ "state": "cancelled", "reason": "deactivated", "count": 2 }),
            ]
        );
    }
}

#[tokio::test]
async fn one_that_an_event_begins_has_no_runs_by_hand_and_no_schedule_and_is_copied_with_all_its_steps() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let place = listener_to_seven(&mut program).await;
        let seen = program.read(&place).await;
        let run = program.post(&format!("{place}/runs"), json!({})).await;
        assert_eq!(run.status, 409);
        assert!(run.body.contains("An event begins this automation"), "{}", run.body);
        let schedule = json!({ "schedule": { "zone": "UTC", "start": "2027-01-04T09:00" } });
        is_refused_at(&program.json("PUT", &format!("{place}/schedule"), schedule).await, 409, "/kind");

        let copy = program.post(&format!("{place}/copy"), json!({ "name": "Again" })).await.json();
        assert_eq!((&copy["status"], &copy["waiting_count"]), (&json!("inactive"), &json!(0)));
        for part in ["kind", "event", "job", "target", "delay", "frame", "reminder_to"] {
            assert_eq!(copy[part], seen[part], "{part}");
        }
    }
}

#[tokio::test]
async fn an_event_leads_to_a_run_that_can_be_followed_from_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let id = listener(&mut program, json!(null)).await;
        assert_eq!(counts(&send(&mut program, ONE, &event("1")).await), (1, 0));
        house.state.flow.schedule_once().await.unwrap();
        settle(&house).await;
        let seen = program.read(&format!("{EVENTS}/1")).await;
        let job = &seen["jobs"][0];
        assert_eq!(
            (&job["state"], &job["recipient_state"], &job["automation_id"]),
            (&json!("executed"), &json!("accepted"), &json!(id))
        );
        let run = program.read(&format!("/api/v1/runs/{}", text(&job["run_id"]))).await;
        assert_eq!(
            (&run["run"]["trigger"], &run["run"]["job"]["kind"]),
            (&json!("event"), &json!("send-new-password-to-contact"))
        );
        let executed = program.read(&format!("{EVENTS}?automation_id={id}&state=executed")).await;
        assert_eq!(
            (&executed["items"][0]["listened"], &executed["items"][0]["executed"]),
            (&json!(1), &json!(1))
        );
    }
}

/// Where a step is wrong, with what, and the place that is told.
fn faults(owner: PersonId, contact: PersonId) -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/name", json!(""), "/name"),
        ("/selection_id", json!(NOBODY), "/selection_id"),
        ("/event/event", json!("passpost.nothing"), "/event/event"),
        ("/event/event", json!("two words"), "/event/event"),
        ("/event/group", json!(NOBODY), "/event/group"),
        ("/event/system_user", json!(owner.to_string()), "/event/system_user"),
        ("/event/attributes", json!(["address"]), "/event/attributes"),
        ("/event/source", json!("two words"), "/event/source"),
        ("/event/rank", json!(1), "/event/rank"),
        (
            "/event/conditions",
            json!([{ "field": "a", "operator": "matches", "value": "(" }]),
            "/event/conditions/0/value",
        ),
        (
            "/event/conditions",
            json!([{ "field": "a", "operator": "is", "value": "" }]),
            "/event/conditions/0/operator",
        ),
        ("/job/kind", json!("send-new-password"), "/job/kind"),
        ("/job/valid_hours", json!(0), "/job/valid_hours"),
        ("/job", json!({ "kind": "send-reset-link", "link_hours": 0 }), "/job/link_hours"),
        (
            "/job",
            json!({ "kind": "send-reset-link", "limits": { "most_people": 0 } }),
            "/job/limits/most_people",
        ),
        ("/target", json!(null), "/target"),
        ("/target", json!({ "person": NOBODY }), "/target/person"),
        ("/target", json!({ "person": owner.to_string() }), "/target/person"),
        ("/delay", json!({ "value": 0, "unit": "days" }), "/delay/value"),
        ("/delay", json!({ "value": 366, "unit": "days" }), "/delay/value"),
        ("/confirmed", json!(["odd-stranger", "odd-nothing"]), "/confirmed/1"),
        ("/frame/zone", json!("Mars"), "/frame/zone"),
        ("/frame/end", json!("2040-01-01T00:00"), "/frame/end"),
        ("/frame/hours", json!({ "from": "8", "until": "18:00" }), "/frame/hours/from"),
        ("/reminder_to", json!([contact.to_string()]), "/reminder_to/0"),
    ]
}

#[tokio::test]
async fn what_is_wrong_with_a_step_is_said_at_its_place_and_nothing_is_made() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        let mut program = house.program().await;
        let whole = json!({
            "name": "A", "event": { "event": BOOKED }, "job": { "kind": "send-new-password-to-contact" },
            "target": "event_parameter", "frame": frame(),
        });
        for (place, value, told) in faults(program.owner, ada) {
            house.pass(1_100);
            let mut wrong = whole.clone();
            let (parent, name) = place.rsplit_once('/').unwrap();
            wrong.pointer_mut(parent).unwrap()[name] = value.clone();
            let answer = program.post(AUTOMATIONS, wrong).await;
            assert_eq!(
                (answer.status.as_u16(), answer.pointer().as_str()),
                (400, told),
                "{place} {value}: {}",
                answer.body
            );
        }
        assert_eq!(house.count("SELECT count(*) FROM automations").await, 0);
    }
}

#[tokio::test]
async fn what_belongs_to_the_other_kind_of_automation_is_refused() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let timed = json!({ "name": "A", "job": { "kind": "send-new-password" } });
        for (name, value) in [
            ("target", json!("event_parameter")),
            ("frame", frame()),
            ("delay", json!({ "value": 1, "unit": "days" })),
        ] {
            house.pass(1_100);
            let mut wrong = timed.clone();
            wrong[name] = value;
            is_refused_at(&program.post(AUTOMATIONS, wrong).await, 400, &format!("/{name}"));
        }
        let for_events = json!({ "name": "A", "job": { "kind": "send-reset-link" } });
        is_refused_at(&program.post(AUTOMATIONS, for_events).await, 400, "/job/kind");
        is_refused_at(&program.post(AUTOMATIONS, json!({ "name": "A" })).await, 400, "/job");
        assert_eq!(house.count("SELECT count(*) FROM automations").await, 0);

        let made = program.post(AUTOMATIONS, timed.clone()).await.json();
        let place = format!("{AUTOMATIONS}/{}", text(&made["id"]));
        let first = json!({ "name": "A", "event": { "event": BOOKED } });
        is_refused_at(&program.json("PUT", &format!("{place}/event"), first).await, 409, "/kind");
        is_refused_at(
            &program.json("PUT", &format!("{place}/frame"), json!({ "frame": frame() })).await,
            409,
            "/kind",
        );
        let mut with_target = timed;
        with_target["target"] = json!("event_parameter");
        is_refused_at(&program.json("PUT", &format!("{place}/job"), with_target).await, 400, "/target");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_what_is_unusual_must_be_confirmed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let listen = |event: &str, job: &str, confirmed: Value| {
            json!({
                "name": "A", "event": { "event": event }, "job": { "kind": job }, "target": "event_parameter",
                "frame": frame(), "confirmed": confirmed,
            })
        };
        let (logged_on, system_user) = ("passpost.system.logged_on", "send-new-password-to-system-user");
        let locks_out = program.post(AUTOMATIONS, listen(logged_on, system_user, json!([]))).await;
        is_refused_at(&locks_out, 409, "/target");
        assert!(locks_out.body.contains("lock every system user out"), "{}", locks_out.body);
        let nobody = listen("passpost.import.finished", "send-reset-link", json!([]));
        is_refused_at(&program.post(AUTOMATIONS, nobody).await, 409, "/target");

        let (asked, contact) = ("passpost.link.requested", "send-new-password-to-contact");
        let made = program.post(AUTOMATIONS, listen(asked, contact, json!([]))).await.json();
        assert_eq!(
            (&made["remarks"][0]["code"], &made["remarks"][0]["severity"]),
            (&json!("odd-stranger"), &json!("needs_confirmation"))
        );
        let place = format!("{AUTOMATIONS}/{}", text(&made["id"]));
        let refused = program.post(&format!("{place}/activate"), json!({})).await;
        is_refused_at(&refused, 409, "/confirmed");
        assert!(refused.body.contains("odd-stranger"), "{}", refused.body);
        let job = |confirmed: Value| json!({ "job": { "kind": contact }, "target": "event_parameter", "confirmed": confirmed });
        let saved = program.json("PUT", &format!("{place}/job"), job(json!(["odd-stranger"]))).await;
        assert_eq!(saved.json()["confirmed"], json!(["odd-stranger"]), "{}", saved.body);
        assert_eq!(program.post(&format!("{place}/activate"), json!({})).await.status, 200);
        // What is active cannot become what could not be activated.
        is_refused_at(&program.json("PUT", &format!("{place}/job"), job(json!([]))).await, 409, "/confirmed");
        let other = json!({ "name": "A", "event": { "event": logged_on } });
        is_refused_at(&program.json("PUT", &format!("{place}/event"), other).await, 409, "/target");
        assert_eq!(program.read(&place).await["event"]["event"], asked);
    }
}

#[tokio::test]
async fn a_simulation_says_what_would_be_done_and_does_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact_with_address("ada").await;
        house.contact("bob").await;
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
