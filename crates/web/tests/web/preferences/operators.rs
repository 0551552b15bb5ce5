//! What operators set and see: offered groups, attributes, the log of subscriptions, requests to be erased.

use super::Ada;
use crate::house::{CHOSEN, HELPER, House, OWNER};
use crate::scene;
use testkit::databases;

#[tokio::test]
async fn an_operator_offers_a_group_and_sees_who_subscribed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = scene::operator(&house, "olga", OWNER).await;
        let made = scene::send(
            &mut olga,
            "/console/groups",
            "/console/groups",
            &[("name", "news"), ("description", "")],
        )
        .await;
        assert_eq!(made.status, 303, "{}", made.body);
        let id: domain::id::GroupId = group_id(&house).await;
        let path = format!("/console/groups/{id}");
        let long = "x".repeat(2_001);
        let fields = [
            ("name", "news"),
            ("description", "inside"),
            ("subscribable", "1"),
            ("public_title", "The news"),
            ("public_description", long.as_str()),
        ];
        let refused = scene::send(&mut olga, &path, &path, &fields).await;
        assert!(
            refused.status == 422 && refused.body.contains("id=\"public_description-hint\""),
            "{}",
            refused.body
        );
        let fields = [
            ("name", "news"),
            ("description", "inside"),
            ("subscribable", "1"),
            ("public_title", "The news"),
        ];
        assert_eq!(scene::send(&mut olga, &path, &path, &fields).await.status, 303);
        let form = olga.get(&path).await.body;
        assert!(
            form.contains("name=\"subscribable\" value=\"1\" checked") && form.contains("The news"),
            "{form}"
        );
        let mut ada = house.recipient("ada").await;
        assert_eq!(ada.save(&[id], &[id], &[]).await.location(), "/preferences?saved=subscribed");
        let person = olga.get(&format!("/console/people/{}", ada.id)).await.body;
        assert!(
            person.contains("Subscribed to “The news”") && person.contains("at the own pages"),
            "{person}"
        );
        // An operator who takes somebody out stands in the log as well.
        let page = format!("/console/people/{}", ada.id);
        let leave = format!("{page}/act/leave");
        assert_eq!(scene::send(&mut olga, &page, &leave, &[("group", &id.to_string())]).await.status, 303);
        let person = olga.get(&page).await.body;
        assert!(person.contains("Left “The news”") && person.contains("by Ada Lovelace"), "{person}");
        // No longer offered: the person sees it no more.
        let fields = [("name", "news"), ("description", "inside"), ("public_title", "The news")];
        assert_eq!(scene::send(&mut olga, &path, &path, &fields).await.status, 303);
        assert!(!ada.page().await.body.contains("The news"));
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'group.offered'").await, 2);
    }
}

async fn group_id(house: &House) -> domain::id::GroupId {
    let found = house
        .state
        .store
        .read(|tx| Box::pin(async move { store::group::find_by_name(tx, "news").await }))
        .await;
    found.unwrap().unwrap().id
}

#[tokio::test]
async fn an_operator_says_what_recipients_may_do_with_an_attribute() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = scene::operator(&house, "olga", OWNER).await;
        let page = "/console/attributes";
        let fields = [("name", "nick"), ("kind", "string"), ("label", "Nickname"), ("recipients", "see")];
        assert_eq!(scene::send(&mut olga, page, page, &fields).await.status, 303);
        let mut ada = house.recipient("ada").await;
        let set = [("attribute-nick", "Ada")];
        assert_eq!(ada.save(&[], &[], &set).await.status, 400, "seen is not changed");
        let path = "/console/attributes/nick";
        assert_eq!(scene::send(&mut olga, page, path, &[("recipients", "edit")]).await.status, 303);
        assert_eq!(ada.save(&[], &[], &set).await.location(), "/preferences?saved=record");
        assert_eq!(scene::send(&mut olga, page, path, &[("recipients", "all")]).await.status, 400);
        let gone = "/console/attributes/nothing";
        assert_eq!(scene::send(&mut olga, page, gone, &[("recipients", "edit")]).await.status, 404);
    }
}

async fn ask(ada: &mut Ada, reason: &str) {
    let fields = [("username", "x"), ("reason", reason), ("current", CHOSEN)];
    assert_eq!(
        ada.post("/preferences/deletion", &fields).await.location(),
        "/preferences?saved=deletion-asked"
    );
}

#[tokio::test]
async fn a_request_to_be_erased_is_declined_with_an_answer_or_carried_out() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = scene::operator(&house, "olga", OWNER).await;
        let (_, mut henri) = scene::operator(&house, "henri", HELPER).await;
        assert!(olga.get("/console/deletions").await.body.contains("Nobody asks to be erased."));
        let mut ada = house.recipient("ada").await;
        ask(&mut ada, "moving <b>away</b>").await;
        let list = olga.get("/console/deletions").await.body;
        assert!(list.contains("Ada Lovelace") && list.contains("moving &#60;b&#62;away"), "{list}");
        assert!(olga.get("/console").await.body.contains("People ask to be erased: 1"));
        let person = olga.get(&format!("/console/people/{}", ada.id)).await.body;
        assert!(person.contains("Asks to be erased since"), "{person}");
        let path = format!("/console/deletions/{}/decline", ada.id);
        // Who may only look finds no button, and no way past it.
        assert!(!henri.get("/console/deletions").await.body.contains("/decline"));
        let token = henri.get("/console").await.token();
        assert_eq!(henri.post(&path, &[("csrf", &token), ("answer", "no")]).await.status, 403);
        let long = "x".repeat(501);
        let refused = scene::send(&mut olga, "/console/deletions", &path, &[("answer", &long)]).await;
        assert!(refused.status == 422 && refused.body.contains(&long), "what was typed is kept");
        let declined =
            scene::send(&mut olga, "/console/deletions", &path, &[("answer", "a book is missing")]).await;
        assert_eq!(declined.location(), "/console/deletions?done=deletion-declined");
        assert!(ada.page().await.body.contains("a book is missing"));
        let again = scene::send(&mut olga, "/console/deletions", &path, &[("answer", "")]).await;
        assert_eq!(again.status, 422);
        ask(&mut ada, "").await;
        let erase = format!("/console/people/{}/erase", ada.id);
        assert!(olga.get("/console/deletions").await.body.contains(&erase));
        let erased = scene::send(&mut olga, &erase, &erase, &[("username", "ada")]).await;
        assert_eq!(erased.status, 303, "{}", erased.body);
        assert_eq!(house.count("SELECT COUNT(*) FROM deletion_requests").await, 0);
        assert_eq!(ada.browser.get("/preferences").await.location(), "/login");
    }
}
