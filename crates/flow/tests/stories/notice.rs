//! Who is told what, when, and how often: reminders, failed and missed runs, pauses, closing reports.

use crate::schedule::{EVERYBODY, NOBODY, active, berlin, every, once, runs};
use domain::automation::SendNewPassword;
use domain::id::{AutomationId, PersonId};
use domain::notice::{Because, NoticeKind, NoticeOutcome};
use domain::run::RunState;
use domain::schedule::{Schedule, ScheduleInput, Unit};
use flow::{ClosingReport, Flow, NoticeSettings, Settings, StartRun, Stop};
use store::StoreError;
use store::automation::{self, ScheduleStep};
use store::notice::{Listed, Which};
use testkit::{Database, House, NewPerson, Through, by, databases, password_in};

/// Every notice there is, oldest first.
pub(crate) async fn notices(house: &House) -> Vec<Listed> {
    let mut all = house
        .db
        .store
        .read(|tx| Box::pin(async move { store::notice::list(tx, Which::All, 1_000).await }))
        .await
        .unwrap();
    all.reverse();
    all
}

/// Who was told of what.
pub(crate) async fn told(house: &House) -> Vec<(String, NoticeKind)> {
    let mut told: Vec<_> =
        notices(house).await.into_iter().map(|one| (one.username.unwrap(), one.kind)).collect();
    told.sort();
    told
}

pub(crate) async fn notify(house: &House) -> usize {
    house.flow.notify_once(&Stop::new()).await.unwrap()
}

pub(crate) fn mail_to(house: &House, name: &str) -> String {
    house.mailbox.newest_to(&format!("{name}@example.org")).unwrap().text.unwrap()
}

async fn save(house: &House, id: AutomationId, input: &ScheduleInput, reminder_to: Vec<PersonId>) {
    let step = ScheduleStep { schedule: Schedule::new(input).unwrap(), reminder_to };
    let (owner, now) = (house.owner, house.clock.now_ms());
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move { automation::update_schedule(tx, &by(owner), id, &step, now).await })
        })
        .await
        .unwrap();
}

/// Daily until the end of March, with Grace to be reminded on 1 March.
async fn reminded(db: Database) -> (House, AutomationId, ScheduleInput, PersonId) {
    let input =
        ScheduleInput { end: Some("2027-03-31T09:00".into()), ..every(1, Unit::Days, "2026-11-22T09:00") };
    let (house, id) = active(db, "2026-11-21T10:00", NOBODY, input.clone()).await;
    let grace = NewPerson {
        given_name: "Grace".into(),
        language: "de-AT".into(),
        ..NewPerson::system("grace", "Manager")
    };
    let grace = house.add(grace).await;
    save(&house, id, &input, vec![grace]).await;
    (house, id, input, grace)
}

/// Reports of daily runs are not what these stories are about.
async fn forget(house: &House) {
    house.change("DELETE FROM notices", Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reminder_is_mailed_once_exactly_30_days_before_the_end_also_with_two_nodes() {
    for db in databases().await {
        let (house, id, input, grace) = reminded(db).await;
        let other = house.another_node().await;
        house.clock.set(berlin("2027-03-01T09:00") - 1);
        house.flow.schedule_once().await.unwrap();
        forget(&house).await;
        house.flow.schedule_once().await.unwrap();
        assert_eq!(told(&house).await, [], "a moment before");

        house.clock.set(berlin("2027-03-01T09:00"));
        let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
        one.and(two).unwrap();
        let reminders = |told: Vec<(String, NoticeKind)>| {
            told.into_iter().filter(|(_, kind)| *kind == NoticeKind::AutomationEnds).collect::<Vec<_>>()
        };
        assert_eq!(reminders(told(&house).await), [("grace".to_owned(), NoticeKind::AutomationEnds)]);
        let stop = Stop::new();
        let (one, two) = tokio::join!(house.flow.notify_once(&stop), other.notify_once(&stop));
        assert_eq!(one.unwrap() + two.unwrap(), notices(&house).await.len(), "{:?}", house.db.engine());
        let text = mail_to(&house, "grace");
        assert!(text.starts_with("Guten Tag Grace,"), "in the operator's language: {text}");
        assert!(text.contains("Endet: Mittwoch, 31. März 2027, 09:00 Uhr"), "{text}");
        assert!(text.contains("https://portal.example/console"), "{text}");

        // Not again: a day later, or when the schedule is saved with the same end.
        house.clock.set(berlin("2027-03-02T08:00"));
        save(&house, id, &input, vec![grace]).await;
        house.flow.schedule_once().await.unwrap();
        assert_eq!(reminders(told(&house).await).len(), 1);
        // A later end is another end.
        let later = ScheduleInput { end: Some("2027-04-01T09:00".into()), ..input };
        save(&house, id, &later, vec![grace]).await;
        house.clock.set(berlin("2027-03-02T09:00"));
        house.flow.schedule_once().await.unwrap();
        assert_eq!(reminders(told(&house).await).len(), 2, "30 days before the new end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_whose_moment_was_slept_through_is_mailed_at_the_next_start() {
    for db in databases().await {
        let (house, _, _, _) = reminded(db).await;
        house.clock.set(berlin("2027-03-20T12:00"));
        house.flow.schedule_once().await.unwrap();
        house.flow.schedule_once().await.unwrap();
        let ends: Vec<_> = notices(&house).await;
        let ends: Vec<_> = ends.iter().filter(|one| one.kind == NoticeKind::AutomationEnds).collect();
        assert_eq!(ends.len(), 1);
        assert_eq!(ends[0].about.because, Because::Reminded);
    }
    // Even after the end, and before the automation that removes itself is gone.
    for db in databases().await {
        let (house, id, input, grace) = reminded(db).await;
        let input = ScheduleInput { delete_after_last: true, ..input };
        save(&house, id, &input, vec![grace]).await;
        house.clock.set(berlin("2027-04-05T12:00"));
        house.flow.schedule_once().await.unwrap();
        notify(&house).await;
        assert!(mail_to(&house, "grace").contains("ist zu Ende"), "{}", mail_to(&house, "grace"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_ten_are_reminded_and_when_none_of_them_can_be_the_owner_is() {
    for db in databases().await {
        let (house, id, input, _) = reminded(db).await;
        let mut many = Vec::new();
        for place in 0..12 {
            many.push(house.add(NewPerson::system(&format!("many{place}"), "Helper")).await);
        }
        save(&house, id, &input, many).await;
        house.clock.set(berlin("2027-03-01T09:00"));
        house.flow.schedule_once().await.unwrap();
        let ends = |told: Vec<(String, NoticeKind)>| {
            told.into_iter().filter(|(_, kind)| *kind == NoticeKind::AutomationEnds).collect::<Vec<_>>()
        };
        assert_eq!(ends(told(&house).await).len(), 10);

        forget(&house).await;
        let blocked = NewPerson { blocked: true, ..NewPerson::system("blocked", "Helper") };
        let nowhere = NewPerson { address: String::new(), ..NewPerson::system("nowhere", "Helper") };
        let program = NewPerson { user_type: "api", ..NewPerson::system("program", "Helper") };
        let mut none = Vec::new();
        for person in [blocked, nowhere, program, NewPerson::contact("contact")] {
            none.push(house.add(person).await);
        }
        save(&house, id, &input, none).await;
        house.flow.schedule_once().await.unwrap();
        assert_eq!(ends(told(&house).await), [("owner".to_owned(), NoticeKind::AutomationEnds)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_run_ends_with_a_closing_report_and_one_started_by_hand_does_not() {
    for db in databases().await {
        let (house, id) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        house.add(NewPerson { address: String::new(), ..NewPerson::contact("nowhere") }).await;
        house.add(NewPerson { address: "x@nowhere.invalid".into(), ..NewPerson::contact("wrong") }).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        house.flow.schedule_once().await.unwrap();
        let run = house.work(runs(&house, id).await[0].id).await;
        assert_eq!((run.state, run.counts.accepted, run.counts.refused), (RunState::Finished, 2, 1));
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunFinished)]);
        assert_eq!(notify(&house).await, 1);
        let text = mail_to(&house, "owner");
        for line in [
            "Accepted by the relay: 2\r\n",
            "Refused: 1\r\n    1 × There is no such mailbox\r\n",
            "Left out: 1\r\n    1 × no mail address\r\n",
            &format!("https://portal.example/console/runs/{}\r\n", run.id),
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        // No password of anybody is in it, nor in the table.
        let passwords: Vec<String> = ["p0001", "p0002"]
            .iter()
            .map(|name| house.mailed_to(&format!("{name}@example.org")).unwrap())
            .collect();
        let stored = serde_json::to_string(&notices(&house).await).unwrap();
        let html = house.mailbox.newest_to("owner@example.org").unwrap().source;
        assert_eq!(password_in(&text), None);
        for password in passwords {
            assert!(!text.contains(&password) && !html.contains(&password) && !stored.contains(&password));
        }

        let by_hand = house.start(id).await;
        assert_eq!(house.work(by_hand.id).await.state, RunState::Finished);
        assert_eq!(told(&house).await.len(), 1, "who starts a run by hand sees it end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_reports_can_be_for_failures_only_or_never() {
    for (report, expected) in
        [(ClosingReport::Failures, 0), (ClosingReport::Never, 0), (ClosingReport::Always, 1)]
    {
        for db in databases().await {
            let (house, id) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
            let flow = flow_with(&house, report);
            house.clock.set(berlin("2026-11-22T09:00"));
            assert_eq!(flow.schedule_once().await.unwrap().runs, 1);
            let working = testkit::Working::begin(&flow);
            while runs(&house, id).await[0].state != RunState::Finished {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            working.end().await;
            let finished = told(&house).await;
            let finished = finished.iter().filter(|(_, kind)| *kind == NoticeKind::RunFinished).count();
            assert_eq!(finished, expected, "{report:?}, nobody failed");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_with_nobody_to_write_to_needs_no_closing_report() {
    for db in databases().await {
        let (house, id) = active(db, "2026-11-21T10:00", NOBODY, once("2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        assert_eq!(told(&house).await, [], "{:?}", house.db.engine());
        assert_eq!(runs(&house, id).await[0].state, RunState::Finished);
    }
    // Nor does one that leaves everybody out.
    for db in databases().await {
        let nowhere = "username eq \"nowhere\"";
        let (house, id) = active(db, "2026-11-21T10:00", nowhere, once("2026-11-22T09:00")).await;
        house.add(NewPerson { address: String::new(), ..NewPerson::contact("nowhere") }).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        let run = runs(&house, id).await.remove(0);
        assert_eq!((run.state, run.counts.total, run.counts.left_out), (RunState::Finished, 1, 1));
        assert_eq!(told(&house).await, [], "{:?}", house.db.engine());
    }
}

fn flow_with(house: &House, closing_report: ClosingReport) -> Flow {
    let keys = auth::keys::Keys::read_or_create(&house.db.folder.path().join("keys")).unwrap();
    let before = house.flow.settings().clone();
    let notices = NoticeSettings { closing_report, ..before.notices.clone() };
    let settings = Settings { notices, ..before };
    Flow::new(house.db.store.clone(), keys, settings, house.clock.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_owner_of_a_run_loses_the_role_the_owners_of_the_house_are_told() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let boss = house.add(NewPerson::system("boss", "Manager")).await;
        let starter = house.add(NewPerson::system("starter", "Manager")).await;
        house.add_contacts(3).await;
        let selection = house.selection("everybody", EVERYBODY, boss).await;
        let id = house.automation("weekly", selection, boss, SendNewPassword::default()).await;
        let asked = StartRun { automation: id, acting: by(starter), confirmed: Some(3) };
        let run = house.flow.start(asked).await.unwrap();
        house.change("UPDATE people SET blocked = TRUE WHERE id = $1", vec![boss.into()]).await;
        let run = house.work(run.id).await;
        assert_eq!(run.state, RunState::Paused);
        assert_eq!(told(&house).await, [("starter".to_owned(), NoticeKind::RunPaused)]);
        assert_eq!(notices(&house).await[0].about.because, Because::Starter);

        // With nobody near who can be reached, the house's Owners are.
        forget(&house).await;
        house.change("UPDATE people SET blocked = TRUE WHERE id = $1", vec![starter.into()]).await;
        house.flow.resume(run.id, &by(None)).await.unwrap();
        assert_eq!(house.work(run.id).await.state, RunState::Paused);
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunPaused)]);
        assert_eq!(notices(&house).await[0].about.because, Because::House);
        assert_eq!(notify(&house).await, 1);
        assert!(mail_to(&house, "owner").contains("boss no longer has a valid system role"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_have_it_any_more_when_it_is_sent_does_not_get_it() {
    let changes = [
        "UPDATE people SET blocked = TRUE WHERE username = 'owner'",
        "UPDATE people SET role_id = NULL, user_type = NULL WHERE username = 'owner'",
        "UPDATE people SET expires_at = 1 WHERE username = 'owner'",
        "UPDATE people SET address = NULL WHERE username = 'owner'",
        "DELETE FROM people WHERE username = 'owner'",
    ];
    for sql in changes {
        for db in databases().await {
            let house = House::over(db, Through::Mailbox).await;
            house.flow.stop_sending(&by(None), "a test").await.unwrap();
            assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::SendingStopped)]);
            house.change(sql, Vec::new()).await;
            assert_eq!(notify(&house).await, 0, "{sql}");
            let all = notices(&house).await;
            assert_eq!((all[0].outcome, all[0].due_at), (Some(NoticeOutcome::LeftOut), None), "{sql}");
            assert_eq!(house.mailbox.counts().delivered, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_switch_is_told_and_does_not_stop_notices() {
    for db in databases().await {
        let (house, _) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        house.flow.stop_sending(&by(second), "the list was wrong").await.unwrap();
        house.flow.stop_sending(&by(None), "again").await.unwrap();
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::SendingStopped)], "not who did it");
        house.clock.set(berlin("2026-11-22T09:00"));
        house.flow.schedule_once().await.unwrap();
        assert_eq!(notify(&house).await, 2);
        let kinds: Vec<_> = told(&house).await.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, [NoticeKind::RunFailed, NoticeKind::SendingStopped]);
        let all = notices(&house).await;
        assert!(all.iter().all(|one| one.outcome == Some(NoticeOutcome::Accepted)), "{all:?}");
        assert!(mail_to(&house, "owner").contains("all sending is stopped"), "why the run did not begin");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_of_a_process_that_died_is_sent_when_its_lease_is_over() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        let now = house.clock.now_ms();
        let claim = move |now| {
            let store = house.db.store.clone();
            async move {
                store
                    .write(move |tx| Box::pin(async move { store::notice::claim(tx, 10, now).await }))
                    .await
                    .unwrap()
            }
        };
        let first = claim(now).await.remove(0);
        assert!(claim(now + store::notice::LEASE_MS - 1).await.is_empty(), "somebody has it");
        let second = claim(now + store::notice::LEASE_MS).await.remove(0);
        assert_eq!((first.attempt, second.attempt), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_under_a_lapsed_claim_changes_nothing_and_old_notices_are_removed() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        let now = house.clock.now_ms();
        let (late, good, purged) = house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let one = store::notice::claim(tx, 1, now).await?.remove(0);
                    store::notice::claim(tx, 1, now + store::notice::LEASE_MS).await?;
                    let outcome = NoticeOutcome::Accepted;
                    let late = store::notice::settle(tx, one.id, 1, outcome, "", now).await?;
                    let good = store::notice::settle(tx, one.id, 2, outcome, "", now).await?;
                    let kept = store::notice::purge(tx, now).await?;
                    let purged = store::notice::purge(tx, now + 1).await?;
                    Ok::<_, StoreError>((late, good, purged - kept))
                })
            })
            .await
            .unwrap();
        assert_eq!((late, good, purged), (false, true, 1));
    }
}
