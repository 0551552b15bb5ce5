//! Personal links through a real relay: refused, put off, stalled, lost, by two nodes, and after a crash.

use crate::reset::{answer, ask, audited, opens_whom, outcomes, reset, states, texts, tokens};
use auth::reset::Reset;
use domain::account_mail::MOST_ATTEMPTS;
use domain::secret::Secret;
use flow::Stop;
use smtp::Tls;
use std::time::{Duration, Instant};
use store::account_mail;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, NewPerson, OLD, TEST_NOW, Through, databases, reach, waiting};

const ADA: &str = "ada@example.org";

/// The tokens of all links a relay stored for an address, oldest first.
pub(crate) fn mailed(relay: &ScriptedRelay, address: &str) -> Vec<Secret> {
    let read = |content: Vec<u8>| {
        let mailbox = mail::mailbox::Mailbox::new(1, 1 << 20);
        let id = mailbox.deliver("", address, content, 0);
        tokens(&mailbox.get(id).unwrap().text.unwrap())
    };
    relay.messages_for(address).into_iter().flat_map(|mail| read(mail.content)).collect()
}

/// A house with Ada, who has forgotten her password, and a relay with a script.
async fn asked(db: Database, script: Script) -> (House, ScriptedRelay, domain::id::PersonId) {
    let relay = ScriptedRelay::start(script).await;
    let mut reached = reach(&relay, Tls::None);
    reached.relay.timeouts = waiting(Duration::from_secs(3));
    let house = House::over(db, Through::Relays(vec![reached])).await;
    let ada = house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
    ask(&house, "ada").await;
    (house, relay, ada)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_put_off_by_the_relay_is_mailed_at_the_next_try_with_another_token() {
    for db in databases().await {
        let script = Script::default().nth(Stage::Content, 1, Action::reply("451 4.3.0 try again later"));
        let (house, relay, ada) = asked(db, script).await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(
            (states(&house).await, outcomes(&house).await),
            (vec!["dropped".into()], vec!["due".into()])
        );
        house.clock.set(TEST_NOW + 9_999);
        assert_eq!(answer(&house).await, 0, "not before its time");
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!(answer(&house).await, 1);
        assert_eq!(states(&house).await, ["dropped", "active"]);
        assert_eq!(mailed(&relay, ADA).len(), 1);
        assert_eq!(audited(&house, ada).await, ["reset.asked", "reset.link_sent"]);
        assert_eq!(reset(&house, &mailed(&relay, ADA)[0]).await, Reset::Done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_put_off_six_times_is_given_up_and_operators_see_it() {
    for db in databases().await {
        let script = Script::default().always(Stage::Rcpt, Action::reply("451 4.2.0 later"));
        let (house, relay, ada) = asked(db, script).await;
        for attempt in 1..=MOST_ATTEMPTS {
            house.clock.set(TEST_NOW + attempt * 20 * 60_000);
            assert_eq!(answer(&house).await, 0);
        }
        assert_eq!((outcomes(&house).await, relay.stored()), (vec!["given_up".to_owned()], 0));
        assert_eq!(audited(&house, ada).await, ["reset.asked", "reset.link_failed"]);
        assert!(states(&house).await.iter().all(|state| state == "dropped"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_link_is_void_the_address_is_marked_and_the_old_password_stays() {
    for db in databases().await {
        let script =
            Script::default().always(Stage::Rcpt, Action::reply("550 5.1.1 no such user <ada@example.org>"));
        let (house, relay, ada) = asked(db, script).await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(
            (states(&house).await, outcomes(&house).await),
            (vec!["dropped".into()], vec!["given_up".into()])
        );
        assert_eq!(audited(&house, ada).await, ["reset.asked", "reset.link_failed"]);
        let detail = texts(&house, "SELECT detail FROM account_mails", &[]).await.remove(0);
        assert!(detail.contains("550 5.1.1 no such user") && !detail.contains("ada@"), "{detail}");
        let marked = texts(&house, "SELECT undeliverable FROM people WHERE username = 'ada'", &[]).await;
        assert_eq!(marked, ["mailbox-unknown"]);
        assert!(house.opens("ada", OLD).await);
        house.clock.set(TEST_NOW + 2 * 60_000);
        ask(&house, "ada").await;
        assert_eq!((answer(&house).await, relay.heard(Stage::Rcpt)), (0, 1), "not written to again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_answer_is_lost_the_link_stays_good_beside_the_next_until_one_is_used() {
    for db in databases().await {
        let (house, relay, _) =
            asked(db, Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(states(&house).await, ["unknown"]);
        let first = mailed(&relay, ADA).remove(0);
        assert_eq!(opens_whom(&house, &first).await.as_deref(), Some("ada"));
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!(answer(&house).await, 1);
        let second = mailed(&relay, ADA).remove(1);
        assert_ne!(first.expose(), second.expose());
        assert!(opens_whom(&house, &first).await.is_some() && opens_whom(&house, &second).await.is_some());
        assert_eq!(reset(&house, &first).await, Reset::Done);
        assert_eq!(reset(&house, &second).await, Reset::Gone);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_used_a_link_whose_answer_was_lost_is_mailed_no_other() {
    for db in databases().await {
        let (house, relay, _) =
            asked(db, Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(reset(&house, &mailed(&relay, ADA)[0]).await, Reset::Done);
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!(answer(&house).await, 1, "only the word that it was changed");
        assert_eq!((mailed(&relay, ADA).len(), relay.stored()), (1, 2));
        assert_eq!(outcomes(&house).await, ["accepted", "accepted"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_stalls_before_the_content_delays_a_link_and_one_that_is_away_too() {
    for db in databases().await {
        let (house, relay, _) = asked(db, Script::default().nth(Stage::Rcpt, 1, Action::Stall)).await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(states(&house).await, ["dropped"]);
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!((answer(&house).await, mailed(&relay, ADA).len()), (1, 1));

        let address = relay.address().to_string();
        drop(relay);
        tokio::time::sleep(Duration::from_millis(50)).await;
        house.clock.set(TEST_NOW + 2 * 60_000);
        ask(&house, "ada").await;
        assert_eq!(answer(&house).await, 0);
        let relay = ScriptedRelay::start_at(Script::default(), &address).await;
        house.clock.set(TEST_NOW + 3 * 60_000);
        assert_eq!((answer(&house).await, mailed(&relay, ADA).len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_takes_its_time_over_one_mail_keeps_nobody_else_waiting() {
    for db in databases().await {
        let script = Script::default().rcpt(ADA, [Action::Stall]);
        let relay = ScriptedRelay::start(script).await;
        let mut reached = reach(&relay, Tls::None);
        reached.relay.timeouts = waiting(Duration::from_secs(3_600));
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add(NewPerson::contact("ada")).await;
        house.add(NewPerson::contact("bob")).await;
        let (lane, stop) = (house.flow.clone(), Stop::new());
        let lane = tokio::spawn({
            let stop = stop.clone();
            async move { lane.answer_people(stop).await }
        });
        ask(&house, "ada").await;
        while relay.heard(Stage::Rcpt) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        ask(&house, "bob").await;
        tokio::time::timeout(Duration::from_secs(30), relay.wait_for(1)).await.expect("while hers hangs");
        assert_eq!(mailed(&relay, "bob@example.org").len(), 1);
        drop(relay);
        stop.request((Instant::now() + Duration::from_secs(5)).into());
        lane.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_between_claim_and_record_the_link_stays_good_and_the_next_node_mints_another() {
    for db in databases().await {
        // The first mail is taken, but its answer never comes: the process dies while it waits.
        let stalled = Action::StoreThen(Box::new(Action::Stall));
        let relay = ScriptedRelay::start(Script::default().nth(Stage::Content, 1, stalled)).await;
        let mut reached = reach(&relay, Tls::None);
        reached.relay.timeouts = waiting(Duration::from_secs(3_600));
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add(NewPerson::contact("ada")).await;
        ask(&house, "ada").await;
        let flow = house.flow.clone();
        let dies = tokio::spawn(async move { flow.answer_people_once(&Stop::new()).await });
        relay.wait_for(1).await;
        dies.abort();
        assert!(dies.await.unwrap_err().is_cancelled());
        assert_eq!(states(&house).await, ["sending"]);

        let node = house.another_node().await;
        assert_eq!(node.answer_people_once(&Stop::new()).await.unwrap(), 0, "it is claimed");
        house.clock.set(TEST_NOW + account_mail::LEASE_MS);
        assert_eq!(node.answer_people_once(&Stop::new()).await.unwrap(), 1);
        assert_eq!(states(&house).await, ["unknown", "active"]);
        let links = mailed(&relay, ADA);
        assert_eq!(links.len(), 2);
        for link in &links {
            assert_eq!(opens_whom(&house, link).await.as_deref(), Some("ada"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_at_once_mail_each_link_once() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default()).await;
        let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
        house.add_contacts(20).await;
        for n in 1..=20 {
            ask(&house, &format!("p{n:04}")).await;
        }
        let node = house.another_node().await;
        let stop = Stop::new();
        let (one, two) = tokio::join!(house.flow.answer_people_once(&stop), node.answer_people_once(&stop));
        assert_eq!(one.unwrap() + two.unwrap(), 20, "{:?}", house.db.engine());
        assert_eq!(relay.stored(), 20);
        for n in 1..=20 {
            assert_eq!(mailed(&relay, &format!("p{n:04}@example.org")).len(), 1);
        }
    }
}
