//! Two nodes over one PostgreSQL at the same events: what is routed, done and called off at the same moment.

use crate::event::{BOOKED, after, settle};
use domain::event::DelayUnit;
use domain::event::cloud::CloudEvent;
use domain::id::AutomationId;
use flow::Flow;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Acting, Store, StoreError, automation};
use testkit::database::postgres;
use testkit::{House, Listening, Through, by, custom};

/// A house and a second node over the same database; `None`, loudly: there is no server.
async fn two_nodes(people: usize) -> Option<(House, Flow)> {
    let db = postgres().await?;
    let other = Store::open(&db.location).await.unwrap();
    let house = House::over(db, Through::Mailbox).await;
    house.add_contacts(people).await;
    let node = house.node_over(other);
    Some((house, node))
}

fn events(name: &str, numbers: std::ops::Range<usize>, people: usize) -> Vec<CloudEvent> {
    let one =
        |n: usize| custom(&format!("{name}-{n}"), BOOKED, &format!("p{:04}", n % people + 1), json!({}));
    numbers.map(one).collect()
}

/// How many recipients of all runs were mailed, by person.
async fn mails(house: &House) -> BTreeMap<String, i64> {
    let found = house.db.store.read(|tx| {
        Box::pin(async move {
            let sql = "SELECT p.username, count(*) FROM recipients q JOIN people p ON p.id = q.person_id
                WHERE q.state = 'accepted' GROUP BY p.username";
            let rows = tx.query(sql, &[]).await?;
            rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
        })
    });
    found.await.unwrap_or_else(|error: StoreError| panic!("{error}"))
}

async fn deactivate(house: &House, id: AutomationId) {
    let (owner, now) = (house.owner, house.clock.now_ms());
    house
        .db
        .store
        .write(move |tx| Box::pin(async move { automation::deactivate(tx, &by(owner), id, now).await }))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_at_two_nodes_is_each_job_once_and_each_person_one_mail() {
    const PEOPLE: usize = 400;
    let Some((house, node)) = two_nodes(PEOPLE).await else { return };
    let id = house.listen(Listening::to(BOOKED)).await;
    let acting = Acting::system();
    for chunk in 0..8 {
        let sent = events("flood", chunk * 250..(chunk + 1) * 250, PEOPLE);
        // The same events at both, and both look at the schedule while they arrive.
        let (one, two, three, four) = tokio::join!(
            house.flow.accept_events(sent.clone(), &acting),
            node.accept_events(sent.clone(), &acting),
            house.flow.schedule_once(),
            node.schedule_once(),
        );
        assert_eq!(one.unwrap().accepted + two.unwrap().accepted, 250);
        assert!(three.is_ok() && four.is_ok(), "{three:?} {four:?}");
        house.clock.set(house.clock.now_ms() + 2_000);
    }
    for _ in 0..3 {
        house.clock.set(house.clock.now_ms() + 6_000);
        let (one, two) = tokio::join!(house.flow.schedule_once(), node.schedule_once());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    }
    assert_eq!(house.jobs_of(id).await, "executed 2000");
    settle(&house).await;
    let mails = mails(&house).await;
    assert!(mails.len() == PEOPLE && mails.values().all(|count| *count == 1), "{mails:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_events_in_another_order_at_another_node_are_kept_once_and_neither_is_refused() {
    let Some((house, node)) = two_nodes(1).await else { return };
    let acting = Acting::system();
    for round in 0..10 {
        let sent = events(&round.to_string(), 0..500, 1);
        let reversed = sent.iter().rev().cloned().collect();
        let (one, two) =
            tokio::join!(house.flow.accept_events(sent, &acting), node.accept_events(reversed, &acting));
        let (one, two) = (one.expect("no deadlock"), two.expect("no deadlock"));
        assert_eq!((one.accepted + two.accepted, one.known + two.known), (500, 500), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_waits_for_an_automation_that_is_deactivated_while_another_node_routes_its_events() {
    const EVENTS: usize = 1_000;
    let Some((house, node)) = two_nodes(100).await else { return };
    let slow = house.listen(Listening { delay: after(1, DelayUnit::Days), ..Listening::to(BOOKED) }).await;
    let fast = house.listen(Listening::to(BOOKED)).await;
    let acting = Acting::system();
    let (mut called_off, mut too_late) = (0, 0);
    for round in 0..16_u64 {
        node.accept_events(events(&round.to_string(), 0..EVENTS, 100), &acting).await.unwrap();
        let stop = async {
            tokio::time::sleep(Duration::from_millis(round * 12)).await;
            deactivate(&house, slow).await;
            deactivate(&house, fast).await;
        };
        let (looked, ()) = tokio::join!(node.schedule_once(), stop);
        looked.unwrap();
        for id in [slow, fast] {
            let waiting = house
                .db
                .store
                .read(move |tx| Box::pin(async move { store::event::job::count_waiting(tx, id).await }));
            assert_eq!(waiting.await.unwrap().0, 0, "round {round}: {}", house.jobs_of(id).await);
        }
        house.clock.set(house.clock.now_ms() + 6_000);
        let said = house.jobs_of(slow).await;
        called_off = said.matches("cancelled").count().max(called_off);
        too_late = said.matches("inactive").count().max(too_late);
        house.activate(slow).await.unwrap();
        house.activate(fast).await.unwrap();
    }
    assert!(
        called_off > 0 && too_late > 0,
        "the moments were all on one side: {}",
        house.jobs_of(slow).await
    );
    // Called off is called off.
    house.clock.set(house.clock.now_ms() + 2 * 86_400_000);
    house.flow.schedule_once().await.unwrap();
    assert!(!house.jobs_of(slow).await.contains("executed"), "{}", house.jobs_of(slow).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn automations_that_are_due_at_the_same_moment_at_two_nodes_mail_everybody_once() {
    const PEOPLE: usize = 300;
    let Some((house, node)) = two_nodes(PEOPLE).await else { return };
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(
            house.listen(Listening { delay: after(1, DelayUnit::Hours), ..Listening::to(BOOKED) }).await,
        );
    }
    house.send_events(&events("same", 0..PEOPLE, PEOPLE)).await;
    house.clock.set(house.clock.now_ms() + 3_600_000);
    let (one, two) = tokio::join!(house.flow.schedule_once(), node.schedule_once());
    // A run in which everybody is left out is none that has to be worked on.
    assert_eq!(one.unwrap().runs + two.unwrap().runs, 1);
    for id in all {
        assert_eq!(house.jobs_of(id).await, "executed 300");
    }
    let runs = settle(&house).await;
    let left_out: i64 = runs.iter().map(|run| run.counts.left_out).sum();
    assert_eq!((runs.len(), left_out), (6, 5 * PEOPLE as i64));
    let mails = mails(&house).await;
    assert!(mails.len() == PEOPLE && mails.values().all(|count| *count == 1), "{mails:?}");
}
