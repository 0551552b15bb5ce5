//! The page of an automation that an event begins: what came of its events, what waits, and what is called off.

use crate::automations::{everybody, operator};
use crate::event_automations::{BOOKED, arrive, booking, has, listen};
use crate::house::{House, OWNER};
use domain::event::cloud::CloudEvent;
use testkit::{custom, databases};

#[tokio::test]
async fn the_page_counts_what_came_of_the_events_and_says_what_is_called_off() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await.to_string();
        for number in 0..22 {
            house.contact(&format!("c{number:02}")).await;
        }
        let path = listen(&mut owner, &[("selection", &selection)], &[]).await;
        let mut events: Vec<CloudEvent> =
            (0..22).map(|number| booking(&format!("{number}"), &format!("c{number:02}"))).collect();
        events.push(booking("nobody", "nobody"));
        events.push(custom("other", BOOKED, "c01", serde_json::json!({ "course": { "id": "C-8" } })));
        arrive(&house, events).await;
        let page = owner.get(&path).await;
        has(
            &page,
            &[
                "<span class=\"pill\">22</span>",
                "22 jobs wait. They will be called off",
                "Deactivate and call them off",
                "Archive and call them off",
                "A setting or condition of the automation is not met.",
                "The event names somebody who is not here.",
                "reason=unknown_person",
                "c00</a>",
            ],
        );
        assert!(!page.body.contains("c21</a>"), "twenty on a page");
        let next = page.body.split("href=\"").find(|rest| rest.contains("?after=")).unwrap();
        let next = next.split(['"', '#']).next().unwrap().to_owned();
        has(&owner.get(&next).await, &["c21</a>", "First page"]);
        assert_eq!(owner.get(&format!("{path}?after=x")).await.status, 400);
        // The list and the overview know what waits.
        has(&owner.get("/console/automations").await, &["waiting: 22, the first due"]);
        has(&owner.get("/console").await, &["Welcome: 22 waiting"]);
        house.pass(2 * 3_600_000 + 20 * 60_000);
        // Whoever looked on was signed out meanwhile.
        let (_, mut owner) = operator(&house, "otto", OWNER).await;
        has(&owner.get("/console").await, &["has jobs that should be done by now. Waiting: 22"]);
        house.state.flow.schedule_once().await.unwrap();
        let page = owner.get(&path).await;
        has(&page, &["Nothing waits.", "In a run", "runs: 1"]);
        // A copy has all three steps.
        let token = page.token();
        let copied = owner.post(&format!("{path}/copy"), &[("csrf", &token), ("copy", "Second")]).await;
        let copy = copied.location().split('?').next().unwrap().to_owned();
        has(&owner.get(&copy).await, &["Second", "2 hours after the event", "Inactive", "Everybody</a>"]);
        arrive(&house, vec![booking("late", "c03")]).await;
        let done = owner.post(&format!("{path}/deactivate"), &[("csrf", &token)]).await;
        assert_eq!(done.status, 303);
        has(
            &owner.get(&path).await,
            &["Deactivated", "Called off", "The automation was deactivated.", "Nothing waits."],
        );
    }
}
