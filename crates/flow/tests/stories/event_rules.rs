//! What may be saved and activated, and everything that is looked at again when a job is due.

use crate::event::{BOOKED, after, settle};
use crate::schedule::berlin;
use domain::automation::{AutomationStatus, Job, SendNewPassword, Target};
use domain::event::DelayUnit;
use flow::{Limits, Refusal, StartError};
use serde_json::json;
use store::{StoreError, automation, holiday, params, setting};
use testkit::{House, Listening, NewPerson, Through, by, custom, databases};

fn to_system_user() -> Job {
    Job::SendNewPasswordToSystemUser(SendNewPassword::default())
}

/// Why an automation cannot be activated.
async fn refused(house: &House, of: Listening) -> String {
    let id = house.listener(of).await;
    match house.activate(id).await {
        Err(StartError::Refused(Refusal::NotNow(why))) => why.to_string(),
        other => panic!("it can be active, or something else is wrong: {other:?}"),
    }
}

async fn send_one(house: &House, id: &str) {
    house.send_events(&[custom(id, BOOKED, "p0001", json!({}))]).await;
}

/// Lets the schedule look at a Berlin wall time.
async fn look_at(house: &House, wall: &str) -> usize {
    house.clock.set(berlin(wall));
    house.flow.schedule_once().await.unwrap().runs
}

#[tokio::test]
async fn a_new_password_at_every_log_on_is_refused_for_it_would_lock_the_person_out() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let of = Listening { job: to_system_user(), ..Listening::to("passpost.system.logged_on") };
        let why = refused(&house, of.clone()).await;
        assert!(why.contains("lock"), "{why}");
        // One chosen person is possible.
        let helper = house.add(NewPerson::system("helper", "Helper")).await;
        house.listen(Listening { target: Target::Person(helper), ..of }).await;
    }
}

#[tokio::test]
async fn the_event_parameter_needs_an_event_that_carries_such_a_person() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let why = refused(&house, Listening::to("passpost.import.finished")).await;
        assert!(why.contains("carries no contact"), "{why}");
        let of = Listening { job: to_system_user(), ..Listening::to("passpost.group.subscribed") };
        let why = refused(&house, of).await;
        assert!(why.contains("carries no system user"), "{why}");
    }
}

#[tokio::test]
async fn an_unusual_mix_of_contact_and_system_needs_a_confirmed_warning() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(1).await;
        let of = Listening { target: Target::Person(people[0]), ..Listening::to("passpost.import.finished") };
        let why = refused(&house, of.clone()).await;
        assert!(why.contains("confirm"), "{why}");
        house.listen(Listening { confirmed: vec!["odd-system-event".into()], ..of }).await;
    }
}

#[tokio::test]
async fn automations_that_would_begin_one_another_for_ever_cannot_both_be_active() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let first = house.listener(Listening::to(BOOKED)).await;
        let finished = |id| json!({ "event": "passpost.automation.finished", "automation": id });
        let second = house.listener(Listening { event: finished(first), ..Listening::to(BOOKED) }).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let step = automation::NewEventStep {
            name: "after the second".into(),
            description: String::new(),
            event: serde_json::from_value(finished(second)).unwrap(),
            selection_id: None,
        };
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move { automation::update_event(tx, &by(owner), first, &step, now).await })
            })
            .await
            .unwrap();
        for id in [first, second] {
            let why = house.activate(id).await.unwrap_err().to_string();
            assert!(why.contains("for ever"), "{why}");
        }
    }
}

#[tokio::test]
async fn each_step_saves_and_an_automation_without_all_three_cannot_be_active() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let id = domain::id::AutomationId::generate(now, testkit::house::fresh_bytes());
        let first = automation::NewEventStep {
            name: "Booked a course".into(),
            description: "from the course desk".into(),
            event: serde_json::from_value(json!({ "event": BOOKED })).unwrap(),
            selection_id: None,
        };
        let job = Job::SendNewPasswordToContact(SendNewPassword::default());
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    automation::insert_event(tx, &by(owner), id, &first, &job, now).await.map(|_| ())
                })
            })
            .await
            .unwrap();
        let saved = house.automation_now(id).await.unwrap();
        assert_eq!((saved.name.as_str(), saved.status), ("Booked a course", AutomationStatus::Inactive));
        let why = house.activate(id).await.unwrap_err().to_string();
        assert!(why.contains("second step"), "{why}");
        let second = automation::EventJobStep {
            job: Job::SendNewPasswordToContact(SendNewPassword::default()),
            target: Target::EventParameter,
            delay: None,
            confirmed: Vec::new(),
        };
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move { automation::update_event_job(tx, &by(owner), id, &second, now).await })
            })
            .await
            .unwrap();
        let why = house.activate(id).await.unwrap_err().to_string();
        assert!(why.contains("third step"), "{why}");
    }
}

#[tokio::test]
async fn a_frame_makes_an_automation_scheduled_running_and_done_and_calls_off_what_waits_at_its_end() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        house.clock.set(berlin("2026-11-30T12:00"));
        let frame =
            json!({ "zone": "Europe/Berlin", "start": "2026-12-01T00:00", "end": "2026-12-10T00:00" });
        let of = Listening { frame, delay: after(2, DelayUnit::Days), ..Listening::to(BOOKED) };
        let id = house.listen(of).await;
        let status = async || house.automation_now(id).await.unwrap().status;
        assert_eq!(status().await, AutomationStatus::ActiveScheduled);
        look_at(&house, "2026-12-01T00:00:01").await;
        assert_eq!(status().await, AutomationStatus::ActiveRunning);
        house.clock.set(berlin("2026-12-09T00:00"));
        send_one(&house, "1").await;
        assert_eq!(house.jobs_of(id).await, "waiting 1");
        look_at(&house, "2026-12-10T00:00:01").await;
        assert_eq!(status().await, AutomationStatus::InactiveDone);
        assert_eq!(house.jobs_of(id).await, "cancelled (frame_over) 1");
        look_at(&house, "2026-12-12T00:00").await;
        assert!(settle(&house).await.is_empty());
    }
}

#[tokio::test]
async fn days_hours_and_holidays_postpone_a_job_to_the_next_allowed_moment() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        // A Friday evening before a Monday that is a holiday.
        house.clock.set(berlin("2026-12-04T20:00"));
        let day =
            serde_json::from_value(json!({ "date": "2026-12-07", "name": "Founders", "yearly": false }));
        let (day, owner, now) = (day.unwrap(), house.owner, house.clock.now_ms());
        house
            .db
            .store
            .write(move |tx| Box::pin(async move { holiday::insert(tx, &by(owner), &day, now).await }))
            .await
            .unwrap();
        let frame = json!({ "zone": "Europe/Berlin", "start": "2026-01-01T00:00", "holidays": "never_on",
            "hours": { "from": "08:00", "until": "18:00" },
            "days": { "monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true } });
        let id = house.listen(Listening { frame, ..Listening::to(BOOKED) }).await;
        send_one(&house, "1").await;
        assert_eq!(house.jobs_of(id).await, "waiting 1");
        for closed in ["2026-12-05T10:00", "2026-12-07T10:00", "2026-12-08T07:59:59"] {
            assert_eq!(look_at(&house, closed).await, 0, "{closed}");
        }
        assert_eq!(look_at(&house, "2026-12-08T08:00").await, 1);
        assert_eq!(settle(&house).await[0].counts.accepted, 1);
    }
}

#[tokio::test]
async fn hours_of_the_day_hold_across_both_clock_changes() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(3).await;
        let night = json!({ "zone": "Europe/Berlin", "start": "2026-01-01T00:00",
            "hours": { "from": "02:30", "until": "03:30" } });
        house.clock.set(berlin("2027-03-27T12:00"));
        let id = house.listen(Listening { frame: night, ..Listening::to(BOOKED) }).await;
        send_one(&house, "spring").await;
        // 02:30 does not exist in that night: the first moment after the gap is 03:00.
        assert_eq!(look_at(&house, "2027-03-28T01:59:59").await, 0);
        assert_eq!(look_at(&house, "2027-03-28T03:00").await, 1);
        assert_eq!(house.jobs_of(id).await, "executed 1");
        house.clock.set(berlin("2027-10-30T12:00"));
        house.send_events(&[custom("autumn", BOOKED, "p0002", json!({}))]).await;
        // 02:30 comes twice: the first time is right.
        assert_eq!(look_at(&house, "2027-10-31T02:29:59").await, 0);
        house.clock.set(berlin("2027-10-31T01:30") + 3_600_000);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        settle(&house).await;
        assert!(
            house.mailed_to("p0001@example.org").is_some() && house.mailed_to("p0002@example.org").is_some()
        );
    }
}

#[tokio::test]
async fn a_delay_in_days_keeps_the_clock_time_over_a_clock_change_and_months_end_at_their_end() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        house.clock.set(berlin("2027-03-27T09:00"));
        let frame = json!({ "zone": "Europe/Berlin", "start": "2026-01-01T00:00" });
        house
            .listen(Listening {
                frame: frame.clone(),
                delay: after(1, DelayUnit::Days),
                ..Listening::to(BOOKED)
            })
            .await;
        send_one(&house, "1").await;
        assert_eq!(house.jobs_of_latest().await[0].due_at, Some(berlin("2027-03-28T09:00")));
        house.clock.set(berlin("2027-01-31T09:00"));
        let monthly = "example.monthly";
        house.listen(Listening { frame, delay: after(1, DelayUnit::Months), ..Listening::to(monthly) }).await;
        house.send_events(&[custom("m", monthly, "p0001", json!({}))]).await;
        assert_eq!(house.jobs_of_latest().await[0].due_at, Some(berlin("2027-02-28T09:00")));
    }
}

#[tokio::test]
async fn whoever_ranks_above_the_owner_is_left_out_by_all_three_jobs() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let manager = house.add(NewPerson::system("manager", "Manager")).await;
        house.add(NewPerson::system("boss", "Administrator")).await;
        let link = Job::SendResetLink(Box::default());
        for (job, event) in [(to_system_user(), "example.one"), (link, "example.two")] {
            let id = house.listener_of(Listening { job, ..Listening::to(event) }, manager).await;
            house.activate(id).await.unwrap();
            let mut sent = custom(event, event, "boss", json!({}));
            (sent.contact, sent.system_user) = (None, Some("boss".into()));
            house.send_events(&[sent]).await;
            let job = house.jobs_of_latest().await.remove(0);
            assert_eq!(job.recipient_reason.as_deref(), Some("higher_rank"), "{event}");
        }
    }
}

#[tokio::test]
async fn an_owner_who_has_lost_the_role_sends_nothing_and_the_log_says_why() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let manager = house.add(NewPerson::system("manager", "Manager")).await;
        let of = Listening { delay: after(1, DelayUnit::Hours), ..Listening::to(BOOKED) };
        let id = house.listener_of(of, manager).await;
        house.activate(id).await.unwrap();
        send_one(&house, "1").await;
        let sql = "UPDATE people SET blocked = TRUE WHERE id = $1";
        house
            .db
            .store
            .write(move |tx| Box::pin(async move { tx.execute(sql, params![manager]).await }))
            .await
            .unwrap();
        house.clock.set(house.clock.now_ms() + 3_600_000);
        house.flow.schedule_once().await.unwrap();
        assert!(settle(&house).await.is_empty());
        assert_eq!(house.jobs_of(id).await, "not_acted_on (failed) 1");
        let detail = house.jobs_of_latest().await.remove(0).detail.unwrap();
        assert!(detail.contains("manager"), "{detail}");
        let now = house.automation_now(id).await.unwrap();
        assert_eq!((now.errors_count, now.last_error.is_some()), (1, true));
    }
}

#[tokio::test]
async fn the_kill_switch_keeps_jobs_waiting() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let id = house.listen(Listening::to(BOOKED)).await;
        let now = house.clock.now_ms();
        let stop = |stopped: bool| {
            house.db.store.write(move |tx| {
                Box::pin(async move {
                    let sql = if stopped {
                        "INSERT INTO settings (name, value, updated_at) VALUES ($1, '{}', $2)"
                    } else {
                        "DELETE FROM settings WHERE name = $1 AND updated_at = $2"
                    };
                    tx.execute(sql, params![setting::SENDING_STOPPED, now]).await.map(|_| ())
                })
            })
        };
        stop(true).await.unwrap();
        send_one(&house, "1").await;
        assert_eq!(house.jobs_of(id).await, "waiting 1");
        stop(false).await.unwrap();
        house.flow.schedule_once().await.unwrap();
        settle(&house).await;
        assert_eq!(house.jobs_of(id).await, "executed 1");
    }
}

#[tokio::test]
async fn a_limit_of_a_day_makes_the_rest_wait_and_says_so_once() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(5).await;
        let limited = SendNewPassword { most_people: Some(3), ..SendNewPassword::default() };
        let id = house
            .listen(Listening { job: Job::SendNewPasswordToContact(limited), ..Listening::to(BOOKED) })
            .await;
        let events: Vec<_> =
            (1..=5).map(|n| custom(&format!("{n}"), BOOKED, &format!("p000{n}"), json!({}))).collect();
        house.send_events(&events).await;
        assert_eq!(house.jobs_of(id).await, "executed 3, waiting 2");
        house.clock.set(house.clock.now_ms() + 10_000);
        house.flow.schedule_once().await.unwrap();
        let now = house.automation_now(id).await.unwrap();
        assert!(now.last_error.unwrap().contains("most_people"));
        assert_eq!(now.errors_count, 1);
        house.send_events(&[custom("6", BOOKED, "p0005", json!({}))]).await;
        assert_eq!(house.automation_now(id).await.unwrap().errors_count, 1, "the same limit, met once more");
        house.clock.set(house.clock.now_ms() + 86_400_000);
        house.flow.schedule_once().await.unwrap();
        settle(&house).await;
        assert_eq!(house.jobs_of(id).await, "executed 6");
    }
}

#[tokio::test]
async fn above_the_limit_for_approvals_events_wait_for_a_second_operator() {
    for db in databases().await {
        let limits = Limits { approve_above: 2, ..Limits::default() };
        let house = House::with_limits(db, Through::Mailbox, limits).await;
        house.add_contacts(3).await;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let id = house.listen(Listening::to(BOOKED)).await;
        let events: Vec<_> =
            (1..=3).map(|n| custom(&format!("{n}"), BOOKED, &format!("p000{n}"), json!({}))).collect();
        house.send_events(&events).await;
        assert_eq!(house.jobs_of(id).await, "waiting 3");
        house.flow.approve(id, &by(second), None).await.unwrap();
        house.clock.set(house.clock.now_ms() + 15 * 60_000);
        house.flow.schedule_once().await.unwrap();
        assert_eq!(settle(&house).await[0].counts.accepted, 3);
    }
}

#[tokio::test]
async fn conditions_on_what_an_event_carries_are_held_against_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let event = json!({ "event": BOOKED, "source": "https://courses.example", "conditions": [
            { "field": "course.id", "operator": "equals", "value": "7" },
            { "field": "course.title", "operator": "starts_with", "value": "pottery", "ignore_case": true },
        ] });
        let id = house.listen(Listening { event, ..Listening::to(BOOKED) }).await;
        house
            .send_events(&[
                custom(
                    "1",
                    BOOKED,
                    "p0001",
                    json!({ "course": { "id": 7, "title": "Pottery for beginners" } }),
                ),
                custom(
                    "2",
                    BOOKED,
                    "p0002",
                    json!({ "course": { "id": 8, "title": "Pottery for beginners" } }),
                ),
            ])
            .await;
        settle(&house).await;
        assert!(
            house.mailed_to("p0001@example.org").is_some() && house.mailed_to("p0002@example.org").is_none()
        );
        assert_eq!(house.jobs_of(id).await, "executed 1, not_acted_on (condition_not_met) 1");
        let detail = house.jobs_of_latest().await.remove(0).detail.unwrap();
        assert!(detail.contains("course.id"), "{detail}");
    }
}

#[tokio::test]
async fn with_the_job_for_system_users_the_selection_is_about_who_caused_the_event() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::system("helper", "Helper")).await;
        let robot = house.add(NewPerson { user_type: "api", ..NewPerson::system("robot", "Manager") }).await;
        let programs = house.selection("programs", "user_type eq \"api\"", house.owner).await;
        let of = Listening { selection: Some(programs), job: to_system_user(), ..Listening::to(BOOKED) };
        let id = house.listen(of).await;
        let event = |id: &str| {
            let mut event = custom(id, BOOKED, "helper", json!({}));
            (event.contact, event.system_user) = (None, Some("helper".into()));
            event
        };
        house.flow.accept_events(vec![event("by nobody")], &store::Acting::system()).await.unwrap();
        house.flow.accept_events(vec![event("by a person")], &by(house.owner)).await.unwrap();
        house.flow.accept_events(vec![event("by a program")], &by(robot)).await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert_eq!(settle(&house).await[0].counts.accepted, 1);
        assert_eq!(house.jobs_of(id).await, "executed 1, not_acted_on (causer_not_in_selection) 2");
    }
}

#[tokio::test]
async fn an_erased_person_is_mailed_nothing_and_events_forget_them() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(1).await;
        let id = house.listen(Listening { delay: after(1, DelayUnit::Hours), ..Listening::to(BOOKED) }).await;
        house.send_events(&[custom("1", BOOKED, "p0001", json!({ "note": "Ada" }))]).await;
        let (person, now) = (people[0], house.clock.now_ms());
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    store::event::forget_person(tx, person, now).await?;
                    tx.execute("DELETE FROM people WHERE id = $1", params![person]).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        house.clock.set(now + 3_600_000);
        house.flow.schedule_once().await.unwrap();
        assert!(settle(&house).await.is_empty());
        assert_eq!(house.jobs_of(id).await, "cancelled (gone) 1");
        let event = house.db.store.read(|tx| Box::pin(store::event::latest(tx))).await.unwrap().unwrap();
        assert_eq!((event.contact, event.data), (None, serde_json::Value::Null));
    }
}

#[tokio::test]
async fn old_events_are_forgotten_and_known_for_72_hours_at_least() {
    for db in databases().await {
        let limits = Limits { keep_events_ms: 0, ..Limits::default() };
        let house = House::with_limits(db, Through::Mailbox, limits).await;
        house.add_contacts(1).await;
        house.listen(Listening::to(BOOKED)).await;
        send_one(&house, "1").await;
        house.clock.set(house.clock.now_ms() + 72 * 3_600_000 - 1);
        house.flow.schedule_once().await.unwrap();
        assert_eq!(house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await.known, 1);
        house.clock.set(house.clock.now_ms() + 60_000);
        house.flow.schedule_once().await.unwrap();
        assert!(house.db.store.read(|tx| Box::pin(store::event::latest(tx))).await.unwrap().is_none());
    }
}
