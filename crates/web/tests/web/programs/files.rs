//! People as files.

use super::client::{Program, text};
use crate::house::{Answer, House};
use serde_json::json;
use testkit::databases;

const IMPORT: &str = "/api/v1/people/import";
const EXPORT: &str = "/api/v1/people/export";

async fn import(program: &mut Program, query: &str, csv: &str) -> Answer {
    program.send("POST", &format!("{IMPORT}{query}"), Some(("text/csv", csv.as_bytes())), &[]).await
}

#[tokio::test]
async fn case_116_cells_that_a_spreadsheet_would_compute_are_neutral_and_an_export_comes_back_the_same() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let names = [
            "=1+2",
            "+49 30",
            "-7",
            "@SUM(A1)",
            "\u{ff1d}1",
            "a \"quoted\" one",
            "semi;colon, comma",
            "'quoted",
        ];
        for (n, name) in names.iter().enumerate() {
            house.pass(1_100);
            let body = json!({ "username": format!("p{n}"), "given_name": name });
            assert_eq!(program.post("/api/v1/people", body).await.status, 201, "{name}");
        }
        let contacts = "?filter=system_user+eq+false";
        let first = program.get(&format!("{EXPORT}{contacts}")).await;
        assert_eq!(first.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert!(first.header("content-disposition").starts_with("attachment"));
        for begin in ["=", "+", "-", "@", "\u{ff1d}"] {
            assert!(!first.body.contains(&format!(",{begin}")), "{begin}: {}", first.body);
        }
        assert!(first.body.contains("\"a \"\"quoted\"\" one\"") && first.body.contains("\r\n"));
        let again = import(&mut program, "", &first.body).await;
        assert_eq!(again.json()["unchanged"], names.len(), "{}", again.body);
        assert_eq!(program.get(&format!("{EXPORT}{contacts}")).await.body, first.body);
        let lines = program.get(&format!("{EXPORT}{contacts}&format=jsonl")).await;
        assert_eq!(lines.header("content-type"), "application/jsonl");
        let read: Vec<serde_json::Value> =
            lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.len(), names.len());
        assert_eq!(text(&read[0]["given_name"]), "=1+2");
        assert_eq!(program.get(&format!("{EXPORT}?format=xlsx")).await.status, 400);
        let log = program.read("/api/v1/audit?limit=200").await.to_string();
        assert!(log.contains("people.exported") && log.contains("people.imported"));
    }
}

#[tokio::test]
async fn case_117_each_wrong_row_is_told_and_the_others_are_applied() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("olga", crate::house::HELPER).await;
        let mut program = house.program().await;
        let csv = "\u{feff}username;address;given_name\r\n\
            grace;grace@example.org;Grace\r\n\
            grace;other@example.org;Twice\r\n\
            olga;eve@example.org;Taken over\r\n\
            bad;not an address;Bad\r\n\
            inject;\"a@example.org\r\nBcc: all@example.org\";Bad\r\n\
            ada;ada@example.org;\"Ada\r\nLovelace\"\r\n\
            bob;bob@example.org;Bob\r\n";
        let preview = import(&mut program, "?preview=true", csv).await;
        assert_eq!(preview.status, 200, "{}", preview.body);
        let (preview, counted) = (preview.json(), |value: &serde_json::Value| {
            (
                value["created"].clone(),
                value["updated"].clone(),
                value["refused"].clone(),
                value["rows"].clone(),
            )
        });
        assert_eq!(counted(&preview), (json!(2), json!(0), json!(5), json!(7)), "{preview}");
        let lines: Vec<_> =
            preview["problems"].as_array().unwrap().iter().map(|one| one["line"].clone()).collect();
        assert_eq!(lines, [3, 4, 5, 6, 8].map(|line| json!(line)));
        assert_eq!(program.read("/api/v1/people?search=grace").await["items"], json!([]));
        let applied = import(&mut program, "?group=Choir", csv).await.json();
        assert_eq!(counted(&applied), counted(&preview));
        assert_eq!(applied["new_groups"], json!(["Choir"]));
        let grace = &program.read("/api/v1/people?search=grace").await["items"][0];
        assert_eq!((text(&grace["given_name"]), &grace["groups"]), ("Grace", &json!(["Choir"])));
        let olga = &program.read("/api/v1/people?search=olga").await["items"][0];
        assert_eq!(text(&olga["address"]), "olga@example.org", "a system user is not changed");
        for header in ["username,role", "username,password_hash", "username,rank,must_change", "name", ""] {
            let answer = import(&mut program, "", &format!("{header}\nx,Owner,1\n")).await;
            assert_eq!(answer.status, 400, "{header}: {}", answer.body);
            assert!(header.is_empty() || answer.body.contains("line 1"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_of_another_kind_or_asked_for_wrongly_is_refused() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut program = house.program().await;
    let head = "username,given_name\n";
    let large = format!("{head}{}", "a,b\n".repeat(7_000_000));
    assert_eq!(import(&mut program, "?preview=true", &large).await.status, 413);
    let kind = program.send("POST", IMPORT, Some(("application/json", b"{}")), &[]).await;
    assert_eq!(kind.status, 415);
    assert_eq!(import(&mut program, "?preview=maybe", head).await.status, 400);
    assert_eq!(import(&mut program, "?pre=true", head).await.status, 400);
    let open = import(&mut program, "", "username,given_name\na,\"never closed\n").await;
    assert_eq!(open.status, 400);
    assert!(open.body.contains("a quote is opened"), "{}", open.body);
    // The same file again, with the key of a request: what it answered, and nothing twice.
    let body = Some(("text/csv", &b"username\ngrace\n"[..]));
    let first = program.send("POST", IMPORT, body, &[("idempotency-key", "file-1")]).await;
    let again = program.send("POST", IMPORT, body, &[("idempotency-key", "file-1")]).await;
    assert_eq!((first.json()["created"].clone(), again.body), (json!(1), first.body));
}
