//! Asking for a link: cases 1 to 3 and 8 to 18.

use super::{MINUTE, ORIGIN, SECOND, ask, paths_in, shape};
use crate::house::{Browser, House, settings};
use axum::body::Body;
use axum::http::Request;
use testkit::databases;
use web::Networks;

/// Names of one length, so that the answers can be compared with their lengths.
const KNOWN: &str = "adalove";
const UNKNOWN: &str = "nobody1";

async fn furnish(house: &House) {
    for name in [KNOWN, "blocked", "noplace", "bounced", "unsure1"] {
        house.contact(name).await;
    }
    for sql in [
        "UPDATE people SET blocked = TRUE WHERE username = 'blocked'",
        "UPDATE people SET address = NULL, address_canonical = NULL WHERE username = 'noplace'",
        "UPDATE people SET undeliverable = '550 5.1.1' WHERE username = 'bounced'",
        "UPDATE people SET verified = FALSE WHERE username = 'unsure1'",
    ] {
        house.execute(sql, &[]).await;
    }
}

#[tokio::test]
async fn case_1_asking_answers_the_same_for_known_unknown_blocked_and_addressless_accounts() {
    for db in databases().await {
        let house = House::new(&db.store);
        furnish(&house).await;
        let mut seen = Vec::new();
        for name in [KNOWN, UNKNOWN, "blocked", "noplace", "bounced", "unsure1"] {
            let answer = ask(&mut house.browser(), name).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body.contains("If there is an account"), "{}", answer.body);
            assert!(answer.body.contains(&format!("value=\"{name}\"")), "what was typed is kept");
            seen.push((name, shape(&answer, name)));
        }
        for (name, other) in &seen[1..] {
            assert_eq!(*other, seen[0].1, "{name}");
        }
        assert_eq!(house.deliver().await, 2, "only who may have a link gets a mail");
        let reasons = house
            .count("SELECT COUNT(*) FROM audit WHERE action = 'reset.left_out' AND detail LIKE '%reason%'")
            .await;
        assert_eq!(reasons, 3);
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'reset.asked'").await, 2);
    }
}

#[tokio::test]
async fn case_3_the_throttle_begins_at_the_same_count_with_the_same_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        furnish(&house).await;
        let mut seen = Vec::new();
        for name in [KNOWN, UNKNOWN] {
            let mut browser = house.browser();
            let mut taken = 0;
            let refused = loop {
                let answer = ask(&mut browser, name).await;
                if answer.status != 200 {
                    break answer;
                }
                taken += 1;
                assert!(taken < 50, "there is a limit");
            };
            assert_eq!(refused.status, 429);
            let wait: i64 = refused.header("retry-after").parse().expect("seconds");
            assert!((1..=600).contains(&wait), "{wait}");
            assert!(refused.body.contains("Too many links were asked for"), "{}", refused.body);
            assert!(refused.body.contains(&format!("value=\"{name}\"")), "what was typed is kept");
            seen.push((taken, shape(&refused, name)));
            // The limit of everybody together is another one.
            house.pass(5 * SECOND);
        }
        assert_eq!(seen[0].0, 10);
        assert_eq!(seen[0], seen[1]);
        house.pass(10 * MINUTE);
        assert_eq!(ask(&mut house.browser(), KNOWN).await.status, 200);
    }
}

#[tokio::test]
async fn an_empty_name_and_a_longer_one_than_any_are_refused_at_the_field() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact(KNOWN).await;
        let mut browser = house.browser();
        let long = "x".repeat(255);
        for (name, why) in [
            ("", "Type your user name or your e-mail address."),
            ("   ", "Type your user name or your e-mail address."),
            (long.as_str(), "longer than 254 characters"),
            ("ada\0love", "a sign in it that cannot be"),
        ] {
            let answer = ask(&mut browser, name).await;
            assert_eq!(answer.status, 422, "{name:?}");
            assert!(answer.body.contains(why) && answer.body.contains("aria-invalid=\"true\""), "{name:?}");
        }
        assert!(ask(&mut browser, &long).await.body.contains(&long), "what was typed is kept");
        // A form without its token: said so, and nothing is lost.
        let stale = browser.post("/reset", &[("csrf", "0"), ("username", KNOWN)]).await;
        assert_eq!(stale.status, 403);
        assert!(stale.body.contains(&format!("value=\"{KNOWN}\"")), "{}", stale.body);
        assert_eq!(house.count("SELECT COUNT(*) FROM account_mails").await, 0);
    }
}

async fn nothing_is_written(house: &House) {
    assert_eq!(house.count("SELECT COUNT(*) FROM account_mails").await, 0);
    assert_eq!(house.deliver().await, 0);
}

#[tokio::test]
async fn case_8_arrays_and_objects_in_place_of_a_name_are_refused() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact(KNOWN).await;
        let mut browser = house.browser();
        let token = browser.get("/reset").await.token();
        for body in ["[\"ada\"]", "{\"username\":[\"ada\",\"evil\"]}", "{\"username\":{\"$ne\":1}}"] {
            assert_eq!(browser.post_json("/reset", body).await.status, 415, "{body}");
        }
        for name in ["username[]", "username[0]", "username.x"] {
            let answer = browser.post("/reset", &[("csrf", &token), (name, KNOWN)]).await;
            assert_eq!(answer.status, 400, "{name}");
        }
        nothing_is_written(&house).await;
    }
}

#[tokio::test]
async fn case_9_a_name_sent_twice_is_refused() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact(KNOWN).await;
        let mut browser = house.browser();
        let token = browser.get("/reset").await.token();
        for (path, body) in [
            ("/reset", format!("csrf={token}&username={KNOWN}&username=evil%40evil.example")),
            ("/reset", format!("csrf={token}&username={KNOWN}&user%6eame=evil%40evil.example")),
            ("/reset?username=evil%40evil.example", format!("csrf={token}&username={KNOWN}")),
        ] {
            assert_eq!(browser.post_raw(path, &body).await.status, 400, "{path} {body}");
        }
        nothing_is_written(&house).await;
    }
}

#[tokio::test]
async fn case_10_lists_and_disguised_addresses_reach_nobody_else() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact(KNOWN).await;
        for name in [
            "adalove@example.org,evil@evil.example",
            "adalove@example.org;evil@evil.example",
            "adalove@example.org evil@evil.example",
            "<adalove@example.org>evil@evil.example",
            "adalove@example.org(evil@evil.example)",
            "adalove@example.org\r\nBcc: evil@evil.example",
            "adalove@example.org.",
            "evil@evil.example",
        ] {
            let answer = ask(&mut house.browser(), name).await;
            assert!([200, 422].contains(&answer.status.as_u16()), "{name}: {}", answer.status);
            house.pass(2 * MINUTE);
        }
        house.deliver().await;
        let mails = house.state.mailbox.as_ref().expect("a mailbox").list(0, 100);
        assert!(mails.iter().all(|mail| mail.envelope_to == "adalove@example.org"), "{mails:?}");
    }
}

async fn ask_with(browser: &mut Browser, name: &str, headers: &[(&str, &str)]) -> u16 {
    let token = browser.get("/reset").await.token();
    let mut request = Request::post("/reset").header("content-type", "application/x-www-form-urlencoded");
    for (header, value) in headers {
        request = request.header(*header, *value);
    }
    let body = Body::from(format!("csrf={token}&username={name}"));
    browser.send(request.body(body).expect("a request")).await.status.as_u16()
}

#[tokio::test]
async fn case_16_and_17_no_host_a_request_names_gets_into_a_link() {
    for db in databases().await {
        // Also through a proxy that is trusted with the address of the client.
        let trusted = Networks::parse(&["198.51.0.0/16"]).expect("a network");
        for proxies in [Networks::default(), trusted] {
            let house = House::with(&db.store, |state| {
                state.settings = settings(|settings| settings.trusted_proxies = proxies);
            });
            let name = format!("ada{}", house.count("SELECT COUNT(*) FROM people").await);
            house.contact(&name).await;
            for host in ["evil.example", "pass.example@evil.example", "pass.example:99999"] {
                let status = ask_with(&mut house.browser(), &name, &[("host", host)]).await;
                assert!([400, 421].contains(&status), "{host}: {status}");
            }
            let headers = [
                ("x-forwarded-host", "evil.example"),
                ("forwarded", "for=192.0.2.1;host=evil.example"),
                ("x-original-host", "evil.example"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-forwarded-proto", "http"),
            ];
            assert_eq!(ask_with(&mut house.browser(), &name, &headers).await, 200);
            assert_eq!(house.deliver().await, 1);
            let mail = house.mail_to(&format!("{name}@example.org"));
            assert!(!mail.contains("evil") && !mail.contains("http://"), "{mail}");
            assert_eq!(paths_in(&mail, "/reset/link/").len(), 1, "it begins with {ORIGIN}: {mail}");
        }
    }
}

#[tokio::test]
async fn case_18_nothing_leads_off_our_pages() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact(KNOWN).await;
        let mut browser = house.browser();
        let token = browser.get("/reset").await.token();
        for field in ["next", "return_to", "redirect_uri"] {
            let fields = [("csrf", token.as_str()), ("username", KNOWN), (field, "//evil.example")];
            assert_eq!(browser.post("/reset", &fields).await.status, 400, "{field}");
        }
        let link = house.link(KNOWN).await;
        for elsewhere in ["//evil.example", "%5C%5Cevil.example", "/%2509/evil.example", "https:evil.example"]
        {
            let answer = browser.get(&format!("{link}?next={elsewhere}")).await;
            assert_eq!(answer.location(), "/reset/new", "{elsewhere}");
            let done = browser.get(&format!("/reset/done?{elsewhere}")).await;
            assert!(!done.body.contains("evil"), "{elsewhere}");
        }
        assert!(!house.mail_to("adalove@example.org").contains("evil"));
    }
}
