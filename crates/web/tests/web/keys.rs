//! API keys in the console: made, shown once, used within their bounds, revoked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, HELPER, House, OWNER};
use crate::programs::client::{ADMINISTRATOR, Program};
use crate::rights::other_node;
use crate::scene::operator;
use axum::http::Method;
use domain::id::{ApiKeyId, PersonId};
use serde_json::json;
use store::params;
use testkit::databases;
use uuid::Uuid;
use web::routes::{Audience, ROUTES};

const FORM: &str = "/console/keys/new";
const LIST: &str = "/console/keys";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Sends the form for a key: its name, owner, days and permissions.
async fn make(browser: &mut Browser, name: &str, owner: &str, days: &str, scopes: &[&str]) -> Answer {
    let csrf = browser.get(FORM).await.token();
    let boxes: Vec<String> = scopes.iter().map(|scope| format!("may-{scope}")).collect();
    let mut fields = vec![("csrf", csrf.as_str()), ("name", name), ("owner", owner), ("days", days)];
    fields.extend(boxes.iter().map(|name| (name.as_str(), "1")));
    browser.post(LIST, &fields).await
}

/// The token a page shows: `pp_`, 43 characters and a checksum of six.
fn token_in(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.body);
    let (_, rest) = answer.body.split_once("tabindex=\"0\">pp_").unwrap_or_else(|| panic!("{}", answer.body));
    let token = format!("pp_{}", rest.split('<').next().unwrap());
    assert_eq!(token.len(), 52, "{token}");
    assert_eq!(answer.body.matches(&token).count(), 1, "it stands there once");
    token
}

fn program(house: &House, owner: PersonId, token: &str) -> Program {
    // Only what revokes a key by its id needs the id.
    Program { browser: house.browser(), token: token.to_owned(), key: ApiKeyId(Uuid::nil()), owner }
}

async fn keys(house: &House) -> i64 {
    house.count("SELECT count(*) FROM api_keys").await
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_what_was_ticked_until_its_end() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = operator(&house, "olga", OWNER).await;
        let robot = house.api_user("robot", ADMINISTRATOR).await;
        let made = make(&mut olga, "Nightly export", &robot.to_string(), "30", &["people.view"]).await;
        let token = token_in(&made);
        assert_eq!(made.header("cache-control"), "no-store");
        let mut export = program(&house, robot, &token);
        let current = export.read("/api/v1/keys/current").await;
        assert_eq!(
            (&current["name"], &current["permissions"]),
            (&json!("Nightly export"), &json!(["people.view"]))
        );
        assert_eq!(export.get("/api/v1/people").await.status, 200);
        for refused in ["/api/v1/audit", "/api/v1/runs", "/api/v1/keys"] {
            assert_eq!(export.get(refused).await.status, 403, "{refused}");
        }
        assert_eq!(export.post("/api/v1/people", json!({ "username": "eve" })).await.status, 403);
        let list = olga.get(LIST).await.body;
        for shown in ["Nightly export", &token[..9], "robot", "people.view", "Live"] {
            assert!(list.contains(shown), "{shown}: {list}");
        }
        house.pass(30 * DAY - 1);
        assert_eq!(export.get("/api/v1/people").await.status, 200);
        house.pass(1);
        assert_eq!(export.get("/api/v1/people").await.status, 401);
        olga.sign_in("/console/login", "olga", CHOSEN).await;
        let list = olga.get(LIST).await.body;
        assert!(list.contains("Expired") && !list.contains("/revoke"), "{list}");
    }
}

#[tokio::test]
async fn no_page_shows_a_token_again() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = operator(&house, "olga", OWNER).await;
        let robot = house.api_user("robot", ADMINISTRATOR).await;
        let token =
            token_in(&make(&mut olga, "Nightly export", &robot.to_string(), "90", &["people.view"]).await);
        assert_eq!(program(&house, robot, &token).get("/api/v1/people").await.status, 200);
        let console = |path: &str| ROUTES.iter().any(|route| route.path == path);
        let of_robot = ["/console/people/{id}", "/console/users/{id}", "/console/users/{id}/edit"];
        assert!(of_robot.into_iter().all(console), "they are routes");
        let fixed = ROUTES
            .iter()
            .filter(|route| route.method == Method::GET && route.audience == Audience::Console)
            .map(|route| route.path)
            .filter(|path| !path.contains('{'));
        let all: Vec<String> =
            fixed.chain(of_robot).map(|path| path.replace("{id}", &robot.to_string())).collect();
        let mut shown = 0;
        for path in all {
            let answer = olga.get(&path).await;
            // Neither the token nor what is secret of it.
            assert!(!answer.body.contains(&token[9..]), "{path}: {}", answer.body);
            shown += usize::from(answer.status == 200);
        }
        assert!(shown > 25, "{shown} pages were there");
        let log = "SELECT count(*) FROM audit WHERE action = 'key.created'";
        assert_eq!(house.count(log).await, 1);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_next_request_on_every_node() {
    for db in databases().await {
        let house = House::new(&db.store);
        let node = other_node(&db).await;
        let (_, mut olga) = operator(&house, "olga", OWNER).await;
        let robot = house.api_user("robot", ADMINISTRATOR).await;
        let owner = robot.to_string();
        let first = token_in(&make(&mut olga, "First", &owner, "30", &["people.view", "keys.edit"]).await);
        let other = token_in(&make(&mut olga, "Other", &owner, "30", &["people.view"]).await);
        let mut parent = program(&house, robot, &first);
        let child = parent
            .post("/api/v1/keys", json!({ "name": "Child", "owner_id": robot, "scopes": ["people.view"] }))
            .await;
        let child = child.json()["token"].as_str().unwrap().to_owned();
        let id = parent.read("/api/v1/keys/current").await["id"].as_str().unwrap().to_owned();
        let path = format!("/console/keys/{id}/revoke");
        let forged = olga.post(&path, &[]).await;
        assert!([400, 403].contains(&forged.status.as_u16()), "{}", forged.status);
        assert_eq!(parent.get("/api/v1/people").await.status, 200, "a form without its token does nothing");
        // Taking away asks for no fresh proof: it may be urgent.
        house.pass(10 * MINUTE + 1);
        let csrf = olga.get(LIST).await.token();
        let revoked = olga.post(&path, &[("csrf", &csrf)]).await;
        assert_eq!(revoked.location(), "/console/keys?done=key-revoked&n=2", "{}", revoked.body);
        for (token, status) in [(&first, 401), (&child, 401), (&other, 200)] {
            for place in [&house, &node] {
                let answer = program(place, robot, token).get("/api/v1/people").await;
                assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
            }
        }
        let list = olga.get(LIST).await.body;
        assert!(list.contains("Revoked") && !list.contains(&path), "{list}");
        let again = olga.post(&path, &[("csrf", &csrf)]).await;
        assert_eq!(again.location(), "/console/keys?done=key-revoked&n=0");
        for id in ["01940000-0000-7000-8000-00000000ffff", "nothing"] {
            let answer = olga.post(&format!("/console/keys/{id}/revoke"), &[("csrf", &csrf)]).await;
            assert_eq!(answer.status, 404, "{id}");
        }
        assert_eq!(house.count("SELECT count(*) FROM audit WHERE action = 'key.revoked'").await, 1);
    }
}

#[tokio::test]
async fn a_key_is_made_only_with_a_fresh_proof() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = operator(&house, "olga", OWNER).await;
        let owner = house.api_user("robot", HELPER).await;
        let robot = owner.to_string();
        let csrf = olga.get(FORM).await.token();
        house.pass(10 * MINUTE + 1);
        let form = olga.get(FORM).await;
        assert_eq!(form.location(), "/console/prove?next=%2Fconsole%2Fkeys%2Fnew");
        let mut fields = vec![
            ("csrf", csrf.as_str()),
            ("name", "Late"),
            ("owner", &robot),
            ("days", "30"),
            ("may-people.view", "1"),
        ];
        for wrong in [None, Some("not the right one")] {
            fields.truncate(5);
            fields.extend(wrong.map(|password| ("proof-password", password)));
            let asked = olga.post(LIST, &fields).await;
            assert!(asked.status.is_client_error(), "{}", asked.status);
            for kept in
                ["name=\"proof-password\"", "name=\"name\" value=\"Late\"", "name=\"may-people.view\""]
            {
                assert!(asked.body.contains(kept), "{kept}: {}", asked.body);
            }
            assert!(!asked.body.contains("pp_"), "{}", asked.body);
            assert_eq!(keys(&house).await, 0);
        }
        fields.truncate(5);
        fields.push(("proof-password", CHOSEN));
        let late = token_in(&olga.post(LIST, &fields).await);
        assert_eq!(program(&house, owner, &late).get("/api/v1/people").await.status, 200);
        assert_eq!(olga.get(FORM).await.status, 200, "the proof is fresh again");
        assert_eq!(keys(&house).await, 1);
    }
}

#[tokio::test]
async fn a_refusal_keeps_what_was_typed_and_says_what_would_be_right() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = operator(&house, "olga", OWNER).await;
        let robot = house.api_user("robot", HELPER).await.to_string();
        let ended = house.api_user("ended", HELPER).await;
        house.execute("UPDATE people SET blocked = TRUE WHERE id = $1", params![ended]).await;
        let (ended, person) = (ended.to_string(), house.operator("hal", HELPER).await.to_string());
        let view: &[&str] = &["people.view"];
        for (name, owner, days, scopes, says) in [
            ("", robot.as_str(), "180", view, "Give the key a name"),
            ("Export", "", "180", view, "Choose whose rights the key has."),
            ("Export", "nonsense", "180", view, "Choose whose rights the key has."),
            ("Export", &person, "180", view, "Expected a system user of the type program"),
            ("Export", &ended, "180", view, "blocked or the account has ended"),
            ("Export", &robot, "180", &[], "Tick at least one permission."),
            ("Export", &robot, "180", &["audit.view"], "role does not allow"),
            ("Export", &robot, "3660", view, "Choose one of these times."),
            ("Export", &robot, "soon", view, "Choose one of these times."),
        ] {
            let answer = make(&mut olga, name, owner, days, scopes).await;
            let what = format!("{name} {owner} {days} {scopes:?}: {}", answer.body);
            assert_eq!(answer.status, 422, "{what}");
            assert!(answer.body.contains(says) && answer.body.contains("role=\"alert\""), "{says}: {what}");
            assert!(answer.body.contains(&format!("value=\"{name}\"")), "{what}");
            let chosen = format!("<option value=\"{owner}\" selected>");
            assert!(
                ![&robot, &ended].contains(&&owner.to_owned()) || answer.body.contains(&chosen),
                "{what}"
            );
            assert_eq!(answer.body.contains("<option value=\"180\" selected>"), days == "180", "{what}");
            for scope in scopes {
                assert!(answer.body.contains(&format!("name=\"may-{scope}\" value=\"1\" checked")), "{what}");
            }
            assert_eq!(answer.body.matches(" checked").count(), scopes.len(), "{what}");
        }
        assert_eq!(keys(&house).await, 0);
    }
}

#[tokio::test]
async fn nobody_gives_a_key_what_they_lack_or_makes_one_for_somebody_who_is_not_below_them() {
    const KEEPER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0300);
    for db in databases().await {
        let house = House::new(&db.store);
        house
            .execute(
                "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
                 VALUES ($1, 'Keeper of keys', 2, FALSE, '[\"keys.edit\",\"people.view\"]', 0, 0)",
                params![KEEPER],
            )
            .await;
        let (_, mut kim) = operator(&house, "kim", KEEPER).await;
        let below = house.api_user("below", HELPER).await;
        let (peer, above) = (house.api_user("peer", KEEPER).await, house.api_user("above", OWNER).await);
        let form = kim.get(FORM).await.body;
        assert!(form.contains("name=\"may-runs.view\" value=\"1\" disabled"), "{form}");
        assert!(!form.contains("name=\"may-people.view\" value=\"1\" disabled"), "{form}");
        // A hand-made form: the owner's role allows it, the maker's does not.
        for scopes in [&["runs.view"][..], &["people.view", "runs.view"], &["audit.view"]] {
            let answer = make(&mut kim, "Too much", &below.to_string(), "30", scopes).await;
            assert!(answer.status == 422 && answer.body.contains("so you cannot give it"), "{}", answer.body);
        }
        for owner in [peer, above] {
            let answer = make(&mut kim, "Too high", &owner.to_string(), "30", &["people.view"]).await;
            assert!(answer.status == 422 && answer.body.contains("strictly higher rank"), "{}", answer.body);
        }
        assert_eq!(keys(&house).await, 0);
        let token = token_in(&make(&mut kim, "Just right", &below.to_string(), "30", &["people.view"]).await);
        let mut just_right = program(&house, below, &token);
        assert_eq!(just_right.get("/api/v1/people").await.status, 200);
        assert_eq!(just_right.get("/api/v1/runs").await.status, 403);
        // Nor does anybody revoke the key of one who is not below them.
        let high = house.program_of(above, &[domain::role::Permission::PeopleView]).await;
        let csrf = kim.get(LIST).await.token();
        let answer = kim.post(&format!("/console/keys/{}/revoke", high.key), &[("csrf", &csrf)]).await;
        assert!(answer.status == 409 && answer.body.contains("strictly higher rank"), "{}", answer.body);
        assert_eq!(program(&house, above, &high.token).get("/api/v1/people").await.status, 200);
    }
}
