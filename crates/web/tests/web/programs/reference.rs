//! The reference for people, and the numbers for Prometheus.

use crate::house::{House, settings};
use serde_json::Value;
use testkit::databases;
use web::MetricsFor;

#[tokio::test]
async fn the_reference_shows_every_operation_without_a_script_and_from_our_own_host_only() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    let page = browser.get("/api/docs").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    let document: Value = serde_json::from_str(&browser.get("/api/v1/openapi.json").await.body).unwrap();
    let mut shown = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (_, operation) in operations.as_object().unwrap() {
            let anchor = format!("id=\"{}\"", operation["operationId"].as_str().unwrap());
            assert!(
                page.body.contains(&anchor) && page.body.contains(&format!("<code>{path}</code>")),
                "{path}"
            );
            shown += 1;
        }
    }
    assert!(shown > 70, "{shown}");
    // A browser loads some 30 kB beside it, and no page weighs more than 300 kB.
    assert!(page.body.len() < 265_000, "{}", page.body.len());
    let again = "Answers with the fields of <code>POST /api/v1/people</code>.";
    assert!(page.body.contains(again) && page.body.contains("given_name"), "told once, and named elsewhere");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(!page.body.contains("style=\"") && !page.body.contains("onclick"));
    for link in page.body.split("src=\"").skip(1).chain(page.body.split("href=\"").skip(1)) {
        let link = link.split('"').next().unwrap();
        assert!(link.starts_with('/') || link.starts_with('#'), "{link}");
        if link.starts_with("/assets/") {
            assert_eq!(browser.get(link).await.status, 200, "{link}");
        }
    }
    assert!(
        page.body.contains("curl &#39;https://pass.example/api/v1/people&#39;")
            || page.body.contains("curl &#x27;https://pass.example/api/v1/people")
    );
    browser.language = "de";
    assert!(browser.get("/api/docs").await.body.contains("Ihr API-Schlüssel"));
}

#[tokio::test]
async fn the_document_says_what_a_key_must_have_and_which_problems_there_are() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let document: Value =
        serde_json::from_str(&house.browser().get("/api/v1/openapi.json").await.body).unwrap();
    assert_eq!(document["openapi"], "3.1.1");
    let people = &document["paths"]["/api/v1/people"];
    assert_eq!(people["post"]["x-scope"], "people.edit");
    assert_eq!(people["post"]["security"], serde_json::json!([{ "key": [] }]));
    for status in ["201", "400", "401", "403", "409", "413", "415", "422", "429"] {
        assert!(people["post"]["responses"].get(status).is_some(), "{status}");
    }
    let fields = &document["components"]["schemas"]["NewPerson"];
    assert_eq!(fields["additionalProperties"], false);
    assert!(fields["properties"].get("verified").is_none() && fields["properties"].get("address").is_some());
}

#[tokio::test]
async fn numbers_are_for_this_machine_unless_the_setting_says_otherwise() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let mut browser = house.browser();
        browser.get("/login").await;
        assert_eq!(browser.get("/metrics").await.status, 403);
        browser.peer = ([127, 0, 0, 1], 1).into();
        let numbers = browser.get("/metrics").await;
        assert_eq!(numbers.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        assert!(numbers.body.contains("\npasspost_people 1\n"), "{}", numbers.body);
        assert!(numbers.body.contains("passpost_http_requests_total{class=\"recipient\",status=\"200\"}"));
        for line in numbers.body.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("passpost_") && value.parse::<f64>().is_ok(), "{line}");
        }
        let open = House::with(&db.store, |state| {
            state.settings = settings(|settings| settings.metrics = MetricsFor::Everyone);
        });
        assert_eq!(open.browser().get("/metrics").await.status, 200);
        let off = House::with(&db.store, |state| {
            state.settings = settings(|settings| settings.metrics = MetricsFor::Nobody);
        });
        assert_eq!(off.browser().get("/metrics").await.status, 404);
    }
}
