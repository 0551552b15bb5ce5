//! What a run does when the relay takes everything, and whom it leaves out.

use auth::login::SignIn;
use domain::automation::SendNewPassword;
use domain::recipient::Reason;
use domain::run::RunState;
use testkit::{House, NewPerson, TEST_NOW, Through, databases};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_in_the_selection_gets_a_password_that_signs_in_once() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(40).await;
        let old = NewPerson { password: "correct horse battery", ..NewPerson::contact("ada") };
        house.add(old).await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        assert!(matches!(house.sign_in("ada", "correct horse battery").await, SignIn::Chosen { .. }));

        let run = house.start(automation).await;
        assert_eq!(run.counts.total, 41);
        let run = house.work(run.id).await;

        assert_eq!(run.state, RunState::Finished, "{:?} {:?}", house.db.engine(), run);
        assert_eq!(run.counts.accepted, 41);
        let hours = house.db.store.read(|tx| Box::pin(store::delivery_hour::list(tx, TEST_NOW - 3_600_000)));
        let hours = hours.await.unwrap();
        assert_eq!(hours.iter().map(|hour| (hour.accepted, hour.failed)).collect::<Vec<_>>(), [(41, 0)]);
        assert!(matches!(house.sign_in("ada", "correct horse battery").await, SignIn::Refused));
        for name in ["ada", "p0001", "p0040"] {
            let password = house.mailed_to(&format!("{name}@example.org")).unwrap();
            assert!(matches!(house.sign_in(name, &password).await, SignIn::MustChange { .. }), "{name}");
            assert!(matches!(house.sign_in(name, &password).await, SignIn::Refused), "{name} again");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_must_not_be_written_to_are_left_out_with_the_reason() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let manager = house.add(NewPerson::system("manager", "Manager")).await;
        house.add(NewPerson::system("peer", "Manager")).await;
        house.add(NewPerson::system("boss", "Administrator")).await;
        house.add(NewPerson { user_type: "api", ..NewPerson::system("robot", "Helper") }).await;
        house.add(NewPerson { user_type: "hybrid", ..NewPerson::system("cyborg", "Helper") }).await;
        house.add(NewPerson { expires_at: Some(TEST_NOW - 1), ..NewPerson::system("gone", "Helper") }).await;
        house.add(NewPerson { blocked: true, ..NewPerson::contact("blocked") }).await;
        house.add(NewPerson { undeliverable: "bounced", ..NewPerson::contact("returned") }).await;
        house.add(NewPerson { address: String::new(), ..NewPerson::contact("nowhere") }).await;
        house.add(NewPerson::contact("ada")).await;
        let selection = house.selection("all", "username pr", manager).await;
        let automation = house.automation("all", selection, manager, SendNewPassword::default()).await;

        let preview = house.flow.preview(automation, None, 100).await.unwrap();
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        let report = flow::Report::read(&house.db.store, run.id, TEST_NOW).await.unwrap();

        let expected = [
            (Reason::HigherRank, 1),
            (Reason::ApiUser, 1),
            (Reason::HybridUser, 1),
            (Reason::ActingOperator, 1),
            (Reason::LastAdministrator, 1),
            (Reason::NoAddress, 1),
            (Reason::Undeliverable, 1),
            (Reason::Blocked, 1),
            (Reason::Expired, 1),
        ];
        assert_eq!(preview.counts.left_out, expected.into_iter().collect(), "{:?}", house.db.engine());
        assert_eq!(preview.counts.would_receive, 2, "the peer and the contact");
        let reported: Vec<_> =
            report.left_out.iter().map(|(reason, people)| (reason.clone(), *people)).collect();
        let mut named: Vec<_> =
            expected.into_iter().map(|(reason, people)| (reason.as_str().to_owned(), people)).collect();
        named.sort();
        assert_eq!(reported, named);
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 2));
    }
}
