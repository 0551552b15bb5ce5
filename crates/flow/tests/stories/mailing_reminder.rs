//! Reminders reach exactly those who are not done, each with a pause between and no more often than was said.

use crate::mailing::{reasons, tag_in, text_to};
use crate::mailing_funnel::names;
use crate::reset::{answer, ask, reset, tokens};
use auth::reset::Reset;
use domain::id::MailingId;
use domain::mailing::{Intent, NotPossible, Reminder, Stage};
use flow::{MailingError, Refusal};
use store::mailing::{self, Draft, FunnelStage};
use testkit::{House, Through, databases};

const HOUR: i64 = 3_600_000;
const EVERYBODY: &str = "username sw \"p\"";

async fn reminder(house: &House, of: MailingId, stage: Stage, most: u32) -> MailingId {
    let draft = house.draft(Intent::OfferLink, EVERYBODY).await;
    let reminder = Some(Reminder { of, stage, gap_hours: 24, most });
    let draft = Draft { reminder, selection_id: None, name: "Autumn, again".into(), ..draft };
    house.mailing(draft).await.id
}

/// Somebody asks, gets a link and sets a password.
async fn finish(house: &House, name: &str) {
    ask(house, name).await;
    assert_eq!(answer(house).await, 1);
    let token = tokens(&text_to(house, name).await).remove(0);
    assert_eq!(reset(house, &token).await, Reset::Done);
    answer(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_reaches_those_who_are_not_done_and_nobody_else() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(6).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await.id;
        house.send(mailing).await;
        let tag = tag_in(&text_to(&house, "p0002").await);
        house.auth.note_opened(&tag, false, house.clock.now_ms()).await.unwrap();
        ask(&house, "p0003").await;
        answer(&house).await;
        finish(&house, "p0004").await;

        let early = reminder(&house, mailing, Stage::NotDone, 3).await;
        let refused = house.arm(early, 0).await.unwrap_err();
        let code = domain::sentence::Sentence::from(NotPossible::NobodyLeft).code();
        assert!(
            matches!(&refused, MailingError::Refused(Refusal::NotNow(why)) if why.code() == code),
            "nobody within a day: {refused}"
        );
        house.clock.set(house.clock.now_ms() + 25 * HOUR);
        let opened = reminder(&house, mailing, Stage::NotRequested, 3).await;
        assert_eq!(house.send(opened).await.counts.accepted, 1, "p0002 alone");
        let unset = reminder(&house, mailing, Stage::NotSet, 3).await;
        assert_eq!(house.send(unset).await.counts.accepted, 1, "p0003 alone");
        let rest = reminder(&house, mailing, Stage::NotDone, 3).await;
        let run = house.send(rest).await;
        assert_eq!(run.counts.accepted, 3, "those without a reminder within a day");
        let not_done = names(&house, mailing, FunnelStage::At(Stage::NotDone)).await;
        assert_eq!(not_done.into_iter().collect::<Vec<_>>(), ["p0001", "p0002", "p0003", "p0005", "p0006"]);

        // What somebody does after a reminder counts for the mailing.
        finish(&house, "p0005").await;
        assert_eq!(house.funnel(mailing).await.password_set, 2);
        let read = house
            .db
            .store
            .read(move |tx| Box::pin(async move { mailing::count_reminders(tx, mailing).await }));
        assert_eq!(read.await.unwrap(), [(1, 5)], "five people, once each");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_reminded_more_often_than_was_said() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await.id;
        house.send(mailing).await;
        for _ in 0..2 {
            house.clock.set(house.clock.now_ms() + 25 * HOUR);
            let again = reminder(&house, mailing, Stage::NotDone, 2).await;
            assert_eq!(house.send(again).await.counts.accepted, 1);
        }
        house.clock.set(house.clock.now_ms() + 25 * HOUR);
        let third = reminder(&house, mailing, Stage::NotDone, 2).await;
        assert!(house.arm(third, 0).await.is_err(), "twice is enough");
        assert_eq!(house.mailbox.counts().kept, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finishes_between_the_start_of_a_reminder_and_the_own_turn_gets_none() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(3).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await.id;
        house.send(mailing).await;
        house.clock.set(house.clock.now_ms() + 25 * HOUR);
        let again = reminder(&house, mailing, Stage::NotDone, 3).await;
        house.arm(again, 0).await.unwrap();
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        let run = house.runs_of(again).await.remove(0);
        assert_eq!(run.counts.waiting(), 3);
        finish(&house, "p0002").await;
        let run = house.work(run.id).await;
        assert_eq!((run.counts.accepted, run.counts.left_out), (2, 1));
        assert_eq!(reasons(&house, run.number).await, [("already_done".to_owned(), 1)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_has_no_recipients_of_its_own_and_none_is_made_of_a_reminder() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let people = house.add_contacts(1).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await.id;
        house.send(mailing).await;
        let again = reminder(&house, mailing, Stage::NotDone, 3).await;
        let (acting, now_ms) = (testkit::by(house.owner), house.clock.now_ms());
        let added = house.db.store.write(move |tx| {
            Box::pin(async move { mailing::add_people(tx, &acting, again, &people, now_ms).await })
        });
        assert!(added.await.is_err());
        let draft = house.draft(Intent::OfferLink, EVERYBODY).await;
        let of = Some(Reminder { of: again, stage: Stage::NotDone, gap_hours: 24, most: 3 });
        let made = house
            .flow
            .create_mailing(Draft { reminder: of, ..draft }, "UTC", &testkit::by(house.owner))
            .await;
        assert!(made.is_err());
    }
}
