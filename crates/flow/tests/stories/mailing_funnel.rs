//! The funnel shows exactly what people did: a thousand of them, scanners among them.

use crate::mailing::{tag_in, text_to};
use crate::reset::{answer, ask, reset, tokens};
use auth::reset::Reset;
use domain::mailing::{Intent, Stage, Step};
use std::collections::BTreeSet;
use store::mailing::{self, FunnelStage};
use testkit::{House, Through, databases};

const EVERYBODY: &str = "username sw \"p\"";

/// The user names behind a number of the funnel.
pub(crate) async fn names(house: &House, id: domain::id::MailingId, stage: FunnelStage) -> BTreeSet<String> {
    let read = house
        .db
        .store
        .read(move |tx| Box::pin(async move { mailing::list_people(tx, id, stage, None, 10_000).await }));
    read.await.unwrap().into_iter().filter_map(|one| one.username).collect()
}

fn span(from: usize, until: usize) -> BTreeSet<String> {
    (from..=until).map(|place| format!("p{place:04}")).collect()
}

/// 201–500 are opened by a scanner, 401–999 by people; 601–1,000 ask. Gives the links of 801–1,000.
async fn open_and_ask(house: &House) -> Vec<domain::secret::Secret> {
    let start = house.clock.now_ms();
    let mut links = Vec::new();
    for place in 201..=1_000 {
        let name = format!("p{place:04}");
        let tag = tag_in(&text_to(house, &name).await);
        if place <= 500 {
            for _ in 0..3 {
                house.auth.note_opened(&tag, true, house.clock.now_ms()).await.unwrap();
            }
        }
        if place > 400 && place < 1_000 {
            house.auth.note_opened(&tag, false, house.clock.now_ms()).await.unwrap();
        }
    }
    // So that the limits of everybody together are kept: a few at a time.
    for place in 601..=1_000 {
        house.clock.set(start + (place as i64) * 1_000);
        let name = format!("p{place:04}");
        ask(house, &name).await;
        assert_eq!(answer(house).await, 1, "{name}");
        if place > 800 {
            links.push(tokens(&text_to(house, &name).await).remove(0));
        }
    }
    links
}

/// Of 1,000: 1–300 do nothing; the mails of 201–500 are opened by a scanner; 401–1,000 open the page themselves; 601–1,000
/// ask for a link; 801–1,000 set a password (the first hundred of these only after a password that was refused);
/// of them 951–1,000 sign in. The last person of all asks without ever having opened the page from the mail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_funnel_of_a_thousand_shows_exactly_what_they_did() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1_000).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await;
        assert_eq!(house.send(mailing.id).await.counts.accepted, 1_000);
        let passwords = open_and_ask(&house).await;
        for (place, token) in (801..).zip(&passwords) {
            if place <= 820 {
                let refused = domain::secret::Secret::new("short".to_owned());
                let origin = auth::Origin { network: format!("n{place}"), user_agent: String::new() };
                let tried = house.auth.reset_password(token, &refused, &origin, house.clock.now_ms()).await;
                assert!(matches!(tried.unwrap(), Reset::Unfit(_)));
            }
            if place % 20 == 0 || place > 995 {
                assert_eq!(reset(&house, token).await, Reset::Done, "{place}");
            }
        }
        let done: BTreeSet<String> = (801..=1_000)
            .filter(|place| place % 20 == 0 || *place > 995)
            .map(|place| format!("p{place:04}"))
            .collect();
        assert!(house.opens("p1000", crate::reset::FRESH).await);
        assert!(house.opens("p1000", crate::reset::FRESH).await, "the second sign-in is no step");

        let funnel = house.funnel(mailing.id).await;
        assert_eq!(
            (funnel.total, funnel.accepted, funnel.left_out, funnel.failed, funnel.waiting),
            (1_000, 1_000, 0, 0, 0)
        );
        assert_eq!((funnel.opened, funnel.opened_by_machine), (599, 200));
        assert_eq!((funnel.requested, funnel.link_sent), (400, 400));
        assert_eq!((funnel.password_set, funnel.logged_in), (done.len() as i64, 1));
        let took = |step| names(&house, mailing.id, FunnelStage::Took(step));
        assert_eq!(took(Step::Opened).await, span(401, 999));
        assert_eq!(took(Step::OpenedByMachine).await, span(201, 400), "only a program so far");
        assert_eq!(took(Step::Requested).await, span(601, 1_000));
        assert_eq!(took(Step::PasswordSet).await, done);
        let at = |stage| names(&house, mailing.id, FunnelStage::At(stage));
        assert_eq!(at(Stage::NotOpened).await, span(1, 400), "what a scanner opened is not opened");
        assert_eq!(at(Stage::NotRequested).await, span(401, 600));
        assert_eq!(at(Stage::NotSet).await, &span(601, 1_000) - &done);
        assert_eq!(at(Stage::NotDone).await, &span(1, 1_000) - &done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_counts_for_the_account_named_in_the_form_and_not_for_the_tag() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, EVERYBODY).await).await;
        house.send(mailing.id).await;
        // p0001 passes the mail on, and p0002 opens it and asks.
        let tag = tag_in(&text_to(&house, "p0001").await);
        house.auth.note_opened(&tag, false, house.clock.now_ms()).await.unwrap();
        ask(&house, "p0002").await;
        answer(&house).await;
        assert_eq!(names(&house, mailing.id, FunnelStage::Took(Step::Requested)).await, span(2, 2));
        assert_eq!(names(&house, mailing.id, FunnelStage::Took(Step::Opened)).await, span(1, 1));
        for wrong in ["", "nonsense", &tag[1..]] {
            house.auth.note_opened(wrong, false, house.clock.now_ms()).await.unwrap();
        }
        assert_eq!(house.funnel(mailing.id).await.opened, 1, "a tag that is none of ours counts nothing");
    }
}
