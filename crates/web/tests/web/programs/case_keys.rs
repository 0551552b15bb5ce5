//! What a key opens, and when it stops.

use super::client::{ADMINISTRATOR, text};
use crate::house::{CHOSEN, HELPER, House, OWNER};
use domain::role::Permission::{AuditView, KeysEdit, PeopleEdit, PeopleView};
use serde_json::json;
use store::params;
use testkit::databases;

const DAY: i64 = 24 * 3_600_000;

#[tokio::test]
async fn case_85_a_key_never_outlives_its_owners_rights() {
    for db in databases().await {
        let house = House::new(&db.store);
        let robot = house.api_user("robot", ADMINISTRATOR).await;
        let mut program = house.program_of(robot, &[PeopleView, AuditView]).await;
        assert_eq!(program.get("/api/v1/audit").await.status, 200);
        let refused = program.post("/api/v1/people", json!({ "username": "eve" })).await;
        assert_eq!(refused.status, 403, "not in its scopes");
        assert!(refused.body.contains("people.edit"), "{}", refused.body);
        house.execute("UPDATE people SET role_id = $2 WHERE id = $1", params![robot, HELPER]).await;
        assert_eq!(program.get("/api/v1/audit").await.status, 403, "a Helper does not read the log");
        assert_eq!(program.get("/api/v1/people").await.status, 200, "but sees people");
        assert_eq!(program.read("/api/v1/keys/current").await["permissions"], json!(["people.view"]));
        house.execute("UPDATE people SET expires_at = 1 WHERE id = $1", params![robot]).await;
        assert_eq!(program.get("/api/v1/people").await.status, 401);
        house.execute("UPDATE people SET expires_at = NULL WHERE id = $1", params![robot]).await;
        house.pass(90 * DAY - 1);
        assert_eq!(program.get("/api/v1/people").await.status, 200);
        house.pass(1);
        assert_eq!(program.get("/api/v1/people").await.status, 401);
    }
}

#[tokio::test]
async fn case_85_a_key_makes_no_key_that_is_wider_longer_or_for_somebody_higher() {
    for db in databases().await {
        let house = House::new(&db.store);
        let robot = house.api_user("robot", ADMINISTRATOR).await;
        let peer = house.api_user("peer", ADMINISTRATOR).await;
        let above = house.api_user("above", OWNER).await;
        let below = house.api_user("below", HELPER).await;
        let mut program = house.program_of(robot, &[PeopleView, KeysEdit]).await;
        let ends = program.read("/api/v1/keys/current").await["expires_at"].clone();
        let wanted = |owner: domain::id::PersonId| json!({ "name": "Child", "owner_id": owner, "scopes": ["people.view"] });
        for (owner, status) in [(peer, 403), (above, 403), (below, 201), (robot, 201)] {
            let answer = program.post("/api/v1/keys", wanted(owner)).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            if status == 201 {
                assert_eq!(answer.json()["key"]["expires_at"], ends, "no later than the one it is made with");
                assert!(answer.location().ends_with(text(&answer.json()["key"]["id"])));
            }
        }
        for (field, value, place) in [
            ("scopes", json!(["people.edit"]), "/scopes"),
            ("scopes", json!([]), "/scopes"),
            ("scopes", json!(["people.view", "everything"]), "/scopes/1"),
            ("expires_at", json!("2027-06-01T00:00:00Z"), "/expires_at"),
            ("expires_at", json!("2020-01-01T00:00:00Z"), "/expires_at"),
            ("expires_at", json!("tomorrow"), "/expires_at"),
            ("name", json!(" "), "/name"),
            ("owner_id", json!("01940000-0000-7000-8000-00000000ffff"), "/owner_id"),
        ] {
            let mut body = wanted(below);
            body[field] = value;
            let answer = program.post("/api/v1/keys", body).await;
            assert_eq!((answer.status.as_u16(), answer.pointer().as_str()), (400, place), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn case_88_a_revoked_key_and_a_blocked_owner_are_refused_by_the_next_request_on_every_node() {
    for db in databases().await {
        let (house, node) = (House::new(&db.store), House::new(&db.store));
        let robot = house.api_user("robot", HELPER).await;
        let mut program = house.program_of(robot, &[PeopleView]).await;
        let mut elsewhere = node.program_of(robot, &[PeopleView]).await;
        elsewhere.token = program.token.clone();
        let mut owner = house.program().await;
        assert_eq!(
            (program.get("/api/v1/people").await.status, elsewhere.get("/api/v1/people").await.status),
            (200.try_into().unwrap(), 200.try_into().unwrap())
        );
        assert_eq!(owner.act(&format!("/api/v1/people/{robot}/block")).await.status, 200);
        assert_eq!(program.get("/api/v1/people").await.status, 401);
        assert_eq!(elsewhere.get("/api/v1/people").await.status, 401);
        assert_eq!(owner.act(&format!("/api/v1/people/{robot}/unblock")).await.status, 200);
        assert_eq!(program.get("/api/v1/people").await.status, 200);
        let key = format!("/api/v1/keys/{}", program.key);
        assert_eq!(owner.send("DELETE", &key, None, &[]).await.status, 204);
        assert_eq!(program.get("/api/v1/people").await.status, 401);
        assert_eq!(elsewhere.get("/api/v1/people").await.status, 401);
        let listed = owner.read("/api/v1/keys").await;
        let revoked: Vec<_> =
            listed["items"].as_array().unwrap().iter().filter(|key| !key["revoked_at"].is_null()).collect();
        assert_eq!(revoked.len(), 1);
        assert!(!listed.to_string().contains(&program.token[9..]));
    }
}

#[tokio::test]
async fn case_94_no_cookie_opens_the_api_and_no_page_of_somebody_else_uses_it() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    house.operator("olga", OWNER).await;
    house.contact("carl").await;
    let mut program = house.program().await;
    let token = std::mem::take(&mut program.token);
    for (page, name) in [("/console/login", "olga"), ("/login", "carl")] {
        program.browser.sign_in(page, name, CHOSEN).await;
    }
    assert_eq!(
        program
            .browser
            .cookies
            .keys()
            .filter(|name| ["__Host-op", "__Host-pc"].contains(&name.as_str()))
            .count(),
        2
    );
    let answer = program.get("/api/v1/people").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("www-authenticate")),
        (401, "Bearer realm=\"passpost\"")
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    program.token = token.clone();
    let body = Some(("application/json", &b"{\"username\":\"eve\"}"[..]));
    for headers in
        [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")], [("origin", "null")]]
    {
        let answer = program.send("POST", "/api/v1/people", body, &headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    let plain = Some(("text/plain", &b"{\"username\":\"eve\"}"[..]));
    assert_eq!(program.send("POST", "/api/v1/people", plain, &[]).await.status, 415);
    assert_eq!(program.get("/api/v1/people?method=DELETE&_method=POST").await.status, 400);
    let twice = program.send("GET", "/api/v1/people", None, &[("authorization", "Bearer x")]).await;
    assert_eq!(twice.status, 400, "two ways to read a request are none");
    program.token.clear();
    for value in [format!("Basic {token}"), format!("Bearer{token}"), token.clone(), "Bearer".to_owned()] {
        let answer = program.send("GET", "/api/v1/people", None, &[("authorization", &value)]).await;
        assert_eq!(answer.status, 401, "{value}");
    }
    assert_eq!(program.get(&format!("/api/v1/people?access_token={token}")).await.status, 401);
}

#[tokio::test]
async fn a_program_with_a_key_may_check_passwords_from_anywhere() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let robot = house.api_user("robot", HELPER).await;
        let mut program = house.program_of(robot, &[PeopleView]).await;
        let asked = json!({ "username": "ada", "password": CHOSEN });
        let answer = program.post("/api/v1/sessions/verify", asked.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["result"]), (200, &json!("valid")));
        program.token.replace_range(10..11, "_");
        assert_eq!(program.post("/api/v1/sessions/verify", asked.clone()).await.status, 401);
        program.token.clear();
        assert_eq!(program.post("/api/v1/sessions/verify", asked).await.status, 403, "not from this machine");
    }
}

#[tokio::test]
async fn what_a_program_does_stands_in_the_audit_log_as_done_by_a_program() {
    for db in databases().await {
        let house = House::new(&db.store);
        let robot = house.api_user("robot", OWNER).await;
        let mut program = house.program_of(robot, &[PeopleView, PeopleEdit, AuditView]).await;
        assert_eq!(program.post("/api/v1/people", json!({ "username": "eve" })).await.status, 201);
        let log = program.read("/api/v1/audit?limit=1").await;
        let entry = &log["items"][0];
        assert_eq!((text(&entry["action"]), text(&entry["actor"])), ("person.created", "program"));
        assert_eq!(text(&entry["actor_id"]), robot.to_string());
        assert!(text(&entry["network"]).starts_with("198.51."));
        assert_eq!(program.read("/api/v1/audit/verify").await["broken_at"], json!(null));
    }
}
