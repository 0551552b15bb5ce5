//! What programs ask.

use crate::house::{CHOSEN, House, MAILED, open_api, settings};
use std::net::SocketAddr;
use testkit::database::sqlite;
use testkit::databases;
use web::VerifyApi;

const VERIFY: &str = "/api/v1/sessions/verify";

fn question(username: &str, password: &str) -> String {
    serde_json::json!({ "username": username, "password": password }).to_string()
}

#[tokio::test]
async fn an_application_learns_whether_a_password_is_right_and_no_more() {
    for db in databases().await {
        let house = House::with(&db.store, open_api);
        let ada = house.contact("ada").await;
        let mut program = house.browser();
        let answer = program.post_json(VERIFY, &question("ada", CHOSEN)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, format!("{{\"person_id\":\"{ada}\",\"result\":\"valid\"}}"));
        assert!(answer.set_cookies().is_empty());
        let refused = program.post_json(VERIFY, &question("ada", "wrong")).await;
        let unknown = program.post_json(VERIFY, &question("nobody", CHOSEN)).await;
        assert_eq!((&refused.body, refused.status), (&unknown.body, unknown.status));
        house.mail_password(ada, MAILED).await;
        for _ in 0..2 {
            let answer = program.post_json(VERIFY, &question("ada", MAILED)).await;
            assert!(answer.body.contains("\"must_change\""), "{}", answer.body);
        }
        assert_eq!(house.browser().sign_in("/login", "ada", MAILED).await.location(), "/password/new");
    }
}

#[tokio::test]
async fn a_body_that_is_not_quite_right_is_refused_with_its_place() {
    let db = sqlite().await;
    let house = House::with(&db.store, open_api);
    let mut program = house.browser();
    for (body, pointer) in [
        (r#"{"username":"ada"}"#, "/password"),
        (r#"{"username":"ada","username":"eve","password":"x"}"#, "/username"),
        (r#"{"username":"ada","\u0075sername":"eve","password":"x"}"#, "/username"),
        (r#"{"username":["ada"],"password":"x"}"#, "/username"),
        (r#"{"username":"ada","password":"x","role":"owner"}"#, "/role"),
        (r#"{"username":"","password":"x"}"#, "/username"),
        (r#"{"username":"ada","password":"x"} "#, "-"),
        ("[", ""),
        ("", ""),
    ] {
        let answer = program.post_json(VERIFY, body).await;
        if pointer == "-" {
            assert_eq!(answer.status, 200, "{body}");
            continue;
        }
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {}", answer.body);
        assert_eq!(problem["status"], 400);
    }
    assert_eq!(program.post_json(VERIFY, &"[".repeat(100_000)).await.status, 400);
    assert_eq!(program.post_json(VERIFY, &format!("\"{}\"", "x".repeat(2_000_000))).await.status, 413);
    assert_eq!(program.post(VERIFY, &[("username", "ada")]).await.status, 415);
}

#[tokio::test]
async fn by_default_only_this_machine_may_ask() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    let mut program = house.browser();
    let answer = program.post_json(VERIFY, &question("ada", CHOSEN)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (403, "application/problem+json"));
    program.peer = SocketAddr::from(([127, 0, 0, 1], 1));
    assert_eq!(program.post_json(VERIFY, &question("ada", CHOSEN)).await.status, 200);
    let off = House::with(&db.store, |state| {
        state.settings = settings(|settings| settings.verify = VerifyApi::Off)
    });
    assert_eq!(off.browser().post_json(VERIFY, &question("ada", CHOSEN)).await.status, 404);
}

#[tokio::test]
async fn health_says_live_and_ready() {
    for db in databases().await {
        let mut probe = House::new(&db.store).browser();
        assert_eq!(probe.get("/health/live").await.body, "{\"status\":\"live\"}");
        assert_eq!(probe.get("/health/ready").await.body, "{\"status\":\"ready\"}");
    }
}
