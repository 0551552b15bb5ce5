//! Mailings by API: from the draft to the funnel, and what is refused on the way.

use super::client::{Program, text};
use crate::house::{House, OWNER};
use domain::role::Permission;
use flow::Stop;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::databases;

const MAILINGS: &str = "/api/v1/mailings";
/// The id of nothing.
const NOTHING: &str = "01940000-0000-7000-8000-0000000000ff";

async fn person(program: &mut Program, name: &str) -> Value {
    let body = json!({ "username": name, "address": format!("{name}@example.org"), "given_name": name });
    let made = program.post("/api/v1/people", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].clone()
}

/// A draft with the shipped words; gives its place.
async fn draft(program: &mut Program, more: Value) -> String {
    let mut body =
        json!({ "name": "Welcome", "sender_name": "Office", "sender_address": "office@example.org" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = program.post(MAILINGS, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.location(), format!("{MAILINGS}/{}", text(&made.json()["id"])));
    made.location().to_owned()
}

/// Works until the newest run is over.
async fn work(house: &House) {
    house.state.flow.schedule_once().await.unwrap();
    let stop = Stop::new();
    let worker = tokio::spawn({
        let (flow, stop) = (house.state.flow.clone(), stop.clone());
        async move { flow.work(stop).await }
    });
    let open = "SELECT count(*) FROM runs WHERE state IN ('preparing', 'running')";
    while house.count(open).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.request(tokio::time::Instant::now() + Duration::from_secs(10));
    worker.await.unwrap();
}

#[tokio::test]
async fn a_program_sends_a_mailing_and_sees_who_is_not_done() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let ada = person(&mut program, "ada").await;
        person(&mut program, "bob").await;
        program.post("/api/v1/people", json!({ "username": "nowhere" })).await;
        let place = draft(&mut program, json!({ "folder": "Autumn" })).await;
        let none = program.post(&format!("{place}/preview"), json!({})).await;
        assert!(none.status == 409 && none.body.contains("no recipients"), "{}", none.body);
        let lines = json!({ "lines": ["Bob <bob@example.org>,", "who@example.org", "", "bob", "nowhere"],
            "person_ids": [ada] });
        let taken = program.post(&format!("{place}/recipients"), lines).await;
        assert_eq!((taken.status.as_u16(), &taken.json()["people"]), (200, &json!(3)), "{}", taken.body);
        let results: Vec<Value> =
            taken.json()["lines"].as_array().unwrap().iter().map(|one| one["result"].clone()).collect();
        assert_eq!(results, ["found", "unknown", "empty", "repeated", "found"]);
        let body = json!({ "people": 5, "person_id": ada });
        let seen = program.post(&format!("{place}/preview"), body).await.json();
        assert_eq!(
            (&seen["audience"]["would_receive"], &seen["audience"]["left_out"]),
            (&json!(2), &json!({ "no_address": 1 })),
            "{seen}"
        );
        assert!(text(&seen["mail"]["text"]).contains("/reset"), "the link is in it: {seen}");
        assert_eq!(program.read(&format!("{place}/check")).await["ready"], true);
        let armed = program.post(&format!("{place}/arm"), json!({})).await;
        assert_eq!((armed.status.as_u16(), &armed.json()["state"]), (200, &json!("armed")), "{}", armed.body);
        work(&house).await;
        let shown = program.read(&place).await;
        assert_eq!(shown["state"], "started", "{shown}");
        let funnel = program.read(&format!("{place}/funnel")).await;
        assert_eq!(
            (&funnel["total"], &funnel["accepted"], &funnel["left_out"], &funnel["password_set"]),
            (&json!(3), &json!(2), &json!(1), &json!(0)),
            "{funnel}"
        );
        results_are_listed(&house, &mut program, &place).await;
        assert!(house.state.mailbox.as_ref().unwrap().newest_to("ada@example.org").is_some());
        after_the_start(&mut program, &place).await;
    }
}

/// The people behind a number, page by page, the events and the run.
async fn results_are_listed(house: &House, program: &mut Program, place: &str) {
    let first = program.read(&format!("{place}/people?stage=not_done&limit=1")).await;
    let cursor = text(&first["next_cursor"]).to_owned();
    let rest = program.read(&format!("{place}/people?stage=not_done&limit=1&cursor={cursor}")).await;
    let mut names = [&first, &rest].map(|page| text(&page["items"][0]["username"]).to_owned());
    names.sort_unstable();
    assert_eq!((names, &rest["next_cursor"]), (["ada".to_owned(), "bob".to_owned()], &Value::Null));
    let wrong = program.get(&format!("{place}/people?stage=happy")).await;
    assert!(wrong.status == 400 && wrong.body.contains("not_opened"), "{}", wrong.body);
    let person = text(&first["items"][0]["person_id"]).parse().unwrap();
    let (id, now) = (auth::random::id(testkit::TEST_NOW).unwrap(), (house.state.clock)());
    let noted = house.state.store.write::<_, store::StoreError, _>(move |tx| {
        Box::pin(async move {
            store::mailing::note_step(tx, person, domain::mailing::Step::PasswordSet, id, now).await
        })
    });
    noted.await.unwrap();
    let events = program.read(&format!("{place}/events")).await;
    assert_eq!((&events["items"][0]["step"], &events["next_cursor"]), (&json!("password_set"), &Value::Null));
    let left = program.read(&format!("{place}/people?stage=not_done")).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "{left}");
    let done = program.read(&format!("{place}/people?stage=password_set")).await;
    assert_eq!(done["items"][0]["username"], first["items"][0]["username"], "{done}");
    let runs = program.read(&format!("{place}/runs")).await;
    assert_eq!(runs["items"][0]["job"]["kind"], "send-mailing", "{runs}");
    assert_eq!(runs["items"][0]["mailing_id"], runs["items"][0]["job"]["mailing_id"]);
}

/// What has started stays as it is; whoever is left is reminded.
async fn after_the_start(program: &mut Program, place: &str) {
    let changed = program.json("PATCH", place, json!({ "subject": "Too late" })).await;
    assert!(changed.status == 409 && changed.body.contains("has started"), "{}", changed.body);
    let named = json!({ "lines": ["ada"] });
    for (step, body) in [("arm", json!({})), ("recipients", named.clone())] {
        let answer = program.post(&format!("{place}/{step}"), body).await;
        assert_eq!(answer.status, 409, "{step}: {}", answer.body);
    }
    for step in ["disarm", "cancel"] {
        assert_eq!(program.act(&format!("{place}/{step}")).await.status, 409, "{step}");
    }
    assert_eq!(program.send("DELETE", place, None, &[]).await.status, 409);
    let early = json!({ "stage": "not_done", "subject": "Once more" });
    let reminder = program.post(&format!("{place}/remind"), early).await;
    assert_eq!(reminder.status, 201, "{}", reminder.body);
    let made = reminder.json();
    assert_eq!((text(&made["name"]), text(&made["subject"])), ("Reminder: Welcome", "Once more"));
    let other = reminder.location().to_owned();
    let seen = program.post(&format!("{other}/preview"), json!({})).await.json();
    assert_eq!(seen["audience"]["total"], 0, "within three days nobody is written to again: {seen}");
    let nobody = program.post(&format!("{other}/arm"), json!({})).await;
    assert!(nobody.status == 409 && nobody.body.contains("Nobody"), "{}", nobody.body);
    let chosen = program.post(&format!("{other}/recipients"), named).await;
    assert_eq!(chosen.status, 409, "a reminder has no recipients of its own: {}", chosen.body);
    let again = program.post(&format!("{other}/remind"), json!({ "stage": "not_done" })).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert_eq!(program.json("PATCH", &other, json!({ "gap_hours": 9_000 })).await.pointer(), "/gap_hours");
    assert_eq!(
        program.json("PATCH", &other, json!({ "gap_hours": 1 })).await.json()["reminder"]["gap_hours"],
        1
    );
    assert_eq!(program.send("DELETE", &other, None, &[]).await.status, 204);
}

#[tokio::test]
async fn every_wrong_field_is_named_with_its_place() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let place = draft(&mut program, json!({})).await;
        for (body, pointer) in [
            (json!({ "name": "" }), "/name"),
            (json!({ "folder": "x".repeat(61) }), "/folder"),
            (json!({ "link_hours": 337 }), "/link_hours"),
            (json!({ "intent": "spam" }), "/intent"),
            (json!({ "language": "tlh" }), "/language"),
            (json!({ "keep_days": 0 }), "/keep_days"),
            (json!({ "password": { "valid_hours": 0 } }), "/password/valid_hours"),
            (json!({ "password": { "kind": "send-new-password" } }), "/password/kind"),
            (json!({ "pace": { "per_minute": 0 } }), "/pace/per_minute"),
            (json!({ "pace": { "waves": { "people": 0, "wait_minutes": 5 } } }), "/pace/waves/people"),
            (
                json!({ "pace": { "quiet": { "from": "late", "until": "07:00", "zone": "UTC" } } }),
                "/pace/quiet/from",
            ),
            (
                json!({ "pace": { "quiet": { "from": "22:00", "until": "07:00", "zone": "Moon" } } }),
                "/pace/quiet/zone",
            ),
            (json!({ "selection_id": NOTHING }), "/selection_id"),
            (json!({ "stage": "not_done" }), "/stage"),
            (json!({ "state": "armed" }), "/state"),
        ] {
            house.pass(1_100);
            let answer = program.json("PATCH", &place, body.clone()).await;
            assert_eq!(
                (answer.status.as_u16(), answer.pointer().as_str()),
                (400, pointer),
                "{body}: {}",
                answer.body
            );
        }
        assert_eq!(program.post(MAILINGS, json!({})).await.pointer(), "/name");
        wrong_recipients_and_starts(&mut program, &place).await;
        assert_eq!(program.read(&place).await["state"], "draft");
    }
}

async fn wrong_recipients_and_starts(program: &mut Program, place: &str) {
    for (step, body, pointer) in [
        ("recipients", json!({}), ""),
        ("recipients", json!({ "group_ids": [NOTHING] }), "/group_ids/0"),
        ("recipients", json!({ "selection_id": NOTHING }), "/selection_id"),
        ("arm", json!({ "start": "tomorrow" }), "/start"),
        ("arm", json!({ "start": "2020-01-01T09:00" }), "/start"),
        ("arm", json!({ "time_zone": "Moon" }), "/time_zone"),
        ("preview", json!({ "people": 201 }), "/people"),
        ("remind", json!({ "stage": "late" }), "/stage"),
    ] {
        let answer = program.post(&format!("{place}/{step}"), body).await;
        assert_eq!((answer.status.as_u16(), answer.pointer().as_str()), (400, pointer), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_bad_word_is_saved_told_and_keeps_the_mailing_from_being_armed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        person(&mut program, "ada").await;
        let words =
            json!({ "subject": "News", "text": "Hello\n{{ surname }}, see {{ request_password_link }}" });
        let place = draft(&mut program, words).await;
        program.post(&format!("{place}/recipients"), json!({ "lines": ["ada"] })).await;
        let check = program.read(&format!("{place}/check")).await;
        let faults: Vec<&Value> =
            check["findings"].as_array().unwrap().iter().filter(|one| one["weight"] == "fault").collect();
        assert_eq!((&check["ready"], faults.len()), (&json!(false), 1), "{check}");
        assert!(text(&faults[0]["says"]).contains("line 2"), "{check}");
        for (step, body) in [("arm", json!({})), ("preview", json!({ "mail": true }))] {
            let answer = program.post(&format!("{place}/{step}"), body).await;
            assert_eq!(
                (answer.status.as_u16(), answer.pointer().as_str()),
                (409, "/text"),
                "{}",
                answer.body
            );
            assert!(answer.body.contains("line 2"), "{}", answer.body);
        }
        let text = json!({ "text": "Hello, see {{ request_password_link }}" });
        assert_eq!(program.json("PATCH", &place, text).await.status, 200);
        let start = json!({ "start": "2027-01-04T09:00", "time_zone": "Europe/Vienna" });
        let armed = program.post(&format!("{place}/arm"), start).await;
        assert_eq!(armed.json()["starts_at"], "2027-01-04T08:00:00Z", "{}", armed.body);
        let edited = program.json("PATCH", &place, json!({ "folder": "Later" })).await.json();
        assert_eq!((&edited["state"], &edited["folder"]), (&json!("draft"), &json!("Later")));
        let listed = program.read(&format!("{MAILINGS}?folder=Later&state=draft")).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_key_arms_only_what_its_scopes_allow_and_only_with_the_number_of_many() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut owner = house.program().await;
        let mut csv = "username,address\n".to_owned();
        (0..120).for_each(|n| csv.push_str(&format!("p{n},p{n}@example.org\n")));
        owner.send("POST", "/api/v1/people/import", Some(("text/csv", csv.as_bytes())), &[]).await;
        let selection = json!({ "name": "Contacts", "filter": "system_user eq false" });
        let selection = owner.post("/api/v1/selections", selection).await.json()["id"].clone();
        owner.act(&format!("/api/v1/selections/{}/publish", text(&selection))).await;
        let robot = house.api_user("robot", OWNER).await;
        let scopes = [Permission::MailingsView, Permission::MailingsDraft, Permission::MailingsOfferLink];
        let mut program = house.program_of(robot, &scopes).await;
        let place =
            draft(&mut program, json!({ "intent": "force_password", "selection_id": selection })).await;
        let forced = program.post(&format!("{place}/arm"), json!({ "people": 120 })).await;
        assert!(forced.status == 403 && forced.body.contains("mailings.force_password"), "{}", forced.body);
        let place = draft(&mut program, json!({ "selection_id": selection })).await;
        for body in [json!({}), json!({ "people": 119 })] {
            let unsure = program.post(&format!("{place}/arm"), body).await;
            assert_eq!(
                (unsure.status.as_u16(), unsure.pointer().as_str()),
                (409, "/people"),
                "{}",
                unsure.body
            );
        }
        assert_eq!(program.read(&place).await["state"], "draft");
        let named = program.post(&format!("{place}/recipients"), json!({ "lines": ["p1"] })).await;
        assert!(named.status == 403 && named.body.contains("people.view"), "{}", named.body);
        assert_eq!(
            program.post(&format!("{place}/arm"), json!({ "people": 120 })).await.json()["state"],
            "armed"
        );
        assert_eq!(program.act(&format!("{place}/disarm")).await.json()["state"], "draft");
        assert_eq!(program.act(&format!("{place}/disarm")).await.status, 409);
        let mut reader = house.program_of(robot, &[Permission::MailingsView]).await;
        assert_eq!(reader.read(&place).await["state"], "draft");
        assert_eq!(reader.json("PATCH", &place, json!({ "name": "Mine" })).await.status, 403);
        assert_eq!(reader.post(&format!("{place}/arm"), json!({ "people": 120 })).await.status, 403);
    }
}

#[tokio::test]
async fn a_mailing_asked_for_twice_with_one_key_is_one_mailing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let first = program.repeat("once", MAILINGS, r#"{"name":"Welcome"}"#).await;
        let second = program.repeat("once", MAILINGS, r#"{"name":"Welcome"}"#).await;
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
        assert_eq!(first.json()["id"], second.json()["id"]);
        let other = program.repeat("once", MAILINGS, r#"{"name":"Another"}"#).await;
        assert_eq!(other.status, 422);
        assert_eq!(house.count("SELECT count(*) FROM mailings").await, 1);
        let copy = program.post(&format!("{}/copy", first.location()), json!({ "name": "Again" })).await;
        assert_eq!((copy.status.as_u16(), &copy.json()["name"]), (201, &json!("Again")), "{}", copy.body);
        let unnamed = program.post(&format!("{}/copy", first.location()), json!({ "name": " " })).await;
        assert_eq!((unnamed.status.as_u16(), unnamed.pointer().as_str()), (400, "/name"));
        assert_eq!(program.act(&format!("{}/archive", copy.location())).await.json()["archived"], true);
        let shown = program.read(MAILINGS).await;
        assert_eq!(shown["items"].as_array().unwrap().len(), 1);
        assert_eq!(program.act(&format!("{}/restore", copy.location())).await.json()["archived"], false);
    }
}
