//! What becomes of people when the relay answers, refuses, stalls or breaks off in the middle of one mail.

use domain::automation::SendNewPassword;
use domain::credential::CredentialState::{Active, Dropped, Unknown};
use domain::recipient::RecipientState::{Accepted, Deferred, Refused, Unknown as Lost};
use domain::run::RunState;
use flow::Report;
use smtp::Tls;
use std::time::Duration;
use store::run::Run;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, NewPerson, OLD, TEST_NOW, Through, databases, passwords, reach, waiting};

const ADA: &str = "p0001@example.org";

/// Some people with an old password, a relay with a script, and a run for all of them that has begun.
pub(crate) async fn begun(db: Database, people: usize, script: Script) -> (House, ScriptedRelay, Run) {
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(people).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    (house, relay, run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_takes_everything_leaves_one_working_password_each() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 6, Script { chunking: true, ..Script::default() }).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 6), "{:?}", house.db.engine());
        assert_eq!(relay.stored(), 6);
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 6]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_deferred_twice_arrives_at_the_third_attempt_and_the_waits_grow() {
    for db in databases().await {
        let later = || Action::reply("451 4.2.0 try again later");
        let (house, relay, run) = begun(db, 2, Script::default().rcpt(ADA, [later(), later()])).await;
        let mut waits = Vec::new();
        for _ in 0..2 {
            let run = house.work(run.id).await;
            assert_eq!((run.state, run.counts.deferred, run.counts.accepted), (RunState::Running, 1, 1));
            assert!(house.opens("p0001", OLD).await, "the old password works until the 250");
            let due = house.next_due(run.id).await.unwrap();
            waits.push(due - house.clock.now_ms());
            house.clock.set(due);
        }
        assert!(waits[0] >= 30_000 && waits[1] > waits[0], "{waits:?}");

        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted, run.counts.deferred), (RunState::Finished, 2, 0));
        assert_eq!(house.credentials("p0001").await, [Dropped, Dropped, Active]);
        assert_eq!(relay.messages_for(ADA).len(), 1);
        assert_eq!(house.prove(run.id, &relay).await, [Accepted, Accepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_refused_keeps_the_old_password_and_is_named_in_the_report() {
    for db in databases().await {
        let script = Script::default()
            .rcpt(ADA, [Action::reply("550 5.1.1 no such user <p0001@example.org>")])
            .rcpt("p0002@example.org", [Action::reply("552 5.2.2 mailbox full")]);
        let (house, relay, run) = begun(db, 4, script).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted, run.counts.refused), (RunState::Finished, 2, 2));

        let report = Report::read(&house.db.store, run.id, TEST_NOW).await.unwrap();
        let refused: Vec<_> = report.refused.into_iter().collect();
        assert_eq!(refused, [("mailbox-full".to_owned(), 1), ("mailbox-unknown".to_owned(), 1)]);
        let named = house.listed(run.id).await;
        let reply = named[0].reply.clone().unwrap();
        assert!(reply.contains("no such user") && !reply.contains("p0001"), "{reply}");
        assert_eq!(house.credentials("p0001").await, [Dropped]);

        // A mailbox that does not exist is not written to again; a full one is.
        let second = house.usual("username sw \"p\"", SendNewPassword::default()).await;
        let preview = house.flow.preview(second, None, 10).await.unwrap();
        let reasons: Vec<_> = preview
            .left_out
            .iter()
            .map(|one| (one.username.as_str(), one.reason.unwrap().as_str()))
            .collect();
        assert!(reasons.contains(&("p0001", "undeliverable")) && !reasons.iter().any(|one| one.0 == "p0002"));
        assert_eq!(house.prove(run.id, &relay).await, [Refused, Refused, Accepted, Accepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_stalls_before_the_end_of_a_mail_delays_it_and_locks_nobody_out() {
    for db in databases().await {
        let relay = ScriptedRelay::start(Script::default().nth(Stage::Rcpt, 2, Action::Stall)).await;
        let mut reached = reach(&relay, Tls::None);
        reached.relay.timeouts = waiting(Duration::from_millis(700));
        let house = House::over(db, Through::Relays(vec![reached])).await;
        house.add_with_old_password(4).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Running, "{run:?}");
        assert!(run.counts.deferred >= 1 && run.counts.unknown == 0, "{run:?}");
        assert!(house.opens("p0002", OLD).await);

        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 4), "{run:?}");
        assert_eq!(relay.stored(), 4, "nobody is mailed twice");
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 4]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_cut_before_its_content_was_not_sent_and_is_tried_again() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 3, Script::default().nth(Stage::Data, 1, Action::Cut)).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.unknown), (RunState::Running, 0), "{run:?}");
        assert!(house.opens("p0001", OLD).await);
        assert_eq!(house.credentials("p0001").await, [Dropped]);

        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3), "{run:?}");
        assert_eq!(relay.stored(), 3);
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 3]);
    }
}

/// Our side has written the final dot and cannot know that the relay did not read it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_cut_within_its_content_counts_as_lost_until_the_next_one_arrives() {
    for db in databases().await {
        let script = Script::default().nth(Stage::Data, 1, Action::CutWithinContent(200));
        let (house, relay, run) = begun(db, 3, script).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.refused), (RunState::Running, 0), "{run:?}");
        assert!(house.opens("p0001", OLD).await);
        assert_eq!(house.credentials("p0001").await, [Unknown]);

        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3), "{run:?}");
        assert_eq!(relay.stored(), 3, "nobody is mailed twice");
        assert_eq!(house.prove(run.id, &relay).await, [Accepted; 3]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_always_breaks_the_connection_is_given_up_in_the_end() {
    for db in databases().await {
        let script = Script::default().answer(|moment| {
            if moment.stage == Stage::Data && moment.recipient == ADA { Action::Cut } else { Action::Accept }
        });
        let (house, relay, run) = begun(db, 3, script).await;
        let run = house.work_through(run.id, 7 * 24 * 3_600_000).await;
        assert_eq!(
            (run.state, run.counts.accepted, run.counts.refused),
            (RunState::Finished, 2, 1),
            "{run:?}"
        );
        assert_eq!(house.prove(run.id, &relay).await, [Refused, Accepted, Accepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_answer_is_lost_the_old_and_the_mailed_password_both_open() {
    for db in databases().await {
        let (house, relay, run) =
            begun(db, 2, Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Running, "{run:?}");
        assert_eq!(house.credentials("p0001").await, [Unknown]);
        let listed = house.listed(run.id).await;
        assert_eq!((listed[0].state, listed[0].reason.as_deref()), (Deferred, Some("answer_lost")));
        house.standings(run.id, &relay).await[0].check();
        assert!(!house.opens("p0001", OLD).await, "the mailed password was used, so the old one is void");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_followed_by_another_mail_and_the_newest_opens() {
    for db in databases().await {
        let (house, relay, run) =
            begun(db, 2, Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        let run = house.work_through(run.id, 600_000).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 2), "{run:?}");
        assert_eq!(relay.messages_for(ADA).len(), 2);
        assert_eq!(house.credentials("p0001").await, [Unknown, Active]);
        let [first, second] = passwords(&relay, ADA).try_into().unwrap();
        assert_eq!(house.prove(run.id, &relay).await, [Accepted, Accepted]);
        assert!(!house.opens("p0001", &first).await && !house.opens("p0001", &second).await, "all used up");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_chose_a_password_after_a_lost_answer_is_not_written_to_again() {
    for db in databases().await {
        let (house, relay, run) =
            begun(db, 2, Script::default().nth(Stage::Content, 1, Action::store_and_cut())).await;
        house.work(run.id).await;
        let mailed = passwords(&relay, ADA).pop().unwrap();
        assert!(house.opens("p0001", &mailed).await);
        // What the set-a-new-password page stores.
        let hash = "UPDATE people SET must_change = FALSE, password_set = 'chosen', password_hash =
            (SELECT q.password_hash FROM people q WHERE q.username = 'owner2') WHERE username = 'p0001'";
        house.add(NewPerson { password: "chosen by the person", ..NewPerson::contact("owner2") }).await;
        house.change(hash, Vec::new()).await;

        let run = house.work_through(run.id, 600_000).await;
        assert_eq!(
            (run.state, run.counts.accepted, run.counts.deferred),
            (RunState::Finished, 2, 0),
            "{run:?}"
        );
        assert_eq!(relay.messages_for(ADA).len(), 1, "the mail has arrived");
        assert!(house.opens("p0001", "chosen by the person").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_lost_again_and_again_end_as_unknown_while_every_mail_still_opens() {
    for db in databases().await {
        let script = Script::default().answer(|moment| {
            if moment.stage == Stage::Content && moment.recipient == ADA {
                // The first is stored, the later ones are not: the oldest candidate is the one that matters.
                if moment.nth <= 1 { Action::store_and_cut() } else { Action::Cut }
            } else {
                Action::Accept
            }
        });
        let (house, relay, run) = begun(db, 2, script).await;
        let run = house.work_through(run.id, 7 * 24 * 3_600_000).await;
        assert_eq!((run.state, run.counts.unknown), (RunState::Finished, 1), "{run:?}");
        house.clock.set(TEST_NOW + 60_000);
        assert_eq!(house.prove(run.id, &relay).await, [Lost, Accepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_the_relay_cannot_write_to_is_reported_and_the_old_password_stays() {
    for db in databases().await {
        let (house, relay, run) = begun(db, 0, Script { smtputf8: false, ..Script::default() }).await;
        assert_eq!(run.state, RunState::Finished, "nobody yet");
        for name in ["jörg", "mária"] {
            house.add(NewPerson { password: OLD, ..NewPerson::contact(name) }).await;
        }
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.accepted, run.counts.refused),
            (RunState::Finished, 1, 2),
            "{run:?}"
        );
        assert!(relay.messages().iter().all(|mail| mail.rcpt_to == ["ada@example.org"]));
        assert_eq!(relay.heard(Stage::Rcpt), 1, "not a word about them is said to the relay");
        let report = Report::read(&house.db.store, run.id, TEST_NOW).await.unwrap();
        assert_eq!(report.refused.into_iter().collect::<Vec<_>>(), [("needs-smtputf8".to_owned(), 2)]);
        assert_eq!(house.prove(run.id, &relay).await, [Refused, Refused, Accepted]);
    }
}
