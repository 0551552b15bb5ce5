//! What happens to people after events: who is mailed, when, and what the log says of those who are not.

use domain::automation::{AutomationStatus, Job, SendNewPassword, SendResetLink, Target};
use domain::event::{Delay, DelayUnit};
use domain::event_job::{EventJobReason, EventJobState};
use serde_json::json;
use store::event::Accepted;
use store::run::Run;
use store::{Store, StoreError, automation, params, run};
use testkit::{House, Listening, NewPerson, Through, by, custom, databases};

pub(crate) const BOOKED: &str = "example.course.booked";

/// Works until every run of the house is at rest; gives them, oldest first.
pub(crate) async fn settle(house: &House) -> Vec<Run> {
    let runs =
        || house.db.store.read(|tx| Box::pin(async move { run::list(tx, None, i64::MAX, 1_000).await }));
    let mut found = runs().await.unwrap();
    found.reverse();
    for one in &mut found {
        *one = house.work(one.id).await;
    }
    found
}

fn at_once() -> Option<Delay> {
    None
}

pub(crate) fn after(value: i64, unit: DelayUnit) -> Option<Delay> {
    Some(Delay::new(value, unit).unwrap())
}

async fn in_group(house: &House, person: domain::id::PersonId, selection_attribute: &str) {
    let language = selection_attribute.to_owned();
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                tx.execute("UPDATE people SET language = $2 WHERE id = $1", params![person, language])
                    .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_event_mails_its_contact_once_however_often_it_is_sent() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let id = house.listen(Listening::to(BOOKED)).await;
        let event = custom("a-1", BOOKED, "p0001", json!({ "course": 7 }));
        assert_eq!(house.send_events(std::slice::from_ref(&event)).await, Accepted { accepted: 1, known: 0 });
        assert_eq!(house.send_events(std::slice::from_ref(&event)).await, Accepted { accepted: 0, known: 1 });
        let runs = settle(&house).await;
        assert_eq!(runs.len(), 1);
        assert_eq!(
            (runs[0].trigger.as_str(), runs[0].counts.total, runs[0].counts.accepted),
            ("event", 1, 1)
        );
        assert!(
            house.mailed_to("p0001@example.org").is_some() && house.mailed_to("p0002@example.org").is_none()
        );
        assert_eq!(house.jobs_of(id).await, "executed 1");
        let job = house.jobs_of_latest().await.remove(0);
        assert_eq!((job.run_number, job.username.as_deref()), (Some(runs[0].number), Some("p0001")));
    }
}

#[tokio::test]
async fn the_same_event_sent_to_two_nodes_at_once_is_one_mail() {
    for db in databases().await {
        let other = Store::open(&db.location).await.unwrap();
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let id = house.listen(Listening::to(BOOKED)).await;
        let node = house.node_over(other);
        let event = custom("a-1", BOOKED, "p0001", json!({}));
        let acting = store::Acting::system();
        let (one, two) = tokio::join!(
            house.flow.accept_events(vec![event.clone()], &acting),
            node.accept_events(vec![event.clone()], &acting)
        );
        assert_eq!(one.unwrap().accepted + two.unwrap().accepted, 1);
        let (one, two) = tokio::join!(house.flow.schedule_once(), node.schedule_once());
        assert_eq!(one.unwrap().runs + two.unwrap().runs, 1);
        assert_eq!(settle(&house).await.len(), 1);
        assert_eq!(house.jobs_of(id).await, "executed 1");
    }
}

#[tokio::test]
async fn a_delay_counts_from_arrival_and_the_selection_is_asked_when_it_is_over() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(3).await;
        for (person, language) in people.iter().zip(["fr", "de", "de"]) {
            in_group(&house, *person, language).await;
        }
        let german = house.selection("German", "language eq \"de\"", house.owner).await;
        let id = house
            .listen(Listening {
                selection: Some(german),
                delay: after(2, DelayUnit::Hours),
                ..Listening::to(BOOKED)
            })
            .await;
        let start = house.clock.now_ms();
        // What the sender claims about the time changes nothing.
        let mut events: Vec<_> =
            (1..=3).map(|n| custom(&format!("e{n}"), BOOKED, &format!("p000{n}"), json!({}))).collect();
        events[0].time_ms = Some(0);
        events[1].time_ms = Some(4_000_000_000_000);
        house.send_events(&events).await;
        assert_eq!(house.jobs_of(id).await, "waiting 3");
        // The first one joins, the second one leaves.
        in_group(&house, people[0], "de").await;
        in_group(&house, people[1], "fr").await;
        house.clock.set(start + 2 * 3_600_000 - 1);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
        house.clock.set(start + 2 * 3_600_000);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        let runs = settle(&house).await;
        assert_eq!((runs[0].counts.total, runs[0].counts.accepted), (2, 2));
        assert!(house.mailed_to("p0002@example.org").is_none());
        assert_eq!(house.jobs_of(id).await, "executed 2, not_acted_on (not_in_selection) 1");
    }
}

#[tokio::test]
async fn the_job_for_contacts_refuses_system_users_and_the_other_contacts_and_none_touches_api_users() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        house.add(NewPerson::system("editor", "Manager")).await;
        house.add(NewPerson { user_type: "api", ..NewPerson::system("robot", "Manager") }).await;
        let contacts = house.listen(Listening::to(BOOKED)).await;
        let users = house
            .listen(Listening {
                job: Job::SendNewPasswordToSystemUser(SendNewPassword::default()),
                ..Listening::to(BOOKED)
            })
            .await;
        let mut events = Vec::new();
        for name in ["p0001", "editor", "robot"] {
            let mut event = custom(name, BOOKED, name, json!({}));
            event.system_user = Some(name.to_owned());
            events.push(event);
        }
        house.send_events(&events).await;
        settle(&house).await;
        let fate = |automation, name: &'static str| {
            let store = house.db.store.clone();
            async move {
                let mut row = store
                    .read(move |tx| {
                        Box::pin(async move {
                            tx.find(
                                "SELECT q.state, q.reason FROM event_jobs j JOIN people p ON p.id = j.person_id
                                 JOIN runs u ON u.id = j.run_id JOIN recipients q ON q.person_id = p.id
                                   AND q.id BETWEEN u.number * 4294967296 AND u.number * 4294967296 + 4294967295
                                 WHERE j.automation_id = $1 AND p.username = $2",
                                params![automation, name],
                            )
                            .await
                        })
                    })
                    .await
                    .unwrap()
                    .expect("a recipient");
                let (state, reason): (String, Option<String>) = (row.take(0).unwrap(), row.take(1).unwrap());
                format!("{state} {}", reason.unwrap_or_default())
            }
        };
        assert_eq!(fate(contacts, "p0001").await, "accepted ");
        assert_eq!(fate(contacts, "editor").await, "left_out system_user");
        assert_eq!(fate(contacts, "robot").await, "left_out system_user");
        assert_eq!(fate(users, "p0001").await, "left_out contact");
        assert_eq!(fate(users, "editor").await, "accepted ");
        assert_eq!(fate(users, "robot").await, "left_out api_user");
    }
}

#[tokio::test]
async fn events_while_inactive_or_outside_the_frame_do_nothing_and_the_log_says_so() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let inactive = house.listener(Listening::to(BOOKED)).await;
        let frame = json!({ "zone": "UTC", "start": "2027-01-01T00:00" });
        let early = house.listen(Listening { frame, ..Listening::to(BOOKED) }).await;
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        assert_eq!(house.jobs_of(inactive).await, "not_acted_on (inactive) 1");
        assert_eq!(house.jobs_of(early).await, "not_acted_on (outside_frame) 1");
        assert_eq!(house.automation_now(early).await.unwrap().status, AutomationStatus::ActiveScheduled);
        assert!(settle(&house).await.is_empty());
        // Nothing is made up for later, not even for what nobody has looked at yet.
        let acting = store::Acting::system();
        house.flow.accept_events(vec![custom("2", BOOKED, "p0001", json!({}))], &acting).await.unwrap();
        house.clock.set(house.clock.now_ms() + 1);
        house.activate(inactive).await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert!(settle(&house).await.is_empty());
        assert_eq!(house.jobs_of(inactive).await, "not_acted_on (inactive) 2");
    }
}

#[tokio::test]
async fn deactivating_calls_off_what_waits_and_nothing_is_sent_after() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1_000).await;
        let id = house.listen(Listening { delay: after(1, DelayUnit::Days), ..Listening::to(BOOKED) }).await;
        let events: Vec<_> =
            (1..=1_000).map(|n| custom(&format!("{n}"), BOOKED, &format!("p{n:04}"), json!({}))).collect();
        house.send_events(&events).await;
        assert_eq!(house.jobs_of(id).await, "waiting 1000");
        let (owner, now) = (house.owner, house.clock.now_ms());
        house
            .db
            .store
            .write(move |tx| Box::pin(async move { automation::deactivate(tx, &by(owner), id, now).await }))
            .await
            .unwrap();
        assert_eq!(house.jobs_of(id).await, "cancelled (deactivated) 1000");
        house.clock.set(now + 3 * 86_400_000);
        house.activate(id).await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert!(settle(&house).await.is_empty());
    }
}

#[tokio::test]
async fn a_thousand_events_about_one_person_are_one_mail() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let password = house.listen(Listening::to(BOOKED)).await;
        let link = house
            .listen(Listening { job: Job::SendResetLink(Box::default()), ..Listening::to("example.other") })
            .await;
        for chunk in 0..10 {
            let events: Vec<_> =
                (0..100).map(|n| custom(&format!("{chunk}-{n}"), BOOKED, "p0001", json!({}))).collect();
            house.send_events(&events).await;
            // A new run each time, before the mail of the first one has left.
            house.clock.set(house.clock.now_ms() + 6_000);
        }
        house.send_events(&[custom("other", "example.other", "p0001", json!({}))]).await;
        let accepted: i64 = settle(&house).await.iter().map(|one| one.counts.accepted).sum();
        assert_eq!(accepted, 1);
        assert_eq!(house.jobs_of(password).await, "executed 1000");
        assert_eq!(house.jobs_of(link).await, "executed 1");
        // A day later another one is allowed.
        house.clock.set(house.clock.now_ms() + 86_400_000);
        house.send_events(&[custom("later", "example.other", "p0001", json!({}))]).await;
        let accepted: i64 = settle(&house).await.iter().map(|one| one.counts.accepted).sum();
        assert_eq!(accepted, 2);
    }
}

#[tokio::test]
async fn what_is_due_waits_while_many_people_of_the_runs_before_have_not_been_tried() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let id = house.listen(Listening::to(BOOKED)).await;
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        assert_eq!(house.jobs_of(id).await, "executed 1");
        // Twenty thousand people more in the run that began, as after a flood.
        let more = |people: i64| {
            house.db.store.write(move |tx| {
                Box::pin(async move {
                    let sql =
                        "UPDATE runs SET total = total + $1 WHERE number = (SELECT MIN(number) FROM runs)";
                    tx.execute(sql, params![people]).await
                })
            })
        };
        more(20_000).await.unwrap();
        house.clock.set(house.clock.now_ms() + 60_000);
        house.send_events(&[custom("2", BOOKED, "p0002", json!({}))]).await;
        assert_eq!(house.jobs_of(id).await, "executed 1, waiting 1");
        // One less: the next ones are asked about.
        more(-2).await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert_eq!(house.jobs_of(id).await, "executed 2");
        more(-19_998).await.unwrap();
        let accepted: i64 = settle(&house).await.iter().map(|one| one.counts.accepted).sum();
        assert_eq!(accepted, 2);
    }
}

#[tokio::test]
async fn a_link_leads_to_the_page_and_leaves_the_password_alone() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: testkit::OLD, ..NewPerson::contact("ada") }).await;
        let job = Job::SendResetLink(Box::new(SendResetLink { link_hours: 5, ..SendResetLink::default() }));
        house.listen(Listening { job, ..Listening::to(BOOKED) }).await;
        house.send_events(&[custom("1", BOOKED, "ada", json!({}))]).await;
        settle(&house).await;
        let mail = house.mailbox.newest_to("ada@example.org").and_then(|mail| mail.text).expect("a mail");
        assert!(mail.contains("/reset/link/"), "{mail}");
        assert!(matches!(house.sign_in("ada", testkit::OLD).await, auth::login::SignIn::Chosen { .. }));
    }
}

#[tokio::test]
async fn a_simulation_says_what_would_be_done_and_changes_nothing() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        house.add(NewPerson { blocked: true, ..NewPerson::contact("blocked") }).await;
        let id = house.listen(Listening { delay: after(3, DelayUnit::Days), ..Listening::to(BOOKED) }).await;
        let ask = async |name: &str| {
            let event = flow::Simulation::Custom(Box::new(custom("1", BOOKED, name, json!({}))));
            house.flow.simulate_event(event, &store::Acting::system()).await.unwrap()
        };
        let found = ask("p0001").await;
        assert_eq!(found.jobs.len(), 1);
        assert_eq!(found.jobs[0].job.recipient_state, Some(domain::recipient::RecipientState::Planned));
        assert_eq!(found.jobs[0].would_be_due_at, Some(house.clock.now_ms() + 3 * 86_400_000));
        assert_eq!(ask("blocked").await.jobs[0].job.recipient_reason.as_deref(), Some("blocked"));
        assert_eq!(ask("nobody").await.jobs[0].job.reason, Some(EventJobReason::UnknownPerson));
        assert_eq!(house.jobs_of(id).await, "");
        assert!(settle(&house).await.is_empty());
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        assert!(house.jobs_of_latest().await.iter().all(|one| one.state == EventJobState::Waiting));
    }
}

#[tokio::test]
async fn a_chosen_person_is_mailed_whoever_the_event_is_about() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(2).await;
        house
            .listen(Listening {
                target: Target::Person(people[1]),
                delay: at_once(),
                ..Listening::to(BOOKED)
            })
            .await;
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        settle(&house).await;
        assert!(
            house.mailed_to("p0001@example.org").is_none() && house.mailed_to("p0002@example.org").is_some()
        );
    }
}

#[tokio::test]
async fn a_simulation_keeps_apart_only_what_would_be_done_at_about_the_same_time() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        house.listen(Listening::to(BOOKED)).await;
        house.listen(Listening { delay: after(1, DelayUnit::Hours), ..Listening::to(BOOKED) }).await;
        house.listen(Listening { delay: after(3, DelayUnit::Days), ..Listening::to(BOOKED) }).await;
        let event = flow::Simulation::Custom(Box::new(custom("1", BOOKED, "p0001", json!({}))));
        let found = house.flow.simulate_event(event, &store::Acting::system()).await.unwrap();
        let reasons: Vec<_> = found.jobs.iter().map(|one| one.job.recipient_reason.as_deref()).collect();
        assert_eq!(reasons, [None, Some("recently_mailed"), None]);
    }
}
