//! Tokens of one purpose at the places of others (case 34), and unsubscribing by a link (case 25).

use super::{click, follow, is_gone, token_of};
use crate::house::{Answer, Browser, CHOSEN, House};
use auth::unsubscribe::{Unsubscribe, tag};
use axum::body::Body;
use axum::http::{Method, Request};
use domain::id::PersonId;
use testkit::databases;

const MEMBERS: &str = "SELECT COUNT(*) FROM group_members";

#[tokio::test]
async fn case_34_a_token_of_one_purpose_opens_nothing_elsewhere_and_is_noted() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", true).await;
        let mut ada = house.recipient("ada").await;
        ada.save(&[news], &[news], &[]).await;
        house.post().await;
        let subscription = house.path_to("ada@example.org", "/confirm/subscription/link/");
        let unsubscribe = house.path_to("ada@example.org", "/unsubscribe/");
        ada.move_to("new@example.com").await;
        house.post().await;
        let objection = house.path_to("ada@example.org", "/confirm/objection/link/");
        let address = house.path_to("new@example.com", "/confirm/address/link/");
        let mut other = house.browser();
        let token = other.get("/reset").await.token();
        other.post("/reset", &[("csrf", &token), ("username", "ada")]).await;
        house.post().await;
        let reset = house.path_to("ada@example.org", "/reset/link/");
        let session = ada.browser.cookies["__Host-pc"].clone();
        let tokens =
            [&subscription, &unsubscribe, &objection, &address, &reset].map(|link| token_of(link).to_owned());
        let mut tried = 0;
        for (place, own) in [("address", 3), ("subscription", 0), ("objection", 2)] {
            for (number, token) in tokens.iter().chain([&session]).enumerate() {
                if number != own {
                    let page = follow(&mut house.browser(), &format!("/confirm/{place}/link/{token}")).await;
                    assert!(is_gone(&page), "{place} {number}: {}", page.body);
                    tried += 1;
                }
            }
        }
        assert_eq!(
            house.count("SELECT COUNT(*) FROM audit WHERE action = 'address.unknown_link'").await,
            tried
        );
        for token in tokens.iter().take(4) {
            let mut browser = house.browser();
            browser.get(&format!("/reset/link/{token}")).await;
            assert_eq!(browser.get("/reset/new").await.status, 404);
            assert_eq!(browser.get(&format!("/console/setup/{token}")).await.status, 404);
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'reset.unknown_link'").await, 4);
        for token in [&tokens[0], &tokens[2], &tokens[3], &tokens[4], &session] {
            assert!(is_gone(&house.browser().get(&format!("/unsubscribe/{token}")).await));
            let mut browser = house.browser();
            browser.cookies.insert(
                "__Host-pc".to_owned(),
                if *token == session { "x".repeat(43) } else { token.clone() },
            );
            assert_eq!(browser.get("/preferences").await.location(), "/login");
        }
        assert_eq!(house.count(MEMBERS).await, 0);
        // Each still works where it belongs.
        assert_eq!(click(&mut house.browser(), &subscription).await.status, 200);
        assert_eq!(click(&mut house.browser(), &address).await.status, 200);
        assert_eq!(follow(&mut house.browser(), &objection).await.status, 200);
    }
}

#[tokio::test]
async fn a_form_of_another_link_than_the_newest_followed_confirms_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (mut ada, mut bea) = (house.recipient("ada").await, house.recipient("bea").await);
        ada.move_to("a@example.com").await;
        bea.move_to("b@example.com").await;
        house.post().await;
        let mut browser = house.browser();
        let of_ada = follow(&mut browser, &house.path_to("a@example.com", "/confirm/address/link/")).await;
        follow(&mut browser, &house.path_to("b@example.com", "/confirm/address/link/")).await;
        let answer = browser.post("/confirm/address", &[("csrf", &of_ada.token())]).await;
        assert_eq!(answer.status, 403);
        assert!(
            answer.body.contains("b@example.com") && answer.body.contains("newest link"),
            "{}",
            answer.body
        );
        assert_eq!(house.count("SELECT COUNT(*) FROM confirmations WHERE state = 'confirmed'").await, 0);
        let smuggled = [("csrf", answer.token()), ("verified", "1".to_owned())];
        let smuggled: Vec<(&str, &str)> =
            smuggled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            browser.post("/confirm/address", &smuggled).await.status,
            400,
            "an unknown field is refused"
        );
    }
}

#[tokio::test]
async fn of_parallel_clicks_one_wins() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let link = house.path_to("new@example.com", "/confirm/address/link/");
        let mut open = Vec::new();
        for _ in 0..10 {
            let mut browser = house.browser();
            let page = follow(&mut browser, &link).await;
            open.push((browser, page.token()));
        }
        let clicks = open.into_iter().map(|(mut browser, token)| async move {
            browser.post("/confirm/address", &[("csrf", &token)]).await.status.as_u16()
        });
        let mut answers = Vec::new();
        let mut tasks = tokio::task::JoinSet::new();
        for one in clicks {
            tasks.spawn(one);
        }
        while let Some(answer) = tasks.join_next().await {
            answers.push(answer.unwrap());
        }
        answers.sort_unstable();
        let expected: Vec<u16> = std::iter::once(200).chain([404; 9]).collect();
        assert_eq!(answers, expected);
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'address.confirmed'").await, 1);
    }
}

/// A mail program's one click: no cookie, no origin, no token.
async fn one_click(browser: &mut Browser, path: &str, kind: &str, body: &str) -> Answer {
    assert!(browser.cookies.is_empty());
    let request = Request::post(path).header("content-type", kind).body(Body::from(body.to_owned()));
    browser.send(request.unwrap()).await
}

const URL_ENCODED: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn case_25_looking_at_a_link_to_unsubscribe_changes_nothing_and_one_click_changes_it_once() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", false).await, house.offer("music", false).await);
        let mut ada = house.recipient("ada").await;
        ada.save(&[news, music], &[news, music], &[]).await;
        let keys = house.state.auth.keys();
        let path =
            format!("/unsubscribe/{}", tag(keys, Unsubscribe { person_id: ada.id, group_id: Some(news) }));
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT] {
            for _ in 0..50 {
                let request = Request::builder().method(method.clone()).uri(&path).body(Body::empty());
                house.browser().send(request.unwrap()).await;
            }
        }
        assert_eq!(house.count(MEMBERS).await, 2);
        let page = house.browser().get(&path).await;
        assert!(page.body.contains("The news") && page.body.contains("method=\"post\""), "{}", page.body);
        assert!(!page.body.contains("ada"), "it names nobody");
        for (kind, wrong) in [
            (URL_ENCODED, ""),
            (URL_ENCODED, "List-Unsubscribe=Two-Clicks"),
            (URL_ENCODED, "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click"),
            (URL_ENCODED, "List-Unsubscribe=One-Click&group=all"),
            ("text/plain", "List-Unsubscribe=One-Click"),
        ] {
            let status = one_click(&mut house.browser(), &path, kind, wrong).await.status.as_u16();
            assert!([400, 415].contains(&status), "{wrong}: {status}");
        }
        assert_eq!(house.count(MEMBERS).await, 2);
        for _ in 0..3 {
            let done =
                one_click(&mut house.browser(), &path, URL_ENCODED, "List-Unsubscribe=One-Click").await;
            assert_eq!(done.status, 200);
            assert!(
                done.set_cookies().is_empty() && done.body.contains("You are unsubscribed"),
                "{}",
                done.body
            );
        }
        assert_eq!(house.count(MEMBERS).await, 1, "only out of this one");
        assert_eq!(
            house.count("SELECT COUNT(*) FROM audit WHERE action = 'subscription.ended'").await,
            1,
            "once"
        );
        let way = "SELECT way FROM consents WHERE act = 'unsubscribed'";
        assert_eq!(house.texts(way).await, ["one_click"]);
    }
}

#[tokio::test]
async fn case_25_the_click_may_come_as_the_other_kind_of_form_and_out_of_everything() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (news, music) = (house.offer("news", false).await, house.offer("music", false).await);
        let mut ada = house.recipient("ada").await;
        ada.save(&[news, music], &[news, music], &[]).await;
        let keys = house.state.auth.keys();
        let path = format!("/unsubscribe/{}", tag(keys, Unsubscribe { person_id: ada.id, group_id: None }));
        let body = "--XX\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--XX--\r\n";
        let done = one_click(&mut house.browser(), &path, "multipart/form-data; boundary=XX", body).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(house.count(MEMBERS).await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM people WHERE unsubscribed_at IS NOT NULL").await, 1);
        assert_eq!(
            house.count("SELECT COUNT(*) FROM audit WHERE action = 'subscription.all_ended'").await,
            1
        );
        // The page's own button says that it was the page, and why.
        ada.post("/preferences/allow", &[]).await;
        let mut browser = house.browser();
        let fields = [("List-Unsubscribe", "One-Click"), ("page", "1"), ("reason", "moved away")];
        assert_eq!(browser.post(&path, &fields).await.status, 200);
        let log = house
            .texts("SELECT way || ' ' || reason FROM consents WHERE act = 'stopped_all' ORDER BY number")
            .await;
        assert_eq!(log, ["one_click ", "link moved away"]);
    }
}

#[tokio::test]
async fn a_link_to_unsubscribe_cannot_be_turned_to_somebody_else_and_dies_with_the_person() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", false).await;
        let mut ada = house.recipient("ada").await;
        let mia = house.contact("mia").await;
        ada.save(&[news], &[news], &[]).await;
        let keys = house.state.auth.keys();
        let tag_of = |person_id: PersonId| tag(keys, Unsubscribe { person_id, group_id: Some(news) });
        let (of_ada, of_mia) = (tag_of(ada.id), tag_of(mia));
        // Mia's proof behind Ada's id.
        let forged = format!("{}{}", of_ada.split_at(42).0, of_mia.split_at(42).1);
        let cut = of_ada.split_at(43).0;
        for wrong in [forged.as_str(), cut, "x", &"A".repeat(43), &format!("{of_ada}A"), "%ff"] {
            let path = format!("/unsubscribe/{wrong}");
            let answer =
                one_click(&mut house.browser(), &path, URL_ENCODED, "List-Unsubscribe=One-Click").await;
            assert!([400, 404].contains(&answer.status.as_u16()), "{wrong}: {}", answer.status);
        }
        assert_eq!(house.count(MEMBERS).await, 1);
        assert_eq!(house.execute("DELETE FROM people WHERE username = 'mia'", &[]).await, 1);
        assert!(is_gone(&house.browser().get(&format!("/unsubscribe/{of_mia}")).await));
        // Who is signed in elsewhere is not touched by it.
        assert_eq!(house.browser().sign_in("/login", "ada", CHOSEN).await.location(), "/account");
    }
}
