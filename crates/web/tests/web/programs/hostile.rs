//! What hostile or broken programs send.

use super::client::{Program, text};
use crate::house::House;
use serde_json::json;
use testkit::databases;

const PEOPLE: &str = "/api/v1/people";

async fn raw(program: &mut Program, body: &[u8]) -> u16 {
    program.send("POST", PEOPLE, Some(("application/json", body)), &[]).await.status.as_u16()
}

#[tokio::test]
async fn case_113_bombs_floods_and_broken_bytes_are_refused() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    let deep = format!("{{\"attributes\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(raw(&mut program, deep.as_bytes()).await, 400);
    assert_eq!(raw(&mut program, format!("\"{}\"", "x".repeat(10_000_000)).as_bytes()).await, 413);
    assert_eq!(raw(&mut program, b"{\"username\":\"\xff\xfe\"}").await, 400);
    assert_eq!(raw(&mut program, b"{\"username\":\"\\ud800\"}").await, 400);
    assert_eq!(raw(&mut program, b"{\"username\":\"a\",\"\\u0075sername\":\"b\"}").await, 400);
    assert_eq!(raw(&mut program, b"\xef\xbb\xbf{\"username\":\"a\"}").await, 400);
    for body in ["", "null", "[]", "{", "{}x", "{\"username\":1e999}", "NaN", "{'username':'a'}"] {
        assert_eq!(raw(&mut program, body.as_bytes()).await, 400, "{body}");
    }
    let huge = "9".repeat(400);
    for (method, path, body) in [
        ("POST", "/api/v1/selections/count", format!("{{\"filter\":\"\",\"limit\":{huge}}}")),
        ("POST", "/api/v1/selections", format!("{{\"name\":\"a\",\"filter\":\"\",\"size_limit\":{huge}}}")),
        ("POST", "/api/v1/selections", "{\"name\":\"a\",\"filter\":\"\",\"size_limit\":-1}".to_owned()),
    ] {
        let answer = program.send(method, path, Some(("application/json", body.as_bytes())), &[]).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    for path in [
        format!("{PEOPLE}?limit={huge}"),
        format!("{PEOPLE}?limit=0"),
        format!("{PEOPLE}?limit=201"),
        format!("{PEOPLE}?limit=1.5"),
        format!("{PEOPLE}?limit=1&limit=2"),
        format!("{PEOPLE}?%ff=1"),
        format!("{PEOPLE}?serach=ada"),
        format!("{PEOPLE}?search=a&%73earch=b"),
    ] {
        assert_eq!(program.get(&path).await.status, 400, "{path}");
    }
    let nested = format!("{}username pr{}", "(".repeat(50_000), ")".repeat(50_000));
    let answer = program.post("/api/v1/selections/count", json!({ "filter": nested })).await;
    assert_eq!(answer.status, 400, "{}", answer.body.chars().take(200).collect::<String>());
}

#[tokio::test]
async fn case_118_a_cursor_is_good_for_its_own_list_and_unchanged_only() {
    for db in databases().await {
        let house = House::new(&db.store);
        for name in ["ada", "bob", "cleo", "dora"] {
            house.contact(name).await;
        }
        let mut program = house.program().await;
        let first = program.read(&format!("{PEOPLE}?limit=2&filter=system_user+eq+false")).await;
        let cursor = text(&first["next_cursor"]).to_owned();
        let next =
            program.read(&format!("{PEOPLE}?limit=3&filter=system_user+eq+false&cursor={cursor}")).await;
        let mut names: Vec<&str> = [&first, &next]
            .iter()
            .flat_map(|page| page["items"].as_array().unwrap())
            .map(|one| text(&one["username"]))
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["ada", "bob", "cleo", "dora"]);
        assert_eq!(next["next_cursor"], json!(null));
        for place in 0..cursor.len() {
            let mut other = cursor.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            let path = format!("{PEOPLE}?limit=2&filter=system_user+eq+false&cursor={other}");
            assert_eq!(program.get(&path).await.status, 400, "{place}");
        }
        for path in [
            format!("{PEOPLE}?cursor={cursor}"),
            format!("{PEOPLE}?filter=system_user+eq+true&cursor={cursor}"),
            format!("{PEOPLE}?filter=system_user+eq+false&search=a&cursor={cursor}"),
            format!("{PEOPLE}?filter=system_user+eq+false&cursor={}", &cursor[2..]),
            format!("{PEOPLE}?filter=system_user+eq+false&cursor={}", cursor.to_uppercase()),
            format!("{PEOPLE}?filter=system_user+eq+false&cursor=x"),
            format!("/api/v1/audit?cursor={cursor}"),
            format!("/api/v1/runs?cursor={cursor}"),
        ] {
            assert_eq!(program.get(&path).await.status, 400, "{path}");
        }
    }
}

#[tokio::test]
async fn case_118_signs_of_sql_and_like_are_letters_in_a_search_and_in_a_filter() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        for name in ["ada", "100%", "under_score", "it's", "back\\slash", "semi;colon"] {
            let made = program.post(PEOPLE, json!({ "username": name })).await;
            assert_eq!(made.status, 201, "{name}: {}", made.body);
        }
        for (searched, found) in [
            ("%25", 0),
            ("_", 0),
            ("100%25", 1),
            ("under_", 1),
            ("it%27s", 1),
            ("%27+OR+1%3D1--", 0),
            ("back%5C", 1),
            ("semi%3B", 1),
            ("ada%27%3B+DROP+TABLE+people%3B--", 0),
        ] {
            let page = program.read(&format!("{PEOPLE}?search={searched}")).await;
            assert_eq!(page["items"].as_array().unwrap().len(), found, "{searched}");
        }
        for (filter, found) in [
            (r#"username eq "100%""#, 1),
            (r#"username co "%""#, 1),
            (r#"username sw "_""#, 0),
            (r#"username eq "' OR 1=1 --""#, 0),
            (r#"username eq "it's""#, 1),
        ] {
            let answer = program.post("/api/v1/selections/count", json!({ "filter": filter })).await;
            assert_eq!(answer.json()["count"], found, "{filter}: {}", answer.body);
        }
        for filter in [
            "1=1",
            "username eq 'ada'",
            "password_hash pr",
            r#"username eq "a"; DROP TABLE people"#,
            r#"username eq "a" or"#,
            r#"selection eq "nothing""#,
        ] {
            let answer = program.post("/api/v1/selections/count", json!({ "filter": filter })).await;
            assert_eq!((answer.status.as_u16(), answer.pointer().as_str()), (400, "/filter"), "{filter}");
            let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
            assert_eq!(program.get(&format!("{PEOPLE}?filter={encoded}")).await.status, 400, "{filter}");
        }
        let ada = program.read(&format!("{PEOPLE}?filter=username+eq+%22ada%22")).await;
        assert_eq!(ada["items"].as_array().unwrap().len(), 1, "nobody is gone");
    }
}
