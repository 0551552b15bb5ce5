//! *It was not me*, mailboxes that several share, and the built-in mailbox.

use super::{MINUTE, ORIGIN, ask, follow, is_done, is_gone, paths_in, reset};
use crate::house::{CHOSEN, House};
use axum::body::Body;
use axum::http::Request;
use std::net::SocketAddr;
use std::sync::Arc;
use testkit::databases;
use web::Settings;

#[tokio::test]
async fn who_did_not_ask_makes_the_links_void_by_a_button_and_not_by_looking() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let report = paths_in(&house.mail_to("ada@example.org"), "/reset/report/")[0].clone();
        let mut browser = house.browser();
        let page = browser.get(&report).await;
        assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "same-origin"));
        assert_eq!(follow(&mut house.browser(), &link).await.status, 200, "looking changes nothing");
        let stale = browser.post(&report, &[("csrf", "0")]).await;
        assert_eq!(stale.status, 403);
        assert_eq!(follow(&mut house.browser(), &link).await.status, 200, "nor does a foreign form");
        let done = browser.post(&report, &[("csrf", &page.token())]).await;
        assert_eq!(done.status, 200);
        assert!(done.body.contains("The links are void"), "{}", done.body);
        assert!(is_gone(&follow(&mut house.browser(), &link).await));
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'reset.not_me'").await, 1);
        assert_eq!(house.browser().sign_in("/login", "ada", CHOSEN).await.location(), "/account");
        // Again, and with tags that are none of ours.
        assert_eq!(browser.post(&report, &[("csrf", &page.token())]).await.status, 200);
        for wrong in [format!("/reset/report/{}", "x".repeat(43)), "/reset/report/short".to_owned()] {
            assert!(is_gone(&browser.get(&wrong).await), "{wrong}");
            assert!(is_gone(&browser.post(&wrong, &[("csrf", &page.token())]).await), "{wrong}");
        }
        // A link asked for later works.
        house.pass(2 * MINUTE);
        assert!(is_done(&reset(&mut house.browser(), &house.link("ada").await).await));
    }
}

#[tokio::test]
async fn three_accounts_of_one_mailbox_get_one_mail_with_a_named_link_each() {
    for db in databases().await {
        let house = House::new(&db.store);
        for name in ["ada", "bea", "cleo"] {
            house.contact(name).await;
        }
        let shared = "family@example.org";
        let sql =
            "UPDATE people SET address = 'family@example.org', address_canonical = 'family@example.org'";
        house.execute(sql, &[]).await;
        // By the address, and by the name of one of them.
        for asked in [shared, "bea"] {
            assert_eq!(ask(&mut house.browser(), asked).await.status, 200);
            assert_eq!(house.deliver().await, 1, "{asked}");
            let mail = house.mail_to(shared);
            assert_eq!(house.links_to(shared).len(), 3, "{mail}");
            for name in ["ada", "bea", "cleo"] {
                assert!(mail.contains(&format!("Account {name}")), "{mail}");
            }
            house.pass(2 * MINUTE);
        }
        // One used link leaves the other accounts alone.
        let links = house.links_to(shared);
        assert!(is_done(&reset(&mut house.browser(), &links[0]).await));
        for (name, link) in ["bea", "cleo"].iter().zip(&links[1..]) {
            let page = follow(&mut house.browser(), link).await;
            assert!(page.body.contains(&format!("For the account {name}.")), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn the_page_behind_a_link_speaks_the_language_and_the_clock_of_the_person() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let sql = "UPDATE people SET language = 'fr', time_zone = 'Asia/Tokyo' WHERE username = 'ada'";
        house.execute(sql, &[]).await;
        let link = house.link("ada").await;
        let page = follow(&mut house.browser(), &link).await;
        assert!(page.body.contains("Choisissez un nouveau mot de passe"), "{}", page.body);
        let until = jiff::Timestamp::from_millisecond(house.now_ms() + 30 * MINUTE).expect("a time");
        let tokyo = until.in_tz("Asia/Tokyo").expect("a zone").strftime("%Y-%m-%d %H:%M").to_string();
        assert!(page.body.contains(&tokyo), "{tokyo}: {}", page.body);
    }
}

#[tokio::test]
async fn a_link_in_the_built_in_mailbox_can_be_followed() {
    for db in databases().await {
        let house = House::with(&db.store, |state| {
            let settings = Settings::new(ORIGIN, "Example Portal", "#245bb0", "", "Europe/Berlin");
            state.settings = Arc::new(settings.expect("settings"));
        });
        house.contact("ada").await;
        let mut browser = house.browser();
        browser.peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        let on_portal = |path: &str| {
            Request::get(path).header("host", "portal.example").body(Body::empty()).expect("a request")
        };
        house
            .state
            .auth
            .ask_for_link(
                "ada",
                "en",
                &auth::Origin { network: String::new(), user_agent: String::new() },
                house.now_ms(),
            )
            .await
            .expect("a request for a link");
        assert_eq!(house.deliver().await, 1);
        let mail = house.state.mailbox.as_ref().expect("a mailbox").list(0, 1)[0].id;
        for view in ["html", "text", "source"] {
            let page = browser.send(on_portal(&format!("/mailbox/{mail}?view={view}"))).await;
            for link in house.links_to("ada@example.org") {
                assert!(page.body.contains(&format!("<a href=\"{ORIGIN}{link}\">")), "{view}: {}", page.body);
            }
        }
    }
}
