//! Every place with an id or a body, held against what holds for all of them.

use super::client::Program;
use crate::house::House;
use serde_json::{Value, json};
use testkit::databases;
use web::routes::{Audience, ROUTES, Who};

const UNKNOWN: &str = "01940000-0000-7000-8000-0000000000ff";

/// The routes for programs with a key.
fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES
        .iter()
        .filter(|route| {
            route.audience == Audience::Api && matches!(route.who, Who::Program(_) | Who::AnyProgram)
        })
        .map(|route| (route.method.as_str(), route.path))
}

/// The example of an operation's body.
fn example(document: &Value, method: &str, path: &str) -> Option<(String, Value)> {
    let content = &document["paths"][path][method.to_ascii_lowercase()]["requestBody"]["content"];
    let (media, described) = content.as_object()?.iter().next()?;
    Some((media.clone(), described["example"].clone()))
}

async fn ask(
    program: &mut Program,
    document: &Value,
    method: &str,
    path: &str,
    place: &str,
) -> (u16, String) {
    let body = example(document, method, path);
    let body = body.as_ref().map(|(media, body)| (media.as_str(), body.to_string()));
    let answer =
        program.send(method, place, body.as_ref().map(|(media, body)| (*media, body.as_bytes())), &[]).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn case_86_ids_that_are_foreign_unknown_or_malformed_are_the_same_404_everywhere() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let document = program.read("/api/v1/openapi.json").await;
        let group = program.post("/api/v1/groups", json!({ "name": "Choir" })).await.json()["id"].clone();
        let person = program.owner.to_string();
        let mut places = 0;
        for (method, path) in routes().filter(|(_, path)| path.contains("id}")) {
            // The id of something else: a group where no group is expected, a person elsewhere.
            let foreign = if path.starts_with("/api/v1/groups") { &person } else { group.as_str().unwrap() };
            let mut answers = Vec::new();
            for id in [UNKNOWN, foreign, "x", "00000000-0000-0000-0000-000000000000", "..%2f..", "%00"] {
                house.pass(1_100);
                let place = path.replace("{id}", id).replace("{person_id}", id).replace("{position}", "1");
                answers.push(ask(&mut program, &document, method, path, &place).await);
            }
            for answer in &answers {
                assert_eq!(answer, &answers[0], "{method} {path}");
                assert_eq!(answer.0, 404, "{method} {path}: {}", answer.1);
            }
            places += 1;
        }
        assert!(places > 35, "{places}");
    }
}

#[tokio::test]
async fn case_84_fields_that_would_give_rights_are_refused_with_their_place_everywhere() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    let document = program.read("/api/v1/openapi.json").await;
    let mut bodies = 0;
    for (method, path) in routes() {
        let Some((media, body)) = example(&document, method, path) else { continue };
        if media != "application/json" {
            continue;
        }
        for field in
            ["role", "rank", "owner_id", "password_hash", "must_change", "verified", "user_type", "id"]
        {
            if body.get(field).is_some() {
                continue;
            }
            house.pass(1_100);
            let mut body = body.clone();
            body[field] = json!("x");
            let place = path.replace("{id}", UNKNOWN).replace("{position}", "1").replace("{name}", "x");
            let place = place
                .replace("{date}", "2026-12-25")
                .replace("{kind}", "new-password")
                .replace("{language}", "en");
            let answer = program.json(method, &place, body).await;
            assert_eq!(answer.status, 400, "{method} {path} {field}: {}", answer.body);
            assert_eq!(answer.pointer(), format!("/{field}"), "{method} {path}: {}", answer.body);
        }
        bodies += 1;
    }
    assert!(bodies > 18, "{bodies}");
}

#[tokio::test]
async fn every_route_for_programs_asks_for_a_key_before_it_looks_at_anything() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    for (method, path) in routes() {
        let mut program = house.program().await;
        program.token.clear();
        let answer =
            program.send(method, &path.replace("{id}", UNKNOWN), Some(("text/html", b"[")), &[]).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'; sandbox"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn every_route_asks_for_the_scope_that_stands_in_the_list() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let owner = house.api_user("robot", crate::house::OWNER).await;
    for route in ROUTES.iter().filter(|route| route.audience == Audience::Api) {
        let Who::Program(needed) = route.who else { continue };
        let others: Vec<_> =
            domain::role::Permission::ALL.iter().copied().filter(|one| *one != needed).collect();
        let mut program = house.program_of(owner, &others).await;
        let path = route.path.replace("{id}", UNKNOWN);
        let answer = program.send(route.method.as_str(), &path, None, &[]).await;
        assert_eq!(answer.status, 403, "{} {path}", route.method);
        assert!(answer.body.contains(needed.as_str()), "{}", answer.body);
    }
}
