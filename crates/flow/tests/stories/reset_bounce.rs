//! Account mails that come back, and those of a process that is gone: who is marked, which links are void, who gets
//! another mail.

use crate::bounce::{NO_SUCH_USER, notification, path_to, undeliverable};
use crate::reset::{answer, ask, audited, opens_whom, outcomes, reset, states, texts, tokens};
use crate::reset_relay::mailed;
use auth::reset::Reset;
use domain::id::PersonId;
use domain::secret::Key;
use flow::{Bounced, Stop, Why};
use mail::bounce::Bounce;
use smtp::Tls;
use std::collections::BTreeMap;
use std::time::Duration;
use store::account_mail_view;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, NewPerson, OLD, TEST_NOW, Through, databases, reach, waiting};

const ADA: &str = "ada@example.org";

/// A house in which Ada, who shares her mailbox with Eve, was mailed links that the relay accepted.
async fn linked(db: Database) -> (House, PersonId, PersonId) {
    let house = House::with_bounces(db, Through::Mailbox).await;
    let ada = house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
    let eve = house.add(NewPerson { address: ADA.into(), ..NewPerson::contact("eve") }).await;
    ask(&house, "ada").await;
    assert_eq!(answer(&house).await, 1, "a mail with a return path of its own leaves");
    (house, ada, eve)
}

fn ignored(why: Why) -> Bounced {
    Bounced::Ignored { why }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_44_a_link_that_comes_back_marks_everybody_with_the_mailbox_voids_the_links_and_mails_nothing_new()
 {
    for db in databases().await {
        let (house, ada, eve) = linked(db).await;
        let links = tokens(&house.mailbox.newest_to(ADA).unwrap().text.unwrap());
        assert_eq!(links.len(), 2);
        let bounce = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        let found = house.flow.take_back(bounce.clone(), None).await.unwrap();
        assert_eq!(
            found,
            Bounced::AccountMail { reason: "mailbox-unknown", marked: 2 },
            "{:?}",
            house.db.engine()
        );
        for person in [ada, eve] {
            let cause = undeliverable(&house, person).await.unwrap();
            assert_eq!(cause, "mailbox-unknown: mail came back (5.1.1)");
            assert_eq!(audited(&house, person).await.last().map(String::as_str), Some("reset.bounced"));
        }
        let words = texts(&house, "SELECT detail FROM audit WHERE action = 'reset.bounced'", &[]).await;
        assert!(
            words.iter().all(|words| words.contains("no such user") && !words.contains(ADA)),
            "{words:?}"
        );
        for link in &links {
            assert_eq!(opens_whom(&house, link).await, None);
        }
        assert_eq!(states(&house).await, ["retired", "retired"]);
        assert!(house.opens("ada", OLD).await, "no password changed");
        house.clock.set(TEST_NOW + 3_600_000);
        assert_eq!(answer(&house).await, 0, "nothing new is sent");
        assert_eq!(house.flow.take_back(bounce, None).await.unwrap(), Bounced::Repeated);
        ask(&house, "ada").await;
        assert_eq!(answer(&house).await, 0, "nor when she asks: nothing arrives there");
        assert_eq!(outcomes(&house).await, ["accepted", "left_out"]);
        let now = house.clock.now_ms();
        let trouble = house
            .db
            .store
            .read(move |tx| Box::pin(async move { account_mail_view::trouble(tx, now).await }))
            .await
            .unwrap();
        assert_eq!((trouble.bounced, trouble.given_up, trouble.waiting), (1, 0, 0));
        assert!(trouble.last_cause.unwrap().starts_with("mailbox-unknown: mail came back (5.1.1)"));
        assert_eq!(trouble.since, Some(TEST_NOW));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_75_a_forged_return_path_of_an_account_mail_changes_nothing_and_is_audited() {
    for db in databases().await {
        let (house, ada, _) = linked(db).await;
        let to = domain::address::Address::parse(ADA).unwrap();
        let path = path_to(&house, ADA);
        let key = path.strip_prefix("bounce+").unwrap().split('.').next().unwrap().to_owned();
        let forger = Bounce::new("bounces.portal.example", &Key::new([7; 32]));
        let mut swapped = path.clone();
        swapped.replace_range(12..13, if &path[12..13] == "0" { "1" } else { "0" });
        for forged in [forger.return_path(&key, &to), swapped] {
            let mail = notification(&forged, "failed", NO_SUCH_USER);
            let found = house.flow.take_back(mail, None).await.unwrap();
            assert_eq!(found, ignored(Why::Forged), "{forged}");
            house.flow.note_ignored(&BTreeMap::from([(Why::Forged, 1)])).await.unwrap();
        }
        assert_eq!(undeliverable(&house, ada).await, None);
        assert_eq!(states(&house).await, ["active", "active"]);
        let noted = texts(&house, "SELECT detail FROM audit WHERE action = 'bounce.ignored'", &[]).await;
        assert_eq!(noted, [r#"{"forged":1}"#, r#"{"forged":1}"#]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_mailbox_marks_nobody_and_whoever_used_the_link_has_got_the_mail() {
    for db in databases().await {
        let (house, ada, _) = linked(db).await;
        let links = tokens(&house.mailbox.newest_to(ADA).unwrap().text.unwrap());
        let path = path_to(&house, ADA);
        let full = notification(&path, "failed", ("5.2.2", "552 5.2.2 mailbox full"));
        let found = house.flow.take_back(full, None).await.unwrap();
        assert_eq!(found, Bounced::AccountMail { reason: "mailbox-full", marked: 0 });
        assert_eq!(undeliverable(&house, ada).await, None);
        assert_eq!(
            opens_whom(&house, &links[0]).await.as_deref(),
            Some("ada"),
            "the address is not at fault"
        );

        house.clock.set(TEST_NOW + 61_000);
        ask(&house, "ada").await;
        assert_eq!(answer(&house).await, 1);
        let path = path_to(&house, ADA);
        let fresh = tokens(&house.mailbox.newest_to(ADA).unwrap().text.unwrap());
        assert_eq!(reset(&house, &fresh[0]).await, Reset::Done);
        let late = notification(&path, "failed", NO_SUCH_USER);
        assert_eq!(house.flow.take_back(late, None).await.unwrap(), ignored(Why::Used));
        // The word that the password was changed comes back: it is about her alone.
        assert_eq!(answer(&house).await, 1);
        let told = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        let found = house.flow.take_back(told, None).await.unwrap();
        assert_eq!(found, Bounced::AccountMail { reason: "mailbox-unknown", marked: 2 });
        let noted = audited(&house, ada).await;
        assert_eq!(noted.last().map(String::as_str), Some("password.notice_bounced"), "{noted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_without_an_answer_that_comes_back_is_not_tried_again() {
    for db in databases().await {
        let relay =
            ScriptedRelay::start(Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        let house = House::with_bounces(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
        let ada = house.add(NewPerson::contact("ada")).await;
        ask(&house, "ada").await;
        assert_eq!(answer(&house).await, 0);
        assert_eq!(
            (outcomes(&house).await, states(&house).await),
            (vec!["due".into()], vec!["unknown".into()])
        );
        let path = relay.messages_for(ADA)[0].mail_from.clone();
        let found = house.flow.take_back(notification(&path, "failed", NO_SUCH_USER), None).await.unwrap();
        assert_eq!(found, Bounced::AccountMail { reason: "mailbox-unknown", marked: 1 });
        assert!(undeliverable(&house, ada).await.is_some());
        house.clock.set(TEST_NOW + 600_000);
        assert_eq!((answer(&house).await, relay.stored()), (0, 1));
        assert_eq!(outcomes(&house).await, ["given_up"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_process_had_in_hand_is_mailed_by_the_next_one_and_both_links_work() {
    for db in databases().await {
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

        let node = house.another_node().await;
        for (after, mails) in [(44_000, 0), (45_000, 1)] {
            house.clock.set(TEST_NOW + after);
            node.rescue_account_mails().await;
            assert_eq!(node.answer_people_once(&Stop::new()).await.unwrap(), mails, "after {after} ms");
        }
        assert_eq!(states(&house).await, ["unknown", "active"], "{:?}", house.db.engine());
        for link in mailed(&relay, ADA) {
            assert_eq!(opens_whom(&house, &link).await.as_deref(), Some("ada"));
        }
        house.clock.set(TEST_NOW + 3_600_000);
        node.rescue_account_mails().await;
        assert_eq!(node.answer_people_once(&Stop::new()).await.unwrap(), 0, "it is done with");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_of_a_process_that_lives_are_left_to_it() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default().always(Stage::Content, Action::Stall)).await;
        let mut reached = reach(&relay, Tls::None);
        reached.relay.timeouts = waiting(Duration::from_secs(3_600));
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add(NewPerson::contact("ada")).await;
        ask(&house, "ada").await;
        let flow = house.flow.clone();
        let works = tokio::spawn(async move { flow.answer_people_once(&Stop::new()).await });
        while texts(&house, "SELECT node FROM account_mails WHERE node IS NOT NULL", &[]).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let node = house.another_node().await;
        house.clock.set(TEST_NOW + 300_000);
        let me = store::node::Node {
            id: house.flow.settings().node.clone(),
            roles: "worker".into(),
            listen: String::new(),
            started_at: TEST_NOW,
            seen_at: TEST_NOW + 290_000,
        };
        house
            .db
            .store
            .write::<_, store::StoreError, _>(move |tx| {
                Box::pin(async move { store::node::save(tx, &me).await })
            })
            .await
            .unwrap();
        node.rescue_account_mails().await;
        assert_eq!(node.answer_people_once(&Stop::new()).await.unwrap(), 0, "{:?}", house.db.engine());
        works.abort();
    }
}
