//! Events in the console: the log, one event, the types, and trying one out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automations::{operator, send};
use crate::event_automations::{BOOKED, arrive, booking, has, listen};
use crate::house::{Answer, Browser, House, OWNER};
use domain::id::PersonId;
use domain::role::Permission;
use store::params;
use testkit::{custom, databases};
use uuid::Uuid;

/// A role that may do these things only.
async fn role(house: &House, permissions: &[Permission]) -> Uuid {
    let id = auth::random::id(0).unwrap();
    let names: Vec<&str> = permissions.iter().map(|one| one.as_str()).collect();
    house
        .execute(
            "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
             VALUES ($1, $2, 0, FALSE, $3, 0, 0)",
            params![id, id.to_string(), serde_json::json!(names).to_string()],
        )
        .await;
    id
}

/// One about a contact that is acted on, one that nobody listens to, one about nobody; with Ada, and the automation's page.
async fn three_events(house: &House, owner: &mut Browser) -> (PersonId, String) {
    let ada = house.contact("ada").await;
    house.contact("bob").await;
    let path = listen(owner, &[], &[("delay_value", "")]).await;
    let other = custom("2", "org.example.course.cancelled", "bob", serde_json::json!({}));
    arrive(house, vec![booking("1", "ada"), other, booking("3", "nobody")]).await;
    (ada, path)
}

fn lacks(page: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(!page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn the_log_shows_what_happened_and_finds_what_is_asked_for() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        has(&owner.get("/console/events").await, &["No event is kept yet.", "/console/events/types"]);
        let (ada, path) = three_events(&house, &mut owner).await;
        let log = owner.get("/console/events").await;
        has(
            &log,
            &["one job in a run", "nobody listened", "nothing, one automation listened", "Ada Lovelace</a>"],
        );
        let automation = path.rsplit('/').next().unwrap();
        for (query, here, not) in [
            (format!("type={BOOKED}"), "Ada Lovelace", "course.cancelled"),
            ("unheard=1".into(), "course.cancelled", "one job in a run"),
            (format!("automation={automation}"), "one job in a run", "nobody listened</span>"),
            (
                "state=not_acted_on&reason=unknown_person".into(),
                "nothing, one automation listened",
                "one job in a run",
            ),
            ("person=ada".into(), "one job in a run", "nothing, one"),
            (format!("person={ada}"), "one job in a run", "nothing, one"),
            ("person=carol".into(), "Nobody is called “carol”.", "one job in a run"),
            ("source=https%3A%2F%2Fcourses.example".into(), "one job in a run", "Nothing fits."),
            ("source=elsewhere".into(), "Nothing fits.", "one job in a run"),
        ] {
            let page = owner.get(&format!("/console/events?{query}")).await;
            assert_eq!(page.status, 200, "{query}");
            let table = page.body.split("data-live=\"events\"").nth(1).unwrap_or_else(|| panic!("{query}"));
            assert!(table.contains(here) && !table.contains(not), "{query}: {table}");
        }
        for bad in ["state=x", "reason=x", "automation=x", "before=x"] {
            assert_eq!(owner.get(&format!("/console/events?{bad}")).await.status, 400, "{bad}");
        }
        has(&owner.get(&format!("/console/people/{ada}")).await, &[&format!("/console/events?person={ada}")]);
    }
}

#[tokio::test]
async fn an_event_shows_what_came_of_it_and_names_nobody_to_whoever_may_not_see_people() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        three_events(&house, &mut owner).await;
        let one = owner.get("/console/events/1").await;
        has(
            &one,
            &[
                BOOKED,
                "https://courses.example",
                "&#60;b&#62;First aid",
                "Ada Lovelace (ada)",
                "Welcome</a>",
                "/recipients/",
                ">Run 1</a>",
            ],
        );
        has(&owner.get("/console/events/2").await, &["No automation listens to this type."]);
        has(
            &owner.get("/console/events/3").await,
            &["“nobody”: nobody of this name", "The event names somebody who is not here."],
        );
        assert_eq!(owner.get("/console/events/99").await.status, 404);
        assert_eq!(owner.get("/console/events/x").await.status, 404);
        // Whoever may not see people sees what happened, and to nobody.
        let looks = role(&house, &[Permission::EventsView]).await;
        let (_, mut lena) = operator(&house, "lena", looks).await;
        let log = lena.get("/console/events").await;
        has(&log, &["one job in a run", "hidden"]);
        lacks(&log, &["Ada Lovelace</a>", "nobody</td>", "name=\"person\""]);
        let one = lena.get("/console/events/1").await;
        has(&one, &["Its data may name people"]);
        lacks(&one, &["Ada Lovelace (ada)", "First aid", ">ada<"]);
        lacks(&lena.get("/console/events/3").await, &["“nobody”"]);
    }
}

#[tokio::test]
async fn the_log_is_read_page_by_page_in_both_directions() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let events = (0..60).map(|n| custom(&format!("{n}"), BOOKED, "ada", serde_json::json!({}))).collect();
        arrive(&house, events).await;
        let first = owner.get("/console/events").await;
        has(&first, &["href=\"/console/events/60\"", "href=\"/console/events?before=11\""]);
        lacks(&first, &["href=\"/console/events/10\"", "?after="]);
        let second = owner.get("/console/events?before=11").await;
        has(
            &second,
            &[
                "href=\"/console/events/10\"",
                "href=\"/console/events/1\"",
                "href=\"/console/events?after=10\"",
            ],
        );
        lacks(&second, &["?before="]);
        let back = owner.get("/console/events?after=10").await;
        has(&back, &["href=\"/console/events/60\"", "href=\"/console/events/11\"", "?before=11"]);
    }
}

#[tokio::test]
async fn the_catalogue_lists_every_type_with_what_it_carries() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        arrive(&house, vec![booking("1", "ada")]).await;
        let page = owner.get("/console/events/types").await;
        for event in domain::event::BuiltIn::ALL {
            has(&page, &[&event.type_name()]);
        }
        has(
            &page,
            &[
                "Logged on to the system</a> (S)",
                "a contact or a system user",
                "<code>failed_logins</code>",
                "href=\"/console/events?type=org.example.course.booked\"",
                "curl https://pass.example/api/v1/events",
                "/console/automations/new/event?event=passpost.person.created",
            ],
        );
        let blank = owner.get("/console/automations/new/event?event=passpost.person.created").await;
        has(
            &blank,
            &["value=\"passpost.person.created\" selected", "It carries a contact or a system user."],
        );
    }
}

const TRY: &str = "/console/events/try";

fn json(contact: &str, course: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"try-1","source":"/console","type":"{BOOKED}","contact":"{contact}","data":{{"course":{{"id":"{course}"}}}}}}"#
    )
}

#[tokio::test]
async fn an_event_is_tried_out_without_a_trace() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        let booked = listen(&mut owner, &[], &[("delay_value", "")]).await;
        let created = [
            ("event", "passpost.person.created"),
            ("name", "New people"),
            ("condition-field-0", ""),
            ("condition-value-0", ""),
        ];
        listen(&mut owner, &created, &[]).await;
        let blank = owner.get("/console/events/try?event=passpost.person.created").await;
        has(&blank, &["&#34;origin&#34;: &#34;console&#34;", "name=\"person\""]);
        let ask = [
            ("event", "passpost.person.created"),
            ("shown", "passpost.person.created"),
            ("person", "ada"),
            ("data", "{}"),
            ("act", "try"),
        ];
        let page = send(&mut owner, TRY, &[], &ask).await;
        has(&page, &["New people</a>", "Would mail ada a new password, at 2026-", "Nothing was changed."]);
        for (json, wanted) in [
            (json("ada", "C-7"), "Would mail ada a new password, at once."),
            (json("ada", "C-8"), "Would do nothing. A setting or condition of the automation is not met."),
            (json("nobody", "C-7"), "Would do nothing. The event names somebody who is not here."),
            (json("olga", "C-7"), "Would leave olga out:"),
        ] {
            let page = send(
                &mut owner,
                TRY,
                &[],
                &[("event", "custom"), ("shown", "custom"), ("json", &json), ("act", "try")],
            )
            .await;
            assert_eq!(page.status, 200, "{}", page.body);
            has(&page, &[wanted, &booked]);
        }
        assert_eq!(house.count("SELECT count(*) FROM events").await, 0, "nothing is kept");
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 0);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_event_to_try_stands_at_its_field() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        for (fields, wanted) in [
            (vec![("event", "")], "Choose an event."),
            (vec![("event", "custom"), ("json", "{")], "This cannot be taken:"),
            (
                vec![("event", "passpost.person.created"), ("person", "carol"), ("data", "{}")],
                "Nobody like this is there.",
            ),
            (vec![("event", "passpost.person.created"), ("data", "{}")], "Say whom the event is about."),
            (
                vec![("event", "passpost.person.created"), ("person", "ada"), ("data", "[]")],
                "Expected a JSON object",
            ),
            (
                vec![("event", "passpost.group.subscribed"), ("person", "ada"), ("data", "{}")],
                "Choose a group.",
            ),
        ] {
            let mut sent = fields.clone();
            sent.push(("shown", fields[0].1));
            sent.push(("act", "try"));
            let page = send(&mut owner, TRY, &[], &sent).await;
            assert_eq!(page.status, 422, "{fields:?}");
            has(&page, &[wanted]);
        }
        assert_eq!(house.count("SELECT count(*) FROM events").await, 0, "nothing is kept");
    }
}

#[tokio::test]
async fn a_custom_event_can_be_sent_once_by_whoever_may() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        listen(&mut owner, &[], &[("delay_value", "")]).await;
        let real = json("ada", "C-7");
        let fields = [("event", "custom"), ("shown", "custom"), ("json", real.as_str()), ("act", "send")];
        let sent = send(&mut owner, "/console/events/send", &[], &fields).await;
        assert_eq!(sent.location(), "/console/events?done=event-sent");
        let again = send(&mut owner, "/console/events/send", &[], &fields).await;
        assert_eq!(again.location(), "/console/events?done=event-known");
        house.state.flow.schedule_once().await.unwrap();
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 1);
        // Whoever may only look can ask, and is not offered to send.
        let looks = role(&house, &[Permission::EventsView]).await;
        let (_, mut lena) = operator(&house, "lena", looks).await;
        let page = send(&mut lena, TRY, &[], &[("event", "custom"), ("act", "look")]).await;
        has(&page, &["name=\"json\""]);
        lacks(&page, &["/console/events/send"]);
    }
}
