//! Mails that were accepted and come back: who is *bounced*, who is marked undeliverable, and what is left alone.

use auth::login::SignIn;
use domain::automation::SendNewPassword;
use domain::credential::CredentialState::{Active, Unknown};
use domain::id::{PersonId, RecipientId};
use domain::recipient::RecipientState;
use domain::run::RunState;
use domain::secret::Key;
use flow::{Bounced, Report, RetryOf, Why};
use mail::bounce::Bounce;
use smtp::Tls;
use std::collections::BTreeMap;
use store::bounce::Changed;
use store::person::PersonChange;
use store::run::Run;
use store::{Acting, StoreError};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, NewPerson, TEST_NOW, Through, by, databases, reach};

const ADA: &str = "ada@example.org";
pub(crate) const NO_SUCH_USER: (&str, &str) = ("5.1.1", "550 5.1.1 <ada@example.org>: no such user here");

/// A house in which Ada was mailed a password that the relay accepted.
async fn mailed(db: Database) -> (House, PersonId, Run) {
    let house = House::with_bounces(db, Through::Mailbox).await;
    let ada = house.add(NewPerson::contact("ada")).await;
    house.add(NewPerson::contact("bob")).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    let run = house.work(run.id).await;
    assert_eq!(run.counts.accepted, 2, "{:?}", house.db.engine());
    (house, ada, run)
}

pub(crate) fn path_to(house: &House, address: &str) -> String {
    house.mailbox.newest_to(address).unwrap().summary.envelope_from
}

/// A delivery status notification as a mail server writes it.
pub(crate) fn notification(path: &str, action: &str, (status, words): (&str, &str)) -> Vec<u8> {
    format!(
        "From: MAILER-DAEMON@mx.example.org\r\nTo: <{path}>\r\nSubject: Returned\r\nAuto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
         Final-Recipient: rfc822; ada@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {words}\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

fn recorded(house_run: &Run, place: u32, reason: &'static str, recipient: bool, person: bool) -> Bounced {
    Bounced::Recorded { run: house_run.number, place, reason, changed: Changed { recipient, person } }
}

fn ignored(why: Why) -> Bounced {
    Bounced::Ignored { why }
}

pub(crate) async fn undeliverable(house: &House, id: PersonId) -> Option<String> {
    let person = house.db.store.read(move |tx| Box::pin(store::person::find(tx, id))).await.unwrap();
    person.unwrap().undeliverable
}

async fn states(house: &House, run: &Run) -> Vec<RecipientState> {
    house.listed(run.id).await.iter().map(|one| one.state).collect()
}

async fn audited(house: &House) -> Vec<(String, serde_json::Value)> {
    let entries = house.db.store.read(|tx| Box::pin(store::audit::list(tx, i64::MAX, 3))).await.unwrap();
    entries.into_iter().map(|one| (one.action, one.detail)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bounce_marks_the_address_and_changes_no_password_and_the_second_time_nothing() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let bounce = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        let password = house.mailed_to(ADA).unwrap();

        let found = house.flow.take_back(bounce.clone(), None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "mailbox-unknown", true, true), "{:?}", house.db.engine());
        let cause = undeliverable(&house, ada).await.unwrap();
        assert_eq!(cause, "mailbox-unknown: mail came back (5.1.1)");
        let audit = audited(&house).await;
        assert_eq!(audit[0].0, "bounce.recorded");
        assert_eq!(audit[0].1["person"], true, "{audit:?}");

        assert_eq!(house.flow.take_back(bounce, None).await.unwrap(), Bounced::Repeated);
        assert_eq!(audited(&house).await, audit, "nothing more is written the second time");
        assert_eq!(states(&house, &run).await, [RecipientState::Bounced, RecipientState::Accepted]);
        assert_eq!(house.credentials("ada").await, [Active], "no password is taken away or made");
        assert!(matches!(house.sign_in("ada", &password).await, SignIn::MustChange { .. }));

        let report = Report::read(&house.db.store, run.id, TEST_NOW).await.unwrap();
        assert_eq!((report.bounced, report.run.counts.accepted), (1, 2), "a bounce is one of the accepted");
        assert_eq!(report.failures, [("550 5.1.1 <[address]>: no such user here".to_owned(), 1)]);
        assert_eq!(report.run.state, RunState::Finished);
        let id = run.id;
        let wrong = house.db.store.write(move |tx| Box::pin(store::run::recount(tx, id))).await.unwrap();
        assert!(!wrong, "the counts are right");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_bounce_or_one_for_a_message_never_sent_is_ignored_and_audited() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let to = domain::address::Address::parse(ADA).unwrap();
        let ours = house.flow.settings().sender.bounce.clone().unwrap();
        let path = path_to(&house, ADA);
        let key = ours.read(&path).unwrap().message_key;
        let stranger = Bounce::new("bounces.portal.example", &Key::new([1; 32]));
        let mut counted = BTreeMap::new();
        for (came_to, why) in [
            (stranger.return_path(&key, &to), Why::Forged),
            (path.replace("bounce+1-1-", "bounce+1-2-"), Why::Forged),
            ("passwords@portal.example".to_owned(), Why::NoReturnPath),
            // Signed by us, as after the restore of an older copy of the database.
            (ours.return_path("1-1-1.0123456789ab", &to), Why::NotSent),
            (ours.return_path(&key.replacen("-1.", "-2.", 1), &to), Why::NotSent),
            (ours.return_path("99-1-1.0123456789ab", &to), Why::NotSent),
            (ours.return_path("another-kind", &to), Why::NotSent),
        ] {
            let mail = notification(&came_to, "failed", NO_SUCH_USER);
            let found = house.flow.take_back(mail, None).await.unwrap();
            assert_eq!(found, ignored(why), "{came_to}, {:?}", house.db.engine());
            *counted.entry(why).or_default() += 1;
        }
        house.flow.note_ignored(&counted).await.unwrap();

        assert_eq!(states(&house, &run).await, [RecipientState::Accepted; 2]);
        assert_eq!(undeliverable(&house, ada).await, None, "nobody is suppressed");
        let (action, detail) = audited(&house).await.remove(0);
        assert_eq!(action, "bounce.ignored");
        assert_eq!(detail, serde_json::json!({ "forged": 2, "no_return_path": 1, "not_sent": 4 }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_failure_changes_nothing() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let path = path_to(&house, ADA);
        let away =
            format!("From: {ADA}\nTo: {path}\nSubject: Away\nAuto-Submitted: auto-replied\n\n550 no\n");
        for (mail, why) in [
            (notification(&path, "delayed", ("4.4.1", "timed out")), Why::Delayed),
            (notification(&path, "delivered", ("2.0.0", "250 ok")), Why::Delivered),
            (away.into_bytes(), Why::AutoReply),
            (format!("From: {ADA}\nTo: {path}\nSubject: Re: hello\n\nThanks\n").into_bytes(), Why::NoBounce),
        ] {
            assert_eq!(house.flow.take_back(mail, None).await.unwrap(), ignored(why));
        }
        assert_eq!(states(&house, &run).await, [RecipientState::Accepted; 2]);
        assert_eq!(undeliverable(&house, ada).await, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_mailbox_bounces_without_a_mark_and_a_retry_mails_the_person_again() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let words = ("5.2.2", "552 5.2.2 mailbox full");
        // The mail server names the envelope recipient; the header says nothing of ours.
        let mail = notification("somebody@else.example", "failed", words);
        let found = house.flow.take_back(mail, Some(&path_to(&house, ADA).to_uppercase())).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "mailbox-full", true, false), "{:?}", house.db.engine());
        assert_eq!(undeliverable(&house, ada).await, None);

        let first = house.mailed_to(ADA).unwrap();
        house.flow.retry(run.id, RetryOf::Failed, &by(None)).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted, run.counts.left_out), (RunState::Finished, 2, 0));
        assert_eq!(states(&house, &run).await, [RecipientState::Accepted; 2]);
        let second = house.mailed_to(ADA).unwrap();
        assert_ne!(first, second);
        assert!(matches!(house.sign_in("ada", &second).await, SignIn::MustChange { .. }));
        assert!(
            matches!(house.sign_in("ada", &first).await, SignIn::Refused),
            "the first use retires the other"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_address_is_not_marked_for_the_old_one() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let change = PersonChange {
            address: Some(Some(domain::address::Address::parse("ada@example.net").unwrap())),
            ..PersonChange::default()
        };
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    store::person::update(tx, &Acting::command_line(), ada, &change, TEST_NOW).await.unwrap();
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let mail = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        let found = house.flow.take_back(mail, None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "mailbox-unknown", true, false), "{:?}", house.db.engine());
        assert_eq!(undeliverable(&house, ada).await, None);
        assert_eq!(states(&house, &run).await[0], RecipientState::Bounced, "that mail did come back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_used_the_mailed_password_has_got_the_mail() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        let password = house.mailed_to(ADA).unwrap();
        assert!(matches!(house.sign_in("ada", &password).await, SignIn::MustChange { .. }));
        let mail = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        assert_eq!(
            house.flow.take_back(mail, None).await.unwrap(),
            ignored(Why::Used),
            "{:?}",
            house.db.engine()
        );
        assert_eq!(undeliverable(&house, ada).await, None);
        assert_eq!(states(&house, &run).await, [RecipientState::Accepted; 2]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_person_bounces_and_nobody_is_marked() {
    for db in databases().await {
        let (house, ada, run) = mailed(db).await;
        house.change("DELETE FROM people WHERE id = $1", vec![ada.into()]).await;
        let mail = notification(&path_to(&house, ADA), "failed", NO_SUCH_USER);
        let found = house.flow.take_back(mail, None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "mailbox-unknown", true, false), "{:?}", house.db.engine());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bounce_that_is_faster_than_the_record_is_asked_for_again() {
    for db in databases().await {
        let (house, _, run) = mailed(db).await;
        let path = path_to(&house, ADA);
        let first = RecipientId::new(run.number, 1);
        house.change("DELETE FROM deliveries WHERE recipient_id = $1", vec![first.into()]).await;
        house.change("UPDATE recipients SET state = 'sending' WHERE id = $1", vec![first.into()]).await;
        let mail = notification(&path, "failed", NO_SUCH_USER);
        assert_eq!(
            house.flow.take_back(mail, None).await.unwrap(),
            Bounced::NotYet,
            "{:?}",
            house.db.engine()
        );
        assert_eq!(states(&house, &run).await[0], RecipientState::Sending);
    }
}

/// A run whose relay stores a mail to Ada and hangs up before the answer, as often as `cuts` says.
async fn cut_off(db: Database, cuts: u64) -> (House, ScriptedRelay, Run) {
    let script = Script::default().answer(move |moment| {
        let cut = moment.stage == Stage::Content && moment.nth <= cuts;
        if cut { Action::store_and_cut() } else { Action::Accept }
    });
    let relay = ScriptedRelay::start(script).await;
    let house = House::with_bounces(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add(NewPerson::contact("ada")).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    let run = house.work_through(run.id, 24 * 3_600_000).await;
    (house, relay, run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bounce_answers_what_the_relay_did_not() {
    for db in databases().await {
        let (house, relay, run) = cut_off(db, 9).await;
        assert_eq!((run.counts.unknown, run.counts.accepted), (1, 0), "{:?}", house.db.engine());
        let last = relay.messages_for(ADA).pop().unwrap();
        let mail = notification(&last.mail_from, "failed", NO_SUCH_USER);
        let found = house.flow.take_back(mail, None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "mailbox-unknown", true, true));
        let run = house.run(run.id).await;
        assert_eq!((run.counts.unknown, run.counts.accepted), (0, 1), "the relay did take it");
        assert!(house.credentials("ada").await.iter().all(|state| *state == Unknown), "both passwords count");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bounce_of_an_earlier_try_leaves_the_accepted_one_alone() {
    for db in databases().await {
        let (house, relay, run) = cut_off(db, 1).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 1), "{:?}", house.db.engine());
        let sent = relay.messages_for(ADA);
        assert_eq!(sent.len(), 2);
        let bounce = |place: usize| notification(&sent[place].mail_from, "failed", ("4.4.7", "expired"));
        let found = house.flow.take_back(bounce(0), None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "given-up", false, false));
        assert_eq!(states(&house, &run).await, [RecipientState::Accepted]);
        let found = house.flow.take_back(bounce(1), None).await.unwrap();
        assert_eq!(found, recorded(&run, 1, "given-up", true, false));
        assert_eq!(states(&house, &run).await, [RecipientState::Bounced]);
    }
}
