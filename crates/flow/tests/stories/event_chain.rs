//! Chains: what one automation leads to begins another, with the same person, and never itself.

use crate::bounce::{notification, path_to};
use domain::automation::{Job, SendNewPassword, Target};
use domain::event::{BuiltIn, Delay, DelayUnit};
use domain::id::AutomationId;
use serde_json::json;
use store::run;
use testkit::{House, Listening, NewPerson, Through, custom, databases};

const BOOKED: &str = "example.course.booked";
const DAY: i64 = 86_400_000;

/// Works until every run is at rest and no new one begins; gives how many there are.
async fn settle(house: &House) -> usize {
    let mut before = usize::MAX;
    loop {
        house.flow.schedule_once().await.unwrap();
        let runs =
            house.db.store.read(|tx| Box::pin(async move { run::list(tx, None, i64::MAX, 1_000).await }));
        let runs = runs.await.unwrap();
        if runs.len() == before || runs.len() > 30 {
            return runs.len();
        }
        before = runs.len();
        for one in runs {
            house.work(one.id).await;
        }
        // Beyond what keeps runs of one automation apart.
        house.clock.set(house.clock.now_ms() + 6_000);
    }
}

fn again() -> Job {
    Job::SendNewPasswordToContact(SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() })
}

fn after(automation: AutomationId) -> Listening {
    let what = BuiltIn::AutomationFinished.type_name();
    Listening {
        event: json!({ "event": what, "automation": automation }),
        job: again(),
        ..Listening::to(&what)
    }
}

#[tokio::test]
async fn what_an_automation_has_finished_for_a_contact_begins_the_next_one_for_the_same_contact() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let first = house.listen(Listening::to(BOOKED)).await;
        let delay = Some(Delay::new(2, DelayUnit::Days).unwrap());
        let job = Job::SendResetLink(Box::default());
        let second = house.listen(Listening { job, delay, ..after(first) }).await;
        house.send_events(&[custom("1", BOOKED, "p0002", json!({}))]).await;
        assert_eq!(settle(&house).await, 1);
        assert_eq!(house.jobs_of(second).await, "waiting 1");
        let waiting = house.jobs_of_latest().await.remove(0);
        assert_eq!(waiting.username.as_deref(), Some("p0002"));
        house.clock.set(house.clock.now_ms() + 2 * DAY);
        assert_eq!(settle(&house).await, 2);
        assert_eq!(house.jobs_of(second).await, "executed 1");
        let mail = house.mailbox.newest_to("p0002@example.org").and_then(|mail| mail.text).unwrap();
        assert!(mail.contains("/reset/link/"), "{mail}");
        assert!(house.mailbox.newest_to("p0001@example.org").is_none());
    }
}

#[tokio::test]
async fn an_automation_does_not_act_on_what_itself_has_led_to() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let what = BuiltIn::AutomationFinished.type_name();
        house.listen(Listening::to(BOOKED)).await;
        let any = house.listen(Listening { job: again(), ..Listening::to(&what) }).await;
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        assert_eq!(settle(&house).await, 2);
        assert_eq!(house.jobs_of(any).await, "executed 1, not_acted_on (cycle) 1");
    }
}

#[tokio::test]
async fn two_automations_that_listen_to_every_run_do_not_go_on_for_ever() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(2).await;
        let what = BuiltIn::RunFinished.type_name();
        for person in people {
            let confirmed = vec!["system-event".to_owned()];
            let target = Target::Person(person);
            house.listen(Listening { job: again(), target, confirmed, ..Listening::to(&what) }).await;
        }
        let usual = house.usual("username eq \"p0001\"", SendNewPassword::default()).await;
        let run = house.start(usual).await;
        house.work(run.id).await;
        let runs = settle(&house).await;
        assert!((3..=5).contains(&runs), "one, one of each, and at most one more of each: {runs}");
    }
}

#[tokio::test]
async fn a_chain_ends_when_too_many_automations_led_to_an_event() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let mut chain = vec![house.listen(Listening::to(BOOKED)).await];
        for _ in 1..=domain::event_job::LONGEST_CHAIN {
            let last = *chain.last().unwrap();
            chain.push(house.listen(after(last)).await);
        }
        house.send_events(&[custom("1", BOOKED, "p0001", json!({}))]).await;
        assert_eq!(settle(&house).await, domain::event_job::LONGEST_CHAIN);
        let (last, before) = chain.split_last().unwrap();
        for id in before {
            assert_eq!(house.jobs_of(*id).await, "executed 1");
        }
        assert_eq!(house.jobs_of(*last).await, "not_acted_on (chain_too_long) 1");
    }
}

#[tokio::test]
async fn a_bounce_does_not_make_the_automation_that_mailed_it_act_again() {
    for db in databases().await {
        let house = House::with_bounces(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let what = BuiltIn::MailBounced.type_name();
        let id = house.listen(Listening { job: again(), ..Listening::to(&what) }).await;
        let usual = house.usual("username eq \"ada\"", SendNewPassword::default()).await;
        let run = house.start(usual).await;
        house.work(run.id).await;
        for (runs, stands) in [(2, "executed 1"), (2, "executed 1, not_acted_on (cycle) 1")] {
            let path = path_to(&house, "ada@example.org");
            let full = notification(&path, "failed", ("5.2.2", "552 5.2.2 mailbox full"));
            house.flow.take_back(full, None).await.unwrap();
            assert_eq!(settle(&house).await, runs);
            assert_eq!(house.jobs_of(id).await, stands);
        }
    }
}
