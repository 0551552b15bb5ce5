//! What holds a run back: limits, ranks and rights, what changes at the last moment; and the modes of the job.

use crate::control::{begun, states};
use domain::automation::SendNewPassword;
use domain::credential::Mode;
use domain::recipient::RecipientState::{Accepted, Deferred, LeftOut};
use domain::run::RunState;
use flow::{Limits, Refusal, StartError, StartRun};
use store::run::Run;
use testkit::relay::{Action, Script};
use testkit::{House, NewPerson, OLD, TEST_NOW, Through, by, databases, newest_password};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_and_the_number_to_confirm_hold_a_run_back() {
    for db in databases().await {
        let limits = Limits { people_per_run: 8, people_per_day: 9, confirm_above: 4, ..Limits::default() };
        let house = House::with_limits(db, Through::Mailbox, limits).await;
        house.add_contacts(10).await;
        let start = async |filter: &str, most_people, confirmed| {
            let job = SendNewPassword { most_people, remail_after_hours: 0, ..SendNewPassword::default() };
            let automation = house.usual(filter, job).await;
            house.flow.start(StartRun { automation, acting: by(None), confirmed }).await
        };
        let refusal = |result: Result<Run, StartError>| match result {
            Err(StartError::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        };
        let all = "system_user eq false";
        let some = "username ge \"p0006\" and system_user eq false";
        let too_many = refusal(start(all, None, Some(10)).await);
        assert!(matches!(too_many, Refusal::TooMany { would_receive: 10, limit: 8, .. }), "{too_many:?}");
        let own = refusal(start(some, Some(2), Some(5)).await);
        assert!(matches!(own, Refusal::TooMany { would_receive: 5, limit: 2, .. }), "{own:?}");
        assert_eq!(refusal(start(some, None, None).await), Refusal::Unconfirmed { would_receive: 5 });
        assert_eq!(refusal(start(some, None, Some(4)).await), Refusal::Unconfirmed { would_receive: 5 });
        let run = start(some, None, Some(5)).await.unwrap();
        house.work(run.id).await;
        let today = refusal(start(some, None, Some(5)).await);
        assert_eq!(today, Refusal::TooManyToday { would_receive: 5, used: 5, limit: 9 });
        house.clock.set(TEST_NOW + 24 * 3_600_000 + 1);
        assert!(start(some, None, Some(5)).await.is_ok());
        assert_eq!(house.mailbox.counts().delivered, 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_ends_the_old_password_at_its_own_moment() {
    for db in databases().await {
        let later = || Action::reply("451 4.2.0 later");
        let script = || Script::default().rcpt("p0001@example.org", [later()]);
        let (house, relay, run) =
            begun(db, 2, script(), SendNewPassword { mode: Mode::RevokeNow, ..SendNewPassword::default() })
                .await;
        house.work(run.id).await;
        assert_eq!(states(&house, &run).await, [Deferred, Accepted]);
        assert!(
            !house.opens("p0001", OLD).await && !house.opens("p0002", OLD).await,
            "a breach: dead at once"
        );
        let run = house.work_through(run.id, 600_000).await;
        assert_eq!(run.state, RunState::Finished);
        for name in ["p0001", "p0002"] {
            let newest = newest_password(&relay, &format!("{name}@example.org")).unwrap();
            assert!(house.opens(name, &newest).await, "{name}");
        }
    }
    for db in databases().await {
        let job = SendNewPassword { mode: Mode::KeepUntilUsed, ..SendNewPassword::default() };
        let (house, relay, run) = begun(db, 1, Script::default(), job).await;
        house.work(run.id).await;
        assert!(house.opens("p0001", OLD).await && house.opens("p0001", OLD).await, "kept");
        let newest = newest_password(&relay, "p0001@example.org").unwrap();
        assert!(house.opens("p0001", &newest).await);
        assert!(!house.opens("p0001", OLD).await && !house.opens("p0001", &newest).await, "used");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_people_with_one_mailbox_get_ten_mails_to_one_recipient_each() {
    for db in databases().await {
        let (house, relay, _) = begun(db, 0, Script::default(), SendNewPassword::default()).await;
        house.add_with_old_password(10).await;
        house
            .change("UPDATE people SET address = 'family@example.org', address_canonical = 'family@example.org' WHERE username LIKE 'p0%'", Vec::new())
            .await;
        let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 10));
        let mails = relay.messages();
        assert_eq!(mails.len(), 10);
        for mail in &mails {
            assert_eq!(mail.rcpt_to, ["family@example.org"]);
            let text = mail.text();
            let headers = text.split("\r\n\r\n").next().unwrap().to_lowercase();
            assert!(!headers.contains("\ncc:") && !headers.contains("\nbcc:"), "{headers}");
        }
        let mut opened = 0;
        for password in testkit::passwords(&relay, "family@example.org").iter().take(3) {
            for name in
                ["p0001", "p0002", "p0003", "p0004", "p0005", "p0006", "p0007", "p0008", "p0009", "p0010"]
            {
                opened += usize::from(house.opens(name, password).await);
            }
        }
        assert_eq!(opened, 3, "each password opens one account");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_between_freezing_and_sending_counts_at_the_last_moment() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let manager = house.add(NewPerson::system("manager", "Manager")).await;
        for name in ["raised", "peer"] {
            house.add(NewPerson::system(name, "Manager")).await;
        }
        for name in ["blocked", "gone", "moved", "ada"] {
            house.add(NewPerson::contact(name)).await;
        }
        let selection = house
            .selection(
                "all",
                "username eq \"raised\" or username eq \"peer\" or username eq \"blocked\" or username eq \"gone\" or username eq \"moved\" or username eq \"ada\"",
                manager,
            )
            .await;
        let automation = house.automation("all", selection, manager, SendNewPassword::default()).await;
        let run = house.start(automation).await;
        assert_eq!((run.counts.total, run.counts.left_out), (6, 0));
        for sql in [
            "UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Owner') WHERE username = 'raised'",
            "UPDATE people SET blocked = TRUE WHERE username = 'blocked'",
            "DELETE FROM people WHERE username = 'gone'",
            "UPDATE people SET address = NULL WHERE username = 'moved'",
        ] {
            house.change(sql, Vec::new()).await;
        }
        let run = house.work(run.id).await;
        assert_eq!(
            (run.state, run.counts.accepted, run.counts.left_out),
            (RunState::Finished, 2, 4),
            "{run:?}"
        );
        let mut reasons: Vec<_> = house
            .listed(run.id)
            .await
            .into_iter()
            .filter(|one| one.state == LeftOut)
            .map(|one| one.reason.unwrap())
            .collect();
        reasons.sort();
        assert_eq!(reasons, ["blocked", "gone", "higher_rank", "no_address"]);
        assert!(
            house.mailed_to("raised@example.org").is_none() && house.mailed_to("ada@example.org").is_some()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_no_further_than_the_lowest_rank_that_shaped_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let helper = house.add(NewPerson::system("helper", "Helper")).await;
        house.add(NewPerson::system("manager", "Manager")).await;
        house.add(NewPerson::contact("ada")).await;
        // The Owner's automation, but a Helper wrote the selection.
        let selection =
            house.selection("all", "username eq \"manager\" or username eq \"ada\"", helper).await;
        let automation = house.automation("all", selection, house.owner, SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let run = house.work(run.id).await;
        assert_eq!((run.counts.accepted, run.counts.left_out), (1, 1), "{run:?}");
        assert!(house.mailed_to("manager@example.org").is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_loses_the_right_pauses_the_run() {
    let losses = [
        "UPDATE people SET role_id = NULL, user_type = NULL WHERE username = $1",
        "UPDATE people SET blocked = TRUE WHERE username = $1",
        "UPDATE people SET expires_at = 1 WHERE username = $1",
        "UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Helper') WHERE username = $1",
    ];
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(3).await;
        for (place, loss) in losses.into_iter().enumerate() {
            let name = format!("manager{place}");
            let manager = house.add(NewPerson::system(&name, "Manager")).await;
            let selection = house.selection(loss, "system_user eq false", house.owner).await;
            let automation = house.automation("all", selection, manager, SendNewPassword::default()).await;
            let run = house.start(automation).await;
            house.change(loss, vec![name.as_str().into()]).await;
            let run = house.work(run.id).await;
            assert_eq!((run.state, run.counts.accepted), (RunState::Paused, 0), "{loss}: {run:?}");
            let cause = run.cause.unwrap();
            assert!(cause.contains(&name) && cause.contains("no longer has a valid system role"), "{cause}");
            let again = house.flow.preview(automation, None, 1).await;
            assert!(matches!(again, Err(StartError::Refused(Refusal::NoRights(_)))), "{loss}: {again:?}");
        }
        assert_eq!(house.mailbox.counts().delivered, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_starts_a_run_is_not_written_to_by_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let admin = house.add(NewPerson::system("admin", "Administrator")).await;
        house.add(NewPerson::system("other", "Administrator")).await;
        let automation =
            house.usual("username eq \"admin\" or username eq \"other\"", SendNewPassword::default()).await;
        let asked = StartRun { automation, acting: by(admin), confirmed: None };
        let run = house.flow.start(asked).await.unwrap();
        let run = house.work(run.id).await;
        assert_eq!((run.counts.accepted, run.counts.left_out), (1, 1), "{run:?}");
        assert!(house.mailed_to("admin@example.org").is_none());
    }
}
