//! Requests that are sent again: one effect, one answer.

use super::client::text;
use crate::house::House;
use domain::role::Permission;
use serde_json::json;
use store::repeatable::{self, Claim, Mark};
use store::{Store, StoreError, params};
use testkit::databases;

const PEOPLE: &str = "/api/v1/people";
const EVE: &str = r#"{"username":"eve","address":"eve@example.org"}"#;

async fn people(house: &House) -> i64 {
    let read = house.state.store.read::<_, StoreError, _>(|tx| {
        Box::pin(async move {
            let mut row = tx.find("SELECT count(*) FROM people WHERE role_id IS NULL", &[]).await?.unwrap();
            row.take(0)
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn case_110_the_same_key_and_body_have_one_effect_and_one_answer() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let first = program.repeat("a-1", PEOPLE, EVE).await;
        assert_eq!(first.status, 201, "{}", first.body);
        let again = program.repeat("a-1", PEOPLE, EVE).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.location(), first.location());
        assert_eq!((again.header("idempotent-replayed"), first.header("idempotent-replayed")), ("true", ""));
        assert_eq!(again.header("content-type"), "application/json");
        // Another node, another process: the same database and the same keys.
        let node = House::new(&db.store);
        let mut elsewhere = node.program_of(program.owner, Permission::ALL).await;
        let (own, mine) = (elsewhere.token.clone(), program.token.clone());
        elsewhere.token = mine;
        assert_eq!(elsewhere.repeat("a-1", PEOPLE, EVE).await.body, first.body);
        assert_eq!(people(&house).await, 1);
        for (path, body) in [
            (PEOPLE, r#"{"username":"mallory"}"#),
            (PEOPLE, r#"{"username": "eve","address":"eve@example.org"}"#),
            ("/api/v1/groups", EVE),
            ("/api/v1/people/import", EVE),
        ] {
            let other = program.repeat("a-1", path, body).await;
            assert_eq!(other.status, 422, "{path} {body}: {}", other.body);
        }
        elsewhere.token = own;
        let taken = elsewhere.repeat("a-1", PEOPLE, EVE).await;
        assert_eq!(taken.status, 409, "another API key has its own: {}", taken.body);
        assert!(taken.header("idempotent-replayed").is_empty());
        assert_eq!(taken.pointer(), "/username");
        let refused = program.repeat("a-2", PEOPLE, EVE).await;
        house.execute("DELETE FROM people WHERE username = $1", params!["eve"]).await;
        let same = program.repeat("a-2", PEOPLE, EVE).await;
        assert_eq!((same.status, &same.body), (refused.status, &refused.body), "a refusal is an answer, too");
        for wrong in ["", &"x".repeat(256), "\u{e9}"] {
            assert_eq!(program.repeat(wrong, PEOPLE, EVE).await.status, 400, "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn case_110_many_at_once_have_one_effect() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut programs = Vec::new();
        let first = house.program().await;
        for _ in 0..12 {
            let mut one = house.program_of(first.owner, &[Permission::PeopleEdit]).await;
            one.token = first.token.clone();
            programs.push(one);
        }
        let mut waiting = Vec::new();
        for mut one in programs {
            waiting.push(tokio::spawn(async move { one.repeat("burst", PEOPLE, EVE).await }));
        }
        let mut made = Vec::new();
        for one in waiting {
            let answer = one.await.unwrap();
            match answer.status.as_u16() {
                201 => made.push(answer.body),
                409 => {
                    assert!(answer.body.contains("being carried out") && answer.header("retry-after") == "1")
                }
                other => panic!("{other}: {}", answer.body),
            }
        }
        assert!(!made.is_empty() && made.iter().all(|body| *body == made[0]));
        assert_eq!(people(&house).await, 1);
    }
}

/// What a process that is killed leaves behind: the claim, and with it the effect or not.
async fn killed(house: &House, program: &super::client::Program, effect: bool) -> Mark {
    let asked: [&[u8]; 4] = [b"POST", PEOPLE.as_bytes(), b"application/json", EVE.as_bytes()];
    let request = house.state.auth.repeatable(program.key, "cut", &asked);
    let now = (house.state.clock)();
    let claimed = house.state.store.write::<_, StoreError, _>(move |tx| {
        let (key, print) = (request.key_hash, request.fingerprint);
        Box::pin(async move { repeatable::claim(tx, &key, &print, 30_000, now).await })
    });
    let Claim::Ours(mark) = claimed.await.unwrap() else { panic!("nobody else asked") };
    if effect {
        touch(&house.state.store.marked(mark.clone())).await.unwrap();
    }
    mark
}

/// An effect: something written through a marked store.
async fn touch(store: &Store) -> Result<u64, StoreError> {
    let sql = "UPDATE people SET updated_at = updated_at + 1";
    store.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await
}

#[tokio::test]
async fn case_111_a_request_that_was_cut_off_is_carried_out_once_by_whoever_repeats_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        let program = house.program().await;
        let mark = killed(&house, &program, false).await;
        let node = House::new(&db.store);
        let mut elsewhere = node.program_of(program.owner, &[Permission::PeopleEdit]).await;
        elsewhere.token = program.token.clone();
        let early = elsewhere.repeat("cut", PEOPLE, EVE).await;
        assert_eq!(
            (early.status.as_u16(), early.header("retry-after")),
            (409, "1"),
            "it may still be at work"
        );
        node.pass(30_001);
        let made = elsewhere.repeat("cut", PEOPLE, EVE).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(people(&house).await, 1);
        // It was not killed, it only slept: whatever it writes now is refused, all of it.
        let late = touch(&house.state.store.marked(mark)).await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
        let id = made.json()["id"].clone();
        let mut owner = house.program().await;
        let now = owner.read(&format!("{PEOPLE}/{}", text(&id))).await;
        assert_eq!(now["updated_at"], made.json()["updated_at"]);
    }
}

#[tokio::test]
async fn case_111_a_request_that_had_its_effect_and_lost_its_answer_is_never_carried_out_again() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        killed(&house, &program, true).await;
        house.pass(60_000);
        for _ in 0..2 {
            let answer = program.repeat("cut", PEOPLE, EVE).await;
            assert_eq!(answer.status, 409);
            assert!(answer.body.contains("was carried out") && answer.header("retry-after").is_empty());
        }
        assert_eq!(people(&house).await, 0, "the effect of this story was another one");
        assert_eq!(program.repeat("cut", PEOPLE, r#"{"username":"mallory"}"#).await.status, 422);
    }
}

#[tokio::test]
async fn an_answer_with_a_secret_is_not_kept_and_others_are_sealed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let robot = house.api_user("robot", crate::house::HELPER).await;
        let wanted = json!({ "name": "Child", "owner_id": robot, "scopes": ["people.view"] }).to_string();
        let made = program.repeat("key-1", "/api/v1/keys", &wanted).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let again = program.repeat("key-1", "/api/v1/keys", &wanted).await;
        assert_eq!(again.status, 409, "{}", again.body);
        assert!(again.body.contains("shown once") && again.header("idempotent-replayed") == "true");
        assert_eq!(program.read("/api/v1/keys").await["items"].as_array().unwrap().len(), 2);
        program.repeat("person-1", PEOPLE, EVE).await;
        let stored = house.state.store.read::<_, StoreError, _>(|tx| {
            Box::pin(async move {
                let rows = tx.query("SELECT answer FROM repeatable_requests", &[]).await?;
                rows.into_iter().map(|mut row| row.take::<Vec<u8>>(0)).collect::<Result<Vec<_>, _>>()
            })
        });
        let stored = stored.await.unwrap();
        let token = text(&made.json()["token"]).to_owned();
        assert_eq!(stored.len(), 2);
        for answer in stored {
            let seen = String::from_utf8_lossy(&answer);
            assert!(!seen.contains("eve") && !seen.contains(&token[9..40]), "{seen}");
        }
    }
}

#[tokio::test]
async fn what_was_asked_is_forgotten_after_three_days() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let body = json!({ "name": "Choir" }).to_string();
        assert_eq!(program.repeat("old", "/api/v1/groups", &body).await.status, 201);
        house.pass(72 * 3_600_000);
        assert_eq!(program.repeat("old", "/api/v1/groups", &body).await.status, 201, "still known");
        house.pass(1);
        assert_eq!(
            program.repeat("old", "/api/v1/groups", &body).await.status,
            409,
            "anew: the name is taken"
        );
        house.pass(72 * 3_600_000 + 1);
        house.state.auth.purge((house.state.clock)()).await.unwrap();
        let left = house.execute("DELETE FROM repeatable_requests", &[]).await;
        assert_eq!(left, 0);
    }
}
