//! Export of people: what is in the file, and that it survives an import.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod people_file;

use people_file::{apply, attribute, counts, execute, person};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::export::{Format, export};
use store::{Value, params};
use testkit::{Database, TEST_NOW, databases};

async fn written(db: &Database, format: Format, condition: Option<(String, Vec<Value>)>) -> String {
    let mut out = Vec::new();
    export(&db.store, &mut out, format, condition).await.unwrap();
    String::from_utf8(out).unwrap()
}

async fn csv(db: &Database) -> String {
    written(db, Format::Csv, None).await
}

#[tokio::test]
async fn a_spreadsheet_computes_nothing_in_an_export() {
    for db in databases().await {
        attribute(&db, "balance", "number").await;
        attribute(&db, "note", "string").await;
        apply(
            &db,
            "username,given_name,family_name,groups,balance,note\n\
             ada,\"=HYPERLINK(\"\"http://x\"\")\",@sum,+a|b,-5,\"\t=1\"\n\
             bob,''=x,'plain,＝1,,\"two\r\nlines\"\n",
        )
        .await;
        assert_eq!(
            csv(&db).await,
            "external_id,username,address,given_name,family_name,display_name,language,time_zone,groups,attributes.balance,attributes.note\r\n\
             ,ada,,\"'=HYPERLINK(\"\"http://x\"\")\",'@sum,,,,'+a|b,'-5,'\t=1\r\n\
             ,bob,,''=x,'plain,,,,'＝1,,\"two\r\nlines\"\r\n"
        );
    }
}

#[tokio::test]
async fn json_lines_have_facts_of_the_credential_but_no_secret() {
    for db in databases().await {
        attribute(&db, "since", "date_time").await;
        let id = person(&db, 1, "ada", "Ada@x.example", None).await;
        execute(
            &db,
            "UPDATE people SET password_hash = 'SECRET-HASH', password_set = 'chosen', password_changed_at = $2 WHERE id = $1",
            params![id, TEST_NOW].to_vec(),
        )
        .await;
        apply(&db, "username,since,groups\nada,2026-11-21T10:00:00+01:00,B|A\n").await;
        assert_eq!(
            written(&db, Format::JsonLines, None).await,
            "{\"external_id\":null,\"username\":\"ada\",\"address\":\"Ada@x.example\",\"given_name\":\"\",\"family_name\":\"\",\
             \"display_name\":\"\",\"language\":null,\"time_zone\":null,\"groups\":[\"A\",\"B\"],\
             \"attributes\":{\"since\":\"2026-11-21T09:00:00Z\"},\"credential\":{\"has_password\":true,\"set\":\"chosen\",\
             \"changed_at\":\"2026-11-21T09:00:00Z\",\"must_change\":false,\"mailed_at\":null,\"last_login_at\":null,\
             \"failed_logins\":0,\"last_run_outcome\":null}}\n"
        );
        assert!(!csv(&db).await.contains("SECRET"));
    }
}

#[tokio::test]
async fn only_people_who_fulfil_the_condition_are_exported_over_many_pages() {
    for db in databases().await {
        let mut file = String::from("username,language\n");
        for n in 0..2_500 {
            file.push_str(&format!("u{n:04},{}\n", if n % 5 == 0 { "de" } else { "en" }));
        }
        apply(&db, &file).await;
        let condition =
            Some(("p.language = $1 OR p.username = $2".to_owned(), params!["en", "u0000"].to_vec()));
        let text = written(&db, Format::Csv, condition).await;
        let names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
        assert_eq!(names.len(), 2_001, "{:?}", db.engine());
        assert!(names.is_sorted() && names[0] == "u0000" && !names.contains(&"u0005"));
        assert_eq!(csv(&db).await.lines().count(), 2_501);
    }
}

#[tokio::test]
async fn nobody_is_an_export_with_a_header_only() {
    for db in databases().await {
        assert!(csv(&db).await.starts_with("external_id,") && csv(&db).await.ends_with("groups\r\n"));
        assert_eq!(written(&db, Format::JsonLines, None).await, "");
    }
}

/// Cells made of what could break quoting, guards, separators and lines.
fn awkward() -> impl Strategy<Value = String> {
    "['=+@＝ ;,\"|\\\\aé-]{0,8}"
}

#[test]
fn an_export_imported_and_exported_again_is_the_same_to_the_byte() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (sources, targets) = runtime.block_on(async {
        let pair = (databases().await, databases().await);
        for db in pair.0.iter().chain(&pair.1) {
            attribute(db, "note", "string").await;
            attribute(db, "size", "number").await;
        }
        pair
    });
    let person = (
        awkward(),
        awkward(),
        awkward(),
        "[='\t\r\na \"|-]{0,6}",
        proptest::collection::vec(awkward(), 0..3),
    );
    let people = (proptest::collection::vec(person, 1..8), proptest::num::f64::NORMAL);
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&people, |(people, number)| {
        runtime.block_on(async {
            for (source, target) in sources.iter().zip(&targets) {
                survives(source, target, &people, number).await;
            }
        });
        Ok(())
    });
    checked.unwrap();
}

/// Into an empty database, and over what is there already.
async fn survives(source: &Database, target: &Database, people: &[Awkward], number: f64) {
    for db in [source, target] {
        execute(db, "DELETE FROM people", Vec::new()).await;
        execute(db, "DELETE FROM \"groups\"", Vec::new()).await;
    }
    fill(source, people, number).await;
    let first = csv(source).await;
    let made = apply(target, &first).await;
    assert_eq!(counts(&made), [people.len() as u64, 0, 0, 0], "{:?}\n{first}", made.problems);
    assert_eq!(csv(target).await, first);
    let again = apply(source, &first).await;
    assert_eq!(counts(&again), [0, 0, people.len() as u64, 0], "{:?}\n{first}", again.problems);
    assert_eq!(csv(source).await, first);
}

type Awkward = (String, String, String, String, Vec<String>);

/// Puts people in by hand, as the console would: names trimmed, texts as they are.
async fn fill(db: &Database, people: &[Awkward], number: f64) {
    for (place, (given, family, display, note, groups)) in people.iter().enumerate() {
        let place = u8::try_from(place).unwrap();
        let id = person(db, place, &format!("={place}"), &format!("=p{place}@x.example"), None).await;
        execute(
            db,
            "UPDATE people SET given_name = $2, family_name = $3, display_name = $4, external_id = $5 WHERE id = $1",
            params![id, given.trim(), family.trim(), display.trim(), format!("-{place}")].to_vec(),
        )
        .await;
        execute(
            db,
            "INSERT INTO attribute_values (person_id, attribute, string_value) VALUES ($1, 'note', $2)",
            params![id, note].to_vec(),
        )
        .await;
        execute(
            db,
            "INSERT INTO attribute_values (person_id, attribute, number_value) VALUES ($1, 'size', $2)",
            params![id, number].to_vec(),
        )
        .await;
        for (n, name) in groups.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).enumerate() {
            let group = uuid::Uuid::from_u128(u128::from(place) << 8 | n as u128 | 1 << 100);
            execute(
                db,
                "INSERT INTO \"groups\" (id, name, description, created_at) VALUES ($1, $2, '', 0) ON CONFLICT (name) DO NOTHING",
                params![group, name].to_vec(),
            )
            .await;
            execute(
                db,
                "INSERT INTO group_members (group_id, person_id, added_at)
                 SELECT g.id, p.id, 0 FROM \"groups\" g, people p WHERE g.name = $2 AND p.id = $1
                 ON CONFLICT (group_id, person_id) DO NOTHING",
                params![id, name].to_vec(),
            )
            .await;
        }
    }
}
