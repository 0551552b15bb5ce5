//! Subscriptions: single and double opt-in, leaving with a reason, none at all.

use super::{HOUR, MINUTE, click, follow, is_gone};
use crate::house::House;
use domain::id::GroupId;
use testkit::databases;
use uuid::Uuid;

const MEMBERS: &str = "SELECT COUNT(*) FROM group_members";
const LOG: &str = "SELECT act || ' ' || title || ' ' || way || ' ' || reason FROM consents ORDER BY number";

#[tokio::test]
async fn a_tick_subscribes_and_an_unticked_one_leaves_with_a_reason() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", false).await, house.offer("music", false).await);
        let mut ada = house.recipient("ada").await;
        let page = ada.page().await;
        assert!(page.body.contains("The news") && page.body.contains("All about news"), "{}", page.body);
        assert!(!page.body.contains("inside"), "what it is for operators is not shown");
        let saved = ada.save(&[news, music], &[news], &[]).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, "/preferences?saved=subscribed"));
        let told = ada.browser.get(saved.location()).await;
        assert!(told.body.contains("Saved: you are subscribed."), "{}", told.body);
        assert_eq!(house.count(MEMBERS).await, 1);
        // The same once more changes nothing and says so.
        assert_eq!(ada.save(&[news, music], &[news], &[]).await.location(), "/preferences?saved=nothing");
        let left = ada.save(&[news, music], &[], &[("reason", " too\tmany ")]).await;
        assert_eq!(left.location(), "/preferences?saved=unsubscribed");
        assert_eq!(house.count(MEMBERS).await, 0);
        assert_eq!(
            house.texts(LOG).await,
            ["subscribed The news page ", "unsubscribed The news page too many"]
        );
        let actors =
            "SELECT actor || ' ' || action FROM audit WHERE action LIKE 'subscription.%' ORDER BY number";
        assert_eq!(
            house.texts(actors).await,
            ["recipient subscription.started", "recipient subscription.ended"]
        );
    }
}

#[tokio::test]
async fn what_the_page_did_not_show_stays_and_what_is_not_offered_is_refused() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, later) = (house.offer("news", false).await, house.offer("later", false).await);
        let mut ada = house.recipient("ada").await;
        ada.save(&[news, later], &[news, later], &[]).await;
        // As if `later` had been offered only after the page was opened.
        assert_eq!(ada.save(&[news], &[], &[]).await.location(), "/preferences?saved=unsubscribed");
        assert_eq!(house.count(MEMBERS).await, 1);
        house.execute("UPDATE \"groups\" SET subscribable = FALSE WHERE name = 'news'", &[]).await;
        let hidden = ada.save(&[news, later], &[news, later], &[("language", "de")]).await;
        assert_eq!(hidden.status, 422);
        assert!(hidden.body.contains("This is not offered any more"), "{}", hidden.body);
        let nothing = GroupId(Uuid::from_u128(7));
        assert_eq!(ada.save(&[nothing], &[nothing], &[]).await.status, 422);
        assert_eq!(ada.save(&[], &[later], &[]).await.status, 400, "a tick at what was not shown");
        assert_eq!(house.count(MEMBERS).await, 1);
        assert_eq!(
            house.count("SELECT COUNT(*) FROM people WHERE language IS NOT NULL").await,
            0,
            "all or nothing"
        );
    }
}

#[tokio::test]
async fn a_double_opt_in_waits_for_one_click_in_the_mailbox() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", true).await, house.offer("music", true).await);
        let mut ada = house.recipient("ada").await;
        let asked = ada.save(&[news, music], &[news, music], &[]).await;
        assert_eq!(asked.location(), "/preferences?saved=waiting");
        let page = ada.browser.get(asked.location()).await;
        assert!(page.body.contains("Look into your mailbox"), "{}", page.body);
        assert_eq!(page.body.matches("waits for your confirmation").count(), 2);
        assert_eq!(house.count(MEMBERS).await, 0);
        assert_eq!(house.post().await, 1, "both in one mail");
        let text = house.letter_to("ada@example.org");
        assert!(text.contains("The news") && text.contains("The music"), "{text}");
        let link = house.path_to("ada@example.org", "/confirm/subscription/link/");
        let mut phone = house.browser();
        for _ in 0..5 {
            assert_eq!(follow(&mut phone, &link).await.status, 200, "looking confirms nothing");
        }
        assert_eq!(house.count(MEMBERS).await, 0);
        let done = click(&mut phone, &link).await;
        assert!(done.status == 200 && done.body.contains("You are subscribed"), "{}", done.body);
        assert_eq!(house.count(MEMBERS).await, 2);
        assert!(is_gone(&follow(&mut house.browser(), &link).await), "once");
        assert!(!ada.page().await.body.contains("waits for your confirmation"));
    }
}

#[tokio::test]
async fn a_link_is_void_after_a_day_and_when_the_wish_was_taken_back() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", true).await;
        let mut ada = house.recipient("ada").await;
        ada.save(&[news], &[news], &[]).await;
        house.post().await;
        let first = house.path_to("ada@example.org", "/confirm/subscription/link/");
        assert_eq!(ada.save(&[news], &[], &[]).await.location(), "/preferences?saved=unsubscribed");
        assert!(is_gone(&follow(&mut house.browser(), &first).await), "taken back");
        house.pass(2 * MINUTE);
        ada.save(&[news], &[news], &[]).await;
        house.post().await;
        let second = house.path_to("ada@example.org", "/confirm/subscription/link/");
        house.execute("UPDATE \"groups\" SET subscribable = FALSE", &[]).await;
        assert!(is_gone(&follow(&mut house.browser(), &second).await), "not offered any more");
        house.execute("UPDATE \"groups\" SET subscribable = TRUE", &[]).await;
        house.pass(24 * HOUR - 1_000);
        assert_eq!(follow(&mut house.browser(), &second).await.status, 200);
        house.pass(2_000);
        assert!(is_gone(&follow(&mut house.browser(), &second).await), "after a day");
        assert_eq!(house.count(MEMBERS).await, 0);
    }
}

#[tokio::test]
async fn too_many_confirmations_are_refused_with_a_wait_and_nothing_is_saved() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", true).await, house.offer("music", true).await);
        let mut ada = house.recipient("ada").await;
        ada.save(&[news, music], &[news], &[]).await;
        let again = ada.save(&[news, music], &[news, music], &[("language", "fr")]).await;
        assert_eq!(again.status, 429);
        assert!(!again.header("retry-after").is_empty() && again.body.contains("nothing is saved"));
        assert!(
            again.body.contains(&format!("name=\"tick-{music}\" value=\"1\" checked")),
            "what was ticked is kept"
        );
        assert_eq!(house.count("SELECT COUNT(*) FROM people WHERE language = 'fr'").await, 0);
        house.pass(MINUTE);
        assert_eq!(
            ada.save(&[news, music], &[news, music], &[]).await.location(),
            "/preferences?saved=waiting"
        );
    }
}

#[tokio::test]
async fn who_wants_no_mailings_leaves_everything_and_still_gets_credential_mail() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", false).await, house.offer("music", true).await);
        let mut ada = house.recipient("ada").await;
        ada.save(&[news, music], &[news, music], &[]).await;
        house.post().await;
        let link = house.path_to("ada@example.org", "/confirm/subscription/link/");
        let stopped = ada.post("/preferences/unsubscribe", &[("reason", "enough")]).await;
        assert_eq!(stopped.location(), "/preferences?saved=stopped");
        assert_eq!(house.count(MEMBERS).await, 0);
        assert!(is_gone(&follow(&mut house.browser(), &link).await), "what waited is over");
        let page = ada.page().await;
        assert!(page.body.contains("you get no mailings") && !page.body.contains("tick-"), "{}", page.body);
        let refused = ada.save(&[news], &[news], &[]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(house.count(MEMBERS).await, 0);
        // A link to choose a password comes all the same.
        house.pass(MINUTE);
        let mut browser = house.browser();
        let token = browser.get("/reset").await.token();
        browser.post("/reset", &[("csrf", &token), ("username", "ada")]).await;
        assert_eq!(house.post().await, 1);
        assert!(house.letter_to("ada@example.org").contains("/reset/link/"));
        assert_eq!(ada.post("/preferences/allow", &[]).await.location(), "/preferences?saved=allowed");
        assert_eq!(ada.save(&[news], &[news], &[]).await.location(), "/preferences?saved=subscribed");
        let log = house.texts("SELECT act || ' ' || reason FROM consents ORDER BY number").await;
        assert!(
            log.contains(&"stopped_all enough".to_owned()) && log.contains(&"allowed_again ".to_owned()),
            "{log:?}"
        );
    }
}

#[tokio::test]
async fn without_an_address_nothing_can_wait_for_a_click() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", true).await;
        let mut ada = house.recipient("ada").await;
        house.execute("UPDATE people SET address = NULL, address_canonical = NULL", &[]).await;
        let refused = ada.save(&[news], &[news], &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("needs an address that takes mail"), "{}", refused.body);
    }
}
