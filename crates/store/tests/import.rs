//! Import of people: who a row is about, what it changes, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod people_file;

use people_file::{apply, attribute, counts, execute, person, random, run};
use std::io::{self, Cursor, Read};
use store::bootstrap::OWNER;
use store::import::{Fate, ImportError, Options, Outcome, import};
use store::{StoreError, params};
use testkit::{Database, TEST_NOW, by, databases};

const PEOPLE: &str = "SELECT p.username AS c0, p.address AS c1, p.given_name AS c2, p.family_name AS c3,
    p.language AS c4, p.time_zone AS c5, p.external_id AS c6 FROM people p ORDER BY p.username";
const MEMBERS: &str = "SELECT g.name AS c0, p.username AS c1 FROM group_members m
    JOIN \"groups\" g ON g.id = m.group_id JOIN people p ON p.id = m.person_id ORDER BY g.name, p.username";
const STATE: &str = "SELECT p.username AS c0, p.address AS c1, p.undeliverable AS c2,
    CASE WHEN p.verified THEN 'verified' ELSE 'unverified' END AS c3 FROM people p ORDER BY p.username";
const AUDIT: &str = "SELECT a.action AS c0, a.actor AS c1, a.detail AS c2 FROM audit a ORDER BY a.number";

/// Previews and applies; both must say the same.
async fn both(db: &Database, file: impl AsRef<[u8]>) -> Outcome {
    let preview = run(db, file.as_ref(), false).await.unwrap();
    let applied = run(db, file.as_ref(), true).await.unwrap();
    assert_eq!(preview, applied, "{:?}", db.engine());
    applied
}

/// The reasons for refusal as `line column: reason`.
fn problems(outcome: &Outcome) -> Vec<String> {
    let one = |problem: &store::import::Problem| {
        format!("{} {}: {}", problem.line, problem.column.as_deref().unwrap_or("-"), problem.reason)
    };
    outcome.problems.iter().map(one).collect()
}

/// The answer of a query, each row as its columns (texts and numbers) joined by a blank.
async fn look(db: &Database, sql: &'static str) -> Vec<String> {
    let columns = sql.matches("AS c").count();
    db.store
        .read(move |tx| {
            Box::pin(async move {
                let rows = tx.query(sql, &[]).await?;
                rows.into_iter()
                    .map(|mut row| {
                        let cells: Result<Vec<String>, StoreError> = (0..columns)
                            .map(|column| {
                                Ok(row.take::<Option<String>>(column)?.unwrap_or_else(|| "-".into()))
                            })
                            .collect();
                        Ok(cells?.join(" "))
                    })
                    .collect::<Result<Vec<String>, StoreError>>()
            })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_file_makes_people_and_the_same_file_again_changes_nothing() {
    for db in databases().await {
        let file = "\u{feff}External ID;E-Mail;First Name;Surname;Language;Time Zone;Groups\r\n\
                    1;Ada@Example.ORG;Ada;\"Love;lace\";en-GB;Europe/London;Staff|Board\r\n\
                    ;b@example.org;;;;;\r\n";
        let outcome = both(&db, file).await;
        assert_eq!(counts(&outcome), [2, 0, 0, 0], "{:?}", outcome.problems);
        assert_eq!(outcome.new_groups, ["Board", "Staff"]);
        assert_eq!(outcome.sample[0].name, "Ada Love;lace");
        assert_eq!((outcome.sample[1].line, outcome.sample[1].fate), (3, Fate::Created));
        assert_eq!(
            look(&db, PEOPLE).await,
            [
                "ada@example.org Ada@Example.ORG Ada Love;lace en-GB Europe/London 1",
                "b@example.org b@example.org   - - -"
            ]
        );
        assert_eq!(look(&db, MEMBERS).await, ["Board ada@example.org", "Staff ada@example.org"]);
        assert_eq!(counts(&both(&db, file).await), [0, 0, 2, 0]);
    }
}

#[tokio::test]
async fn a_row_finds_its_person_by_external_id_then_user_name_then_address() {
    for db in databases().await {
        apply(&db, "external_id,username,address\n1,ada,a@x.example\n,bob,b@x.example\n,cy,c@x.example\n")
            .await;
        let file = "external_id,username,address,given_name\n\
                    1,ada2,,Ada\n\
                    2,BOB,,Bob\n\
                    3,,C@x.example,Cy\n";
        let outcome = both(&db, file).await;
        assert_eq!(counts(&outcome), [0, 3, 0, 0], "{:?}", outcome.problems);
        assert_eq!(
            look(&db, PEOPLE).await,
            ["ada2 a@x.example Ada  - - 1", "bob b@x.example Bob  - - 2", "cy C@x.example Cy  - - 3"]
        );
    }
}

#[tokio::test]
async fn an_address_of_several_people_is_refused_unless_the_row_says_who() {
    for db in databases().await {
        person(&db, 1, "ada", "home@x.example", None).await;
        person(&db, 2, "bob", "home@x.example", None).await;
        let outcome =
            both(&db, "username,address,given_name\n,home@x.example,X\nbob,home@x.example,Bob\n").await;
        assert_eq!(counts(&outcome), [0, 1, 0, 1]);
        assert_eq!(
            problems(&outcome),
            [
                "2 address: several people have this address; tell by external_id or username which one is meant"
            ]
        );
        // Another external id: somebody else who reads the same mailbox.
        apply(&db, "external_id,address\n7,solo@x.example\n").await;
        let outcome = both(&db, "external_id,address\n8,solo@x.example\n").await;
        assert_eq!(
            problems(&outcome),
            [
                "2 address: the address is the user name of another person; give this person a username of its own"
            ]
        );
        let outcome = both(&db, "external_id,username,address\n8,eve,solo@x.example\n").await;
        assert_eq!(counts(&outcome), [1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn an_empty_cell_leaves_what_is_there() {
    for db in databases().await {
        attribute(&db, "shoe", "number").await;
        apply(&db, "username,given_name,language,shoe\nada,Ada,en,36.5\n").await;
        let outcome = both(&db, "username,given_name,language,shoe,family_name\nada,,,,King\n").await;
        assert_eq!(counts(&outcome), [0, 1, 0, 0]);
        assert_eq!(look(&db, PEOPLE).await, ["ada - Ada King en - -"]);
        let values = "SELECT CAST(v.number_value AS TEXT) AS c0 FROM attribute_values v";
        assert_eq!(look(&db, values).await, ["36.5"]);
    }
}

#[tokio::test]
async fn a_changed_address_is_unverified_deliverable_and_ends_what_was_mailed_to_the_old_one() {
    for db in databases().await {
        for (number, name) in [(1, "ada"), (2, "bob")] {
            let id = person(&db, number, name, "old@x.example", None).await;
            execute(
                &db,
                "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
                 VALUES ($1, $1, 1, 'mailed_password', 'hmac-sha256', 'k', $2, 'active', 0, 0)",
                params![id, [0_u8; 32]].to_vec(),
            )
            .await;
        }
        let outcome =
            both(&db, "username,address,given_name\nada,new@x.example,\nbob,old@x.example,Bob\n").await;
        assert_eq!(counts(&outcome), [0, 2, 0, 0]);
        assert_eq!(
            look(&db, STATE).await,
            ["ada new@x.example - unverified", "bob old@x.example mailbox full verified"]
        );
        let states = "SELECT p.username AS c0, c.state AS c1 FROM credentials c
                      JOIN people p ON p.id = c.person_id ORDER BY p.username";
        assert_eq!(look(&db, states).await, ["ada retired", "bob active"]);
    }
}

#[tokio::test]
async fn a_system_user_is_never_touched() {
    for db in databases().await {
        person(&db, 1, "root@x.example", "root@x.example", Some(OWNER.0)).await;
        for row in ["root@x.example,,evil@x.example", ",,root@x.example"] {
            let outcome = both(&db, format!("username,given_name,address\n{row}\n")).await;
            assert_eq!(
                problems(&outcome),
                ["2 -: this is a system user; an import does not change system users"]
            );
        }
        assert_eq!(look(&db, STATE).await, ["root@x.example root@x.example mailbox full verified"]);
    }
}

#[tokio::test]
async fn a_column_that_gives_power_stops_the_import_before_anything_happens() {
    for db in databases().await {
        for column in
            ["role", "rank", "password", "password_hash", "must_change", "verified", "blocked", "status"]
        {
            let failed = run(&db, format!("username,{column}\nada,x\n"), true).await;
            match failed {
                Err(error @ ImportError::Header { .. }) => {
                    assert!(error.to_string().contains("refused"), "{error}");
                }
                other => panic!("{column}: {other:?}"),
            }
        }
        assert!(matches!(run(&db, "username,shoe\n", true).await, Err(ImportError::Header { .. })));
        assert!(look(&db, PEOPLE).await.is_empty() && look(&db, AUDIT).await.is_empty());
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_row_is_told_by_line_and_column_and_the_rest_goes_in() {
    for db in databases().await {
        attribute(&db, "shoe", "number").await;
        let file = [
            &b"username,address,given_name,language,time_zone,attributes.shoe\r\n"[..],
            b"good,g@x.example,\"Two\r\nlines\",,,\r\n",
            b"ada,\"a@x.example\r\nBcc: v@y.example\",,,,\r\n",
            b"bob,,B\0b,,,\r\n",
            b"cy,,\xff\xfe,,,\r\n",
            b"dee,,,german language,Mars/Olympus,big\r\n",
            b"eve,,\r\n",
            b",,,,,\r\n",
            b",,Nobody,,,\r\n",
            b"fine,,Fine,de-AT,Europe/Vienna,42\r\n",
        ]
        .concat();
        let outcome = both(&db, file).await;
        let found = problems(&outcome);
        let starts = [
            "2 given_name: line breaks",
            "4 address: the address may not contain",
            "6 given_name: line breaks and control",
            "7 given_name: not valid UTF-8",
            "8 language: expected a language",
            "8 time_zone: expected a time zone",
            "8 attributes.shoe: a number such as",
            "9 -: the row has 3 cells, the header has 6",
            "11 external_id: nobody has",
        ];
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        for (found, start) in found.iter().zip(starts) {
            assert!(found.starts_with(start), "{found} / {start}");
        }
        assert_eq!((outcome.rows, counts(&outcome)), (8, [1, 0, 0, 7]));
        assert_eq!(look(&db, PEOPLE).await, ["fine - Fine  de-AT Europe/Vienna -"]);
    }
}

#[tokio::test]
async fn somebody_who_is_there_twice_is_refused_the_second_time_with_the_first_line() {
    for db in databases().await {
        person(&db, 1, "old", "old@x.example", None).await;
        let file = "external_id,username,address\n\
                    1,ada,a@x.example\n\
                    1,bob,b@x.example\n\
                    2,ADA,\n\
                    3,,a@x.example\n\
                    4,old,new@x.example\n\
                    ,,old@x.example\n\
                    ,new,old@x.example\n";
        let outcome = both(&db, file).await;
        assert_eq!(
            problems(&outcome),
            [
                "3 external_id: line 2 is about the same external id",
                "4 username: line 2 is about the same username",
                "5 address: line 2 is about the same address",
                "7 address: line 6 is about the same address",
            ]
        );
        assert_eq!(counts(&outcome), [2, 1, 0, 4]);
    }
}

#[tokio::test]
async fn a_user_name_that_belongs_to_another_person_is_refused() {
    for db in databases().await {
        apply(&db, "external_id,username\n1,ada\n2,bob\n").await;
        let outcome = both(&db, "external_id,username\n1,bob\n3,ada\n").await;
        assert_eq!(
            problems(&outcome),
            [
                "2 username: the user name belongs to another person",
                "3 username: the user name belongs to a person with another external id",
            ]
        );
    }
}

#[tokio::test]
async fn groups_for_all_are_made_and_nobody_is_taken_out_of_a_group() {
    for db in databases().await {
        apply(&db, "username,groups\nada,Old\nbob,\n").await;
        let options = Options {
            apply: true,
            groups_for_all: vec![" Spring ".into(), "Old".into()],
            ..Options::preview(by(None), TEST_NOW)
        };
        let mut rows = 0;
        let file = Cursor::new(b"username,groups\nada,\nbob,\"A\\|B| Spring\"\n".to_vec());
        let outcome = import(&db.store, file, options, &mut random(), |now| rows = now.rows).await.unwrap();
        assert_eq!((counts(&outcome), rows), ([0, 2, 0, 0], 2));
        assert_eq!(outcome.new_groups, ["A|B", "Spring"]);
        assert_eq!(look(&db, MEMBERS).await, ["A|B bob", "Old ada", "Old bob", "Spring ada", "Spring bob"]);
        let bad = Options { groups_for_all: vec!["a\nb".into()], ..Options::preview(by(None), TEST_NOW) };
        let failed = import(&db.store, Cursor::new(b"username\n".to_vec()), bad, &mut random(), |_| ()).await;
        assert!(matches!(failed, Err(ImportError::Group { .. })));
    }
}

#[tokio::test]
async fn the_audit_log_has_one_entry_with_counts_and_a_preview_has_none() {
    for db in databases().await {
        let file = "username\nada\nada\n";
        run(&db, file, false).await.unwrap();
        assert!(look(&db, AUDIT).await.is_empty() && look(&db, PEOPLE).await.is_empty());
        run(&db, file, true).await.unwrap();
        let entries = look(&db, AUDIT).await;
        let (what, detail) = entries[0].split_at("people.imported command line ".len());
        assert_eq!((entries.len(), what), (1, "people.imported command line "));
        let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
        let counts = serde_json::json!({
            "created": 1, "updated": 0, "unchanged": 0, "refused": 1, "new_groups": 0, "complete": true,
        });
        assert_eq!(detail, counts);
    }
}

/// Gives its bytes and then fails, as a broken upload does.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(io::Error::other("the line went dead")),
            count => Ok(count),
        }
    }
}

#[tokio::test]
async fn an_import_that_breaks_off_keeps_whole_rows_and_is_completed_by_the_same_file() {
    for db in databases().await {
        let mut file = String::from("external_id,address,groups\n");
        for n in 0..10_000 {
            file.push_str(&format!("{n},p{n}@x.example,All\n"));
        }
        let half = Broken(Cursor::new(file.as_bytes()[..file.len() / 2].to_vec()));
        let options = Options { apply: true, ..Options::preview(by(None), TEST_NOW) };
        let failed = import(&db.store, half, options, &mut random(), |_| ()).await;
        let Err(ImportError::Stopped { so_far, .. }) = failed else { panic!("{failed:?}") };
        assert!((4_000..6_000).contains(&so_far.created), "{}", so_far.created);
        assert!(look(&db, AUDIT).await[0].contains("\"complete\":false"));
        let outcome = apply(&db, &file).await;
        assert_eq!(counts(&outcome), [10_000 - so_far.created, 0, so_far.created, 0]);
        assert_eq!(counts(&both(&db, &file).await), [0, 0, 10_000, 0]);
        assert_eq!(look(&db, MEMBERS).await.len(), 10_000, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn only_the_first_thousand_problems_are_told_but_all_are_counted() {
    for db in databases().await {
        let file = format!("username,language\nada,en\n{}", "x,?\n".repeat(9_000));
        let outcome = both(&db, &file).await;
        assert_eq!((outcome.problems.len(), counts(&outcome)), (1_000, [1, 0, 0, 9_000]));
        assert_eq!(outcome.problems[999].line, 1_002);
    }
}

#[tokio::test]
async fn two_imports_of_one_file_at_the_same_time_make_everybody_once() {
    for db in databases().await {
        let mut file = String::from("username,address,groups\n");
        for n in 0..3_000 {
            file.push_str(&format!("u{n},p{n}@x.example,All|G{}\n", n % 7));
        }
        let (first, second) = tokio::join!(run(&db, &file, true), run(&db, &file, true));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.created + second.created, 3_000, "{:?}", db.engine());
        assert_eq!(look(&db, MEMBERS).await.len(), 6_000);
        store_is_in_order(&db).await;
    }
}

async fn store_is_in_order(db: &Database) {
    let verified = db.store.read(|tx| Box::pin(async move { store::audit::verify(tx).await })).await.unwrap();
    assert_eq!((verified.entries, verified.broken_at), (2, None));
}
