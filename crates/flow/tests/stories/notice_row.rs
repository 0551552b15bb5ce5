//! Notices about occurrences that did not become a run: failed, missed or skipped, and told once in a row.

use crate::notice::{mail_to, notices, notify, told};
use crate::schedule::{EVERYBODY, active, berlin, every, once, runs};
use domain::notice::{Notice, NoticeKind};
use domain::schedule::Unit;
use testkit::{by, databases};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_cannot_begin_tells_the_owner_once_a_cause_in_a_row() {
    const ARCHIVED: &str = "UPDATE selections SET archived = TRUE, published = TRUE";
    const DRAFT: &str = "UPDATE selections SET archived = FALSE, published = FALSE";
    const USABLE: &str = "UPDATE selections SET archived = FALSE, published = TRUE";
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        let other = house.another_node().await;
        let day = async |day: u32, change: &'static str| {
            house.change(change, Vec::new()).await;
            house.clock.set(berlin(&format!("2026-11-{day}T09:00")));
            let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
            one.and(two).unwrap();
            house.flow.schedule_once().await.unwrap();
            told(&house).await.into_iter().filter(|(_, kind)| *kind == NoticeKind::RunFailed).count()
        };
        for (number, change, expected) in
            [(22, ARCHIVED, 1), (23, ARCHIVED, 1), (24, DRAFT, 2), (25, DRAFT, 2)]
        {
            assert_eq!(day(number, change).await, expected, "{number}, {:?}", house.db.engine());
        }
        assert_eq!(notify(&house).await, 2);
        let text = mail_to(&house, "owner");
        assert!(text.contains("the selection cannot be used") && text.contains("24 November 2026"), "{text}");
        assert_eq!(notify(&house).await, 0, "each is mailed once");
        assert_eq!(house.mailbox.counts().delivered, 2);

        // A standstill within the row is no end of it: those missed are told, and the cause is the same.
        assert_eq!(day(28, DRAFT).await, 2);
        assert!(told(&house).await.contains(&("owner".to_owned(), NoticeKind::RunMissed)));
        // A run that began is.
        assert_eq!(day(29, USABLE).await, 2);
        house.work(runs(&house, id).await[0].id).await;
        assert_eq!(day(30, DRAFT).await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missed_occurrences_are_told_once_with_their_number() {
    for db in databases().await {
        let (house, _) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-24T09:00"));
        house.flow.schedule_once().await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunMissed)]);
        assert!(matches!(
            notices(&house).await[0].about.notice,
            Notice::RunMissed { missed: 1, later_due: false, .. }
        ));
    }
    for db in databases().await {
        let (house, _) =
            active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-24T15:00"));
        house.flow.schedule_once().await.unwrap();
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunMissed)]);
        let all = notices(&house).await;
        assert!(
            matches!(all[0].about.notice, Notice::RunMissed { missed: 2, later_due: true, .. }),
            "{all:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_occurrences_skipped_in_a_row_only_the_first_is_told() {
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Hours, "2026-11-22T00:00")).await;
        house.clock.set(berlin("2026-11-22T00:00"));
        house.flow.schedule_once().await.unwrap();
        house.flow.pause(runs(&house, id).await[0].id, &by(None), "a holiday").await.unwrap();
        for hour in 1..5 {
            house.clock.set(berlin("2026-11-22T00:00") + hour * 3_600_000);
            assert_eq!(house.flow.schedule_once().await.unwrap().not_run, 1);
        }
        assert_eq!(told(&house).await, [("owner".to_owned(), NoticeKind::RunSkipped)]);
        // Nor is one told after a standstill, whose missed ones the same look records.
        house.clock.set(berlin("2026-11-22T08:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().not_run, 4);
        let skipped = told(&house).await.into_iter().filter(|(_, kind)| *kind == NoticeKind::RunSkipped);
        assert_eq!(skipped.count(), 1, "{:?}", house.db.engine());
    }
}
