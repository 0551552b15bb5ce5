//! Where a link's token is seen, and what scanners can do with it: cases 5 and 19 to 24.

use super::{MINUTE, choose, follow, is_done, is_gone, reset, shape, token_of};
use crate::house::{FRESH, House, OWNER};
use crate::scene;
use axum::body::Body;
use axum::http::{Method, Request};
use testkit::databases;

#[tokio::test]
async fn case_5_every_link_that_does_not_work_leads_to_the_same_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut links = vec![
            ("random", format!("/reset/link/{}", "x".repeat(43))),
            ("malformed", "/reset/link/short".to_owned()),
            ("not even encoded", "/reset/link/%ff%fe".to_owned()),
        ];
        for name in ["used", "expired", "revoked", "blocked", "deleted"] {
            house.contact(name).await;
            if name == "expired" {
                links.push((name, house.link(name).await));
                house.pass(31 * MINUTE);
            }
        }
        for name in ["used", "revoked", "blocked", "deleted"] {
            links.push((name, house.link(name).await));
        }
        assert!(is_done(&reset(&mut house.browser(), &links[4].1).await));
        for sql in [
            "UPDATE reset_links SET state = 'retired' WHERE person_id = (SELECT id FROM people WHERE username = 'revoked')",
            "UPDATE people SET blocked = TRUE WHERE username = 'blocked'",
            "DELETE FROM people WHERE username = 'deleted'",
        ] {
            house.execute(sql, &[]).await;
        }
        let mut seen = Vec::new();
        for (what, link) in &links {
            let page = follow(&mut house.browser(), link).await;
            assert!(is_gone(&page), "{what}: {} {}", page.status, page.body);
            assert!(page.body.contains("action=\"/reset\""), "it offers another one");
            seen.push((what, shape(&page, "")));
        }
        for (what, other) in &seen[1..] {
            assert_eq!(*other, seen[0].1, "{what}");
        }
    }
}

#[tokio::test]
async fn case_19_and_20_the_token_leaves_the_address_at_once_and_no_referrer_tells_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let token = token_of(&link).to_owned();
        let mut browser = house.browser();
        let first = browser.get(&link).await;
        assert_eq!((first.status.as_u16(), first.location()), (303, "/reset/new"));
        assert_eq!(first.header("referrer-policy"), "no-referrer");
        assert!(first.body.is_empty(), "{}", first.body);
        let cookie = format!("__Host-rs={token}; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert_eq!(first.set_cookies(), [cookie]);
        // A token nobody ever had gets the same answer.
        let other = house.browser().get(&format!("/reset/link/{}", "x".repeat(43))).await;
        assert_eq!((other.status, other.location()), (first.status, first.location()));
        assert_eq!(other.set_cookies().len(), 1);
        let page = browser.get("/reset/new").await;
        assert_eq!(page.header("referrer-policy"), "same-origin");
        let refused = choose(&mut browser, &page, "too short").await;
        let done = choose(&mut browser, &page, FRESH).await;
        let end = browser.get(done.location()).await;
        for (what, answer) in [("the form", &page), ("refused", &refused), ("done", &done), ("the end", &end)]
        {
            assert!(!answer.body.contains(&token), "{what}");
            assert!(!answer.location().contains(&token), "{what}");
            assert!(!answer.body.contains("http://") && !answer.body.contains("https://"), "{what}");
        }
        assert!(browser.cookies.keys().all(|name| name != "__Host-rs"), "the cookie is taken back");
    }
}

#[tokio::test]
async fn case_21_the_token_is_in_the_mail_and_nowhere_else() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        let (_, mut operator) = scene::operator(&house, "olga", OWNER).await;
        let link = house.link("ada").await;
        let token = token_of(&link).to_owned();
        assert!(is_done(&reset(&mut house.browser(), &link).await));
        house.deliver().await;
        for path in [
            format!("/console/people/{ada}"),
            "/console/audit".to_owned(),
            "/console/audit.csv".to_owned(),
            "/console".to_owned(),
            "/metrics".to_owned(),
        ] {
            let answer = operator.get(&path).await;
            assert!(!answer.body.contains(&token), "{path}");
        }
        for (table, sql) in [
            (
                "audit",
                "SELECT COUNT(*) FROM audit WHERE detail LIKE '%' || $1 || '%' OR subject_id LIKE '%' || $1 || '%'",
            ),
            (
                "account_mails",
                "SELECT COUNT(*) FROM account_mails WHERE asked LIKE '%' || $1 || '%' OR detail LIKE '%' || $1 || '%'",
            ),
        ] {
            let wanted = store::params![token.as_str()].to_vec();
            let found =
                house.state.store.read(move |tx| Box::pin(async move { tx.find(sql, &wanted).await }));
            let number: i64 = found.await.expect("a query").expect("a row").take(0).expect("a number");
            assert_eq!(number, 0, "{table}");
        }
        let timeline = operator.get(&format!("/console/people/{ada}")).await.body;
        for told in ["A link was asked for", "Link to choose a password mailed", "Password set behind a link"]
        {
            assert!(timeline.contains(told), "{told}");
        }
    }
}

#[tokio::test]
async fn the_log_tells_in_words_why_somebody_got_no_link() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        house.execute("UPDATE people SET undeliverable = '550 5.1.1' WHERE username = 'ada'", &[]).await;
        super::ask(&mut house.browser(), "ada").await;
        assert_eq!(house.deliver().await, 0);
        let (_, mut operator) = scene::operator(&house, "olga", OWNER).await;
        let log = operator.get("/console/audit?action=reset.").await.body;
        assert!(log.contains("Asked for a link, but none may be sent"), "{log}");
        assert!(log.contains("mail to this address does not arrive"), "{log}");
    }
}

#[tokio::test]
async fn case_22_no_page_of_the_way_is_kept_or_indexed() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut browser = house.browser();
        for path in ["/reset", &link, "/reset/new", "/reset/done", "/reset/report/x", "/login"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow", "{path}");
            for validator in ["etag", "last-modified"] {
                assert!(!answer.headers.contains_key(validator), "{path}: {validator}");
            }
        }
    }
}

#[tokio::test]
async fn case_23_looking_200_times_uses_nothing_up() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut scanner = house.browser();
        for round in 0..200 {
            let method = [Method::GET, Method::HEAD, Method::GET, Method::OPTIONS][round % 4].clone();
            let request = Request::builder().method(method).uri(&link).header("purpose", "prefetch");
            scanner.send(request.body(Body::empty()).expect("a request")).await;
            if round % 10 == 0 {
                assert_eq!(scanner.get("/reset/new").await.status, 200, "{round}");
            }
        }
        // A scanner that submits the form without a password does no harm either.
        let page = scanner.get("/reset/new").await;
        assert_eq!(choose(&mut scanner, &page, "").await.status, 422);
        let mut owner = house.browser();
        assert!(is_done(&reset(&mut owner, &link).await));
        assert!(is_gone(&follow(&mut owner, &link).await));
    }
}

#[tokio::test]
async fn case_24_a_scanner_that_opens_first_and_keeps_its_cookies_does_not_shut_the_owner_out() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let (mut scanner, mut owner) = (house.browser(), house.browser());
        assert_eq!(follow(&mut scanner, &link).await.status, 200);
        assert!(is_done(&reset(&mut owner, &link).await));
        assert_eq!(house.browser().sign_in("/login", "ada", FRESH).await.location(), "/account");
    }
}
