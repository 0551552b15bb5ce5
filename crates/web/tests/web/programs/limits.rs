//! How much programs may ask.

use super::client::text;
use crate::house::{House, settings};
use serde_json::json;
use std::net::SocketAddr;
use testkit::databases;
use web::Networks;

#[tokio::test]
async fn a_key_may_change_sixty_things_a_minute_and_is_told_when_to_come_back() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let body = json!({ "filter": "username pr" });
        for n in 0..61 {
            house.pass(100);
            let answer = program.post("/api/v1/selections/count", body.clone()).await;
            assert_eq!(answer.status, if n < 60 { 200 } else { 429 }, "{n}: {}", answer.body);
            if n == 60 {
                assert_eq!(answer.header("retry-after"), "54");
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
        }
        assert_eq!(program.get("/api/v1/people").await.status, 200, "reading has a limit of its own");
        house.pass(54_001);
        assert_eq!(program.post("/api/v1/selections/count", body).await.status, 200);
    }
}

#[tokio::test]
async fn case_98_no_forged_address_and_no_neighbour_address_escapes_the_limit_of_a_network() {
    for db in databases().await {
        let house = House::with(&db.store, |state| {
            state.settings =
                settings(|settings| settings.trusted_proxies = Networks::parse(&["10.9.9.9"]).unwrap());
        });
        let mut program = house.program().await;
        let good = std::mem::replace(&mut program.token, format!("pp_{}", "a".repeat(49)));
        for n in 0..31 {
            let forged = format!("203.0.113.{n}");
            let answer = program.send("GET", "/api/v1/people", None, &[("x-forwarded-for", &forged)]).await;
            assert_eq!(answer.status, if n < 30 { 401 } else { 429 }, "{n}");
        }
        program.browser.peer = SocketAddr::from(([10, 9, 9, 9], 1));
        for n in 0..31 {
            let inside = format!("2001:db8:1:2::{n:x}");
            let answer = program.send("GET", "/api/v1/people", None, &[("x-forwarded-for", &inside)]).await;
            assert_eq!(answer.status, if n < 30 { 401 } else { 429 }, "{n}");
        }
        program.token = good;
        let answer =
            program.send("GET", "/api/v1/people", None, &[("x-forwarded-for", "2001:db8:1:2::1")]).await;
        assert_eq!(answer.status, 200, "a key is not kept out by its neighbours");
        assert_eq!(text(&program.read("/api/v1/keys/current").await["name"]), "A test");
    }
}

#[tokio::test]
async fn a_program_has_five_runs_at_once_and_no_more() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        for n in 0..6 {
            let person = house.contact(&format!("p{n}")).await;
            let answer = program.act(&format!("/api/v1/people/{person}/new-password")).await;
            assert_eq!(answer.status, if n < 5 { 201 } else { 429 }, "{n}: {}", answer.body);
            if n == 5 {
                assert_eq!(answer.header("retry-after"), "60");
                let run = text(&program.read("/api/v1/runs").await["items"][0]["id"]).to_owned();
                assert_eq!(program.act(&format!("/api/v1/runs/{run}/cancel")).await.status, 200);
                let again = program.act(&format!("/api/v1/people/{person}/new-password")).await;
                assert_eq!(again.status, 201, "{}", again.body);
            }
        }
    }
}
